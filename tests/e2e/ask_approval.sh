#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair ask: policy, and the person at the terminal.
# shellcheck source=tests/lib/terminal.sh
. "$(dirname "$0")/../lib/terminal.sh"

done_line='{"text": "Done."}'
call_line='{"calls": [{"name": "it__echo", "arguments": {"text": "TEXT"}}]}'
policy() { server it ''; sed -i "s|\"policy\": \"allow\"|\"policy\": $1|" "$servers_d/it.json"; }

policy '"ask"'
endpoint "$call_line" "$done_line"
run setsid -w "$cordpair" --events ask hi
is 'nobody to ask: exit 3' "$status" 3
events_are_valid 'nobody to ask' "$out"
is 'nobody to ask: the model is told' "$(tool_message 2 1)" \
	'Error: the call of "echo" on server "it" was not made: it needs a person'"'"'s approval and there is nobody to ask'
is 'nobody to ask: the events' "$(event "$out" approval.result '[.decision, .by]') $(event "$out" run.end .status)" '["denied","nobody"] denied'
endpoint "$call_line" "$done_line"
run setsid -w "$cordpair" ask hi
is 'the answer is shown all the same' "$status $out" '3 Done.'
like 'and what was denied is said' "$err" '1 tool call was denied or could not be approved'
endpoint "$call_line" "$done_line"
run setsid -w "$cordpair" --yes-to 'it:ec*' ask hi
is '--yes-to: exit 0' "$status $out $(tool_message 2 1)" '0 Done. TEXT'
endpoint "$call_line" '{"text": "", "finish": "stop"}'
run setsid -w "$cordpair" ask hi
is 'denied and no answer: exit 3' "$status" 3
policy '{"default": "allow", "deny": ["ec*"]}'
endpoint "$call_line" "$done_line"
run "$cordpair" --yes-to '*:*' ask hi
json 'what is denied outright is not offered' "$(request 1)" 'any(.tools[].function.name; . == "it__echo") | not'
like 'and not made' "$(tool_message 2 1)" '^Error: there is no tool called "it__echo"'

# At a terminal
terminal_or_done 'questions at a terminal'
question='Allow it\?'
policy '"ask"'
long=$(printf 'x%.0s' $(seq 3000))END
endpoint "${call_line/TEXT/$long}" "$done_line"
at_terminal '\n' -- "$cordpair" ask hi
is 'just Enter: exit 3' "$status" 3
like 'the complete arguments are shown' "$(tr -d '\n' <<<"$screen")" "$long"
like 'with the tool and its server' "$screen" 'the model wants to call echo of the server it'
like 'the default is No' "$screen" '\[N\]o'
like 'the model is told' "$(tool_message 2 1)" 'was not made: the user refused it'
# Typed before there was a question: the endpoint goes on once it was seen.
endpoint "$(jq -c --arg go "$tmp/go" '.text = ["Ready", "."] | .hold = $go' <<<"$call_line")" "$done_line"
typed_ahead() { grep -q 'Readyy' "$tmp/screen"; }
{ wait_until typed_ahead && touch "$tmp/go"; } 2>/dev/null &
question='Ready|Allow it\?'
at_terminal 'y\n' '\n' -- "$cordpair" ask hi
is 'typed ahead: it answers nothing' "$status" 3
like 'typed ahead: the model is told' "$(tool_message 2 1)" 'was not made: the user refused it'
wait $!
question='Allow it\?'
endpoint "$call_line" "$done_line"
at_terminal 'y\n' -- "$cordpair" ask hi
is 'y: the call is made' "$status $(tool_message 2 1)" '0 TEXT'
like 'y: the answer' "$screen" 'Done\.'
endpoint "$call_line" "$done_line"
at_terminal 'maybe\n' -- "$cordpair" ask hi
is 'anything else is No' "$status" 3
endpoint "$call_line" "$done_line"
at_terminal '\004' -- "$cordpair" ask hi
is 'the end of input is No' "$status" 3
endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "1"}}, {"name": "it__echo", "arguments": {"text": "2"}},
	{"name": "it__add", "arguments": {"a": 3}}]}' "$call_line" "$done_line"
at_terminal 'a\n' 'n\n' -- "$cordpair" ask hi
is 'always: the same tool is not asked for again' "$status $(tool_message 3 1),$(tool_message 3 2),$(tool_message 3 4)" '3 1,2,TEXT'
like 'but another is' "$(tool_message 3 3)" 'the user refused it'
endpoint '{"calls": [{"name": "it__echo", "arguments": {"text": "\u001b[2J\u202eevil"}}]}' "$done_line"
at_terminal 'n\n' -- "$cordpair" ask hi
unlike 'arguments cannot play with the terminal' "$screen" $'\e\\[2J|\u202e'
endpoint '{"text": ["red \u001b[31", "mtext \u202e", "\u0007end"]}'
at_terminal -- "$cordpair" ask hi
like 'the answer is shown' "$screen" 'red text '
unlike 'nor can it' "$screen" $'\e\\[31|\u202e|\a'
endpoint "$call_line" "$done_line"
at_terminal '\003' -- "$cordpair" ask hi
is 'Ctrl-C at the question: exit 130' "$status" 130
endpoint "$call_line" "$done_line"
at_terminal -- "$cordpair" --no-input ask hi
is '--no-input asks nobody: exit 3' "$status" 3
endpoint "$call_line" "$done_line"
at_terminal 'y\n' -- bash -c "$cordpair --events ask hi >$tmp/events"
out=$(cat "$tmp/events")
events_are_valid 'a question' "$out"
is 'a question: the events' "$(event "$out" approval.request '[.name, .arguments.text]') $(event "$out" approval.result '[.decision, .by]')" \
	'["it__echo","TEXT"] ["allowed","person"]'
endpoint_stop
done_testing
