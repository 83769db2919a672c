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

# The endpoint alone: clients that go away do not end it, the end of its stdin does.
mkfifo "$tmp/demo_in" "$tmp/demo_out"
env --default-signal=PIPE "$TOP_BUILDDIR/src/demo/demo-endpoint" <"$tmp/demo_in" >"$tmp/demo_out" &
pid=$!
exec 7>"$tmp/demo_in" 6<"$tmp/demo_out"
read -r line <&6
port=$(jq -r '.base_url | capture(":(?<port>[0-9]+)/api/v1$").port' <<<"$line")
body=$(jq -nc '{stream: true, messages: [{role: "user", content: "hello"}], tools: [range(40) |
	{type: "function", function: {name: "tool_of_which_the_answer_tells_\(.)"}}]}') # an answer in many pieces
for _ in {1..20}; do
	printf 'POST /api/v1/chat/completions HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s' ${#body} "$body" \
		>"/dev/tcp/127.0.0.1/$port"
done 2>/dev/null
exec 5<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /api/v1/models HTTP/1.1\r\nConnection: close\r\n\r\n' >&5
like 'clients that go away do not end it' "$(timeout "$limit_s" cat <&5)" 'HTTP/1.1 200 OK'
exec 5>&- 7>&- 6<&-
ok 'the end of its stdin does' wait_until gone $pid
wait $pid
is 'with exit 0' $? 0

# Nothing is left behind, whatever happens.
mark=$$-$RANDOM
mkdir "$tmp/$mark" && cd "$tmp/$mark" || exit 1
left() { for d in /proc/[0-9]*; do [ "$(readlink "$d/cwd")" = "$tmp/$mark" ] && [ "${d#/proc/}" != $$ ] && [ "${d#/proc/}" != "$BASHPID" ] && cat "$d/comm"; done 2>/dev/null; }
none_left() { ! left | grep -qE 'demo-endpoint|cordpair|engine|keeper|fake-server'; }
run "$cordpair" demo
ok 'normal end: no process is left' none_left
"$cordpair" ask --model demo 'hang' >/dev/null 2>"$tmp/err" </dev/null &
pid=$!
ok 'a call that hangs' wait_until grep -q 'calling it__hang' "$tmp/err"
ok 'while it does, the stand-in runs' eval 'left | grep -q demo-endpoint'
kill -KILL $pid
wait $pid 2>/dev/null
ok 'killed: no process is left' wait_until none_left
done_testing
