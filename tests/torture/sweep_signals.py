# SPDX-License-Identifier: MIT
"""Signals: INT, TERM and HUP come at each system call of the host.

A point is CALL:N:SIGNAL. The run ends with 128 + the signal's number, or it is done already.
"""
import signal

import traced

SIGNALS = ("INT", "TERM", "HUP")
SCENARIOS = ("call-events", "tools", "ask-events", "ask-resume", "login-key", "daemon", "daemon-changes")
STRICT = False
LIMIT_S = 12  # 6 s, and as much again for a slow machine


def points(bench, baseline):
    del baseline
    for name, number, _ in traced.calls(bench):
        for signal_name in SIGNALS:
            yield f"{name}:{number}:{signal_name}"


def run(bench, point):
    name, number, signal_name = point.split(":")
    return traced.run_with(bench, name, number, "signal=" + signal_name, limit=LIMIT_S)


def check(bench, point, outcome, baseline):
    del bench
    wanted = 128 + signal.Signals["SIG" + point.rsplit(":", 1)[1]].value
    if outcome.status not in baseline.statuses | {wanted}:
        yield f"I8: exit {outcome.status} instead of {wanted}"


def explain(bench, point):
    del bench, point
    return ()
