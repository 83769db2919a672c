#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair ask: what the endpoint does wrong; one clear sentence and the right exit code for each.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

server it ''
hello='{"text": "Hello."}'
error() { jq -nc --argjson status "$1" --arg message "$2" '{$status, body: {error: {code: $status, $message}}}'; }
# fails WHAT EXIT REGEX ANSWER...: asks once; what is on stderr, and that nothing was tried again.
fails() {
	local what=$1 exit_code=$2 regex=$3
	shift 3
	endpoint "$@"
	run "$cordpair" ask hi
	is "$what: exit $exit_code" "$status" "$exit_code"
	like "$what: the sentence" "$err" "$regex"
	# Whether it is a tool's fault is asked with 16 tokens; see refused_tools.sh.
	is "$what: one request" "$(jq -s 'map(select(.body.max_tokens != 16)) | length' "$tmp/requests")" 1
}

fails 401 77 'refuses the API key: check OPENROUTER_API_KEY.*401: No cookie auth' "$(error 401 'No cookie auth credentials found')"
fails 402 77 'credits do not suffice.*can only afford 12' "$(error 402 'This request requires more credits. You can only afford 12')"
fails 403 77 'does not permit this request.*403: flagged' "$(error 403 'flagged')"
fails 404 78 '"test/model" is not available: choose another with --model' "$(error 404 'No endpoints found for test/model.')"
fails 'a model without tools' 78 '"test/model" cannot use tools: choose one that can' \
	"$(error 404 'No endpoints found that support tool use. Try disabling "it__echo".')"
fails 'an unknown model as 400' 78 'is not available' "$(error 400 'x is not a valid model ID')"
fails 400 76 'refuses the request.*bad schema' "$(error 400 'bad schema')"
fails 'a long conversation' 76 'longer than the model "test/model" can take' \
	"$(error 400 "This endpoint's maximum context length is 10 tokens.")"
fails 'an address without chat completions' 78 'no chat completions at this address: check --base-url' \
	'{"status": 404, "type": "text/html", "body": "<html><h1>Not Found</h1></html>"}'
fails 'a redirect' 78 'answers with a redirect, which is not followed: check --base-url' \
	'{"status": 308, "headers": {"Location": "http://127.0.0.1:9/elsewhere"}, "body": ""}'
fails 'a web page' 76 'does not answer as a chat endpoint does.*' \
	'{"type": "text/html", "body": "<!DOCTYPE html><html><title>Log in</title></html>"}'
fails 'a list' 76 'does not answer as a chat endpoint does' '{"body": [1, 2]}'
fails 'an error inside a 200' 77 'credits do not suffice' '{"body": {"error": {"code": 402, "message": "no more"}, "user_id": "u"}}'
fails 'an error in the first chunk' 77 'refuses the API key' \
	'{"sse": [": OPENROUTER PROCESSING\n\n", {"error": {"code": 401, "message": "User not found."}, "choices": []}]}'
fails 'a 429 with a long Retry-After' 75 'limits the rate of requests' \
	"$(error 429 'slow down' | jq -c '.headers = {"Retry-After": "3600"}')"
fails 'the daily limit of free requests' 75 'daily limit of free requests' "$(error 429 'Rate limit exceeded: free-models-per-day')"
fails 'an error that is no JSON' 77 'refuses the API key.*401: go away' '{"status": 401, "type": "text/plain", "body": "go away"}'
fails 'an error that would play with the terminal' 77 'does not permit' "$(error 403 $'\e]0;owned\a\e[31mred')"
unlike 'its control characters are not shown' "$err" $'\e'
fails 'an answer without an end' 75 'ended before it was complete' \
	'{"text": "Half", "finish": null, "usage": null, "done": false}'
is 'an answer without an end: what there was of it' "$out" Half
fails 'an error in mid-stream' 75 '(problem|broke off).*Provider disconnected' \
	'{"sse": [{"choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": null}]},
		{"error": {"code": 502, "message": "Provider disconnected"}, "choices": [{"index": 0, "delta": {"content": ""}, "finish_reason": "error"}]}]}'
is 'an error in mid-stream: what there was of it' "$out" Half
fails 'a connection cut in mid-stream' 75 '.' '{"text": "Half an answer", "cut": true, "finish": null, "usage": null, "done": false}'
like 'a connection cut in mid-stream: what there was of it' "$out" '^Half'

# Calls of an answer that ended with an error are not made
endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "x"}}], "finish": "error"}' "$hello"
run "$cordpair" ask hi
unlike 'calls before an error are not made' "$err" 'calling'

# Tried again, while nothing was shown
again() {
	local what=$1
	shift
	endpoint "$@" "$hello"
	run "$cordpair" ask hi
	is "$what: tried again" "$status $out" '0 Hello.'
	like "$what: it says so" "$err" 'trying again in [0-9]+ ms'
}
for code in 408 429 500 502 503 504 524 529; do
	again "$code" "$(error $code 'busy' | jq -c '.headers = {"Retry-After": "0"}')"
done
again 'a connection that is closed at once' '{"cut": true, "body": ""}'
again 'an empty answer' '{"body": ""}'
again 'an answer without choices' '{"body": {"id": "gen-1", "choices": []}}'
again 'a cold start' '{"text": "", "finish": null, "usage": null}'
again 'an error chunk before any text' '{"sse": [{"error": {"code": 503, "message": "overloaded"}, "choices": []}]}'
again 'an error chunk after reasoning' '{"sse": [{"choices": [{"index": 0, "delta": {"reasoning": "Hm"}}]},
	{"error": {"code": 503, "message": "overloaded"}, "choices": []}]}'
again 'a connection that ends in the reasoning' '{"sse": [{"choices": [{"index": 0, "delta": {"reasoning": "Hm"}}]}], "cut": true}'
# Groq checks what the model wrote: neither the request nor the tool is at fault.
again 'a call that its provider could not use' '{"status": 400, "body": {"error": {"code": "tool_use_failed",
	"message": "parameters for tool it__echo did not match schema", "type": "invalid_request_error"}}}'
json 'and no tool is left out for it' "$(request 2)" '.tools | length > 0'
is 'nor is one looked for' "$(request_count)" 2
endpoint "$(error 429 'slow down' | jq -c '.headers = {"Retry-After": "1"}')" "$hello"
run "$cordpair" ask hi
like 'Retry-After is obeyed' "$err" 'trying again in 1000 ms'
is 'and it works then' "$status $out" '0 Hello.'
is 'the request is the same' "$(request 1)" "$(request 2)"
endpoint "$(error 503 'overloaded' | jq -c '.headers = {"Retry-After": "0"} | .repeat = 9')"
run "$cordpair" ask hi
is 'four tries, then exit 75' "$status $(request_count)" '75 4'
endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "x"}}]}' \
	"$(error 503 'overloaded' | jq -c '.headers = {"Retry-After": "0"}')" "$hello"
run "$cordpair" ask hi
is 'a failure in the second round: the tool is not called twice' \
	"$status $out $(grep -c 'calling it__echo' <<<"$err")" '0 Hello. 1'

# No network
endpoint_stop
run "$cordpair" --base-url http://127.0.0.1:1/api/v1 ask hi
is 'nobody listens: exit 75' "$status" 75
like 'nobody listens: what to do' "$err" '127\.0\.0\.1.*check the network and --base-url'
run "$cordpair" --base-url ftp://127.0.0.1/ ask hi
is 'an address that is not http: exit 78' "$status" 78

# Endpoints that are not OpenRouter
endpoint "$hello"
OPENROUTER_BASE_URL=${base_url%/api/v1}/v1
run "$cordpair" ask hi
is 'another endpoint' "$status $out" '0 Hello.'
json "another endpoint: OpenRouter's own keys are not sent, usage is asked for" "$(request 1)" \
	'(has("session_id") | not) and .stream_options.include_usage == true'
OPENROUTER_BASE_URL=$base_url/
run "$cordpair" ask hi
is 'the script has one answer only: the fake says so, exit 76' "$status" 76
json 'a slash at the end of --base-url' "$(request_line 2)" '.path == "/api/v1/chat/completions"'
echo '{"profile": "olama"}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" ask hi
is 'an unknown profile: exit 78' "$status" 78
like 'an unknown profile: the nearest' "$err" 'settings.json: there is no profile "olama"; did you mean "ollama"\?'
endpoint '{"text": "Done."}'
echo '{"profile": "openai", "max_tokens": 7}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" ask hi
json 'a profile of settings: its words' "$(request 1)" '.max_completion_tokens == 7 and (has("max_tokens") or has("session_id") | not)'
rm "$XDG_CONFIG_HOME/cordpair/settings.json"
endpoint_stop
done_testing
