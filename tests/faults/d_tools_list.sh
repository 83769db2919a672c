#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group D: tools/list. What is wrong with one tool leaves out that tool.
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"

# listed RESULT [N]: what bad answers to tools/list (the Nth time), beside the good canary
listed() {
	bad "faults tools/list=$tmp/listed ${modes-}"
	jq -c --argjson id 0 '{jsonrpc: "2.0", id: "@ID@", result: .}' <<<"$1" | sed 's/"@ID@"/@ID@/' >"$tmp/listed${2:+.$2}"
}
# of TOOL...: a result that lists these
of() { jq -sc '{tools: .}' <<<"$*"; }
tool() { jq -nc --arg name "$1" --argjson schema "${2:-{\}}" '{$name, inputSchema: ({type: "object"} + $schema)}'; }
# left_out REGEX: one tool is, the good one beside it can be called, the others are unaffected
left_out() {
	attempt tools --json bad
	ends 0 "server \"bad\": tool \"[^\"]*\" is left out: $1"
	json "$label: the good one stays" "$out" 'any(.[]; .tool == "raw")'
	works
}
works() {
	printf '{"jsonrpc":"2.0","id":@ID@,"result":{"content":[{"type":"text","text":"raw"}]}}\n' >"$tmp/raw"
	asks_both raw "{\"file\": \"$tmp/raw\"}"
	ends 0
	is "$label: the good one works" "$told" raw
}

# Counted to 1,000 (design); cursors are opaque, so that they come again means nothing.
row D1 'pages without an end'
for mode in 'bare endless-pages' 'bare pages=100000' endless-pages; do
	case_ "$mode"
	bad "$mode"
	attempt tools bad
	ends 69 'server "bad": tools/list: there is no end to its pages'
	ok "$label: few words" [ "$(wc -l <"$tmp/err")" -lt 20 ]
	asks_canary
	ends 0 'server "bad": tools/list: there is no end to its pages; it is left out'
done

row D2 'cursors that are none'
for cursor in null 7 '{}' "\"$(head -c 1000000 /dev/zero | tr '\0' c)\""; do
	case_ "${cursor:0:10}"
	listed "{\"tools\": [$(tool raw)], \"nextCursor\": ${cursor:0:1}}" 2>/dev/null
	printf '{"jsonrpc":"2.0","id":@ID@,"result":{"tools":[%s],"nextCursor":%s}}\n' "$(tool raw)" "$cursor" >"$tmp/listed"
	line_bytes=1000000
	works
done

# The limit is 10,000 (design); what lists more is given up, as no choice among them would be right.
row D3 'ten thousand tools'
bad 'bare tools=10000'
line_bytes=3000000
attempt tools --tsv bad
ends 0
is "$label: they are listed" "$(wc -l <"$tmp/out")" 10000
bad 'bare tools=10001'
attempt tools bad
ends 69 'server "bad": tools/list: it lists more than 10000 tools'
asks_canary
ends 0

# The first one stays: a client that asked for the name would have got it.
row D4 'the same name twice'
listed "$(of "$(tool raw)" "$(tool twice)" "$(tool twice)")"
left_out 'another tool of this server has the same name'
case_ 'a thousand times'
listed "$(jq -nc '{tools: ([{name: "raw"}] + [range(1000) | {name: "twice"}])}')"
attempt tools bad
ends 0 'server "bad": 989 more tools are left out'
works

row D5 'names that no provider takes'
listed "$(jq -nc '{tools: ([{name: "raw", inputSchema: {}}] + (["", "a b", "größe", ".", "a/b", "constructor", "__proto__", "1st", "a\u001b[31mb", ("n" * 1024)] | map({name: ., inputSchema: {type: "object"}})))}')"
attempt tools --json bad
ends 0 'tool "\?" is left out: its name is missing, no text, has a NUL, or is longer than 128 bytes'
is "$label: two have none" "$(grep -c 'tool "?" is left out' "$tmp/err")" 2
json "$label: the others are mapped, and the original is shown" "$out" 'length == 9 and all(.[]; .name | test("^[A-Za-z_][A-Za-z0-9_-]{0,63}$"))
	and (map(.name) | unique | length) == 9 and any(.[]; .tool == "größe") and any(.[]; .name == "bad__constructor")'
attempt tools bad
unlike "$label: no control characters" "$out" $'\e'
works

row D6 'names that collide when they are mapped'
long=$(printf 'x%.0s' $(seq 62))
for entry in bad canary; do
	server $entry "bare list=$tmp/colliding"
done
jq -nc --arg long "$long" '["a.b", "a_b", "a b", "read_file", ($long + "aaaaaaaa"), ($long + "bbbbbbbb")] | map({name: ., inputSchema: {type: "object"}})[]' |
	paste -sd, >"$tmp/colliding"
attempt tools --json
json "$label: all are there, all are distinct" "$out" 'length == 12 and (map(.name) | unique | length) == 12'
name=$(jq -r '.[] | select(.server == "bad" and (.tool | endswith("bbbbbbbb"))) | .name' <<<"$out")
endpoint "{\"calls\": [{\"name\": \"$name\", \"arguments\": {\"a\": 1}}, {\"name\": \"canary__a_b\", \"arguments\": {\"b\": 2}}]}" '{"text": "Done."}'
attempt --events ask hi
ends 0
is "$label: each call goes where it belongs" "$(tool_message 2 1)$(tool_message 2 2)" '{"a":1}{"b":2}'
is "$label: with its own name" "$(event "$out" tool.call .tool)" "${long}bbbbbbbb a_b"

# One that is missing, or null, takes no arguments: servers of the field leave it out.
row D7 'schemas that are none'
for schema in '[]' '"x"' 7 true; do
	case_ "$schema"
	listed "$(of "$(tool raw)" "{\"name\": \"odd\", \"inputSchema\": $schema}")"
	left_out 'its inputSchema is not an object'
done
for member in '' ', "inputSchema": null' ', "inputSchema": {"type": "string"}' ', "inputSchema": {"type": 7, "properties": []}'; do
	case_ "${member:-missing}"
	listed "$(of "$(tool raw)" "{\"name\": \"odd\"$member}")"
	attempt tools --openrouter bad
	ends 0
	json "$label: it is offered as an object" "$out" 'map(select(.function.name == "bad__odd")) | length == 1 and .[0].function.parameters.type == "object"'
	works
done

row D8 'schemas that hurt'
line_bytes=3000000
case_ 'larger than 1 MiB'
listed "$(of "$(tool raw)" "$(jq -nc '{name: "odd", inputSchema: {type: "object", description: ("x" * 1100000)}}')")"
left_out 'its inputSchema is larger than 1 MiB'
case_ 'a hundred levels'
deep=$(jq -nc 'reduce range(40) as $i ({type: "string"}; {type: "object", properties: {a: .}})')
listed "$(of "$(tool raw)" "{\"name\": \"odd\", \"inputSchema\": $deep}")"
works
case_ 'a hundred thousand values'
listed "$(of "$(tool raw)" "$(jq -nc '{name: "odd", inputSchema: {type: "object", properties: {a: {enum: [range(100000) | tostring]}}}}')")"
line_bytes=20000000
works
case_ 'cycles, and a pattern that explodes'
listed "$(of "$(tool raw)" "$(tool odd '{"properties": {"a": {"$ref": "#"}, "b": {"$ref": "#/$defs/x"}, "c": {"type": "string", "pattern": "^(a+)+$"}}, "$defs": {"x": {"allOf": [{"$ref": "#/$defs/x"}]}}}')")"
works
attempt call bad odd "c=$(printf 'a%.0s' $(seq 40))b"
ends 1 'Unknown tool' # a match that takes too long refuses nothing: the tool itself decides
case_ 'references to other places are never fetched'
endpoint '{"calls": [{"name": "bad__odd", "arguments": {"a": 1}}]}' '{"text": "Done."}'
listed "$(of "$(tool odd "{\"properties\": {\"a\": {\"\$ref\": \"$base_url/schema.json\"}, \"b\": {\"\$ref\": \"file:///etc/passwd\"}}}")")"
attempt --events ask hi
ends 0
is "$label: the endpoint got two requests and no other" "$(jq -r '.method + " " + .path' "$tmp/requests" | sort | uniq -c | tr -s ' ')" \
	' 2 POST /api/v1/chat/completions'

row D9 'a schema in words that the provider refuses'
listed "$(of "$(tool raw)" "$(tool odd '{"$schema": "http://json-schema.org/draft-07/schema#", "anyOf": [{"required": ["k"]}], "properties": {"k": {"const": "a"}}}')")"
for family in google:google/gemini-2.5-pro openai:openai/gpt-5 anthropic:anthropic/claude-haiku-4.5 bedrock:amazon/nova-pro; do
	case_ "${family%%:*}"
	endpoint "{\"text\": \"Done.\", \"family\": \"${family%%:*}\"}"
	attempt --json ask -m "${family#*:}" hi
	ends 0
	is "$label: it is taken as it is sent" "$(request_count)" 1
done
attempt call bad odd k=b
ends 65 'arguments\.k: expected "a"'

row D10 'descriptions'
line_bytes=4000000
listed "$(of "$(tool raw)" "$(jq -nc '{name: "long", description: ("d" * 1000000)}, {name: "none"}, {name: "seven", description: 7}, {name: "odd", title: "\u001b]0;x\u0007", description: "a\u001b[2Jb\u202e"}')")"
attempt tools bad
ends 0
unlike "$label: no control characters" "$out" $'[\e\a]'
works
json "$label: nor for the model" "$(request 1)" '[.. | strings] | all(test("\u001b") | not)'

row D11 'another list each time'
listed "$(of "$(tool raw)" "$(tool notifications)" "$(tool one)")"
listed "$(of "$(tool raw)" "$(tool notifications)" "$(tool two)")" 2
endpoint '{"calls": [{"name": "bad__notifications", "arguments": {"count": 1, "method": "notifications/tools/list_changed"}}]}' \
	'{"calls": [{"name": "canary__sleep", "arguments": {"ms": 300}}, {"name": "canary__echo", "arguments": {"text": "alive"}}]}' \
	'{"text": "Done."}'
attempt --events ask hi
ends 0
canary_is_alive "$(tool_message 3 3)"
is "$label: what comes after it has the new list" "$(for n in 1 3; do request $n | jq -r '[.tools[].function.name | select(test("^bad__(one|two)$"))] | join(" ")'; done | paste -sd' ')" \
	'bad__one bad__two'

row D12 'a tool that is gone when it is called'
rm -f "$tmp"/listed.*
listed "$(of "$(tool raw)" "$(tool notifications)" "$(tool gone)")"
listed "$(of "$(tool raw)" "$(tool notifications)")" 2
endpoint '{"calls": [{"name": "bad__notifications", "arguments": {"count": 1, "method": "notifications/tools/list_changed"}}]}' \
	'{"calls": [{"name": "canary__sleep", "arguments": {"ms": 300}}]}' \
	'{"calls": [{"name": "bad__gone"}, {"name": "canary__echo", "arguments": {"text": "alive"}}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0
canary_is_alive "$(tool_message 4 4)"
like "$label: the model is told" "$(tool_message 4 3)" '^Error: there is no tool called "bad__gone"'
rm -f "$tmp"/listed.*

row D13 'no tools'
capabilities() {
	printf '{"jsonrpc":"2.0","id":@ID@,"result":{"protocolVersion":"2025-11-25","capabilities":%s,"serverInfo":{"name":"x","version":"1"}}}\n' "$1" >"$tmp/initialize"
	modes="initialize=$tmp/initialize" listed "$(of)"
}
capabilities '{}'
attempt tools bad
ends 0
asks_canary
ends 0
case_ 'tools/list is no method of it'
capabilities '{"tools": {}}'
echo '{"jsonrpc":"2.0","id":@ID@,"error":{"code":-32601,"message":"Method not found"}}' >"$tmp/listed"
attempt tools bad
ends 0 'server "bad" has no tools/list, so it has no tools'
rm -rf "$XDG_STATE_HOME" # else it is known, and not started
asks_canary
ends 0 'server "bad" has no tools/list'
case_ 'an error of its own'
echo '{"jsonrpc":"2.0","id":@ID@,"error":{"code":-32000,"message":"no \u001b[31mdatabase"}}' >"$tmp/listed"
attempt tools bad
ends 69 'server "bad" refused tools/list: no .*database'
rm -rf "$XDG_STATE_HOME"
asks_canary
ends 0 'server "bad" refused tools/list: .*it is left out'
for result in '{}' '{"tools": null}' '{"tools": {}}' '[]' 7 null; do
	case_ "$result"
	echo "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"result\":$result}" >"$tmp/listed"
	attempt tools bad
	ends 69 'server "bad": tools/list: its answer to tools/list has no "tools"'
done

# Only "readOnlyHint": true relaxes anything, and only where the policy asks for it.
row D14 'annotations of wrong types'
listed "$(jq -nc '{tools: ([{name: "raw"}] + ([7, [], null, {readOnlyHint: "yes"}, {readOnlyHint: 1, destructiveHint: true}, {readOnlyHint: true, destructiveHint: true}] | to_entries | map({name: "t\(.key)", annotations: .value})))}')"
works
attempt tools --json bad
json "$label: all are there" "$out" 'length == 7'
sed -i 's/"policy": "allow"/"policy": "ask"/' "$servers_d/bad.json"
witness_options=(--no-terminal)
for n in 0 3 4 5; do
	attempt call bad t$n
	ends 3 "needs a person's approval and there is nobody to ask"
done

# Providers do not say how many they take: the host's own limit is below what any of them refuses.
row D15 'more tools than a request may have'
listed "$(jq -nc '{tools: ([{name: "raw", inputSchema: {type: "object"}}] + [range(150) | {name: "t\(.)", inputSchema: {type: "object"}}])}')"
works
says 'tools are too many at once: the model gets [0-9]+ and finds the others by find_tools'
first=$(request 1 | jq -c '[.tools[].function.name]')
json "$label: as many as it may have, and how to find the others" "$first" 'length <= 41 and any(.[]; . == "find_tools")'
works
is "$label: the same ones again" "$(request 1 | jq -c '[.tools[].function.name]')" "$first"

endpoint_stop
done_testing
