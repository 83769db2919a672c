#!/bin/bash
# SPDX-License-Identifier: MIT
# Images, sounds and PDF files, of tools and given with -f: to models that take them; to the others
# as descriptions.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"

cache=$XDG_CACHE_HOME/cordpair
png=iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC
wav=UklGRiQAAABXQVZFZm10IBAAAAABAAEAgD4AAAB9AAACABAAZGF0YQAAAAA=
pdf=$(printf '%%PDF-1.4\n%%%%EOF\n' | base64 -w0)
done_line='{"text": "Done."}'
picture='{"calls": [{"name": "it__image", "arguments": {}, "id": "call_1"}]}'
work='{"calls": [{"name": "it__work", "arguments": {}, "id": "call_1"}]}'
# takes MODALITY...: what the kept list says of the model; nothing: there is no list.
takes() {
	mkdir -p "$cache"
	rm -f "$cache"/models-*
	[ $# = 0 ] || printf '%s\n' "$@" | jq -Rnc '{data: [{id: env.CORDPAIR_MODEL, context_length: 100000, supported_parameters: ["tools"],
		architecture: {input_modalities: [inputs]}}]}' >"$cache/models-$(printf %s "$base_url" | sha256sum | cut -c1-16).json"
}
result() { printf '{"on": {"tools/call": [[{"id": "$id", "result": {"content": [%s]}}]]}}' "$1"; }
image() { printf '{"type": "image", "mimeType": "%s", "data": "%s"}' "${2-image/png}" "$1"; }
# Another model than endpoint's.
as() { export CORDPAIR_MODEL=$1; }
# kinds N: what the last message of request N is made of.
kinds() { request "$1" | jq -r '.messages[-1].content | if type == "array" then map(.type) | join(" ") else "a text" end'; }
mkdir "$tmp/files"
base64 -d <<<$png >"$tmp/files/photo.dat"
base64 -d <<<$wav >"$tmp/files/sound.bin"
base64 -d <<<"$pdf" >"$tmp/files/paper"
printf 'GIF89a is a format of images\n' >"$tmp/files/text.gif"
printf 'a\0b' >"$tmp/files/program"

# Of a tool, in the form of each family
server it '' '"include_tools": ["image", "add"]'
for model in openai/a anthropic/a google/a amazon/a mistralai/a x-ai/a qwen/a; do
	family=${model%/*}
	family=$(sed 's/amazon/bedrock/; s/mistralai/mistral/; s/x-ai/xai/; s/qwen/floor/' <<<"$family")
	endpoint "$picture" "$(jq -c --arg family "$family" '.family = $family' <<<"$done_line")"
	as "$model"
	takes text image
	run "$cordpair" ask hi
	is "$family: exit" "$status $out" '0 Done.'
	is "$family: nothing is refused" "$(request_count)" 2
	is "$family: the tool message is a text" "$(tool_message 2 1)" $'a picture\n[image: image/png, 69 bytes]'
	json "$family: the image is behind it" "$(request 2 | jq -c 'del(.. | .cache_control?)')" '.messages[-1] == {role: "user", content: [
		{type: "text", text: "Attachments from tool call call_1:"},
		{type: "image_url", image_url: {url: "data:image/png;base64,'$png'"}}]}'
	none "$family: nothing is said" "$(grep -v '^cordpair: calling' <<<"$err")"
done

endpoint "$picture" "$done_line"
takes text
run "$cordpair" --events ask hi
is 'a model that takes text only: exit' "$status" 0
is 'text only: a description' "$(tool_message 2 1)" $'a picture\n[image: image/png, 69 bytes]'
json 'text only: and no image' "$(request 2)" '[.messages[].role] == ["user", "assistant", "tool"]'
events_are_valid 'text only' "$out"
is 'text only: it is said' "$(event "$out" warning .text)" 'tools gave images, which the model does not take: the model gets a description'
endpoint "$picture" "$picture" "$done_line"
takes text
run "$cordpair" ask hi
is 'text only: once' "$(grep -c 'does not take' "$tmp/err")" 1

endpoint "$(jq -c '.calls += [{"name": "it__add", "arguments": {"a": 1, "b": 2}, "id": "call_2"}, (.calls[0] | .id = "call_3")]' <<<"$picture")" "$done_line"
takes text image
run "$cordpair" ask hi
json 'several calls: one message behind all results' "$(request 2)" '[.messages[].role] == ["user", "assistant", "tool", "tool", "tool", "user"]
	and [.messages[-1].content[] | .text // .type] == ["Attachments from tool call call_1:", "image_url", "Attachments from tool call call_3:", "image_url"]'

# Nothing says what the model takes: it is sent, and where that is refused, described
endpoint "$picture" "$done_line"
takes
run "$cordpair" ask hi
is 'not known: it is sent' "$status $(kinds 2) $(request_count)" '0 text image_url 2'
for refusal in '404 No endpoints found that support image input' '400 Invalid content type. image_url is only supported by certain models.' \
	'500 image input is not supported - hint: if this is unexpected, you may need to provide the mmproj' '400 Bad request'; do
	endpoint "$picture" "$(jq -nc --arg text "$refusal" '($text[0:3] | tonumber) as $code | {status: $code, body: {error: {$code, message: $text[4:]}}}')" "$done_line"
	takes
	run "$cordpair" ask hi
	is "$refusal: the run goes on" "$status $out" '0 Done.'
	json "$refusal: with a description" "$(request "$(request_count)")" '.messages[-1].content[1] == {type: "text", text: "[image: image/png, 69 bytes: the endpoint does not take it]"}'
	is "$refusal: said once" "$(grep -c 'the endpoint refuses what tools gave' "$tmp/err")" 1
done

# Not what a server says, but what it is
scripted it "$(result "$(image "$png" text/plain), $(image AAAAAAAA), $(image "${png:0:40}\\n${png:40}"), $(image "$(sed 's,/,\\/,g' <<<$png)"), $(image 'no base64!'),
	{\"type\": \"audio\", \"mimeType\": \"audio/x\", \"data\": \"$wav\"}, {\"type\": \"resource\", \"resource\": {\"uri\": \"file:///a/b.pdf\", \"blob\": \"$pdf\"}}, $(image "${png%==}")")"
endpoint "$work" "$(jq -c '.family = "openai"' <<<"$done_line")"
takes text image audio file
run "$cordpair" ask hi
is 'every kind: exit' "$status $(request_count)" '0 2'
json 'every kind: in its form' "$(request 2)" '.messages[-1].content[1:] == [
	({type: "image_url", image_url: {url: "data:image/png;base64,'$png'"}} | ., ., .), {type: "input_audio", input_audio: {data: "'$wav'", format: "wav"}},
	{type: "file", file: {filename: "b.pdf", file_data: "data:application/pdf;base64,'"$pdf"'"}}, {type: "image_url", image_url: {url: "data:image/png;base64,'$png'"}}]'
like 'every kind: what is none is said' "$err" 'tools gave 2 of a type that no model takes: the model gets a description'
endpoint "$work" "$done_line"
takes text audio
run "$cordpair" ask hi
is 'sounds only: what else is there is a text' "$(kinds 2)" 'text input_audio file'
endpoint_stop

# Limits
big_png() { { base64 -d <<<$png && head -c "$1" /dev/zero; } | base64 -w0; }
big_png 4000000 >"$tmp/big"
scripted it "$(result "$(image "$(cat "$tmp/big")"), $(image $png)")"
endpoint "$work" "$(jq -c '.family = "anthropic"' <<<"$done_line")"
as anthropic/a
takes text image
run "$cordpair" ask hi
is 'too large: exit' "$status $(request_count) $(kinds 2)" '0 2 text image_url'
like 'too large: said' "$err" 'tools gave 1 too large to be sent: the model gets a description'
endpoint "$work" "$done_line"
as openai/a
takes text image
run "$cordpair" ask hi
is 'too large for some only' "$(kinds 2)" 'text image_url image_url'
scripted it "$(result "$(seq 25 | sed "s|.*|$(image $png),|")$(image $png)")"
endpoint "$work" "$work" "$done_line"
takes text image
run "$cordpair" ask hi
is 'too many of a result' "$status $(kinds 2 | tr ' ' '\n' | grep -c image_url)" '0 20'
like 'too many: said' "$err" 'tools gave 6 more than a request may have'
json 'too many: the oldest are left out' "$(request 3)" '[.messages[].content | arrays | map(select(.type == "image_url")) | length] == [0, 20]
	and .messages[3].content[1].text == "[image: image/png, 69 bytes: left out, as the conversation has become too long]"'

# -f
server it ''
ask_file() { run "$cordpair" ask "What is this?" -f "$@"; }
endpoint "$(jq -c '.family = "openai"' <<<"$done_line")"
takes text image audio file
ask_file "$tmp/files/photo.dat" -f "$tmp/files/sound.bin" -f "$tmp/files/paper" -f "$tmp/files/text.gif"
is '-f: exit' "$status $out" '0 Done.'
json '-f: parts of the message' "$(request 1)" '.messages == [{role: "user", content: [
	{type: "text", text: .messages[0].content[0].text}, {type: "image_url", image_url: {url: "data:image/png;base64,'$png'"}},
	{type: "input_audio", input_audio: {data: "'$wav'", format: "wav"}}, {type: "file", file: {filename: "paper", file_data: "data:application/pdf;base64,'"$pdf"'"}}]}]'
is '-f: the text' "$(request 1 | jq -r '.messages[0].content[0].text')" "What is this?

The file $tmp/files/photo.dat is attached.

The file $tmp/files/sound.bin is attached.

The file $tmp/files/paper is attached.

The file $tmp/files/text.gif:

GIF89a is a format of images"
endpoint "$done_line"
takes text image
stdin=$tmp/files/photo.dat run "$cordpair" ask "What is this?"
is 'stdin: an image too' "$status $(kinds 1)" '0 text image_url'
stdin=$tmp/files/photo.dat
endpoint "$done_line"
takes text image
run "$cordpair" ask
is 'stdin: alone' "$status $(kinds 1)" '0 image_url'
unset stdin
endpoint "$done_line"
as openai/a
takes text image
ask_file "$tmp/files/photo.dat"
is '-f: nothing is asked but the answer' "$(request_count)" 1
takes text
ask_file "$tmp/files/photo.dat"
is '-f: a model that takes text only: exit' "$status $(request_count)" '78 1'
like '-f: text only: said' "$err" 'photo.dat: openai/a takes text and PDF files; choose another with --model'
takes text image
ask_file "$tmp/files/sound.bin"
like '-f: a sound' "$status $err" '^78 .*sound.bin: openai/a takes text, images and PDF files;'
ask_file "$tmp/files/program"
like '-f: another file' "$status $err" '^2 .*files/program: this is not a text, an image \(PNG, JPEG, GIF, WebP\), a PDF file or a sound'
base64 -d <"$tmp/big" >"$tmp/files/big.png"
as anthropic/a
takes text image
ask_file "$tmp/files/big.png"
like '-f: too large' "$status $err" '^2 .*big.png has 4000069 bytes: anthropic/a gets at most 3932160 of one image'
seq 11 | sed "s,.*,-f $tmp/files/photo.dat," >"$tmp/many"
# shellcheck disable=SC2046
run "$cordpair" ask hi $(cat "$tmp/many" "$tmp/many")
like '-f: too many' "$status $err" '^2 .*a request has at most 20 of them'
as openai/a
run "$cordpair" --model demo ask hi -f "$tmp/files/photo.dat"
like '-f: the demo' "$status $err" '^78 .*takes text only'

server it '' '"include_tools": ["image"]'
run "$cordpair" --json --model demo ask 'Show me the image.'
json 'the demo: an image of a tool is a text' "$out" '.exit == 0 and .requests == 2 and (.calls | length) == 1 and (.text | test("image/png, 69 bytes"))'
server it ''

# Nothing is kept of the models: the endpoint is asked, once
models='{"probe": true, "unchecked": true, "body": {"data": [{"id": "openai/a", "architecture": {"input_modalities": ["text"]}}]}}'
endpoint "$models" "$done_line"
as openai/a
takes
ask_file "$tmp/files/photo.dat"
like '-f: looked up' "$status $err" '^78 .*openai/a takes text and PDF files;'
ask_file "$tmp/files/photo.dat"
is '-f: once' "$status $(request_count)" '78 1'
endpoint "$done_line"
as openai/a
takes
ask_file "$tmp/files/photo.dat"
is '-f: a list that does not say it' "$status $(kinds 1)" '0 text image_url'
like '-f: that is told' "$err" 'nobody says what openai/a takes beside text: the file is sent all the same'
endpoint '{"probe": true, "unchecked": true, "status": 500, "body": {}}' "$done_line"
takes
ask_file "$tmp/files/photo.dat"
is '-f: no list at all' "$status $(tail -n 1 "$tmp/requests" | jq -r '.body.messages[0].content[1].type')" '0 image_url'
endpoint '{"status": 404, "body": {"error": {"code": 404, "message": "No endpoints found that support image input"}}}' "$done_line"
takes
ask_file "$tmp/files/photo.dat"
is '-f: refused: no answer without it' "$status" 78
like '-f: refused: said' "$err" 'the model "test/model" does not take an image, sound or file of the conversation: choose another with --model \(404: No endpoints'
is '-f: refused: no tool is blamed' "$(request_count)" 1

# In a session
rm -rf "$XDG_STATE_HOME/cordpair/sessions"
endpoint "$done_line" "$done_line" "$done_line"
takes text image
ask_file "$tmp/files/photo.dat"
run "$cordpair" ask --resume 'And now?'
json 'resumed: it is still there' "[$(request 1),$(request 2)]" '.[1].messages[0] == .[0].messages[0] and (.[0].messages[0].content | length) == 2'
like 'sessions show: says what it is' "$("$cordpair" sessions show "$("$cordpair" --json sessions | jq -r '.[0].id')")" 'image_url'
as openai/b
takes text
run "$cordpair" --model openai/b ask --resume 'And now?'
json 'resumed with a model that takes text only: a description' "$(request 3)" '.messages[0].content[1] == {type: "text", text: "[image: image/png, 69 bytes: the model does not take it]"}'
like 'resumed: said' "$err" 'this model does not take all that the conversation has beside text: it gets descriptions'

# A conversation that nears what the model takes: an image weighs 1600 tokens, whatever its bytes
rm -rf "$XDG_STATE_HOME/cordpair/sessions"
again() { jq -nc --argjson n "$1" '{calls: [{name: "it__image", arguments: {$n}, id: "call_\($n)"}], usage: null}'; }
# images N: of each message of request N that has parts.
images() { request "$1" | jq -c '[.messages[].content | arrays | map(select(.type == "image_url")) | length]'; }
scripted it "$(result "$(image "$(big_png 1000000)")")"
endpoint "$work" "$done_line"
as google/a
takes text image
run "$cordpair" ask hi
is 'an image of 1 MB does not fill a context of 100000 tokens' "$status $(kinds 2) $(grep -c 'left out\|shortened' "$tmp/err")" '0 text image_url 0'
rm -f "$servers_d"/* && server it '' '"include_tools": ["image"]'
endpoint "$(again 1)" "$(again 2)" "$(again 3)" "$(again 4)" "$(again 5)" "$(jq -c '.usage = null' <<<"$done_line")" "$done_line"
as google/a
takes text image
sed -i 's/100000/10000/' "$cache"/models-*
run "$cordpair" --events ask 'What is there?' -f "$tmp/files/photo.dat"
is 'a small context: exit' "$status" 0
events_are_valid 'a small context' "$out"
is 'a small context: nothing is changed before it is needed' "$(images 4)" '[1,1,1,1]'
is 'a small context: the oldest of tools are left out, not that of the prompt' "$(images 5)" '[1,0,0,0,1]'
is 'a small context: in one step' "$(images 6)" '[1,0,0,0,1,1]'
like 'a small context: the events say it' "$(event "$out" warning .text)" 'the conversation has become long: 3 of its oldest images, sounds or files are left out'
json 'a small context: no text is shortened' "$(request 6)" '[.messages[] | select(.role == "tool").content] | unique == ["a picture\n[image: image/png, 69 bytes]"]'
run "$cordpair" ask --resume 'And now?'
is 'a small context: the session has what was sent' "$(request 7 | jq -c '.messages[0:10]')" "$(request 6 | jq -c '.messages[0:10]')"

# A summary has the words of the prompt that an image came with
rm -rf "$XDG_STATE_HOME/cordpair/sessions"
step() { jq -nc --arg text "$(head -c 12000 /dev/zero | tr '\0' "$1")" '{$text, calls: [{name: "it__image", arguments: {n: $text[0:1]}}], usage: null}'; }
endpoint "$(step a)" "$(step b)" '{"text": "Sum.", "usage": null}' "$done_line"
as google/a
takes text image
sed -i 's/100000/10000/' "$cache"/models-*
run "$cordpair" ask 'What is there?' -f "$tmp/files/photo.dat"
is 'a summary: exit' "$status" 0
is 'a summary: the prompt' "$(request 4 | jq -r '.messages[0].content' | tail -n 7)" \
	"Sum.

The last request, word for word:

What is there?

The file $tmp/files/photo.dat is attached."
json 'a summary: a step keeps its image' "$(request 4)" '[.messages[].role] == ["user", "assistant", "tool", "user"]'
endpoint_stop
done_testing
