#!/bin/bash
# SPDX-License-Identifier: MIT
# Servers that ask the model (sampling): only where the entry allows it, within its budget.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

calls() { # SERVER PARAMS...: an answer that calls its tool once with each
	local name=$1
	shift
	printf '%s\n' "$@" | jq -sc --arg name "${name}__sample" '{calls: [.[] | {name: $name, arguments: {params: .}}]}'
}
hello='{"messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}], "maxTokens": 50}'

for era in legacy modern; do
	no_servers
	server it "$era" '"sampling": true'
	endpoint "$(calls it "$hello")" '{"text": "Hello!"}' '{"text": "Done."}'
	run "$cordpair" ask hi
	is "$era: the run" "$status $out" '0 Done.'
	is "$era: what the model is asked" "$(request 2 | jq -c '[.messages, .max_tokens, .tools, .model]')" \
		'[[{"role":"user","content":"Say hello."}],50,null,"test/model"]'
	like "$era: the server gets the answer" "$(tool_message 3 1)" \
		'"role":"assistant","content":\{"type":"text","text":"Hello!"\},"model":"test/model-20260101","stopReason":"endTurn"'
	like "$era: the person is told" "$err" 'server "it" asks the model \(1 of 10\)'
done

# Everything that a request may hold.
server it '' '"sampling": {"requests": 2, "max_tokens": 30, "model": "cheap/one"}'
all='{"systemPrompt": "Be brief.", "temperature": 0.5, "stopSequences": ["a", "b"], "maxTokens": 1000,
	"tools": [{"name": "look", "description": "Looks.", "inputSchema": {"type": "object"}}], "toolChoice": {"mode": "required"},
	"messages": [{"role": "user", "content": [{"type": "text", "text": "See."}, {"type": "image", "mimeType": "image/png", "data": "AAEC"},
		{"type": "audio", "mimeType": "audio/wav", "data": "AAEC"}]},
	{"role": "assistant", "content": [{"type": "text", "text": "I look."}, {"type": "tool_use", "id": "u1", "name": "look", "input": {"at": 1}}]},
	{"role": "user", "content": {"type": "tool_result", "toolUseId": "u1", "content": [{"type": "text", "text": "A cat."}]}}]}'
endpoint "$(calls it "$all")" '{"text": "Again.", "calls": [{"name": "look", "arguments": {"at": 2}}]}' '{"text": "Done."}'
run "$cordpair" ask hi
is 'all of it: the run' "$status $out" '0 Done.'
json 'all of it: the request' "$(request 2)" '.model == "cheap/one" and .max_tokens == 30 and .temperature == 0.5
	and .stop == ["a", "b"] and .tool_choice == "required" and .tools[0].function.name == "look"
	and .messages[0] == {role: "system", content: "Be brief."}
	and .messages[1].content[1].image_url.url == "data:image/png;base64,AAEC"
	and .messages[1].content[2].input_audio == {format: "wav", data: "AAEC"}
	and .messages[2].content == "I look." and (.messages[2].tool_calls[0].function.arguments | fromjson) == {at: 1}
	and .messages[3] == {role: "tool", tool_call_id: "u1", content: "A cat."}'
json 'all of it: the answer' "$(tool_message 3 1)" '.stopReason == "toolUse" and .content[0].text == "Again."
	and .content[1].type == "tool_use" and .content[1].name == "look" and .content[1].input == {at: 2}'

server it modern '"sampling": {"requests": 2}'
endpoint "$(calls it "$hello" "$hello" "$hello")" '{"text": "1"}' '{"text": "2"}' '{"text": "Done."}'
run "$cordpair" ask hi
is 'the budget: the run' "$status $out" '0 Done.'
is 'the budget: two requests, not three' "$(request_count)" 4
like 'the budget: said' "$err" 'server "it" wants to ask the model; refused: its entry allows no more in one run'

# What goes wrong
server it '' '"sampling": true'
bad() { # WHAT PARAMS PATTERN
	endpoint "$(calls it "$2")" '{"text": "Done."}'
	run "$cordpair" ask hi
	is "$1: the run goes on" "$status $out $(request_count)" '0 Done. 2'
	like "$1: said to the server" "$(tool_message 2 1)" "$3"
}
bad 'no messages' '{"messages": [], "maxTokens": 5}' '"code":-32602.*no messages'
bad 'an odd role' '{"messages": [{"role": "system", "content": []}], "maxTokens": 5}' '"code":-32602.*neither'
bad 'a result beside a text' '{"messages": [{"role": "assistant", "content": {"type": "tool_use", "id": "a", "name": "x", "input": {}}},
	{"role": "user", "content": [{"type": "tool_result", "toolUseId": "a", "content": []}, {"type": "text", "text": "x"}]}], "maxTokens": 5}' \
	'nothing but tool_results'
bad 'a use without a result' '{"messages": [{"role": "assistant", "content": {"type": "tool_use", "id": "a", "name": "x", "input": {}}}], "maxTokens": 5}' \
	'has no tool_result'
server it ''
bad 'not allowed' "$hello" '"code":-32601.*not allowed'
server it '' '"sampling": true'
run "$cordpair" call it sample "params=$hello"
like 'no model: refused' "$status $out" '0 .*"code":-1.*there is no model in this command'
endpoint "$(calls it "$hello")" '{"status": 400, "body": {"error": {"message": "no such thing", "code": 400}}}' '{"text": "Done."}'
run "$cordpair" ask hi
is 'the model refuses: the run goes on' "$status $out" '0 Done.'
like 'the model refuses: the server is told' "$(tool_message 3 1)" '"code":-32603.*no such thing'
server it '' '"sampling": {"requests": 0}'
run "$cordpair" call it echo text=x
is 'an odd entry: exit' "$status" 78
like 'an odd entry: said' "$err" 'it.json:[0-9:]+ "requests" is not a whole number'
endpoint_stop
done_testing
