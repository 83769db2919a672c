#!/bin/bash
# SPDX-License-Identifier: MIT
# computer-use-mcp from npm on an X server without a screen: a model looks at the desktop and types.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"
# shellcheck source=tests/lib/desktop.sh
. "$TOP_SRCDIR/tests/lib/desktop.sh"
desktop_start xdotool xterm
desktop_window "$tmp/typed"
# The desktop is named in the entry: a server gets no DISPLAY otherwise.
real_entry desktop '{"DISPLAY": "'"$DISPLAY"'"}' "$(real_program computer-use-mcp)"
is 'tools' "$(tool_names desktop)" computer

endpoint '{"calls": [{"name": "desktop__computer", "arguments": {"action": "get_screenshot"}}]}' \
	'{"calls": [{"name": "desktop__computer", "arguments": {"action": "type", "text": "echo typed by a model"}}]}' \
	'{"calls": [{"name": "desktop__computer", "arguments": {"action": "key", "text": "Return"}}]}' \
	'{"text": "I have typed it."}'
run "$cordpair" ask 'Type a sentence into the window.'
is 'the answer' "$status $out" '0 I have typed it.'
is 'four requests' "$(request_count)" 4
like 'the screenshot' "$(tool_message 2 1)" '"image_width": ?800.*"image_height": ?600'
like 'the screenshot: its picture is one line' "$(tool_message 2 1)" '\[image: image/png, [0-9]+ bytes\]'
unlike 'typing and the key did not fail' "$(tool_message 3 1) $(tool_message 4 2)" '[Ee]rror'
ok 'the window got it' wait_until test -s "$tmp/typed"
is 'the window got this' "$(cat "$tmp/typed")" 'echo typed by a model'
ok 'stopped: no process is left' wait_until none_marked
endpoint_stop
# So much text is not typed within the life of this test.
survives desktop computer action=type text="$(printf '%0100000d' 0)"

# Without a display this server dies in its first call.
real_entry desktop '{}' "$(real_program computer-use-mcp)"
run "$cordpair" call desktop computer action=get_screenshot
is 'no display: the server dies: exit 69' "$status" 69
like 'no display: said, with its last words' "$err" 'desktop.*[Dd]isplay'
ok 'no display: no process is left' wait_until none_marked
desktop_stop
done_testing
