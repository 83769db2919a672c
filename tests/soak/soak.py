#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Hours of work for one daemon: is anything lost, misdelivered, or ever more of something?

soak.py SOCKET PID SERVERS_D SECONDS [CHANGING ENTRY]

The daemon has the servers that the entries are named after: calm1…, crash1, crash2, flood, changing. Each
call carries a nonce that has to come back in its own answer. Meanwhile crash1 and crash2 die, flood writes
to its stderr without end, and changing's entry is another one each minute, with a SIGHUP. The memory, the
descriptors, the threads and the children of the daemon are looked at all the time.
"""
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import time

IN_FLIGHT = 6  # calls of a server
LOST_S = 120  # a call without any answer for so long is lost
CRASH_EVERY_S = 48  # fewer than the five in 180 s that make a server FAILED
RELOAD_EVERY_S = 60
SAMPLE_S = 1
WARM_UP = 0.25  # of the time
# What the last quarter may have more than the second one. Pages come and go with what is in flight.
GROWTH_KIB = 2048
MISSES_SHOWN = 5


class Peer:
    """One connection: requests are answered in any order."""

    def __init__(self):
        self.next_id, self.open = 0, {}

    async def connect(self, path):
        self.reader, self.writer = await asyncio.open_unix_connection(path, limit=1 << 24)
        self.task = asyncio.create_task(self.read())

    async def read(self):
        while line := await self.reader.readline():
            message = json.loads(line)
            if "method" in message:
                continue
            future = self.open.pop(message.get("id"), None)
            if future is None:
                raise RuntimeError(f"an answer to nothing: {line[:200]}")
            if not future.done():
                future.set_result(message)
        for future in self.open.values():
            if not future.done():
                future.set_exception(ConnectionError("the daemon closed the connection"))

    async def request(self, method, params):
        self.next_id += 1
        future = self.open[self.next_id] = asyncio.get_running_loop().create_future()
        message = {"jsonrpc": "2.0", "id": self.next_id, "method": method, "params": params}
        self.writer.write(json.dumps(message, separators=(",", ":")).encode() + b"\n")
        await self.writer.drain()
        return await asyncio.wait_for(future, LOST_S)


class Soak:
    def __init__(self, path, pid, servers_d, seconds):
        self.path, self.pid, self.servers_d = path, pid, servers_d
        self.seconds, self.begin = seconds, time.monotonic()
        self.prints, self.samples, self.misses = {}, [], []
        self.made = self.answered = self.refused = self.crashes = self.reloads = self.floods = 0
        self.by_server = {}

    def left(self):
        return self.begin + self.seconds - time.monotonic()

    def miss(self, text):
        self.misses.append(f"after {time.monotonic() - self.begin:.1f} s: {text}")

    async def list(self):
        message = await self.control.request("servers.list", {})
        servers = {server["name"]: server for server in message["result"]["servers"]}
        self.prints = {name: server["fingerprint"] for name, server in servers.items()}
        return servers

    async def call(self, peer, server, tool, arguments):
        return await peer.request(
            "tool.call",
            {"server": server, "fingerprint": self.prints[server], "tool": tool, "arguments": arguments},
        )

    def judge(self, server, nonce, message):
        """True: answered. False: refused, which a server may that is made to die or to change."""
        result = message.get("result")
        if result and result["verdict"] == "done":
            text = "".join(part.get("text", "") for part in result["result"]["content"])
            if text != nonce:
                self.miss(f"{server}: {nonce} got {text[:200]!r}")
            self.answered += 1
            self.by_server[server] = self.by_server.get(server, 0) + 1
            return True
        if server.startswith("calm") or server == "flood":
            self.miss(f"{server}: {json.dumps(message)[:300]}")
        self.refused += 1
        return False

    async def work(self, peer, server):
        while self.left() > 0:
            nonce = f"{server}-{self.made}-{random.getrandbits(64):016x}"
            self.made += 1
            try:
                message = await self.call(peer, server, "echo", {"text": nonce})
            except (asyncio.TimeoutError, ConnectionError) as why:
                self.miss(f"{server}: {nonce} is lost: {why!r}")
                continue
            if not self.judge(server, nonce, message):
                await asyncio.sleep(0.1)
                await self.list()

    async def flood(self, peer):
        while self.left() > 0:
            await self.call(peer, "flood", "stderr", {"text": "x" * 1000, "times": 200})
            self.floods += 200

    async def every(self, seconds, first, act):
        await asyncio.sleep(min(first, max(self.left(), 0)))
        while self.left() > seconds / 4:
            await act()
            await asyncio.sleep(min(seconds, max(self.left(), 0)))

    async def crash(self):
        """One by itself in the middle of a call, one from outside."""
        servers = await self.list()
        self.crashes += 2
        await self.call(self.control, "crash1", "die", {})
        if servers["crash2"].get("pid"):
            os.kill(servers["crash2"]["pid"], signal.SIGKILL)

    async def reload(self):
        """As an editor does it: a new file under the name of the old one."""
        path = os.path.join(self.servers_d, "changing.json")
        with open(path, encoding="utf-8") as file:
            entry = json.load(file)
        self.reloads += 1
        entry["env"] = {"TURN": str(self.reloads)}
        fresh = os.path.join(self.servers_d, ".changing.json.new")
        with open(fresh, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            json.dump(entry, file)
        os.replace(fresh, path)
        os.kill(self.pid, signal.SIGHUP)

    # What there is of it

    def children(self, pid):
        try:
            with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
                own = [int(child) for child in file.read().split()]
        except FileNotFoundError:
            return 0
        return len(own) + sum(self.children(child) for child in own)

    def sample(self):
        status = {}
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as file:
            for line in file:
                name, _, value = line.partition(":")
                status[name] = value.split()[0] if value.split() else ""
        return {
            "memory": int(status["VmRSS"]),
            "threads": int(status["Threads"]),
            "descriptors": len(os.listdir(f"/proc/{self.pid}/fd")),
            "children": self.children(self.pid),
        }

    async def watch(self):
        while self.left() > 0:
            await asyncio.sleep(min(SAMPLE_S, max(self.left(), 0)))
            servers = await self.list()
            # A server that is on its way has more, or fewer, of everything.
            steady = all(server["state"] == "ready" for server in servers.values())
            sample = self.sample()
            sample["at"] = (time.monotonic() - self.begin) / self.seconds
            if steady:
                self.samples.append(sample)

    def trend(self, what):
        """The median of the second quarter, and of the last one."""
        parts = [(WARM_UP, 0.5), (0.75, 1.1)]
        return [
            statistics.median([s[what] for s in self.samples if since <= s["at"] < until])
            for since, until in parts
        ]

    def judge_samples(self):
        allowed = {"memory": GROWTH_KIB, "threads": 0, "descriptors": 0, "children": 0}
        for what, more in allowed.items():
            try:
                before, after = self.trend(what)
            except statistics.StatisticsError:
                self.miss(f"{what}: there are too few moments at which all servers are ready")
                continue
            unit = " KiB" if what == "memory" else ""
            print(f"{what}: {before:.0f}{unit}, later {after:.0f}{unit}")
            if after - before > more:
                self.miss(f"{what} grew from {before:.0f}{unit} to {after:.0f}{unit}")

    # All of it

    async def run(self):
        self.control = Peer()
        await self.control.connect(self.path)
        servers = await self.list()
        tasks = []
        for server in servers:
            peer = Peer()
            await peer.connect(self.path)
            tasks += [self.work(peer, server) for _ in range(IN_FLIGHT)]
            if server == "flood":
                tasks.append(self.flood(peer))
        turn = min(RELOAD_EVERY_S, self.seconds / 4)
        tasks.append(self.every(CRASH_EVERY_S, min(10, self.seconds / 8), self.crash))
        tasks.append(self.every(turn, turn / 2, self.reload))
        tasks.append(self.watch())
        await asyncio.gather(*tasks)
        # What is still restarting has to come back.
        for _ in range(LOST_S * 10):
            states = {name: server["state"] for name, server in (await self.list()).items()}
            if set(states.values()) == {"ready"}:
                break
            await asyncio.sleep(0.1)
        else:
            self.miss(f"they are not all ready in the end: {states}")

    def report(self):
        rate = self.answered / self.seconds
        print(
            f"{self.made} calls in {self.seconds:.0f} s: {self.answered} answered, {self.refused} refused"
            f" by servers that died or changed; {rate:.0f} a second, {rate * 3600 / 1e6:.1f} million an hour"
        )
        print(f"{self.crashes} deaths, {self.reloads} reloads, {self.floods} KiB of stderr")
        if self.made != self.answered + self.refused:
            self.miss(f"{self.made - self.answered - self.refused} calls have no answer")
        for server in sorted(self.prints):
            if not self.by_server.get(server):
                self.miss(f"{server} never answered")
        self.judge_samples()
        for miss in self.misses[:MISSES_SHOWN]:
            print(f"MISS {miss}")
        print(f"{len(self.misses)} misses")
        return 1 if self.misses else 0


def main():
    path, pid, servers_d, seconds = sys.argv[1:]
    soak = Soak(path, int(pid), servers_d, float(seconds))
    asyncio.run(soak.run())
    sys.exit(soak.report())


main()
