#!/bin/bash
# SPDX-License-Identifier: MIT
# Streamable HTTP with a session, and HTTP+SSE, as server-everything speaks them. (2026-07-28 is in
# context7.sh.)
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

everything=$npm_dir/node_modules/@modelcontextprotocol/server-everything/dist/index.js
real_remote session "$(free_port)" /mcp node "$everything" streamableHttp
real_remote events "$(free_port)" /sse node "$everything" sse

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
kill "${real_pids[0]}"
wait "${real_pids[0]}" 2>/dev/null
run "$cordpair" call session echo message=hello
is 'nobody listens: exit 69' "$status" 69
like 'nobody listens: said' "$err" 'session'
done_testing
