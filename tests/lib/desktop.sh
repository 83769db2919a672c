# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# An X server without a screen, for a test that sources tests/lib/host.sh first.
#
#   desktop_start PROGRAM...   sets DISPLAY; skips the test where Xvfb or a program is missing
#   desktop_stop               ends it and what else was put into $desktop_pids
#   desktop_window FILE        sets $window
desktop_pids=()

desktop_start() {
	local program display
	for program in Xvfb "$@"; do
		command -v "$program" >/dev/null || skip_all "$program is missing"
	done
	# One at a time: where sockets cannot tell that a display is taken, two servers share a number,
	# and the end of the one ends the clients of the other.
	exec {desktop_lock}>"$TOP_BUILDDIR/tests/desktop.lock"
	flock "$desktop_lock"
	mkfifo "$tmp/display"
	Xvfb -displayfd 3 -screen 0 800x600x24 -nolisten tcp -noreset 3>"$tmp/display" >"$tmp/xvfb_log" 2>&1 &
	desktop_pids+=($!)
	if ! read -r -t "$limit_s" display <"$tmp/display"; then
		echo "Bail out! Xvfb does not start: $(tail -n 1 "$tmp/xvfb_log")"
		exit 1
	fi
	export DISPLAY=:$display
}
desktop_stop() {
	local i
	# The X server is first, and goes last.
	for ((i = ${#desktop_pids[@]} - 1; i >= 0; i--)); do
		kill "${desktop_pids[i]}" 2>/dev/null
		wait "${desktop_pids[i]}" 2>/dev/null
	done
	desktop_pids=()
}

# A window that has the keys, and appends each line that is typed into it to a file.
desktop_window() {
	xterm -T typed -e sh -c 'while read -r line; do printf "%s\n" "$line" >>"$0"; done' "$1" &
	desktop_pids+=($!)
	window=$(timeout "$limit_s" xdotool search --sync --onlyvisible --name '^typed$' | head -n 1)
	xdotool windowfocus --sync "$window"
}
