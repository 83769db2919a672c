# SPDX-License-Identifier: MIT
"""System calls of the keepers, of their launcher and of a server before its exec.

A point is CALL:N:ERROR: in each of these processes the Nth such call fails. The server starts and
ends as it should, or the host says why not; nothing of it is left.
"""
import os
import re
import shutil

import traced

CALLS = {
    "open", "openat", "read", "recvmsg", "recvfrom", "sendto", "write", "pipe2", "clone", "fork",
    "vfork", "poll", "dup2", "fcntl", "mmap", "fstat", "newfstatat", "signalfd4", "setsid", "prctl",
    "pidfd_open", "waitid", "wait4", "close_range", "rt_sigprocmask", "setrlimit", "prlimit64"}
CLEAN = {1, 69, 70, 75, 76}
SCENARIOS = ("call", "tools", "call-dies")
STRICT = False
LIMIT_S = 60


def run_with(bench, *options):
    """A run whose keepers strace sees until they are somebody else's program."""
    keeper = os.path.join(bench.build, "src/keeper/keeper")
    words = [shutil.which("strace"), "-D", "-qq", "-b", "execve", *options, keeper]
    program = bench.tree_with_keeper("exec " + " ".join(f"'{word}'" for word in words) + "\n")
    return bench.run(program=program, limit=LIMIT_S)


def is_static(build):
    """Else the dynamic linker's calls would fail, and the sanitizers'."""
    with open(os.path.join(build, "src/keeper/keeper"), "rb") as file:
        return b"/ld-" not in file.read(4096)


def points(bench, baseline):
    del baseline
    if not is_static(bench.build):
        return
    traces = bench.path("keepers")
    run_with(bench, "-ff", "-o", traces)
    most = {}
    for name in os.listdir(bench.home):
        if not name.startswith("keepers."):
            continue
        called = re.findall(r"^(\w+)\(", bench.read(name).decode("utf-8", "replace"), re.M)
        for call in CALLS.intersection(called):
            most[call] = max(most.get(call, 0), called.count(call))
    for call in sorted(most):
        for number in range(1, most[call] + 1):
            for error in traced.ERRORS:
                yield f"{call}:{number}:{error}"


def run(bench, point):
    call, number, error = point.split(":")
    return run_with(bench, "-f", "-o", "/dev/null", "-e", f"trace={call}",
                    "-e", f"inject={call}:error={error}:when={number}")


def check(bench, point, outcome, baseline):
    del bench, point
    if outcome.status not in baseline.statuses | CLEAN:
        yield f"I8: exit {outcome.status}"
    if outcome.status not in baseline.statuses and not baseline.explanations(outcome.err):
        yield f"I6: exit {outcome.status}, and nothing is said"


def explain(bench, point):
    del bench, point
    return ()
