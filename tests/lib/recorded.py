#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Recorded conversations of real services, as runs of the host; and what is wrong with those runs.

recorded.py plan RECORDED OUT
    Each conversation of two or more requests becomes a directory of OUT: `script` (of the fake
    endpoint: the recorded bytes), `settings`, `model`, `plan`, and for each run `N.ask` (the
    arguments, each ended by NUL) and `N.server` (of fake_script.py: the recorded tools and
    results). What cannot be replayed is a line of OUT/skipped. Prints how many there are.

recorded.py judge OUT OPENAPI
    Reads of each directory `requests` (what the endpoint got) and `ended` (of each run one line:
    its exit status, then what it printed as JSON), and writes `faults`: empty when all is well.

In the recorded bytes only the tools' names are changed, to those that the host gives them.
"""
import glob
import json
import os
import re
import sys

SERVER = "it"
CLOSING = "It is done."
# By the address that was recorded; everything else is "compatible".
PROFILES = {"openrouter.ai": "openrouter", "api.openai.com": "openai", "api.mistral.ai": "mistral",
            "api.groq.com": "groq", "api.deepseek.com": "deepseek", "OLLAMA": "ollama",
            "ollama.com": "ollama"}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def text_of(content):
    """Of a message: a text, or parts."""
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content
                       if part.get("type") in ("text", "input_text"))
    return content or ""


class Exchange:
    """One recorded request and its answer."""

    def __init__(self, stem):
        self.request = load(stem + ".request.json")
        self.messages = self.request["messages"]
        meta = load(stem + ".meta.json")
        self.uri, self.status = meta["uri"], meta["status"]
        self.is_stream = os.path.exists(stem + ".response.sse")
        path = stem + (".response.sse" if self.is_stream else ".response.json")
        with open(path, encoding="utf-8", newline="") as file:
            self.bytes = file.read()
        self.calls, self.text, self.details, self.thought = [], "", None, None
        if self.is_stream:
            self.read_golden(load(stem + ".golden.json"))
        else:
            self.read_body(json.loads(self.bytes))

    def read_golden(self, golden):
        answer = golden["openai"]
        self.failed = "error" in answer and answer["error"].startswith("APIError")
        self.text = answer.get("content") or ""
        self.calls = [(call["id"], call["name"], call["arguments"])
                      for call in answer.get("tool_calls") or []]
        self.details = (golden.get("openrouter") or {}).get("reasoning_details") or None

    def read_body(self, body):
        self.failed = self.status >= 400
        if self.failed:
            return
        message = body["choices"][0]["message"]
        self.text = text_of(message.get("content"))
        self.details = message.get("reasoning_details")
        self.thought = message.get("reasoning_content")
        self.calls = [(call.get("id"), call["function"]["name"], call["function"].get("arguments"))
                      for call in message.get("tool_calls") or []]

    def line(self):
        """Of the fake endpoint's script."""
        names = {tool["function"]["name"] for tool in self.request.get("tools") or []}
        body = re.sub(r'("name":\s*")([^"]+)"',
                      lambda match: match[0] if match[2] not in names
                      else f'{match[1]}{SERVER}__{match[2]}"', self.bytes)
        return {"status": self.status, "body": body,
                "type": "text/event-stream" if self.is_stream else "application/json"}


def goes_on(before, after):
    """Does the request come after what the one before began with?"""
    said = [message for message in before.messages if message["role"] not in ("system", "developer")]
    now = [message for message in after.messages if message["role"] not in ("system", "developer")]
    return len(now) > len(said) and all(
        text_of(a["content"]) == text_of(b["content"]) for a, b in zip(said, now)
        if "content" in a and "content" in b)


def split_runs(exchanges):
    """[(is it resumed, [exchange…])…]: one run for each prompt."""
    runs = []
    for before, exchange in zip([None] + exchanges, exchanges):
        if before and (before.calls or before.failed) and (
                goes_on(before, exchange) or before.messages == exchange.messages):
            runs[-1][1].append(exchange)
        else:
            runs.append((bool(before) and goes_on(before, exchange), [exchange]))
    return runs


def prompt_of(run):
    return [text_of(message["content"]) for message in run[0].messages if message["role"] == "user"][-1]


def result_of(exchanges, call_id, name):
    """Of a recorded call: the tool message, and the pictures that follow it."""
    for exchange in exchanges:
        for i, message in enumerate(exchange.messages):
            if message["role"] != "tool" or message.get("tool_call_id") != call_id:
                continue
            pictures = []
            for later in exchange.messages[i + 1:]:
                if later["role"] in ("user", "tool") and isinstance(later.get("content"), list):
                    pictures += later["content"]
            return text_of(message.get("content")), pictures
    return f"{name} is done.", []


def content_of(text, pictures):
    content = [{"type": "text", "text": text}]
    for part in pictures:
        match = re.match(r"data:(image/[a-z]+);base64,(.*)",
                         (part.get("image_url") or {}).get("url", "")
                         if isinstance(part.get("image_url"), dict) else "", re.S)
        if match:
            content.append({"type": "image", "mimeType": match[1], "data": match[2]})
    return content


def write(path, *lines, end="\n"):
    with open(path, "w", encoding="utf-8", newline="") as file:
        for line in lines:
            file.write((line if isinstance(line, str) else json.dumps(line)) + end)


def plan(out, exchanges):
    runs, script, planned, results, shown = split_runs(exchanges), [], [], {}, []
    tools = {tool["function"]["name"]: tool["function"]
             for exchange in exchanges for tool in exchange.request.get("tools") or []}
    listed = [{"name": name, "description": tool.get("description") or name,
               "inputSchema": tool.get("parameters") or {"type": "object"}}
              for name, tool in tools.items()]
    os.makedirs(out)
    for number, (resumed, run) in enumerate(runs, 1):
        last, steps = run[-1], []
        arguments = [] if last.is_stream else ["--no-stream"]
        write(f"{out}/{number}.ask", *arguments, *(["--resume"] if resumed else []), "--",
              prompt_of(run), end="\0")
        script += [exchange.line() for exchange in run]
        for exchange in run:
            for call_id, name, _ in exchange.calls:
                text, pictures = result_of(exchanges, call_id, name)
                results[call_id] = text
                content = content_of(text, pictures)
                shown += [f"data:{item['mimeType']};base64,{item['data']}" for item in content[1:]]
                steps.append([{"id": "$id", "result": {"content": content}}])
        write(f"{out}/{number}.server",
              {"tools": listed, "on": {"tools/call": steps} if steps else {}})
        if last.calls:  # the recording ends with a call
            script.append({"text": CLOSING})
        if last.failed:
            script[-1]["repeat"] = 9
        planned.append({
            "resumed": resumed, "prompt": prompt_of(run), "failed": last.failed,
            "text": CLOSING if last.calls else last.text,
            "answers": [{"calls": exchange.calls, "text": exchange.text, "failed": exchange.failed,
                         "pictures": shown, "details": exchange.details, "thought": exchange.thought,
                         "results": [results[call[0]] for call in exchange.calls]}
                        for exchange in run]})
    systems = [text_of(message["content"]) for message in exchanges[0].messages
               if message["role"] in ("system", "developer")]
    profile = next((name for part, name in PROFILES.items() if part in exchanges[0].uri), "compatible")
    write(out + "/settings", {"profile": profile, **({"system_prompt": systems[0]} if systems else {})})
    write(out + "/model", exchanges[0].request["model"])
    write(out + "/script", *script)
    write(out + "/plan", {"profile": profile, "model": exchanges[0].request["model"], "runs": planned})


def plan_all(recorded, out):
    count, skipped = 0, []
    for directory in sorted(glob.glob(recorded + "/*/*/")):
        name = "/".join(directory.rstrip("/").split("/")[-2:])
        stems = [path[:-len(".request.json")] for path in sorted(glob.glob(directory + "*.request.json"))]
        other = [load(stem + ".meta.json")["uri"] for stem in stems]
        other = [uri for uri in other if not uri.endswith("/chat/completions")]
        if len(stems) < 2:
            continue
        if other:
            skipped.append(f"{name}: {other[-1]} is another API")
            continue
        plan(f"{out}/{name}", [Exchange(stem) for stem in stems])
        count += 1
    write(out + "/skipped", *skipped)
    print(count)


# Judging

def arguments_of(text):
    return json.loads(text or "{}")


def check_answer(message, answer, profile, faults):
    """Is this assistant message what the service said, as it has to be sent back?"""
    calls = [(call["id"], call["function"]["name"], json.loads(call["function"]["arguments"]))
             for call in message.get("tool_calls") or []]
    wanted = [(call[0], f"{SERVER}__{call[1]}", arguments_of(call[2])) for call in answer["calls"]]
    if [call[1:] for call in calls] != [call[1:] for call in wanted]:
        faults.append(f"the calls sent back are {calls}, not {wanted}")
    for call, want in zip(calls, wanted):
        if want[0] and call[0] != want[0]:
            faults.append(f"the id sent back is {call[0]}, not {want[0]}")
    if (message.get("content") or "") != answer["text"]:
        faults.append(f"the text sent back is {message.get('content')!r}, not {answer['text']!r}")
    # In the order in which its members came, too: signatures cover them.
    if json.dumps(message.get("reasoning_details")) != json.dumps(answer["details"]):
        faults.append(f"reasoning_details sent back: {message.get('reasoning_details')},"
                      f" not {answer['details']}")
    if profile == "deepseek" and answer["calls"] and answer["thought"] and \
            message.get("reasoning_content") != answer["thought"]:
        faults.append(f"reasoning_content sent back: {message.get('reasoning_content')!r}")


def pictures_of(message):
    """The addresses of the pictures in a user's message."""
    parts = message["content"] if message["role"] == "user" else ""
    return {part["image_url"]["url"] for part in parts if isinstance(part, dict) and "image_url" in part}


def check_messages(messages, wanted, profile, faults):
    """The messages behind the system's: wanted is prompts (texts) and answers (objects)."""
    rest = [message for message in messages if message["role"] != "system"]
    for item in wanted:
        if not rest:
            faults.append(f"{item} is not there")
            return
        if isinstance(item, str):
            if item not in text_of(rest[0]["content"]) or rest[0]["role"] != "user":
                faults.append(f"{rest[0]} is not the prompt {item!r}")
            rest = rest[1:]
            continue
        check_answer(rest[0], item, profile, faults)
        ids = [call["id"] for call in rest[0].get("tool_calls") or []]
        results, rest = rest[1:1 + len(ids)], rest[1 + len(ids):]
        if [result.get("tool_call_id") for result in results] != ids:
            faults.append(f"the results {results} do not answer {ids} in this order")
        for result, text in zip(results, item["results"]):
            if text not in text_of(result["content"]):
                faults.append(f"the result is {result['content']!r}, not {text!r}")
        # Pictures come from the user; where that may not follow a tool, behind an answer of ours.
        if len(rest) > 1 and rest[0] == {"role": "assistant", "content": "OK"} and pictures_of(rest[1]):
            rest = rest[1:]
        while ids and rest and pictures_of(rest[0]):
            if not pictures_of(rest[0]) <= set(item["pictures"]):
                faults.append("a picture is not what the tool gave")
            rest = rest[1:]
    if rest:
        faults.append(f"{rest} is more than was said")


def unmarked(messages):
    """Without the marks of what a provider is to keep, which move on and belong to no prefix."""
    return [{**message, "content": text_of(message["content"])}
            if isinstance(message.get("content"), list) and
            all(part["type"] == "text" for part in message["content"]) else message
            for message in messages]


def begins_with(body, before):
    before = unmarked(before["messages"])
    return unmarked(body["messages"])[:len(before)] == before


def judge(out, validator):
    planned, faults = load(out + "/plan"), []
    with open(out + "/requests", encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    with open(out + "/ended", encoding="utf-8") as file:
        ended = file.read().splitlines()
    bodies = [line["body"] for line in lines if line["method"] == "POST"]
    faults += [f"request {i}: {line['broken']}" for i, line in enumerate(lines) if "broken" in line]
    for i, body in enumerate(bodies):
        faults += [f"request {i}: {error.json_path}: {error.message[:300]}"
                   for error in validator.iter_errors(body)]
        if body.get("model") != planned["model"]:
            faults.append(f"request {i}: its model is {body.get('model')}")
    said, at = [], 0
    for number, run in enumerate(planned["runs"]):
        status, shown = ended[number].split(" ", 1)
        if run["failed"] != (status != "0"):
            faults.append(f"run {number}: exit {status}: {shown}")
        elif not run["failed"] and json.loads(shown)["text"] != run["text"]:
            faults.append(f"run {number}: {json.loads(shown)['text']!r} is not {run['text']!r}")
        if not run["resumed"]:
            said = []
        said.append(run["prompt"])
        for answer in run["answers"] + ([{}] if run["answers"][-1]["calls"] else []):
            if at == len(bodies):
                faults.append(f"run {number}: a request is missing")
                break
            check_messages(bodies[at]["messages"], said, planned["profile"], faults)
            if at > 0 and len(said) > 1 and not begins_with(bodies[at], bodies[at - 1]):
                faults.append(f"request {at}: does not begin with the request before it")
            at += 1
            if answer and not answer["failed"]:
                said = said + [answer]
        while run["failed"] and at < len(bodies) and bodies[at]["messages"] == bodies[at - 1]["messages"]:
            at += 1
    if at != len(bodies):
        faults.append(f"{len(bodies)} requests, not {at}")
    return faults


def judge_all(out, openapi):
    import jsonschema
    components = load(openapi)["components"]
    root = {"$schema": "https://json-schema.org/draft/2020-12/schema",
            "$ref": "#/components/schemas/ChatRequest", "components": components}
    validator = jsonschema.validators.validator_for(root)(root)
    for path in glob.glob(out + "/*/*/plan"):
        directory = os.path.dirname(path)
        write(directory + "/faults", *judge(directory, validator))


if sys.argv[1] == "plan":
    plan_all(sys.argv[2], sys.argv[3])
else:
    judge_all(sys.argv[2], sys.argv[3])
