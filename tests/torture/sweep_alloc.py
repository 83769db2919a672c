# SPDX-License-Identifier: MIT
"""Allocations: each one fails, alone (N) or with all that come after it (N+).

A point is PROGRAM:N or PROGRAM:N+; cordpair may become engine on the way. The program says that
there is not enough memory and ends with 70, or reports a failure of its own; inside json-c it is
always 70.
"""
import os
import struct
import subprocess

CLEAN = {69, 70, 74, 75, 76, 77, 78}
SITES_AT = 16 + 4000  # in fail_alloc.c's struct state
PROGRAMS = ("cordpair", "engine", "cordpair-files")


def environment(bench, program, at=None):
    state = bench.path("alloc.state")
    env = {"LD_PRELOAD": os.path.join(bench.build, "tests/torture/fail_alloc.so"),
           "FAIL_ALLOC_STATE": state, "FAIL_ALLOC_IN": program}
    if os.path.exists(state):
        os.unlink(state)
    if at:
        env["FAIL_ALLOC_AT"] = at
    return env


def state(bench):
    data = bench.read("alloc.state")
    if len(data) < 16:
        return 0, 0, []
    count, failed = struct.unpack_from("QQ", data)
    return count, failed, data[16:SITES_AT].rstrip(b"\0").decode().splitlines()


sites_seen = set()


def first_of_each_site(bench, count):
    """The first allocation of each call stack that no scenario before had."""
    data = bench.read("alloc.state")
    for number in range(1, count + 1):
        site = data[SITES_AT + 8 * number - 8:SITES_AT + 8 * number]
        if site not in sites_seen:
            yield number
        sites_seen.add(site)


def points(bench, baseline):
    del baseline
    for program in PROGRAMS:
        bench.run(env=environment(bench, program) | {"FAIL_ALLOC_SITES": "1"})
        count = state(bench)[0]
        for number in first_of_each_site(bench, count) if SITES_ONLY else range(1, count + 1):
            yield f"{program}:{number}"
            yield f"{program}:{number}+"


def run(bench, point):
    program, at = point.split(":")
    return bench.run(env=environment(bench, program, at))


def caller(frames):
    """The object that asked for the memory: neither an allocator nor libc."""
    for frame in frames:
        where, symbol = frame.rsplit(" ", 1)
        name = os.path.basename(where.split("+")[0])
        if symbol not in ("malloc", "calloc", "realloc") and not name.startswith(
                ("libc.", "fail_alloc", "libgcc")):
            return name
    return "libc"


def check(bench, point, outcome, baseline):
    del point
    _, failed, frames = state(bench)
    if not failed:  # a run that needs less than the one that was counted
        allowed = baseline.statuses
    elif caller(frames).startswith("libjson-c"):
        allowed = {70}
    else:
        allowed = baseline.statuses | baseline.may_time_out | CLEAN
    if outcome.status not in allowed:
        yield f"I8: exit {outcome.status}, allowed are {sorted(allowed)}"
    if outcome.status == 70 and "memory" not in outcome.err:
        yield "I6: exit 70 without its sentence"
    elif outcome.status not in baseline.statuses and not baseline.explanations(outcome.err):
        yield f"I6: exit {outcome.status}, and nothing is said"


def explain(bench, point):
    """Where it failed, with the lines of our own files."""
    for frame in state(bench)[2]:
        where, symbol = frame.rsplit(" ", 1)
        path, _, offset = where.rpartition("+")
        if point.startswith("engine:"):  # its first argument is still the other's name
            path = path.replace("/src/cordpair", "/src/engine")
        line = ""
        if path.startswith(bench.build):
            line = subprocess.run(["addr2line", "-s", "-e", path, offset], capture_output=True,
                                  text=True, check=False).stdout.strip()
        yield f"{os.path.basename(path)} {symbol} {line}"


SITES_ONLY = False  # of all allocations with the same call stack only the first
STRICT = True
SCENARIOS = None  # all
LIMIT_S = 30
