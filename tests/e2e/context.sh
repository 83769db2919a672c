#!/bin/bash
# SPDX-License-Identifier: MIT
# A conversation that nears what the model takes: old results are shortened, then all is summarised.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

sessions=$XDG_STATE_HOME/cordpair/sessions
forget() { rm -rf "$sessions"; }
# takes TOKENS: what the list of models says of the model; nothing: there is none.
takes() {
	mkdir -p "$XDG_CACHE_HOME/cordpair"
	rm -f "$XDG_CACHE_HOME"/cordpair/models-*
	[ -z "${1-}" ] || jq -nc --argjson tokens "$1" '{data: [{id: "test/model", context_length: $tokens, supported_parameters: ["tools"]}]}' \
		>"$XDG_CACHE_HOME/cordpair/models-$(printf %s "$base_url" | sha256sum | cut -c1-16).json"
}
big() { jq -nc --argjson bytes "$1" '{calls: [{name: "it__big", arguments: {$bytes}}], usage: null}'; }
long() { head -c "$1" /dev/zero | tr '\0' "${2:-x}"; }
say() { jq -nc --arg text "$1" '{$text, usage: null}'; }
too_long() { jq -nc --arg message "$1" '{status: 400, body: {error: {code: 400, $message}}}'; }
messages() { request "$1" | jq -c .messages; }
prefix() { messages "$1" | sed 's/]$//'; }
server it '' '"include_tools": ["big"]'

# 4000 tokens are 14000 bytes: from 11200 on it is shortened to 7000
endpoint "$(big 3000)" "$(big 3001)" "$(big 3002)" "$(big 3003)" "$(big 3004)" \
	'{"calls": [{"name": "read_result", "arguments": {"id": 1, "length": 1000}}], "usage": null}' "$(say Done.)"
takes 4000
run "$cordpair" --events ask hi
is 'results: exit' "$status" 0
events_are_valid 'results' "$out"
json 'results: nothing is changed before it is needed' "$(request 4)" '[.messages[] | select(.role == "tool") | .content | length] == [3000, 3001, 3002]'
json 'results: the old ones are shortened, the last is whole' "$(request 5)" \
	'[.messages[] | select(.role == "tool") | .content | length] | (.[0:3] | all(. < 600)) and .[3] == 3003'
json 'results: and read_result is offered with it' "$(request 5)" '[.tools[].function.name] == ["it__big", "read_result"]'
is 'results: a shortened one' "$(tool_message 5 2)" \
	"$(tool_message 4 2 | head -c 300)"$'\n''[This is the beginning: 300 of 3001 bytes. All of it is kept: read_result with {"id":2,"offset":300} reads on; with "search" it finds a text.]'
is 'results: in one large step, so that the next requests begin alike' \
	"$(prefix 6 | grep -cF "$(prefix 5)")$(prefix 7 | grep -cF "$(prefix 6)")" 11
is 'results: what was shortened can be read' "$(tool_message 7 6 | tail -n +2 | head -c 999)" "$(tool_message 2 1 | head -c 999)"
is 'results: the events say it' "$(event "$out" warning .text)" \
	'the conversation nears the 4000 tokens that the model takes: 3 results of tools are shortened'
is 'results: stderr too' "$(grep -c '3 results of tools are shortened' "$tmp/err")" 1
id=$("$cordpair" --json sessions | jq -r '.[0].id')
is 'results: the session has what was sent' "$("$cordpair" --json sessions show "$id" | jq -c '.messages[0:-1]')" "$(messages 7)"
like 'results: and all that was said' "$("$cordpair" sessions show "$id")" 'earlier messages are sent otherwise: the conversation neared what the model takes'
takes 4000
endpoint "$(say Done.)"
takes 4000
run "$cordpair" ask --resume more
is 'results: resumed' "$(messages 1 | jq -c '.[0:-2]')" "$("$cordpair" --json sessions show "$id" | jq -c '.messages[0:-3]')"

# A rate that the endpoint tells: 2 bytes a token
forget
counted() { jq -nc --argjson bytes "$1" --argjson tokens "$2" '{calls: [{name: "it__big", arguments: {$bytes}}], usage: {prompt_tokens: $tokens, completion_tokens: 1, total_tokens: ($tokens + 1)}}'; }
endpoint "$(counted 3000 150)" "$(counted 3001 2400)" "$(say Done.)"
takes 4000
run "$cordpair" ask hi
is 'a rate of tokens that is higher: exit' "$status" 0
json 'it is shortened earlier' "$(request 3)" '[.messages[] | select(.role == "tool") | .content | length] | .[0] < 600 and .[1] >= 1000'

# One result must not fill a small context
forget
endpoint "$(big 100000)" "$(say Done.)"
takes 4000
run "$cordpair" ask hi
like 'a small context: a result gets a quarter' "$(tool_message 2 1 | tail -n 1)" 'the beginning: 3500 of 100000 bytes'
endpoint "$(jq -nc '{calls: [range(5) | {name: "it__big", arguments: {bytes: (4000 + .)}}], usage: null}')" "$(say Done.)"
takes 4000
run "$cordpair" ask hi
json 'five at once: the newest are shortened too, as far as needed' "$(request 2)" \
	'[.messages[] | select(.role == "tool") | .content | length] | .[0] < 600 and .[1] < 600 and .[2] < 4000 and .[4] > 3500'
like 'five at once: and are kept from their beginning' "$(tool_message 2 1 | tail -n 1)" 'the beginning: 300 of 4000 bytes'

# The endpoint says it
for said in "This endpoint's maximum context length is 4000 tokens. However, you requested about 9999 tokens (9999 of text input)." \
	'prompt is too long: 4400 tokens > 4000 maximum' \
	'request (4400 tokens) exceeds the available context size (4000 tokens), try increasing it' \
	'The input token count (4400) exceeds the maximum number of tokens allowed (4000).' \
	'The total length of all messages is too long.'; do
	forget
	endpoint "$(big 3001)" "$(big 3002)" "$(big 3003)" "$(big 3000)" "$(too_long "$said")" "$(say Done.)"
	takes
	run "$cordpair" ask hi
	is "${said:0:30}…: the run goes on" "$status $out" '0 Done.'
	json "${said:0:30}…: with less" "$(request 6)" '[.messages[] | select(.role == "tool") | .content | length] | .[0] < 600 and .[3] == 3000'
	like "${said:0:30}…: it is said" "$err" 'results? of tools (are|is) shortened'
done
full=$(too_long "This endpoint's maximum context length is 4000 tokens. However, you requested about 9999 tokens.")
forget
endpoint "$full"
run "$cordpair" ask "$(long 20000)"
is 'a prompt that is too long: exit 76, after one request' "$status $(request_count)" '76 1'
like 'a prompt that is too long: the sentence' "$err" 'the conversation is longer than .* can take'
endpoint "$(big 3000)" "$full" "$full" "$full" "$full" "$full" "$full" "$full"
run "$cordpair" ask hi
is 'whatever is sent is refused: it ends' "$status" 76
ok 'whatever is sent is refused: after a few requests' [ "$(request_count)" -lt 8 ]

# A summary
forget
endpoint "$(say "$(long 3500 a)")" "$(say "$(long 3500 b)")" "$(say "We said a and b.")" "$(say Done.)" "$(say Again.)"
takes 4000
run "$cordpair" ask "first $(long 2000)"
run "$cordpair" ask --resume "second $(long 2000)"
run "$cordpair" --events ask --resume 'third'
is 'a summary: exit' "$status" 0
events_are_valid 'a summary' "$out"
json 'a summary: asked with what was sent before' "[$(request 2),$(request 3)]" \
	'.[1].messages[0:3] == .[0].messages and .[0].tools == .[1].tools and .[1].tool_choice == "none" and (.[1].messages[-1].content | test("Sum it up"))'
json 'a summary: stands in the place of what it sums up' "$(request 4)" '[.messages[].role] == ["user", "assistant", "user"]
	and (.messages[0].content | startswith("Summary of this conversation so far") and endswith("\n\nWe said a and b.")) and .messages[2].content == "third"'
is 'a summary: the events say it' "$(event "$out" warning .text)" \
	'the conversation does not fit into the 4000 tokens that the model takes: its first 3 messages are replaced by a summary'
is 'a summary: its request counts' "$(tail -n 1 "$sessions"/*.jsonl | jq .requests)" 2
run "$cordpair" ask --resume 'fourth'
is 'a summary: resumed' "$(prefix 5 | grep -cF "$(prefix 4)")" 1
like 'a summary: what was said first is in the session' "$("$cordpair" sessions show "$("$cordpair" --json sessions | jq -r '.[0].id')")" 'first x'

# In the middle of a run the prompt stays, also from summary to summary
forget
step() { jq -nc --arg text "$(long 3500 "$1")" '{$text, calls: [{name: "it__big", arguments: {bytes: (100 + ($text[0:1] | explode[0]))}}], usage: null}'; }
endpoint "$(step a)" "$(step b)" "$(step c)" "$(say 'Sum one.')" "$(step e)" "$(step f)" "$(say 'Sum two.')" "$(say Done.)"
takes 4000
run "$cordpair" ask 'What I want is "this" é.'
is 'in a run: exit' "$status" 0
is 'in a run: the prompt' "$(request 5 | jq -r '.messages[0].content' | tail -n 5)" \
	$'Sum one.\n\nThe last request, word for word:\n\nWhat I want is "this" é.'
json 'in a run: a step is not torn' "$(request 5)" '[.messages[].role] == ["user", "assistant", "tool"]'
is 'in a run: a second summary has it once more' "$(request 8 | jq -r '.messages[0].content' | tail -n 5)" \
	$'Sum two.\n\nThe last request, word for word:\n\nWhat I want is "this" é.'
forget
endpoint "$(step a)" "$(step b)" "$(step c)" "$(jq -nc '{status: 400, body: {error: {code: 400, message: "No."}}}')" "$(say Done.)"
takes 4000
run "$cordpair" ask 'What I want.'
is 'no summary: the run goes on' "$status" 0
like 'no summary: it is said' "$err" 'its first [0-9]* messages are left out, as there is no summary: .*No\.'
is 'no summary: the model knows, and the prompt' "$(request 5 | jq -r '.messages[0].content' | grep .)" \
	$'(The earlier messages of this conversation did not fit and were left out.)\nThe last request, word for word:\nWhat I want.'
# A model that takes less goes on with a long conversation
forget
for role in p q r s t u; do
	endpoint "$(say "$(long 3500 $role)")"
	takes
	# shellcheck disable=SC2046
	run "$cordpair" ask $([ $role = p ] || echo --resume) "prompt $role"
done
endpoint "$full" "$(jq -nc '{status: 404, body: {error: {code: 404, message: "No endpoints found that support the provided tool_choice value."}}}')" \
	"$(say 'Sum it is.')" "$(say Done.)"
run "$cordpair" ask --resume more
is 'a smaller model: the run goes on' "$status $out $(request_count)" '0 Done. 4'
json 'a smaller model: what it can take is summed up' "$(request 3)" \
	'.messages[0].content == "prompt r" and (.messages | length) == 7 and .tool_choice != "none"'
json 'a smaller model: then the end follows' "$(request 4)" '[.messages[].role] == ["user", "assistant", "user", "assistant", "user"] and .messages[4].content == "more"'
endpoint "$(step a)" "$(step b)" "$(step c)" "$(jq -c '.hang = true' <<<"$(say x)")"
takes 4000
run "$cordpair" --timeout 3 ask hi
is 'a summary that hangs: --timeout ends it' "$status" 124
endpoint_stop
done_testing
