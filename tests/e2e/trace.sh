#!/bin/bash
# SPDX-License-Identifier: MIT
# --trace FILE: every frame and every HTTP exchange as JSON lines, and no secret among them.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

trace=$tmp/trace
# has WHAT FILTER: some line of the trace fulfils it
has() { json "$1" "$(jq -sc . "$trace")" "any(.[]; $2)"; }

umask 000
export TOKEN=t0ken-of-the-environment
server it '' '"env": {"SERVICE_TOKEN": "${TOKEN}"}'
chmod 600 "$servers_d/it.json"
endpoint '{"calls": [{"name": "it__env", "arguments": {"name": "SERVICE_TOKEN"}}]}' '{"text": "Done."}'
: >"$trace" # as an earlier run may have left it
chmod 644 "$trace"
run "$cordpair" --trace "$trace" ask "What is the token? (Mine is $OPENROUTER_API_KEY.)"
is 'the run: exit 0' "$status $out" '0 Done.'
is 'mode 0600' "$(stat -c %a "$trace")" 600
json 'every line is JSON' "$(jq -s . "$trace")" 'length > 3'
json 'every line has a time and a type' "$(jq -sc . "$trace")" \
	'all(.[]; (.t | type == "number") and (.type | type == "string"))'
for method in initialize notifications/initialized tools/list tools/call; do
	has "the frame $method" ".type == \"mcp.send\" and .who == \"it\" and .json.method == \"$method\""
done
has 'an answer of the server' '.type == "mcp.receive" and (.json.result.tools | type == "array")'
has 'the request' '.type == "http.request" and .note == "POST" and (.who | endswith("/chat/completions"))
	and .json.messages[0].role != null and (.json.tools | length > 0)'
is 'both requests' "$(jq -sc 'map(select(.type == "http.request")) | length' "$trace")" 2
has 'its status' '.type == "http.response" and (.note | startswith("200"))'
has 'the answer' '.type == "http.data" and ((.text // "") | contains("it__env"))'
has 'the start of the server' '.type == "child.start" and .who == "it"'
has 'and its end' '.type == "child.exit" and .who == "it"'
unlike 'the API key is masked, wherever it is' "$(cat "$trace")" 'test-key-0123456789'
unlike 'a secret of env is masked, also where it comes back' "$(cat "$trace")" 't0ken-of-the-environment'
like 'and the mask is there' "$(cat "$trace")" '\*\*\*'
endpoint_stop

# Where it goes
run "$cordpair" --trace "$tmp/no/such/folder" call it echo text=x
is 'a file that cannot be written: exit 74' "$status" 74
like 'a file that cannot be written: why' "$err" 'no/such/folder.*No such file'
run "$cordpair" --trace - call it echo text=x
is '- is stderr: the answer is alone on stdout' "$status $out" '0 x'
like '- is stderr' "$err" '"mcp.send"'
done_testing
