# SPDX-License-Identifier: MIT
"""A home for one scenario, its fakes, and single runs of it that the witness watches."""
import dataclasses
import json
import os
import shutil
import subprocess
import tempfile
import time

KEY = "sk-or-v1-test-key-0123456789"
CLIENT_LIMIT_S = 60
BROWSER = '#!/bin/sh\nexec curl -s -L -o /dev/null "$1"\n'


@dataclasses.dataclass
class Outcome:
    status: int
    out: bytes
    err: str
    report: dict       # of the witness: lists of values
    wire: list         # lines that servers got
    requests: list     # what the endpoint got
    clients: list      # of the daemon: how they ended, and what they said
    home: str


class Fake:
    """A fake that prints one line when it is ready and ends with its stdin."""

    def __init__(self, *argv):
        self.process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.line = self.process.stdout.readline().decode().strip()

    def stop(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


class Bench:
    def __init__(self, build, source, scenario):
        self.build, self.scenario = build, scenario
        self.home = tempfile.mkdtemp(prefix="torture-")
        self.kept = self.home + ".kept"
        self.fakes = os.path.join(build, "tests/fakes")
        self.remote, self.clients = None, []
        port = "0"
        if scenario.remote is not None:
            self.remote = Fake("python3", os.path.join(source, "tests/fakes/fake_remote.py"),
                               self.path("remote.record"), *scenario.remote.split())
            port = self.remote.line
        self.write_files(port)
        for name, (modes, members) in scenario.servers.items():
            self.write_server(name, modes, members)
        for command in scenario.before:
            self.one_run(command.split())
        shutil.copytree(self.home, self.kept)

    def path(self, name):
        return os.path.join(self.home, name)

    def write(self, name, text, mode=0o600):
        os.makedirs(os.path.dirname(self.path(name)), mode=0o700, exist_ok=True)
        with open(self.path(name), "w") as file:
            file.write(text)
        os.chmod(self.path(name), mode)

    def write_files(self, port):
        os.makedirs(self.path("config/cordpair/servers.d"), mode=0o700)
        for directory in ("here", "run", "data"):
            os.makedirs(self.path(directory), mode=0o700)
        for name, text in self.scenario.files.items():
            self.write(name, text.replace("@PORT@", port))
        if self.scenario.browser:
            self.write("bin/xdg-open", BROWSER, 0o700)
        if self.scenario.remote is not None and not self.scenario.files:
            self.write_entry("far", {"type": "http", "url": f"http://127.0.0.1:{port}/mcp",
                                     "policy": "allow"})

    def write_entry(self, name, entry):
        self.write(f"config/cordpair/servers.d/{name}.json", json.dumps(entry))

    def write_server(self, name, modes, members):
        entry = {"command": self.fakes + "/fake-server",
                 "args": [*modes.replace("@", self.home).split(), f"record={self.path(name)}.wire"],
                 "policy": "allow"} | json.loads("{%s}" % members)
        self.write_entry(name, entry)

    def environment(self, endpoint):
        env = {"HOME": self.path("home"), "TZ": "UTC", "no_proxy": "*",
               "PATH": self.path("bin") + ":" + os.environ.get("PATH", "/usr/bin:/bin"),
               "OPENROUTER_API_KEY": KEY, "CORDPAIR_MODEL": "test/model",
               "XDG_DATA_DIRS": self.path("data"), "XDG_RUNTIME_DIR": self.path("run")}
        for name in ("config", "state", "cache"):
            env[f"XDG_{name.upper()}_HOME"] = self.path(name)
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                env[name] = os.environ[name]
        if endpoint and not self.scenario.call:
            env["OPENROUTER_BASE_URL"] = json.loads(endpoint.line)["base_url"]
        if self.scenario.browser:
            del env["OPENROUTER_API_KEY"]
        return env

    def start_endpoint(self):
        if not self.scenario.script:
            return None
        self.write("script", "\n".join(self.scenario.script) + "\n")
        endpoint = Fake(self.fakes + "/fake-endpoint", "--record", self.path("requests"),
                        self.path("script"))
        if self.scenario.call:
            url = json.loads(endpoint.line)["base_url"].replace("/api/v1", "/call")
            self.write_entry("adapter", {"type": "call", "url": url, "policy": "allow", "tools": [
                {"name": "query", "inputSchema": {"type": "object"}}]})
        return endpoint

    def command(self):
        argv = [word.replace("@", self.home) for word in self.scenario.argv.split()]
        return argv + ([self.scenario.prompt] if self.scenario.prompt else [])

    def tree_with_keeper(self, script):
        """A build tree in which this shell script is the keeper; its program."""
        src, built = self.kept + ".tree/src", os.path.join(self.build, "src")
        if not os.path.exists(src):
            os.makedirs(src + "/keeper")
            for name in ("cordpair", "engine", ".build-tree"):
                shutil.copy(os.path.join(built, name), src)
        with open(src + "/keeper/keeper", "w") as file:
            file.write("#!/bin/sh\n" + script)
        os.chmod(src + "/keeper/keeper", 0o700)
        return src + "/cordpair"

    def run_clients(self, process, endpoint):
        """Of the daemon that runs: one after the other, as a person would; the last stops it, and
        is said again where its own request was what failed."""
        socket, end = self.path("run/cordpair/api.sock"), time.monotonic() + CLIENT_LIMIT_S
        while not os.path.exists(socket) and process.poll() is None and time.monotonic() < end:
            time.sleep(0.002)
        for argv in (*self.scenario.clients, "stop"):
            if argv == "stop" and process.poll() is not None:
                break
            try:
                done = subprocess.run([os.path.join(self.build, "src/cordpair"), *argv.split()],
                                      env=self.environment(endpoint), capture_output=True,
                                      stdin=subprocess.DEVNULL, cwd=self.path("here"),
                                      timeout=CLIENT_LIMIT_S, check=False)
                self.clients.append((argv, done.returncode, done.stderr.decode()))
            except subprocess.TimeoutExpired:
                self.clients.append((argv, None, ""))

    def one_run(self, argv, env=(), prefix=(), limit=30, leave=5000, meanwhile=None, program=None):
        """argv is the program's own; meanwhile(bench, process) is called when it runs."""
        endpoint = self.start_endpoint()
        self.write("stdin", self.scenario.stdin)
        options = ["--report", self.path("report"), "--limit", str(limit), "--leave", str(leave),
                   "--pid", self.path("pid")]
        program = program or os.path.join(self.build, self.scenario.program)
        with open(self.path("out"), "wb") as out, open(self.path("err"), "wb") as err, \
                open(self.path("stdin"), "rb") as stdin:
            process = subprocess.Popen(
                [self.build + "/tests/faults/witness", *options, *prefix, program, *argv],
                stdin=stdin, stdout=out, stderr=err, cwd=self.path("here"),
                env=self.environment(endpoint) | dict(env))
            self.clients = []
            if meanwhile:
                meanwhile(self, process)
            elif self.scenario.clients:
                self.run_clients(process, endpoint)
            status = process.wait()
        if endpoint:
            endpoint.stop()
        return self.outcome(status)

    def run(self, **how):
        """In a home that is as it was."""
        for name in os.listdir(self.home):
            path = self.path(name)
            if name not in ("config", "here", "bin", "remote.record"):
                if os.path.isdir(path):
                    shutil.rmtree(path)
                else:
                    os.unlink(path)
        shutil.copytree(self.kept, self.home, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("remote.record", "out", "err", "requests",
                                                      "*.wire", "pid", "report"))
        return self.one_run(self.command(), **how)

    def outcome(self, status):
        report = {}
        for line in self.read("report").decode().splitlines():
            word, _, rest = line.partition(" ")
            report.setdefault(word, []).append(rest)
        wire = [line for name in self.scenario.servers
                for line in self.read(f"{name}.wire").split(b"\n")[:-1]]
        requests = [json.loads(line) for line in self.read("requests").splitlines()]
        return Outcome(status, self.read("out"), self.read("err").decode("utf-8", "replace"),
                       report, wire, requests, self.clients, self.home)

    def read(self, name):
        try:
            with open(self.path(name), "rb") as file:
                return file.read()
        except FileNotFoundError:
            return b""

    def close(self):
        if self.remote:
            self.remote.stop()
        shutil.rmtree(self.home, ignore_errors=True)
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.rmtree(self.kept + ".tree", ignore_errors=True)
