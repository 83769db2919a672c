#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair demo: the main job without a key or a network, through the same path as ask.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
mkdir "$tmp/here" && cd "$tmp/here" || exit 1
echo 'a line to find' >notes.txt
"$TOP_BUILDDIR/src/servers/cordpair-sqlite" --help >/dev/null 2>&1 || skip_all 'built without sqlite3'

run "$cordpair" demo
is 'the default prompt: exit 0' "$status" 0
like 'it lists the files' "$out" 'files__list_files answered:'
like 'this folder'"'"'s' "$out" '"notes.txt"'
like 'it queries the database' "$out" 'sqlite__query_db answered:'
like 'with rows' "$out" '"patch cord"'
like 'it says that it is no model' "$out" 'not a language model'
like 'it shows the calls' "$err" 'calling files__list_files'
run "$cordpair" demo 'read notes.txt'
like 'another prompt: a path becomes an argument' "$out" 'a line to find'
run "$cordpair" demo "search the files for 'line to'"
like 'a quoted text becomes an argument' "$err" 'search_files.*"text":"line to"'
like 'and is found' "$out" 'notes.txt'
run "$cordpair" demo 'describe the table products'
like 'a word behind the name of a parameter becomes an argument' "$err" 'describe_table \{"table":"products"\}'
run "$cordpair" demo 'good morning'
is 'a prompt that no tool fits: exit 0' "$status" 0
like 'and says which tools there are' "$out" 'files__read_file'
run "$cordpair" --json demo
json '--json' "$out" '.exit == 0 and (.calls | length) == 2 and .requests == 2 and (.text | test("answered"))'
run "$cordpair" --events demo
is '--events: the last one' "$(tail -n 1 <<<"$out" | jq -r .type)" run.end
json '--events: text comes in pieces' "$(jq -s . <<<"$out")" '[.[] | select(.type == "text.delta")] | length > 3'
run "$cordpair" --no-stream demo
like 'without streaming' "$out" 'sqlite__query_db answered:'
run "$cordpair" --trace "$tmp/trace" demo
like 'the trace has the HTTP request' "$(cat "$tmp/trace")" '"http.request".*chat/completions'
like 'the stream' "$(cat "$tmp/trace")" 'OPENROUTER PROCESSING'
like 'and the calls' "$(cat "$tmp/trace")" '"mcp.send".*"tools/call"'

# Other servers, and ask --model demo
server it ''
run "$cordpair" ask --model demo 'please echo the text wonder'
is 'ask --model demo: exit 0' "$status" 0
like 'ask --model demo: the call' "$err" 'it__echo \{"text":"wonder"\}'
run "$cordpair" ask --model demo 'add 2 and 40'
like 'numbers become arguments' "$out" 'it__add answered'
run "$cordpair" --server "fk=$fake" --yes-to 'fk:*' demo 'echo the text hello'
like 'demo with a server of the command line' "$out" 'fk__echo answered'

# Nothing is left behind, whatever happens.
mark=$$-$RANDOM
mkdir "$tmp/$mark" && cd "$tmp/$mark" || exit 1
left() { for d in /proc/[0-9]*; do [ "$(readlink "$d/cwd")" = "$tmp/$mark" ] && [ "${d#/proc/}" != $$ ] && [ "${d#/proc/}" != "$BASHPID" ] && cat "$d/comm"; done 2>/dev/null; }
none_left() { ! left | grep -qE 'demo-endpoint|cordpair|keeper'; }
run "$cordpair" demo
ok 'normal end: no process is left' none_left
"$cordpair" ask --model demo 'hang' >/dev/null 2>&1 </dev/null &
pid=$!
kill -KILL $pid
wait $pid 2>/dev/null
ok 'killed: no process is left' wait_until none_left
done_testing
