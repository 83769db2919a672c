#!/bin/bash
# SPDX-License-Identifier: MIT
# Every ask is kept: what is in the file, cordpair sessions, and what cannot be kept.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

settings() { echo "$1" >"$XDG_CONFIG_HOME/cordpair/settings.json" && chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"; }
no_settings() { rm -f "$XDG_CONFIG_HOME/cordpair/settings.json"; }
sessions=$XDG_STATE_HOME/cordpair/sessions
forget() { rm -rf "$sessions"; }
file() { echo "$sessions"/*.jsonl; }
# records FILTER: of the one session.
records() { jq -c "$1" "$(file)"; }
ids() { "$cordpair" --json sessions | jq -r '.[].id'; }
done_line='{"text": "Done.", "usage": {"prompt_tokens": 9, "completion_tokens": 1, "total_tokens": 10, "cost": 0.0004}}'
signed=$(jq -nc '{reasoning_details: [{type: "reasoning.text", text: "I \"think\".", signature: "EvsC", format: "anthropic-claude-v1", index: 0}],
	calls: [{name: "it__add", id: "call_a", arguments: {a: 1, b: 2}}], usage: {prompt_tokens: 9, completion_tokens: 1, total_tokens: 10, cost: 0.001}}')
server it ''

# What is kept
endpoint "$signed" "$done_line"
run "$cordpair" --events ask 'What is 1 and 2?'
is 'a run' "$status" 0
events_are_valid 'a run' "$out"
id=$(event "$out" session.start .session)
is 'the events name the session' "$(event "$out" session.start .resumed) $id" "false $(basename "$(file)" .jsonl)"
is "OpenRouter's session_id is the session's" "$(request 1 | jq -r .session_id)" "$id"
is 'directory and file are private' "$(stat -c %a "$sessions") $(stat -c %a "$(file)")" '700 600'
is 'the records of a run' "$(records .type | paste -sd' ')" \
	'"session" "run" "message" "message" "message" "message" "end"'
is 'the messages are those that were sent, and the answer' "$(jq -sc '[.[] | .message // empty][0:3]' "$(file)")" "$(request 2 | jq -c .messages)"
is 'the answer' "$(records 'select(.type == "message").message' | tail -n 1)" '{"role":"assistant","content":"Done."}'
json 'the head' "$(head -n 1 "$(file)")" ".v == 1 and .id == \"$id\" and .title == \"What is 1 and 2?\" and .cwd == \"$PWD\""
json 'the run' "$(sed -n 2p "$(file)")" ".model == \"test/model\" and .base_url == \"$base_url\""
json 'the end' "$(tail -n 1 "$(file)")" '.exit == 0 and .status == "done" and .requests == 2 and .calls == 1 and .usage.total_tokens == 20
	and .total == {runs: 1, messages: 4, cost: 0.0014} and (.seconds | type) == "number"'
is 'no key is in it' "$(grep -c sk-or-v1 "$(file)")" 0
endpoint "$done_line"
run "$cordpair" --json ask hi
json '--json names the session' "$out" '.session | test("^[0-9a-f]{32}$")'

# The command
run "$cordpair" sessions
like 'the list: a line each' "$out" "$(printf '%s' "$id" | cut -c1-8)  20..-..-.. ..:..         4    0.0014  done         What is 1 and 2\\?"
is 'what was used last comes first' "$(sed -n 2p <<<"$out" | grep -c ' hi$')" 1
run "$cordpair" --json sessions list
json 'the list as JSON' "$out" "length == 2 and .[1].id == \"$id\" and .[1].messages == 4 and .[1].runs == 1 and .[1].cost == 0.0014 and .[1].status == \"done\"
	and .[1].model == \"test/model-20260101\" and .[1].path == \"$sessions/$id.jsonl\" and (.[1].used | test(\"^20.*Z$\"))"
run "$cordpair" sessions show "${id:0:4}"
is 'show: exit' "$status" 0
like 'show: who said what' "$out" $'user:\nWhat is 1 and 2\\?\n\nassistant:\ncalls it__add \\(call_a\\): \\{"a":1,"b":2\\}\n\ntool call_a:\n3\n\nassistant:\nDone\\.\n'
like 'show: what it took' "$out" ': done, test/model-20260101, 2 model requests, 1 tool call, 20 tokens, 0.0014 USD'
run "$cordpair" --json sessions show "$id"
json 'show as JSON' "$out" ".id == \"$id\" and (.messages | length) == 4 and .messages[1].reasoning_details[0].signature == \"EvsC\" and (.runs | length) == 2"
run "$cordpair" sessions export "$id"
is 'export: the lines of the file' "$out" "$(cat "$sessions/$id.jsonl")"
run "$cordpair" --json sessions export "$id"
json 'export as JSON' "$out" ".id == \"$id\" and (.messages | length) == 4"
# wrong WHAT EXIT REGEX ARGUMENT...
wrong() {
	local what=$1 exit_code=$2 regex=$3
	shift 3
	run "$cordpair" "$@"
	is "$what: exit $exit_code" "$status" "$exit_code"
	like "$what: the sentence" "$err" "$regex"
}
wrong 'no such session' 78 'there is no session "00000000000000000000000000000000"' sessions show 00000000000000000000000000000000
wrong 'too short' 2 'at least 4 of its digits' sessions show "${id:0:3}"
wrong 'no id' 2 'which session\?' sessions export
wrong 'no ids' 2 'which sessions\?' sessions delete
wrong 'no such action' 2 '"lst" is none of list, show, export and delete' sessions lst
cp "$sessions/$id.jsonl" "$sessions/${id:0:31}g.jsonl" # no name of ours
twin=${id:0:31}$([ "${id:31}" = 0 ] && echo 1 || echo 0)
cp -p "$sessions/$id.jsonl" "$sessions/$twin.jsonl"
wrong 'two begin with it' 78 "more than one session begins with \"${id:0:8}\"" sessions show "${id:0:8}"
run "$cordpair" sessions
like 'the list tells them apart' "$out" "$twin  20"
run "$cordpair" sessions delete "$id" 00000000
is 'delete: an id that is none: nothing is deleted' "$status $(ids | wc -l)" '78 3'
mkdir "$sessions/$id" && touch "$sessions/$id/1.txt"
run "$cordpair" sessions delete "$id" "$twin"
is 'delete two' "$status $(ids | wc -l)" '0 1'
ok 'with what belongs to it' [ ! -e "$sessions/$id" ]
run "$cordpair" sessions delete --all
is 'delete all' "$status $(ids | wc -l)" '0 0'
ok 'and nothing that is not ours' [ -e "$sessions/${id:0:31}g.jsonl" ]
forget
run "$cordpair" sessions
is 'none was ever kept' "$status $out" '0 '
wrong 'none to go on with' 78 'no session is kept yet' ask --resume hi

# Switched off
endpoint "$done_line"
run "$cordpair" ask --no-session hi
is '--no-session' "$status $out $(ids | wc -l)" '0 Done. 0'
json '--no-session: the conversation still has a name' "$(request 1)" '.session_id | test("^[0-9a-f]{32}$")'
settings '{"sessions": false}'
endpoint "$done_line"
run "$cordpair" ask hi
is 'settings' "$status $out $(ids | wc -l)" '0 Done. 0'
settings '{"sessions": 1}'
wrong 'settings: neither true nor false' 78 'settings.json:1:14: "sessions" is neither true nor false' ask hi
no_settings

# Limits
for i in 1 2 3; do
	endpoint "$done_line"
	run "$cordpair" ask "number $i"
done
settings '{"limits": {"sessions": 2}}'
endpoint "$done_line"
run "$cordpair" ask 'number 4'
is 'number: what was used last stays' "$("$cordpair" --json sessions | jq -rc 'map(.title)')" '["number 4","number 3"]'
settings '{"limits": {"session_days": 7}}'
touch -d '8 days ago' "$(grep -l 'number 3' "$sessions"/*.jsonl)"
endpoint "$done_line"
run "$cordpair" ask 'number 5'
is 'age' "$("$cordpair" --json sessions | jq -rc 'map(.title)')" '["number 5","number 4"]'
settings '{"limits": {"session_bytes": 2000}}'
mkdir "$sessions/$("$cordpair" --json sessions | jq -r '.[0].id')"
head -c 3000 /dev/zero >"$sessions/$("$cordpair" --json sessions | jq -r '.[0].id')/1.txt"
endpoint "$done_line"
run "$cordpair" ask 'number 6'
is 'bytes, with what belongs to it' "$("$cordpair" --json sessions | jq -rc 'map(.title)')" '["number 6"]'
no_settings

# What cannot be kept is a warning
forget
touch "$sessions"
endpoint "$done_line"
run "$cordpair" ask hi
is 'no directory: the run goes on' "$status $out" '0 Done.'
like 'it is said' "$err" 'this conversation is not kept: .*/sessions'
endpoint "$done_line"
run "$cordpair" --events ask hi
events_are_valid 'no directory' "$out"
like 'the events say it' "$(event "$out" warning .text)" 'this conversation is not kept'
rm "$sessions"
endpoint "$(jq -c '.calls[0].name = "it__echo" | .calls[0].arguments = {text: ("x" * 3000)}' <<<"$signed")" "$done_line"
(trap '' XFSZ && ulimit -f 4 && exec "$cordpair" ask hi </dev/null >"$tmp/out" 2>"$tmp/err")
is 'a full disk: the run goes on' "$? $(cat "$tmp/out")" '0 Done.'
is 'a full disk: it is said once' "$(grep -c 'this conversation is not kept' "$tmp/err")" 1
is 'a full disk: what is kept is whole' "$(jq -s 'length > 2' "$(file)")" true
forget

# Damage
endpoint "$done_line"
run "$cordpair" ask hi
id=$(ids)
printf '{"type":"message","mess' >>"$(file)"
run "$cordpair" --json sessions show "$id"
json 'a torn last line is passed over' "$out" '.messages | length == 2'
run "$cordpair" sessions
like 'and the list is as before' "$out" ' done '
printf '\n' >>"$(file)"
wrong 'a damaged line' 78 "/$id\\.jsonl:6: not JSON" sessions show "$id"
wrong 'a damaged line: export' 78 "/$id\\.jsonl:6: not JSON" sessions export "$id"
wrong 'a damaged line: ask' 78 "/$id\\.jsonl:6: not JSON" ask --resume "$id" hi
# damage WHAT REGEX SED: of a good one
good=$(sed '$d' "$(file)")
damage() {
	sed "$3" <<<"$good" >"$(file)"
	wrong "$1" 78 "/$id\\.jsonl:$2" sessions show "$id"
}
damage 'no head' '1: this is no session' 1d
damage 'another version' '1: a session of another version' '1s/"v":1/"v":2/'
damage 'a head again' '2: a second session begins' '1{p;p}'
damage 'no message' '3: a message is missing' '3s/"message":{/"massage":{/'
damage 'no role' '3: a message without a role' '3s/"role"/"rule"/'
damage 'no object' '3: no object with a type' '3s/.*/[]/'
damage 'nothing' '1: this is no session: it is empty' d
damage 'what is replaced is not there' '4: messages are replaced that are not there' \
	'4s/.*/{"type":"replaced","at":1,"count":1,"messages":[]}/'
damage 'what is replaced is not said' '4: which messages are replaced is missing' '4s/.*/{"type":"replaced","at":-1}/'
sed '1d' <<<"$good" >"$(file)"
run "$cordpair" sessions
like 'the list shows what is damaged' "$out" 'damaged .*/'"$id"'\.jsonl:1: this is no session'
run "$cordpair" --json sessions
json 'the list shows it as JSON' "$out" '.[0].error | test("this is no session")'
sed '4s/.*/{"type":"of the future","x":1}/' <<<"$good" >"$(file)"
run "$cordpair" --json sessions show "$id"
is 'a type that is not known is passed over' "$status" 0
printf '%s\n' "$good" >"$(file)"
chmod 666 "$(file)"
wrong 'everybody may write to it' 77 'everybody may write to it' ask --resume hi
endpoint_stop
done_testing
