#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair servers with a daemon: how each server is, and restart.
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

mark=mark-$$-$RANDOM
live() { "$cordpair" --json servers | jq -c ".[] | select(.name == \"$1\") | .daemon"; }
# NAME FILTER: what jq makes of the daemon's word on it is true.
is_live() { [ "$(live "$1" | jq "$2")" = true ]; }
pid_of() { live "$1" | jq .pid; }

server it "$mark"
server off "$mark" '"enabled": false'
run "$cordpair" servers restart it
is 'restart without a daemon: exit 69' "$status" 69
like 'restart without a daemon: what to do' "$err" 'cordpair daemon. starts one'
without=$("$cordpair" --json servers)
json 'without a daemon nothing is said of it' "$without" 'map(has("daemon")) | any | not'

daemon_start
run "$cordpair" servers
is 'servers' "$status" 0
like 'servers: the entry' "$out" "^it +enabled +$servers_d/it.json\$"
like 'servers: how it is' "$out" '^ +ready for [0-9]+ s, process [0-9]+$'
is 'servers: what is not enabled is not there' "$(grep -c 'process' <<<"$out")" 1
run "$cordpair" --json servers
json 'servers --json' "$out" '.[] | select(.name == "it") | .daemon | .state == "ready" and .pid > 0 and .uptime_ms >= 0
	and .restarts == 0 and .calls == {"made": 0, "open": 0, "failed": 0} and .stderr == [] and .tools > 5'
run "$cordpair" --json --no-daemon servers
is '--no-daemon: as without one' "$out" "$without"

# It dies
pid=$(pid_of it)
echo x | "$cordpair" servers >/dev/null
kill -KILL "$pid"
ok 'a server that died comes back' wait_until is_live it ".state == \"ready\" and .pid != $pid"
json 'with what it was' "$(live it)" '.restarts == 1 and (.last_error | test("was killed by signal 9"))'
run "$cordpair" servers show it
like 'show: how it is' "$out" '^daemon +ready for [0-9]+ s, process [0-9]+, 1 restart$'
like 'show: its last error' "$out" '^last error +server "it" was killed by signal 9'
like 'show: its calls' "$out" '^calls +0 made, 0 open, 0 failed$'

# Restart
pid=$(pid_of it)
run "$cordpair" servers restart it
is 'restart' "$status $out" '0 '
like 'restart: it is said' "$err" 'server "it" was restarted'
json 'restart: another process, counted' "$(live it)" ".pid != $pid and .state == \"ready\" and .restarts == 2"
ok 'restart: the old one is gone' wait_until gone "$pid"
run "$cordpair" servers restart nosuch
is 'restart of what is not there: exit 78' "$status" 78
run "$cordpair" servers restart off
is 'restart of what is not enabled: exit 78' "$status" 78

# What it says, and that after its end
server chatty "$mark exit-at-start=3"
run "$cordpair" stop
wait "$daemon_pid"
daemon_start
json 'a server that cannot start' "$(live chatty)" '.state == "failed" and .stderr == ["no reason to live"]
	and (.last_error | test("no reason to live"))'
run "$cordpair" servers show chatty
like 'show: its last lines' "$out" '^stderr +no reason to live$'
run "$cordpair" servers restart chatty
is 'restart of one that fails again: exit 69' "$status" 69
like 'and why' "$err" 'server "chatty" exited.*no reason to live'
(
	servers_d=$tmp/other
	mkdir -m 700 "$servers_d"
	server chatty "$mark"
)
run "$cordpair" --servers-dir "$tmp/other" servers
like 'that the daemon has it by another entry is told' "$out" 'no reason to live.*; the daemon has it by another entry$'

# A failed server comes back when its reason is gone
cat >"$tmp/sometimes" <<END
#!/bin/sh
[ -e "$tmp/broken" ] && { echo "it is broken" >&2; exit 1; }
exec "$fake" $mark
END
chmod 755 "$tmp/sometimes"
echo "{\"command\": \"$tmp/sometimes\"}" >"$servers_d/sometimes.json"
chmod 600 "$servers_d/sometimes.json"
touch "$tmp/broken"
run "$cordpair" stop
wait "$daemon_pid"
daemon_start
json 'it has failed' "$(live sometimes)" '.state == "failed"'
rm "$tmp/broken"
run "$cordpair" servers restart sometimes
is 'a failed server comes back by a restart' "$status" 0
json 'and is ready' "$(live sometimes)" '.state == "ready" and .restarts == 1 and (.last_error | test("it is broken"))'

# By the socket
got=$(control 10 '{"jsonrpc":"2.0","id":1,"method":"servers.restart"}' \
	'{"jsonrpc":"2.0","id":2,"method":"servers.restart","params":{"server":7}}' \
	'{"jsonrpc":"2.0","id":3,"method":"servers.restart","params":[]}' \
	'{"jsonrpc":"2.0","id":4,"method":"servers.restart","params":{"server":"nosuch"}}')
is 'params that are none' "$(jq -c '[.id, .error.code, .error.data.exit]' <<<"$got" | paste -sd' ')" \
	'[1,-32602,null] [2,-32602,null] [3,-32602,null] [4,-32000,78]'
# A client that leaves while it waits, and many at once
for _ in 1 2 3 4 5; do
	control 0 '{"jsonrpc":"2.0","id":1,"method":"servers.restart","params":{"server":"it"}}' >/dev/null
done
ok 'clients that do not wait do no harm' wait_until is_live it '.state == "ready"'
for i in 1 2 3 4; do "$cordpair" -q servers restart it & pids[i]=$!; done
for i in 1 2 3 4; do wait "${pids[i]}" || fail "restart $i of four at the same time: exit $?"; done
ok 'four restarts at the same time' wait_until is_live it '.state == "ready"'
is 'leave one process' "$(pgrep -cf "^[^ ]*fake-server $mark\$")" "$("$cordpair" --json status | jq .servers.ready)"

# More than a connection may have open: the rest is refused, the others are answered
lines=()
for i in {1..70}; do lines+=("{\"jsonrpc\":\"2.0\",\"id\":$i,\"method\":\"servers.restart\",\"params\":{\"server\":\"it\"}}"); done
got=$(control 60 "${lines[@]}")
is 'seventy restarts by one connection: each is answered' \
	"$(jq -s '[length, (map(select(.error.code == -32600)) | length), (map(select(.result.state == "ready")) | length)]' <<<"$got" | jq -c .)" \
	'[70,6,64]'
is 'and one process is left' "$(pgrep -cf "^[^ ]*fake-server $mark\$")" "$("$cordpair" --json status | jq .servers.ready)"

# A server that does not answer is quarantined; a restart ends that
server it "$mark" '"timeout_s": 1'
run "$cordpair" reload
for _ in 1 2 3; do "$cordpair" call it hang >/dev/null 2>&1; done
json 'it is quarantined' "$(live it)" '.state == "quarantined" and (.last_error | test("3 calls in a row without an answer"))'
run "$cordpair" call it echo text=x
is 'and gets no calls: exit 69' "$status" 69
run "$cordpair" servers restart it
is 'a quarantined server comes back by a restart' "$status" 0
run "$cordpair" call it echo text=x
is 'and is called' "$status $out" '0 x'

# A daemon that hangs does not keep the list from being shown
kill -STOP "$daemon_pid"
run "$cordpair" servers
is 'a daemon that hangs: the list is there' "$status $(grep -c '^it ' <<<"$out")" '0 1'
like 'and it is said' "$err" 'the daemon does not answer'
kill -CONT "$daemon_pid"
daemon_end
is 'the end' "$daemon_status" 0
done_testing
