#!/bin/bash
# SPDX-License-Identifier: MIT
# context7: a server of both eras. Its service is one on loopback, that answers searches and lets
# questions wait.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

mkfifo "$tmp/port"
node -e '
	require("http").createServer((request, response) => {
		if (request.url.includes("search"))
			response.end(JSON.stringify({ results: [] }))
	}).listen(0, "127.0.0.1", function () { console.log(this.address().port) })
' >"$tmp/port" &
service=$!
read -r port <"$tmp/port"
context7=$(real_program context7-mcp)
real_entry context7 '{"CONTEXT7_API_URL": "http://127.0.0.1:'"$port"'"}' "$context7"
is 'tools' "$(tool_names context7)" 'resolve-library-id query-docs'
run "$cordpair" --trace "$tmp/trace" call context7 resolve-library-id query=x libraryName=react
is 'a call: exit 0' "$status" 0
like 'a call: the answer' "$out" 'No libraries found'
ok 'the modern era: server/discover' grep -q server/discover "$tmp/trace"
unlike 'the modern era: no initialize' "$(cat "$tmp/trace")" '"initialize'
ok 'stopped: no process is left' none_marked
survives context7 query-docs libraryId=/facebook/react query=hooks

jq '. + {protocol: "2025-11-25"}' "$servers_d/context7.json" >"$tmp/pinned"
cat "$tmp/pinned" >"$servers_d/context7.json"
rm -f "$tmp/trace"
run "$cordpair" --trace "$tmp/trace" call context7 resolve-library-id query=x libraryName=react
like 'pinned to the older era: the answer' "$status $out" '^0 .*No libraries found'
unlike 'pinned to the older era: no probe' "$(cat "$tmp/trace")" 'server/discover'
kill "$service"
wait "$service" 2>/dev/null
done_testing
