#!/bin/bash
# SPDX-License-Identifier: MIT
# Remote servers over Streamable HTTP that misbehave: sessions, streams, statuses, sizes.
# shellcheck source=tests/lib/remote.sh
. "$(dirname "$0")/../lib/remote.sh"

remote it ''
run "$cordpair" call it echo text=hello
is 'a call' "$status $out" '0 hello'
is 'in the order of the protocol' "$(got '[.method, (.body.method? // empty)] | join(" ")')" \
	'POST server/discover POST initialize POST notifications/initialized GET POST tools/list POST tools/call DELETE'
is 'every message names the session' \
	"$(got 'select(.path == "/mcp" and (.body.method? | . != "initialize" and . != "server/discover")) | .headers["Mcp-Session-Id"]' | tr ' ' '\n' | sort -u | wc -l | tr -d ' ')" 1
is 'and the version' \
	"$(got 'select(.path == "/mcp" and (.body.method? | . != "initialize" and . != "server/discover")) | .headers["MCP-Protocol-Version"]' | tr ' ' '\n' | sort -u)" 2025-11-25
is 'what it takes' "$(got 'select(.body.method? == "tools/call") | .headers.Accept')" \
	'application/json, text/event-stream'

for mode in forgets forgets-400; do
	remote "$mode" "$mode"
	endpoint "$(jq -nc --arg n "$mode" '{calls: [range(4) | {name: ($n + "__echo"), arguments: {text: "t\(.)"}}]}')" \
		'{"text": "Done."}'
	run "$cordpair" ask -s "$mode" hi
	is "$mode: sessions are renewed, nothing is lost" "$status $out" '0 Done.'
	is "$mode: every call has its answer" \
		"$(for i in 1 2 3 4; do tool_message 2 $i; done | paste -sd' ')" 't0 t1 t2 t3'
	ok "$mode: more than one session" test "$(got_count '.body.method? == "initialize"')" -gt 1
done

# Events of any size keep their order; a large one is read beside the loop.
for size in 100 2000000; do
	remote "events$size" "events=$size"
	run "$cordpair" -v call "events$size" echo text=0123456789
	is "a stream with events of $size bytes" "$status $(tr -d '\n' <"$tmp/out" | sha256sum)" \
		"0 $(for _ in $(seq $((size / 10))); do printf 0123456789; done | sha256sum)"
	is "a stream with events of $size bytes: in order" \
		"$(grep -oE 'info: "?[ab]' <<<"$err" | tr -dc 'ab\n' | paste -sd' ')" 'a b'
done

fails() { # MODE EXIT PATTERN
	remote "$1" "$1"
	run "$cordpair" call "$1" echo text=hello
	is "$1: exit" "$status" "$2"
	like "$1: said" "$err" "$3"
	is "$1: sent once" "$(got_count '.body.method? == "tools/call"')" 1
}
fails redirects 78 'server "redirects": it answered with a redirect, which is not followed'
is 'redirects: nobody went there' "$(got_count '.path == "/elsewhere"')" 0
fails broken 75 'server "broken": it answered with HTTP 500: it broke; the call failed: try again later$'
fails busy 75 'server "busy": it answered with HTTP 429'
fails large 76 'its answer is larger than 64 MiB'
fails html 76 'server "html": its answer is no answer to the request'
fails cut 75 'its stream ended before the answer'
fails other-id 76 'server "other-id": its answer is no answer to the request'

# It speaks by itself, on the stream of GET
for mode in listens listens-again; do
	remote $mode $mode
	run "$cordpair" call $mode echo text=hello
	is "$mode: a call" "$status $out" '0 hello'
	is "$mode: a request of the server's is answered" \
		"$(got 'select(.method == "POST" and (.body.method? | not)) | .body | [.id, .result] | tostring')" '["p1",{}]'
done
is 'a stream that ended is opened again, behind its last event' \
	"$(got 'select(.method == "GET") | .headers["Last-Event-ID"] // "none"')" 'none s1'

# Silence
remote hangs hangs '"timeout_s": 1'
hello='{"calls": [{"name": "hangs__echo", "arguments": {"text": "hello"}}]}'
endpoint "$hello" "$hello" '{"text": "Done."}'
run "$cordpair" ask -s hangs hi
is 'no answer: the run goes on' "$status $out" '0 Done.'
like 'no answer: the model is told' "$(tool_message 2 1)" 'server "hangs": no answer to tools/call within 1 seconds'
is 'no answer: cancelled' "$(got 'select(.body.method? == "notifications/cancelled") | .body.params.requestId' | cut -d' ' -f1)" \
	"$(got 'select(.body.method? == "tools/call") | .body.id' | cut -d' ' -f1)"

remote stopped hangs
"$cordpair" call stopped echo text=hello >"$tmp/out" 2>"$tmp/err" </dev/null &
host=$!
asked() { [ "$(got_count '.body.method? == "tools/call"')" = 1 ]; }
wait_until asked
kill -TERM $host
wait $host
is 'SIGTERM: the server is told before the host goes' \
	"$(got 'select(.body.method? == "notifications/cancelled" or .method == "DELETE") | .body.params.requestId? // "DELETE"')" \
	"$(got 'select(.body.method? == "tools/call") | .body.id') DELETE"

# HTTP+SSE, the transport of 2024-11-05
remote sse sse
run "$cordpair" call sse echo text=hello
is 'HTTP+SSE: a call' "$status $out" '0 hello'
is 'HTTP+SSE: after POST was refused, to the endpoint that was told' \
	"$(got 'select(.body.method? | . == "initialize" or . == "tools/call") | [.body.method, .path] | join(" ")')" \
	'initialize /mcp initialize /post?s=1 tools/call /post?s=1'
sse_fails() { # MODE EXIT PATTERN
	remote "$1" "$1"
	run "$cordpair" call "$1" echo text=hello
	is "$1: exit" "$status" "$2"
	like "$1: said" "$err" "$3"
}
sse_fails sse-elsewhere 69 'speaks neither Streamable HTTP nor HTTP\+SSE: its endpoint is on another host'
sse_fails sse-no-stream 69 'speaks neither Streamable HTTP nor HTTP\+SSE: its answer to GET is no stream of events'
sse_fails sse-ends 69 'server "sse-ends" ended its stream of events'

remote resumes resumes
run "$cordpair" call resumes echo text=hello
is 'a stream that ends is resumed' "$status $out" '0 hello'
is 'from its last event on' "$(got 'select(.headers["Last-Event-ID"]?) | .headers["Last-Event-ID"]')" e1

printf '{"type": "http", "url": "http://127.0.0.1:1/mcp"}' >"$servers_d/nobody.json"
chmod 600 "$servers_d/nobody.json"
run "$cordpair" call nobody echo
is 'nobody listens: exit' "$status" 69
like 'nobody listens: said' "$err" 'server "nobody".*127.0.0.1.*port 1'
printf '{"type": "http", "url": "ftp://127.0.0.1/mcp"}' >"$servers_d/nobody.json"
run "$cordpair" call nobody echo
is 'no http address: exit' "$status" 78
like 'no http address: said' "$err" 'nobody.json.*"url".*http'
remotes_stop
done_testing
