#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair ask: the loop of model and tools. The endpoint refuses every request that breaks its rules.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

done_line='{"text": "Done."}'
echo '{"tools_max": 100}' >"$XDG_CONFIG_HOME/cordpair/settings.json" # of two fake servers, all
# calls CALL...: an answer that calls tools.
calls() { jq -sc '{calls: .}' <<<"$*"; }
call() { jq -nc --arg name "$1" --argjson arguments "$2" '{$name, $arguments}'; }

# The seeds: files, a database, two rounds in a row
mkdir "$tmp/files"
echo one >"$tmp/files/first.txt"
echo two >"$tmp/files/second.txt"
cat >"$servers_d/files.json" <<END
{"command": "$TOP_BUILDDIR/src/servers/cordpair-files", "args": ["$tmp/files"], "policy": "allow"}
END
chmod 600 "$servers_d/files.json"
endpoint "$(calls "$(call files__list_files '{}')")" '{"text": "Two files."}'
run "$cordpair" ask 'List the files in the current directory.'
is 'listing files' "$status $out" '0 Two files.'
like 'listing files: the model gets their names' "$(tool_message 2 1)" 'first\.txt'
like 'listing files: all of them' "$(tool_message 2 1)" 'second\.txt'
like 'listing files: the call is told on stderr' "$err" 'calling files__list_files'
if [ -x "$TOP_BUILDDIR/src/servers/cordpair-sqlite" ]; then
	cat >"$servers_d/db.json" <<END
{"command": "$TOP_BUILDDIR/src/servers/cordpair-sqlite", "args": ["--sample"], "policy": "allow"}
END
	chmod 600 "$servers_d/db.json"
	endpoint "$(calls "$(call db__list_tables '{}')")" \
		"$(calls "$(call db__query_db '{"sql": "select 6 * 7 as answer"}')")" '{"text": "42."}'
	run "$cordpair" ask 'What does the database say?'
	is 'two rounds, the second a query' "$status $out" '0 42.'
	like 'the query: the model gets the rows' "$(tool_message 3 2)" '42'
	is 'the rounds are in the conversation' \
		"$(request 3 | jq -rc '[.messages[].role]')" '["system","user","assistant","tool","assistant","tool"]'
	json 'tools are in every request, the same' "$(for n in 1 2 3; do request $n; done | jq -sc 'map(.tools)')" \
		'length == 3 and .[0] == .[1] and .[1] == .[2]'
else
	skip 'a query' 'cordpair-sqlite is not built'
fi
no_servers

# Calls of one answer
server it ''
server two ''
endpoint "$(calls "$(call it__sleep '{"ms": 700}')" "$(call two__echo '{"text": "second"}')" \
	"$(call it__add '{"a": 1, "b": 2}')")" "$done_line"
run "$cordpair" ask hi
is 'three calls at once' "$status $out" '0 Done.'
is 'their results are in call order' "$(tool_message 2 1),$(tool_message 2 2),$(tool_message 2 3)" 'slept,second,3'
endpoint "$(jq -nc '{calls: [range(20) | {name: (if . % 2 == 0 then "it__add" else "two__add" end), arguments: {a: .}}]}')" "$done_line"
run "$cordpair" ask hi
is 'twenty calls, more than are in flight at once' "$(for n in $(seq 20); do tool_message 2 $n; done | paste -sd' ')" "$(seq -s' ' 0 19)"
endpoint "$(calls "$(call it__sleep '{"ms": 200}')" "$(call two__sleep '{"ms": 200}')" "$(call it__echo '{"text": "3"}')" \
	"$(call two__echo '{"text": "4"}')")" "$done_line"
echo '{"limits": {"parallel": 2}}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" --trace "$tmp/trace" ask hi
is 'four calls, two in flight at most' "$status $out $(jq -rs '
	[.[] | if .type == "mcp.send" and .json.method == "tools/call" then 1
		elif .type == "mcp.receive" and .json.result.content then -1 else empty end]
	| [foreach .[] as $step (0; . + $step)] | [length, max] | join(" ")' "$tmp/trace")" '0 Done. 8 2'
echo '{"tools_max": 100}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
endpoint '{"text": "I look.", "calls": [{"name": "it__echo", "arguments": {"text": "x"}}]}' "$done_line"
run "$cordpair" ask hi
is 'text beside a call is shown too' "$status $out" $'0 I look.\nDone.'
json 'and goes back' "$(request 2)" '.messages[1].content == "I look." and (.messages[1].tool_calls | length) == 1'
endpoint "$(jq -c '.finish = "stop"' <<<"$(calls "$(call it__echo '{"text": "x"}')")")" "$done_line"
run "$cordpair" ask hi
is 'calls with finish_reason stop are made' "$out $(tool_message 2 1)" 'Done. x'

# Ids
endpoint '{"calls": [{"name": "it__echo", "id": null, "arguments": {"text": "a"}},
	{"name": "it__echo", "id": null, "arguments": {"text": "b"}}]}' "$done_line"
run "$cordpair" ask hi
is 'calls without ids' "$status $out $(tool_message 2 1) $(tool_message 2 2)" '0 Done. a b'
same_id='{"calls": [{"name": "it__echo", "id": "call_0", "arguments": {"text": "TEXT"}}]}'
endpoint "${same_id/TEXT/a}" "${same_id/TEXT/b}" "$done_line"
run "$cordpair" ask hi
is 'the same id in two answers' "$status $out $(tool_message 3 1) $(tool_message 3 2)" '0 Done. a b'
endpoint '{"calls": [{"name": "it__echo", "id": "x", "index": 0, "arguments": {"text": "a"}},
	{"name": "it__echo", "id": "y", "index": 0, "arguments": {"text": "b"}}]}' "$done_line"
run "$cordpair" ask hi
is 'one index for two ids' "$status $out $(tool_message 2 1) $(tool_message 2 2)" '0 Done. a b'

# What a model does wrong comes back to it
endpoint "$(calls "$(call it__ecko '{}')" "$(call no_such_thing '{}')" "$(call 'bad name!' '{}')")" "$done_line"
run "$cordpair" ask hi
is 'unknown tools: the run goes on' "$status $out" '0 Done.'
is 'a near name is suggested' "$(tool_message 2 1)" 'Error: there is no tool called "it__ecko"; did you mean "it__echo"?'
like 'a far one is refused' "$(tool_message 2 2)" '^Error: there is no tool called "no_such_thing"'
json 'a name that no provider takes is not sent back' "$(request 2)" '.messages[1].tool_calls[2].function.name == "bad_name_"'
endpoint '{"calls": [{"name": "it__add", "arguments": "{\"a\": 1, \"b\""},
	{"name": "it__add", "arguments": "[1, 2]"}, {"name": "it__add", "arguments": ""},
	{"name": "it__add"}, {"name": "two__add", "arguments": "  "}, {"name": "two__add", "arguments": "null"}]}' "$done_line"
run "$cordpair" ask hi
is 'bad arguments: the run goes on' "$status $out" '0 Done.'
like 'broken arguments: where' "$(tool_message 2 1)" '^Error: the arguments are not valid JSON \(line 1, column'
like 'no object: it says so' "$(tool_message 2 2)" '^Error: the arguments are not a JSON object'
is 'empty ones, none, blanks and null are {}' "$(tool_message 2 3)$(tool_message 2 4)$(tool_message 2 5)$(tool_message 2 6)" 0000
json 'what goes back is valid' "$(request 2)" '.messages[1].tool_calls[0].function.arguments == "{}"'
endpoint '{"calls": [{"name": "it__echo", "arguments": "{\"text\": \"never fini"}], "finish": "length"}' "$done_line"
run "$cordpair" ask hi
is 'a call that was cut off is not made' "$(request_count)" 2
like 'and the model is told' "$(tool_message 2 1)" '^Error: the call was cut off'

# What a tool does wrong
endpoint "$(calls "$(call it__fail '{}')" "$(call it__protocol_error '{}')" "$(call two__die '{}')" "$(call it__echo '{"text": "ok"}')")" "$done_line"
run "$cordpair" ask hi
is 'tools that fail: the run goes on' "$status $out" '0 Done.'
is "a tool's error" "$(tool_message 2 1)" 'Error: it did not work'
like 'a protocol error' "$(tool_message 2 2)" '^Error.* bad arguments, says the server'
like 'a server that died' "$(tool_message 2 3)" '^Error: .*killed by signal 9.*the last words'
is 'the others do not notice' "$(tool_message 2 4)" ok
endpoint "$(calls "$(call it__echo '{"text": ""}')")" "$done_line"
run "$cordpair" ask hi
is 'an empty result is said' "$status $out $(tool_message 2 1)" '0 Done. (no output)'
server it '' '"timeout_s": 1'
endpoint "$(calls "$(call it__hang '{}')")" "$done_line"
run "$cordpair" ask hi
is 'a tool that hangs: the run goes on' "$status $out" '0 Done.'
like 'and the model is told' "$(tool_message 2 1)" '^Error: .*no answer.*within 1 seconds'
for era in legacy modern; do
	server it "$era"
	endpoint "$(calls "$(call it__change_tools '{}')")" "$(calls "$(call it__echo '{"text": "x"}')")" "$done_line"
	run "$cordpair" ask hi
	json "$era: a changed list of tools is in the next request" "$(request 3)" \
		'any(.tools[].function.name; . == "it__added_later")'
done
server it ''
endpoint "$(calls "$(call it__big '{"bytes": 3000000}')")" "$done_line"
run "$cordpair" ask hi
is 'a result of 3 MB: the run goes on' "$status $out" '0 Done.'
like 'it is cut, and says so' "$(tool_message 2 1 | tail -c 300)" 'the beginning: 100000 of 3000000 bytes'

# Reasoning goes back as it came
details='[{"type": "reasoning.text", "text": "I must \"think\" é\u00e9.", "format": "anthropic-claude-v1", "index": 0},
	{"type": "reasoning.text", "signature": "EvsC+/=", "index": 0, "format": "anthropic-claude-v1"},
	{"type": "reasoning.encrypted", "data": "abc", "id": "call_1_0", "format": "google-gemini-v1", "index": 1, "novel": [1.50, null]}]'
answer=$(jq -nc --argjson details "$details" '{reasoning: "I must think.", reasoning_details: $details,
	calls: [{name: "it__echo", arguments: {text: "x"}}]}')
endpoint "$answer" "$done_line"
run "$cordpair" ask hi
json 'reasoning_details of a stream' "$(request 2)" '.messages[1].reasoning_details == [
	{"type": "reasoning.text", "text": "I must \"think\" éé.", "format": "anthropic-claude-v1", "index": 0, "signature": "EvsC+/="},
	{"type": "reasoning.encrypted", "data": "abc", "id": "call_1_0", "format": "google-gemini-v1", "index": 1, "novel": [1.5, null]}]'
unlike 'reasoning is not among the answer' "$out" 'I must'
endpoint "$answer" "$done_line"
run "$cordpair" --no-stream ask hi
json 'reasoning_details of a body, unchanged' "$(request 2 | jq -c --argjson details "$details" '[.messages[1].reasoning_details, $details]')" '.[0] == .[1]'

# Limits
settings() { echo "$1" >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"; }
endpoint "$(calls "$(call it__echo '{"text": "again"}')" | jq -c '.repeat = 4')" "$done_line"
run "$cordpair" ask hi
is 'the same call again and again: exit 4' "$status $out" '4 Done.'
like 'it says why' "$err" 'the same call was made 3 times in a row'
is 'the fourth is not made' "$(request_count) $(tool_message 5 3)" '5 again'
like 'the model is told' "$(tool_message 5 4)" '^Error: this call was not made: the same call'
json 'the last request asks for the answer, with the tools' "$(request 5)" '.tool_choice == "none" and (.tools | length) > 10'
endpoint "$(calls "$(call no_such_thing '{}')" | jq -c '.repeat = 4')" "$done_line"
run "$cordpair" ask hi
is 'the same unknown tool again and again: exit 4' "$status $(request_count)" '4 5'
endpoint "$(jq -nc '{calls: [range(101) | {name: "it__add", arguments: {a: ., b: 1}}]}')" "$done_line"
run "$cordpair" ask hi
is '101 calls: exit 4' "$status $out" '4 Done.'
is 'the hundredth is made' "$(tool_message 2 100)" 100
like 'the next is not' "$(tool_message 2 101)" 'the limit of 100 tool calls is reached'
mapfile -t rounds < <(for n in $(seq 30); do calls "$(call it__add "{\"a\": $n}")"; done)
endpoint "${rounds[@]:0:25}" "$done_line"
run "$cordpair" ask hi
is '25 turns, then the answer: exit 4' "$status $out $(request_count)" '4 Done. 26'
like 'it says why' "$err" 'the limit of 25 model requests is reached'
endpoint "${rounds[@]}"
run "$cordpair" ask hi
is 'a model that calls on is not asked again' "$status $(request_count)" '4 26'
settings '{"limits": {"turns": 2}}'
endpoint "${rounds[@]:0:2}" "$done_line"
run "$cordpair" ask hi
is 'the limits are in settings.json' "$status $(request_count)" '4 3'
rm "$XDG_CONFIG_HOME/cordpair/settings.json"
endpoint '{"text": "Half an ans", "finish": "length"}'
run "$cordpair" ask hi
is 'cut off by the limit of tokens: exit 4' "$status $out" '4 Half an ans'
like 'it says why' "$err" "cut off at the model's limit of tokens"
endpoint '{"text": "", "finish": "stop"}'
run "$cordpair" ask hi
is 'no answer: exit 1' "$status $out" '1 '
endpoint_stop
done_testing
