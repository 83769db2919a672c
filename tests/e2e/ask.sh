#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair ask: prompts, what is shown, what is missing, and what servers and traces get to see.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

hello='{"text": "Hello, world.", "repeat": 99}'
prompt() { request "$1" | jq -r '.messages[-1].content'; }
last_prompt() { prompt "$(request_count)"; }

# Nothing to ask, or nobody
run "$cordpair" ask
is 'no prompt: exit 2' "$status" 2
like 'no prompt: what to do' "$err" 'a prompt is missing: cordpair ask'
run "$cordpair" ask hi
is 'no key: exit 78' "$status" 78
like 'no key: what to do, in one sentence' "$err" 'there is no API key: set OPENROUTER_API_KEY or .*`cordpair demo` needs none'
run "$cordpair" --json ask hi
json 'no key: --json has it' "$out" '.exit == 78 and .status == "failed" and (.error | test("API key"))'
run "$cordpair" --base-url http://127.0.0.1:9/v1 ask hi
is 'no model for a local endpoint: exit 78' "$status" 78
like 'no model for a local endpoint: what to do' "$err" 'no model is chosen: say which with --model, or set CORDPAIR_MODEL'

endpoint "$hello"
run "$cordpair" ask hi
is 'no server: there is an answer' "$status $out" '0 Hello, world.'
like 'no server: what to do' "$err" 'no server is enabled.*`cordpair servers enable files`'
json 'no server: no tools in the request' "$(request 1)" 'has("tools") | not'

# The prompt
server it ''
run "$cordpair" ask 'What is up?'
is 'the answer on stdout' "$status $out" '0 Hello, world.'
is 'the prompt is the argument' "$(last_prompt)" 'What is up?'
json 'the request: streamed, with the tools, and a session' "$(request "$(request_count)")" \
	'.stream == true and .model == "test/model" and (.tools | length) > 10 and (.session_id | length) > 8
	 and (has("tool_choice") | not)'
run "$cordpair" ask What is up
is 'words without quotes are one prompt' "$(last_prompt)" 'What is up'
stdin=$tmp/context
printf 'from stdin\n' >"$stdin"
run "$cordpair" ask
is 'the prompt is stdin' "$(last_prompt)" 'from stdin'
run "$cordpair" ask 'Say it in German.'
is 'both: stdin is context' "$(last_prompt)" $'Say it in German.\n\nfrom stdin'
: >"$stdin"
run "$cordpair" ask
is 'an empty stdin is no prompt' "$status" 2
stdin=
echo 'grüße' >"$tmp/a.txt"
printf 'no newline' >"$tmp/b.txt"
run "$cordpair" ask -f "$tmp/a.txt" --file "$tmp/b.txt" 'Sum up.'
is '-f: the texts of files' "$(last_prompt)" "Sum up.

The file $tmp/a.txt:

grüße


The file $tmp/b.txt:

no newline"
run "$cordpair" ask -f "$tmp/a.txt"
like '-f without a prompt' "$(last_prompt)" 'The file .*a.txt:'
run "$cordpair" ask -f "$tmp/missing.txt" x
is '-f of a missing file: exit 2' "$status" 2
like '-f of a missing file: which' "$err" 'missing\.txt.*No such file'
run "$cordpair" ask -f "$tmp" x
is '-f of a folder: exit 2' "$status" 2
printf 'GIF\0\1\2' >"$tmp/binary"
run "$cordpair" ask -f "$tmp/binary" x
is '-f of what is no text: exit 2' "$status" 2
like '-f of what is no text: it says so' "$err" 'binary: this is not a text'

# What is shown
run "$cordpair" --no-stream ask hi
is '--no-stream: the answer' "$status $out" '0 Hello, world.'
json '--no-stream: the request' "$(request "$(request_count)")" '.stream == false'
run "$cordpair" -q ask hi
is '-q: only the answer' "$status $out $err" '0 Hello, world. '
run "$cordpair" --json ask hi
is '--json: exit 0' "$status" 0
json '--json: one object' "$out" '.text == "Hello, world." and .exit == 0 and .status == "done"
	and .requests == 1 and .calls == [] and .usage.total_tokens == 15 and .usage.cost == 0.001
	and .model == "test/model-20260101"'
run "$cordpair" --json --events ask hi
is '--json and --events exclude each other: exit 2' "$status" 2
endpoint '{"calls": [{"name": "it__add", "arguments": {"a": 1,
	"b": 2}}, {"name": "nothing"}]}' "$hello"
run "$cordpair" --json ask hi
json '--json: what was called' "$out" '.requests == 2 and (.calls | map([.name, .server, .tool, .status, .is_error])) == [
	["it__add", "it", "add", "done", false], ["nothing", null, null, "failed", true]]
	and .calls[0].arguments == {"a": 1, "b": 2}'
run "$cordpair" --model other/model ask hi
json '--model' "$(request "$(request_count)")" '.model == "other/model"'
run env -u CORDPAIR_MODEL "$cordpair" ask hi
json "no model on OpenRouter: the account's default" "$(request "$(request_count)")" 'has("model") | not'

# Text appears as it arrives
endpoint "{\"text\": \"one two three\", \"hold\": \"$tmp/go\"}"
forget_output
"$cordpair" ask hi >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
ok 'the first word is there before the second is sent' wait_until grep -q '^one' "$tmp/out"
is 'and only it' "$(cat "$tmp/out")" 'one '
touch "$tmp/go"
wait $pid
is 'then the rest' "$? $(cat "$tmp/out")" '0 one two three'

# Nothing waits for ever
mkfifo "$tmp/silent"
exec 7<>"$tmp/silent"
stdin=$tmp/silent run "$cordpair" --timeout 1 ask hi
is 'a stdin that says nothing: --timeout ends it, 124' "$status" 124
exec 7>&-
endpoint '{"text": "Hi.", "hang": true}'
run "$cordpair" ask hi
is 'a connection that stays open after [DONE]' "$status $out" '0 Hi.'
endpoint '{"hang": true, "keep_alive": 1, "sse": []}'
run "$cordpair" --timeout 1 ask hi
is 'an endpoint that says nothing: 124' "$status" 124
run "$cordpair" --no-stream --timeout 1 ask hi
is 'the script has one line: 76' "$status" 76
mark=mark-$$-$RANDOM
none_alive() { ! pgrep -f "$mark" >/dev/null; }
server it "$mark slow-start=600000"
forget_output
"$cordpair" ask hi >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
wait_until pgrep -f "fake-server $mark" >/dev/null
kill -INT $pid
wait $pid
is 'SIGINT while servers start: 130' $? 130
ok 'SIGINT while servers start: nothing is left' wait_until none_alive
server it ''
endpoint '{"status": 503, "headers": {"Retry-After": "60"}, "body": ""}'
forget_output
"$cordpair" --json ask hi >"$tmp/out" 2>"$tmp/err" </dev/null &
pid=$!
wait_until grep -q 'trying again' "$tmp/err"
kill -TERM $pid
wait $pid
is 'SIGTERM while waiting for the next try: 143' $? 143
json 'SIGTERM: --json says so' "$(cat "$tmp/out")" '.exit == 143 and .status == "interrupted" and .requests == 1'

# However it comes
for how in '"by_byte": true' '"crlf": true' '"keep_alive": 3' '"done": false' '"usage": null' \
	'"by_byte": true, "crlf": true, "keep_alive": 2'; do
	endpoint "{\"text\": \"Grüße, 世界!\", $how, \"repeat\": 2}"
	run "$cordpair" ask hi
	is "a stream with $how" "$status $out" '0 Grüße, 世界!'
	run "$cordpair" --no-stream ask hi
	is "a body with $how" "$status $out" '0 Grüße, 世界!'
done

# Servers that are not there
endpoint "$hello"
server slow 'slow-start=600000' '"start_timeout_s": 1'
server dead 'exit-at-start=1'
run "$cordpair" ask hi
is 'servers that do not start: there is an answer' "$status $out" '0 Hello, world.'
like 'one that is not ready in time is named' "$err" '"slow".*within 1 seconds.*left out'
like 'one that dies is named' "$err" '"dead".*no reason to live'
json 'the others have their tools in the request' "$(request 1)" \
	'[.tools[].function.name | split("__")[0]] | unique == ["it"]'
server dead 'exit-at-start=1' '"required": true'
run "$cordpair" ask hi
is 'a required one: exit 69' "$status" 69
is 'a required one: nothing was asked' "$(request_count)" 1
rm "$servers_d/slow.json" "$servers_d/dead.json"
run "$cordpair" ask -s nobody hi
is 'an unknown server: exit 78' "$status" 78
server other ''
run "$cordpair" ask --use other hi
json '-s: only this one' "$(request "$(request_count)")" \
	'[.tools[].function.name | split("__")[0]] | unique == ["other"]'
rm "$servers_d/other.json"

# The key, and what was sent
endpoint '{"calls": [{"name": "it__env", "arguments": {"name": "OPENROUTER_API_KEY"}}]}' "$hello"
run "$cordpair" --trace "$tmp/trace" ask hi
is 'the key is not in a server'"'"'s environment' "$(tool_message 2 1)" '(not set)'
json 'the endpoint got it' "$(request_line 1)" '.headers.authorization == "Bearer sk-or-v1-test-key-0123456789"'
json '--trace has the requests' "$(jq -sc '[.[] | select(.type == "http.request")]' "$tmp/trace")" \
	'length == 2'
like '--trace has what was said' "$(cat "$tmp/trace")" 'it__env'
unlike '--trace does not have the key' "$(cat "$tmp/trace")" 'test-key-0123456789'
endpoint '{"text": ["the key is sk-or-v1-", "test-key-0123456789"]}'
run "$cordpair" --trace "$tmp/trace2" ask 'my key is sk-or-v1-test-key-0123456789'
unlike '--trace masks it in texts too' "$(cat "$tmp/trace2")" 'sk-or-v1-test-key-0123456789'
endpoint_stop
done_testing
