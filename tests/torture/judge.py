# SPDX-License-Identifier: MIT
"""What has to hold after a run, whatever failed in it: the invariants of tests/faults, compared with
runs in which nothing failed."""
import json
import os
import re

CRASHES = {128 + signo for signo in (4, 6, 7, 8, 11)}
DESCRIPTORS_MAX = 44
SECRETS = re.compile(rb"sk-or-v1-test-key-0123456789|sk-or-v1-of-the-login")
LINE_OF_OURS = re.compile(r"^(cordpair(-files)?: |Try `cordpair|$)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
# What is another in each run.
CHANGING = [(re.compile(pattern), b"*") for pattern in (
    rb"[0-9a-f]{32,64}", rb"20\d\d-\d\d-\d\d[T ][0-9:.]+Z?", rb"127\.0\.0\.1:\d+|localhost:\d+",
    rb'(?<="ms":)\d+(\.\d+)?', rb'(?<="seconds":)[\d.]+', rb'(?<="seq":)\d+', rb"\d+(\.\d+)? ms",
    rb'(?<="id":)\d+', rb'(?<="requestId":)\d+', rb'(?<="progressToken":)("[^"]*"|\d+)',
    rb"[0-9a-f]{8}(?=  )", rb"pid \d+", rb"localhost%3A\d+", rb"[A-Za-z0-9_-]{43}",
    rb"state=[A-Za-z0-9_-]+", rb"client_id=[0-9a-f]+", rb'"(key|session_id)":"[^"]*"')]


def plain(data):
    for pattern, by in CHANGING:
        data = pattern.sub(by, data)
    return data


class Baseline:
    """What runs are like in which nothing fails."""

    def __init__(self, scenario, outcomes):
        self.statuses = {outcome.status for outcome in outcomes}
        self.may_time_out = {124} if "--timeout" in scenario.argv else set()
        self.outs = {plain(outcome.out) for outcome in outcomes}
        self.out_lines = {line for out in self.outs for line in out.split(b"\n")}
        self.err_lines = {plain(line.encode()) for outcome in outcomes
                          for line in outcome.err.splitlines()}
        self.terminals = {what for outcome in outcomes
                          for what in outcome.report.get("terminal", [])}
        self.wire = {plain(line) for outcome in outcomes for line in outcome.wire}

    def is_said(self, line):
        return plain(line.encode()) in self.err_lines

    def explanations(self, err):
        return [line for line in err.splitlines() if line and not self.is_said(line)]


def is_json(text):
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def crash(outcome):
    if outcome.status in CRASHES:
        yield f"I1: signal {outcome.status - 128}"
    for line in outcome.err.splitlines():
        if "Sanitizer" in line or "runtime error:" in line:
            yield "I1: " + line
    for argv, status, err in outcome.clients:
        if status is None or status < 0 or status in CRASHES:
            yield f"I1: the client \"{argv}\" ended with {status}: {err[:200]}"
    if "slow" in outcome.report:
        yield "I2: it did not end"


def leftovers(outcome, baseline):
    for left in outcome.report.get("left", []):
        yield "I4: left behind: " + left
    for what in set(outcome.report.get("terminal", [])) - baseline.terminals:
        yield "I9: the terminal was " + what
    if int(outcome.report.get("descriptors", ["0"])[0]) > DESCRIPTORS_MAX:
        yield "I4: many descriptors"


def stderr(outcome, baseline):
    for line in baseline.explanations(outcome.err):
        if not LINE_OF_OURS.match(line):
            yield "I6: on stderr: " + line[:200]
        elif CONTROL.search(line):
            yield "I6: a control character on stderr: " + repr(line[:200])


def events(outcome):
    lines = outcome.out.split(b"\n")
    # A stdout that cannot be written has no end either.
    if lines == [b""] or outcome.status == 141 or "stdout cannot be written" in outcome.err:
        return
    if lines[-1] or not all(map(is_json, lines[:-1])):
        yield "I6: the events are not whole lines of JSON"
        return
    parsed = [json.loads(line) for line in lines[:-1]]
    ends = [event for event in parsed if event["type"] == "run.end"]
    if len(ends) != 1 or parsed[-1] is not ends[0]:
        yield "I6: run.end is not once, and last"
    elif ends[0]["exit"] != outcome.status:
        yield f"I6: run.end says exit {ends[0]['exit']}, it was {outcome.status}"


def stdout(outcome, baseline, scenario):
    """Nothing that a good run would not print; when it is a success, all of it, or it is said."""
    if outcome.status == 0 and "stdout cannot be written" in outcome.err:
        yield "I8: exit 0, and stdout could not be written"
    if scenario.events:
        yield from events(outcome)
        return
    out = plain(outcome.out)
    if out in baseline.outs:
        return
    if scenario.json and out and not is_json(outcome.out):
        yield "I6: stdout is no JSON"
    if outcome.status in baseline.statuses and not baseline.explanations(outcome.err):
        yield f"I6: other output, and nothing is said: {outcome.out[:300]!r}"
    *lines, rest = out.split(b"\n")
    if not baseline.explanations(outcome.err):
        for line in lines:
            if line not in baseline.out_lines:
                yield f"I6: stdout has {line[:200]!r}"
        if rest and not any(line.startswith(rest) for line in baseline.out_lines):
            yield f"I6: stdout ends in {rest[:200]!r}"


OTHER_MESSAGES = {"notifications/cancelled", "server/discover", "initialize", "tools/list",
                  "notifications/initialized", "ping", "tools/call", "subscriptions/listen"}


def wires(outcome, baseline, strict):
    for line in outcome.wire:
        if plain(line) in baseline.wire:
            continue
        if not is_json(line):
            yield f"I6: a server got {line[:200]!r}"
            continue
        message = json.loads(line)
        method = message.get("method")
        known = method == "notifications/cancelled" or (not strict and (
            method in OTHER_MESSAGES or "error" in message or "result" in message))
        if message.get("jsonrpc") != "2.0" or not known:
            yield f"I6: a server got {line[:200]!r}"
    for request in outcome.requests:
        if request.get("broken"):
            yield f"I6: the endpoint refuses a request: {request['broken']}"


def files(outcome):
    for directory, _, names in os.walk(outcome.home):
        for name in names:
            path = os.path.join(directory, name)
            if "/state/" not in path and "/cache/" not in path and name not in (
                    "out", "err", "trace"):
                continue
            with open(path, "rb") as file:
                data = file.read()
            if SECRETS.search(data):
                yield f"I7: a secret is in {name}"
            if name.endswith(".json") and not is_json(data):
                yield f"I7: {name} is no JSON"
            if name.endswith(".jsonl") or name == "trace":
                *lines, last = data.split(b"\n")
                if not all(map(is_json, lines)):
                    yield f"I7: {name} has a line that is no JSON"


def broken(outcome, baseline, scenario, strict=True):
    """What does not hold, a line each. Strict: servers hear nothing that a good run does not say."""
    return [*crash(outcome), *leftovers(outcome, baseline), *stderr(outcome, baseline),
            *stdout(outcome, baseline, scenario), *wires(outcome, baseline, strict),
            *files(outcome)]
