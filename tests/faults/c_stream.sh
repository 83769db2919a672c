#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group C: the stream of messages from a server's process. The limit of a line is 64 MiB; what
# is longer is thrown away, and the call that it answered fails: the server is not given up for it.
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"

good_text='grüße 😀 \u00e9 1.50'
good='{"jsonrpc":"2.0","id":@ID@,"result":{"content":[{"type":"text","text":"'$good_text'"}]}}'
shown='grüße 😀 é 1.50'
# raw BYTES: they are what the server says to the next call; a backslash is one, \n is none.
raw() { printf '%s\n' "$1" >"$tmp/raw"; }
# asks_raw [MEMBERS]: the model calls it
asks_raw() { asks_both raw "{\"file\": \"$tmp/raw\"${1:+, $1}}"; }
# taken TITLE BYTES: they are the good answer, whatever is around it
taken() {
	case_ "$1"
	raw "$2"
	asks_raw
	ends 0
	is "$label: the answer" "$told" "$shown"
}
# broken TITLE BYTES REGEX [EXIT]: the call fails so, and the next one works
broken() {
	case_ "$1"
	raw "$2"
	attempt call bad raw "file=$tmp/raw"
	ends "${4:-76}" "$3"
	asks_raw
	tells "$3"
}
# goes_on: after what raw gave, the stream is as it was
goes_on() {
	endpoint "{\"calls\": [{\"name\": \"bad__raw\", \"arguments\": {\"file\": \"$tmp/raw\"}}]}" \
		'{"calls": [{"name": "bad__echo", "arguments": {"text": "on"}}]}' '{"text": "Done."}'
	attempt --events ask hi
	ends 0
	is "$label: the stream goes on" "$(tool_message 3 2)" on
}
bad_faults() { bad faults '"timeout_s": 30'; }

row C1 'is cut anywhere'
bad_faults
raw "$good"
asks_raw '"by_byte": 1'
ends 0
is "$label: byte by byte" "$told" "$shown"
taken 'three messages in one write' '{"jsonrpc":"2.0","method":"notifications/x"}
{"jsonrpc":"2.0","id":"q","method":"ping"}
'"$good"

row C2 'line ends and blanks'
bad_faults
taken 'CR LF' "$good"$'\r'
taken 'blank lines' $'\n\r\n   \n'"$good"$'\n\n'
taken 'blanks around it' $' \t'"$good"$'  \t '

row C3 'a line over the limit'
bad_faults
line_bytes=$((68 << 20))
attempt call bad big bytes=$((65 << 20))
ends 76 'server "bad": its answer was lost: a line of more than 64 MiB'
endpoint "{\"calls\": [{\"name\": \"bad__big\", \"arguments\": {\"bytes\": $((65 << 20))}}]}" \
	'{"calls": [{"name": "bad__echo", "arguments": {"text": "on"}}]}' '{"text": "Done."}'
attempt --events ask hi
is "$label: the stream goes on" "$(tool_message 3 2)" on

row C4 'a line without an end'
bad_faults
line_bytes=$((68 << 20))
asks_both endless
ends 0
tells '^Error: server "bad": its answer was lost: a line of more than 64 MiB'

row C5 'a large result'
bad faults
line_bytes=$((8 << 20))
attempt call bad big bytes=$((8 << 20))
ends 0
is "$label: it is whole" "${#out}" $((8 << 20))
asks_both big "{\"bytes\": $((8 << 20))}"
tells '\[This is the beginning: .* bytes'
ok "$label: it is cut for the model" [ "${#told}" -lt 110000 ]
case_ 'of almost 64 MiB'
line_bytes=$((63 << 20))
attempt call bad big bytes=$((63 << 20))
ends 0
is "$label: it is whole" "${#out}" $((63 << 20))

# They are skipped however many they are, and told with -v; the catalogue would give the server up.
row C6 'lines that are no messages'
bad_faults
taken 'a few' $'Starting up…\n[info] {"a": 1}\n{"neither": 1}\n42\n"text"\n[]\n'"$good"
attempt -v call bad junk bytes=200
ends 0 'server "bad": a line of its stdout is skipped: not JSON'
case_ '20 MB of them'
asks_both junk '{"bytes": 20000000}'
ends 0
is "$label: the answer" "$told" 'done'

row C7 'bytes that are no UTF-8'
bad_faults
for bytes in '\x80' '\xc0\xaf' '\xed\xa0\x80' '\xf5\x80\x80\x80' '\xe2\x82'; do
	broken "$bytes" "${good/1.50/$(printf '%b' "$bytes")}" 'not JSON: .* at byte [0-9]+'
done
goes_on

row C8 'NUL'
bad_faults
printf '%s\0%s\n' "${good%1.50*}" "${good#*1.50}" >"$tmp/raw"
case_ 'as a byte'
attempt call bad raw "file=$tmp/raw"
ends 76 'not JSON: .* at byte'
case_ 'in a text'
raw "${good/1.50/a\\u0000b}"
attempt call bad raw "file=$tmp/raw"
ends 0
is "$label: it is kept" "$(tail -c 4 "$tmp/out" | od -An -c | tr -s ' ')" ' a \0 b \n'
asks_raw
ends 0
broken 'in a key' "${good/\"type\"/\"ty\\u0000pe\"}" 'not JSON: .* at byte'
taken 'in a method' '{"jsonrpc":"2.0","id":"q","method":"pi\u0000ng"}
'"$good"

row C9 'half a surrogate pair'
bad_faults
for half in '\ud83d' '\udc00' '\ud83d x' '\ud83d\ud83d'; do
	broken "$half" "${good/1.50/$half}" 'not JSON: .* at byte'
done
goes_on

row C10 'depth and width'
bad_faults
broken 'a million brackets' "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"result\":$(head -c 1000000 /dev/zero | tr '\0' '[')" \
	'not JSON: more nesting than is allowed at byte'
case_ 'a hundred thousand keys'
jq -nc '{jsonrpc: "2.0", id: "@ID@", result: {content: [{type: "text", text: "wide"}], _meta: ([range(100000) | {("k\(.)"): .}] | add)}}' |
	sed 's/"@ID@"/@ID@/' >"$tmp/raw"
line_bytes=2000000
asks_raw
ends 0
is "$label: the answer" "$told" wide
case_ 'a million elements'
jq -nc '{jsonrpc: "2.0", id: "@ID@", result: {content: [{type: "text", text: "long"}], _meta: {a: [range(1000000) | 0]}}}' |
	sed 's/"@ID@"/@ID@/' >"$tmp/raw"
asks_raw
ends 0
is "$label: the answer" "$told" long

row C11 'JSON of other dialects'
bad_faults
for value in NaN Infinity -Infinity "'x'" '"a" // b' '1,' 01 1. .5 +1 0x10 '"a	b"' undefined; do
	broken "$value" "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"result\":{\"content\":[],\"x\":$value}}" 'not JSON: .* at byte'
done

row C12 'the same key twice'
bad_faults
for member in '"id":@ID@' '"result":{}' '"jsonrpc":"2.0"'; do
	broken "$member" "${good%\}},$member}" 'not JSON: a key that is there already'
done

# What is not our id answers nothing; the call then has its deadline.
row C13 'an id that is not ours'
bad faults '"timeout_s": 1'
for id in '"@ID@"' @ID@.5 -@ID@ 9007199254740993 18446744073709551616 @ID@e9; do
	broken "$id" "${good/@ID@/$id}" 'no answer to tools/call within 1 seconds' 75
done
for id in null '{}' '[@ID@]' true; do
	broken "$id" "${good/@ID@/$id}" 'its answer was lost: not a JSON-RPC message: a result without an id'
done

row C14 'answers that nobody waits for'
bad_faults
taken 'an id that was never given' "${good/@ID@/4711}
$good"
taken 'an id that was answered before' "${good/@ID@/1}
${good/@ID@/2}
$good"
taken 'twice' "$good
$good"
case_ 'after its deadline'
bad faults '"timeout_s": 1'
endpoint '{"calls": [{"name": "bad__sleep", "arguments": {"ms": 1300}}]}' \
	'{"calls": [{"name": "canary__sleep", "arguments": {"ms": 500}}, {"name": "bad__echo", "arguments": {"text": "on"}}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0
is "$label: the next call has its own answer" "$(tool_message 3 3)" on
# The same number at another server is another request.
case_ "another server's"
bad faults
server second faults
raw "${good/@ID@/3}"
endpoint "{\"calls\": [{\"name\": \"bad__raw\", \"arguments\": {\"file\": \"$tmp/raw\"}}, {\"name\": \"second__sleep\", \"arguments\": {\"ms\": 300}}]}" '{"text": "Done."}'
attempt --events ask hi
ends 0
is "$label: no answer is crossed" "$(tool_message 2 2)" slept

row C15 'both a result and an error, or neither'
bad_faults
broken both "${good%\}},\"error\":{\"code\":1,\"message\":\"x\"}}" 'server "bad": its answer is broken: not a JSON-RPC message: it has both'
broken neither '{"jsonrpc":"2.0","id":@ID@}' 'server "bad": its answer is broken: not a JSON-RPC message: it has no method, result or error'

row C16 'no version, a method that is none'
bad_faults
broken 'no version' "${good/\"jsonrpc\":\"2.0\",/}" 'its answer is broken: .*"jsonrpc" is not "2\.0"'
broken 'version 1.0' "${good/2.0/1.0}" 'its answer is broken: .*"jsonrpc" is not "2\.0"'
taken 'a method that is a number' '{"jsonrpc":"2.0","id":@ID@,"method":7,"result":{}}
'"$good"
taken 'params that are a text' '{"jsonrpc":"2.0","method":"notifications/progress","params":"x"}
{"jsonrpc":"2.0","method":"notifications/message","params":7}
{"jsonrpc":"2.0","id":"q","method":"ping","params":null}
'"$good"

row C17 'a batch'
bad_faults
taken 'with the answer' '[{"jsonrpc":"2.0","method":"notifications/x"},'"$good"', 7, {}]'
taken 'empty' "[]
$good"
taken 'of a hundred thousand' "[$(for _ in $(seq 1000); do echo -n '{},'; done)$(head -c 99000 /dev/zero | sed 's/\x0/7,/g')7]
$good"

row C18 'before and after initialize'
bad "initialize=$tmp/initialize"
cat >"$tmp/initialize" <<'END'
{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}
{"jsonrpc":"2.0","id":99,"result":{"tools":[]}}
{"jsonrpc":"2.0","id":@ID@,"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"x","version":"1"}}}
{"jsonrpc":"2.0","id":@ID@,"result":{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"x","version":"1"}}}
{"jsonrpc":"2.0","id":@ID@,"error":{"code":1,"message":"no"}}
END
attempt call bad echo text=x
ends 0
gives x

row C19 'a result of a wrong type'
bad_faults
result() { echo "{\"jsonrpc\":\"2.0\",\"id\":@ID@,\"result\":$1}"; }
for value in 7 '"x"' '[]' null; do
	broken "$value" "$(result "$value")" 'server "bad": .*result'
done
broken 'content is a text' "$(result '{"content": "x"}')" 'server "bad": .*content'
case_ 'isError is a text'
raw "$(result '{"content": [{"type": "text", "text": "x"}], "isError": "false"}')"
attempt call bad raw "file=$tmp/raw"
ends 0
case_ 'items that are none'
raw "$(result '{"content": [7, {}, {"type": 7}, {"type": "text"}, {"type": "text", "text": 7}, {"type": "text", "text": "x"}]}')"
attempt call bad raw "file=$tmp/raw"
ends 0
like "$label: what can be read is there" "$out" '^x$'
case_ 'a message of 5 MB'
jq -nc '{jsonrpc: "2.0", id: "@ID@", error: {code: 1, message: ("m" * 5000000)}}' | sed 's/"@ID@"/@ID@/' >"$tmp/raw"
line_bytes=5000000
attempt call bad raw "file=$tmp/raw"
ends 1 'Error 1: mmm.*m \[4995904 bytes were left out here\]'
asks_raw
tells '^Error 1: mmm.*m \[4995904 bytes were left out here\]$'

row C20 'a revision that is none'
for version in '"1999-01-01"' '""' 7 null "\"$(head -c 2000000 /dev/zero | tr '\0' 9)\""; do
	case_ "${version:0:20}"
	bad "initialize=$tmp/initialize"
	printf '{"jsonrpc":"2.0","id":@ID@,"result":{"protocolVersion":%s,"capabilities":{"tools":{}},"serverInfo":{}}}\n' \
		"$version" >"$tmp/initialize"
	line_bytes=2000000
	attempt call bad echo text=x
	ends 69 'server "bad" speaks a revision of MCP that is not known: .*'
	ok "$label: it is cut" [ "${#err}" -lt 1000 ]
done
asks_canary
ends 0

row C21 'a hundred thousand requests of the server'
bad faults
asks_both requests '{"count": 100000}'
ends 0
is "$label: the answer" "$told" 'done'

row C22 'floods of notifications'
bad faults
for method in notifications/tools/list_changed notifications/message notifications/progress x/y; do
	case_ "$method"
	asks_both notifications "{\"count\": 100000, \"method\": \"$method\", \"params\": {\"progressToken\": 1, \"progress\": 1, \"level\": \"info\", \"data\": \"x\"}}"
	ends 0
	is "$label: the answer" "$told" 'done'
done

row C23 'progress that is none'
bad_faults
progress() { echo "{\"jsonrpc\":\"2.0\",\"method\":\"notifications/progress\",\"params\":$1}"; }
taken 'of another token, backwards, without a number' "$(progress '{"progressToken":9999,"progress":1}')
$(progress '{"progressToken":"x","progress":1}')
$(progress '{"progressToken":@ID@,"progress":5,"total":1}')
$(progress '{"progressToken":@ID@,"progress":-1}')
$(progress '{"progressToken":@ID@,"progress":"x","total":[],"message":7}')
$(progress '{"progressToken":@ID@}')
$(progress '[]')
$good"
case_ 'without an end extends the deadline, but not the last one'
bad faults '"timeout_s": 1'
attempt call bad progress steps=1000 pause_ms=50
ends 75 'no end of tools/call within 10 seconds'

row C24 'a server that does not read'
bad faults '"timeout_s": 1'
big=$(head -c 1000000 /dev/zero | tr '\0' a)
endpoint '{"calls": [{"name": "bad__deaf"}]}' \
	"{\"calls\": [{\"name\": \"bad__echo\", \"arguments\": {\"text\": \"$big\"}}, {\"name\": \"canary__echo\", \"arguments\": {\"text\": \"alive\"}}]}" '{"text": "Done."}'
line_bytes=4000000
attempt --events --no-stream ask hi
ends 0
canary_is_alive "$(tool_message 3 3)"
like "$label: its call fails" "$(tool_message 3 2)" '^Error: server "bad": no answer to tools/call within 1 seconds'

row C25 'both directions are full'
bad faults
big=$(head -c 2000000 /dev/zero | tr '\0' a)
endpoint "{\"calls\": [{\"name\": \"bad__junk\", \"arguments\": {\"bytes\": 5000000}}, {\"name\": \"bad__add\", \"arguments\": {\"a\": 1, \"text\": \"$big\"}}]}" '{"text": "Done."}'
line_bytes=8000000
attempt --events --no-stream ask hi
ends 0
is "$label: neither waits for the other" "$(tool_message 2 1) $(tool_message 2 2)" 'done 1'

row C26 'pipes of a page'
bad faults
cat >"$tmp/pipes.py" <<'END'
import fcntl, os, resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))
for _ in range(1100):
    os.pipe2(0)
r, w = os.pipe()
size = fcntl.fcntl(w, 1032)
if sys.argv[1] == "look":
    print(size)
else:
    os.execv(sys.argv[1], sys.argv[1:])
END
less=-sys_resource,-sys_admin
unprivileged=(setpriv "--bounding-set=$less" "--inh-caps=$less")
[ "$(id -u)" = 0 ] || unprivileged=()
if [ "$("${unprivileged[@]}" python3 "$tmp/pipes.py" look 2>/dev/null)" -lt 65536 ] 2>/dev/null; then
	program=("${unprivileged[@]}" python3 "$tmp/pipes.py" "$cordpair")
	servers_max=500
	attempt call bad big bytes=300000
	ends 0
	is "$label: it is whole" "${#out}" 300000
	attempt call bad echo "text=${big:0:100000}"
	ends 0
	unset program
else
	skip "$label" 'the system gives whole pipes here'
fi

row C27 'floods of stderr'
bad faults
for lines in 0 1; do
	case_ "300 MB, in lines: $lines"
	asks_both stderr_bytes "{\"bytes\": 300000000, \"lines\": $lines}"
	ends 0
	is "$label: the answer" "$told" 'done'
done
case_ 'escape sequences and NUL'
endpoint '{"calls": [{"name": "bad__stderr", "arguments": {"text": "\u001b[2J\u001b]0;owned\u0007\u009b31m"}}]}' \
	'{"calls": [{"name": "bad__die"}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0 'killed by signal 9'

row C28 'stderr is closed, or is stdout'
bad faults
endpoint '{"calls": [{"name": "bad__close", "arguments": {"fd": 2}}]}' \
	'{"calls": [{"name": "canary__sleep", "arguments": {"ms": 1500}}, {"name": "bad__echo", "arguments": {"text": "on"}}]}' '{"text": "Done."}'
attempt --events ask hi
ends 0
is "$label: the server works on" "$(tool_message 3 3)" on
ok "$label: nobody spins" [ "$(report cpu_ms)" -lt 1000 ]
case_ 'stderr is stdout'
cat >"$servers_d/bad.json" <<END
{"command": "sh", "args": ["-c", "exec '$fake' faults 2>&1"], "policy": "allow"}
END
asks_both stderr '{"text": "a debug print"}'
ends 0
is "$label: the answer" "$told" written

row C29 'the last line has no end'
bad_faults
printf '%s' "$good" >"$tmp/raw"
asks_raw '"exit": 1'
ends 0
is "$label: a whole message is taken" "$told" "$shown"
case_ 'and is cut'
printf '%s' "${good:0:60}" >"$tmp/raw"
asks_raw '"exit": 1'
ends 0
tells '^Error: server "bad" exited with status 0'

row C30 'images'
bad_faults
line_bytes=8000000
jq -nc '{jsonrpc: "2.0", id: "@ID@", result: {content: [{type: "image", mimeType: "image/png", data: ("A" * 7000000)}]}}' | sed 's/"@ID@"/@ID@/' >"$tmp/raw"
attempt call bad raw "file=$tmp/raw"
ends 0
gives '[image: image/png, 5250000 bytes]'
attempt --json call bad raw "file=$tmp/raw"
ends 0
for item in '{"type": "image", "mimeType": "text/html", "data": "AAAA"}' '{"type": "image", "mimeType": 7, "data": "AAAA"}' \
	'{"type": "image", "mimeType": "image/png", "data": "not base64!"}' '{"type": "image", "mimeType": "image/png"}' \
	'{"type": "image", "mimeType": "image/\u001b[31m", "data": "AAAA"}'; do
	case_ "$item"
	raw "$(result "{\"content\": [$item]}")"
	attempt call bad raw "file=$tmp/raw"
	ends 0
	like "$label: it is shown as what it is" "$out" '^\[(image|content)'
	unlike "$label: no control characters" "$out" $'\e'
	asks_raw
	ends 0
done
endpoint_stop
done_testing
