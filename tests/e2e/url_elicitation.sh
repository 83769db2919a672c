#!/bin/bash
# SPDX-License-Identifier: MIT
# Errors of a call that are not its end: addresses that a person has to open first (-32042 of
# 2025-11-25), headers that no longer fit (-32020 of 2026-07-28).
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"
# shellcheck source=tests/lib/terminal.sh
. "$TOP_SRCDIR/tests/lib/terminal.sh"

# The browser of this test says where it went.
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "$1" >>"%s"\n' "$tmp/visited" >"$tmp/bin/xdg-open"
chmod +x "$tmp/bin/xdg-open"
export PATH=$tmp/bin:$PATH

done_result='{"id": "$id:tools/call", "result": {"content": [{"type": "text", "text": "Paid."}]}}'
complete='{"method": "notifications/elicitation/complete", "params": {"elicitationId": "e1"}}'
needs() { # MEMBERS OF DATA
	echo "{\"id\": \"\$id\", \"error\": {\"code\": -32042, \"message\": \"pay first\", \"data\": {$1}}}"
}
one='"elicitations": [{"mode": "url", "elicitationId": "e1", "url": "https://pay.example/x", "message": "Please pay."}]'
calls() { scripted it "{\"on\": {\"tools/call\": [$1]}}"; }

calls "[$(needs "$one"), $complete], [$done_result]"
run "$cordpair" call it work
is 'nobody to ask: exit' "$status" 3
like 'nobody to ask: said' "$err$out" 'needs an address to be opened first, which was declined'
is 'nobody to ask: not called again' "$(said it 'select(.method == "tools/call") | 1')" 1

calls "[$(needs '')]"
run "$cordpair" call it work
is 'an error that names no address' "$status" 76
calls "[$(needs "\"elicitations\": [$(for _ in $(seq 17); do printf '{"url": "https://x.example/"},'; done | sed 's/,$//')]")]"
run "$cordpair" call it work
is 'an error that names too many' "$status" 76

if script -qec true /dev/null >/dev/null 2>&1; then
	question='\[N\]o: '
	calls "[$(needs "$one"), {\"sleep_ms\": 200}, {\"method\": \"notifications/elicitation/complete\",
		\"params\": {\"elicitationId\": \"another\"}}, {\"sleep_ms\": 200}, $complete], [$done_result]"
	at_terminal 'y\n' -- "$cordpair" call it work
	like 'opened: the call is made again' "$status $screen" '^0 .*'
	like 'opened: its result' "$screen" 'Paid\.$'
	like 'opened: the address was shown' "$screen" 'https://pay\.example/x'
	visited() { [ "$(cat "$tmp/visited" 2>/dev/null)" = https://pay.example/x ]; }
	ok 'opened: in the browser' wait_until visited
	is 'opened: two calls' "$(said it 'select(.method == "tools/call") | .params.name' | paste -sd' ')" '"work" "work"'
	frames_are_valid 'opened' it

	# Not every server says when a person is through: the person may.
	question='\[(N|c)\][a-z]*: '
	calls "[$(needs "$one")], [{\"id\": \"\$id\", \"result\": {\"content\": [{\"type\": \"text\", \"text\": \"Paid.\"}]}}]"
	at_terminal 'y\n' '\n' -- "$cordpair" call it work
	like 'the person says that it is done: the call is made again' "$screen" 'Paid\.$'
	is 'the person says that it is done: exit' "$status" 0
	at_terminal 'y\n' 'c\n' -- "$cordpair" call it work
	is 'the person cancels: exit' "$status" 3

	question='\[N\]o: '
	calls "[$(needs "$one"), $complete]"
	at_terminal 'y\n' 'y\n' 'n\n' -- "$cordpair" call it work
	is 'again and again, until it is declined' "$status" 3
	calls "[$(needs "$one"), {\"sleep_ms\": 300}, {\"exit\": 0}]"
	at_terminal 'y\n' -- "$cordpair" call it work
	is 'a server that dies while it is waited for' "$status" 69
else
	skip 'at a terminal' 'script(1) is missing'
fi

# The tool is listed anew, once.
mismatch='{"id": "$id", "error": {"code": -32020, "message": "Mcp-Param-Region is missing"}}'
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[$mismatch],
	[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\", \"content\": [{\"type\": \"text\", \"text\": \"Now.\"}]}}]]}}"
run "$cordpair" call it work
is 'headers that do not fit: listed and called again' "$status $out" '0 Now.'
is 'in this order' "$(said it 'select(.method | startswith("tools/")) | .method' | paste -sd' ')" \
	'"tools/list" "tools/call" "tools/list" "tools/call"'
frames_are_valid 'headers that do not fit' it
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[$mismatch]]}}"
run "$cordpair" call it work
is 'but once only' "$status $(said it 'select(.method == "tools/call") | 1' | wc -l)" '1 2'
scripted it "{\"era\": \"modern\", \"on\": {\"tools/call\": [[$mismatch]], \"tools/list\": [
	[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\", \"ttlMs\": 0, \"cacheScope\": \"private\",
		\"tools\": [{\"name\": \"work\", \"inputSchema\": {\"type\": \"object\"}}]}}], [{\"exit\": 0}]]}}"
run "$cordpair" call it work
is 'a server that dies when it is to list them' "$status" 69
done_testing
