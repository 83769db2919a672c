#!/bin/bash
# SPDX-License-Identifier: MIT
# context7: a server of both eras, over stdio and over HTTP. Its service is one on loopback, that
# answers searches and lets questions wait.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

real_service 'if (request.url.includes("search")) response.end(JSON.stringify({ results: [] }))'
context7=$(real_program context7-mcp)
export CONTEXT7_API_URL=http://127.0.0.1:$service_port
real_entry stdio '{"CONTEXT7_API_URL": "'"$CONTEXT7_API_URL"'"}' "$context7"
port=$(free_port)
real_remote http "$port" /mcp node "$context7" --transport http --port "$port"

search=(resolve-library-id query=x libraryName=react)
for name in stdio http; do
	cp "$servers_d/$name.json" "$tmp/entry"
	is "$name: tools" "$(tool_names $name)" 'resolve-library-id query-docs'
	for era in auto modern legacy; do
		jq --arg era "$era" '. + {protocol: $era}' "$tmp/entry" >"$servers_d/$name.json"
		rm -f "$tmp/trace"
		run "$cordpair" --trace "$tmp/trace" call "$name" "${search[@]}"
		like "$name, $era: a call" "$status $out" '^0 .*No libraries found'
		trace=$(cat "$tmp/trace")
		if [ $era = legacy ]; then
			like "$name, $era: initialize" "$trace" '"method":"initialize"'
			unlike "$name, $era: no probe" "$trace" 'server/discover'
		else
			like "$name, $era: server/discover" "$trace" 'server/discover'
			unlike "$name, $era: no initialize, no session" "$trace" '"initialize|"note":"(GET|DELETE)"'
		fi
	done
	cat "$tmp/entry" >"$servers_d/$name.json"
done
ok 'stopped: no process is left' none_marked
survives stdio query-docs libraryId=/facebook/react query=hooks

start_call http query-docs libraryId=/facebook/react query=hooks
kill -INT "$host"
wait "$host"
is 'http: SIGINT: exit' $? 130
done_testing
