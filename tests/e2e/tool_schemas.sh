#!/bin/bash
# SPDX-License-Identifier: MIT
# Schemas toward the model: each provider family gets what it takes, and the tool gets what it knows.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

done_line='{"text": "Done."}'
tool() { jq -nc --arg name "$1" --argjson schema "$2" '{name: $name, inputSchema: $schema}'; }
{
	tool union '{"oneOf": [{"properties": {"kind": {"const": "a"}, "x": {"type": ["string", "null"]}}, "required": ["kind"]},
		{"properties": {"kind": {"const": "b"}, "y": {"type": "array"}}, "required": ["kind", "y"]}]}'
	echo ,
	tool cycle '{"type": "object", "properties": {"head": {"$ref": "#/$defs/node"}},
		"$defs": {"node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/node"}, "value": {"type": "integer", "enum": [1, 2]}}}}}'
	echo ,
	tool names '{"type": "object", "title": "N", "properties": {"user name": {"type": "string", "format": "email"},
		"nested": {"type": "object", "properties": {"größe": {"type": "number", "exclusiveMinimum": 0}}, "required": ["größe"]}},
		"required": ["user name"], "additionalProperties": false}'
	echo ,
	tool tuple '{"type": "object", "properties": {"at": {"type": "array", "items": [{"type": "number"}, {"type": "string"}]},
		"any": {"anyOf": [{"type": "object", "properties": {"a": {}}}, {"type": "string"}], "description": "Either."}}}'
	echo ,
	tool nothing '{}'
} >"$tmp/list"
server it "list=$tmp/list"

families='openai:openai/gpt-5 anthropic:anthropic/claude-haiku-4.5 google:google/gemini-2.5-pro
	bedrock:amazon/nova-pro mistral:mistralai/mistral-large xai:x-ai/grok-4 floor:qwen/qwen3'
sent=$(jq -nc '{"user name": "a", "nested": {"größe": 1}}')
for pair in $families; do
	family=${pair%%:*} model=${pair#*:}
	rules=$family
	[ "$family" != floor ] || rules=google
	export CORDPAIR_MODEL=$model
	run "$cordpair" tools --openrouter it
	array=$out
	renamed=$(jq -c --argjson sent "$sent" '[.[] | select(.function.name == "it__names").function.parameters.properties] as [$p]
		| ($p | keys | map(select(startswith("user")))[0]) as $user | ($p.nested.properties | keys[0]) as $size
		| {($user): "a", nested: {($size): 1}}' <<<"$array")
	endpoint "$(jq -nc --arg family "$rules" --argjson arguments "$renamed" \
		'{calls: [{name: "it__names", $arguments}], $family}')" "$(jq -c --arg family "$rules" '.family = $family' <<<"$done_line")"
	export CORDPAIR_MODEL=$model
	run "$cordpair" ask hi
	is "$family: no request is refused" "$status $out $(request_count)" '0 Done. 2'
	json "$family: what is sent is what tools --openrouter says" "[$array,$(request 1)]" '.[0] == (.[1].tools | map(del(.cache_control)))'
	json "$family: the tool gets its own names" "$(tool_message 2 1)" ". == $sent"
	json "$family: the model sees the names that it wrote" "$(request 2)" \
		".messages[1].tool_calls[0].function.arguments | fromjson == $renamed"
done
export CORDPAIR_MODEL=
endpoint "$(jq -c '.family = "bedrock"' <<<"$done_line")"
CORDPAIR_MODEL='' run "$cordpair" ask hi
is 'no model: what every family takes' "$status $(request_count)" '0 1'

run "$cordpair" -m google/gemini-2.5-pro tools --openrouter --explain
is '--explain: exit 0' "$status" 0
like '--explain: the family' "$out" 'family "google" \(google/gemini-2.5-pro\)'
like '--explain: a change, where and what' "$out" '/properties/user name/format: went into the description$'
like '--explain: what is lost is marked' "$out" '/\$ref: the cycle "#/\$defs/node" is cut \(lossy\)$'
like '--explain: how many are as listed' "$out" '^[0-9]+ of [0-9]+ tools are sent as listed'
run "$cordpair" -m openai/gpt-5 --json tools --explain it
json '--explain --json' "$out" 'length > 20 and all(.[]; .changes | type == "array") and (map(select(.name == "it__cycle"))[0].changes
	| any(.lossy and (.where | endswith("/next/$ref"))))'
run "$cordpair" -m anthropic/claude-haiku-4.5 tools --explain it
like 'a renamed property is told' "$out" '/properties/user name: goes out as "user_name_[0-9a-f]{8}"$'
run "$cordpair" -m google/gemini-2.5-pro tools --openrouter it
first=$out
run "$cordpair" -m google/gemini-2.5-pro tools --openrouter it
is 'the same bytes each time' "$first" "$out"
endpoint_stop
done_testing
