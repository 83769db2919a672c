# SPDX-License-Identifier: MIT
"""System calls of the host: each one that may fail for want of something fails once, in eight ways.

A point is CALL:N:ERROR. The run succeeds, or reports what failed.
"""
import traced

CALLS = {
    "open", "openat", "read", "pread64", "write", "writev", "sendto", "sendmsg", "recvfrom",
    "recvmsg", "pipe", "pipe2", "socket", "socketpair", "connect", "accept4", "clone", "clone3",
    "fork", "vfork", "poll", "ppoll", "rename", "renameat", "renameat2", "fsync", "fdatasync"}
CLEAN = {1, 3, 4, 69, 70, 74, 75, 76, 77, 78, 141}
SCENARIOS = ("call", "call-trace", "call-large", "call-dies", "call-adapter", "call-remote",
             "tools", "servers-disable", "resources-read", "ask", "ask-tools", "ask-events",
             "ask-large", "ask-resume", "sessions-delete", "models", "login-key", "daemon", "daemon-changes")
STRICT = False
LIMIT_S = 30


def points(bench, baseline):
    del baseline
    for name, number, is_ours in traced.calls(bench):
        if is_ours and name in CALLS:
            for error in traced.ERRORS:
                yield f"{name}:{number}:{error}"


def run(bench, point):
    name, number, error = point.split(":")
    return traced.run_with(bench, name, number, "error=" + error)


def check(bench, point, outcome, baseline):
    del bench
    # A stdin that cannot be read is the caller's.
    usage = {2} if "cordpair: stdin: " in outcome.err else set()
    if outcome.status not in baseline.statuses | baseline.may_time_out | usage | CLEAN:
        yield f"I8: exit {outcome.status}"
    # What failed may be the telling itself.
    if outcome.status not in baseline.statuses | {141} and not outcome.err and \
            not point.startswith("write"):
        yield f"I6: exit {outcome.status}, and nothing is said"


def explain(bench, point):
    del bench, point
    return ()
