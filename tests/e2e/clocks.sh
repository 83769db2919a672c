#!/bin/bash
# SPDX-License-Identifier: MIT
# The clocks of a call: silence, its absolute end; and the quarantine of a server that keeps missing
# them. The start has its own ("start_timeout_s", servers_faults.sh).
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

fine='{"id": "$id", "result": {"content": [{"type": "text", "text": "fine"}]}}'
progress='{"method": "notifications/progress", "params": {"progressToken": "$id:tools/call", "progress": 1}}, {"sleep_ms": 50}'
call() { echo "{\"calls\": [{\"name\": \"it__work\", \"arguments\": {\"n\": $1}}]}"; } # never the same twice

# Silence
scripted it '{"on": {"tools/call": [[]]}}' '"timeout_s": 0.3'
run "$cordpair" call it work
is 'silence: exit' "$status" 75
like 'silence: said' "$err" 'server "it": no answer to tools/call within 1 seconds'

# The absolute end, in spite of progress
scripted it "{\"on\": {\"tools/call\": [[$(printf "$progress, %.0s" $(seq 100)) $fine]]}}" '"timeout_s": 5, "max_timeout_s": 1'
run "$cordpair" --trace "$tmp/trace" call it work
is 'the absolute end: exit' "$status" 75
like 'the absolute end: said' "$err" 'server "it": no end of tools/call within 1 seconds'
is 'the absolute end: the server is told' "$(jq 'select(.type == "mcp.send" and .json.method == "notifications/cancelled") | .json.params.requestId' "$tmp/trace")" \
	"$(said it 'select(.method == "tools/call") | .id')"
frames_are_valid 'the absolute end' it

# A server that keeps it so is not called any more; its neighbour is.
scripted it '{"on": {"tools/call": [[]], "notifications/cancelled": [[]]}}' '"timeout_s": 0.3'
server other ''
endpoint "$(call 1)" "$(call 2)" "$(call 3)" \
	'{"calls": [{"name": "it__work", "arguments": {}}, {"name": "other__echo", "arguments": {"text": "here"}}]}' '{"text": "Done."}'
run "$cordpair" --events ask hi
is 'quarantine: the run goes on' "$status $(event "$out" run.end .text)" '0 Done.'
is 'quarantine: three calls reached it' "$(said it 'select(.method == "tools/call") | 1' | wc -l | tr -d ' ')" 3
like 'quarantine: the fourth fails at once, and says why' "$(tool_message 5 4)" \
	'^Error: the call was not made: server "it" left 3 calls in a row without an answer in time; it gets none for 5 minutes'
is 'quarantine: another server is not affected' "$(tool_message 5 5)" here
like 'quarantine: an event' "$(event "$out" server.state 'select(.server == "it") | .state')" '^starting ready quarantined'
like 'quarantine: where the timeout is set' "$err" '"timeout_s" in .*/it\.json'
events_are_valid quarantine "$out"

# An answer in between is forgiveness.
scripted it "{\"on\": {\"tools/call\": [[], [], [$fine], [], [], [$fine]]}}" '"timeout_s": 0.3'
endpoint "$(call 1)" "$(call 2)" "$(call 3)" "$(call 4)" "$(call 5)" "$(call 6)" '{"text": "Done."}'
run "$cordpair" --events ask hi
unlike 'an answer in between: no quarantine' "$(event "$out" server.state .state)" quarantined
is 'an answer in between: every call reached it' "$(said it 'select(.method == "tools/call") | 1' | wc -l | tr -d ' ')" 6

endpoint_stop
done_testing
