#!/bin/bash
# SPDX-License-Identifier: MIT
# OpenRouter's routing: fallbacks, providers, service tier, session, in settings and as options.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

settings() { echo "$1" >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"; }
no_settings() { rm -f "$XDG_CONFIG_HOME/cordpair/settings.json"; }
# asks WHAT FILTER ARGUMENT...: the request fulfils jq's filter
asks() {
	local what=$1 filter=$2
	shift 2
	endpoint '{"text": "Done."}'
	run "$cordpair" "$@" ask hi
	is "$what: exit" "$status $out" '0 Done.'
	json "$what" "$(request 1)" "$filter"
}
# wrong WHAT EXIT REGEX ARGUMENT...
wrong() {
	local what=$1 exit_code=$2 regex=$3
	shift 3
	run "$cordpair" ask "$@" hi
	is "$what: exit $exit_code" "$status" "$exit_code"
	like "$what: the sentence" "$err" "$regex"
}

asks 'nothing chosen' '(has("models") or has("provider") or has("service_tier") | not) and (.session_id | test("^[0-9a-f]{32}$"))'
settings '{
	"models": ["openai/gpt-5-mini", "google/gemini-2.5-flash"], "service_tier": "flex", "session_id": "mine",
	"provider": {"order": ["anthropic", "google-vertex/us-east5"], "allow_fallbacks": false, "only": ["anthropic"], "ignore": ["azure"],
		"data_collection": "deny", "zdr": true, "require_parameters": true, "enforce_distillable_text": false,
		"quantizations": ["fp8", "bf16"], "sort": {"by": "price", "partition": "none"}, "preferred_max_latency": {"p90": 3},
		"preferred_min_throughput": 50, "max_price": {"prompt": 1, "completion": "2.5"}, // USD
	}}'
asks 'all of it in settings.json' '.models == ["openai/gpt-5-mini", "google/gemini-2.5-flash"] and .service_tier == "flex" and .session_id == "mine"
	and .provider == {order: ["anthropic", "google-vertex/us-east5"], allow_fallbacks: false, only: ["anthropic"], ignore: ["azure"],
		data_collection: "deny", zdr: true, require_parameters: true, enforce_distillable_text: false,
		quantizations: ["fp8", "bf16"], sort: {by: "price", partition: "none"}, preferred_max_latency: {p90: 3},
		preferred_min_throughput: 50, max_price: {prompt: "1", completion: "2.5"}}'
endpoint '{"text": "Done."}' '{"text": "Done."}'
run "$cordpair" ask hi
run "$cordpair" ask --fallback x/y --provider sort=latency --provider zdr=false --provider max_price.prompt=0.5 --service-tier auto --session-id other hi
json 'options win over settings, key by key' "$(request 2)" '.models == ["x/y"] and .service_tier == "auto" and .session_id == "other"
	and .provider.sort == "latency" and .provider.zdr == false and .provider.max_price == {prompt: "0.5", completion: "2.5"} and .provider.only == ["anthropic"]'
no_settings
endpoint '{"text": "Done."}'
run "$cordpair" ask --provider order=a,b --provider quantizations=fp8,int4 --provider zdr --provider preferred_max_latency=2.5 hi
json 'options alone' "$(request 1)" '.provider == {order: ["a", "b"], zdr: true, quantizations: ["fp8", "int4"], preferred_max_latency: 2.5}'
endpoint '{"text": "Done."}'
run "$cordpair" ask --provider max_price.completion=3 hi
json 'a price alone' "$(request 1)" '.provider == {max_price: {completion: "3"}}'

# How much to think: an object of OpenRouter's own, a word elsewhere, nothing where it is not taken.
endpoint '{"text": "Done."}' '{"text": "Done."}' '{"text": "Done."}'
run "$cordpair" ask --reasoning high hi
json 'an effort' "$(request 1)" '.reasoning == {effort: "high"} and (has("reasoning_effort") | not)'
run "$cordpair" ask --reasoning 2000 hi
json 'a number of tokens' "$(request 2)" '.reasoning == {max_tokens: 2000}'
run "$cordpair" ask hi
json 'none by itself' "$(request 3)" 'has("reasoning") | not'
settings '{"profile": "openai", "reasoning": "low"}'
endpoint '{"text": "Done."}'
run "$cordpair" ask hi
json 'a word, elsewhere' "$(request 1)" '.reasoning_effort == "low" and (has("reasoning") | not)'
settings '{"profile": "llamacpp", "reasoning": "low"}'
endpoint '{"text": "Done."}'
run "$cordpair" ask hi
json 'nothing where it is not taken' "$(request 1)" '(has("reasoning_effort") or has("reasoning")) | not'
like 'which is told' "$err" 'not sent: llama.cpp takes no such word'
settings '{"reasoning": "much"}'
run "$cordpair" ask hi
is 'a wrong setting' "$status" 78
no_settings
wrong 'no effort' 2 'reasoning: "much" is neither max' --reasoning much
wrong 'no tokens' 2 'reasoning: "0" is neither max' --reasoning 0

wrong 'an unknown key' 2 'ordre is not known; did you mean "order"' --provider ordre=a
wrong 'a wrong word' 2 'sort is none of these: price, throughput, latency, exacto' --provider sort=cheap
wrong 'a wrong list' 2 'quantizations is not a list of these: int4' --provider quantizations=fp8,fp99
wrong 'an empty list' 2 'order is not a list of providers' --provider order=
wrong 'no truth value' 2 'zdr is not true or false' --provider zdr=maybe
wrong 'no number' 2 'preferred_max_latency is not a number' --provider preferred_max_latency=nan
wrong 'no price' 2 'max_price.prompt is not a price' --provider max_price.prompt=-1
wrong 'no tier' 2 'no service tier' --service-tier turbo
wrong 'no session' 2 'a session id has 1 to 256 bytes' --session-id ''
settings '{"provider": {"sort": "price",
  "order": "anthropic"}}'
wrong 'settings: a wrong value' 78 'settings.json:2:12: "order" is not a list of providers'
settings '{"provider": {"max_price": {"promt": 1}}}'
wrong 'settings: a wrong price' 78 'settings.json:1:28: "max_price" holds "promt", which is not known; did you mean "max_price.prompt"'
settings '{"provider": ["a"]}'
wrong 'settings: no object' 78 '"provider" is not an object'
settings '{"service_tier": "x"}'
wrong 'settings: no tier' 78 'no service tier'
no_settings

# Tools are in words that every one of the models takes
server it ''
run "$cordpair" -m openai/gpt-5 tools --explain
like 'the family of the model' "$out" 'family "openai"'
settings '{"models": ["google/gemini-2.5-flash"]}'
run "$cordpair" -m openai/gpt-5 tools --explain
like 'with a fallback of another: what both take' "$out" 'family "floor"'
settings '{"models": ["openai/gpt-4o"]}'
run "$cordpair" -m openai/gpt-5 tools --explain
like 'with one of the same: its own' "$out" 'family "openai"'

# A search for a refused tool goes to the same providers
no_settings
endpoint '{"text": "Done.", "refuse": ["it__add"]}'
run "$cordpair" ask --provider order=a --fallback x/y hi
is 'a refused tool: the run goes on' "$status $out" '0 Done.'
json 'its search has the same routing' "$(request 2)" '.provider == {order: ["a"]} and .models == ["x/y"]'

# Other endpoints
settings '{"models": ["x/y"], "provider": {"zdr": true}, "profile": "compatible"}'
endpoint '{"text": "Done."}'
run "$cordpair" ask hi
json 'other endpoints get none of it' "$(request 1)" 'has("models") or has("provider") or has("session_id") | not'
wrong 'an option for another endpoint' 2 "are OpenRouter's; .* is an OpenAI-compatible endpoint" --provider zdr
endpoint_stop
done_testing
