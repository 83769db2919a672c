#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Lets everything fail that can, one point after the other, in whole runs of the program.

    torture.py [OPTION]... SWEEP...      alloc, syscalls, keeper, signals, kills
    torture.py [OPTION]... --point SWEEP/SCENARIO/POINT

  --build DIR, --source DIR   of the program; by default . and where this file is
  --scenario NAME             only this one (may be given again)
  --sites                     of all allocations with the same call stack only the first one of all
                              scenarios
  --step N                    only every Nth point
  --sample N                  only N points of each sweep, the same ones every time; TAP
  --results DIR               what is done already is there, and is not done again
See README.md beside it.
"""
import argparse
import importlib
import json
import os
import random
import sys
import time

sys.dont_write_bytecode = True  # not into the source tree
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bench
import judge
import scenarios
import traced

SWEEPS = ("alloc", "syscalls", "keeper", "signals", "kills")
BASELINE_RUNS = 3
PROGRESS_EVERY_S = 10
BROKEN_SHOWN = 8
HERE = os.path.dirname(os.path.abspath(__file__))


def read_options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", default=".")
    parser.add_argument("--source", default=os.path.dirname(os.path.dirname(HERE)))
    parser.add_argument("--scenario", action="append")
    parser.add_argument("--sites", action="store_true")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--results")
    parser.add_argument("--point")
    parser.add_argument("sweeps", nargs="*")
    options = parser.parse_args()
    options.build = os.path.abspath(options.build)
    if set(options.sweeps) - set(SWEEPS) or not (options.sweeps or options.point):
        parser.error("the sweeps are " + ", ".join(SWEEPS))
    return options


class Results:
    """One JSON line for each point that was run; of the same program they count next time."""

    def __init__(self, directory, build, sweep):
        self.done, self.file = {}, None
        if not directory:
            return
        os.makedirs(directory, exist_ok=True)
        path = os.path.join(directory, sweep + ".jsonl")
        program = str(max(os.stat(os.path.join(build, "src", name)).st_mtime_ns
                          for name in ("cordpair", "engine")))
        if os.path.exists(path):
            with open(path) as file:
                lines = [json.loads(line) for line in file if line.endswith("\n")]
            if lines and lines[0] == {"program": program}:
                self.done = {line["point"]: line["broken"] for line in lines[1:]}
        self.file = open(path, "a" if self.done else "w", buffering=1)
        if not self.done:
            self.file.write(json.dumps({"program": program}) + "\n")

    def add(self, point, broken):
        self.done[point] = broken
        if self.file:
            self.file.write(json.dumps({"point": point, "broken": broken}) + "\n")


class Session:
    """One scenario in one sweep."""

    def __init__(self, options, sweep_name, scenario):
        self.sweep_name, self.scenario = sweep_name, scenario
        self.sweep = importlib.import_module("sweep_" + sweep_name)
        self.sweep.SITES_ONLY = options.sites
        self.bench = bench.Bench(options.build, options.source, scenario)
        runs = [self.bench.run() for _ in range(BASELINE_RUNS)]
        self.baseline = judge.Baseline(scenario, runs)

    def points(self, step, count):
        points = list(self.sweep.points(self.bench, self.baseline))[::self.scenario.step * step]
        if count is None or count >= len(points):
            return points
        chosen = random.Random(self.scenario.name).sample(range(len(points)), count)
        return [points[i] for i in sorted(chosen)]

    def run(self, point):
        outcome = self.sweep.run(self.bench, point)
        broken = judge.broken(outcome, self.baseline, self.scenario, self.sweep.STRICT)
        return broken + list(self.sweep.check(self.bench, point, outcome, self.baseline)), outcome

    def name(self, point):
        return f"{self.sweep_name}/{self.scenario.name}/{point}"

    def close(self):
        self.bench.close()


def chosen_scenarios(options, sweep_name):
    names = importlib.import_module("sweep_" + sweep_name).SCENARIOS
    for scenario in scenarios.SCENARIOS if names is None else map(scenarios.NAMED.get, names):
        if not options.scenario or scenario.name in options.scenario:
            yield scenario


def sweep_points(session, options, results, count):
    """How many were run, and the names of those that failed."""
    points, failed, told = session.points(options.step, count), [], time.monotonic()
    for number, point in enumerate(points, 1):
        name = session.name(point)
        if name not in results.done:
            results.add(name, session.run(point)[0])
        if results.done[name]:
            failed.append(name)
            print(f"# {name}", *results.done[name][:BROKEN_SHOWN], sep="\n#   ", flush=True)
        if not options.sample and time.monotonic() - told > PROGRESS_EVERY_S:
            told = time.monotonic()
            print(f"{session.sweep_name} {session.scenario.name}: {number} of {len(points)} points, "
                  f"{len(failed)} failed", flush=True)
    return len(points), failed


def sweep_all(options):
    total, all_failed, count = 0, [], 0
    for sweep_name in options.sweeps:
        chosen = list(chosen_scenarios(options, sweep_name))
        results = Results(options.results, options.build, sweep_name)
        sample = -(-options.sample // len(chosen)) if options.sample else None
        for scenario in chosen:
            session = Session(options, sweep_name, scenario)
            run, failed = sweep_points(session, options, results, sample)
            session.close()
            total, all_failed, count = total + run, all_failed + failed, count + 1
            print(f"{'not ok' if failed else 'ok'} {count} - {sweep_name} {scenario.name}: "
                  f"{run} points, {len(failed)} failed", flush=True)
    print(f"1..{count}")
    print(f"# {total} points, {len(all_failed)} failed")
    if all_failed:
        print("# one again: " + " ".join([sys.argv[0], "--build", options.build, "--point",
                                          all_failed[0]]))
    return 1 if all_failed and not options.sample else 0


def one_point(options):
    sweep_name, scenario, point = options.point.split("/")
    session = Session(options, sweep_name, scenarios.NAMED[scenario])
    broken, outcome = session.run(point)
    print(f"{session.name(point)}: exit {outcome.status}, without it "
          f"{sorted(session.baseline.statuses)}")
    print("stdout: " + outcome.out[:2000].decode("utf-8", "replace"))
    print("stderr: " + outcome.err[:2000])
    for line in session.sweep.explain(session.bench, point):
        print("  " + line)
    print(*(broken or ["all holds"]), sep="\n")
    session.close()
    return 1 if broken else 0


def main():
    options = read_options()
    if options.point:
        return one_point(options)
    if set(options.sweeps) & {"syscalls", "keeper", "signals"} and not traced.is_possible():
        print("1..0 # SKIP strace(1) is missing, or may not trace here")
        return 0
    return sweep_all(options)


if __name__ == "__main__":
    sys.exit(main())
