#!/bin/bash
# SPDX-License-Identifier: MIT
# Arguments are checked against the tool's schema before the call; results against outputSchema.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

server it ''
endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": 5}}, {"name": "it__add", "arguments": {"a": "1", "b": 2}},
	{"name": "it__echo", "arguments": {"text": "five"}}]}' '{"text": "Done."}'
run "$cordpair" --trace "$tmp/trace" --events ask hi
is 'the model gets one sentence' "$(tool_message 2 1)" \
	'Error: arguments.text: expected a string, got a number'
is 'a numeric string is not silently a number' "$(tool_message 2 2)" \
	'Error: arguments.a: expected an integer, got a string'
is 'what fits is called' "$(tool_message 2 3)" five
is 'and nothing else reaches the server' \
	"$(jq -r 'select(.type == "mcp.send") | .json.params.arguments.text // empty' "$tmp/trace")" five
is 'the run goes on' "$(event "$out" run.end '[.exit, .text]')" '[0,"Done."]'
events_are_valid 'a misfit' "$out"
endpoint_stop

run "$cordpair" --trace "$tmp/trace2" call it echo '{"text": {"a": 1}}'
is 'call: exit 65' "$status" 65
like 'call: where and what' "$err" '^cordpair: server "it", tool "echo": arguments\.text: expected a string, got an object'
unlike 'call: the server is not asked' "$(cat "$tmp/trace2")" 'tools/call'
run "$cordpair" call it add a=1.5
is 'call: a pair that does not fit: exit 65' "$status" 65

# zod lists what has a default as required; its servers fill it in.
echo '{"name": "shot", "inputSchema": {"type": "object", "required": ["of", "scale", "größe"], "properties": {
	"of": {"type": "string"}, "scale": {"enum": ["css", "device"], "default": "css"},
	"gr\u00f6\u00dfe": {"type": "object", "default": {"a": 1}}}}}' >"$tmp/list"
server it "list=$tmp/list"
run "$cordpair" call it shot of=page
is 'a required argument that has a default: sent as it was' "$status $(jq -c . <<<"$out")" '0 {"of":"page"}'
run "$cordpair" call it shot '{"größe": {}, "of": "page"}'
is 'the same before others' "$status" 0
run "$cordpair" call it shot '{}'
is 'one that has none: exit' "$status" 65
like 'one that has none: said' "$err" 'arguments: "of" is missing'
run "$cordpair" call it shot of=page scale=big
is 'a value that does not fit: exit' "$status" 65
endpoint '{"calls": [{"name": "it__shot", "arguments": {"of": "page"}}]}' '{"text": "Done."}'
run "$cordpair" ask hi
is 'and from the model' "$(tool_message 2 1 | jq -c .)" '{"of":"page"}'
endpoint_stop

server it odd-output
run "$cordpair" call it structured
is 'a result that does not fit its outputSchema: exit 0' "$status" 0
like 'it goes on' "$out" '"n": ?1'
like 'and is said' "$err" 'outputSchema: structuredContent\.n: expected a string, got a number'
done_testing
