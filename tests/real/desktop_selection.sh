#!/bin/bash
# SPDX-License-Identifier: MIT
# contrib/desktop/cordpair-selection: the X selection goes to the model, the answer to the clipboard.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
# shellcheck source=tests/lib/desktop.sh
. "$TOP_SRCDIR/tests/lib/desktop.sh"
desktop_start xclip xdotool
recipe=$TOP_SRCDIR/contrib/desktop/cordpair-selection
# The recipe finds the program as a person's key does, by PATH. No notification leaves the test.
mkdir "$tmp/bin"
ln -s "$cordpair" "$tmp/bin/cordpair"
printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>"%s"\n' "$tmp/notes" >"$tmp/bin/notify-send"
chmod +x "$tmp/bin/notify-send"
export PATH=$tmp/bin:$PATH TMPDIR=$tmp/work
mkdir "$tmp/work"

# What stays to serve a selection must not hold the endpoint's descriptors.
selection() { printf '%s' "$1" | xclip -i -selection primary 8>&- 9>&- >/dev/null; }
run_recipe() { run "$recipe" "$@" 8>&- 9>&-; }
clipboard() { timeout 5 xclip -o -selection clipboard 2>/dev/null; }
prompt() { request "$1" | jq -r '.messages[-1].content'; }

endpoint '{"text": "Their house is big.\nGrüße."}' '{"text": "second"}' \
	'{"status": 401, "body": {"error": {"message": "no such key", "code": 401}}}' \
	'{"calls": [{"name": "it__echo", "arguments": {"text": "x"}}]}' '{"text": "without the tool"}' '{"text": "last"}'

run_recipe
is 'nothing selected: exit 1' "$status" 1
like 'nothing selected: said' "$err" 'nothing is selected'
is 'nothing selected: nothing was sent' "$(request_count)" 0

selection $'There house is big.\nGrüße.'
run_recipe
is 'exit 0' "$status" 0
is 'the answer is in the clipboard' "$(clipboard)" $'Their house is big.\nGrüße.'
is 'what was sent' "$(prompt 1)" \
	$'Correct the grammar and spelling of this text; answer with the text only.\n\nThere house is big.\nGrüße.'
like 'the person is told' "$(cat "$tmp/notes")" 'the answer is in the clipboard'
is 'the selection is as it was' "$(xclip -o -selection primary)" $'There house is big.\nGrüße.'

# Options, and by the key itself where the key daemon of the README is there.
selection 'cordpair by a key'
export CORDPAIR_SELECTION_OPTIONS='--model other/model'
if command -v sxhkd >/dev/null; then
	printf "super + a\n\t%s 'Say it in German.'\n" "$recipe" >"$tmp/sxhkdrc"
	: >"$tmp/notes"
	# It ends at once where no SHELL is set, as in a service or CI.
	SXHKD_SHELL=/bin/sh sxhkd -c "$tmp/sxhkdrc" 2>"$tmp/sxhkd_log" 8>&- 9>&- &
	desktop_pids+=($!)
	pressed() {
		xdotool key super+a
		sleep 0.5
		[ "$(request_count)" -gt 1 ]
	}
	answered() { grep -q 'the answer is in the clipboard' "$tmp/notes"; }
	ok 'the key starts it' wait_until pressed
	ok 'the key: answered' wait_until answered
else
	run_recipe 'Say it in German.'
	skip 'the key starts it' 'sxhkd is missing'
fi
unset CORDPAIR_SELECTION_OPTIONS
is 'a prompt of its own' "$(prompt 2)" $'Say it in German.\n\ncordpair by a key'
is 'options of its own' "$(request 2 | jq -r .model)" other/model
is 'the next answer' "$(clipboard)" second

run_recipe
is 'no answer: the exit is that of ask' "$status" 77
like 'no answer: said why' "$(tail -n 1 "$tmp/notes")" 'no answer \(exit 77\).*key'
is 'no answer: the clipboard is as it was' "$(clipboard)" second

server it ''
jq '.policy = "ask"' "$servers_d/it.json" >"$tmp/it.json"
cat "$tmp/it.json" >"$servers_d/it.json"
: >"$tmp/notes"
run_recipe
is 'a tool that needs approval: exit 3' "$status" 3
is 'a tool that needs approval: the answer is there' "$(clipboard)" 'without the tool'
like 'a tool that needs approval: the person is told' "$(cat "$tmp/notes")" 'the answer is in the clipboard.*a tool was denied'
# As in a key daemon's $(...): the program that serves the clipboard holds no pipe open.
ok 'its output ends' timeout 20 sh -c 'x=$("$0" </dev/null 2>&1)' "$recipe" 8>&- 9>&-
is 'no file is left' "$(ls "$tmp/work")" ''

endpoint_stop
desktop_stop
done_testing
