# SPDX-License-Identifier: MIT
"""validate_events.py SCHEMA: every line of stdin is an event, and together they are one run.

The schema is open, because members are only ever added; here it is closed, so that it names all.
Prints what is wrong, and nothing else.
"""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator({**schema, "unevaluatedProperties": False})
lines = sys.stdin.read().splitlines()
events = []
for number, line in enumerate(lines, 1):
    try:
        event = json.loads(line)
    except ValueError as error:
        print(f"line {number}: {error}: {line[:200]}")
        continue
    events.append(event)
    for error in validator.iter_errors(event):
        print(f"line {number}: {error.message[:200]}: {line[:300]}")
types = [event.get("type") for event in events]
if not types or types[0] != "run.start" or types.count("run.start") != 1:
    print("run.start is not the first, once")
if not types or types[-1] != "run.end" or types.count("run.end") != 1:
    print("run.end is not the last, once")
if len({event.get("run") for event in events}) > 1:
    print("run is not the same in all")
if [event.get("seq") for event in events] != list(range(len(events))):
    print("seq does not count 0, 1, 2 …")
