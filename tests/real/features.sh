#!/bin/bash
# SPDX-License-Identifier: MIT
# Everything that server-everything has besides tools, and asks of its host, over each transport:
# roots, sampling, progress, tasks, resources, prompts, and a person's input, as a form and at an address.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"
# shellcheck source=tests/lib/terminal.sh
. "$TOP_SRCDIR/tests/lib/terminal.sh"

everything=$npm_dir/node_modules/@modelcontextprotocol/server-everything/dist/index.js
real_entry stdio '{}' node "$everything"
real_remote session "$(free_port)" /mcp node "$everything" streamableHttp
real_remote events "$(free_port)" /sse node "$everything" sse
mkdir "$tmp/project"
mkdir "$tmp/bin"
printf '#!/bin/sh\necho "$1" >>"%s"\n' "$tmp/opened" >"$tmp/bin/xdg-open"
chmod +x "$tmp/bin/xdg-open"
export PATH=$tmp/bin:$PATH

use() { jq -nc '{name: $ARGS.positional[0], arguments: ($ARGS.positional[1] | fromjson)}' --args "$@"; }
calls() { printf '%s\n' "$@" | jq -sc '{calls: .}'; }

for name in stdio session events; do
	jq --arg root "$tmp/project" '. + {sampling: true, roots: [$root]}' "$servers_d/$name.json" >"$tmp/entry"
	cat "$tmp/entry" >"$servers_d/$name.json"

	endpoint "$(calls "$(use "${name}__get-roots-list" '{}')" \
		"$(use "${name}__trigger-long-running-operation" '{"duration": 1, "steps": 2}')" \
		"$(use resource_read '{"server": "'$name'", "uri": "demo://resource/dynamic/text/7"}')" \
		"$(use "${name}__simulate-research-query" '{"topic": "birds"}')")" \
		"$(calls "$(use "${name}__trigger-sampling-request" '{"prompt": "Say hello.", "maxTokens": 20}')")" \
		'{"text": "Hello from the model."}' '{"text": "Done."}'
	run "$cordpair" --events ask -s $name 'Try everything.'
	is "$name: the run" "$status $(event "$out" run.end .text)" '0 Done.'
	events_are_valid "$name" "$out"
	like "$name: roots" "$(tool_message 2 1)" "URI: file://$tmp/project"
	like "$name: a slow call" "$(tool_message 2 2)" '^Long running operation completed'
	is "$name: its progress" "$(event "$out" tool.progress 'select(.progress > 0) | .progress')" '1 2'
	like "$name: a resource for the model" "$(tool_message 2 3)" 'Resource 7: This is a plaintext resource'
	like "$name: a tool that has to be a task" "$(tool_message 2 4)" '^# Research Report: birds'
	is "$name: sampling: what the model is asked" "$(request 3 | jq -c '[.max_tokens, .messages[-1].content]')" \
		'[20,"Resource trigger-sampling-request context: Say hello."]'
	like "$name: sampling: what the server gets" "$(tool_message 4 5)" '"text": "Hello from the model."'
	endpoint_stop

	# With its input closed it would wait for the roots all the same, until it is killed.
	jq 'del(.roots)' "$servers_d/$name.json" >"$tmp/entry"
	cat "$tmp/entry" >"$servers_d/$name.json"
	none "$name: doctor has nothing to say against it" "$(deviations "$name")"
	run "$cordpair" resources list $name
	like "$name: resources" "$status $out" "^0 $name.demo://resource/static/document/architecture.md.architecture.md"
	like "$name: templates of resources" "$out" "^$name.demo://resource/dynamic/blob/\\{resourceId\\}"
	run "$cordpair" resources read $name demo://resource/dynamic/blob/7
	like "$name: a resource of bytes" "$status $out" '^0 Resource 7: This is a base64 blob'
	run "$cordpair" resources read $name demo://resource/static/document/none.md
	like "$name: no such resource" "$status $err" '^78 .*refused resources/read'
	run "$cordpair" prompts list $name
	like "$name: prompts" "$status $(tr '\n' ' ' <<<"$out")" "^0 $name.simple-prompt.*args-prompt.city= .state=."
	run "$cordpair" prompts get $name args-prompt city=Paris state=Texas
	is "$name: a prompt" "$status $out" "0 What's weather in Paris, Texas?"
	run "$cordpair" prompts get $name resource-prompt resourceType=Text resourceId=7
	like "$name: a prompt that holds a resource" "$status $out" 'Resource 7: This is a plaintext resource'
	run "$cordpair" prompts complete $name completable-prompt department=E
	is "$name: an argument is completed" "$status $out" '0 Engineering'
	run "$cordpair" prompts complete $name completable-prompt name=A department=Engineering
	is "$name: an argument is completed by another" "$status $out" '0 Alice'
	run "$cordpair" call $name trigger-elicitation-request
	like "$name: nobody to ask: declined" "$status $out" '"action": "decline"'
done
ok 'stopped: no process is left' none_marked

terminal_or_done 'forms at a terminal'
for name in stdio session events; do
	question='(legal name|\[[^]]*\]|anyone else\)|website|date of birth|\[c\]ancel): '
	at_terminal 'Ann\n' 'y\n' '\n' 'ann@example.org\n' 'https://example.org\n' '1990-02-01\n' '101\n' '7\n' '\n' '3\n' '1,3\n' '2\n' '\n' '\n' \
		's\n' -- "$cordpair" --json call $name trigger-elicitation-request
	like "$name: a number too large" "$screen" 'at most 100'
	is "$name: the form: what the server got" \
		"$status $(grep '^{' <<<"$screen" | jq -c '.content[2].text | split("Raw result: ")[1] | fromjson')" \
		'0 {"action":"accept","content":{"name":"Ann","check":true,"firstLine":"It was a dark and stormy night.","email":"ann@example.org","homepage":"https://example.org","birthdate":"1990-02-01","integer":7,"number":3.14,"untitledSingleSelectEnum":"Joey","untitledMultipleSelectEnum":["Guitar","Violin"],"titledSingleSelectEnum":"hero-2","titledMultipleSelectEnum":["fish-1"],"legacyTitledEnum":"pet-1"}}'
	question='\[(N|c)\][a-z]*: '
	at_terminal 'y\n' -- "$cordpair" call $name trigger-url-elicitation url="http://127.0.0.1:9/$name"
	like "$name: an address: exit 0 and accepted" "$status $screen" '"action": "accept"'
	ok "$name: an address: opened" wait_until grep -qx "http://127.0.0.1:9/$name" "$tmp/opened"
	at_terminal 'y\n' '\n' 'y\n' -- "$cordpair" call $name trigger-url-elicitation \
		url="http://127.0.0.1:9/$name-2" errorPath=true
	like "$name: an address that comes first (-32042): called again" "$status $screen" '"action": "accept"'
	ok "$name: both addresses opened" wait_until grep -qx "http://127.0.0.1:9/$name-2" "$tmp/opened"
done
question='(comedy group|\[c\]ancel): '
at_terminal '1\n' 's\n' -- "$cordpair" call session simulate-research-query topic=python ambiguous=true
is 'a task that asks: exit 0' "$status" 0
like 'a task that asks: its result' "$screen" '^# Research Report: python \(programming\)'
done_testing
