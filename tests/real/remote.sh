#!/bin/bash
# SPDX-License-Identifier: MIT
# The three HTTP transports of MCP, as public servers speak them: Streamable HTTP with a session
# (server-everything), HTTP+SSE (the same), and 2026-07-28 (context7).
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

node_pids=()
# remote NAME PORT PATH COMMAND...: starts a server that listens, and its entry.
remote() {
	local name=$1 port=$2 path=$3
	shift 3
	PORT=$port "$@" >"$tmp/$name.log" 2>&1 &
	node_pids+=($!)
	printf '{"type": "http", "url": "http://127.0.0.1:%d%s", "policy": "allow"}\n' \
		"$port" "$path" >"$servers_d/$name.json"
	chmod 600 "$servers_d/$name.json"
	wait_until listens "$port"
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
	node -e 'const s = require("net").createServer().listen(0, "127.0.0.1",
		() => { console.log(s.address().port); s.close() })'
}

everything=$npm_dir/node_modules/@modelcontextprotocol/server-everything/dist/index.js
session_port=$(free_port)
remote session "$session_port" /mcp node "$everything" streamableHttp
remote events "$(free_port)" /sse node "$everything" sse
port=$(free_port)
remote modern "$port" /mcp node "$(real_program context7-mcp)" --transport http --port "$port"

for name in session events; do
	like "$name: its tools" "$(tool_names $name)" 'echo .*get-sum'
	run "$cordpair" call $name echo message=hello
	is "$name: a call" "$status $out" '0 Echo: hello'
	run "$cordpair" --events call $name trigger-long-running-operation duration=1 steps=2
	like "$name: a slow call: its answer" "$(event "$out" run.end .text)" \
		'^Long running operation completed'
	is "$name: a slow call: its progress" "$(event "$out" tool.progress .progress)" '1 2'
	is "$name: the run starts once" "$(event "$out" run.start .command)" call
	run "$cordpair" --timeout 3 --trace "$tmp/trace-$name" call $name \
		trigger-long-running-operation duration=60 steps=2
	is "$name: --timeout: exit 124" "$status" 124
	ok "$name: --timeout: the server is told" grep -q notifications/cancelled "$tmp/trace-$name"
done
ok 'the session is ended by DELETE' grep -q '"http.request","who":"session","note":"DELETE"' \
	"$tmp/trace-session"
is 'the modern era: its tools' "$(tool_names modern)" 'resolve-library-id query-docs'
run "$cordpair" --trace "$tmp/trace" tools modern
unlike 'the modern era: no session' "$(cat "$tmp/trace")" '"initialize"|"note":"(GET|DELETE)"'

kill "${node_pids[0]}"
wait "${node_pids[0]}" 2>/dev/null
run "$cordpair" call session echo message=hello
is 'nobody listens: exit 69' "$status" 69
like 'nobody listens: said' "$err" 'session'
kill "${node_pids[@]:1}"
wait 2>/dev/null
done_testing
