#!/bin/bash
# SPDX-License-Identifier: MIT
# A provider refuses a request for one of its tools: that tool is found and left out, the turn goes
# on, and the next run knows it.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

state=$XDG_STATE_HOME/cordpair/refused-tools.json
forget() { rm -f "$state"; }
# tools N [NAME SCHEMA]: a server "it" with t1 … tN
tools() {
	jq -nc --argjson n "$1" '[range($n) | {name: "t\(. + 1)", description: "Tool \(. + 1).", inputSchema: {type: "object"}}] | .[]' |
		paste -sd, >"$tmp/list"
	server it "bare list=$tmp/list" '"eager": true' # what it lists changes behind its entry
}
# refusing WORDS NAME...: the answer of a provider that refuses these tools; WORDS '' names them.
refusing() {
	local words=$1 && shift
	jq -nc --arg words "$words" --args '{text: "Done.", refuse: $ARGS.positional} +
		(if $words == "" then {} else {refusal: $words} end)' "$@"
}
sent() { request "$1" | jq -rc '[.tools[]?.function.name] | join(" ")'; }
last_sent() { sent "$(request_count)"; }
export CORDPAIR_MODEL=
model='google/gemini-2.5-pro'
tools 9

# The tool that the error names
endpoint "$(refusing '' it__t4)"
run "$cordpair" -m "$model" ask hi
is 'named: the run goes on' "$status $out" '0 Done.'
is 'named: said once, with the reason' "$(grep -c 'the provider of google/gemini-2.5-pro refuses the tool it__t4, which is left out: .*Invalid schema' "$tmp/err")" 1
is 'named: only that one is left out' "$(last_sent)" 'it__t1 it__t2 it__t3 it__t5 it__t6 it__t7 it__t8 it__t9'
is 'named: tried without tools, then alone' "$(request_count): $(sent 2): $(sent 3)" '4: : it__t4'
json 'such a request is small' "$(request 3)" '.max_tokens == 16 and .messages == [{"role": "user", "content": "Say OK."}] and .stream == false'
is 'the file is 0600' "$(stat -c %a "$state")" 600
json 'the file says what and why' "$(cat "$state")" '.refused | length == 1 and .[0].provider == "google" and .[0].tool == "it__t4" and (.[0].why | test("Invalid schema"))'

# It is remembered: for this provider and this definition
endpoint "$(refusing '' it__t4)"
run "$cordpair" -m google/gemini-3-flash ask hi
is 'the next run knows it' "$status $out $(request_count)" '0 Done. 1'
unlike 'and does not say it again' "$err" 'left out'
run "$cordpair" -m "$model" tools --openrouter
unlike 'tools --openrouter knows it' "$out" 't4'
run "$cordpair" -m "$model" tools --explain
like 'tools --explain says why' "$out" 'left out: the provider refused it: .*Invalid schema'
like 'and does not count it' "$out" '^8 of 9 tools'
run "$cordpair" -m "$model" tools --explain --json
json 'tools --explain --json too' "$out" 'map(select(.refused)) | length == 1 and .[0].name == "it__t4"'
run "$cordpair" tools
like 'tools lists it' "$out" ' t4'
endpoint '{"text": "Done."}'
run "$cordpair" -m openai/gpt-5 ask hi
like "another provider gets it" "$(sent 1)" 'it__t4'
sed -i 's/Tool 4\./Tool four./' "$tmp/list"
endpoint '{"text": "Done."}'
run "$cordpair" -m "$model" ask hi
like 'a tool that is defined otherwise is tried again' "$(sent 1)" 'it__t4'
tools 9
jq -c '.refused[0].at -= 40 * 86400' "$state" >"$tmp/old" && cat "$tmp/old" >"$state"
endpoint '{"text": "Done."}'
run "$cordpair" -m "$model" ask hi
like 'after a month it is tried again' "$(sent 1)" 'it__t4'
for bad in '' '{' '[]' '{"refused": [1, {}, {"provider": "google"}]}'; do
	echo "$bad" >"$state"
	chmod 600 "$state"
	endpoint "$(refusing '' it__t4)"
	run "$cordpair" -m "$model" ask hi
	is "a broken file ($bad): found again" "$status $out $(request_count)" '0 Done. 4'
done
forget

# Places in the array
endpoint "$(refusing 'tools.6.custom.input_schema: JSON schema is invalid' it__t7)"
run "$cordpair" -m anthropic/claude-haiku-4.5 ask hi
is 'by its place' "$status $out $(request_count) $(sent 3)" '0 Done. 4 it__t7'
endpoint "$(refusing 'Invalid value at tools[0].function_declarations[2].parameters' it__t3)"
run "$cordpair" -m "$model" ask hi
is "by its place in Google's words" "$status $out $(sent 3)" '0 Done. it__t3'
endpoint "$(refusing 'tools.0.custom: the wrong place' it__t5)"
run "$cordpair" -m qwen/qwen3 ask hi
is 'a place that is wrong blames nobody' "$status $out $(last_sent)" '0 Done. it__t1 it__t2 it__t3 it__t4 it__t6 it__t7 it__t8 it__t9'
like 'a vendor without a family has its own findings' "$(cat "$state")" '"provider":"qwen"'
forget

# Halving
for bad in 1 5 9; do
	endpoint "$(refusing 'Provider returned error' "it__t$bad")"
	run "$cordpair" -m "$model" ask hi
	is "halving: t$bad is found" "$status $out" '0 Done.'
	unlike "halving: t$bad is left out" "$(last_sent)" "t$bad"
	is "halving: t$bad, all others are sent" "$(last_sent | wc -w)" 8
	ok "halving: t$bad in few requests" [ "$(request_count)" -le 9 ]
	forget
done
endpoint "$(refusing 'Provider returned error' it__t2 it__t8)"
run "$cordpair" --json -m "$model" ask hi
is 'two bad tools' "$status $(jq -r .text <<<"$out") $(last_sent)" '0 Done. it__t1 it__t3 it__t4 it__t5 it__t6 it__t7 it__t9'
json 'what the search cost is told' "$out" '.usage.cost > 0.0001'
forget
tools 1
endpoint "$(refusing 'Provider returned error' it__t1)"
run "$cordpair" -m "$model" ask hi
is 'the only tool' "$status $out $(last_sent)" '0 Done. '
forget
tools 60
endpoint "$(refusing 'Provider returned error' $(seq -f 'it__t%g' 12))"
run "$cordpair" -m "$model" ask hi
is 'too many bad tools: the run ends' "$status" 76
like 'with the endpoint in its words' "$err" 'refuses the request: --trace shows what was sent \(400: Provider returned error\)'
json 'what was found is remembered' "$(cat "$state")" '.refused | length == 8'
run "$cordpair" -m "$model" ask hi
is 'the next run finds the rest' "$status $out" '0 Done.'
forget

# In the middle of a turn
tools 9
endpoint '{"calls": [{"name": "it__t1"}]}' "$(refusing '' it__t4)"
run "$cordpair" -m "$model" --events ask hi
events_are_valid 'in the middle' "$out"
is 'in the middle of a turn' "$status $(event "$out" run.end .text)" '0 Done.'
like 'in the middle: an event' "$(event "$out" warning .text)" 'refuses the tool it__t4'
json 'in the middle: the history is whole' "$(request "$(request_count)")" '(.messages | map(.role)) == ["user", "assistant", "tool"]'
forget

# What is not a tool's fault
bad_request='{"status": 400, "body": {"error": {"code": 400, "message": "temperature: out of range"}}}'
endpoint "$(refusing 'temperature: out of range' '*')"
run "$cordpair" -m "$model" ask hi
is 'refused without tools too: nothing is blamed' "$status $(request_count)" '76 2'
like 'the endpoint is repeated' "$err" 'temperature: out of range'
ok 'nothing is remembered' [ ! -e "$state" ]
endpoint "$bad_request" '{"text": "unused"}'
run "$cordpair" -m "$model" ask hi
is 'refused for its messages: nothing is blamed' "$status $(request_count)" '76 3'
ok 'nothing is remembered then' [ ! -e "$state" ]
endpoint '{"status": 400, "body": {"error": {"code": 400, "message": "This endpoint'"'"'s maximum context length is 10 tokens"}}}'
run "$cordpair" -m "$model" ask hi
is 'a full context is not searched' "$status $(request_count)" '76 1'
endpoint "$(refusing 'Provider returned error' it__t2)"
mkdir -p "$state"
run "$cordpair" -m "$model" ask hi
is 'a file that cannot be written: the run goes on' "$status $out" '0 Done.'
like 'and it is said' "$err" 'refused-tools.json'
rmdir "$state"
endpoint_stop
done_testing
