#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Are these lines what a client may say in a revision of MCP?

validate_frames.py SCHEMA < LINES: the host's JSON-RPC messages to one server, each checked against
the definition of its method in the revision's own JSON Schema. Prints what is not.
"""
import json
import sys

import jsonschema

schema = json.load(open(sys.argv[1], encoding="utf-8"))
key = "$defs" if "$defs" in schema else "definitions"
definitions = schema[key]
by_method = {}
for name, definition in definitions.items():
    method = definition.get("properties", {}).get("method", {}).get("const")
    if method:
        by_method[method] = name


def fits(name, value):
    root = {"$ref": f"#/{key}/{name}", key: definitions}
    if "$schema" in schema:
        root["$schema"] = schema["$schema"]
    validator = jsonschema.validators.validator_for(root)(root)
    return [error.message for error in validator.iter_errors(value)]


# The Tasks extension of 2026-07-28 has a document of its own.
EXTENSION = {"tasks/get", "tasks/update", "tasks/cancel"}
used = set()
for number, line in enumerate(sys.stdin, 1):
    message = json.loads(line)
    if not isinstance(message, dict) or message.get("jsonrpc") != "2.0":
        print(f"line {number}: no JSON-RPC message: {line.strip()}")
        continue
    method = message.get("method")
    if method in by_method:
        faults = fits(by_method[method], message)
    elif method is None:
        faults = [] if ("result" in message) != ("error" in message) else ["result xor error"]
    elif method in EXTENSION and "2026-07-28" in sys.argv[1]:
        faults = [] if isinstance(message["params"]["taskId"], str) else ["taskId"]
    else:
        faults = [f"{method} is no method of this revision"]
    if method in ("initialize", "server/discover") and message["id"] == 1:
        used.clear()  # another process of the server
    if method and "id" in message:
        if message["id"] in used or isinstance(message["id"], (float, bool)) or message["id"] is None:
            faults.append("the id was used before, or is none")
        used.add(message["id"])
    for fault in faults:
        print(f"line {number}: {method}: {fault}: {line.strip()}")
