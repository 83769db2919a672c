#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair call: arguments, results, errors, deadlines, and who may run what.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/through_daemon.sh
[ -z "${through_daemon-}" ] || . "$(dirname "$0")/../lib/through_daemon.sh"

server it ''
run "$cordpair" call it echo '{"text": "grüße"}'
is 'JSON arguments' "$status $out" '0 grüße'
run "$cordpair" call it echo text=hello
is 'key=value' "$status $out" '0 hello'
run "$cordpair" call it echo text=5
is 'a string that looks like a number stays one' "$status $out" '0 5'
run "$cordpair" call it add a=2 b=40
is 'numbers by the schema' "$status $out" '0 42'
run "$cordpair" call it__add a=2 b=3
is 'server__tool' "$status $out" '0 5'
stdin=$tmp/args
printf '{\n "text":\n "from stdin"}' >"$tmp/args"
run "$cordpair" call it echo -
is 'stdin, over several lines' "$status $out" '0 from stdin'
stdin=
run "$cordpair" call it echo
is 'a missing argument: exit 65' "$status" 65
like 'a missing argument: its name' "$err" 'arguments: "text" is missing'
run "$cordpair" call it add a=many
is 'a wrong type: exit 65' "$status" 65
like 'a wrong type: which' "$err" '"a": many does not fit its type, integer'
run "$cordpair" call it echo '{"text": '
is 'broken JSON: exit 65' "$status" 65
like 'broken JSON: where' "$err" 'line 1, column'
run "$cordpair" call it ecco text=x
is 'an unknown tool: exit 78' "$status" 78
like 'an unknown tool: the nearest' "$err" 'did you mean "echo"'
run "$cordpair" call it
is 'no tool: exit 2' "$status" 2

run "$cordpair" call it fail
is 'a tool error: exit 1, stdout empty' "$status $out" '1 '
like 'a tool error: the text' "$err" 'it did not work'
run "$cordpair" call it protocol_error
is 'a protocol error: exit 1' "$status" 1
like 'a protocol error: the text' "$err" 'bad arguments, says the server'
run "$cordpair" --json call it fail
json '--json prints the result as it came' "$out" '.isError and .content[0].text == "it did not work"'
run "$cordpair" call it image
is 'an image is one line' "$out" $'a picture\n[image: image/png, 69 bytes]'
run "$cordpair" call it structured
is 'structured content is not said twice' "$out" '{"n": 1}'
run "$cordpair" call it link
is 'a link and an unknown content' "$out" $'[resource: file:///x, x]\n[content of the type "hologram", which cannot be shown]'
run "$cordpair" call it big bytes=3000000
is 'a large result is whole' "$status ${#out}" '0 3000000'
run "$cordpair" -v call it progress steps=2
is 'progress' "$status $out" '0 all steps done'
like 'progress is shown with -v' "$err" 'it__progress: 2 of 2, step$'
run "$cordpair" call it progress steps=2
unlike 'and not in a file without it' "$err" 'of 2'
if script -qec true /dev/null >/dev/null 2>&1; then
	run script -qec "'$cordpair' call it progress steps=500" /dev/null
	like 'progress at a terminal' "$out" 'cordpair: it__progress: 1 of 500, step'
	ok 'progress at a terminal: now and then' test "$(grep -c 'of 500' <<<"$out")" -lt 100
else
	skip 'progress at a terminal' 'script(1) is missing'
fi
run "$cordpair" call it change_tools
is 'a changed list of tools does no harm' "$status $out" '0 changed'

run "$cordpair" call it die
is 'a server that dies: exit 69' "$status" 69
like 'a server that dies: how, and its last words' "$err" 'was killed by signal 9 \(Killed\).*the last words'
server it '' '"timeout_s": 1'
run "$cordpair" call it hang
is 'a deadline: exit 75' "$status" 75
like 'a deadline: which' "$err" 'no answer to tools/call within 1 seconds'
run "$cordpair" call it progress steps=12 pause_ms=200
is 'progress extends the deadline' "$status $out" '0 all steps done'
run "$cordpair" call it progress steps=100 pause_ms=200
is 'up to the hard one' "$status" 75
server it ''
run "$cordpair" --timeout 1 call it hang
is '--timeout: exit 124' "$status" 124
like '--timeout: the server was told' "$(run "$cordpair" --trace - --timeout 1 call it hang; echo "$err")" 'notifications/cancelled'

server asks 'ask'
run "$cordpair" --trace "$tmp/trace" call asks echo text=x
is 'requests of the server do no harm' "$status $out" '0 x'
like 'ping is answered' "$(cat "$tmp/trace")" '"mcp.send".*"id":0,"result":\{\}'
like 'roots/list is answered' "$(cat "$tmp/trace")" '"mcp.send".*"result":\{"roots":\[\]\}'
like 'others are refused' "$(cat "$tmp/trace")" '"mcp.send".*"id":2,"error":\{"code":-32601'
server asks 'ask' '"roots": ["/tmp/a b"]'
run "$cordpair" --trace "$tmp/trace2" call asks echo text=x
like 'roots are those of the entry' "$(cat "$tmp/trace2")" 'file:///tmp/a%20b'
like 'and are declared then' "$(cat "$tmp/trace2")" '"capabilities":\{"roots":\{\}'

# Who may run what
sed -i 's/"policy": "allow"/"policy": "ask"/' "$servers_d/it.json"
run setsid -w "$cordpair" call it echo text=x
is 'nobody to ask: exit 3' "$status" 3
like 'nobody to ask: it says so' "$err" "needs a person's approval and there is nobody to ask"
run setsid -w "$cordpair" --yes-to 'it:e*' call it echo text=x
is '--yes-to' "$status $out" '0 x'
sed -i 's/"policy": "ask"/"policy": {"default": "allow", "deny": ["ec*"]}/' "$servers_d/it.json"
run "$cordpair" --yes-to '*:*' call it echo text=x
is '--yes-to never lifts a deny: exit 3' "$status" 3
run "$cordpair" call it add a=1 b=1
is 'the others are allowed' "$status $out" '0 2'
run "$cordpair" --yes-to nonsense call it add
is '--yes-to: its form is checked' "$status" 2
rm "$servers_d/it.json"
run setsid -w "$cordpair" --server "cl=$fake" call cl echo text=x
is 'the default is to ask' "$status" 3
run "$cordpair" --server "cl=$fake 'noise' crlf" --yes-to 'cl:*' call cl echo text='a b'
is '--server NAME=COMMAND with arguments' "$status $out" '0 a b'
[ -z "${through_daemon-}" ] || ok 'the daemons made the calls' [ "$(calls_by_daemon)" -gt 20 ]
done_testing
