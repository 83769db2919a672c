#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair call by the daemon: when it is used, who is asked, and what becomes of a call when its
# client, its server or the daemon goes.
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"
# shellcheck source=tests/lib/terminal.sh
. "$(dirname "$0")/../lib/terminal.sh"

mark=mark-$$-$RANDOM
live() { "$cordpair" --json servers | jq -c ".[] | select(.name == \"$1\") | .daemon"; }
is_live() { [ "$(live "$1" | jq "$2")" = true ]; }
made() { live it | jq .calls.made; }
log=$XDG_STATE_HOME/cordpair/logs/it.log

server it "$mark"
server asks "$mark" '"policy": "ask"'
sed -i 's/"policy": "allow", //' "$servers_d/asks.json"
daemon_start

# When it is used
run "$cordpair" call it echo text=x
is 'a call' "$status $out $(made)" '0 x 1'
run "$cordpair" --no-daemon call it echo text=x
is '--no-daemon goes past it' "$status $out $(made)" '0 x 1'
run "$cordpair" --trace "$tmp/trace" call it echo text=x
is '--trace has what the server says' "$(made) $(grep -c tools/call "$tmp/trace")" '1 1'
(cd / && "$cordpair" call it cwd) >"$tmp/out"
is 'from another directory: a server of its own, there' "$(cat "$tmp/out") $(made)" '/ 1'
run "$cordpair" --servers-dir "$servers_d" call it echo text=x
is 'the same entry by another way is the same' "$status $out $(made)" '0 x 2'
mkdir -m 700 "$tmp/other"
for changed in '"timeout_s": 7' '"policy": "deny"' '"env": {"A": "b"}' '"exclude_tools": ["big"]'; do
	(servers_d=$tmp/other && server it "$mark" "$changed")
	sed -i 's/"policy": "allow", "policy"/"policy"/' "$tmp/other/it.json"
	"$cordpair" --servers-dir "$tmp/other" call it echo text=x >/dev/null 2>&1
	is "another entry ($changed) is not the daemon's" "$(made)" 2
done
run "$cordpair" call nosuch echo
is 'an unknown server: as without a daemon' "$status" 78
run "$cordpair" call it ecco
is 'an unknown tool: as without a daemon' "$status $(grep -c 'did you mean "echo"' <<<"$err")" '78 1'

# Results
run "$cordpair" call it big bytes=30000000
is 'a large result' "$status ${#out}" '0 30000000'
run "$cordpair" --events call it progress steps=3
is 'events: progress' "$(event "$out" tool.progress .progress)" '1 2 3'
is 'events: the result' "$(event "$out" tool.result '[.status, .text]')" '["done","all steps done"]'
events_are_valid 'events' "$out"
for i in {1..20}; do "$cordpair" call it echo text="$i" >"$tmp/many.$i" 2>&1 & pids[i]=$!; done
for i in {1..20}; do wait "${pids[i]}"; done
is 'twenty at the same time: each has its own' "$(cat "$tmp"/many.* | sort -n | paste -sd' ')" "$(seq 20 | paste -sd' ')"

# Who is asked
run setsid -w "$cordpair" call asks echo text=x
is 'nobody to ask: exit 3' "$status" 3
run setsid -w "$cordpair" --yes-to 'asks:e*' call asks echo text=x
is '--yes-to' "$status $out" '0 x'
run setsid -w "$cordpair" call asks echo text=x
is '--yes-to is for that run only' "$status" 3
call='"server":"asks","fingerprint":"FINGERPRINT","tool":"echo","arguments":{"text":"x"}'
got=$(control 10 "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tool.call\",\"params\":{$call}}" \
	'{"jsonrpc":"2.0","id":2,"method":"tool.call","params":{"server":"asks"}}' \
	'{"jsonrpc":"2.0","id":3,"method":"tools.list","params":{"server":"it","fingerprint":"x"}}')
is 'without the fingerprint of the entry: no call, no list' \
	"$(jq -c '[.id, .error.code, .error.data.exit]' <<<"$got" | paste -sd' ')" '[1,-32000,69] [2,-32602,null] [3,-32000,69]'

# What becomes of a call
"$cordpair" call it hang >"$tmp/out" 2>"$tmp/err" &
pid=$!
ok 'a call is open' wait_until is_live it '.calls.open == 1'
{
	kill -KILL $pid
	wait $pid
} 2>/dev/null
ok 'its client is killed: it is cancelled' wait_until is_live it '.calls.open == 0'
ok 'and the server is told' wait_until grep -q 'cancelled: ' "$log"
run "$cordpair" --timeout 1 call it hang
is '--timeout: exit 124' "$status" 124
ok '--timeout: it is cancelled' wait_until is_live it '.calls.open == 0'
"$cordpair" call it hang >"$tmp/out" 2>"$tmp/err" &
pid=$!
wait_until is_live it '.calls.open == 1'
kill -INT $pid
wait $pid
is 'SIGINT: exit 130' $? 130
ok 'SIGINT: it is cancelled' wait_until is_live it '.calls.open == 0'
run "$cordpair" call it die
is 'its server dies: exit 69' "$status" 69
like 'its server dies: how' "$err" 'was killed by signal 9 \(Killed\) before it answered; its last words: .*the last words; the call failed'
ok 'and comes back' wait_until is_live it '.state == "ready"'
json 'and the call is counted' "$(live it)" '.calls.failed >= 1'

# A restart lets it finish, or ends it
"$cordpair" call it progress steps=20 pause_ms=50 >"$tmp/out" 2>"$tmp/err" &
pid=$!
wait_until is_live it '.calls.open == 1'
run "$cordpair" servers restart it
wait $pid
is 'restart: what is under way finishes' "$? $(cat "$tmp/out")" '0 all steps done'
"$cordpair" call it hang >"$tmp/out" 2>"$tmp/err" &
pid=$!
wait_until is_live it '.calls.open == 1'
"$cordpair" servers restart it 2>"$tmp/restart.err" &
restart=$!
run "$cordpair" call it echo text=after
is 'restart: what is asked meanwhile waits for the new one' "$status $out" '0 after'
wait $restart
is 'restart: exit 0' $? 0
wait $pid
is 'restart: a call that does not end is lost' $? 69
like 'and it says why' "$(cat "$tmp/err")" 'server "it" was stopped before it answered: it is restarted; the call failed'

# The daemon ends
for signal in TERM KILL; do
	"$cordpair" call it hang >"$tmp/out" 2>"$tmp/err" &
	pid=$!
	wait_until is_live it '.calls.open == 1'
	kill -$signal "$daemon_pid"
	{ wait "$daemon_pid"; } 2>/dev/null
	wait $pid
	is "SIG$signal of the daemon: the call fails, 69" $? 69
	like "SIG$signal of the daemon: it says so" "$(cat "$tmp/err")" '^cordpair: the daemon (ends|is gone); the call failed$'
	daemon_start
done
ok 'nothing is left of all that' test "$(pgrep -cf "^[^ ]*fake-server $mark")" = 2

# A server that is down in the daemon
cat >"$tmp/sometimes" <<END
#!/bin/sh
[ -e "$tmp/broken" ] && exit 1
exec "$fake" $mark
END
chmod 755 "$tmp/sometimes"
echo "{\"command\": \"$tmp/sometimes\", \"policy\": \"allow\"}" >"$servers_d/sometimes.json"
chmod 600 "$servers_d/sometimes.json"
touch "$tmp/broken"
daemon_end
daemon_start
rm "$tmp/broken"
run "$cordpair" call sometimes echo text=x
is 'one that has failed there is started by the call' "$status $out" '0 x'

terminal_or_done 'approval at a terminal'
question='in this run: '
at_terminal 'y\n' -- "$cordpair" call asks echo text=x
like 'the person at the client is asked' "$screen" 'wants to call echo of the server asks with'
is 'yes' "$status $(grep -c '^x$' <<<"$screen")" '0 1'
at_terminal 'n\n' -- "$cordpair" call asks echo text=x
is 'no' "$status" 3
at_terminal 'y\n' -- "$cordpair" --events call asks echo text=x
is 'events: who decided' "$(event "$(grep '^{' <<<"$screen")" approval.result '[.decision, .by]')" '["allowed","person"]'
json 'three calls were asked for, two were made' "$(live asks)" '.calls.made == 2'
daemon_end
is 'the end' "$daemon_status" 0
done_testing
