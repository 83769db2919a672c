#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group E: the model's endpoint. Exit codes are design.md's: 75 when trying again may help,
# 76 for an endpoint that breaks its protocol, 77 for keys and credits, 78 for an address or a model.
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"
# shellcheck source=tests/lib/wire.sh
. "$(dirname "$0")/../lib/wire.sh"

hello='{"text": "Hello."}'
error() { jq -nc --argjson status "$1" --arg message "$2" '{$status, body: {error: {code: $status, $message}}}'; }
row_e() {
	row "$@"
	server it ''
}
# fails EXIT REGEX ANSWER...: the endpoint answers so; nothing is tried again
fails() {
	local code=$1 regex=$2
	shift 2
	endpoint "$@"
	attempt ask hi
	ends "$code" "$regex"
	is "$label: one request" "$(jq -s 'map(select(.body.max_tokens != 16)) | length' "$tmp/requests")" 1
}
# again ANSWER...: it is tried again, and works then
again() {
	endpoint "$@" "$hello"
	attempt ask hi
	ends 0 'trying again in [0-9]+ ms'
	gives 'Hello.'
}
# on_wire EXIT REGEX [TRIES]: the peer of wire() is asked
on_wire() {
	OPENROUTER_BASE_URL=http://127.0.0.1:$wire_port/api/v1 attempt ask hi
	ends "$1" "$2"
	[ $# -lt 3 ] || is "$label: tries" "$(wire_count)" "$3"
}
export CORDPAIR_MODEL=test/model

row_e E1 'nobody is there'
no_such_name=$(printf 'x%.0s' $(seq 64)).invalid # no resolver is asked: its first label is too long
for url in "http://127.0.0.1:1/api/v1" "http://$no_such_name/api/v1"; do
	case_ "${url:0:25}"
	attempt --base-url "$url" ask hi
	ends 75 "$(sed 's/\./\\./g; s|http://||; s|/.*||' <<<"${url:0:40}").*check the network and --base-url"
	is "$label: tried again" "$(grep -c 'trying again' "$tmp/err")" 3
done
case_ 'no address at all'
attempt --base-url 'http://' ask hi
ends 78 '"http://" is not the address of an endpoint: check --base-url'

row_e E2 'TLS'
if command -v openssl >/dev/null; then
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$tmp/key" -out "$tmp/cert" -days 2 -subj /CN=elsewhere.example \
		-addext 'subjectAltName=DNS:elsewhere.example' 2>/dev/null
	answer 'HTTP/1.1 200 OK\r\n\r\n'
	wire "tls=$tmp/cert,$tmp/key"
	export CURL_CA_BUNDLE=$tmp/cert SSL_CERT_FILE=$tmp/cert CURL_INSECURE=1
	attempt --base-url "https://127.0.0.1:$wire_port/api/v1" ask hi
	ends 78 '127\.0\.0\.1.*certificate' # which address to use, or whom to trust, is configuration
	is "$label: nobody asked it anything" "$(wire_count)" 0
	unlike "$label: not tried again" "$err" 'trying again'
	unset CURL_CA_BUNDLE SSL_CERT_FILE CURL_INSECURE
	case_ 'an old version'
	wire "tls=$tmp/cert,$tmp/key" old
	attempt --base-url "https://127.0.0.1:$wire_port/api/v1" ask hi
	ends 75 '127\.0\.0\.1.*(SSL|TLS)' # libcurl has one code for this and for a connection that broke
else
	skip "$label" 'openssl is missing'
fi
case_ 'a peer without it'
answer 'HTTP/1.1 400 Bad Request\r\n\r\n'
wire blind
attempt --base-url "https://127.0.0.1:$wire_port/api/v1" ask hi
ends 75 '127\.0\.0\.1.*(SSL|TLS)'

row_e E3 '400'
fails 76 'refuses the request.*bad schema' "$(error 400 'bad schema')"
fails 76 'refuses the request.*mmmmm' "$(error 400 "$(head -c 100000 /dev/zero | tr '\0' m)")"
ok "$label: it is cut" [ "${#err}" -lt 1000 ]
fails 76 'refuses the request' "$(error 400 $'\e]0;owned\a\e[31mred')"

row_e E4 '401 and 403'
fails 77 'refuses the API key: check OPENROUTER_API_KEY.*401: No cookie' "$(error 401 'No cookie auth credentials found')"
fails 77 'refuses the API key' "$(error 401 'your key sk-or-v1-test-key-0123456789 is wrong')"
fails 77 'does not permit this request.*403: flagged by a guardrail' "$(error 403 'flagged by a guardrail')"

row_e E5 '402'
fails 77 'credits do not suffice.*no more' "$(error 402 'no more')"

row_e E6 '404'
fails 78 '"test/model" is not available: choose another with --model' "$(error 404 'No endpoints found for test/model.')"

row_e E7 'what passes'
for code in 408 500 502 503 504 520; do
	case_ "$code once"
	again "$(error $code 'busy' | jq -c '.headers = {"Retry-After": "0"}')"
done
case_ 'for ever'
endpoint "$(error 503 'overloaded' | jq -c '.headers = {"Retry-After": "0"} | .repeat = 9')"
attempt ask hi
ends 75 '503|overloaded'
is "$label: four tries" "$(request_count)" 4

row_e E8 '429'
limited() { error 429 'slow down' | jq -c --arg after "$1" '.headers = {"Retry-After": $after}'; }
again "$(limited 2)"
says 'trying again in 2000 ms'
case_ 'a date of a second from now'
again "$(limited "$(LC_ALL=C date -u -d '+1 second' '+%a, %d %b %Y %H:%M:%S GMT')")"
for after in -1 garbage ''; do
	case_ "Retry-After: \"$after\""
	again "$(limited "$after")"
done
for after in 1000000000 3600 99999999999999999999; do
	case_ "Retry-After: $after"
	fails 75 'limits the rate of requests' "$(limited $after)"
done

row_e E9 'an error inside a 200'
fails 77 'credits do not suffice' '{"body": {"error": {"code": 402, "message": "no more"}}}'
again '{"body": {"error": {"code": 503, "message": "busy"}}}'

row_e E10 'no JSON'
fails 76 'does not answer as a chat endpoint does.*Log in' '{"type": "text/html", "body": "<!DOCTYPE html><html><title>Log in</title></html>"}'
fails 76 'does not answer as a chat endpoint does' '{"body": "\u001b[31mnot JSON"}'
fails 76 'does not answer as a chat endpoint does' '{"body": [1, 2]}'
case_ 'nothing'
again '{"body": ""}'

row_e E11 'a redirect'
for code in 301 302 307 308; do
	case_ "$code"
	fails 78 '127\.0\.0\.1.*redirect, which is not followed: check --base-url' \
		"{\"status\": $code, \"headers\": {\"Location\": \"http://127.0.0.1:9/elsewhere\"}, \"body\": \"\"}"
done

row_e E12 'the connection ends before the answer'
once() { # FORM [MODE]: the first answer is broken so, the second is good
	case_ "$1"
	local first=$2
	shift 2
	json_answer '{"choices":[{"message":{"role":"assistant","content":"Hello."},"finish_reason":"stop"}]}'
	printf '%b' "$first" >"$tmp/wire.1"
	wire "$@"
	on_wire 0 'trying again in' 2
	gives 'Hello.'
	rm "$tmp/wire.1"
}
once 'at once' ''
once 'within its headers' 'HTTP/1.1 200 OK\r\nContent-Ty'
once 'before its body' 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n'
case_ 'by RST, each time'
answer ''
wire reset
on_wire 75 '127\.0\.0\.1.*check the network' 4

row_e E13 'the stream ends in the middle'
fails 75 'ended before it was complete' '{"text": "Half an", "finish": null, "usage": null, "done": false}'
gives 'Half an'
fails 75 '.' '{"text": "Half an answer", "cut": true, "finish": null, "usage": null, "done": false}'
like "$label: what there was of it" "$out" '^Half'
case_ 'in the middle of a tool call'
endpoint '{"calls": [{"name": "it__echo", "arguments": "{\"text\": \"ne"}], "finish": null, "usage": null, "done": false, "repeat": 9}'
attempt --events ask hi
ends 75
is "$label: it is not made" "$(event "$out" tool.call .tool)" ''

row_e E14 'an error in the middle of the stream'
chunk='{"choices": [{"index": 0, "delta": {"content": "Half"}, "finish_reason": null}]}'
mid() { # CODE EXIT REGEX
	case_ "$1"
	fails "$2" "$3" "{\"sse\": [$chunk, {\"error\": {\"code\": $1, \"message\": \"gone\"}, \"choices\": [{\"index\": 0, \"delta\": {\"content\": \"\"}, \"finish_reason\": \"error\"}]}]}"
	gives Half
}
mid 502 75 'gone'
mid 402 77 'gone'
mid '"server_error"' 75 'gone'

row_e E15 'what else a stream may have'
end='"data: {\"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\n", "data: [DONE]\n\n"'
text='{\"choices\": [{\"index\": 0, \"delta\": {\"content\": \"grü\\u00dfe\"}, \"finish_reason\": null}]}'
stream() { # TITLE ITEM: it is followed by the end
	case_ "$1"
	endpoint "{\"sse\": [$2, $end]}"
	attempt ask hi
	ends 0
	gives 'grüße'
}
stream 'comments, blank events, other fields' "\": OPENROUTER PROCESSING\\n\\n\\n\\nevent: x\\nid: 7\\nretry: 5\\ndata: $text\\n\\n\""
stream 'CR LF' "\"data: $text\\r\\n\\r\\n\""
stream 'CR alone' "\"data: $text\\r\\r\""
stream 'a byte order mark' "\"\\ufeffdata: $text\\n\\n\""
stream 'no blank behind the colon' "\"data:$text\\n\\n\""
stream 'data over two lines' "\"data: {\\\"choices\\\": [{\\\"index\\\": 0,\\ndata: \\\"delta\\\": {\\\"content\\\": \\\"grüße\\\"}}]}\\n\\n\""

row_e E16 'cut at every byte'
endpoint '{"text": "grüße 😀 \"quoted\"", "by_byte": true, "crlf": true, "calls": [{"name": "it__echo", "arguments": {"text": "ß"}}]}' "$hello"
attempt --events ask hi
ends 0
is "$label: the text" "$(event "$out" text.delta .text | tr -d ' ' | cut -c1-30)" 'grüße😀"quoted"Hello.'
is "$label: the call" "$(tool_message 2 1)" ß

row_e E17 'an event that is no JSON'
case_ 'before any text'
endpoint '{"sse": ["data: {\"choices\": [{\"del\n\n"], "repeat": 9}'
attempt ask hi
ends 76 'does not answer as a chat endpoint does.*del'
case_ 'behind some'
fails 76 'does not answer as a chat endpoint does.*broken' "{\"sse\": [$chunk, \"data: {broken\\n\\n\", \"data: [DONE]\\n\\n\"]}"
gives Half

row_e E18 'without measure'
case_ 'a header of 400 KiB'
json_answer '{}' "X-Large: $(head -c 400000 /dev/zero | tr '\0' h)"
wire
on_wire 76 '127\.0\.0\.1.*headers are larger than 262144 bytes'
case_ 'headers without an end'
answer 'HTTP/1.1 200 OK\r\n'
printf 'X-More: and more\r\n' >"$tmp/more"
wire "endless=$tmp/more"
on_wire 76 '127\.0\.0\.1'
case_ 'an event without an end'
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: '
head -c 65536 /dev/zero | tr '\0' x >"$tmp/more"
wire "endless=$tmp/more"
line_bytes=$((64 << 20))
on_wire 76 '127\.0\.0\.1.*larger|longer|MiB'
case_ 'a hundred thousand times 100 Continue'
answer 'HTTP/1.1 100 Continue\r\n\r\n'
printf 'HTTP/1.1 100 Continue\r\n\r\n' >"$tmp/more"
wire "endless=$tmp/more"
on_wire 76 '127\.0\.0\.1'

# OpenRouter keeps a connection alive with comments for minutes: they count as signs of life, and what
# ends such a wait is --timeout (or "seconds" of "limits").
row_e E19 'only comments'
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n'
printf ': OPENROUTER PROCESSING\n\n' >"$tmp/more"
wire "endless=$tmp/more" pause=20
OPENROUTER_BASE_URL=http://127.0.0.1:$wire_port/api/v1 attempt --timeout 2 ask hi
ends 124 '2 seconds|--timeout'
case_ 'nothing at all'
wire hang
OPENROUTER_BASE_URL=http://127.0.0.1:$wire_port/api/v1 attempt --timeout 2 ask hi
ends 124

row_e E20 'more than the limit'
line_bytes=$((64 << 20))
case_ 'once it is decompressed'
head -c 200000000 /dev/zero | tr '\0' ' ' | gzip -1 >"$tmp/bomb"
{
	printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n' "$(stat -c %s "$tmp/bomb")"
	cat "$tmp/bomb"
} >"$tmp/wire"
wire
on_wire 76 '127\.0\.0\.1.*larger than'
case_ 'chunks without an end'
answer 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
{
	printf '10000\r\n'
	head -c 65536 /dev/zero | tr '\0' ' '
	printf '\r\n'
} >"$tmp/more"
wire "endless=$tmp/more"
on_wire 76 '127\.0\.0\.1.*larger than'

row_e E21 'tool calls of odd forms'
delta() { echo "{\"choices\": [{\"index\": 0, \"delta\": {\"tool_calls\": [$1]}, \"finish_reason\": null}]}"; }
finish='{"choices": [{"index": 0, "delta": {}, "finish_reason": "tool_calls"}]}, "data: [DONE]\n\n"'
echo_call() { echo "{\"index\": $1, \"id\": $2, \"type\": \"function\", \"function\": {\"name\": \"it__echo\", \"arguments\": \"{\\\"text\\\": \\\"$3\\\"}\"}}"; }
# called TITLE EVENTS ANSWERS: what the tool answered
called() {
	case_ "$1"
	endpoint "{\"sse\": [$2, $finish]}" "$hello"
	attempt ask hi
	ends 0
	is "$label: what is called" "$(request 2 | jq -r '[.messages[] | select(.role == "tool").content] | join(" ")')" "$3"
	json "$label: its ids are in order" "$(request 2)" \
		'([.messages[] | select(.tool_calls).tool_calls[].id]) as $ids | ($ids | unique | length) == ($ids | length) and [.messages[] | select(.role == "tool").tool_call_id] == $ids'
}
called 'no id' "$(delta "$(echo_call 0 null a)")" a
called 'an id twice' "$(delta "$(echo_call 0 '"x"' a),$(echo_call 1 '"x"' b)")" 'a b'
called 'gaps between indexes' "$(delta "$(echo_call 7 '"x"' a)"), $(delta "$(echo_call 3 '"y"' b)")" 'a b'
called 'the name in a later piece' \
	"$(delta '{"index": 0, "id": "x", "function": {"arguments": "{\"text\""}}'), $(delta '{"index": 0, "function": {"name": "it__echo", "arguments": ": \"a\"}"}}')" a
called 'the name again in each piece' \
	"$(delta '{"index": 0, "id": "x", "function": {"name": "it__echo", "arguments": "{\"text\""}}'), $(delta '{"index": 0, "function": {"name": "it__echo", "arguments": ": \"a\"}"}}')" a
for index in 1000000000 -1 '"x"' null 1.5; do
	case_ "index $index"
	endpoint "{\"sse\": [$(delta "$(echo_call "$index" '"x"' a)"), $finish]}" "$hello"
	attempt ask hi
	ends 0
	gives 'Hello.'
done
case_ '129 calls'
endpoint "{\"sse\": [$(delta "$(for n in $(seq 0 128); do echo_call "$n" "\"i$n\"" a; done | paste -sd,)"), $finish]}" "$hello"
attempt ask hi
ends 76 '128 tool calls|more than 128'

row_e E22 'arguments of odd forms'
# given ARGUMENTS REGEX: as a text; what the model is told
given() {
	case_ "${1:0:30}"
	endpoint "$(jq -nc --arg arguments "$1" '{calls: [{name: "it__add", $arguments}]}')" "$hello"
	attempt ask hi
	ends 0
	like "$label: the model is told" "$(tool_message 2 1)" "$2"
	json "$label: what goes back is an object" "$(request 2)" '.messages[1].tool_calls[0].function.arguments | fromjson | type == "object"'
}
given '' '^0$'
given '{"a": 1, "b"' '^Error: the arguments are not valid JSON \(line 1, column'
given '[1]' '^Error: the arguments are not a JSON object'
given '"x"' '^Error: the arguments are not a JSON object'
given '{"a": NaN}' '^Error: the arguments are not valid JSON'
given '{"a": 1, "a": 2}' '^Error: the arguments are not valid JSON'
given '{"a\u0000b": 1}' '^Error: the arguments are not valid JSON'
case_ 'of 2 MB'
line_bytes=8000000
endpoint "$(jq -nc '{calls: [{name: "it__echo", arguments: {text: ("x" * 2000000)}}]}')" "$hello"
attempt --no-stream ask hi
ends 0
like "$label: they arrive" "$(tool_message 2 1)" '^xxx'
case_ 'numbers stay as they were written'
echo '{"name": "numbers", "inputSchema": {"type": "object"}}' >"$tmp/numbers"
server it "list=$tmp/numbers"
endpoint "$(jq -nc --arg arguments '{"n": [1180591620717411303424, 1.50, 1e2, -0.0]}' '{calls: [{name: "it__numbers", $arguments}]}')" "$hello"
attempt ask hi
ends 0
is "$label: toward the tool" "$(tool_message 2 1)" '{"n": [1180591620717411303424, 1.50, 1e2, -0.0]}'
server it ''

row_e E23 'names that no tool has'
endpoint '{"calls": [{"name": "it__ecko"}, {"name": "echo"}, {"name": "it__ECHO"}, {"name": "no such\u0000\u001b[31m"}, {"name": ""}]}' "$hello"
attempt ask hi
ends 0
for n in 1 2 3 4; do
	like "$label: $n: the model is told" "$(tool_message 2 $n)" '^Error: there is no tool called'
done
case_ 'again and again'
endpoint '{"calls": [{"name": "no_such_thing"}], "repeat": 9}'
attempt ask hi
ends 4 'the same call was made 3 times in a row'

row_e E24 'loops without an end'
mapfile -t rounds < <(for n in $(seq 30); do echo "{\"calls\": [{\"name\": \"it__add\", \"arguments\": {\"a\": $n}}]}"; done)
endpoint "${rounds[@]}"
attempt ask hi
ends 4 'the limit of 25 model requests is reached'
endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "x"}}], "repeat": 30}'
attempt ask hi
ends 4 'the same call was made 3 times in a row'
endpoint "$(jq -nc '{calls: [range(101) | {name: "it__add", arguments: {a: .}}]}')" "$hello"
attempt ask hi
ends 4 'the limit of 100 tool calls is reached'

row_e E25 'a hundred calls at once'
endpoint "$(jq -nc '{calls: [range(100) | {name: "it__add", arguments: {a: .}}]}')" "$hello"
attempt ask hi
ends 0
is "$label: their results are in order" "$(request 2 | jq -r '[.messages[] | select(.role == "tool").content] | join(" ")')" "$(seq -s' ' 0 99)"

row_e E26 'ends of odd forms'
calls='"calls": [{"name": "it__echo", "arguments": {"text": "x"}}]'
for form in "{$calls, \"finish\": \"stop\"}" "{$calls, \"text\": \"I look. \"}" "{$calls, \"finish\": \"odd\"}"; do
	case_ "${form: -20}"
	endpoint "$form" "$hello"
	attempt ask hi
	ends 0
	is "$label: the calls are made" "$(tool_message 2 1)" x
done
# finish TITLE ANSWER EXIT: none hangs
finish() {
	case_ "$1"
	endpoint "$2" "$2" "$2" "$2"
	attempt ask hi
	ends "$3"
}
finish 'tool_calls without any' '{"text": "x", "finish": "tool_calls"}' 0
finish 'content null' '{"body": {"choices": [{"message": {"role": "assistant", "content": null}, "finish_reason": "stop"}]}}' 1
finish 'no message' '{"body": {"choices": [{"finish_reason": "stop"}]}}' 1
finish 'a refusal' '{"body": {"choices": [{"message": {"role": "assistant", "content": null, "refusal": "I will not."}, "finish_reason": "stop"}]}}' 1
finish 'a filter' '{"text": "x", "finish": "content_filter"}' 4
finish 'the limit of tokens' '{"text": "x", "finish": "length"}' 4

row_e E27 'usage that is none'
for usage in null '{}' '{"prompt_tokens": -5, "completion_tokens": "x", "total_tokens": 99999999999999999999, "cost": -1}' \
	'{"cost": "NaN"}' '{"cost": 1e300}' '{"cost": {}}'; do
	case_ "$usage"
	endpoint "{\"text\": \"Hello.\", \"usage\": $usage}"
	attempt --json ask hi
	ends 0
	json "$label: what is told of it is sound" "$out" '.usage | (.cost // 0) >= 0 and (.total_tokens // 0) >= 0'
done

row_e E28 'text that hurts'
endpoint '{"text": "a\u001b[2J\u001b]0;owned\u0007b\u202ec"}'
attempt ask hi
ends 0
# Where stdout is no terminal the text is whole (design: the answer is data); at one it is cleaned.
witness_options=(--no-terminal)
case_ '10 MiB without a line end'
line_bytes=$((12 << 20))
endpoint "$(jq -nc '{text: ["x" * 10485760]}')"
attempt ask hi
ends 0
is "$label: it is whole" "${#out}" 10485760
endpoint_stop
wire_stop
done_testing
