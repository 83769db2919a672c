#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair doctor SERVER: what a server declares, and each rule of the specification that it breaks.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

# The shipped servers are models of how to write one.
mkdir "$tmp/files"
for server in "files $tmp/files" "sqlite $tmp/db"; do
	jq -n --arg command "$TOP_BUILDDIR/src/servers/cordpair-${server%% *}" --arg path "${server#* }" \
		'{$command, args: [$path], policy: "allow"}' >"$servers_d/${server%% *}.json"
done
[ -x "$TOP_BUILDDIR/src/servers/cordpair-files" ] || sed -i "s#src/servers/#src/#" "$servers_d"/*.json
chmod 600 "$servers_d"/*.json
sqlite3 "$tmp/db" 'create table t (a)' 2>/dev/null || : >"$tmp/db"
for era in legacy modern; do
	for name in files sqlite; do
		jq --arg era $era '.protocol = $era' "$servers_d/$name.json" >"$tmp/entry"
		cat "$tmp/entry" >"$servers_d/$name.json"
		run "$cordpair" doctor $name
		is "$era: cordpair-$name: exit" "$status" 0
		like "$era: cordpair-$name keeps every rule" "$out" "^ok +$name +no deviation from MCP 20.* was noticed"
	done
done

# finds WHAT EXIT PATTERN SCRIPT [MEMBERS]: that, and nothing else
finds() {
	scripted it "$4" "${5-}"
	run timeout 50 "$cordpair" doctor it
	is "$1: exit" "$status" "$2"
	is "$1: one finding" "$(grep -cE '^(FAIL|note)' <<<"$out")" 1
	like "$1: said" "$(grep -E '^(FAIL|note)' <<<"$out")" "$3"
}
pong='"ping": [[{"id": "$id", "result": {}}]]'
legacy() { echo "{\"tools\": ${2:-[]}, \"capabilities\": ${3:-{\"tools\": {\}\}}, \"on\": {$pong${1:+, $1}}}"; }

scripted it "$(legacy '')"
run "$cordpair" doctor it
is 'a good server' "$status $(grep -c '^ok' <<<"$out")" '0 4'
like 'a good server: its name' "$out" 'calls itself script 1$'
like 'a good server: its capabilities' "$out" 'declares \{"tools": ?\{\}\}$'
like 'a good server: era and revision' "$out" 'MCP 2025-11-25 \(legacy era\), 0 tools'
run "$cordpair" --json doctor it
json 'as JSON' "$out" 'length == 4 and all(.[]; .what == "it" and .ok)'

finds 'noise on stdout' 76 'FAIL +it +MUST: stdio: nothing but MCP messages' \
	"$(legacy '"tools/list": [["starting up…", {"id": "$id", "result": {"tools": []}}]]')"
finds 'a batch' 76 'MUST: Base protocol: batches' \
	"$(legacy '"tools/list": [["[{\"jsonrpc\":\"2.0\",\"method\":\"notifications/x\"}]", {"id": "$id", "result": {"tools": []}}]]')"
finds 'an answer nobody asked for' 76 'MUST: JSON-RPC: an answer has the id .*answered 77' \
	"$(legacy '"tools/list": [[{"id": 77, "result": {}}, {"id": "$id", "result": {"tools": []}}]]')"
finds 'an unknown method with a result' 76 '-32601: it answered with a result' \
	"$(legacy '"cordpair/no-such-method": [[{"id": "$id", "result": {}}]]')"
finds 'no answer to ping' 76 'MUST: Ping: .*error -32601' "$(legacy '' | jq -c 'del(.on.ping)')"
finds 'death of the probe' 76 'exited with status 3 when it was asked for server/discover' \
	"$(legacy '"server/discover": [[{"exit": 3}]]')"
finds 'a request too early' 0 'note +it +SHOULD: Lifecycle: .*asked for roots/list' \
	"$(legacy '"initialize": [[{"id": 0, "method": "roots/list"}, {"id": "$id", "result": {"protocolVersion": "2025-11-25",
		"capabilities": {"tools": {}}, "serverInfo": {"name": "script", "version": "1"}}}]]')"
finds 'what was not declared to it' 76 'MUST: Capabilities: only what the client .*sampling/createMessage' \
	"$(legacy '"tools/list": [[{"id": 0, "method": "sampling/createMessage", "params": {}}, {"id": "$id", "result": {"tools": []}}]]')"
finds 'what it did not declare' 76 'MUST: Capabilities: what a server uses, it declares: it sent "notifications/message"' \
	"$(legacy '"tools/list": [[{"method": "notifications/message", "params": {"level": "info", "data": 1}}, {"id": "$id", "result": {"tools": []}}]]')"
finds 'a server without a name' 0 'SHOULD: Versioning: .*serverInfo is missing' \
	"$(legacy '"initialize": [[{"id": "$id", "result": {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}}}}]]')"
finds 'a tool without a name' 76 'MUST: Tools: each has a name' "$(legacy '' '[{"inputSchema": {"type": "object"}}]')"
finds 'an odd name' 0 'SHOULD: Tools: a name is .*tool "a b"' "$(legacy '' '[{"name": "a b", "inputSchema": {"type": "object"}}]')"
finds 'a schema that is none' 76 'MUST: JSON Schema: .*tool "t": inputSchema.required: expected an array' \
	"$(legacy '' '[{"name": "t", "inputSchema": {"type": "object", "required": 7}}]')"
finds 'progress for nobody' 76 'MUST: Progress: .*token "x"' \
	"$(legacy '"tools/list": [[{"method": "notifications/progress", "params": {"progressToken": "x", "progress": 1}},
		{"id": "$id", "result": {"tools": []}}]]')"
finds 'resources that cannot be listed' 76 'MUST: Features: .*resources/list with the error -32601' \
	"$(legacy '' '[]' '{"tools": {}, "resources": {}}')"
finds 'no end with stdin' 0 'SHOULD: stdio: a server ends when its stdin ends' \
	"$(legacy '"notifications/initialized": [[{"sleep_ms": 0}]]')" '"env": {"FAKE_SCRIPT_STAYS": "1"}'

modern='{"era": "modern", "tools": []'
finds 'modern: a request' 76 'MUST: 2026-07-28: a server sends no requests' \
	"$modern, \"on\": {\"cordpair/no-such-method\": [[{\"id\": 0, \"method\": \"ping\"},
		{\"id\": \"\$id\", \"error\": {\"code\": -32601, \"message\": \"none\"}}]]}}"
finds 'modern: no resultType' 76 'MUST: 2026-07-28: every result has a resultType' \
	"$modern, \"on\": {\"tools/list\": [[{\"id\": \"\$id\", \"result\": {\"tools\": [], \"ttlMs\": 0, \"cacheScope\": \"public\"}}]]}}"
finds 'modern: no ttlMs' 76 'MUST: Caching: .*its answer to tools/list' \
	"$modern, \"on\": {\"tools/list\": [[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\", \"tools\": []}}]]}}"

# Interrupted in the middle of a question.
scripted it "$(legacy '' | jq -c '.on.ping = [[]]')"
"$cordpair" doctor it >"$tmp/out" 2>"$tmp/err" </dev/null &
doctor=$!
asked() { grep -q '"ping"' "$tmp/it.said"; }
ok 'interrupted: it is examined' wait_until asked
kill -TERM $doctor
wait $doctor
is 'interrupted: exit' $? 143
is 'interrupted: the server is told' "$(said it 'select(.method == "notifications/cancelled") | .params.requestId')" \
	"$(said it 'select(.method == "ping") | .id')"

run "$cordpair" doctor nobody
is 'a server that is not there' "$status" 78
done_testing
