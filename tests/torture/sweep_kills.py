# SPDX-License-Identifier: MIT
"""kill -9 under load, of the host and of its servers, at moments that a fixed seed chooses.

A point is host:N, server:N or daemon:N. Of a killed host nothing is left after a second, its files are good,
and the next run in the same home is fine. A killed server fails its calls, and the run ends as it
should.
"""
import os
import random
import signal
import threading
import time

COUNT = 1000
HOST_MOST_MS = 120
SERVER_MOST_MS = 60
LEAVE_MS = 1000
SCENARIOS = ("load-host", "load-servers", "load-daemon")
STRICT = False
LIMIT_S = 30
CLEAN = {0, 1, 4, 69, 75, 76}


def points(bench, baseline):
    del baseline
    what = {"load-host": "host", "load-servers": "server", "load-daemon": "daemon"}[
        bench.scenario.name]
    for number in range(1, COUNT + 1):
        yield f"{what}:{number}"


def wait_for(find):
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        found = find()
        if found:
            return found
        time.sleep(0.001)
    return None


def host_of(bench):
    text = bench.read("pid").strip()
    return int(text) if text else None


def servers_of(bench):
    """The processes that have a record in this home as an argument: fake servers."""
    found = []
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except (OSError, ValueError):
            continue
        if any(word.startswith(b"record=" + bench.home.encode()) for word in words):
            found.append(int(name))
    return sorted(found)


def kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(bench, point):
    what, number = point.split(":")
    chance = random.Random(point)

    def kill_host(bench, process):
        del process
        host = wait_for(lambda: host_of(bench))
        time.sleep(chance.uniform(0, HOST_MOST_MS) / 1000)
        kill(host)

    def kill_server(bench, process):
        found = wait_for(lambda: servers_of(bench) or process.poll() is not None)
        time.sleep(chance.uniform(0, SERVER_MOST_MS) / 1000)
        if isinstance(found, list):
            kill(chance.choice(found))

    def kill_daemon(bench, process):
        killer = threading.Thread(target=kill_host, args=(bench, process))
        killer.start()
        bench.run_clients(process, None)
        killer.join()

    del number
    if what == "server":
        return bench.run(meanwhile=kill_server)
    if what == "daemon":
        return bench.run(meanwhile=kill_daemon, leave=LEAVE_MS)
    return bench.run(meanwhile=kill_host, leave=LEAVE_MS)


def check(bench, point, outcome, baseline):
    del baseline
    is_host = not point.startswith("server")
    allowed = CLEAN | ({137} if is_host else set())
    if outcome.status not in allowed:
        yield f"I8: exit {outcome.status}"
    if is_host:
        yield from next_start(bench)


def next_start(bench):
    """In the home that the killed run left."""
    commands = ("daemon",) if bench.scenario.clients else ("--json sessions", "call a echo text=x")
    for command in commands:
        again = bench.one_run(command.split())
        if again.status:
            yield f"next start: exit {again.status}: {again.err[:300]}"
        if "left" in again.report:
            yield f"next start: left behind: {again.report['left']}"


def explain(bench, point):
    del bench, point
    return ()
