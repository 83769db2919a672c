# SPDX-License-Identifier: MIT
"""What strace(1) sees of a run's system calls, and what it does to them."""
import os
import re
import subprocess

# The leak checker traces its own process: two cannot.
ENVIRONMENT = {"ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"}


ERRORS = ("EINTR", "EAGAIN", "EIO", "ENOSPC", "EMFILE", "ENOMEM", "EPIPE", "ECONNRESET")
# main() begins with it, so what is before it is the dynamic linker's.
MAIN_BEGINS = re.compile(r"^fcntl\(0, F_GETFD")
CALL = re.compile(r"^(\w+)\(")


def is_possible():
    try:
        return subprocess.run(["strace", "-qq", "-o", "/dev/null", "true"], check=False,
                              stderr=subprocess.DEVNULL).returncode == 0
    except FileNotFoundError:
        return False


def calls(bench):
    """The main process's system calls of one run: (name, how manieth of this name, is it ours)."""
    path = bench.path("strace")
    bench.run(prefix=["strace", "-qq", "-o", path], env=ENVIRONMENT)
    seen, is_ours, found = {}, False, []
    for line in bench.read("strace").decode("utf-8", "replace").splitlines():
        match = CALL.match(line)
        if not match:
            continue
        name = match.group(1)
        if name == "execve":
            is_ours = False
        elif MAIN_BEGINS.match(line):
            is_ours = True
        seen[name] = seen.get(name, 0) + 1
        found.append((name, seen[name], is_ours))
    return found


def run_with(bench, name, number, what, **how):
    """A run in which this call fails, or a signal comes at it: "error=EIO", "signal=INT"."""
    prefix = ["strace", "-qq", "-o", "/dev/null", "-e", f"trace={name}",
              "-e", f"inject={name}:{what}:when={number}"]
    return bench.run(prefix=prefix, env=ENVIRONMENT, **how)
