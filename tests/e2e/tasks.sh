#!/bin/bash
# SPDX-License-Identifier: MIT
# MCP, "Tasks", in both forms: a call whose server works on it after it has answered.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

# Legacy: tools/call creates it, tasks/get polls it, tasks/result gives the result.
required='[{"name": "work", "inputSchema": {"type": "object"}, "execution": {"taskSupport": "required"}}]'
declared='{"tools": {}, "tasks": {"cancel": {}, "requests": {"tools": {"call": {}}}}}'
task() { # STATUS [MEMBERS]
	echo "\"taskId\": \"t \\u00e9\", \"status\": \"$1\", \"createdAt\": \"2026-01-01T00:00:00Z\",
		\"lastUpdatedAt\": \"2026-01-01T00:00:00Z\", \"ttl\": 60000, \"pollInterval\": 1${2:+, $2}"
}
state() { echo "[{\"id\": \"\$id\", \"result\": {$(task "$@")}}]"; }
created() { echo "[{\"id\": \"\$id\", \"result\": {\"task\": {$(task "$@")}}}]"; }
text='{"content": [{"type": "text", "text": "All done."}]}'
legacy() { # HANDLERS [TOOLS] [CAPABILITIES]
	scripted it "{\"tools\": ${2:-$required}, \"capabilities\": ${3:-$declared}, \"on\": {$1}}"
}

legacy "\"tools/call\": [$(created working)],
	\"tasks/get\": [$(state working '"statusMessage": "half \u001b[31mof it"'), $(state completed)],
	\"tasks/result\": [[{\"id\": \"\$id\", \"result\": $text}]]"
run "$cordpair" -v call it work
is 'legacy: a tool that must be a task' "$status $out" '0 All done.'
like 'legacy: how far it is, made safe' "$err" 'half of it'
is 'legacy: it was asked for as a task' "$(said it 'select(.method == "tools/call") | .params.task | keys')" '["ttl"]'
is 'legacy: its id as it came' "$(said it 'select(.method == "tasks/result") | .params.taskId')" '"t é"'
frames_are_valid 'legacy' it

legacy "\"tools/call\": [$(created failed)], \"tasks/get\": [$(state failed)],
	\"tasks/result\": [[{\"id\": \"\$id\", \"error\": {\"code\": -32603, \"message\": \"no paper\"}}]]"
run "$cordpair" call it work
is 'legacy: a failed task is the tool'"'"'s failure' $status 1
like 'legacy: a failed task: why' "$out$err" 'no paper'

legacy "\"tools/call\": [$(created working)], \"tasks/get\": [$(state cancelled)]"
run "$cordpair" call it work
is 'legacy: a task that the server cancelled' $status 69
like 'legacy: said' "$err" 'server "it" cancelled the task'

legacy "\"tools/call\": [$(created working)], \"tasks/get\": [$(state pondering)]"
run "$cordpair" call it work
is 'a state that nobody knows' $status 76
like 'said' "$err" 'a state that is not known'
is 'and the task is cancelled' "$(said it 'select(.method == "tasks/cancel") | .params')" '{"taskId":"t é"}'

legacy '"tools/call": [[{"id": "$id", "result": {"task": {"status": "working"}}}]]'
run "$cordpair" call it work
is 'a task without an id' $status 76
like 'said' "$err" 'its task has no id'

# A server that asks while it works: the answer is for the task.
legacy "\"tools/call\": [$(created working)], \"tasks/get\": [$(state input_required), $(state completed)],
	\"tasks/result\": [[{\"id\": 0, \"method\": \"elicitation/create\", \"params\": {\"message\": \"Who?\",
		\"requestedSchema\": {\"type\": \"object\", \"properties\": {}},
		\"_meta\": {\"io.modelcontextprotocol/related-task\": {\"taskId\": \"t é\"}}}}]],
	\"answer\": [[{\"id\": \"\$id:tasks/result\", \"result\": $text}]]"
run "$cordpair" call it work
is 'legacy: asked in the middle' "$status $out" '0 All done.'
is 'legacy: the answer says for which task' \
	"$(said it 'select(.result) | [.result._meta."io.modelcontextprotocol/related-task".taskId, .result.action]')" \
	'["t é","decline"]'
frames_are_valid 'legacy: asked in the middle' it

# Where the server does not take tasks, such a tool cannot be called.
legacy '' "$required" '{"tools": {}}'
endpoint '{"text": "Nothing to call."}'
run "$cordpair" ask hello
is 'a task-required tool of a server without tasks is not offered' "$(request 1 | jq -c '.tools // []')" '[]'
legacy '"tools/call": [[{"id": "$id", "result": {"content": []}}]]' \
	'[{"name": "work", "inputSchema": {"type": "object"}, "execution": {"taskSupport": "optional"}}]'
run "$cordpair" call it work
is 'an optional one is called plainly' "$status $(said it 'select(.method == "tools/call") | .params.task')" '0 null'

# Death in the middle, and a person who has had enough.
legacy "\"tools/call\": [$(created working)], \"tasks/get\": [[{\"exit\": 3}]]"
run "$cordpair" call it work
is 'a server that dies meanwhile' $status 69
legacy "\"tools/call\": [[{\"id\": \"\$id\", \"result\": {\"task\": {\"taskId\": \"x\", \"status\": \"working\",
	\"createdAt\": \"\", \"lastUpdatedAt\": \"\", \"ttl\": null, \"pollInterval\": 60000}}}, {\"sleep_ms\": 100}, {\"exit\": 3}]]"
run "$cordpair" call it work
is 'a server that dies between two looks' $status 69
legacy "\"tools/call\": [$(created working)], \"tasks/get\": [$(state working)]"
"$cordpair" call it work >"$tmp/out" 2>"$tmp/err" </dev/null &
host=$!
polled() { grep -q tasks/get "$tmp/it.said"; }
ok 'it is polled' wait_until polled
kill -TERM $host
wait $host
is 'interrupted' $? 143
is 'interrupted: the server is told' "$(said it 'select(.method == "tasks/cancel") | .params')" '{"taskId":"t é"}'
legacy "\"tools/call\": [$(created working)], \"tasks/get\": [$(state working)]" '' ''
jq '.timeout_s = 0.1' "$servers_d/it.json" >"$tmp/entry" && cat "$tmp/entry" >"$servers_d/it.json"
run "$cordpair" call it work
is 'without end' $status 75
like 'without end: said' "$err" 'no end within 1 seconds'

# 2026-07-28: the server decides, and the result is in the state.
modern() { scripted it "{\"era\": \"modern\", \"on\": {$1}}"; }
extended() { # STATUS [MEMBERS]
	echo "[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\", \"taskId\": \"t1\", \"status\": \"$1\",
		\"createdAt\": \"2026-01-01T00:00:00Z\", \"lastUpdatedAt\": \"2026-01-01T00:00:00Z\", \"ttlMs\": null,
		\"pollIntervalMs\": 1${2:+, $2}}}]"
}
extended_created=$(extended working | jq -c '.[0].result.resultType = "task"')
modern "\"tools/call\": [$extended_created],
	\"tasks/get\": [$(extended working '"statusMessage": "soon"'), $(extended completed "\"result\": $text")]"
run "$cordpair" -v call it work
is 'modern: a task' "$status $out" '0 All done.'
like 'modern: how far it is' "$err" 'soon'
is 'modern: the extension is declared' \
	"$(said it 'select(.method == "tools/call") | .params._meta."io.modelcontextprotocol/clientCapabilities".extensions')" \
	'{"io.modelcontextprotocol/tasks":{}}'
frames_are_valid 'modern' it

modern "\"tools/call\": [$extended_created],
	\"tasks/get\": [$(extended failed '"error": {"code": -32603, "message": "no ink"}')]"
run "$cordpair" call it work
is 'modern: a failed task' $status 1
like 'modern: a failed task: why' "$out$err" 'no ink'
modern "\"tools/call\": [$extended_created], \"tasks/get\": [$(extended completed)]"
run "$cordpair" call it work
is 'modern: completed without a result' $status 76

# Its questions: answered once each, however often the state repeats them.
question() { echo "\"$1\": {\"method\": \"roots/list\"}"; }
modern "\"tools/call\": [$extended_created], \"tasks/get\": [
	$(extended input_required "\"inputRequests\": {$(question a)}"),
	$(extended input_required "\"inputRequests\": {$(question a), $(question b)}"),
	$(extended input_required "\"inputRequests\": {$(question a), $(question b)}"),
	$(extended completed "\"result\": $text")],
	\"tasks/update\": [[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\"}}]]"
run "$cordpair" call it work
is 'modern: questions of a task' "$status $out" '0 All done.'
is 'modern: each is answered once' \
	"$(said it 'select(.method == "tasks/update") | .params.inputResponses | keys' | paste -sd' ')" '["a"] ["b"]'
modern "\"tools/call\": [$extended_created],
	\"tasks/get\": [$(extended input_required '"inputRequests": {"a": {"method": "sampling/createMessage"}}')]"
run "$cordpair" call it work
is 'modern: a question that is refused' $status 3
is 'modern: then the task is cancelled' "$(said it 'select(.method == "tasks/cancel") | .params.taskId')" '"t1"'

# A task is an answer to tools/call alone.
modern "\"prompts/get\": [$extended_created]"
run "$cordpair" prompts get it greet
is 'a task where none may be' $status 76

endpoint_stop
done_testing
