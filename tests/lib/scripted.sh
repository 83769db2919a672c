# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Servers that say what a script tells them to (tests/fakes/fake_script.py), and whether what the
# host said to them is what their revision of MCP allows.
#
#   scripted NAME SCRIPT [MEMBERS]   an entry; its log is $tmp/NAME.said
#   said NAME FILTER                 jq's filter over each message that the host sent, compact
#   frames_are_valid WHAT NAME       against the revision's JSON Schema, where that is there
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'
mcp_schemas=$TOP_SRCDIR/../shared/spec/mcp

scripted() {
	printf '%s' "$2" >"$tmp/$1.script"
	: >"$tmp/$1.said"
	cat >"$servers_d/$1.json" <<END
{"command": "python3", "args": ["$TOP_SRCDIR/tests/fakes/fake_script.py", "$tmp/$1.script", "$tmp/$1.said"],
 "policy": "allow"${3:+, $3}}
END
	chmod 600 "$servers_d/$1.json"
	rm -rf "$tmp/state"
}
said() { jq -c "$2" "$tmp/$1.said"; }

frames_are_valid() {
	local revision=2025-11-25
	[ "$(jq -r '.era // ""' "$tmp/$2.script")" != modern ] || revision=2026-07-28
	revision=$(jq -r --arg known $revision '.version // $known' "$tmp/$2.script")
	if [ ! -e "$mcp_schemas/$revision.json" ]; then
		skip "$1: valid frames" "the schema of $revision is not there"
	elif ! python3 -c 'import jsonschema' 2>/dev/null; then
		skip "$1: valid frames" 'python3-jsonschema is missing'
	else
		# The probe of the other era is none of this revision's.
		none "$1: valid frames" "$(jq -c --arg revision "$revision" 'select($revision == "2026-07-28"
			or .method != "server/discover")' "$tmp/$2.said" |
			python3 "$TOP_SRCDIR/tests/lib/validate_frames.py" "$mcp_schemas/$revision.json" 2>&1)"
	fi
}
