#!/bin/bash
# SPDX-License-Identifier: MIT
# Two servers that drive a browser: a model reads a page, presses its button and sees what it did; and
# a page that never loads, with all the processes that a browser is.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome)
if [ -z "$browser" ]; then
	[ "${CI:-}" != true ] || { echo 'Bail out! chromium is missing'; exit 1; }
	skip_all 'chromium is missing'
fi
real_service '
	if (request.url === "/")
		response.setHeader("content-type", "text/html").end("<title>Page</title><h1>Welcome</h1>" +
			"<button onclick=\"document.title = 6 * 7\">Press</button>")
'
page=http://127.0.0.1:$service_port

# A browser changes its environment, so that the mark is not in it: its directory tells.
mkdir "$tmp/work"
browser_entry() {
	real_entry "$@"
	jq --arg cwd "$tmp/work" '. + {$cwd}' "$servers_d/$1.json" >"$tmp/entry"
	cat "$tmp/entry" >"$servers_d/$1.json"
}
marked() { find /proc/[0-9]*/cwd -maxdepth 0 -lname "$tmp/work*" 2>/dev/null | cut -d/ -f3; }
# The call is there before its browser, which is what has to be cleared away.
called() { grep -qs '"tools/call' "$tmp/trace" && [ "$(marked | wc -l)" -gt 4 ]; }
environment='{"TMPDIR": "'"$tmp/work"'", "CHROME_DEVTOOLS_MCP_NO_USAGE_STATISTICS": "1", "CHROME_DEVTOOLS_MCP_NO_UPDATE_CHECKS": "1"}'
# Its sandbox wants a user who is not root.
browser_entry playwright "$environment" "$(real_program playwright-mcp)" --headless --isolated --no-sandbox \
	--browser chromium --executable-path "$browser" --output-dir "$tmp/work"
browser_entry devtools "$environment" "$(real_program chrome-devtools-mcp)" --headless --isolated \
	--executablePath "$browser" --chromeArg=--no-sandbox
is 'playwright: its tools' "$(tool_names playwright | wc -w)" 25
is 'devtools: its tools' "$(tool_names devtools | wc -w)" 32

# use NAME ARGUMENTS: an answer that calls the tool.
use() { jq -nc '{calls: [{name: $ARGS.positional[0], arguments: ($ARGS.positional[1] | fromjson)}]}' --args "$@"; }

endpoint "$(use playwright__browser_navigate '{"url": "'"$page"'/"}')" \
	"$(use playwright__browser_snapshot '{}')" \
	"$(use playwright__browser_evaluate '{"function": "() => document.querySelector(\"button\").click()"}')" \
	"$(use playwright__browser_take_screenshot '{"type": "png"}')" \
	"$(use playwright__browser_tabs '{"action": "list"}')" \
	'{"text": "Pressed."}'
run "$cordpair" ask 'Press the button.'
is 'playwright: the run' "$status $out" '0 Pressed.'
like 'playwright: the page' "$(tool_message 2 1)" 'Page Title: Page'
like 'playwright: what is on it' "$(tool_message 3 2)" 'button "Press"'
like 'playwright: its picture' "$(tool_message 5 4)" 'image/png, [0-9]+ bytes'
like 'playwright: what the button did' "$(tool_message 6 5)" '42'
ok 'playwright: stopped: no process is left' wait_until none_marked

endpoint "$(use devtools__new_page '{"url": "'"$page"'/"}')" \
	"$(use devtools__take_snapshot '{"pageId": 2}')" \
	"$(use devtools__evaluate_script '{"pageId": 2, "function": "() => { document.querySelector(\"button\").click(); return document.title }"}')" \
	'{"text": "Pressed."}'
run "$cordpair" ask 'Press the button.'
is 'devtools: the run' "$status $out" '0 Pressed.'
like 'devtools: the page' "$(tool_message 2 1)" "2: Page \\($page/\\)"
like 'devtools: what is on it' "$(tool_message 3 2)" 'button "Press"'
like 'devtools: what the button did' "$(tool_message 4 3)" '"42"'
ok 'devtools: stopped: no process is left' wait_until none_marked
endpoint_stop

survives playwright browser_navigate url="$page/never"
survives devtools new_page url="$page/never"
done_testing
