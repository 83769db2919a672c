#!/bin/bash
# SPDX-License-Identifier: MIT
# A request that is refused for something it can do without is sent again without it, once.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

settings() { echo "$1" >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"; }
refusal() { jq -nc --argjson status "$1" --arg message "$2" '{$status, body: {error: {code: $status, $message}}}'; }
add='{"calls": [{"name": "it__add", "arguments": {"a": 1}}]}'
server it ''

# The last request asks for an answer without calls; not every endpoint can be asked for that
settings '{"limits": {"turns": 1}}'
endpoint "$add" "$(refusal 404 "No endpoints found that support the provided 'tool_choice' value. Try another.")" '{"text": "Done."}'
run "$cordpair" ask hi
is 'tool_choice is refused: it is left out' "$status $out $(request_count)" '4 Done. 3'
json 'tool_choice: the tools stay' "$(request 3)" '(has("tool_choice") | not) and (.tools | length) > 10'
choice=$(refusal 404 "No endpoints found that support the provided 'tool_choice' value.")
endpoint "$add" "$choice" "$choice" "$choice"
run "$cordpair" ask hi
is 'tool_choice: refused without it too: the run ends' "$status" 76
like 'tool_choice: the endpoint in its words' "$err" "support the provided 'tool_choice' value"
rm "$XDG_CONFIG_HOME/cordpair/settings.json"

# Credits
poor() { refusal 402 "This request requires more credits, or fewer max_tokens. You requested up to 65536 tokens, but can only afford $1"; }
endpoint "$(poor 1200)" '{"text": "Done."}'
run "$cordpair" ask hi
is 'credits for a short answer: it is asked for' "$status $out" '0 Done.'
json 'credits: max_tokens' "$(request 2)" '.max_tokens == 1200'
like 'credits: it is said' "$err" 'the credits suffice for 1200 tokens'
endpoint "$(poor 1200)" "$(poor 1300)"
run "$cordpair" ask hi
is 'credits: the same again ends the run: exit 77' "$status $(request_count)" '77 2'
endpoint "$(refusal 402 'Insufficient credits')"
run "$cordpair" ask hi
is 'no credits: exit 77, one request' "$status $(request_count)" '77 1'

# Signatures of reasoning
signed=$(jq -nc '{reasoning_details: [{type: "reasoning.text", text: "I \"think\".", signature: "EvsC", format: "anthropic-claude-v1", index: 0}],
	calls: [{name: "it__add", arguments: {a: 1}}]}')
wrong_signature=$(refusal 400 'messages.1.content.0: Invalid `signature` in `thinking` block')
endpoint "$signed" "$wrong_signature" '{"text": "Done."}'
run "$cordpair" ask 'Say "hi" \ é'
is 'a signature is refused: the run goes on' "$status $out $(request_count)" '0 Done. 3'
json 'signature: the reasoning is left out, and nothing else' "[$(request 2),$(request 3)]" \
	'(.[0].messages[1] | has("reasoning_details")) and (.[0] | del(.messages[1].reasoning_details)) == .[1]'
like 'signature: it is said' "$err" 'does not take the reasoning of earlier answers'
endpoint "$signed" "$wrong_signature" "$wrong_signature"
run "$cordpair" ask hi
is 'signature: refused again ends the run' "$status" 76
endpoint_stop
done_testing
