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
like 'this folder'"'"'s, as a table' "$out" '^    notes.txt +file +15 '
like 'it queries the database' "$out" 'sqlite__query_db answered:'
like 'with rows' "$out" '^  patch cord +4.5$'
like 'it says that it is no model' "$out" 'not a language model'
like 'it shows the calls' "$err" 'calling files__list_files'
run "$cordpair" demo 'read notes.txt'
like 'another prompt: a path becomes an argument' "$out" 'a line to find'
run "$cordpair" demo "search the files for 'line to'"
like 'a quoted text becomes an argument' "$err" 'search_files.*"text":"line to"'
like 'and is found' "$out" 'notes.txt'
run "$cordpair" demo 'describe the table products'
like 'a word behind the name of a parameter becomes an argument' "$err" 'describe_table \{"table":"products"\}'

# prompt WORDS WANTED: the calls, each "NAME ARGUMENTS".
prompt() {
	run "$cordpair" --json demo "$1"
	is "$1" "$(jq -c '.calls[] | .name, .arguments' <<<"$out" | paste -sd' ' | tr -d '"')" "$2"
}
mkdir sub
prompt "What's in this folder?" 'files__list_files {}'
prompt 'list the hidden files in sub' 'files__list_files {path:sub,hidden:true}'
prompt 'In sub, list the files with depth 3' 'files__list_files {path:sub,depth:3}'
prompt 'how big is notes.txt?' 'files__file_info {path:notes.txt}'
prompt 'look for TODO in sub' 'files__search_files {text:TODO,path:sub}'
prompt 'find *.txt' 'files__search_files {glob:*.txt}'
prompt 'show notes.txt and the columns of products' \
	'files__read_file {path:notes.txt} sqlite__describe_table {table:products}'
prompt 'SELECT name, price FROM products; list tables' \
	'sqlite__query_db {sql:SELECT name, price FROM products} sqlite__list_tables {}'
prompt 'select the best' ''
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
like 'all of them' "$err" 'it__add \{"a":2,"b":40\}'
run "$cordpair" --server "fk=$fake" --yes-to 'fk:*' demo 'echo the text hello'
like 'demo with a server of the command line' "$out" 'fk__echo answered'

# Any tool's schema: arguments are always JSON, and of the type that it wants.
cat >"$servers_d/odd.json" <<'END'
{"type": "call", "url": "http://127.0.0.1:1/call", "policy": "allow", "tools": [
 {"name": "measure", "parameters": {"type": "object", "required": ["odd \"name\"", "large", "whole", "how"], "properties": {
  "odd \"name\"": {"type": "string"}, "large": {"type": "number"}, "whole": {"anyOf": [{"type": "null"}, {"type": "integer"}]},
  "unit": {"enum": ["feet", "metres"]}, "parts": {"type": "array", "items": {"type": "number"}},
  "how": {"type": "string", "default": "slowly"}}}}]}
END
chmod 600 "$servers_d/odd.json"
run "$cordpair" --json ask --model demo 'measure "the thing" 1e999 -1e300 12 in metres, parts 3 4.5'
json 'odd names and numbers: the call is made' "$out" '.calls[0].name == "odd__measure"
	and (.calls[0].arguments | .["odd \"name\""] == "the thing" and .large == -1e300 and .whole == 12
	and .unit == "metres" and .parts == [3, 4.5] and .how == "slowly")'
rm "$servers_d/odd.json"

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
