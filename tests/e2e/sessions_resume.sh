#!/bin/bash
# SPDX-License-Identifier: MIT
# ask --resume: the conversation goes on as it was, also after a kill -9, and whatever has become of
# the servers.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

sessions=$XDG_STATE_HOME/cordpair/sessions
file() { echo "$sessions"/*.jsonl; }
ids() { "$cordpair" --json sessions | jq -r '.[].id'; }
forget() { rm -rf "$sessions"; }
messages() { request "$1" | jq -c .messages; }
roles() { request "$1" | jq -rc '[.messages[].role] | join(" ")'; }
done_line='{"text": "Done.", "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "cost": 0.0004}}'
signed=$(jq -nc '{reasoning_details: [{type: "reasoning.text", text: "I \"think\".", signature: "EvsC", format: "anthropic-claude-v1", index: 0}],
	calls: [{name: "it__add", id: "call_a", arguments: {a: 1, b: 2}}]}')
echo '{"system_prompt": "Be brief. ☺"}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"
server it ''

# It goes on
endpoint "$signed" '{"text": "3 it is."}' "$done_line"
run "$cordpair" ask 'What is 1 and 2?'
id=$(ids)
echo '{"system_prompt": "Be long."}' >"$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" --json ask --resume 'And now?'
is 'the last one: exit' "$status" 0
is 'the last one: no second session' "$(jq -r .session <<<"$out") $(ids)" "$id $id"
is 'what was sent is sent again, then the answer and the prompt' "$(messages 3)" \
	"$(messages 2 | jq -c '. + [{role: "assistant", content: "3 it is."}, {role: "user", content: "And now?"}]')"
is 'byte by byte' "$(request_line 3 | grep -cF "$(messages 2 | sed 's/]$//')")" 1
json 'the same conversation for OpenRouter' "$(request 3)" ".session_id == \"$id\" and .messages[0].content == \"Be brief. ☺\""
for form in "--resume=${id:0:6}" "--resume ${id:0:4}" "--resume $id"; do
	endpoint "$done_line"
	# shellcheck disable=SC2086
	run "$cordpair" ask $form more
	is "ask $form: exit" "$status $out" '0 Done.'
	is "ask $form: the prompt" "$(request 1 | jq -r '.messages[-1].content')" more
done
endpoint "$done_line"
run "$cordpair" ask --resume -- "${id:0:8}"
is 'after -- a word is the prompt' "$(request 1 | jq -r '.messages[-1].content')" "${id:0:8}"
endpoint "$done_line"
run "$cordpair" ask --resume facts
is 'and where it is no id' "$(request 1 | jq -r '.messages[-1].content')" facts
json 'the sum of all runs' "$(tail -n 1 "$(file)")" '.total.runs == 7 and .total.messages == (5 + 2 * 6)'
is 'and its cost' "$(tail -n 1 "$(file)" | jq -r '.total.cost * 10000 | round')" "$(jq -s '[.[].usage.cost // 0] | add * 10000 | round' "$(file)")"
run "$cordpair" --events ask --no-session hi
unlike '--no-session: no such event' "$out" session.start
run "$cordpair" ask --resume=xyz hi
is 'no id: exit 2' "$status" 2
like 'no id: it says why' "$err" '"xyz" is no session: at least 4 of its digits'
run "$cordpair" ask --resume=00000 hi
is 'no such session: exit 78' "$status" 78
run "$cordpair" ask --resume --no-session hi
is 'both options: exit 2' "$status" 2
run "$cordpair" ask --resume
is 'without a prompt: exit 2' "$status" 2

# Results come in any order
forget
endpoint '{"calls": [{"name": "it__sleep", "id": "call_1", "arguments": {"ms": 300}}, {"name": "it__echo", "id": "call_2", "arguments": {"text": "b"}},
	{"name": "it__nothing", "id": "call_3", "arguments": {}}, {"name": "it__sleep", "id": "call_4", "arguments": {"ms": 100}}]}' "$done_line" "$done_line"
run "$cordpair" ask hi
unlike 'results: kept as they come' "$(jq -rc '.message.tool_call_id // empty' "$(file)" | head -n 1)" call_1
is 'results: each once' "$(jq -rc '.message.tool_call_id // empty' "$(file)" | sort | paste -sd' ')" 'call_1 call_2 call_3 call_4'
run "$cordpair" ask --resume more
is 'results: sent in the order of the calls' "$(messages 3 | jq -c '.[0:-2]')" "$(messages 2)"

# The model
forget
endpoint "$signed" "$done_line" "$done_line" "$done_line"
run "$cordpair" -m other/model ask hi
run "$cordpair" ask --resume more
json 'the model of the session' "$(request 3)" '.model == "other/model" and (.messages[2] | has("reasoning_details"))'
run "$cordpair" -m test/third ask --resume more
json '-m: another one, that gets no signatures of the first' "$(request 4)" \
	'.model == "test/third" and (.messages[2] | has("reasoning_details") | not) and (.messages[2].tool_calls | length) == 1'
run "$cordpair" --json sessions show "$(ids)"
json 'which is kept' "$out" '.messages[2] | has("reasoning_details") | not'
like 'what was said first is kept too' "$(cat "$(file)")" 'EvsC'
id=$(ids)
endpoint "$done_line"
run "$cordpair" ask --resume more
json 'another endpoint: its own model' "$(request 1)" '.model == "test/model"'

# Servers that are gone, or have become others
no_servers
endpoint "$done_line"
run "$cordpair" ask --resume more
is 'no server: exit' "$status $out" '0 Done.'
json 'no server: the calls stay, and so there is a tool' "$(request 1)" 'any(.messages[]; has("tool_calls")) and (.tools | length) == 1'
server other ''
endpoint '{"calls": [{"name": "it__add", "id": "call_a", "arguments": {}}]}' "$done_line"
run "$cordpair" ask --resume more
is 'another server: exit' "$status $out" '0 Done.'
like 'a tool that is gone' "$(tool_message 2 2)" 'there is no tool called "it__add"'
json 'an id that was there before gets another' "$(request 2)" '[.messages[].tool_calls // [] | .[].id] | length == 2 and (unique | length) == 2'
rm "$servers_d"/*
server it ''

# Killed in the middle
killed() { # TEXT: waits until it is in the file, then kill -9
	wait_until grep -qsF "$1" "$sessions"/*.jsonl
	kill -KILL "$host"
	wait "$host" 2>/dev/null
}
start() { # ARGUMENT...: in the background
	forget_output
	"$cordpair" "$@" </dev/null >"$tmp/out" 2>"$tmp/err" &
	host=$!
}
forget
endpoint '{"calls": [{"name": "it__hang", "id": "call_1", "arguments": {}}, {"name": "it__echo", "id": "call_2", "arguments": {"text": "x"}}]}' "$done_line"
start ask 'Hang.'
killed '"tool_call_id":"call_2"'
run "$cordpair" sessions
like 'killed in a call: the list shows that it did not end' "$out" ' -  +Hang\.'
run "$cordpair" ask --resume more
is 'killed in a call: it goes on' "$status $out" '0 Done.'
is 'killed in a call: every call has a result' "$(roles 2)" 'system user assistant tool tool assistant user'
like 'killed in a call: one says that it is not known' "$(tool_message 2 1)" '^Error: the run was ended before this result was kept'
is 'killed in a call: one had come' "$(tool_message 2 2)" x
json 'killed in a call: the rest is as it was' "$(request 2)" '.messages[2].tool_calls[1].id == "call_2" and .messages[4].tool_call_id == "call_2"'
endpoint "$done_line"
run "$cordpair" ask --resume more
is 'and once more, the same' "$(messages 1 | jq -c '.[0:7]')" "$("$cordpair" --json sessions show "$(ids)" | jq -c '.messages[0:7]')"
forget
endpoint '{"hang": true, "text": ["Half an ", "answer"]}' "$done_line"
start ask 'Go on.'
wait_until grep -q Half "$tmp/out"
killed 'Go on.'
run "$cordpair" ask --resume more
is 'killed in an answer: it goes on' "$status $out" '0 Done.'
is 'killed in an answer: the roles alternate' "$(roles 2)" 'system user assistant user'
forget
endpoint '{"hang": true, "text": ["Half an ", "answer"]}' "$done_line"
start ask 'Go on.'
wait_until grep -q Half "$tmp/out"
kill -TERM "$host"
wait "$host"
is 'ended in an answer: exit' "$?" 143
json 'ended in an answer: kept' "$(tail -n 1 "$(file)")" '.exit == 143 and .status == "interrupted"'
run "$cordpair" ask --resume more
like 'ended in an answer: what there was of it' "$(messages 2 | jq -r '.[2].content')" '^Half an '
forget
endpoint '{"text": "Half an answer", "cut": true, "finish": null, "usage": null, "done": false}' "$done_line"
run "$cordpair" ask hi
is 'the endpoint broke off' "$status" 75
run "$cordpair" ask --resume more
like 'the endpoint broke off: what there was' "$(messages 2 | jq -r '.[2].content')" '^Half an answer'
for cut in 1 10 100; do
	truncate -s -$cut "$(file)"
	endpoint "$done_line"
	run "$cordpair" ask --resume more
	is "the file is cut by $cut bytes: it goes on" "$status $out" '0 Done.'
	is "the file is cut by $cut bytes: it is whole again" "$("$cordpair" sessions show "$(ids)" >/dev/null && echo whole)" whole
done

# Two at once
forget
hang='{"calls": [{"name": "it__hang", "arguments": {}}]}'
endpoint "$hang" "$hang"
start ask one
first=$host
"$cordpair" ask two </dev/null >/dev/null 2>&1 &
second=$!
wait_until eval '[ "$(grep -ls it__hang "$sessions"/*.jsonl | wc -l)" = 2 ]'
is 'two runs at once: two sessions' "$("$cordpair" --json sessions | jq -rc 'map(.title) | sort')" '["one","two"]'
is 'two runs at once: they are running' "$("$cordpair" --json sessions | jq -rc 'map(.status)') $("$cordpair" sessions | grep -c ' running ')" '["running","running"] 2'
run "$cordpair" ask --resume more
is 'one that another run is using: exit 75' "$status" 75
like 'it says why' "$err" 'another run is using this session'
run "$cordpair" sessions delete --all
is 'it is not deleted' "$status $(ids | wc -l)" '75 2'
kill -KILL $first $second
wait $first $second 2>/dev/null
run "$cordpair" sessions delete --all
is 'then it is' "$status $(ids | wc -l)" '0 0'

# Who goes on relies on it
endpoint "$done_line" "$done_line"
run "$cordpair" ask hi
head -c 9000 /dev/zero | tr '\0' x >"$tmp/long"
# shellcheck disable=SC2016
run env cordpair="$cordpair" long="$tmp/long" bash -c 'trap "" XFSZ; ulimit -f 4; exec "$cordpair" ask --resume -f "$long" more'
is 'a full disk: the run goes on, exit 74' "$status $out" '74 Done.'
like 'a full disk: it is said' "$err" 'this conversation is not kept: .*File too large'
endpoint_stop
done_testing
