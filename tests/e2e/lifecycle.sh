#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing is left behind, whatever ends; and what a server gets of its host.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

# children PATTERN: how many processes have the mark of this test in their command line.
mark=mark-$$-$RANDOM
alive() { pgrep -f "$mark" | grep -v "^$$\$" | wc -l; }
none_alive() { [ "$(alive)" = 0 ]; }
is_there() { [ -s "$1" ]; }

server it "$mark"
run "$cordpair" call it echo text=x
ok 'normal end: no process is left' none_alive
server it "$mark stubborn"
run "$cordpair" call it echo text=x
is 'a stubborn server: the answer' "$status $out" '0 x'
ok 'a stubborn server: killed' none_alive
server it "$mark stubborn grandchild=$tmp/grandchild"
run "$cordpair" call it echo text=x
ok 'a grandchild with a session of its own: it was there' is_there "$tmp/grandchild"
ok 'and is gone' gone "$(cat "$tmp/grandchild")"
ok 'and nothing else is left' none_alive

rm "$tmp/grandchild"
server it "$mark grandchild=$tmp/grandchild"
run "$cordpair" call it echo text=x
is 'a server that ends by itself and leaves a grandchild' "$status $out" '0 x'
ok 'it was there' is_there "$tmp/grandchild"
ok 'and is gone' gone "$(cat "$tmp/grandchild")"
ok 'and nothing else is left' none_alive

for signal in INT TERM HUP KILL; do
	rm -f "$tmp/grandchild" "$tmp/trace"
	server it "$mark stubborn grandchild=$tmp/grandchild"
	"$cordpair" --trace "$tmp/trace" call it hang >"$tmp/out" 2>"$tmp/err" </dev/null &
	pid=$!
	wait_until grep -q tools/call "$tmp/trace"
	wait_until is_there "$tmp/grandchild"
	kill -$signal $pid
	wait $pid
	is "SIG$signal: the exit status" $? $((128 + $(kill -l $signal)))
	ok "SIG$signal: no process is left" wait_until none_alive
	ok "SIG$signal: nor the grandchild" wait_until gone "$(cat "$tmp/grandchild")"
done

# The keeper is killed: the server goes with it.
rm -f "$tmp/trace"
server it "$mark stubborn"
"$cordpair" --trace "$tmp/trace" call it hang >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
wait_until grep -q tools/call "$tmp/trace"
kill -KILL "$(ps -o ppid= "$(pgrep -f "^[^ ]*fake-server .*$mark")" | tr -d ' ')"
wait $pid
is 'the keeper is killed: exit 69' $? 69
ok 'the keeper is killed: no process is left' wait_until none_alive

# The program that forks the keepers is killed: the servers go on.
rm -f "$tmp/trace"
server it "$mark"
"$cordpair" --trace "$tmp/trace" call it sleep ms=1000 >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
wait_until grep -q tools/call "$tmp/trace"
kill -KILL "$(pgrep -P $pid -f keeper)"
wait $pid
is 'the launcher is killed: exit 0' $? 0
ok 'the launcher is killed: no process is left' wait_until none_alive

# A second signal does not wait for a stubborn server.
rm -f "$tmp/trace"
"$cordpair" --trace "$tmp/trace" call it hang >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
wait_until grep -q tools/call "$tmp/trace"
kill -INT $pid
sleep 0.2
kill -INT $pid
wait $pid
is 'two signals: the exit status' $? 130
ok 'two signals: no process is left' wait_until none_alive

# What a server gets
export SECRET_OF_MINE=hidden LC_TIME=C OPENROUTER_API_KEY=sk-or-v1-hidden-hidden DISPLAY=:7
server it '' '"env": {"GIVEN": "yes"}, "env_vars": ["NAMED"], "cwd": "/"'
NAMED=too run "$cordpair" call it env name=NAMED
is 'env_vars pass' "$out" too
run "$cordpair" call it env name=GIVEN
is 'env is set' "$out" yes
run "$cordpair" call it env name=LC_TIME
is 'LC_* passes' "$out" C
for name in SECRET_OF_MINE OPENROUTER_API_KEY DISPLAY XDG_RUNTIME_DIR; do
	run "$cordpair" call it env name=$name
	is "$name does not" "$out" '(not set)'
done
run "$cordpair" call it cwd
is 'cwd' "$out" /
run "$cordpair" call it session
is 'a session of its own' "$out" 'its own'
run "$cordpair" call it fds 7</dev/null 8</dev/null
is 'descriptors 0, 1 and 2 and no other' "$out" '0 1 2 '
server it '' '"session": true'
run "$cordpair" call it env name=DISPLAY
is 'with session: the display' "$out" :7
"$cordpair" --trace "$tmp/trace3" call it hang >/dev/null 2>&1 </dev/null &
pid=$!
wait_until grep -q tools/call "$tmp/trace3"
unlike 'the key is not in the environment of the host any more' "$(tr '\0' '\n' <"/proc/$pid/environ" 2>/dev/null)" 'hidden-hidden'
kill $pid
wait $pid

server it ''
run "$cordpair" call it stderr text=noise times=20000
is 'a flood of stderr does no harm' "$status $out" '0 written'
done_testing
