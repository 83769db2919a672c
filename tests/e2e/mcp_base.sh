#!/bin/bash
# SPDX-License-Identifier: MIT
# MCP, the base protocol and the legacy lifecycle, over stdio: what a client must do, one case for
# each requirement ("2.1", "2.2"), and each frame of the host's against the revision's JSON Schema.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

ok_result='{"id": "$id", "result": {"content": [{"type": "text", "text": "fine"}]}}'
modern_result='{"id": "$id", "result": {"resultType": "complete", "content": [{"type": "text", "text": "fine"}]}}'
call() { # WHAT: a call of the scripted server ends well
	run "$cordpair" call it work
	is "$1" "$status $out" '0 fine'
	frames_are_valid "$1" it
}

# 2.1
scripted it "{\"on\": {\"tools/call\": [[$ok_result]]}}"
call '2.1 ids are integers, each used once, never null'
is '2.1 ids: every request has one' "$(said it 'select(.method and (.method | startswith("notifications/") | not)) | .id | type' | sort -u)" '"number"'
scripted it '{"on": {"tools/call": [[]], "notifications/cancelled": [[]]}}' '"timeout_s": 0.3'
run "$cordpair" call it work
is '2.1 a request has a deadline' "$status" 75
is '2.1 past it the server is told' "$(said it 'select(.method == "notifications/cancelled") | .params.requestId')" \
	"$(said it 'select(.method == "tools/call") | .id')"
frames_are_valid '2.1 deadline' it

# Answers out of order, and late ones.
scripted it '{"tools": [{"name": "a", "inputSchema": {"type": "object"}}, {"name": "b", "inputSchema": {"type": "object"}}],
	"on": {"tools/call": [[], [{"id": "$id", "result": {"content": [{"type": "text", "text": "second"}]}},
	{"id": 4, "result": {"content": [{"type": "text", "text": "first"}]}}]]}}'
endpoint '{"calls": [{"name": "it__a", "arguments": {}}, {"name": "it__b", "arguments": {}}]}' '{"text": "Done."}'
run "$cordpair" ask hi
first=$(said it 'select(.method == "tools/call") | .id' | head -n 1)
if [ "$first" = 4 ]; then
	is '2.1 answers are matched by id, not by order' "$status $(tool_message 2 1) $(tool_message 2 2)" '0 first second'
else
	fail "2.1 the first call has the id $first, not 4"
fi
frames_are_valid '2.1 order' it
scripted it "{\"on\": {\"tools/call\": [[{\"id\": 999, \"result\": {\"content\": []}}, {\"id\": \"x\", \"result\": {}},
	{\"id\": null, \"error\": {\"code\": -32700, \"message\": \"unreadable\"}}, $ok_result, $ok_result]]}}"
call '2.1 answers to nobody, twice, or without an id are passed over'

# Ids of the server's own requests begin at 0 and may equal ours.
scripted it "{\"on\": {\"tools/call\": [[{\"id\": 0, \"method\": \"ping\"}, {\"id\": 3, \"method\": \"ping\"},
	{\"id\": \"s\", \"method\": \"ping\"}, $ok_result]]}}"
call '2.1 id spaces of the two sides are apart'
is '2.1 each ping is answered, with its own id' "$(said it 'select(.result) | [.id, .result]' | paste -sd' ')" '[0,{}] [3,{}] ["s",{}]'
scripted it "{\"on\": {\"tools/call\": [[{\"method\": \"notifications/unheard/of\", \"params\": {}}, $ok_result]]}}"
call '2.1 a notification is not answered'
is '2.1 no answer went out' "$(said it 'select(.result or .error)')" ''

for version in 2025-03-26 2025-06-18; do
	scripted it "{\"version\": \"$version\", \"on\": {\"tools/call\": [[{\"sleep_ms\": 0}]], \"tools/list\": [[
		\"[{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"method\\\":\\\"notifications/message\\\",\\\"params\\\":{\\\"level\\\":\\\"info\\\",\\\"data\\\":1}}]\",
		{\"id\": \"\$id\", \"result\": {\"tools\": []}}]]}}"
	run "$cordpair" tools it
	is "2.1 $version: a batch that comes does no harm" "$status" 0
	none "2.1 $version: none is sent" "$(jq -c 'arrays' "$tmp/it.said")"
	frames_are_valid "2.1 $version" it
done
scripted it '{"era": "modern", "on": {"tools/call": [[{"id": "$id", "result": {"resultType": "perhaps", "content": []}}]]}}'
run "$cordpair" call it work
is '2.1 modern: an unknown resultType is no result' "$status" 76
like '2.1 modern: said' "$err" 'unknown type, "perhaps"'
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[$ok_result]]}}"
call '2.1 modern: no resultType is a complete one'
is '2.1 modern: every request says version, capabilities and client' "$(said it 'select(.method and .id) | .params._meta
	| [."io.modelcontextprotocol/protocolVersion", (."io.modelcontextprotocol/clientCapabilities" | type),
	   ."io.modelcontextprotocol/clientInfo".name]' | sort -u)" '["2026-07-28","object","cordpair"]'

# Progress keeps a call alive, up to ten timeouts.
progress='{"method": "notifications/progress", "params": {"progressToken": "$id:tools/call", "progress": 1}}'
scripted it "{\"on\": {\"tools/call\": [[$(printf "$progress, {\"sleep_ms\": 300}, %.0s" 1 2 3 4 5) $ok_result]]}}" '"timeout_s": 0.8'
call '2.1 progress keeps a call alive'
scripted it "{\"on\": {\"tools/call\": [[$(printf "$progress, {\"sleep_ms\": 100}, %.0s" $(seq 60)) $ok_result]]}}" '"timeout_s": 0.3'
run "$cordpair" call it work
is '2.1 but not for ever' "$status" 75

# 2.2
scripted it "{\"on\": {\"tools/call\": [[$ok_result]]}}" '"protocol": "legacy"'
call '2.2 the lifecycle'
is '2.2 initialize, initialized, then requests' "$(said it .method | paste -sd' ')" \
	'"initialize" "notifications/initialized" "tools/list" "tools/call"'
is '2.2 the newest revision is asked for' "$(said it 'select(.method == "initialize") | .params.protocolVersion')" '"2025-11-25"'
is '2.2 the client says what it is' "$(said it 'select(.method == "initialize") | .params.clientInfo | keys')" '["name","version"]'
for version in 2024-11-05 2025-03-26 2025-06-18 2025-11-25; do
	scripted it "{\"version\": \"$version\", \"on\": {\"tools/call\": [[$ok_result]]}}" '"protocol": "legacy"'
	call "2.2 $version is spoken"
done
scripted it '{"version": "2031-01-01"}'
run "$cordpair" tools it
is '2.2 a revision that is not known: exit' "$status" 69
like '2.2 said' "$err" 'speaks a revision of MCP that is not known: "2031-01-01"'
none '2.2 and nothing more is said to it' "$(said it 'select(.method == "notifications/initialized" or .method == "tools/list")')"
scripted it '{"on": {"initialize": [[{"id": "$id", "error": {"code": -32602, "message": "Unsupported protocol version",
	"data": {"supported": ["1.0"]}}}]]}}'
run "$cordpair" tools it
is '2.2 initialize refused: exit' "$status" 69
like '2.2 initialize refused: why' "$err" 'refused initialize: Unsupported protocol version'
scripted it '{"on": {"initialize": [[]]}}' '"start_timeout_s": 1'
run "$cordpair" tools it
is '2.2 initialize without an answer' "$status" 69
none '2.2 it is never cancelled' "$(said it 'select(.method == "notifications/cancelled")')"
scripted it "{\"on\": {\"initialize\": [[{\"id\": 0, \"method\": \"ping\"}, {\"method\": \"notifications/message\",
	\"params\": {\"level\": \"info\", \"data\": \"early\"}}, {\"id\": \"\$id\", \"result\": {\"protocolVersion\": \"2025-11-25\",
	\"capabilities\": {\"tools\": {}}, \"serverInfo\": {\"name\": \"s\", \"version\": \"1\"}}}]], \"tools/call\": [[$ok_result]]}}"
call '2.2 ping and logging before initialized'
scripted it '{"on": {"initialize": [[{"id": "$id", "result": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
	"serverInfo": {"name": "s", "version": "1"}, "instructions": "Be brief."}}]]}}'
endpoint '{"text": "Yes."}'
run "$cordpair" ask hi
like '2.2 instructions reach the model' "$(request 1 | jq -r '.messages[0].content')" 'Be brief\.'

# Only what was negotiated is used.
scripted it '{"capabilities": {}}'
run "$cordpair" tools it
is '2.2 a server without tools is not asked for them' "$status $(said it .method | grep -c tools/list)" '0 0'
scripted it "{\"on\": {\"tools/call\": [[$modern_result]]}}"
run "$cordpair" resources read it x:y
none '2.2 nor one without resources for those' "$(said it 'select(.method == "resources/read")')"

endpoint_stop
done_testing
