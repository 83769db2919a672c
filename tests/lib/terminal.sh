# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Questions at a terminal, by script(1).
#
#   terminal_or_done WHAT  ends the test here, with a reason, where there is no script(1)
#   question               an extended regular expression: what ends each question
#   at_terminal ANSWER... -- COMMAND...   sets $screen, $status and $err
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

terminal_or_done() {
	script -qec true /dev/null >/dev/null 2>&1 && return
	skip "$1" 'script(1) is missing'
	endpoint_stop
	done_testing
}
# at_terminal ANSWER... -- COMMAND...: runs it on a terminal, types each answer behind its question.
at_terminal() {
	local answers=() asked=0 pid
	while [ "$1" != -- ]; do
		answers+=("$1")
		shift
	done
	shift
	rm -f "$tmp/typed" "$tmp/status"
	mkfifo "$tmp/typed"
	: >"$tmp/screen"
	printf '%q ' "$@" >"$tmp/command"
	echo "2>'$tmp/err'; echo \$? >'$tmp/status'" >>"$tmp/command"
	script -qfc "bash '$tmp/command'" "$tmp/screen" <"$tmp/typed" >/dev/null &
	pid=$!
	exec 7<>"$tmp/typed"
	for answer in "${answers[@]}"; do
		asked=$((asked + 1))
		wait_until asked_times $asked
		printf '%b' "$answer" >&7
	done
	wait_until test -s "$tmp/status"
	status=$(cat "$tmp/status")
	exec 7>&-
	wait $pid
	screen=$(tr -d '\r' <"$tmp/screen")
	err=$(cat "$tmp/err")
}
asked_times() { [ "$(grep -oE "$question" "$tmp/screen" | wc -l)" -ge "$1" ]; }
