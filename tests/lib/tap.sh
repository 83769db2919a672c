# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# TAP for the test scripts.
#
#   is WHAT GOT WANTED, like WHAT GOT REGEX, unlike, ok WHAT COMMAND..., json WHAT JSON FILTER,
#   none WHAT TEXT (the text is what is wrong, and must be empty), skip, skip_all, done_testing
set -u
: "${TOP_BUILDDIR:=$PWD}" "${TOP_SRCDIR:=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}"
count=0
failed=0

pass() {
	count=$((count + 1))
	echo "ok $count - $1"
}
fail() {
	count=$((count + 1))
	failed=$((failed + 1))
	echo "not ok $count - $1"
}
note() { sed 's/^/# /' <<<"${1:0:3000}"; }
is() {
	if [ "$2" = "$3" ]; then pass "$1"; else
		fail "$1"
		note "got:    $2"
		note "wanted: $3"
		note "stderr: ${err-}"
	fi
}
like() {
	if grep -Eq -- "$3" <<<"$2"; then pass "$1"; else
		fail "$1"
		note "got:         $2"
		note "wanted like: $3"
		note "stderr: ${err-}"
	fi
}
unlike() {
	if grep -Eq -- "$3" <<<"$2"; then
		fail "$1"
		note "got:           $2"
		note "wanted unlike: $3"
	else pass "$1"; fi
}
ok() {
	local what=$1
	shift
	if "$@"; then pass "$what"; else fail "$what"; fi
}
none() {
	if [ -z "$2" ]; then pass "$1"; else
		fail "$1"
		note "$2"
	fi
}
json() {
	local result
	# Of nothing jq 1.6 makes nothing, and is content.
	if result=$(jq -e "$3" <<<"$2" 2>/dev/null) && [ -n "$result" ]; then pass "$1"; else
		fail "$1"
		note "$2"
		note "did not fulfil: $3"
		note "stderr: ${err-}"
	fi
}
skip() {
	count=$((count + 1))
	echo "ok $count - $1 # SKIP $2"
}
skip_all() {
	echo "1..0 # SKIP $1"
	exit 0
}
done_testing() {
	echo "1..$count"
	exit 0
}
