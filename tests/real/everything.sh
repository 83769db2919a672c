#!/bin/bash
# SPDX-License-Identifier: MIT
# The reference server that uses everything: notifications at once, progress, an image, roots; and
# a server that npx starts, three processes deep.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

everything=$(real_program mcp-server-everything)
real_entry every '{}' "$everything"
like 'tools' "$(tool_names every)" 'echo .*get-sum .*trigger-long-running-operation'
run "$cordpair" call every get-sum a=2 b=3
is 'a call, numbers typed by the schema' "$status $out" '0 The sum of 2 and 3 is 5.'
run "$cordpair" call every echo message='grüße "all"'
is 'a call' "$status $out" '0 Echo: grüße "all"'
run "$cordpair" call every get-tiny-image
like 'an image is one line' "$out" '^\[image: image/png, [0-9]+ bytes\]'
endpoint '{"calls": [{"name": "every__get-tiny-image", "arguments": {}, "id": "call_1"}]}' '{"text": "Done.", "family": "openai"}'
run "$cordpair" ask hi
is 'its image goes to a model' "$status $(request_count)" '0 2'
like 'its image: as it is' "$(request 2 | jq -r '.messages[-1].content[] | select(.type == "image_url").image_url.url' |
	sed 's/^data:image.png;base64,//' | base64 -d | head -c 8 | od -An -c)" 'P +N +G'
endpoint_stop
run "$cordpair" --json call every get-structured-content location=Chicago
json 'structured content' "$out" '.. | .temperature? // empty | numbers'
run "$cordpair" call every get-sum a=two b=3
is 'wrong arguments: exit 65' "$status" 65
like 'wrong arguments: said' "$err" 'argument "a": two does not fit'
run "$cordpair" call every trigger-long-running-operation duration=2 steps=4
like 'a long call with progress' "$status $out" '^0 Long running operation completed'
ok 'stopped: no process is left' none_marked
survives every trigger-long-running-operation duration=600 steps=1000

real_entry npx '{}' npx --no -- mcp-server-everything
run "$cordpair" call npx get-sum a=2 b=3
is 'through npx: a call' "$status $out" '0 The sum of 2 and 3 is 5.'
ok 'through npx: stopped: no process is left' none_marked
for signal in INT KILL; do
	start_call npx trigger-long-running-operation duration=600 steps=1000
	ok "through npx: three processes deep" marked_at_least 3
	kill -$signal "$host"
	wait "$host" 2>/dev/null
	ok "through npx: SIG$signal of the host: no process is left" wait_until none_marked
done
done_testing
