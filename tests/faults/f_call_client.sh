#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group F: the HTTP peer of the /call adapter.
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"
# shellcheck source=tests/lib/wire.sh
. "$(dirname "$0")/../lib/wire.sh"

# far [MEMBERS]: the server of the last wire()
far() {
	far_as bad "$@"
	server canary ''
}
far_as() {
	printf '{"type": "call", "url": "http://%s:%d/call", "policy": "allow", "tools": [{"name": "plain"}]%s}' \
		"${host-127.0.0.1}" "$wire_port" "${2:+, $2}" >"$servers_d/$1.json"
	chmod 600 "$servers_d/$1.json"
}
# fails EXIT REGEX: the call does; the model can read it, and others do not notice
fails() {
	attempt call bad plain
	ends "$1" "$2"
	asks_both plain
	ends 0
	tells "^Error.*($2)"
}
head='HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n'

row F1 'no JSON'
wire
far
json_answer 'not JSON at all'
fails 76 'server "bad": its answer is not JSON: .* at byte 1'
case_ 'a web page'
answer 'HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<!DOCTYPE html><p>Log in'
fails 76 'server "bad": its answer is not JSON: .* at byte 1'
case_ 'nothing'
json_answer ''
fails 76 'server "bad": its answer is not JSON'
for json in '{"other": 1}' '[]' '{"result": 1, "result": 2}' 7; do
	case_ "$json"
	json_answer "$json"
	attempt call bad plain
	like "$label: it fails" "$status" '^(1|76)$'
	like "$label: and why" "$err" 'neither "result" nor "error"|not JSON'
done

row F2 'a status that is no success'
wire
far
status_answer() { answer "HTTP/1.1 $1 X\r\nContent-Type: text/plain\r\nContent-Length: ${#2}\r\n\r\n$2"; }
for code in 400:76 401:77 403:77 404:76 418:76 429:75 500:75 503:75; do
	case_ "${code%:*}"
	status_answer "${code%:*}" 'it does not work'
	fails "${code#*:}" "server .bad.: it answered with HTTP ${code%:*}: it does not work"
done
case_ 'with JSON'
status_answer 500 '{"error": "out of order"}'
fails 1 'out of order'
case_ 'a long one that would play with the terminal'
status_answer 500 $'\e[31m'"$(head -c 100000 /dev/zero | tr '\0' m)"
fails 75 'HTTP 500: .*mmm'
ok "$label: it is cut" [ "${#err}" -lt 2000 ]

row F3 'a failure is not tried again'
wire
far
json_answer '{"result": "second"}'
printf 'HTTP/1.1 500 X\r\nContent-Length: 0\r\n\r\n' >"$tmp/wire.1"
attempt call bad plain
ends 75 'HTTP 500'
is "$label: one request" "$(wire_count)" 1
attempt call bad plain
ends 0
gives second
rm "$tmp/wire.1"

row F4 'it does not answer'
answer ''
wire hang
far '"timeout_s": 1'
fails 75 'no answer to tools/call within 1 seconds'
case_ 'or only half'
answer "${head}Content-Length: 100\r\n\r\n{\"resu"
fails 75 'no answer to tools/call within 1 seconds'

row F5 'more than the limit'
line_bytes=$((32 << 20))
case_ 'by its length'
answer "${head}Content-Length: 1000000000\r\n\r\n"
head -c 65536 /dev/zero | tr '\0' ' ' >"$tmp/more"
wire "endless=$tmp/more"
far
fails 76 'the answer is larger than 33554432 bytes'
case_ 'in chunks without an end'
answer "${head}Transfer-Encoding: chunked\r\n\r\n"
{
	printf '10000\r\n'
	cat "$tmp/more"
	printf '\r\n'
} >"$tmp/chunk"
wire "endless=$tmp/chunk"
far
fails 76 'the answer is larger than 33554432 bytes'
case_ 'once it is decompressed'
head -c 100000000 /dev/zero | tr '\0' ' ' | gzip -1 >"$tmp/bomb"
{
	printf '%b' "${head}Content-Encoding: gzip\r\n\r\n"
	cat "$tmp/bomb"
} >"$tmp/wire"
wire
far
fails 76 'the answer is larger than 33554432 bytes'
case_ 'compression that is none'
answer "${head}Content-Encoding: gzip\r\n\r\nthis is not gzip"
fails 76 '127\.0\.0\.1'

row F6 'a redirect'
wire
cp "$tmp/wire_record" "$tmp/first_record"
first_port=$wire_port
far '"headers": {"Authorization": "Bearer canary-of-an-entry"}'
for to in file:///etc/passwd ftp://127.0.0.1/x "http://127.0.0.1:$first_port/call" "http://localhost:$first_port/other" gopher://127.0.0.1/x; do
	case_ "$to"
	wire
	far '"headers": {"Authorization": "Bearer canary-of-an-entry"}'
	answer "HTTP/1.1 302 Found\r\nLocation: $to\r\nContent-Length: 0\r\n\r\n"
	attempt call bad plain
	ends 78 'HTTP 302, a redirect, which is not followed'
	is "$label: one request" "$(wire_count)" 1
done

row F7 'a length that is wrong'
wire
far
case_ 'too short'
answer "${head}Content-Length: 100\r\n\r\n{\"result\": 1}"
fails 75 '127\.0\.0\.1'
case_ 'too long'
answer "${head}Content-Length: 13\r\n\r\n{\"result\": 1}{\"result\": 2}"
attempt call bad plain
ends 0
gives 1
case_ 'negative'
answer "${head}Content-Length: -5\r\n\r\n{\"result\": 1}"
fails 76 '127\.0\.0\.1'
case_ 'both a length and chunks: the chunks count (RFC 9112, 6.3)'
answer "${head}Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nd\r\n{\"result\": 1}\r\n0\r\n\r\n"
attempt call bad plain
ends 0
gives 1
case_ 'chunks that are none'
answer "${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\n"
attempt call bad plain
like "$label: it fails" "$status" '^(75|76)$'
like "$label: and why" "$err" '127\.0\.0\.1'

row F8 'HTTP that is none'
case_ 'HTTP/0.9'
answer '{"result": 1}'
wire
far
fails 76 '127\.0\.0\.1.*the answer is no HTTP \(or HTTP/0\.9\)'
case_ '100 Continue without an end'
answer ''
printf 'HTTP/1.1 100 Continue\r\n\r\n' >"$tmp/more"
wire "endless=$tmp/more"
far
fails 76 'headers are larger than 262144 bytes'
case_ 'headers without an end'
answer 'HTTP/1.1 200 OK\r\n'
printf 'X-More: and more\r\n' >"$tmp/more"
wire "endless=$tmp/more"
far
fails 76 'headers are larger than 262144 bytes'
case_ 'a header without an end'
answer 'HTTP/1.1 200 OK\r\nX-More: '
head -c 65536 /dev/zero | tr '\0' h >"$tmp/more"
wire "endless=$tmp/more"
far
fails 76 'headers are larger than 262144 bytes'

row F9 'IPv6 alone'
json_answer '{"result": "six"}'
if python3 -c 'import socket; socket.create_server(("::1", 0), family=socket.AF_INET6)' 2>/dev/null; then
	wire six
	host='[::1]' far
	attempt call bad plain
	ends 0
	gives six
	host=localhost far # where 127.0.0.1 refuses
	attempt call bad plain
	ends 0
	# A listener whose queue is full swallows what else comes.
	wire
	host=localhost far
	python3 - "$wire_port" >"$tmp/hole" <<'END' &
import socket, sys, time
hole = socket.create_server(("::1", int(sys.argv[1])), family=socket.AF_INET6, backlog=0)
queue = []
for _ in range(8):
    peer = socket.socket(socket.AF_INET6)
    peer.setblocking(False)
    peer.connect_ex(hole.getsockname())
    queue.append(peer)
print("full", flush=True)
time.sleep(60)
END
	hole=$!
	wait_until test -s "$tmp/hole"
	case_ 'a dual stack whose one half is a black hole'
	attempt call bad plain
	ends 0
	gives six
	case_ 'a black hole alone'
	host='[::1]' far
	attempt call bad plain
	ends 75 'bad": http://\[::1\]:[0-9]+/call: .*(timed out|[Tt]imeout)'
	kill $hole
else
	skip "$label" 'there is no IPv6 here'
fi

row F10 'a proxy in the environment'
wire
far
for variable in http_proxy HTTP_PROXY all_proxy ALL_PROXY; do
	case_ "$variable: loopback never goes through it"
	export "$variable=http://127.0.0.1:1"
	no_proxy='' attempt call bad plain
	ends 0
	unset "$variable"
done

row F11 'the peer closes between two calls'
json_answer '{"result": "still there"}'
wire
far
endpoint '{"calls": [{"name": "bad__plain", "arguments": {"n": 1}}]}' '{"calls": [{"name": "canary__sleep", "arguments": {"ms": 200}}]}' \
	'{"calls": [{"name": "bad__plain", "arguments": {"n": 2}}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0
is "$label: both are answered" "$(tool_message 2 1), $(tool_message 4 3)" 'still there, still there'
is "$label: each was sent once" "$(jq -r '.body | fromjson.arguments.n' "$tmp/wire_record" | paste -sd' ')" '1 2'

row F12 'two servers of one host with two tokens'
json_answer '{"result": "yes"}'
wire keep
far_as one '"headers": {"Authorization": "Bearer token-one"}'
far_as two '"headers": {"Authorization": "Bearer token-two"}'
endpoint "$(jq -nc '{calls: [range(20) | {name: (if . % 2 == 0 then "one" else "two" end + "__plain"), arguments: {n: ., of: (if . % 2 == 0 then "one" else "two" end)}}]}')" '{"text": "Done."}'
attempt --events ask hi
ends 0
is "$label: every request has its own" "$(jq -r '.headers.authorization + " " + (.body | fromjson.arguments.of)' "$tmp/wire_record" | sort | uniq -c | tr -s ' ' | paste -sd,)" \
	' 10 Bearer token-one one, 10 Bearer token-two two'

row F13 'a token file that is none'
wire
token='"headers": {"Authorization": "Bearer ${file:'$tmp'/token}"}'
far "$token"
attempt call bad plain
ends 78 'bad\.json:1: .*/token: No such file or directory'
asks_canary
ends 0
case_ 'with a line end'
printf 'canary-of-an-entry\n' >"$tmp/token"
chmod 600 "$tmp/token"
attempt call bad plain
ends 0
is "$label: it is not sent" "$(jq -r .headers.authorization "$tmp/wire_record")" 'Bearer canary-of-an-entry'
for bytes in 'a\r\nX-Evil: b' 'a\nb' 'a\x01b'; do
	case_ "$bytes"
	printf '%b' "$bytes" >"$tmp/token"
	attempt call bad plain
	like "$label: it fails" "$status" '^(69|78)$'
	like "$label: and why" "$err" 'bad.*(control character|line)'
	asks_canary
	ends 0
done
case_ 'that everybody may write to'
printf 'canary-of-an-entry' >"$tmp/token"
chmod 666 "$tmp/token"
attempt call bad plain
like "$label: it fails" "$status" '^(77|78)$'
like "$label: and why" "$err" '/token.*(not safe|everybody)'
endpoint_stop
wire_stop
done_testing
