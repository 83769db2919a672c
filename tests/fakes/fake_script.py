#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""An MCP server over stdio that says what a script tells it to.

fake_script.py SCRIPT LOG: SCRIPT is a JSON file, LOG gets every line of the host's as it came.

  era           "legacy" (2025-11-25, the default) or "modern" (2026-07-28)
  version       what initialize settles on (legacy)
  capabilities  {"tools": {}} by default
  tools         of tools/list
  on            METHOD: [STEP, …]; each time the method comes the next step is taken, the last one
                again and again. "answer": what the host answers to a request of ours.

A STEP is a list of what is said: a message (an object without "jsonrpc" gets one), a text (a line,
as it is), {"exit": STATUS}, {"close": true} (stdout), {"stderr": TEXT}, {"sleep_ms": N}. In messages
"$id" is the id of what came, "$id:METHOD" that of the last request of that method, "$answer" the
whole answer of the host, "$params" its params. With FAKE_SCRIPT_STAYS in its environment it does not
end with its stdin.
"""
import json
import os
import sys
import time

script = json.load(open(sys.argv[1], encoding="utf-8"))
log = open(sys.argv[2], "a", encoding="utf-8")
modern = script.get("era") == "modern"
taken = {}
ids = {}


def defaults(message):
    capabilities = script.get("capabilities", {"tools": {}})
    method = message.get("method")
    if method == "initialize" and not modern:
        return {"protocolVersion": script.get("version", "2025-11-25"),
                "capabilities": capabilities, "serverInfo": {"name": "script", "version": "1"}}
    if method == "server/discover" and modern:
        return {"supportedVersions": ["2026-07-28"], "capabilities": capabilities,
                "resultType": "complete", "ttlMs": 0, "cacheScope": "private",
                "_meta": {"io.modelcontextprotocol/serverInfo": {"name": "script", "version": "1"}}}
    if method == "tools/list":
        tools = script.get("tools", [{"name": "work", "inputSchema": {"type": "object"}}])
        return {"tools": tools, "resultType": "complete", "ttlMs": 0, "cacheScope": "private"} \
            if modern else {"tools": tools}
    return None


def fill(value, message):
    if isinstance(value, dict):
        return {key: fill(item, message) for key, item in value.items()}
    if isinstance(value, list):
        return [fill(item, message) for item in value]
    if value == "$id":
        return message.get("id")
    if value == "$answer":
        return json.dumps(message, sort_keys=True)
    if value == "$params":
        return json.dumps(message.get("params"), sort_keys=True)
    if isinstance(value, str) and value.startswith("$id:"):
        return ids.get(value[4:])
    return value


def say(item, message):
    if isinstance(item, str):
        os.write(1, item.encode() + b"\n")
    elif "exit" in item:
        sys.exit(item["exit"])
    elif "close" in item:
        os.close(1)
    elif "stderr" in item:
        sys.stderr.write(item["stderr"] + "\n")
        sys.stderr.flush()
    elif "sleep_ms" in item:
        time.sleep(item["sleep_ms"] / 1000)
    else:
        text = json.dumps({"jsonrpc": "2.0", **fill(item, message)})
        os.write(1, text.encode() + b"\n")


def take(message):
    method = message.get("method", "answer")
    if "id" in message and "method" in message:
        ids[method] = message["id"]
    steps = script.get("on", {}).get(method)
    if steps:
        at = taken.get(method, 0)
        taken[method] = at + 1
        for item in steps[min(at, len(steps) - 1)]:
            say(item, message)
        return
    if "id" not in message or "method" not in message:
        return
    result = defaults(message)
    answer = {"result": result} if result is not None else \
        {"error": {"code": -32601, "message": "Method not found"}}
    say({"id": message["id"], **answer}, message)


for line in sys.stdin:
    log.write(line)
    log.flush()
    take(json.loads(line))
while os.environ.get("FAKE_SCRIPT_STAYS"):
    time.sleep(1)
