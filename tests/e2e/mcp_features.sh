#!/bin/bash
# SPDX-License-Identifier: MIT
# MCP's features over stdio: tools (2.7), JSON Schema (2.8), resources and prompts (2.9), roots (2.10),
# sampling (2.11), elicitation (2.12), rounds of input (2.13), logging, progress, ping (2.14). Tasks
# (2.15) are in tasks.sh, completion in completion.sh, forms at a terminal in elicitation.sh.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

text() { echo "{\"id\": \"\$id${2:-}\", \"result\": {\"content\": [{\"type\": \"text\", \"text\": \"$1\"}]}}"; }
tool() { echo "{\"name\": \"$1\", \"inputSchema\": {\"type\": \"object\"}${2:+, $2}}"; }
page() { # TOOLS [CURSOR]
	echo "[{\"id\": \"\$id\", \"result\": {\"tools\": [$1]${2:+, \"nextCursor\": $2}}}]"
}
names() { "$cordpair" --json tools it 2>/dev/null | jq -r '.[].tool' | paste -sd' '; }

# 2.7
scripted it "{\"on\": {\"tools/list\": [$(page "$(tool a)" '"x"'), $(page "$(tool b)" '""'), $(page "$(tool c)" '"x"'), $(page "$(tool d)")]}}"
is '2.7 every page, whatever the cursor' "$(names)" 'a b c d'
is '2.7 the cursor as it came, the empty one too' "$(said it 'select(.method == "tools/list") | .params.cursor' | paste -sd' ')" 'null "x" "" "x"'
frames_are_valid '2.7 pages' it
expired='[{"id": "$id", "error": {"code": -32602, "message": "Invalid cursor"}}]'
scripted it "{\"on\": {\"tools/list\": [$(page "$(tool old)" '"x"'), $expired, $(page "$(tool a)" '"y"'), $(page "$(tool b)")]}}"
is '2.7 a cursor that is no longer good: from the first page' "$(names)" 'a b'
frames_are_valid '2.7 a cursor that is no longer good' it
scripted it "{\"on\": {\"tools/list\": [$(page "$(tool old)" '"x"'), $expired, $(page "$(tool old)" '"x"'), $expired]}}"
run "$cordpair" tools it
is '2.7 but once only' "$status $(said it 'select(.method == "tools/list") | 1' | wc -l | tr -d ' ')" '69 4'
for era in legacy modern; do
	scripted it "{\"era\": \"$era\", \"capabilities\": {\"tools\": {\"listChanged\": true}}, \"on\": {
		\"tools/call\": [[{\"method\": \"notifications/tools/list_changed\", \"params\": {\"_meta\":
			{\"io.modelcontextprotocol/subscriptionId\": \"\$id:subscriptions/listen\"}}},
			{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\", \"content\": []}}]],
		\"subscriptions/listen\": [[]]}}"
	endpoint '{"calls": [{"name": "it__work", "arguments": {}}]}' '{"text": "Done."}'
	run "$cordpair" ask hi
	is "2.7 $era: list_changed: listed anew" "$status $(said it 'select(.method == "tools/list") | 1' | wc -l | tr -d ' ')" '0 2'
	frames_are_valid "2.7 $era: list_changed" it
done
scripted it "{\"tools\": [$(tool hidden '"_meta": {"ui": {"visibility": ["app"]}}'), $(tool shown '"_meta": {"ui": {"visibility": ["model", "app"]}}')]}"
is '2.7 a tool that models are not to see' "$("$cordpair" --openrouter tools it 2>/dev/null | jq -r '.[].function.name' | paste -sd' ')" 'it__shown'
scripted it "{\"tools\": [$(tool 'odd.name-1_A'), $(tool "$(printf 'x%.0s' $(seq 128))")]}"
is '2.7 names of 128 characters and with dots' "$("$cordpair" --openrouter tools it 2>/dev/null |
	jq -r '[.[].function.name | test("^[A-Za-z_][A-Za-z0-9_-]{0,63}$")] | all')" true
scripted it "{\"tools\": [$(tool work), $(tool Work)]}"
is '2.7 names differ in case' "$(names)" 'work Work'
scripted it "{\"tools\": [$(tool work '"annotations": {"readOnlyHint": true}')]}"
jq '.policy = "ask"' "$servers_d/it.json" >"$tmp/entry" && cat "$tmp/entry" >"$servers_d/it.json"
run "$cordpair" call it work
is '2.7 annotations are not trusted' "$status" 3
scripted it "{\"on\": {\"tools/call\": [[{\"id\": \"\$id\", \"error\": {\"code\": -32602, \"message\": \"Unknown tool: work\"}}]]}}"
run "$cordpair" call it work
is '2.7 an error of the protocol is the tool'"'"'s' "$status" 1
like '2.7 said' "$out$err" 'Error -32602: Unknown tool'
contents='[{"type": "text", "text": "one"}, {"type": "image", "data": "AAEC", "mimeType": "image/png"},
	{"type": "audio", "data": "AAEC", "mimeType": "audio/wav"}, {"type": "resource_link", "uri": "file:///a", "name": "a"},
	{"type": "resource", "resource": {"uri": "file:///b", "text": "of b"}},
	{"type": "resource", "resource": {"uri": "file:///c", "mimeType": "a/b", "blob": "AAEC"}}, {"type": "hologram"}]'
scripted it "{\"on\": {\"tools/call\": [[{\"id\": \"\$id\", \"result\": {\"content\": $contents}}]]}}"
run "$cordpair" call it work
is '2.7 every kind of content' "$status $(grep -cE '^(one|\[image: image/png, 3 bytes\]|\[audio: audio/wav, 3 bytes\]|.*file:///a.*|of b|.*a/b, 3 bytes.*|.*hologram.*)$' <<<"$out")" '0 7'
for value in '{"n": 1}' '[1]' '7' '"x"'; do
	scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\",
		\"content\": [], \"structuredContent\": $value}}]]}}"
	run "$cordpair" call it work
	is "2.7 modern: structuredContent may be $value" "$status $(jq -c . <<<"$out")" "0 $(jq -c . <<<"$value")"
done
scripted it "{\"tools\": [$(tool work '"outputSchema": {"type": "object", "properties": {"n": {"type": "string"}}}')], \"on\": {
	\"tools/call\": [[{\"id\": \"\$id\", \"result\": {\"content\": [], \"structuredContent\": {\"n\": 1}}}]]}}"
run "$cordpair" call it work
like '2.7 structuredContent is checked against outputSchema' "$status $err" '^0 .*does not fit its outputSchema: structuredContent.n'

# 2.8
schema='"inputSchema": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "$defs": {"p": {"type": "integer"}},
	"properties": {"n": {"$ref": "#/$defs/p"}, "far": {"$ref": "https://nowhere.invalid/s.json"}}, "required": ["n"]}'
scripted it "{\"tools\": [{\"name\": \"work\", $schema}], \"on\": {\"tools/call\": [[$(text fine)]]}}"
run "$cordpair" call it work '{"n": "1"}'
is '2.8 arguments are checked, and not changed' "$status" 65
like '2.8 said' "$err" 'arguments.n: expected an integer'
run "$cordpair" call it work '{"n": 1, "far": "anything"}'
is '2.8 a reference to elsewhere is not followed' "$status $out" '0 fine'
none '2.8 a misfit never reached the server' "$(said it 'select(.method == "tools/call") | select(.params.arguments.n == "1")')"

scripted it "{\"tools\": [{\"name\": \"work\", \"inputSchema\": {\"\$schema\": \"https://example.com/my-own\", \"type\": \"object\"}}],
	\"on\": {\"tools/call\": [[$(text fine)]]}}"
run "$cordpair" -v call it work '{"n": 1}'
is '2.8 a dialect that nobody knows does not stop the call' "$status $out" '0 fine'
like '2.8 and is told' "$err" 'my-own'

# 2.9
features='"capabilities": {"tools": {}, "resources": {}, "prompts": {}}'
for code in -32602 -32002; do
	scripted it "{$features, \"on\": {\"resources/read\": [[{\"id\": \"\$id\", \"error\": {\"code\": $code, \"message\": \"not found\"}}]]}}"
	run "$cordpair" resources read it x:y
	is "2.9 not found is told by $code" "$status" 78
	frames_are_valid "2.9 $code" it
done
scripted it "{$features, \"on\": {
	\"resources/list\": [[{\"id\": \"\$id\", \"result\": {\"resources\": [{\"uri\": \"a:1\", \"name\": \"one\"}], \"nextCursor\": \"\"}}],
		[{\"id\": \"\$id\", \"result\": {\"resources\": [{\"uri\": \"a:2\", \"name\": \"two\"}]}}]],
	\"resources/templates/list\": [[{\"id\": \"\$id\", \"result\": {\"resourceTemplates\": []}}]],
	\"prompts/list\": [[{\"id\": \"\$id\", \"result\": {\"prompts\": [{\"name\": \"p\"}], \"nextCursor\": \"2\"}}],
		[{\"id\": \"\$id\", \"result\": {\"prompts\": [{\"name\": \"q\"}]}}]],
	\"prompts/get\": [[{\"id\": \"\$id\", \"result\": {\"messages\": [{\"role\": \"user\", \"content\": {\"type\": \"text\", \"text\": \"Say p.\"}}]}}]]}}"
run "$cordpair" resources list it
is '2.9 pages of resources' "$status $(cut -f2 <<<"$out" | paste -sd' ')" '0 a:1 a:2'
run "$cordpair" prompts list it
is '2.9 pages of prompts' "$status $(cut -f2 <<<"$out" | paste -sd' ')" '0 p q'
run "$cordpair" prompts get it p k=v
is '2.9 a prompt' "$status $out" '0 Say p.'
frames_are_valid '2.9 lists' it

# 2.10
roots='{"id": "r", "method": "roots/list"}'
scripted it "{\"on\": {\"tools/call\": [[$roots]], \"answer\": [[$(text '$answer' :tools/call | sed 's/"\$answer"/"$answer"/')]]}}" '"roots": ["/tmp"]'
run "$cordpair" call it work
is '2.10 the roots of the entry' "$(jq -c .result.roots <<<"$out")" '[{"uri":"file:///tmp"}]'
is '2.10 declared' "$(said it 'select(.method == "initialize") | .params.capabilities | has("roots")')" true
frames_are_valid '2.10' it
scripted it '{}'
run "$cordpair" tools it
is '2.10 not declared where there are none' "$(said it 'select(.method == "initialize") | .params.capabilities | has("roots")')" false

# 2.11, 2.12: without permission and without a terminal, in both forms
sample='"method": "sampling/createMessage", "params": {"messages": [{"role": "user", "content": {"type": "text", "text": "?"}}], "maxTokens": 5}'
elicit='"method": "elicitation/create", "params": {"message": "Who?", "requestedSchema": {"type": "object", "properties": {}}}'
for request in "$sample" "$elicit"; do
	scripted it "{\"on\": {\"tools/call\": [[{\"id\": 0, $request}]], \"answer\": [[$(text '$answer' :tools/call)]]}}"
	run "$cordpair" call it work
	what=$(jq -r .method <<<"{$request}")
	json "2.11, 2.12 $what: answered at once" "$out" '.id == 0 and (.error.code == -32601 or .result.action == "decline")'
	frames_are_valid "2.11, 2.12 $what" it
done
is '2.11 sampling is not declared' "$(said it 'select(.method == "initialize") | .params.capabilities | has("sampling")')" false
is '2.12 elicitation is, both modes' "$(said it 'select(.method == "initialize") | .params.capabilities.elicitation')" '{"form":{},"url":{}}'
scripted it "{\"on\": {\"tools/call\": [[{\"id\": 0, \"method\": \"elicitation/create\", \"params\": {\"mode\": \"telepathy\", \"message\": \"?\"}}]],
	\"answer\": [[$(text '$answer' :tools/call)]]}}"
run "$cordpair" call it work
is '2.12 a mode that is not declared' "$(jq -c .error.code <<<"$out")" -32602

# 2.13
input() { # STATE: an input_required result with a question
	echo "{\"id\": \"\$id\", \"result\": {\"resultType\": \"input_required\", \"inputRequests\": {\"q\": {$elicit}}${1:+, \"requestState\": $1}}}"
}
complete='{"id": "$id", "result": {"resultType": "complete", "content": [{"type": "text", "text": "fine"}]}}'
state='"a \u00e9\n\u2028 \\u0041 b"'
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[$(input "$state")], [$(input '')], [$complete]]}}"
run "$cordpair" call it work
is '2.13 rounds of input' "$status $out" '0 fine'
is '2.13 the state comes back exactly, and only when there is one' \
	"$(said it 'select(.method == "tools/call") | .params.requestState' | paste -sd' ')" "null $(jq -c . <<<"$state") null"
is '2.13 each round has an id of its own' "$(said it 'select(.method == "tools/call") | .id' | sort -u | wc -l | tr -d ' ')" 3
is '2.13 the answers' "$(said it 'select(.method == "tools/call") | .params.inputResponses' | paste -sd' ')" \
	'null {"q":{"action":"decline"}} {"q":{"action":"decline"}}'
frames_are_valid '2.13' it
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[{\"id\": \"\$id\", \"result\": {\"resultType\": \"input_required\", \"requestState\": \"s\"}}], [$complete]]}}"
run "$cordpair" call it work
is '2.13 a state without questions is sent back at once' "$status $(said it 'select(.method == "tools/call") | .params.requestState' | paste -sd' ')" '0 null "s"'
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[$(input '"s"')]]}}"
run "$cordpair" call it work
is '2.13 ten rounds are enough' "$status $(said it 'select(.method == "tools/call") | 1' | wc -l | tr -d ' ')" '76 11'
for method in prompts/get resources/read; do
	scripted it "{\"era\": \"modern\", $features, \"on\": {\"$method\": [[$(input '"s"')], [{\"id\": \"\$id\", \"result\":
		{\"resultType\": \"complete\", \"messages\": [], \"contents\": [], \"ttlMs\": 0, \"cacheScope\": \"private\"}}]]}}"
	if [ $method = prompts/get ]; then run "$cordpair" --json prompts get it p; else run "$cordpair" --json resources read it a:b; fi
	is "2.13 $method too" "$(said it "select(.method == \"$method\") | .params.requestState" | paste -sd' ')" 'null "s"'
	frames_are_valid "2.13 $method" it
done

# 2.14
log='{"method": "notifications/message", "params": {"level": "warning", "logger": "disk", "data": {"full": true}}}'
scripted it "{\"capabilities\": {\"tools\": {}, \"logging\": {}}, \"on\": {\"logging/setLevel\": [[{\"id\": \"\$id\", \"result\": {}}]],
	\"tools/call\": [[$log, $(text fine)]]}}"
run "$cordpair" -v call it work
like '2.14 the log, with -v' "$err" 'server "it" says: warning disk: \{"full": ?true\}'
is '2.14 its level is asked for' "$(said it 'select(.method == "logging/setLevel") | .params.level')" '"info"'
frames_are_valid '2.14 logging' it
scripted it "{\"on\": {\"tools/call\": [[$(text fine)]]}}"
run "$cordpair" -v call it work
none '2.14 but not of a server that logs nothing' "$(said it 'select(.method == "logging/setLevel")')"
scripted it "{\"era\": \"modern\", \"capabilities\": {\"tools\": {}, \"logging\": {}}, \"on\": {\"tools/call\": [[$log, $complete]]}}"
run "$cordpair" -v call it work
is '2.14 modern: the level goes with each request' "$(said it 'select(.method == "tools/call") | .params._meta."io.modelcontextprotocol/logLevel"')" '"info"'
frames_are_valid '2.14 modern: logging' it
progress() { echo "{\"method\": \"notifications/progress\", \"params\": {\"progressToken\": $1, \"progress\": $2${3:+, $3}}}"; }
scripted it "{\"on\": {\"tools/call\": [[$(progress '"another"' 1), $(progress 4711 1), $(progress '"$id:tools/call"' 0.5 '"message": "half"'),
	$(progress '"$id:tools/call"' 1 '"total": 2'), $(text fine), $(progress '"$id:tools/call"' 2)]]}}"
run "$cordpair" --events call it work
is '2.14 progress goes by its token, may be a fraction and lack a total' \
	"$status $(event "$out" tool.progress '[.progress, .total, .message]')" '0 [0.5,null,"half"] [1,2,null]'
frames_are_valid '2.14 progress' it
scripted it "{\"on\": {\"tools/call\": [[{\"method\": \"notifications/cancelled\", \"params\": {\"requestId\": 99}},
	{\"method\": \"notifications/cancelled\"}, $(text fine)]]}}"
run "$cordpair" call it work
is '2.14 a cancellation of nothing' "$status $out" '0 fine'
TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
export TRACEPARENT
scripted it "{\"on\": {\"tools/call\": [[$(text fine)]]}}"
run "$cordpair" call it work
is '2.14 traceparent is handed on' "$(said it 'select(.method == "tools/call") | .params._meta.traceparent')" "\"$TRACEPARENT\""
frames_are_valid '2.14 traceparent' it

endpoint_stop
done_testing
