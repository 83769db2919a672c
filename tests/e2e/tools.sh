#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair tools: every page of every server, and nobody's fault hurts another.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

run "$cordpair" tools
is 'no server: exit 0' "$status" 0
like 'no server: it says what to do' "$err" 'cordpair servers enable files'

server one ''
server two 'tools=3'
run "$cordpair" tools --tsv
is 'two servers: exit 0' "$status" 0
like 'names are server__tool' "$out" $'^one__echo\tThe tool echo$'
like 'of every server' "$out" '^two__more_2'
run "$cordpair" tools --json
json 'JSON has server, tool, name and schema' "$out" \
	'map(select(.server == "two" and .tool == "add")) | length == 1 and .[0].name == "two__add"
	 and .[0].input_schema.properties.a.type == "integer"'
run "$cordpair" tools one --tsv
unlike 'a named server alone' "$out" '^two__'
its_tools=$(grep -c . <<<"$out")
run "$cordpair" tools --openrouter
json 'the array for OpenRouter' "$out" "length == 2 * $its_tools + 3"' and all(.[]; .type == "function" and
	(.function.name | test("^[A-Za-z_][A-Za-z0-9_-]{0,63}$")) and .function.parameters.type == "object"
	and (.function.parameters.properties | type == "object") and (.function.parameters | has("$schema") | not))'
first=$out
server zero ''
run "$cordpair" tools --openrouter
json 'names stay when a server is added' "[$first,$out]" \
	'(.[0] | map(.function.name)) - (.[1] | map(.function.name)) == []'
no_servers

server paged 'pages=5'
run "$cordpair" tools --tsv
is 'all pages are read' "$(grep -c . <<<"$out")" "$its_tools"
no_servers
server endless 'endless-pages'
server good ''
run "$cordpair" tools --tsv
is 'endless pages: exit 0' "$status" 0
like 'endless pages: it is named' "$err" 'endless.*no end to its pages|endless.*same name'
like 'endless pages: the other is there' "$out" '^good__echo'
no_servers

server odd 'bad-tools'
run "$cordpair" tools --tsv
is 'bad tools: exit 0' "$status" 0
like 'bad tools: good ones stay' "$out" '^odd__lenient'
like 'bad tools: each is named' "$err" 'tool "odd" is left out: its inputSchema is not an object'
like 'bad tools: nameless' "$err" 'tool "\?" is left out: its name is missing'
like 'bad tools: twice' "$err" 'tool "echo" is left out: another tool'
no_servers

for mode in noise crlf batch blank 'noise crlf'; do
	server it "$mode"
	run "$cordpair" tools --tsv
	is "$mode: exit 0" "$status" 0
	like "$mode: its tools are there" "$out" '^it__echo'
done
no_servers

server dead 'exit-at-start=5'
server good ''
run "$cordpair" tools --tsv
is 'a dead server: exit 0' "$status" 0
like 'a dead server: how it ended and its last words' "$err" 'dead.*exited with status 5.*no reason to live'
like 'a dead server: the other is there' "$out" '^good__echo'
run "$cordpair" tools dead
is 'a dead server that was asked for: exit 69' "$status" 69
no_servers

server slow 'no-answer' '"start_timeout_s": 1'
server good ''
run "$cordpair" tools --tsv
is 'a silent server: exit 0' "$status" 0
like 'a silent server: it is named' "$err" '"slow" was not ready within 1 seconds'
is 'a silent server: once' "$(grep -c '"slow"' <<<"$err")" 1
like 'a silent server: the other is there' "$out" '^good__echo'
no_servers

server picky 'refuse-initialize'
run "$cordpair" tools picky
like 'a refused initialize: the reason' "$err" 'refused initialize: no initialize today'
server picky 'odd-version'
run "$cordpair" tools picky
like 'an unknown revision: the reason' "$err" 'revision of MCP that is not known: "1999-01-01"'
no_servers

run "$cordpair" --server 'x=/nowhere/at/all --flag' tools x
is 'a command that is not there: exit 69' "$status" 69
like 'a command that is not there: why' "$err" '"x" could not be started: /nowhere/at/all: No such file or directory \(check "command"\)'

server it '' '"include_tools": ["e*", "add"], "exclude_tools": ["env"]'
run "$cordpair" tools --tsv
is 'include and exclude' "$(cut -f1 <<<"$out" | tr '\n' ' ')" 'it__echo it__add '
server it '' '"include_tools": ["echo", "add"]'
sed -i 's/"policy": "allow"/"policy": {"deny": ["add"]}/' "$servers_d/it.json"
run "$cordpair" tools --openrouter
json 'what is denied is not offered' "$out" 'map(.function.name) == ["it__echo"]'
no_servers

server it ''
run "$cordpair" --trace "$tmp/trace" tools
json 'the trace is JSON lines' "$(jq -s . "$tmp/trace")" 'length > 3'
like 'the trace has the frames' "$(cat "$tmp/trace")" '"mcp.send".*tools/list'
run "$cordpair" toolz
is 'an unknown command: exit 2' "$status" 2
like 'an unknown command: the nearest' "$err" 'did you mean "tools"'
run "$cordpair" tools --jsn
is 'an unknown option: exit 2' "$status" 2
like 'an unknown option: the nearest' "$err" 'did you mean --json'
run "$cordpair" tools nobody
is 'an unknown server: exit 78' "$status" 78
server it 'tools=2000' # more than a pipe holds
"$cordpair" tools --json | head -c 10 >/dev/null
is 'a reader that goes away: as by SIGPIPE' "${PIPESTATUS[0]}" 141
done_testing
