#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair models, and what is said of a chosen model that cannot call tools or does not exist.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

cat >"$tmp/list.json" <<'END'
{"data": [
 {"id": "openai/gpt-4o", "name": "OpenAI: GPT-4o", "context_length": 128000,
  "architecture": {"input_modalities": ["text", "image", "file"], "output_modalities": ["text"]},
  "pricing": {"prompt": "0.0000025", "completion": "0.00001"}, "supported_parameters": ["tools", "tool_choice"], "expiration_date": null},
 {"id": "anthropic/claude-sonnet-4", "name": "Anthropic: Claude Sonnet 4", "context_length": 1000000,
  "architecture": {"input_modalities": ["image", "text"], "output_modalities": ["text"]}, "top_provider": {"context_length": 200000},
  "pricing": {"prompt": "0.000003", "completion": "0.000015"}, "supported_parameters": ["tools"], "expiration_date": "2026-12-31"},
 {"id": "openai/gpt-4.1-mini", "name": "OpenAI: GPT-4.1 Mini", "context_length": 1047576, "architecture": {"input_modalities": ["text"]},
  "pricing": {"prompt": "0.0000004", "completion": "0.0000016"}, "supported_parameters": ["tools", "temperature"]},
 {"id": "openai/gpt-3.5-old", "name": "Old", "context_length": 4096, "pricing": {"prompt": "0.000001", "completion": "0.000002"}, "supported_parameters": ["temperature"]},
 {"id": "openrouter/auto", "name": "Auto\u001b[31m", "context_length": 2000000, "pricing": {"prompt": "-1", "completion": "-1"}, "supported_parameters": ["tools"]},
 {"id": "novel/thing", "context_length": "many", "pricing": null, "architecture": 7, "unknown": [1]},
 {"id": 7}, 8, {}
]}
END
listing() { jq -c '{body: ., unchecked: true, probe: true, repeat: 99}' "$tmp/list.json"; }
cache() { ls "$XDG_CACHE_HOME"/cordpair/models-*.json 2>/dev/null; }
forget() { rm -f "$XDG_CACHE_HOME"/cordpair/models-*; }

endpoint "$(listing)"
run "$cordpair" models
is 'models: exit' "$status" 0
is 'models: the table' "$(sed 's/  */ /g; s/ $//' <<<"$out")" 'MODEL CONTEXT IN $/M OUT $/M TOOLS INPUT
anthropic/claude-sonnet-4 200000 3 15 tools image,text
novel/thing - - - ? -
openai/gpt-3.5-old 4096 1 2 no -
openai/gpt-4.1-mini 1047576 0.4 1.6 tools text
openai/gpt-4o 128000 2.5 10 tools text,image,file
openrouter/auto 2000000 varies varies tools -'
is 'it asked once' "$(request_count) $(request_line 1 | jq -r .path)" '1 /api/v1/models'
is 'the list is kept: 0600' "$(stat -c %a "$(cache)")" 600
run "$cordpair" models --tools openai
is 'the kept list is used' "$(request_count)" 1
is '--tools and a part of the name' "$(awk 'NR > 1 {print $1}' <<<"$out" | paste -sd' ')" 'openai/gpt-4.1-mini openai/gpt-4o'
run "$cordpair" models 'openai/*4*'
is 'a glob' "$(awk 'NR > 1 {print $1}' <<<"$out" | paste -sd' ')" 'openai/gpt-4.1-mini openai/gpt-4o'
run "$cordpair" models 'CLAUDE SONNET'
is 'a part of the long name, in capitals' "$(awk 'NR > 1 {print $1}' <<<"$out")" anthropic/claude-sonnet-4
run "$cordpair" models --json
json '--json' "$out" 'length == 6 and .[0] == {id: "anthropic/claude-sonnet-4", name: "Anthropic: Claude Sonnet 4", context: 200000,
	prompt_usd_per_million: 3, completion_usd_per_million: 15, input: ["image", "text"], output: ["text"], tools: true, expires: "2026-12-31"}
	and .[1] == {id: "novel/thing"} and (.[5] | has("prompt_usd_per_million") | not)'
run "$cordpair" models gpt-40
is 'none matches: exit 1' "$status $out" '1 '
like 'a near name' "$err" 'no model matches "gpt-40"; did you mean "openai/gpt-4o"\?'
run "$cordpair" models --json zzz
is 'none matches, --json' "$status $out" '1 []'
run "$cordpair" models --refresh
is '--refresh asks again' "$(request_count)" 2
touch -d '2 days ago' "$(cache)"
run "$cordpair" models
is 'after a day it asks again' "$(request_count)" 3
touch -d '2 days' "$(cache)"
run "$cordpair" models
is 'a file of the future is not believed' "$(request_count)" 4
echo '{"data": 1' >"$(cache)"
run "$cordpair" models
is 'a broken file is not used' "$status $(request_count)" '0 5'
run "$cordpair" models a b
is 'two patterns: exit 2' "$status" 2
touch -d '2 days ago' "$(cache)"
base=$base_url
endpoint_stop
run "$cordpair" --base-url "$base" models gpt-4o
is 'without a network the older list is shown' "$status $(wc -l <<<"$out")" '0 2'
like 'and it is said' "$err" 'this is an older list'
forget
run "$cordpair" --base-url "$base" models
is 'without any list: exit 75' "$status $out" '75 '
endpoint '{"status": 401, "body": {"error": {"code": 401, "message": "User not found."}}, "unchecked": true, "probe": true}'
run "$cordpair" models
is 'a wrong key: exit 77' "$status" 77
endpoint '{"body": {"hello": 1}, "unchecked": true, "probe": true}'
run "$cordpair" models
is 'no list: exit 76' "$status" 76
like 'no list: it says so' "$err" 'this is no list of models'
ok 'and nothing is kept' [ -z "$(cache)" ]
endpoint '{"body": {"object": "list", "data": [{"id": "qwen3:8b"}, {"id": "llama3"}]}, "unchecked": true, "probe": true, "repeat": 9}'
run "$cordpair" models
is 'an endpoint that tells only ids' "$(awk 'NR > 1 {print $1, $5}' <<<"$out" | paste -sd' ')" 'llama3 ? qwen3:8b ?'
run "$cordpair" models --tools
like 'and --tools says that it does not tell' "$err" 'does not tell which of its models can call tools'

# The chosen model
server it ''
refusal() { jq -nc --argjson status "$1" --arg message "$2" '{$status, body: {error: {code: $status, $message}}}'; }
forget
endpoint "$(refusal 400 'openai/gpt-40 is not a valid model ID')" "$(listing)"
run "$cordpair" -m openai/gpt-40 ask hi
is 'a wrong name: exit 78' "$status" 78
like 'a wrong name: near ones' "$err" 'there is no model "openai/gpt-40"; did you mean openai/gpt-4o'
endpoint "$(refusal 404 'No endpoints found for gpt-4o')" "$(listing)"
run "$cordpair" -m gpt-4o ask hi
like 'a name without its vendor' "$err" 'did you mean openai/gpt-4o\?'
endpoint "$(refusal 404 'No endpoints found that support tool use.')" "$(listing)"
run "$cordpair" -m openai/gpt-3.5-old ask hi
is 'a model without tools: exit 78' "$status" 78
like 'a model without tools: which can, of the same vendor, the cheapest first' "$err" \
	'the model openai/gpt-3.5-old cannot call tools; these can: openai/gpt-4.1-mini or openai/gpt-4o \('
endpoint "$(listing)"
run "$cordpair" models
endpoint_answers() { # keeps the list for the new address too
	endpoint "$@"
	printf '%s' "$base_url" | sha256sum | cut -c1-16 | { read -r hex && cp "$tmp/list.json" "$XDG_CACHE_HOME/cordpair/models-$hex.json"; }
	chmod 600 "$XDG_CACHE_HOME"/cordpair/models-*
}
endpoint_answers '{"text": "Done."}'
run "$cordpair" -m openai/gpt-3.5-old ask hi
is 'with a kept list the run is made' "$status $out" '0 Done.'
like 'and the warning comes before it' "$err" 'the model openai/gpt-3.5-old cannot call tools; these can: openai/gpt-4.1-mini'
endpoint_answers '{"text": "Done."}'
run "$cordpair" -m openai/gpt-4o:nitro ask hi
unlike 'a variant of one that can: no warning' "$err" 'cannot call tools'
endpoint_answers '{"text": "Done."}'
run "$cordpair" -m anthropic/claude-sonnet-4 ask hi
like 'a model that will be gone' "$err" 'the model anthropic/claude-sonnet-4 will be gone on 2026-12-31'
no_servers
endpoint_answers '{"text": "Done."}'
run "$cordpair" -m openai/gpt-3.5-old ask hi
unlike 'without tools no warning' "$err" 'cannot call tools'
endpoint_stop
done_testing
