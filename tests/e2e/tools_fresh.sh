#!/bin/bash
# SPDX-License-Identifier: MIT
# When the tools of a server are listed again (2.7, 2.14: ttlMs, list_changed).
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

# Tools that are as old as their server lets them be are listed again before the next request.
list() { echo "[{\"id\": \"\$id\", \"result\": {\"resultType\": \"complete\", \"ttlMs\": $1, \"cacheScope\": \"private\",
	\"tools\": [$(printf '{"name": "%s", "inputSchema": {"type": "object"}},' work $2 | sed 's/,$//')]}}]"; }
result='{"id": "$id", "result": {"resultType": "complete", "content": []}}'
for ttl in 1 0; do
	scripted it "{\"era\": \"modern\", \"on\": {\"tools/list\": [$(list $ttl ''), $(list $ttl later)],
		\"tools/call\": [[{\"sleep_ms\": 1100}, $result]]}}"
	endpoint '{"calls": [{"name": "it__work", "arguments": {}}]}' '{"calls": [{"name": "it__work", "arguments": {}}]}' \
		'{"text": "Done."}'
	run "$cordpair" ask hi
	is "ttlMs $ttl: the tools of each request" \
		"$(for i in 1 2 3; do request $i | jq -c '[.tools[].function.name]'; done | paste -sd' ')" \
		"$([ $ttl = 0 ] && echo '["it__work"] ["it__work"] ["it__work"]' || echo '["it__work"] ["it__work"] ["it__work","it__later"]')"
done

# A flood of list_changed is one listing more, not one each.
changed='{"method": "notifications/tools/list_changed"}'
scripted it "{\"capabilities\": {\"tools\": {\"listChanged\": true}}, \"on\": {\"tools/call\": [[$(printf "$changed,%.0s" $(seq 50))
	{\"id\": \"\$id\", \"result\": {\"content\": []}}]]}}"
endpoint '{"calls": [{"name": "it__work", "arguments": {}}]}' '{"text": "Done."}'
run "$cordpair" ask hi
is 'fifty changes' "$status $out" '0 Done.'
ok 'fifty changes: at most two listings more' test "$(said it 'select(.method == "tools/list") | 1' | wc -l)" -le 3
frames_are_valid 'fifty changes' it

endpoint_stop
done_testing
