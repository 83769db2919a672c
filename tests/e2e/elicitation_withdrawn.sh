#!/bin/bash
# SPDX-License-Identifier: MIT
# A server that no longer waits for what it asked: the question is closed, the model let go.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"
# shellcheck source=tests/lib/terminal.sh
. "$TOP_SRCDIR/tests/lib/terminal.sh"

ask() { # ID MESSAGE
	echo '{"id": "'"$1"'", "method": "elicitation/create", "params": {"message": "'"$2"'",
		"requestedSchema": {"type": "object", "properties": {"name": {"type": "string"}}}}}'
}
sample='"method": "sampling/createMessage", "params": {"maxTokens": 50,
	"messages": [{"role": "user", "content": {"type": "text", "text": "Say hello."}}]}'
withdraw() { echo '{"method": "notifications/cancelled", "params": {"requestId": '"$1"'}}'; }
result='{"id": "$id:tools/call", "result": {"content": [{"type": "text", "text": "Done."}]}}'
other_ids="$(withdraw 99), $(withdraw '{}'), {\"method\": \"notifications/cancelled\"}"

# Four may be open at the same time (SAMPLING_OPEN_MAX); the model answers none of the withdrawn.
open=$(for id in 1 2 3 4; do echo "{\"id\": $id, $sample}, "; done)
scripted it "{\"on\": {\"tools/call\": [[${open%, }, {\"sleep_ms\": 300}, $other_ids, $(withdraw 1), $(withdraw 2),
	{\"id\": 5, $sample}]], \"answer\": [[$result]]}}" '"sampling": true'
endpoint '{"calls": [{"name": "it__work", "arguments": {}}]}' '{"delay_ms": 30000, "text": "late", "repeat": 4}' '{"text": "Hello."}' '{"text": "All done."}'
run "$cordpair" ask hi
is 'sampling: the run' "$status $out" '0 All done.'
is 'sampling: answered is what is waited for' "$(said it 'select(.result.role == "assistant") | .id')" 5
endpoint_stop

terminal_or_done 'questions at a terminal'
scripted it "{\"on\": {\"tools/call\": [[$(ask a First), {\"sleep_ms\": 500}, $other_ids, $(withdraw '"a"'),
	$(ask b Second)]], \"answer\": [[$result]]}}"
question='\[c\]ancel: |Second'
at_terminal 'Bo\n' 's\n' -- "$cordpair" call it work
is 'elicitation: the call' "$status" 0
like 'elicitation: said' "$err" 'server "it" does not wait for the answer any more'
is 'elicitation: only the second is answered' "$(said it 'select(.result.action) | [.id, .result.content.name]')" '["b","Bo"]'
frames_are_valid elicitation it
done_testing
