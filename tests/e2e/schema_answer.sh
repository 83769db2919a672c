#!/bin/bash
# SPDX-License-Identifier: MIT
# ask --schema: the answer is JSON that fits, whatever the endpoint takes and the model writes.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

cat >"$tmp/schema.json" <<'END'
{ "type": "object", "properties": { "city": { "type": "string" }, "degrees": { "type": "integer" } },
  "required": [ "city" ], "additionalProperties": false }
END
good='{"city":"Bärlin","degrees":7}'
answer() { jq -nc --arg text "$1" '{$text}'; }
refusal() { jq -nc --arg message "$1" '{status: 400, body: {error: {code: 400, $message}}}'; }
asks() { run "$cordpair" ask --schema "$tmp/schema.json" "$@" 'How warm is it?'; }
formats() { jq -sc '[.[].body.response_format | if . == null then "words" else .json_schema.strict end]' "$tmp/requests"; }

endpoint "$(answer "$good")"
asks
is 'an answer that fits' "$status $out" "0 $good"
json 'the schema goes out' "$(request 1 | jq -c --slurpfile schema "$tmp/schema.json" '[.response_format, $schema[0]]')" \
	'.[0] == {type: "json_schema", json_schema: {name: "answer", strict: true, schema: .[1]}}'
endpoint "$(answer $'\n```json\n'"$good"$'\n```\n')"
asks --no-stream
is 'a fence around it is taken off' "$status $out" "0 $good"
endpoint "$(answer 'It is warm.')" "$(answer '{"city": 7}')" "$(answer "$good")"
asks
is 'what does not fit is repaired' "$status $out" "0 $good"
is 'what did not fit is nowhere on stdout' "$(wc -l <"$tmp/out")" 1
like 'the model is told: not JSON' "$(request 2 | jq -r '.messages[-1].content')" '^the answer is not JSON \(line 1, column 1: .*Answer again, with the JSON alone'
like 'the model is told: what does not fit' "$(request 3 | jq -r '.messages[-1].content')" 'does not fit the schema: answer\.city: expected a string'
json 'the conversation is whole' "$(request 3)" '[.messages[].role] == ["user", "assistant", "user", "assistant", "user"]'
endpoint "$(answer 'no' | jq -c '.repeat = 9')"
asks
is 'three answers that do not fit: exit 1, nothing on stdout' "$status $out $(request_count)" '1  3'
like 'it says why' "$err" 'the answer is not JSON'
run "$cordpair" --json ask --schema "$tmp/schema.json" hi
json '--json says so too' "$out" '.exit == 1 and .text == "no" and (.error | test("not JSON"))'
endpoint "$(answer "$good")"
run "$cordpair" --events ask --schema "$tmp/schema.json" hi
events_are_valid '--schema' "$out"
json 'run.end has the JSON' "$(event "$out" run.end .text)" ". == $good"
endpoint "$(jq -nc --arg text '{"city": "Ber' '{$text, finish: "length"}')" "$(answer "$good")"
asks
is 'an answer that was cut off is asked for again' "$status $out" "0 $good"

# With tools
server it ''
endpoint '{"calls": [{"name": "it__add", "arguments": {"a": 3, "b": 4}}]}' "$(answer "$good")"
asks
is 'tools are called before' "$status $out $(tool_message 2 1)" "0 $good 7"
is 'the format is in every request' "$(formats)" '[true,true]'
endpoint "$(jq -nc '{calls: [range(101) | {name: "it__add", arguments: {a: .}}]}')" "$(answer "$good")"
asks
is 'past a limit: what fits is printed, exit 4' "$status $out" "4 $good"
endpoint "$(jq -nc '{calls: [range(101) | {name: "it__add", arguments: {a: .}}]}')" "$(answer no)"
asks
is 'past a limit nothing is repaired' "$status $out $(request_count)" '4  2'

# Endpoints that do not take it
endpoint "$(refusal "Invalid schema for response_format 'answer': 'additionalProperties' is required")" "$(answer "$good")"
asks
is 'no strict schema: loosely' "$status $out $(formats)" "0 $good [true,false]"
endpoint "$(refusal 'response_format is not supported')" "$(refusal 'response_format is not supported')" "$(answer "$good")"
asks
is 'no format at all: in words' "$status $out $(formats)" "0 $good [true,false,\"words\"]"
like 'the words have the schema' "$(request 3 | jq -r '.messages[-1].content')" '^Give the final answer as JSON alone.*'
endpoint "$(refusal 'Provider returned error')" "$(answer "$good")"
asks
is 'a refusal without a reason: after no tool was to blame' "$status $out $(formats)" "0 $good [true,\"words\",\"words\",false]"
no_servers
bad=$(refusal 'temperature: out of range')
endpoint "$bad" "$bad" "$bad"
asks
is 'refused in every way: exit 76' "$status $(request_count)" '76 3'
like 'the endpoint is repeated' "$err" 'temperature: out of range'

# The file
wrong() {
	run "$cordpair" ask --schema "$tmp/wrong.json" hi
	is "$1: exit 2" "$status" 2
	like "$1: the sentence" "$err" "$2"
}
wrong 'no file' 'wrong\.json'
echo '{"type": "object",}' >"$tmp/wrong.json"
wrong 'not JSON' 'wrong\.json:1:19: not JSON'
echo ' [1]' >"$tmp/wrong.json"
wrong 'no object' 'a schema is a JSON object'
echo '{"$schema": "https://example.org/x"}' >"$tmp/wrong.json"
wrong 'an unknown dialect' 'wrong\.json: '
endpoint_stop
done_testing
