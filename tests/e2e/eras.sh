#!/bin/bash
# SPDX-License-Identifier: MIT
# Both protocol eras: found, remembered, pinned; servers that die of the probe.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
methods() { jq -r 'select(.type == "mcp.send") | .json.method // empty' "$tmp/trace" | tr '\n' ' '; }
calls() { # MODE [MEMBERS]: calls echo with a trace
	server it "$1" "${2-}"
	rm -f "$tmp/trace"
	run "$cordpair" --trace "$tmp/trace" call it echo text=x
}

calls ''
is 'legacy: works' "$status $out" '0 x'
is 'legacy: probed, then initialised on the same pipe' "$(methods)" \
	'server/discover initialize notifications/initialized tools/list tools/call '
calls ''
is 'legacy: remembered' "$(methods)" 'initialize notifications/initialized tools/list tools/call '
calls modern
is 'modern: works' "$status $out" '0 x'
is 'modern: no initialize' "$(methods)" 'server/discover tools/list subscriptions/listen tools/call '
json 'modern: every request has its _meta' "$(jq -s '[.[] | select(.type == "mcp.send") | .json.params._meta]' "$tmp/trace")" \
	'length == 4 and all(.[]; .["io.modelcontextprotocol/protocolVersion"] == "2026-07-28"
	 and (.["io.modelcontextprotocol/clientCapabilities"] | type) == "object"
	 and .["io.modelcontextprotocol/clientInfo"].name == "cordpair") and (.[3].progressToken != null)'
# Who runs us may be in a trace, which servers can join (W3C Trace Context).
export TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
for era in legacy modern; do
	calls "$era"
	json "$era: a trace is handed on" "$(jq -s '[.[] | select(.type == "mcp.send" and .json.method == "tools/call").json.params._meta]' "$tmp/trace")" \
		'.[0].traceparent == "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"'
done
export TRACEPARENT='no "trace"'
calls modern
unlike 'what is no trace is not' "$(cat "$tmp/trace")" traceparent
unset TRACEPARENT
calls dual
is 'dual: modern is taken' "$(methods)" 'server/discover tools/list subscriptions/listen tools/call '
calls 'dual crlf' '"protocol": "legacy"'
is 'pinned legacy: no probe' "$(methods)" 'initialize notifications/initialized tools/list tools/call '
calls '' '"protocol": "modern"'
is 'pinned modern, a legacy server: exit 69' "$status" 69
like 'pinned modern: why' "$err" 'does not speak MCP 2026-07-28'
calls die-on-discover
is 'dies of the probe: started anew' "$status $out" '0 x'
calls die-on-discover
is 'and remembered' "$(methods)" 'initialize notifications/initialized tools/list tools/call '
calls silent-on-discover
is 'silent on the probe: started anew' "$status $out" '0 x'
calls 'die-on-discover exit-at-start=7'
is 'what dies anyway: exit 69' "$status" 69
like 'what dies anyway: why' "$err" 'exited with status 7'
# A verdict that is no longer true: the file says legacy, the server is modern now.
rm -rf "$XDG_STATE_HOME"
calls modern
for verdict in "$XDG_STATE_HOME"/cordpair/eras/*; do echo legacy >"$verdict"; done
calls modern
is 'an old verdict is looked at again' "$status $out" '0 x'
done_testing
