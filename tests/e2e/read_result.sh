#!/bin/bash
# SPDX-License-Identifier: MIT
# A result over the limit is kept whole; the model gets its beginning, and reads on.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

settings() { echo "$1" >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"; }
sessions=$XDG_STATE_HOME/cordpair/sessions
export TMPDIR=$tmp/tmpdir
mkdir "$TMPDIR"
done_line='{"text": "Done."}'
call() { jq -nc --arg name "$1" --argjson arguments "$2" '{calls: [{$name, $arguments}]}'; }
read_result() { call read_result "$1"; }
names() { request "$1" | jq -rc '[.tools[].function.name]'; }
# 2990 lines of 10 characters, 11 bytes each
long=$(for i in $(seq 10 2999); do printf 'line é%03d\n' $((i % 1000)); done)
echo "$long" | jq -Rs '{text: .}' >"$tmp/long"
bytes=$((2990 * 11))
settings '{"limits": {"result_bytes": 1001}}'
server it ''

endpoint "$(call it__echo "$(cat "$tmp/long")")" "$(read_result '{"id": 1, "offset": 1001}')" \
	"$(read_result '{"id": "1", "offset": "32505", "length": 700}')" "$(read_result '{"id": 1, "search": "é999"}')" "$done_line"
run "$cordpair" ask hi
is 'a long result: exit' "$status $out" '0 Done.'
is 'the model gets the beginning' "$(tool_message 2 1 | head -c 1001)" "$(head -c 1001 <<<"$long")"
is 'its size, and how to read on' "$(tool_message 2 1 | tail -n 1)" \
	"[This is the beginning: 1001 of $bytes bytes. All of it is kept: read_result with {\"id\":1,\"offset\":1001} reads on; with \"search\" it finds a text.]"
file=$(echo "$sessions"/*/1.txt)
is 'all of it is a file of the session' "$(cat "$file")" "$long"
is 'which is private' "$(stat -c %a "$file") $(stat -c %a "${file%/*}")" '600 700'
json 'read_result is offered from then on, last' "[$(names 1),$(names 2)]" '.[1] == .[0] + ["read_result"]'
is 'and the other tools are the same bytes' "$(request 2 | jq -c .tools | head -c 500)" "$(request 1 | jq -c .tools | head -c 500)"
is 'a page: where it is' "$(tool_message 3 2 | head -n 1)" "[bytes 1001 to 2002 of $bytes; offset 2002 reads on]"
is 'a page: the bytes' "$(tool_message 3 2 | tail -n +2)" "$(tail -c +1002 <<<"$long" | head -c 1001)"
is 'the last page, with numbers as strings' "$(tool_message 4 3)" \
	"[bytes 32505 to $bytes: this is the end]"$'\n'"$(tail -c +32506 <<<"$long")"
is 'a search: all places' "$(tool_message 5 4 | grep -c '^at ')" 3
like 'a search: with what is around them' "$(tool_message 5 4)" '^at [0-9]*: .*line é998 line é999 line é000.*'
is 'read_result counts as a call' "$(jq -s '.[-1].calls' "$sessions"/*.jsonl)" 4

# In the next run of the session
endpoint "$(read_result '{"id": 1, "search": "line"}')" "$(read_result '{"id": 1, "search": "line", "offset": 32808}')" \
	"$(read_result '{"id": 1, "search": "nowhere"}')" "$(call it__echo "$(cat "$tmp/long")")" "$done_line"
run "$cordpair" ask --resume more
is 'resumed' "$status" 0
json 'resumed: it is offered at once' "$(names 1)" 'index("read_result") != null'
is 'resumed: a search that finds much' "$(tool_message 2 5 | grep -ac '^\[there are more: offset [0-9]* searches on\]$') $(tool_message 2 5 | grep -ac '^at ')" '1 20'
is 'resumed: a search from an offset' "$(tool_message 3 6 | grep -ac '^at ')" "$(tail -c +32809 <<<"$long" | grep -c line)"
is 'resumed: one that finds nothing' "$(tool_message 4 7)" "[none of the bytes 0 to $bytes has this text]"
like 'resumed: the next result has the next number' "$(tool_message 5 8 | tail -n 1)" '"id":2,'
id=$("$cordpair" --json sessions | jq -r '.[0].id')
ok 'they are deleted with the session' [ -e "$sessions/$id/2.txt" ]
run "$cordpair" sessions delete "$id"
is 'and nothing is left' "$status $(ls "$sessions")" '0 '

# Without a session
endpoint "$(call it__echo "$(cat "$tmp/long")")" "$(read_result '{"id": 1, "offset": 32505}')" "$done_line"
run "$cordpair" ask --no-session hi
like '--no-session: it reads on too' "$(tool_message 3 2 | head -n 1)" 'this is the end'
is '--no-session: nothing is left' "$(ls "$TMPDIR")" ''
endpoint '{"calls": [{"name": "it__echo", "arguments": '"$(cat "$tmp/long")"'}]}' "$(call it__hang '{}')"
"$cordpair" ask --no-session hi </dev/null >"$tmp/out" 2>"$tmp/err" &
host=$!
wait_until eval '[ "$(request_count)" = 2 ] && ls "$TMPDIR"/cordpair-*/1.txt' >/dev/null 2>&1
is '--no-session: it is private' "$(stat -c %a "$TMPDIR"/cordpair-*)" 700
kill -TERM $host
wait $host
is '--no-session: nothing is left after a signal' "$? $(ls "$TMPDIR")" '143 '
endpoint "$(call it__echo "$(cat "$tmp/long")")" "$done_line"
run env TMPDIR=/nowhere "$cordpair" ask --no-session hi
is 'it cannot be kept: the run goes on' "$status $out" '0 Done.'
like 'it cannot be kept: it is said' "$err" "a result of $bytes bytes is not kept whole: /nowhere/cordpair-"
is 'it cannot be kept: the model is told what is missing' "$(tool_message 2 1 | tail -n 1)" "[$((bytes - 1001)) of $bytes bytes were left out here]"
json 'it cannot be kept: nothing to read' "$(names 2)" 'index("read_result") == null'

# What a model does wrong
wrong=0
wrongly() { # WHAT ARGUMENTS REGEX: the answers are looked at together
	what[wrong]=$1 arguments[wrong]=$2 regex[wrong]=$3
	wrong=$((wrong + 1))
}
wrongly 'no id' '{}' 'arguments.id: expected the number of a result'
wrongly 'no such result' '{"id": 7}' 'there is no result 7'
wrongly 'no number' '{"id": "x"}' 'arguments.id: expected'
wrongly 'a path' '{"id": "../1"}' 'arguments.id: expected'
wrongly 'a negative offset' '{"id": 1, "offset": -1}' 'arguments.offset: expected a number of bytes'
wrongly 'an offset behind the end' '{"id": 1, "offset": 99999999999}' "arguments.offset: the result 1 has $bytes bytes"
wrongly 'a length that is none' '{"id": 1, "length": true}' 'arguments.length: expected'
wrongly 'a length of 0' '{"id": 1, "length": 0}' '^\[bytes 0 to '
wrongly 'far too long' '{"id": 1, "length": 9000000000}' '^\[bytes 0 to 1001 of'
wrongly 'in the middle of a character' '{"id": 1, "offset": 6}' '^\[bytes 7 to 1006 of'
endpoint "$(call it__echo "$(cat "$tmp/long")")" \
	"$(printf '%s\n' "${arguments[@]}" | jq -sc '{calls: map({name: "read_result", arguments: .})}')" "$done_line"
run "$cordpair" ask hi
is 'wrong arguments: the run goes on' "$status $out" '0 Done.'
for ((i = 0; i < wrong; i++)); do
	like "${what[i]}" "$(tool_message 3 $((i + 2)))" "${regex[i]}"
done
endpoint "$(read_result '{"id": 1}')" "$done_line"
run "$cordpair" ask hi
like 'before there is a result it is no tool' "$(tool_message 2 1)" 'there is no tool called "read_result"'

# An error, and a large one
settings '{}'
server it ''
endpoint "$(call it__big '{"bytes": 3000000}')" "$(read_result '{"id": 1, "offset": 2999990}')" "$done_line"
run "$cordpair" ask hi
is '3 MB: exit' "$status $out" '0 Done.'
like '3 MB: the end of it' "$(tool_message 3 2)" '^\[bytes 2999990 to 30000[0-9]*: this is the end\]'
endpoint_stop
done_testing
