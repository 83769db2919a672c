#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group B: the life of a server's process. `ask` waits for its servers (design.md), so what is
# wrong with one at its start is told and the run goes on; `call` needs it: 69.
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

starts() { grep -c '"child.start".*"bad"' "$tmp/trace"; }
# cannot_start REGEX: who needs it is told why; the others run
cannot_start() {
	attempt call bad echo text=x
	ends 69 "server \"bad\" $1"
	asks_canary
	ends 0 "server \"bad\" $1.*; it is left out"
	is "$label: its states" "$(states)" 'failed stopped'
}

# What never worked is not tried again by itself (design.md), the probe's own respawn aside.
row B1 'ends before the handshake'
for code in 0 1; do
	case_ "exits with $code at once"
	bad "exit-at-start=$code"
	cannot_start "exited with status $code; its last words: no reason to live"
done
case_ 'crashes at once'
bad crash-at-start
cannot_start 'was killed by signal 11 \(Segmentation fault\)'

row B2 'never answers the handshake'
bad 'silent-on-discover no-answer' '"start_timeout_s": 1'
cannot_start 'was not ready within 1 seconds \("start_timeout_s" in .*bad\.json\)'

row B3 'answers the probe with garbage or an error'
for mode in garbage-on-discover ''; do
	case_ "answers the probe with ${mode:-an error}"
	bad "$mode"
	attempt --trace "$tmp/trace" call bad echo text=x
	ends 0
	gives x
	is "$label: no other process is tried" "$(starts)" 1
	rm "$tmp/trace"
done

row B4 'dies during a call'
bad faults
endpoint '{"calls": [{"name": "bad__die"}, {"name": "canary__echo", "arguments": {"text": "alive"}}]}' \
	'{"calls": [{"name": "canary__sleep", "arguments": {"ms": 2500}}]}' \
	'{"calls": [{"name": "bad__echo", "arguments": {"text": "again"}}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0 'server "bad" was killed by signal 9 \(Killed\); its last words: the last words; it is started again'
canary_is_alive "$(tool_message 2 2)"
like "$label: the model is told" "$(tool_message 2 1)" '^Error: server "bad" was killed by signal 9'
is "$label: the next call works" "$(tool_message 4 4)" again
is "$label: the call was made once" "$(event "$out" tool.call 'select(.tool == "die") | .tool')" die
is "$label: its states" "$(states)" 'ready restarting ready stopped'
attempt call bad die
ends 69 'server "bad" was killed by signal 9'
case_ 'ends with 0 during a call'
asks_both end
tells '^Error: server "bad" exited with status 0 before it answered; its last words: the last words'
case_ 'crashes during a call'
asks_both crash
tells '^Error: server "bad" was killed by signal 11'

# 0.5, 1, 2, 4 s; the fifth end within 180 s is the last.
row B5 'ends whenever it is ready'
bad die-when-listed
endpoint '{"calls": [{"name": "canary__echo", "arguments": {"text": "alive"}}]}' '{"delay_ms": 14000, "text": "Done."}'
attempt --events ask hi
ends 0 'server "bad" exited with status 7; it ended 5 times within 3 minutes; it is left out'
canary_is_alive "$(tool_message 2 1)"
is "$label: four restarts, then failed" "$(states | grep -o restarting | wc -l) $(states | grep -o failed)" '4 failed'

case_ 'under a daemon: an order clears it'
server bad "die-when-listed"
in_background daemon
wait_until daemon_has failed 1
"$cordpair" servers restart bad >/dev/null 2>&1
tried_again() { [ "$(grep -c "it is started again" "$tmp/err")" -gt 4 ]; }
ok "$label: it is tried again" wait_until tried_again
kill -TERM "$host_pid"
wait_attempt
ends 0

row B6 'closes its stdout and runs on'
bad faults
asks_both close '{"fd": 1}'
ends 0
tells '^Error: server "bad" closed its stdout'
attempt call bad close fd=1
ends 69 'server "bad" closed its stdout'

row B7 'closes its stdin and runs on'
bad faults
endpoint '{"calls": [{"name": "bad__deaf", "arguments": {"close": 1}}]}' \
	'{"calls": [{"name": "bad__echo", "arguments": {"text": "x"}}, {"name": "canary__echo", "arguments": {"text": "alive"}}]}' \
	'{"text": "Done."}'
attempt --events ask hi
ends 0
canary_is_alive "$(tool_message 3 3)"
like "$label: the next call fails" "$(tool_message 3 2)" '^Error: server "bad" closed its stdin, so it was stopped'

row B8 'ends, and a child of it holds its pipes'
bad faults
asks_both leave_child
ends 0
tells '^Error: server "bad" exited with status 0'

row B9 'leaves a daemon that ignores SIGTERM'
bad "stubborn grandchild=$tmp/grandchild"
attempt call bad echo text=x
ends 0
ok "$label: it was there" test -s "$tmp/grandchild"
ok "$label: it is gone" gone "$(cat "$tmp/grandchild")"
case_ 'so many that the list of them is long'
bad 'grandchildren=900'
servers_max=200 # the descriptors are strace's
if strace_or_skip; then
	# A file for each process that it traces: these, and no others, may be killed.
	mkdir "$tmp/traced"
	program=(env "ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0" strace -qq -ff --seccomp-bpf -o "$tmp/traced/pid"
		-e signal=none -e trace=kill "$cordpair")
	attempt call bad echo text=x
	unset program
	ends 0
	killed=$(cat "$tmp"/traced/pid.* | sed -n 's/^kill(\([0-9]*\), SIGKILL.*/\1/p' | sort -u)
	ok "$label: they were killed" [ "$(wc -l <<<"$killed")" -ge 900 ]
	none "$label: and nobody else" "$(comm -23 <(echo "$killed") \
		<(find "$tmp/traced" -name 'pid.*' | sed 's/.*pid\.//' | sort))"
	rm -r "$tmp/traced"
fi

row B10 'is stopped by SIGSTOP'
bad faults '"timeout_s": 1'
asks_both freeze
ends 0
tells '^Error: server "bad": no answer to tools/call within 1 seconds'
attempt call bad freeze
ends 75 'server "bad": no answer to tools/call within 1 seconds'

row B11 'ignores the end of its stdin and SIGTERM'
for n in 1 2 3 4 5 6 7 8; do server "s$n" stubborn; done
servers_max=8
began=$SECONDS
attempt tools --tsv
ends 0
ok "$label: all are stopped at the same time" [ $((SECONDS - began)) -lt 24 ]

row B12 'is writing when it is stopped'
bad faults
"$cordpair" call bad junk bytes=1 >/dev/null 2>&1
in_background --trace "$tmp/trace" call bad junk bytes=1000000000
waits "$tmp/trace" 'tools/call.*junk'
kill -INT "$host_pid"
wait_attempt
ends 130

row B13 'has 64 children of its own'
bad faults
asks_both storm '{"count": 64}'
ends 0
is "$label: it answers" "$told" 'done'

row B14 'reaches for the terminal'
bad faults
attempt call bad take_terminal
ends 0
gives 'no terminal'

row B15 'is in a call when ^C comes'
bad ''
in_background --trace "$tmp/trace" call bad hang
waits "$tmp/trace" 'tools/call'
kill -INT "$host_pid"
wait_attempt
ends 130
like "$label: the server is told" "$(cat "$tmp/trace")" '"mcp.send".*notifications/cancelled'
case_ 'and again'
bad stubborn
in_background --trace "$tmp/trace2" call bad hang
waits "$tmp/trace2" 'tools/call'
kill -INT "$host_pid"
sleep 0.2
kill -INT "$host_pid"
wait_attempt
ends 130

row B16 'cannot be executed'
head -c 5000 /dev/urandom >"$tmp/noise"
printf '#!/nowhere/interpreter\n' >"$tmp/no-interpreter"
cp "$(command -v sleep)" "$tmp/busy"
chmod 755 "$tmp/noise" "$tmp/no-interpreter" "$tmp/busy"
server canary ''
exec 6>>"$tmp/busy"
for form in 'noise:Exec format error' 'no-interpreter:No such file or directory' 'busy:Text file busy'; do
	case_ "${form%:*}"
	printf '{"command": "%s", "policy": "allow"}' "$tmp/${form%:*}" >"$servers_d/bad.json"
	cannot_start "could not be started: .*/${form%:*}: ${form#*:} \\(check \"command\"\\)"
done
exec 6>&-

row B17 'gets no descriptor of ours'
bad ''
program=(bash -c 'for fd in {10..500}; do eval "exec $fd</dev/null"; done; exec "$0" "$@"' "$cordpair")
servers_max=200 # for the invariant: those above are ours
attempt call bad fds
ends 0
gives '0 1 2 '
unset program

row B18 'lives on when a thread has ended'
bad ''
endpoint '{"calls": [{"name": "bad__big", "arguments": {"bytes": 2000000}}]}' \
	'{"delay_ms": 300, "calls": [{"name": "bad__echo", "arguments": {"text": "here"}}]}' '{"text": "Done."}'
line_bytes=2000000
attempt --events ask hi
ends 0
is "$label: after a worker had its result" "$(tool_message 3 2)" here
is "$label: its states" "$(states)" 'ready stopped'
endpoint_stop
done_testing
