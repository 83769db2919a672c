#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair servers logs: what servers wrote to their stderr, also in runs that are over.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
log=$XDG_STATE_HOME/cordpair/logs/it.log

server it ''
run "$cordpair" call it stderr text=$'one\e[31m' times=3
is 'a call' "$status" 0
run "$cordpair" servers logs it
is 'logs: exit' "$status" 0
is 'logs: its lines' "$(grep -c '^one' <<<"$out")" 3
like 'logs: when, and which process' "$(head -n 1 <<<"$out")" '^== 20[0-9-]+T[0-9:.]+Z it, pid [0-9]+$'
like 'logs: how it ended' "$(tail -n 1 <<<"$out")" '^== 20[0-9-]+T[0-9:.]+Z exited with status 0$'
is 'logs: for the user only' "$(stat -c %a "$log") $(stat -c %a "${log%/*}")" '600 700'
if script -qec true /dev/null >/dev/null 2>&1; then
	run script -qec "'$cordpair' servers logs it" /dev/null
	unlike 'logs: made safe for a terminal' "$out" $'\e\\[31m'
else
	skip 'logs: made safe for a terminal' 'script(1) is missing'
fi

server dead 'exit-at-start=3'
run "$cordpair" tools dead
run "$cordpair" servers logs dead
is 'of a server that died' "$status $(grep -v '^==' <<<"$out" | sort -u)" '0 no reason to live'
like 'of a server that died: how' "$out" '== .* exited with status 3'

# Its size is bounded: the older half moves away.
for _ in 1 2 3 4 5 6 7; do
	run "$cordpair" call it stderr text="$(printf 'x%.0s' $(seq 999))" times=220
done
is 'many lines: the last ones' "$("$cordpair" servers logs it | wc -l | tr -d ' ')" 200
ok 'many lines: bounded' test "$(stat -c %s "$log")" -lt 2000000
ok 'many lines: the older ones are beside it' test -s "$log.1"

# What comes faster than the disk takes it is left out, which the file says; the call does not wait.
run "$cordpair" call it stderr text="$(printf 'x%.0s' $(seq 999))" times=20000
is 'a flood' "$status $out" '0 written'
ok 'a flood: bounded' test "$(stat -c %s "$log")" -lt 2000000

server quiet ''
run "$cordpair" tools quiet
run "$cordpair" servers logs quiet
is 'of one that wrote nothing' "$status $out" '0 '
like 'of one that wrote nothing: said' "$err" 'has written nothing'
none 'of one that wrote nothing: no file' "$(find "$XDG_STATE_HOME/cordpair/logs" -name "quiet*")"
run "$cordpair" servers logs nobody
is 'of one that is not there' "$status" 78
run "$cordpair" servers logs ../../../etc/passwd
is 'a path is no name' "$status" 78
run "$cordpair" servers logs
is 'of which?' "$status" 2

# Switched off, and where it cannot be kept.
rm -rf "$XDG_STATE_HOME/cordpair/logs"
echo '{"server_logs": false}' >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" call it stderr text=one times=1
none 'switched off' "$(ls -d "$XDG_STATE_HOME/cordpair/logs" 2>/dev/null)"
rm "$XDG_CONFIG_HOME/cordpair/settings.json"
: >"$XDG_STATE_HOME/cordpair/logs"
run "$cordpair" call it stderr text=one times=1
is 'where it cannot be kept the call is made all the same' "$status $out" '0 written'
done_testing
