#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group H: the operating system. Of what has to hold at every system call or moment, a fixed
# sample is here; the whole sweep is another matter (README.md).
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

it() {
	server it "${1-}" "$SECRET_MEMBER"
}
# sound REGEX: it worked, with the right answer, or failed with a sentence that fits
sound() {
	if [ "$status" = 0 ]; then
		is "$label: it works, with the right answer" "$out" "${wanted-x}"
	else
		like "$label: a clean error, exit $status" "$status" '^(69|70|74|75|78)$'
		like "$label: and why" "$err" "$1"
	fi
}

row H1 'no process can be made'
it
if strace_or_skip; then
	injected clone,clone3,fork,vfork:error=EAGAIN -- call it echo text=x
	ends 69 'Resource temporarily unavailable'
	case_ 'the launcher cannot be reached any more'
	server canary ''
	injected sendmsg:error=EPIPE:when=2 -- tools --tsv
	ends 0
	rm "$servers_d/canary.json"
	case_ 'a descriptor of the server is lost'
	for n in 1 2 3 4; do
		injected -f "dup2:error=EIO:when=$n" -- call it echo text=x
		sound 'Input/output error'
	done
	case_ 'the launcher cannot fork'
	injected -f clone,clone3,fork,vfork:error=EAGAIN:when=2+ -- call it echo text=x
	sound 'Resource temporarily unavailable|there is not enough memory'
fi

row H2 'no descriptors are left'
it
server canary ''
for n in 6 8 10 12 14 16 20 24 32; do
	case_ "ulimit -n $n"
	program=(bash -c "ulimit -n $n; exec \"\$0\" \"\$@\"" "$cordpair")
	attempt call it echo text=x
	sound 'Too many open files|cannot be executed|descriptor'
	attempt tools --tsv
	like "$label: tools ends with $status" "$status" '^(0|69|70|75|78)$'
done
unset program

row H3 'no memory is left'
it
if [ -n "$sanitized" ]; then
	skip "$label" 'the sanitizers need the address space'
else
	for mib in 8 10 12 16 24 32; do
		case_ "ulimit -v of $mib MiB"
		program=(bash -c "ulimit -v $((mib << 10)); exec \"\$0\" \"\$@\"" "$cordpair")
		attempt call it echo text=x
		sound 'memory|Cannot allocate'
	done
	case_ 'a result that is larger than it'
	program=(bash -c "ulimit -v $((100 << 10)); exec \"\$0\" \"\$@\"" "$cordpair")
	line_bytes=$((60 << 20))
	attempt call it big bytes=$((60 << 20))
	if [ "$status" = 0 ]; then
		is "$label: it is whole" "${#out}" $((60 << 20))
	else
		like "$label: a clean error, exit $status" "$err" 'memory'
	fi
	unset program
fi

row H5 'no space for what is kept'
it
if strace_or_skip; then
	hello='{"text": "Hello."}'
	for call in fsync,fdatasync rename,renameat,renameat2 mkdir,mkdirat; do
		case_ "$call"
		rm -rf "$XDG_STATE_HOME"
		endpoint "$hello"
		injected "$call:error=ENOSPC" -- ask hi
		like "$label: exit $status" "$status" '^(0|74)$'
		gives 'Hello.'
		[ "$status" = 0 ] || says 'No space left on device'
		none "$label: no half of a file is left" "$(find "$XDG_STATE_HOME" -name '*.json' -size 0 2>/dev/null)"
	done
fi
case_ 'the directory of the state is a file'
rm -rf "$XDG_STATE_HOME"
: >"$XDG_STATE_HOME"
endpoint '{"text": "Hello."}'
attempt ask hi
like "$label: exit $status" "$status" '^(0|74)$'
gives 'Hello.'
rm "$XDG_STATE_HOME"

row H6 'files may not grow'
it
program=(bash -c 'ulimit -f 64; exec "$0" "$@"' "$cordpair")
attempt call it big bytes=1000000
ends 74 'File too large'
attempt --trace "$tmp/trace" call it big bytes=1000000 # neither trace nor stdout can take it
ends 74
unset program

row H7 'a pipe without a reader'
bad faults
endpoint '{"calls": [{"name": "bad__deaf", "arguments": {"close": 1}}]}' '{"calls": [{"name": "bad__echo", "arguments": {"text": "x"}}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0
like "$label: its call fails, the host lives" "$(tool_message 3 2)" '^Error: server "bad" closed its stdin'

row H8 'stdout cannot be written'
it
program=(bash -c '"$0" "$@" | head -c 10 >/dev/null; exit ${PIPESTATUS[0]}' "$cordpair")
attempt call it big bytes=1000000
ends 141
case_ '/dev/full'
program=(bash -c 'exec "$0" "$@" >/dev/full' "$cordpair")
attempt call it echo text=x
ends 74 'No space left on device'
endpoint '{"text": "Hello."}'
attempt ask hi
ends 74 'No space left on device'
case_ 'it is closed'
program=(bash -c 'exec "$0" "$@" >&-' "$cordpair")
attempt call it echo text=x
ends 74 'stdout|Bad file descriptor|No space'
unset program

if strace_or_skip; then
	case_ 'from any event on'
	wrong=
	for n in $(seq 1 30); do
		run env "ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0" strace -qq -o /dev/null -e trace=write -e "inject=write:error=EPIPE:when=$n+" \
			"$cordpair" --events call it echo text=x
		grep -q '"run.end"' "$tmp/out" || [ "$status" = 141 ] || wrong+="from write $n on: exit $status; "
	done
	none "$label: without run.end it is exit 141" "$wrong"
fi

row H9 'the first descriptors are closed'
it
before=$(cat "$servers_d/it.json")
for which in '0<&-' '2>&-' '0<&- 2>&-' '0<&- 1>&- 2>&-'; do
	case_ "$which"
	program=(bash -c "exec \"\$0\" \"\$@\" $which" "$cordpair")
	attempt call it fds
	case $which in
	*1*) ends 74 ;;
	*)
		ends 0
		gives '0 1 2 '
		;;
	esac
	is "$label: no file was taken for one of them" "$(cat "$servers_d/it.json")" "$before"
done
unset program

# signal_at NAME EXIT: when the host makes one of these system calls for the Nth time
signal_at() {
	local hits=0
	it
	strace_or_skip || return
	for point in openat:8 openat:12 read:10 read:14 close:8 close:14 fcntl:4 fcntl:12 pipe2:1 pipe2:3 socketpair:1 \
		sendmsg:1 recvfrom:1 write:1 write:2 write:3 write:4 poll:1 poll:2 poll:3 poll:4 poll:6 poll:8 poll:10; do
		case_ "at $point"
		injected "${point%:*}:signal=$1:when=${point#*:}" -- call it echo text=x
		if [ "$status" = 0 ]; then
			gives x
		else
			ends "$2"
			hits=$((hits + 1))
		fi
	done
	case_ 'a sample that says something'
	ok "$label: $hits of 24 ended it" [ "$hits" -ge 12 ]
	case_ 'with a server that ignores it'
	it stubborn
	injected "poll:signal=$1:when=6" -- call it hang
	ends "$2"
}
row H10 'SIGINT at any time'
signal_at INT 130
row H11 'SIGTERM at any time'
signal_at TERM 143
if strace_or_skip; then
	# The last event tells the exit code, which nothing changes after it.
	for n in $(seq 24 2 60); do
		case_ "while it closes, at its ${n}th close"
		injected "close:signal=TERM:when=$n" -- --events call it echo text=x
		like "$label: exit $status" "$status" '^(0|143)$'
	done
fi

if strace_or_skip; then
	for n in $(seq 52 2 80); do
		case_ "a daemon that is stopped, at its ${n}th close"
		rm -rf "$XDG_RUNTIME_DIR/cordpair"
		(wait_until test -S "$XDG_RUNTIME_DIR/cordpair/api.sock" && "$cordpair" stop >/dev/null 2>&1) &
		injected "close:signal=TERM:when=$n" -- daemon
		kill $! 2>/dev/null # where it ended before there was a socket
		wait $!
		like "$label: exit $status" "$status" '^(0|143)$'
	done
fi

row H12 'SIGHUP'
it stubborn
in_background --events --trace "$tmp/trace" call it hang
waits "$tmp/trace" tools/call
kill -HUP "$host_pid"
wait_attempt
ends 129

case_ 'a daemon reads its configuration again'
it
in_background daemon
wait_until daemon_has ready 1
server two ''
kill -HUP "$host_pid"
ok "$label: a new server starts" wait_until daemon_has ready 2
printf '{' >"$servers_d/two.json"
kill -HUP "$host_pid"
ok "$label: a file that is broken is told" wait_until grep -qE 'two\.json:1:2: not JSON' "$tmp/err"
ok "$label: and its server goes on" daemon_has ready 2
kill -TERM "$host_pid"
wait_attempt
ends 0

row H13 'SIGKILL at any time'
it "stubborn grandchild=$tmp/grandchild"
RANDOM=13
for n in 1 2 3 4 5 6 7 8 9 10; do
	case_ "$n"
	endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "x"}}], "repeat": 2}' '{"text": "Done."}'
	in_background ask hi
	sleep 0.0$((RANDOM % 90 + 10))
	kill -KILL "$host_pid" 2>/dev/null
	wait_attempt
	like "$label: killed, or done" "$status" '^(137|0)$'
done
case_ 'the next start'
it
attempt call it echo text=x
ends 0
gives x

row H14 'many signals'
it stubborn
in_background --trace "$tmp/trace" call it hang
waits "$tmp/trace" tools/call
for _ in $(seq 2000); do kill -WINCH "$host_pid"; done
for _ in $(seq 500); do kill -INT "$host_pid" 2>/dev/null || break; done
wait_attempt
ends 130

row H15 'stopped, resized, no terminal'
it
in_background --trace "$tmp/trace" call it sleep ms=800
waits "$tmp/trace" tools/call
kill -TSTP "$host_pid"
for _ in $(seq 100); do kill -WINCH "$host_pid"; done
sleep 0.3
kill -CONT "$host_pid"
wait_attempt
ends 0
gives slept
for term in dumb '' xterm-no-such-thing; do
	case_ "TERM=$term"
	TERM=$term COLUMNS=1 LINES=1 attempt call it echo text=x
	ends 0
	gives x
done
case_ 'no terminal'
witness_options=(--no-terminal)
attempt call it echo text=x
ends 0

row H16 'the clock jumps'
it
faketime=$(find /usr/lib /usr/lib64 -name 'libfaketime.so.1' 2>/dev/null | head -n 1)
if [ -n "$faketime" ] && [ -z "$sanitized" ]; then
	for by in +1y -1y; do
		case_ "by $by"
		endpoint '{"calls": [{"name": "it__sleep", "arguments": {"ms": 600}}]}' '{"text": "Done."}'
		echo +0 >"$tmp/clock"
		program=(env FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME_NO_CACHE=1 FAKETIME_TIMESTAMP_FILE="$tmp/clock"
			LD_PRELOAD="$faketime" "$cordpair")
		in_background --events ask hi
		waits "$tmp/out" tool.call
		echo "$by" >"$tmp/clock"
		wait_attempt
		ends 0
		ok "$label: no time is less than nothing" [ "$(event "$out" tool.result .ms)" -ge 0 ]
		ok "$label: nor a year" [ "$(event "$out" tool.result .ms)" -lt 60000 ]
	done
	unset program
else
	skip "$label" 'libfaketime is missing, or the sanitizers come first'
fi

row H17 'the machine sleeps'
server it '' '"timeout_s": 2'
in_background --trace "$tmp/trace" call it sleep ms=500
waits "$tmp/trace" tools/call
kill -STOP "$host_pid"
sleep 3
kill -CONT "$host_pid"
wait_attempt
ends 0
gives slept

row H18 'interrupted system calls'
it
if strace_or_skip; then
	# Not read(2): the dynamic linker takes that for a broken library.
	for call in write poll,ppoll recvfrom,recvmsg sendto,sendmsg wait4,waitid connect,accept4; do
		case_ "$call"
		injected "$call:error=EINTR:when=2+3" -- call it echo text=x
		ends 0
		gives x
		endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "x"}}]}' '{"text": "Done."}'
		injected "$call:error=EINTR:when=2+3" -- ask hi
		ends 0
		gives Done.
	done
fi

row H19 'no home'
it
tools() { attempt --servers-dir "$servers_d" call it echo text=x; }
in_env() { # TITLE NAME=VALUE...
	case_ "$1"
	shift
	program=(env "$@" "$cordpair")
	attempt --servers-dir "$servers_d" call it echo text=x
	ends 0
	gives x
	unset program
}
in_env 'HOME is not set' -u HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME -u XDG_RUNTIME_DIR
in_env 'HOME is /proc' HOME=/proc XDG_CONFIG_HOME=/proc/config XDG_STATE_HOME=/proc/state XDG_CACHE_HOME=/proc/cache
in_env 'HOME is relative' HOME=here XDG_CONFIG_HOME=config XDG_STATE_HOME=state
in_env 'TMPDIR is not there' TMPDIR=/nowhere
case_ 'the working directory is gone'
mkdir "$tmp/gone"
program=(bash -c "cd '$tmp/gone' && rmdir '$tmp/gone' && exec \"\$0\" \"\$@\"" "$cordpair")
attempt --servers-dir "$servers_d" call it echo text=x
ends 0
unset program

row H20 'locales'
it
for locale in C POSIX tr_TR.UTF-8 de_DE.UTF-8 no_such_LOCALE; do
	case_ "$locale"
	LC_ALL=$locale attempt call it echo 'text=Iıİi 1.5 ß'
	ends 0
	gives 'Iıİi 1.5 ß'
	endpoint '{"text": "Hello.", "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2, "cost": 0.0125}}'
	LC_ALL=$locale attempt -v ask hi
	ends 0 '0\.0125 USD'
done

row H21 'a file system that is read only'
it
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir -p "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
	program=(unshare -m bash -c "mount --bind '$XDG_STATE_HOME' '$XDG_STATE_HOME' && mount -o remount,bind,ro '$XDG_STATE_HOME' && exec \"\$0\" \"\$@\"" "$cordpair")
	attempt call it echo text=x
	ends 0
	endpoint '{"text": "Hello."}'
	attempt ask hi
	like "$label: exit $status" "$status" '^(0|74)$'
	gives 'Hello.'
	says 'Read-only file system'
	unset program
else
	skip "$label" 'nothing can be mounted here'
fi

row H22 'a kernel without close_range'
it
if strace_or_skip; then
	injected -f close_range:error=ENOSYS -- call it fds
	ends 0
	gives '0 1 2 '
fi

row H23 'no thread can be made'
it
line_bytes=2000000
if strace_or_skip; then
	injected clone3:error=EAGAIN:when=2+ -- call it big bytes=2000000
	ends 0
	is "$label: without one" "${#out}" 2000000
fi
case_ 'a stack of 64 KiB'
program=(bash -c 'ulimit -s 64; exec "$0" "$@"' "$cordpair")
if [ -n "$sanitized" ]; then
	skip "$label" 'the sanitizers need a stack'
else
	attempt call it echo text=x
	ends 0
	gives x
	attempt call it big bytes=2000000
	ends 0
fi
unset program
endpoint_stop
done_testing
