#!/bin/bash
# SPDX-License-Identifier: MIT
# Servers that are known from an earlier run start when they are called: the manifest on disk.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

tool() { jq -nc --arg name "$1" --arg about "${2-about $1}" \
	'{$name, description: $about, inputSchema: {type: "object", properties: {n: {type: "integer"}}}}'; }
server_of() { jq -nc --argjson tools "[$1]" --argjson more "${2:-{\}}" '{$tools} + $more'; }
# The server behaves otherwise from now on, and its entry stays.
becomes() { printf '%s' "$1" >"$tmp/it.script"; }
done_line='{"text": "Done."}'
call='{"calls": [{"name": "it__work", "arguments": {"n": 1}}]}'
answers='{"on": {"tools/call": [[{"id": "$id", "result": {"content": [{"type": "text", "text": "$params"}]}}]]}}'
fresh() { : >"$tmp/it.said"; }
methods() { said it .method | tr -d '"' | paste -sd' '; }
ask() {
	fresh
	endpoint "$@"
	run "$cordpair" ask hi
	endpoint_stop
}
# known TITLE SCRIPT [MEMBERS]: a server that ran once.
known() {
	scripted it "$2" "${3-}"
	ask "$done_line"
	is "$1: the first run starts it" "$status $out" '0 Done.'
	like "$1: and lists its tools" "$(methods)" 'initialize.*tools/list|server/discover tools/list'
	first_tools=$(request 1 | jq -c .tools)
}
manifests() { find "$tmp/state" -path '*/manifests/*' -type f 2>/dev/null; }

# It need not run for its tools to be known
known 'no call' "$(server_of "$(tool work)" "$answers")"
is 'its manifest is kept' "$(manifests | wc -l)" 1
is 'for its user only' "$(stat -c %a "$(manifests)")" 600
ask "$done_line"
is 'the second run' "$status $out" '0 Done.'
is 'does not start it' "$(methods)" ''
is 'and the model is told the same' "$(request 1 | jq -c .tools)" "$first_tools"
fresh
endpoint "$call" "$done_line"
run "$cordpair" --events ask hi
is 'its states' "$(event "$out" server.state '.state')" 'idle starting ready stopped'
events_are_valid 'its states' "$out"
endpoint_stop
ask "$call" "$done_line"
is 'a call starts it' "$status $out" '0 Done.'
is 'and is made once, after its tools were listed' "$(methods)" \
	'initialize notifications/initialized tools/list tools/call'
like 'the model gets the result' "$(tool_message 2 1)" '"n": 1'
frames_are_valid 'a call starts it' it
ask '{"calls": [{"name": "it__work", "arguments": {"n": 1}}, {"name": "it__work", "arguments": {"n": 2}}]}' "$done_line"
is 'two calls at once start it once' "$(methods)" \
	'initialize notifications/initialized tools/list tools/call tools/call'
is 'in their order' "$(said it 'select(.method == "tools/call") | .params.arguments.n' | paste -sd' ')" '1 2'
is 'each has its answer' "$(tool_message 2 1 | jq .arguments.n) $(tool_message 2 2 | jq .arguments.n)" '1 2'
run "$cordpair" call it work n=3
like 'call starts servers as before' "$(methods)" 'tools/call'

# What it says of itself is known too
instructions='{"on": {"initialize": [[{"id": "$id", "result": {"protocolVersion": "2025-11-25", "instructions": "Work is hard.",
	"capabilities": {"tools": {}, "resources": {}}, "serverInfo": {"name": "script", "version": "1"}}}]],
	"resources/list": [[{"id": "$id", "result": {"resources": [{"uri": "a:b", "name": "a resource"}]}}]],
	"resources/templates/list": [[{"id": "$id", "result": {"resourceTemplates": []}}]]}}'
known 'instructions' "$(server_of "$(tool work)" "$instructions")"
first_message=$(request 1 | jq -c .messages[0])
ask "$done_line"
is 'its instructions, without a start' "$(methods) $(request 1 | jq -c .messages[0])" " $first_message"
like 'they are there at all' "$first_message" 'Work is hard'
is 'its resources are offered' "$(request 1 | jq -c .tools)" "$first_tools"
ask '{"calls": [{"name": "resource_list", "arguments": {"server": "it"}}]}' "$done_line"
like 'to list them starts it' "$(tool_message 2 1)" 'a:b - a resource'

# A tool that is another one now is not called
known 'changed' "$(server_of "$(tool work 'counts sheep')" "$answers")"
becomes "$(server_of "$(tool work 'deletes sheep')" "$answers")"
ask "$call" "$call" "$done_line"
is 'a changed tool' "$status $out" '0 Done.'
like 'a changed tool: the model is told' "$(tool_message 2 1)" 'was not made: the tool "work" of server "it" has changed'
like 'a changed tool: the next request has it as it is' "$(request 2 | jq -c .tools)" 'deletes sheep'
is 'a changed tool: one call is made, the second' "$(said it 'select(.method == "tools/call") | 1' | wc -l)" 1
like 'a changed tool: that one has its answer' "$(tool_message 3 2)" '"n": 1'
ask "$done_line"
like 'the next run knows the new one' "$(methods)$(request 1 | jq -c .tools)" '^[[].*deletes sheep'
becomes "$(server_of "$(tool other)" "$answers")"
ask "$call" "$done_line"
like 'a tool that is gone' "$(tool_message 2 1)" 'server "it" has no tool "work" any more'
is 'a tool that is gone: nothing was called' "$(said it 'select(.method == "tools/call")')" ''
is 'a tool that is gone: the next request' "$(request 2 | jq -c '[.tools[].function.name]')" '["it__other"]'
known 'another tool' "$(server_of "$(tool work)" "$answers")"
becomes "$(server_of "$(tool work),$(tool more)" "$answers")"
ask "$call" "$done_line"
like 'another tool that came: the call is made' "$(tool_message 2 1)" '"n": 1'
is 'another tool that came: it is offered' "$(request 2 | jq -c '[.tools[].function.name]')" '["it__work","it__more"]'

# What makes the manifest void
known 'a failed call' "$(server_of "$(tool work)" '{"on": {"tools/call": [[{"id": "$id", "error": {"code": -32603, "message": "no"}}]]}}')"
ask "$call" "$done_line"
is 'a failed call drops the manifest' "$status $(manifests)" '0 '
ask "$done_line"
like 'a failed call: the next run starts it' "$(methods)" 'tools/list'
known 'a listing' "$(server_of "$(tool work)" "$(jq -nc --argjson new "$(tool more)" '{
	capabilities: {tools: {listChanged: true}},
	on: {"tools/call": [[{method: "notifications/tools/list_changed"}, {sleep_ms: 300}, {id: "$id", result: {content: []}}]],
	     "tools/list": [[{id: "$id", result: {tools: [{name: "work", inputSchema: {type: "object"}}]}}],
			    [{id: "$id", result: {tools: [{name: "work", inputSchema: {type: "object"}}, $new]}}]]}}')")"
run "$cordpair" call it work
ask "$done_line"
is 'list_changed: what came is known' "$(methods)$(request 1 | jq -c '[.tools[].function.name]')" '["it__work","it__more"]'
known 'its entry' "$(server_of "$(tool work)" "$answers")"
jq -c '.env = {X: "y"}' "$servers_d/it.json" >"$tmp/entry" && cat "$tmp/entry" >"$servers_d/it.json"
ask "$done_line"
like 'a changed entry: it is started' "$(methods)" 'tools/list'
jq -c '.exclude_tools = ["work"]' "$servers_d/it.json" >"$tmp/entry" && cat "$tmp/entry" >"$servers_d/it.json"
ask "$done_line"
is 'a changed choice of tools: it need not' "$(methods)$(request 1 | jq -c .tools)" 'null'
known 'its executable' "$(server_of "$(tool work)" "$answers")"
printf '#!/bin/sh\nexec python3 "$@"\n' >"$tmp/program"
chmod 700 "$tmp/program"
jq -c --arg program "$tmp/program" '.command = $program' "$servers_d/it.json" >"$tmp/entry" && cat "$tmp/entry" >"$servers_d/it.json"
ask "$done_line"
like 'another command: it is started' "$(methods)" 'tools/list'
ask "$done_line"
is 'the same command: it is not' "$(methods)" ''
printf '#!/bin/sh\n\nexec python3 "$@"\n' >"$tmp/program"
ask "$done_line"
like 'the command was upgraded: it is started' "$(methods)" 'tools/list'
ask "$done_line"
is 'and known again' "$(methods)" ''
rm -r "$tmp/state"
ask "$done_line"
for broken in '' '{' '{"v": 1}' '[]' '{"v": 2, "tools": []}'; do
	printf '%s' "$broken" >"$(manifests)"
	ask "$done_line"
	like "a manifest that is broken ($broken)" "$status $(methods)" '^0 .*tools/list'
done
listing='{"id": "$id", "result": {"resultType": "complete", "ttlMs": TTL, "cacheScope": "private",
	"tools": [{"name": "work", "inputSchema": {"type": "object"}}]}}'
known 'an hour' "{\"era\": \"modern\", \"on\": {\"tools/list\": [[${listing/TTL/3600000}]]}}"
ask "$done_line"
is 'its own time for it is not over' "$(methods)" ''
known 'a second' "{\"era\": \"modern\", \"on\": {\"tools/list\": [[${listing/TTL/1000}]]}}"
sleep 2
ask "$done_line"
like 'its own time for it is over' "$(methods)" 'tools/list'

# Manifests of entries that are no more
known 'old manifests' "$(server_of "$(tool work)" "$answers")"
mv "$(manifests)" "$tmp/state/cordpair/manifests/old.json"
cp "$tmp/state/cordpair/manifests/old.json" "$tmp/state/cordpair/manifests/recent.json"
touch -d '100 days ago' "$tmp/state/cordpair/manifests/old.json"
ask "$done_line"
is 'those that nothing came back to for long are removed' "$(manifests | grep -cE '/(old|recent).json$')$(manifests | wc -l)" 12

# Those that are not to wait for a call
for member in '"eager": true' '"required": true'; do
	known "$member" "$(server_of "$(tool work)" "$answers")" "$member"
	ask "$done_line"
	like "$member: it is started" "$(methods)" 'tools/list'
done

# It is known, and cannot be started
known 'gone' "$(server_of "$(tool work)" "$answers")"
becomes '{"on": {"initialize": [[{"stderr": "no licence\n"}, {"exit": 3}]]}}'
ask "$call" "$done_line"
is 'it cannot be started' "$status $out" '0 Done.'
like 'it cannot be started: the model is told' "$(tool_message 2 1)" 'Error: server "it" exited with status 3.*no licence'
like 'it cannot be started: the user is told' "$err" 'server "it" exited with status 3'
is 'it cannot be started: its manifest is gone' "$(manifests)" ''
is 'it cannot be started: its tools are gone' "$(request 2 | jq -c '[.tools[].function.name]')" '["no_tools"]'
known 'slow' "$(server_of "$(tool work)" "$answers")" '"start_timeout_s": 1'
becomes '{"on": {"initialize": [[]]}}'
ask "$call" "$done_line"
like 'it is not ready in time' "$status $(tool_message 2 1)" '^0 Error: server "it" was not ready within 1 seconds'
known 'interrupted' "$(server_of "$(tool work)" "$answers")"
becomes '{"on": {"initialize": [[]]}}'
endpoint "$call"
fresh
"$cordpair" ask hi >"$tmp/out" 2>"$tmp/err" &
host=$!
wait_until test -s "$tmp/it.said"
kill -INT $host
wait $host
is 'interrupted while it starts' "$?" 130
endpoint_stop

# It is stopped when it was not used, and comes back
scripted it "$(server_of "$(tool work)" "$answers")" '"idle_timeout_s": 1'
fresh
endpoint "$call" "$(jq -c '.delay_ms = 3000' <<<"$call")" "$done_line"
run "$cordpair" --events ask hi
is 'idle' "$status $(event "$out" run.end .text)" '0 Done.'
is 'idle: its states' "$(event "$out" server.state '.state')" 'starting ready idle starting ready stopped'
like 'idle: why' "$(event "$out" server.state '.reason // ""')" 'it was not used for 1 seconds'
is 'idle: both calls have their answers' "$(tool_message 3 1 | jq .arguments.n) $(tool_message 3 2 | jq .arguments.n)" '1 1'
events_are_valid idle "$out"

endpoint_stop
done_testing
