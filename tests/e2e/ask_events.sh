#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair --events: one run, by its schema, however it ends.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

server it ''
endpoint '{"reasoning": "I think.", "text": "I look.", "calls": [{"name": "it__progress", "arguments": {"steps": 2}},
	{"name": "it__fail"}, {"name": "nothing", "arguments": "{"}]}' '{"text": "All done."}'
run "$cordpair" --events ask hi
is 'a run: exit 0' "$status" 0
events_are_valid 'a run' "$out"
is 'text.delta' "$(jq -rj 'select(.type == "text.delta") | .text' <<<"$out")" 'I look.All done.'
is 'reasoning.delta' "$(jq -rj 'select(.type == "reasoning.delta") | .text' <<<"$out")" 'I think.'
is 'server.state' "$(event "$out" server.state '.server + "=" + .state')" 'it=starting it=ready it=stopped'
is 'tool.call' "$(event "$out" tool.call '[.id, .name, .server, .tool, .arguments]')" \
	'["call_1_0","it__progress","it","progress",{"steps":2}] ["call_1_1","it__fail","it","fail",{}] ["call_1_2","nothing",null,null,null]'
is 'tool.progress' "$(event "$out" tool.progress '[.id, .progress, .total, .message]')" '["call_1_0",1,2,"step"] ["call_1_0",2,2,"step"]'
is 'approval.result' "$(event "$out" approval.result '[.id, .decision, .by]')" \
	'["call_1_0","allowed","policy"] ["call_1_1","allowed","policy"]'
json 'tool.result' "$(jq -sc '[.[] | select(.type == "tool.result")] | sort_by(.id)' <<<"$out")" \
	'map(.status) == ["done", "done", "failed"] and map(.is_error) == [false, true, true]
	 and .[0].text == "all steps done" and .[1].text == "it did not work"'
json 'usage is the sum' "$(jq -c 'select(.type == "usage") | .usage' <<<"$out")" '.total_tokens == 30 and .cost == 0.002'
json 'run.end' "$(tail -1 <<<"$out")" '.type == "run.end" and .exit == 0 and .status == "done"
	and .text == "All done." and .usage.total_tokens == 30'
like 'what is for people is on stderr still' "$err" 'calling it__progress'

# Ends
ends() { # WHAT EXIT STATUS TEXT [OPTION]...
	local what=$1 exit_code=$2 state=$3 text=$4
	shift 4
	run "$cordpair" "$@" --events ask hi
	is "$what: exit" "$status" "$exit_code"
	events_are_valid "$what" "$out"
	is "$what: run.end" "$(event "$out" run.end '[.exit, .status, .text]')" "[$exit_code,\"$state\",\"$text\"]"
}
endpoint '{"status": 401, "body": {"error": {"code": 401, "message": "no"}}}'
ends 'an error' 77 failed ''
like 'an error: run.end says why' "$(event "$out" run.end .error)" 'refuses the API key'
endpoint '{"text": "Half", "finish": null, "usage": null, "done": false}'
ends 'an answer that breaks off' 75 failed Half
endpoint '{"text": "Half", "finish": "length"}'
ends 'an answer that is cut' 4 incomplete Half
endpoint '{"status": 503, "headers": {"Retry-After": "0"}, "body": ""}' '{"text": "Hi."}'
ends 'a retry' 0 'done' Hi.
like 'a retry: warning' "$(event "$out" warning .text)" 'trying again'
endpoint '{"text": "Half an answer", "hold": "/nonexistent"}'
ends '--timeout' 124 timeout 'Half ' --timeout 2
server bad exit-at-start=1 '"required": true'
ends 'a required server that fails' 69 failed ''
is 'a required server that fails: server.state' "$(event "$out" server.state 'select(.server == "bad") | .state' | awk '{print $2}')" failed
rm "$servers_d/bad.json"
OPENROUTER_API_KEY='' ends 'no key' 78 failed '' --base-url https://openrouter.ai/api/v1
run "$cordpair" --events ask
events_are_valid 'no prompt' "$out"

for signal in INT TERM HUP; do
	mark=mark-$$-$RANDOM
	server it "$mark stubborn"
	endpoint "{\"text\": \"Half an answer\", \"hold\": \"/nonexistent\"}"
	forget_output
	"$cordpair" --events ask hi >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	wait_until grep -q text.delta "$tmp/out"
	kill -$signal $pid
	wait $pid
	is "SIG$signal during the answer: exit" $? $((128 + $(kill -l $signal)))
	out=$(cat "$tmp/out")
	events_are_valid "SIG$signal" "$out"
	is "SIG$signal: run.end" "$(event "$out" run.end '[.exit, .status, .text]')" \
		"[$((128 + $(kill -l $signal))),\"interrupted\",\"Half \"]"
	none "SIG$signal: no process is left" "$(pgrep -f "$mark")"
done
server it ''
endpoint '{"text": "I call.", "calls": [{"name": "it__hang"}]}'
forget_output
"$cordpair" --events --trace "$tmp/trace" ask hi >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
wait_until grep -q tool.call "$tmp/out"
kill -INT $pid
wait $pid
is 'SIGINT during a call: exit' $? 130
events_are_valid 'SIGINT during a call' "$(cat "$tmp/out")"
like 'SIGINT during a call: the server is told' "$(cat "$tmp/trace")" 'notifications/cancelled'
json 'SIGINT during a call: what had been used' "$(tail -1 "$tmp/out")" '.usage.total_tokens == 15'

"$cordpair" --json --timeout 2 --trace "$tmp/trace" ask hi >"$tmp/out" 2>"$tmp/err" </dev/null
json 'the script is at its end: --json says so' "$(cat "$tmp/out")" '.exit == 76 and (.error | length) > 0 and .calls == []'
endpoint '{"calls": [{"name": "it__hang"}, {"name": "it__add"}]}'
run "$cordpair" --json --timeout 2 ask hi
json 'a call that was cancelled: --json says so' "$out" '.exit == 124 and (.calls | map(.status)) == ["cancelled", "done"]'

# The reader goes away
endpoint "{\"text\": \"one two three\", \"hold\": \"$tmp/never\"}"
"$cordpair" --no-input ask hi 2>"$tmp/err" </dev/null | head -c 4 >"$tmp/out" &
pid=$!
wait_until grep -q one "$tmp/out"
touch "$tmp/never"
ok 'a reader that goes away ends the run' wait_until gone $pid

# The other commands
run "$cordpair" --events call it echo text=x
events_are_valid 'call' "$out"
is 'call: what happened' "$(jq -r .type <<<"$out" | grep -v server.state | paste -sd' ')" 'run.start tool.call approval.result tool.result run.end'
is 'call: run.end has the text' "$(event "$out" run.end .text)" x
run "$cordpair" --events call it die
events_are_valid 'call of a server that dies' "$out"
endpoint_stop
done_testing
