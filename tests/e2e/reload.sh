#!/bin/bash
# SPDX-License-Identifier: MIT
# servers.d changes under a daemon: only what differs is done, whoever changes it and however.
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

mark=mark-$$-$RANDOM
alive() { pgrep -f "$mark" | grep -v "^$$\$" | wc -l; }
none_alive() { [ "$(alive)" = 0 ]; }
# NAME: the process of a server that `put` made.
pid_of() { pgrep -f "^[^ ]*fake-server $mark-$1( |\$)"; }
is_pid() { [ "$(pid_of "$1")" = "$2" ]; }
is_other() { local now; now=$(pid_of "$1") && [ -n "$now" ] && [ "$now" != "$2" ]; }
is_absent() { [ -z "$(pid_of "$1")" ]; }
# NAME [MODES [MEMBERS]]: its entry
put() { server "$1" "$mark-$1 ${2-}" ${3:+"$3"}; }
reload() { run "$cordpair" reload; }
# REGEX: the daemon has said it, since mark_log
mark_log() { logged=$(wc -c <"$tmp/daemon.err"); }
said() { tail -c "+$((logged + 1))" "$tmp/daemon.err" | grep -qE "$1"; }
times_said() { tail -c "+$((logged + 1))" "$tmp/daemon.err" | grep -cE "$1"; }

run "$cordpair" reload
is 'no daemon: exit 69' "$status $out" '69 '

put a
put b
put c
daemon_start --events
mark_log
reload
is 'nothing has changed' "$status $out" '0 nothing has changed: 3 servers go on'
a=$(pid_of a) b=$(pid_of b)

# Each by itself. inotify may be faster than the command: what is done is asked of the log.
put d
ok 'a new entry: it is started' wait_until said 'server "d" is new: it is started$'
ok 'and ready' wait_until daemon_has ready 4
mark_log
put b '' '"env": {"A": "b"}'
ok 'a changed entry: it is started anew' wait_until said 'server "b" has changed: it is started anew$'
ok 'in another process' wait_until is_other b "$b"
rm "$servers_d/c.json"
ok 'a removed entry: it is stopped' wait_until said 'server "c" is stopped: it is not in servers.d any more'
ok 'its process is gone' wait_until is_absent c
mark_log
put d '' '"exclude_tools": ["echo"]'
ok 'other rules' wait_until said 'server "d" has other rules: its process goes on by them'
run "$cordpair" servers disable d
ok 'servers disable: it is stopped' wait_until said 'server "d" is stopped: .*d\.json disables it'
run "$cordpair" servers enable d
ok 'servers enable: it is started' wait_until said 'server "d" is new: it is started'
is 'all the time a is the same process' "$(pid_of a)" "$a"
wait_until daemon_has ready 3
b=$(pid_of b)

# However it is written
file=$servers_d/a.json
changed_by() { # HOW COMMAND...
	local how=$1 before
	shift
	before=$(pid_of a)
	"$@"
	ok "$how: a is another process" wait_until is_other a "$before"
}
by_vim() {
	mv "$file" "$file~"
	sed 's/"args": \[/&"one", /' "$file~" >"$file"
	chmod 600 "$file"
	rm "$file~"
}
by_sed() { sed -i 's/"one"/"two"/' "$file"; }
by_cp() {
	sed 's/"two"/"three"/' "$file" >"$tmp/new.json"
	cp "$tmp/new.json" "$file"
}
by_rename() {
	sed 's/"three"/"four"/' "$file" >"$servers_d/.a.json.dpkg-new"
	chmod 600 "$servers_d/.a.json.dpkg-new"
	mv "$servers_d/.a.json.dpkg-new" "$file"
}
# "one" is before the mark: pid_of has to find it.
pid_of() { pgrep -f "^[^ ]*fake-server (one |two |three |four )?$mark-$1( |\$)"; }
changed_by 'rename and write, as vim' by_vim
changed_by 'sed -i' by_sed
changed_by 'cp' by_cp
changed_by 'a package that renames' by_rename
mark_log
mv "$file" "$tmp/a.json"
ln -s /dev/null "$file"
ok 'a link to /dev/null: a is stopped' wait_until is_absent a
rm "$file"
cp "$tmp/a.json" "$file"
ok 'and back' wait_until is_other a none
mark_log
a=$(pid_of a)
touch -d '1 hour ago' "$file"
mv "$file" "$servers_d/50-a.json"
ok 'the same entry in another file is the same server' wait_until daemon_has ready 3
reload
is 'and the same process' "$(pid_of a)" "$a"
file=$servers_d/50-a.json

# What cannot be read
mark_log
printf '{"command": "%s",\n "args": [oops]}\n' "$fake" >"$file"
ok 'a broken file: what is wrong and where' \
	wait_until said '.*/50-a\.json:2:11: not JSON:.*; server "a" goes on as it was$'
is 'and its server goes on' "$(pid_of a)" "$a"
reload
is 'reload says so too: exit 78' "$status" 78
like 'reload: which server, and why' "$err" '^cordpair: .*50-a\.json:2:11: not JSON.*; server "a" goes on as it was$'
run "$cordpair" --json reload
json 'reload --json' "$out" '.held == ["a"] and .kept == 2 and (.faults | length) == 1 and .added == []'
put b '' '"env": {"A": "c"}'
ok 'the others are changed meanwhile' wait_until is_other b "$b"
is 'what is broken is told once' "$(times_said 'goes on as it was')" 1
printf '{"command": "%s", "args": ["%s-a"], "timeout_s": "x"}' "$fake" "$mark" >"$file"
ok 'a wrong entry: it is held too' wait_until said '.*50-a\.json:1:[0-9]+:.*; server "a" goes on as it was$'
# shellcheck disable=SC2016
printf '{"command": "${NO_SUCH_VARIABLE}"}' >"$file"
ok 'a variable that is not set' wait_until said '.*NO_SUCH_VARIABLE.*; server "a" goes on as it was$'
cp "$tmp/a.json" "$servers_d/60-a.json"
ok 'two of a name' wait_until said 'server "a" is defined twice.*; server "a" goes on as it was$'
rm "$servers_d/60-a.json"
is 'and all the time it was the same process' "$(pid_of a)" "$a"
cp "$tmp/a.json" "$file"
reload
is 'repaired: the same process' "$status $(pid_of a)" "0 $a"
mark_log
chmod 666 "$file"
ok 'a file that anybody may write: said' wait_until said '.*50-a\.json:.*; server "a" goes on as it was$'
chmod 600 "$file"
reload
is 'the same process' "$status $(pid_of a)" "0 $a"
mark_log
mv "$servers_d" "$servers_d.away"
ok 'the directory goes: so do its servers' wait_until daemon_has ready 0
mv "$servers_d.away" "$servers_d"
ok 'it comes back: so do they' wait_until daemon_has ready 3

# SIGHUP, twice at once, while servers start
mark_log
put slow 'slow-start=3000'
kill -HUP "$daemon_pid"
kill -HUP "$daemon_pid"
reload
is 'reload during a start' "$status" 0
put slow ''
ok 'changed while it starts: it starts anew at once' wait_until daemon_has ready 4
is 'the daemon is the same' "$(jq .pid <<<"$("$cordpair" --json status)")" "$daemon_pid"
rm "$servers_d/slow.json"
wait_until is_absent slow

# Calls under way finish
put busy
wait_until daemon_has ready 4
open_calls() { "$cordpair" --json servers | jq -r '[.[] | select(.name == "busy") | .daemon.calls.open // 0][0] // 0'; }
has_open() { [ "$(open_calls)" = "$1" ]; }
busy=$(pid_of busy)
under_way() { # MS: sets $call
	"$cordpair" call busy sleep "ms=$1" >"$tmp/slept" 2>&1 </dev/null &
	call=$!
	wait_until has_open 1
}
under_way 3000
put busy '' '"env": {"A": "b"}'
reload
is 'a call under way: reload does not wait for it' "$status $(gone "$call" && echo gone)" '0 '
is 'and its server goes on' "$(pid_of busy)" "$busy"
run "$cordpair" call busy echo text=next
is 'a new call waits for the new one' "$status $out" '0 next'
wait "$call"
is 'the call of the changed server: its result' "$? $(cat "$tmp/slept")" '0 slept'
ok 'it was another process' is_other busy "$busy"
mark_log
busy=$(pid_of busy)
under_way 2000
rm "$servers_d/busy.json"
ok 'removed: it is stopped when its call is done' wait_until said 'server "busy" is stopped when its 1 call under way is done: it is not in'
is 'until then it is there' "$(pid_of busy)" "$busy"
wait "$call"
is 'the call of the removed server: its result' "$? $(cat "$tmp/slept")" '0 slept'
ok 'then it is gone' wait_until is_absent busy

# What has failed and did not change is left as it is, and that is said
put failing crash-at-start
wait_until daemon_has failed 1
reload
# shellcheck disable=SC2016
is 'a server that has failed, and is the same' "$status $out" \
	'0 server "failing" has failed and its entry is the same; it is not started: `cordpair servers restart failing` starts it'
put failing ''
ok 'a repaired one is started' wait_until is_other failing none
rm "$servers_d/failing.json"
wait_until is_absent failing

# A tier that was not there
mkdir -p "$tmp/data/cordpair/servers.d"
chmod 755 "$tmp/data" "$tmp/data/cordpair" "$tmp/data/cordpair/servers.d"
cp "$tmp/a.json" "$tmp/data/cordpair/servers.d/v.json"
reload
is 'a vendor has a new one: not enabled' "$status $(jq -r .added <<<"$("$cordpair" --json reload)")" '0 []'
mark_log
run "$cordpair" servers enable v
ok 'and when it is enabled it is started' wait_until said 'server "v" is new'
rm -r "$tmp/data/cordpair"
ok 'the whole tier goes' wait_until said 'server "v" is stopped'
rm -f "$servers_d"/90-v.json

# Fifty of them leave nothing
wait_until daemon_has ready 3
descriptors() { find "/proc/$daemon_pid/fd" -mindepth 1 | wc -l; }
children() { pgrep -P "$1" | while read -r child; do echo "$child"; children "$child"; done; }
fds=$(descriptors)
processes=$(children "$daemon_pid" | wc -l)
pid_of() { pgrep -f "^[^ ]*fake-server ([a-z0-9]+ )?$mark-$1( |\$)"; }
d=$(pid_of d)
for ((i = 0; i < 50; i++)); do
	sed "s/\"four\"/\"turn$i\"/" "$tmp/a.json" >"$file"
	"$cordpair" -q reload >/dev/null || fail "reload $i"
done
settled() { daemon_has ready 3 && [ "$(descriptors)" = "$fds" ] && [ "$(children "$daemon_pid" | wc -l)" = "$processes" ]; }
ok '50 reloads leave no descriptor and no process' wait_until settled
is 'the last one counts' "$(pgrep -fc "^[^ ]*fake-server turn49 $mark-a")" 1
is 'and d never noticed' "$(pid_of d)" "$d"

daemon_end
is 'the end: exit 0' "$daemon_status" 0
ok 'the end: no server is left' wait_until none_alive
events=$(cat "$tmp/daemon.out")
events_are_valid 'the events of a daemon' "$events"
is 'config.changed: its generations count up' \
	"$(jq -s '[.[] | select(.type == "config.changed") | .generation] | . == (. | sort) and (.[0] == 2)' <<<"$events")" true
is 'config.changed: what was held' \
	"$(jq -sc '[.[] | select(.type == "config.changed") | .held[]] | unique' <<<"$events")" '["a"]'

# Only those that were named
daemon_start b
put e
reload
is 'daemon SERVER: no other one is started' "$status $out" '0 nothing has changed: 1 server goes on'
rm "$servers_d/b.json"
reload
ok 'daemon SERVER: that one is stopped' wait_until is_absent b
put b
ok 'and started' wait_until daemon_has ready 1
daemon_end

# A run that is no daemon keeps its servers: SIGHUP ends it.
endpoint
"$cordpair" --trace "$tmp/trace" call e sleep ms=60000 >/dev/null 2>&1 </dev/null &
pid=$!
wait_until grep -qs tools/call "$tmp/trace"
put f
kill -HUP "$pid"
wait "$pid"
is 'SIGHUP to a run: exit 129' $? 129
endpoint_stop
ok 'nothing is left' wait_until none_alive
done_testing
