#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair resources, cordpair prompts: what servers have besides tools, in both eras.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

for era in legacy modern; do
	no_servers
	server it "features $era"
	server plain ''
	run "$cordpair" resources
	is "$era: resources, of all pages and servers" "$status $out" "0 it	note://one	The first
it	note://two	two
it	note://pixel	pixel
it	note://{name}	any note"
	run "$cordpair" resources read it note://one
	is "$era: several contents" "$status $out" $'0 First line.\nSecond \e[31mline.'
	run "$cordpair" prompts list it
	is "$era: prompts" "$status $out" "0 it	greet	who= [how=]	Greets somebody.
it	talk		"
	run "$cordpair" prompts get it greet who='the world = all'
	is "$era: a prompt" "$status $out" '0 Greet the world = all.'
done

run "$cordpair" --json resources list it
json 'list --json' "$out" '[.[].resource.uri // empty] == ["note://one", "note://two", "note://pixel"]
	and .[3].template.uriTemplate == "note://{name}" and all(.[]; .server == "it")'
run "$cordpair" --json resources list plain
is 'nothing to list --json' "$status $out" '0 []'
run "$cordpair" resources read it note://pixel
is 'bytes into a pipe' "$status $(od -An -tx1 "$tmp/out" | tr -d ' ')" '0 000102ff'
run "$cordpair" resources read it note://pixel --output "$tmp/pixel"
is 'bytes into a file' "$status $(od -An -tx1 "$tmp/pixel" | tr -d ' ')" '0 000102ff'
if script -qec true /dev/null >/dev/null 2>&1; then
	run script -qec "'$cordpair' resources read it note://pixel" /dev/null
	like 'no bytes at a terminal' "$status $out" '2 .*this is no text: write it to a file'
	run script -qec "'$cordpair' resources read it note://one" /dev/null
	is 'a terminal is not written to by a server' "$(tr -d '\r' <<<"$out")" $'First line.\nSecond line.'
else
	skip 'at a terminal' 'script(1) is missing'
fi
run "$cordpair" --json resources read it note://one
json 'read --json: as it came' "$out" '.contents | length == 2'
fails() { # WHAT EXIT PATTERN ARGUMENT...
	run "$cordpair" "${@:4}"
	is "$1: exit" "$status" "$2"
	like "$1: said" "$err" "$3"
}
fails 'no such resource' 78 'server "it" refused resources/read: there is no such thing' resources read it note://none
fails 'a blob that is none' 76 'its blob is no base64' resources read it note://odd
fails 'a content without anything' 76 'neither text nor blob' resources read it note://empty
fails 'a server without resources' 76 'server "plain" has no resources' resources read plain note://one
fails 'an unknown server' 78 'no server called "nobody"' resources read nobody note://one
fails 'no URI' 2 'which resource' resources read it
fails 'an odd word' 2 '"wach" is none of list, read, watch and complete' resources wach
fails 'no such prompt' 78 'refused prompts/get' prompts get it nothing
fails 'no prompt' 2 'which prompt' prompts get it
fails 'an argument without a name' 2 '"world" is no KEY=VALUE' prompts get it greet world

run "$cordpair" prompts get it talk
is 'a prompt of several messages' "$out" $'user:\nHello.\n\nassistant:\nGood day.\n\nuser:\n[image: image/png, 3 bytes]'
run "$cordpair" --json prompts get it talk
json 'get --json: as it came' "$out" '.messages | length == 3'
# Changes of a resource: also of a server that died and was started anew. It does not heed
# SIGTERM here, so that the second interrupt is one that is not waited for.
lines() { [ "$(grep -cx note://one "$tmp/out")" -ge "$1" ]; }
for era in legacy modern; do
	mark=mark-$era-$$
	server it "features $era stubborn $mark"
	forget_output
	"$cordpair" resources watch it note://one >"$tmp/out" 2>"$tmp/err" </dev/null &
	watcher=$!
	ok "$era: changes are told" wait_until lines 2
	kill -KILL "$(pgrep -f "^[^ ]*fake-server .*$mark")"
	ok "$era: after its death too" wait_until lines 4
	kill -TERM "$watcher"
	sleep 0.2
	kill -TERM "$watcher"
	wait "$watcher"
	is "$era: until it is ended" $? 143
done
fails 'watch: a server that does not tell' 76 'server "plain" does not tell of changes' resources watch plain note://one
fails 'watch: no URI' 2 'resources watch SERVER URI' resources watch it

# What servers log is asked for and shown with -v only.
for era in legacy modern; do
	server it "features $era"
	run "$cordpair" call it log
	is "$era: the log is not asked for" "$status $out $err" '0 logged '
	run "$cordpair" -v call it log
	like "$era: -v: a line of the log" "$err" 'server "it" says: warning disk: \{"asked":"info"\}'
	like "$era: -v: a text, made safe" "$err" 'server "it" says: info: a text$'
done

# A conversation that begins with a prompt, and what servers say about their tools.
no_servers
server it features
server other 'features modern'
endpoint '{"text": "Hi."}' '{"text": "Hi."}' '{"text": "Hi."}' '{"text": "Hi."}'
run "$cordpair" ask --prompt it:greet who=Ann
is 'ask --prompt' "$status $out" '0 Hi.'
is 'ask --prompt: its message' "$(request 1 | jq -c '[.messages[1:][] | [.role, .content]]')" '[["user","Greet Ann."]]'
is 'the instructions of each server' "$(request 1 | jq -r '.messages[0] | .role, .content')" \
	$'system\nThe server "it" says about its tools:\nBe kind.\n\nThe server "other" says about its tools:\nBe kind.'
echo 'Please.' >"$tmp/stdin"
stdin=$tmp/stdin run "$cordpair" ask --prompt it:talk
is 'ask --prompt: all roles, then what is yours' "$(request 2 | jq -c '[.messages[1:][] | [.role, .content]]')" \
	'[["user","Hello."],["assistant","Good day."],["user","[image: image/png, 3 bytes]"],["user","Please.\n"]]'
fails 'ask --prompt: no such prompt' 78 'refused prompts/get' ask --prompt it:nothing
fails 'ask --prompt: no such server' 78 'no server called "nobody" is in use' ask --prompt nobody:greet
fails 'ask --prompt: no name' 2 '"greet" is no SERVER:NAME' ask --prompt greet
is 'nothing was sent for them' "$(request_count)" 2
echo '{"system_prompt": "Be brief.", "server_instructions": false}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" ask hi
is 'the instructions are switched off' "$(request 3 | jq -r '.messages[0].content')" 'Be brief.'
echo '{"system_prompt": "Be brief."}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" ask -s it hi
is "the user's own goes first" "$(request 4 | jq -r '.messages[0].content')" \
	$'Be brief.\n\nThe server "it" says about its tools:\nBe kind.'

# The model reads resources by two tools of the host's own.
no_servers
server it features
server plain ''
use() { # ANSWER...: an endpoint that calls these, then ends
	endpoint "$(printf '%s\n' "$@" | jq -sc '{calls: .}')" '{"text": "Done."}'
	run "$cordpair" ask hi
}
use '{"name": "resource_list", "arguments": {"server": "it"}}' \
	'{"name": "resource_read", "arguments": {"server": "it", "uri": "note://one"}}' \
	'{"name": "resource_read", "arguments": {"server": "it", "uri": "note://pixel"}}' \
	'{"name": "resource_read", "arguments": {"server": "it", "uri": "note://none"}}' \
	'{"name": "resource_read", "arguments": {"server": "plain", "uri": "note://one"}}' \
	'{"name": "resource_read", "arguments": {"server": "it"}}'
is 'resource tools: the run' "$status $out" '0 Done.'
json 'resource tools: offered, for the servers that have some' "$(request 1)" \
	'[.tools[].function | select(.name | startswith("resource_"))] | map(.name) == ["resource_list", "resource_read"]
	and all(.[]; .parameters.properties.server.enum == ["it"])'
is 'resource_list' "$(tool_message 2 1)" $'note://one - one\nnote://two - two\nnote://pixel - pixel\nnote://{name} - any note'
is 'resource_read' "$(tool_message 2 2)" $'First line.\n\nSecond \e[31mline.'
is 'resource_read: bytes' "$(tool_message 2 3)" '[resource: of an unknown type, 4 bytes]'
like 'resource_read: there is none' "$(tool_message 2 4)" '^Error: server "it" refused resources/read: there is no such thing'
like 'resource_read: a server without' "$(tool_message 2 5)" '^Error: arguments.server: expected one of'
is 'resource_read: no URI' "$(tool_message 2 6)" 'Error: arguments.uri: expected a string'
jq '.policy = {default: "allow", deny: ["resource_read"]}' "$servers_d/it.json" >"$tmp/it.json"
cat "$tmp/it.json" >"$servers_d/it.json"
use '{"name": "resource_read", "arguments": {"server": "it", "uri": "note://one"}}'
is 'resource_read: the server'"'"'s policy denies it' "$status" 3
like 'resource_read: the model is told' "$(tool_message 2 1)" 'the policy of this server denies it'
echo '{"resource_tools": false}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" tools --openrouter
json 'resource tools: switched off' "$out" 'any(.[]; .function.name == "it__echo") and all(.[]; .function.name | startswith("resource_") | not)'
endpoint_stop
done_testing
