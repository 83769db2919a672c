#!/bin/bash
# SPDX-License-Identifier: MIT
# MCP over stdio (2.3): what a client must do, and what servers of the field do to it.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

ok_result='{"id": "$id", "result": {"content": [{"type": "text", "text": "fine"}]}}'
modern_result='{"id": "$id", "result": {"resultType": "complete", "content": [{"type": "text", "text": "fine"}]}}'
call() { # WHAT
	run "$cordpair" call it work
	is "$1" "$status $out" '0 fine'
	frames_are_valid "$1" it
}

scripted it "{\"on\": {\"tools/call\": [[$ok_result]]}}"
run "$cordpair" call it work $'{"text":\n "two\\nlines"}'
is '2.3 arguments over several lines' "$status" 0
is '2.3 one message is one line' "$(wc -l <"$tmp/it.said" | tr -d ' ')" "$(jq -c . "$tmp/it.said" | wc -l | tr -d ' ')"
is '2.3 the arguments came whole' "$(said it 'select(.method == "tools/call") | .params.arguments')" '{"text":"two\nlines"}'

# stdout: what is no message is skipped.
scripted it "{\"on\": {\"tools/list\": [[\"Listening on port 8000…\", \"\", \"   \", \"{\\\"half\\\":\", \"[]\", \"null\", \"17\",
	{\"id\": \"\$id\", \"result\": {\"tools\": [{\"name\": \"work\", \"inputSchema\": {\"type\": \"object\"}}]}}]],
	\"tools/call\": [[\"DEBUG work()\", $ok_result]]}}"
call '2.3 lines that are no messages are passed over'
scripted it "{\"on\": {\"tools/call\": [[\"{\\\"jsonrpc\\\":\\\"2.0\\\",\\\"id\\\":4,\\\"result\\\":{\\\"content\\\":[]}}\\r\", $ok_result]]}}"
run "$cordpair" call it work
is '2.3 a line that ends as on Windows' "$status" 0

# stderr is no sign of an error, and is read however much it is.
scripted it "{\"on\": {\"tools/call\": [[{\"stderr\": \"ERROR: all is well\"}, $(printf '{"stderr": "%1000s"},' "$(seq -s' ' 200)" | sed "s/,$//"),
	$(for _ in $(seq 300); do printf '{"stderr": "%s"},' "$(printf 'x%.0s' $(seq 400))"; done)
	$ok_result]]}}"
call '2.3 120 KB of stderr in one call'
unlike '2.3 stderr is not the answer' "$out$err" 'all is well'

# The end: stdin, then signals.
scripted it "{\"on\": {\"tools/call\": [[$ok_result]]}}"
server_command=$(jq -r '"\(.command) \(.args | join(" "))"' "$servers_d/it.json")
jq --arg sh "$server_command; echo \$? >$tmp/end" '.command = "sh" | .args = ["-c", $sh]' "$servers_d/it.json" >"$tmp/entry"
cat "$tmp/entry" >"$servers_d/it.json"
call '2.3 a server that ends when its stdin does'
is '2.3 gets no signal' "$(cat "$tmp/end" 2>&1)" 0
scripted it "{\"on\": {\"tools/call\": [[$ok_result]]}}" '"env": {"FAKE_SCRIPT_STAYS": "1"}'
call '2.3 a server that stays when its stdin ends'
none '2.3 is gone afterwards' "$(pgrep -f "$tmp/it.script")"

# Cancelling
for era in legacy modern; do
	scripted it "{\"era\": \"$era\", \"on\": {\"tools/call\": [[]], \"notifications/cancelled\": [[]]}}"
	"$cordpair" call it work >"$tmp/out" 2>"$tmp/err" </dev/null &
	host=$!
	asked() { grep -q tools/call "$tmp/it.said"; }
	ok "2.3 $era: a call that is not answered" wait_until asked
	kill -TERM $host
	wait $host
	is "2.3 $era: cancelled by notifications/cancelled" "$(said it 'select(.method == "notifications/cancelled") | .params.requestId')" \
		"$(said it 'select(.method == "tools/call") | .id')"
	frames_are_valid "2.3 $era: cancelled" it
done

# Two signals at once: whoever sends them does not want to wait, and nothing is torn.
for _ in 1 2 3; do
	scripted it '{"on": {"tools/call": [[]]}}'
	"$cordpair" call it work >"$tmp/out" 2>"$tmp/err" </dev/null &
	host=$!
	wait_until asked
	kill -STOP $host
	kill -INT $host
	kill -TERM $host
	kill -CONT $host
	wait $host
	like '2.3 two signals at once' $? '^(130|143)$'
	none '2.3 two signals at once: nothing is left' "$(pgrep -f "$tmp/it.script")"
done

# The environment: what the entry says, and little besides.
scripted it '{}' '"env": {"MINE": "1"}'
SECRET_OF_THE_HOST=1 run "$cordpair" tools it
is '2.3 the environment' "$status" 0
scripted it "{\"on\": {\"tools/call\": [[$ok_result]]}}"
printf '#!/bin/sh\nenv >"%s"\nexec python3 "$@"\n' "$tmp/environment" >"$tmp/server"
chmod +x "$tmp/server"
jq --arg command "$tmp/server" '.command = $command | .env = {"MINE": "1"}' "$servers_d/it.json" >"$tmp/entry"
cat "$tmp/entry" >"$servers_d/it.json"
SECRET_OF_THE_HOST=1 OPENROUTER_API_KEY=sk-or-v1-secret run "$cordpair" call it work
is '2.3 what it was given' "$(grep -cE '^(MINE=1|PATH=|HOME=)' "$tmp/environment")" 3
none '2.3 and what not' "$(grep -E 'SECRET|OPENROUTER' "$tmp/environment")"

# An unexpected end in a conversation: restarted, and what it missed is not lost on the model.
scripted it "{\"on\": {\"tools/call\": [[{\"exit\": 3}]]}}"
endpoint '{"calls": [{"name": "it__work", "arguments": {}}]}' '{"text": "It died."}'
run "$cordpair" ask hi
is '2.3 a server that dies in a call: the run goes on' "$status $out" '0 It died.'
like '2.3 the model is told' "$(tool_message 2 1)" '^Error: server "it" exited with status 3'

# After its restart a server of 2026-07-28 is listened to again.
scripted it "{\"era\": \"modern\", \"capabilities\": {\"tools\": {\"listChanged\": true}}, \"on\": {\"subscriptions/listen\": [[]],
	\"tools/call\": [[{\"exit\": 3}]]}}"
endpoint '{"calls": [{"name": "it__work", "arguments": {}}]}' '{"delay_ms": 1500, "text": "Done."}'
run "$cordpair" ask hi
is '2.3 modern: after its restart it is listened to again' "$status $(said it 'select(.method == "subscriptions/listen") | 1' | wc -l | tr -d ' ')" '0 2'

# subscriptions/listen (2026-07-28): opened where the server's tools may change, its notifications
# told apart by its id, its end accepted in both forms.
change='{"method": "notifications/tools/list_changed", "params": {"_meta": {"io.modelcontextprotocol/subscriptionId": "$id:subscriptions/listen"}}}'
for ending in '{"id": "$id:subscriptions/listen", "result": {"resultType": "complete"}}' \
	'{"method": "notifications/cancelled", "params": {"requestId": "$id:subscriptions/listen"}}' "$change"; do
	scripted it "{\"era\": \"modern\", \"capabilities\": {\"tools\": {\"listChanged\": true}}, \"on\": {
		\"subscriptions/listen\": [[{\"method\": \"notifications/subscriptions/acknowledged\", \"params\":
			{\"notifications\": {\"toolsListChanged\": true}}}]],
		\"tools/call\": [[$ending, $modern_result]]}}"
	call "2.3 modern: listen: $(jq -r '.method // "a result"' <<<"$ending")"
	is '2.3 modern: it was opened once' "$(said it 'select(.method == "subscriptions/listen") | .params.notifications')" '{"toolsListChanged":true}'
done
ok '2.3 modern: a change is seen' test "$(said it 'select(.method == "tools/list") | 1' | wc -l)" -ge 2

endpoint_stop
done_testing
