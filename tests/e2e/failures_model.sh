#!/bin/bash
# SPDX-License-Identifier: MIT
# What is said when the model's endpoint, a remote server or a limit ends something (docs/failures.md).
# shellcheck source=tests/lib/failures.sh
. "$(dirname "$0")/../lib/failures.sh"
# shellcheck source=tests/lib/remote.sh
. "$(dirname "$0")/../lib/remote.sh"
# shellcheck source=tests/lib/wire.sh
. "$(dirname "$0")/../lib/wire.sh"

error() { jq -nc --argjson status "$1" --arg message "${2-words}" '{$status, body: {error: {code: $status, $message}}}'; }
after() { jq -c --arg seconds "$1" '.headers = {"Retry-After": $seconds}'; }
echo_call() { jq -nc --arg text "$1" '{calls: [{name: "it__echo", arguments: {$text}}]}'; }
begun='{"choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": null}]}'

section 'Remote servers and /call'

# adapter BYTES: a server of "type": "call" that answers so
adapter() {
	answer "$1"
	wire
	printf '{"type": "call", "url": "http://127.0.0.1:%d/call", "policy": "allow", "tools": [{"name": "plain"}]}' \
		"$wire_port" >"$servers_d/it.json"
	chmod 600 "$servers_d/it.json"
	call plain
}
status_answer() { printf 'HTTP/1.1 %s X\\r\\nContent-Length: 5\\r\\n\\r\\nwords' "$1"; }
far() {
	rm -f "$tmp/it_in" "$tmp/it_out"
	remote it "$1"
}
failure remote-busy
far busy
call echo text=x
failure remote-redirect
far redirects
call echo text=x
failure remote-no-events
far html
call echo text=x
failure adapter-status
adapter "$(status_answer 500)"
failure adapter-refused
adapter "$(status_answer 401)"
failure adapter-redirect
adapter "$(status_answer 302)"
failure adapter-no-json
adapter 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnone'
failure adapter-unreachable
printf '{"type": "call", "url": "http://127.0.0.1:1/call", "policy": "allow", "tools": [{"name": "plain"}]}' >"$servers_d/it.json"
chmod 600 "$servers_d/it.json"
call plain

section 'Logins'

# shellcheck source=tests/lib/browser.sh
. "$(dirname "$0")/../lib/browser.sh"
# refused_login ID MODE
refused_login() {
	failure "$1"
	far "login $2"
	other login login it
}
refused_login login-refused denied
refused_login login-other-answer wrong-state
refused_login login-no-pkce no-pkce
refused_login login-no-registration no-register
failure login-not-remote
server it ''
other login login it
failure login-for-call
far login-for-calls
call echo text=x

section "The model's endpoint"

for code in 400 401 402 403 404 405 413; do
	failure endpoint-$code
	ask "$(error $code)"
done
failure endpoint-no-tools
ask "$(error 404 'No endpoints found that support tool use')"
failure endpoint-redirect
ask '{"status": 301, "headers": {"Location": "http://127.0.0.1:9/"}, "body": ""}'
failure endpoint-not-chat
ask '{"type": "text/html", "body": "<html>Log in"}'
failure endpoint-context
ask "$(error 400 'maximum context length is 100 tokens' | jq -c '.repeat = 3')"
for code in 408 429; do
	failure endpoint-$code
	ask "$(error $code | after 0 | jq -c '.repeat = 4')"
done
failure endpoint-429-later
ask "$(error 429 | after 3600)"
failure endpoint-429-daily
ask "$(error 429 'limit per day')"
failure endpoint-5xx
ask "$(error 503 | after 0 | jq -c '.repeat = 4')"
failure endpoint-retry
ask "$(error 503 | after 0)" "$done_line"
failure endpoint-network
endpoint_stop
other ask --base-url http://127.0.0.1:1/v1 ask hi
failure endpoint-cut
ask '{"text": "Half an", "finish": null, "usage": null, "done": false}'
failure endpoint-mid-error
ask "{\"sse\": [$begun, {\"error\": {\"code\": 502, \"message\": \"gone\"}}]}"
failure endpoint-filter
ask '{"text": "Half", "finish": "content_filter"}'
failure endpoint-length
ask '{"text": "Half", "finish": "length"}'
failure endpoint-no-answer
ask '{"text": ""}'
failure endpoint-refused-tool
server it ''
ask '{"refuse": ["it__add"], "text": "Done."}'

section 'Limits'

# within LIMITS ANSWER...: these are the run's
within() {
	server it ''
	printf '{"limits": %s}' "$1" >"$settings"
	chmod 600 "$settings"
	shift
	ask "$@"
}
failure limit-turns
within '{"turns": 2}' "$(echo_call a)" "$(echo_call b)" "$done_line"
failure limit-calls
within '{"calls": 1}' "$(echo_call a)" "$(echo_call b)" "$done_line"
failure limit-tokens
within '{"tokens": 10}' "$(echo_call a)" "$done_line"
failure limit-cost
within '{"cost": 0.001}' "$(echo_call a)" "$done_line"
failure limit-cost-per-day
mkdir -p "$XDG_STATE_HOME/cordpair/spending"
echo 1 >"$XDG_STATE_HOME/cordpair/spending/$(date +%F)"
within '{"cost_per_day": 0.001}' "$done_line"
failure limit-same-call
within '{}' "$(echo_call a)" "$(echo_call a)" "$(echo_call a)" "$(echo_call a)" "$done_line"
failure limit-time
options=(--timeout 1)
ask '{"delay_ms": 3000, "text": "Done."}'
failure denied
printf '{"command": "%s"}' "$fake" >"$servers_d/it.json"
ask "$(echo_call a)" "$done_line"
wire_stop
remotes_stop
failures_end
