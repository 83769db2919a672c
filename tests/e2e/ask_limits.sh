#!/bin/bash
# SPDX-License-Identifier: MIT
# What a run may cost and take, and what is said of it: past a limit the answer is asked for, exit 4.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

settings() { echo "$1" >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"; }
no_settings() { rm -f "$XDG_CONFIG_HOME/cordpair/settings.json"; }
# costs USD TOKENS NUMBER...: an answer with calls of it__add, each with a number of its own.
costs() {
	local cost=$1 tokens=$2 && shift 2
	jq -nc --argjson cost "$cost" --argjson tokens "$tokens" --args \
		'{calls: [$ARGS.positional[] | {name: "it__add", arguments: {a: tonumber}}],
		  usage: {prompt_tokens: ($tokens - 1), completion_tokens: 1, total_tokens: $tokens, cost: $cost}}' "$@"
}
# pattern NAME...: an answer for each, that calls echo with this text.
pattern() {
	for text; do
		jq -nc --arg text "$text" '{calls: [{name: "it__echo", arguments: {$text}}]}'
	done
}
done_line='{"text": "Done.", "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "cost": 0.0004}}'
server it ''

# What is spent is said
endpoint "$(costs 0.0012 100 1)" "$done_line"
run "$cordpair" -v ask hi
is 'a run: exit' "$status $out" '0 Done.'
like '-v: what was spent' "$err" 'spent: 2 model requests, 1 tool call, 110 tokens, 0\.0016 USD'
endpoint "$(costs 0.0012 100 1)" "$done_line"
run "$cordpair" ask hi
unlike 'without -v nothing is said' "$err" 'spent'
endpoint "$(costs 0.0012 100 1)" "$done_line"
run "$cordpair" --events ask hi
events_are_valid 'costs' "$out"
is 'run.end has the cost' "$(event "$out" run.end '[.usage.cost, .usage.total_tokens]')" '[0.0016,110]'
endpoint "$(costs 1.25 100 1)" "$done_line"
run "$cordpair" -v ask hi
like 'dollars have cents' "$err" 'spent: .*, 1\.25 USD'

# Cost
is 'one dollar is the default: exit 4, the call is not made' \
	"$status $out $(tool_message 2 1)" '4 Done. Error: this call was not made: the limit of 1.00 USD is reached; answer with what is known'
like 'it says why, and what was spent' "$err" 'the run was ended: the limit of 1\.00 USD is reached; spent: 2 model requests, 0 tool calls, 110 tokens, 1\.25 USD'
json 'the last request has the tools and their history' "$(request 2)" \
	'.tool_choice == "none" and (.tools | length) > 10 and (.messages | map(.role)) == ["user", "assistant", "tool"]'
endpoint "$(costs 0.02 100 1)" "$(costs 0.02 100 2)" "$done_line"
run "$cordpair" ask --max-cost 0.04 hi
is '--max-cost: exit 4 after two' "$status $out $(request_count)" '4 Done. 3'
is 'what was called before counts' "$(tool_message 3 1)" 1
endpoint "$(costs 0.02 100 1)" "$done_line"
run "$cordpair" --events ask --max-cost 0.01 hi
events_are_valid '--max-cost' "$out"
is '--max-cost: the events say it' "$(event "$out" warning .text)" 'the limit of 0.01 USD is reached'
endpoint "$(costs 1.25 100 1)" "$done_line"
run "$cordpair" ask --max-cost=5 hi
is 'a higher limit' "$status $(tool_message 2 1)" '0 1'
endpoint "$(jq -c '.usage.cost = 9' <<<"$done_line")"
run "$cordpair" ask --max-cost 0.01 hi
is 'an answer that came is an answer' "$status $out" '0 Done.'
settings '{"limits": {"cost": 0.5}}'
endpoint "$(costs 0.6 100 1)" "$done_line"
run "$cordpair" ask hi
is 'in settings.json' "$status $out" '4 Done.'
no_settings
for wrong in 0 -1 x 1x nan inf ''; do
	run "$cordpair" ask --max-cost "$wrong" hi
	is "--max-cost \"$wrong\": exit 2" "$status" 2
	like "--max-cost \"$wrong\": it says why" "$err" 'is not an amount of USD above 0'
done
settings '{"limits": {"cost": "1"}}'
run "$cordpair" ask hi
is 'settings.json: no amount: exit 78' "$status" 78
like 'settings.json: where' "$err" 'settings.json:1:21: "cost" is not an amount of USD above 0'
no_settings
endpoint "$(jq -c 'del(.usage.cost)' <<<"$(costs 0 100 1)")" "$(jq -c 'del(.usage.cost)' <<<"$done_line")"
run "$cordpair" ask --max-cost 1 hi
is 'an endpoint that tells no cost' "$status $out" '0 Done.'
is 'is said once' "$(grep -c 'does not tell what an answer costs' "$tmp/err")" 1

# A day
day=$XDG_STATE_HOME/cordpair/spending/$(date +%F)
rm -rf "$XDG_STATE_HOME/cordpair/spending"
endpoint "$(costs 0.02 100 1)" "$done_line"
run "$cordpair" ask hi
is 'every answer is in the file of the day' "$(paste -sd' ' "$day")" '0.02 0.0004'
is 'the file of the day: 0600' "$(stat -c %a "$day")" 600
touch "${day%/*}/2026-01-01" "${day%/*}/mine"
rm "$day"
endpoint "$(costs 0.02 100 1)" "$done_line"
run "$cordpair" ask hi
is 'other days are removed, and nothing else' "$(cd "${day%/*}" && echo *)" "$(date +%F) mine"
settings '{"limits": {"cost_per_day": 0.05}}'
endpoint "$(costs 0.02 100 1)" "$(costs 0.02 100 2)" "$done_line"
run "$cordpair" ask hi
is 'a run ends at what is left of the day: exit 4' "$status $out $(request_count)" '4 Done. 3'
like 'it says why' "$err" 'the limit of 0\.0296 USD is reached'
endpoint "$done_line"
run "$cordpair" ask hi
is 'the day is over: exit 4, nothing is asked' "$status $out $(request_count)" '4  0'
like 'it says why' "$err" '0\.0608 USD were spent today: the limit of 0\.05 USD a day is reached \("cost_per_day" in settings\.json\)'
run "$cordpair" --json ask hi
json 'the day is over: --json' "$out" '.exit == 4 and (.error | test("spent today"))'
printf 'x\n1\n-3\n\n0.5' >"$day"
settings '{"limits": {"cost_per_day": 2}}'
endpoint "$done_line"
run "$cordpair" ask hi
is 'lines that are no amounts do not count' "$status" 0
rm "$day" && mkdir "$day"
run "$cordpair" ask hi
is 'a file that cannot be read: exit 74' "$status" 74
no_settings
endpoint "$done_line"
run "$cordpair" ask hi
is 'without a limit nobody needs it' "$status $out" '0 Done.'
rmdir "$day"

# Tokens and seconds
settings '{"limits": {"tokens": 150}}'
endpoint "$(costs 0 100 1)" "$(costs 0 100 2)" "$done_line"
run "$cordpair" ask hi
is 'tokens: exit 4' "$status $out $(request_count)" '4 Done. 3'
like 'tokens: it says why' "$err" 'the limit of 150 tokens is reached'
settings '{"limits": {"seconds": 1}}'
endpoint '{"calls": [{"name": "it__sleep", "arguments": {"ms": 1100}}]}' "$done_line"
run "$cordpair" ask hi
is 'seconds: exit 4' "$status $out $(request_count)" '4 Done. 2'
is 'seconds: the call that was under way is in the answer' "$(tool_message 2 1)" slept
like 'seconds: it says why' "$err" 'the limit of 1 seconds is reached'
no_settings

# Circles
mapfile -t lines < <(pattern a b a b a b a)
endpoint "${lines[@]}" "$done_line"
run "$cordpair" ask hi
is 'A-B-A-B-A-B-A: exit 4' "$status $out" '4 Done.'
like 'it says why' "$err" 'the same 2 calls were made 3 times in a row'
is 'the seventh is not made' "$(tool_message 8 6) $(tool_message 8 7)" \
	'b Error: this call was not made: the same 2 calls were made 3 times in a row; answer with what is known'
mapfile -t lines < <(pattern a b c d a b c d a b c d a)
endpoint "${lines[@]}" "$done_line"
run "$cordpair" ask hi
is 'four calls in a circle: exit 4' "$status $(request_count)" '4 14'
mapfile -t lines < <(pattern a b a b c a b a b c x a b)
endpoint "${lines[@]}" "$done_line"
run "$cordpair" ask hi
is 'what only looks like one: exit 0' "$status $out" '0 Done.'
endpoint "$(jq -nc '{calls: [range(8) | {name: "it__echo", arguments: {text: (if . % 2 == 0 then "a" else "b" end)}}]}')" "$done_line"
run "$cordpair" ask hi
is 'in one answer: exit 4' "$status $(tool_message 2 6)" '4 b'
like 'and nothing after it is made' "$(tool_message 2 8)" '^Error: this call was not made'
endpoint_stop
done_testing
