#!/bin/bash
# SPDX-License-Identifier: MIT
# A server asks a person something: as a request of its own (2.12, legacy), and by an input_required
# result (2026-07-28). Without a terminal it is declined at once.
# shellcheck source=tests/lib/terminal.sh
. "$(dirname "$0")/../lib/terminal.sh"
# shellcheck source=tests/lib/through_daemon.sh
[ -z "${through_daemon-}" ] || . "$(dirname "$0")/../lib/through_daemon.sh"

for era in legacy modern; do
	server it "$era"
	run "$cordpair" call it question
	like "$era: nobody to ask: declined" "$status $out" '^0 .*"action":"decline"'
	unlike "$era: nothing is sent along" "$out" content
	like "$era: said" "$err" 'server "it" asks for input; there is no terminal'
	[ $era = legacy ] || like 'the state comes back as it was' "$out" '\{"a/b":\{"action":"decline"\}\}"s \\u00e9\\n"$'
	run "$cordpair" --events call it question
	is "$era: the events" "$(event "$out" elicitation.request '[.server, .mode]') $(event "$out" elicitation.result .action)" \
		'["it","form"] decline'
	events_are_valid "$era" "$out"
done
run "$cordpair" --trace "$tmp/trace" call it question
is 'the second request has an id of its own' \
	"$(jq -r 'select(.type == "mcp.send" and .json.method == "tools/call") | .json.id' "$tmp/trace" | sort -u | wc -l)" 2
run "$cordpair" call it insatiable
is 'a server that never has enough: exit 76' "$status" 76
like 'and it is said' "$err$out" 'asked for more input 10 times'

terminal_or_done 'forms at a terminal'
question='(\(required\)( \[[^]]*\])?|age \[[0-9]+\]|2\. dog( \[[a-z]+\])?|\[c\]ancel): '
for era in legacy modern; do
	server it "$era"
	at_terminal 'x\n' 'Ann\n' 'old\n' '44\n' 'bird\n' '2\n' 's\n' -- "$cordpair" call it question
	like "$era: the form: exit 0 and the content" "$status $screen" \
		'"action":"accept","content":\{"name":"Ann","age":44,"pet":"dog"\}'
	like "$era: the server is named" "$screen" 'the server it asks'
	like "$era: a text too short" "$screen" 'at least 2 characters'
	like "$era: no number" "$screen" 'must be a number'
	like "$era: no choice" "$screen" 'must be one of 1 to 2'
	unlike "$era: its message cannot play with the terminal" "$screen" $'\e\\[2J'
done
at_terminal 'Ann\n' '\n' '\n' 's\n' -- "$cordpair" call it question
like 'Enter keeps the default, and what has none is left out' "$screen" \
	'"content":\{"name":"Ann","age":33\}'
at_terminal '\n' '\n' '\n' 's\n' 'Bo\n' '\n' '\n' 's\n' -- "$cordpair" call it question
like 'what is required is asked for again' "$screen" '"name" is required'
like 'and then it goes' "$screen" '"content":\{"name":"Bo","age":33\}'
at_terminal 'Ann\n' '\n' '\n' '\n' -- "$cordpair" call it question
like 'just Enter at the review declines' "$screen" '"action":"decline"'
at_terminal 'Ann\n' '\n' '\n' 'c\n' -- "$cordpair" call it question
like 'c cancels' "$screen" '"action":"cancel"'
at_terminal -- "$cordpair" --no-input call it question
like '--no-input: declined' "$screen" '"action":"decline"'
[ -z "${through_daemon-}" ] || ok 'the daemons made the calls' [ "$(calls_by_daemon)" -gt 10 ]
done_testing
