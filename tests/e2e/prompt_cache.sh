#!/bin/bash
# SPDX-License-Identifier: MIT
# What was sent before stays first, byte by byte; providers that must be told what to cache are told.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

server it ''
server notes 'features'
script=('{"calls": [{"name": "it__echo", "arguments": {"text": "one"}}, {"name": "it__add", "arguments": {"a": 1, "b": 2}}]}'
	'{"reasoning": "Hm.", "reasoning_details": [{"type": "reasoning.text", "text": "Hm.", "signature": "s", "index": 0}], "calls": [{"name": "it__big", "arguments": {"bytes": 300000}}]}'
	'{"calls": [{"name": "read_result", "arguments": {"id": 1, "offset": 100, "length": 200}}]}'
	'{"text": "Done."}')
settings=$XDG_CONFIG_HOME/cordpair/settings.json
echo '{"system_prompt": "Be brief."}' >"$settings"

# grows N: the bytes of request N up to the end of its messages, and of its tools, begin request N+1.
# The marks are no part of what a provider caches.
grows() {
	local plain='.body | .tools |= map(del(.cache_control)) | .messages |= map(if .content | type == "array" then .content |= .[0].text else . end)'
	json "request $1 is the beginning of the next: $2" \
		"[$(request_line "$1" | jq -c "$plain"),$(request_line $(($1 + 1)) | jq -c "$plain")]" \
		'def start: tojson | .[:-1]; . as [$a, $b] | ($b.tools | tojson | startswith($a.tools | start))
			and ($b.messages | tojson | startswith($a.messages | start))
			and ([$a, $b] | map(del(.tools, .messages) | tojson) | .[0] == .[1])'
}
marks() { request "$1" | jq -c '[paths | select(.[-1] == "cache_control") | map(select(type != "string" or . != "cache_control"))]'; }

for model in openai/gpt-5 anthropic/claude-haiku-4.5 google/gemini-2.5-pro; do
	endpoint "${script[@]}"
	run "$cordpair" -m "$model" ask --no-session hi
	is "$model: the run" "$status $out $(request_count)" '0 Done. 4'
	for n in 1 2 3; do grows "$n" "$model"; done
	[ "$model" = anthropic/claude-haiku-4.5 ] || is "$model: no marks" "$(marks 1)$(marks 4)" '[][]'
done

endpoint "${script[@]}"
run "$cordpair" -m anthropic/claude-haiku-4.5 ask hi
offered=$(request 1 | jq '.tools | length')
is 'at first: behind the tools, the system message and the prompt' "$(marks 1)" "[[\"tools\",$((offered - 1))],[\"messages\",0,\"content\",0],[\"messages\",1,\"content\",0]]"
is 'then also where the request before it ended' "$(marks 2)" "[[\"tools\",$((offered - 1))],[\"messages\",0,\"content\",0],[\"messages\",1,\"content\",0],[\"messages\",4,\"content\",0]]"
is 'four at the most' "$(marks 4 | jq length)" 4
is 'the marked text is the text' "$(request 2 | jq -r '.messages[4].content[0].text')" "$(request 3 | jq -r '.messages[4].content[0].text')"
is 'not behind it, later' "$(request 4 | jq -c '.messages[1].content')" '"hi"'

endpoint '{"text": "Done."}'
run "$cordpair" -m anthropic/claude-haiku-4.5 ask --fallback openai/gpt-5 hi
is 'a fallback of another vendor: no marks' "$(marks 1)" '[]'
endpoint '{"text": "Done."}'
run "$cordpair" -m anthropic/claude-haiku-4.5 ask --fallback anthropic/claude-sonnet-4.5 hi
is 'one of the same: marks' "$(marks 1 | jq length)" 3
echo '{"prompt_cache": false}' >"$settings"
endpoint "${script[@]}"
run "$cordpair" -m anthropic/claude-haiku-4.5 ask hi
is 'prompt_cache false: none' "$status $(marks 1)$(marks 4)" '0 [][]'
rm "$settings"
no_servers
endpoint '{"text": "Done."}'
run "$cordpair" -m anthropic/claude-haiku-4.5 ask hi
is 'without tools: none' "$(marks 1)" '[]'
endpoint_stop
done_testing
