#!/bin/bash
# SPDX-License-Identifier: MIT
# What is said of faults in files and of the system (docs/failures.md).
# shellcheck source=tests/lib/failures.sh
. "$(dirname "$0")/../lib/failures.sh"

umask 022
entry() {
	printf '%s' "$1" >"$servers_d/${2-it}.json"
	chmod 600 "$servers_d/${2-it}.json"
}
check_and_ask() {
	other check servers check
	ask "$done_line"
}
# with_settings TEXT: of a run that cannot begin
with_settings() {
	printf '%s' "$1" >"$settings"
	chmod "${2-600}" "$settings"
	ask "$done_line"
}

section 'Configuration'

failure config-json
entry '{"command": "x", "args": [1 2]}'
check_and_ask
failure config-near-key
entry '{"command": "x", "polcy": "deny"}'
check_and_ask
failure config-type
entry '{"command": 7}'
check_and_ask
failure config-missing
entry '{}'
check_and_ask
failure config-variable
entry '{"command": "x", "args": ["${MISSING}"]}'
check_and_ask
failure config-input
entry '{"command": "x", "args": ["${input:token}"]}'
check_and_ask
failure config-unsafe
entry '{"command": "x"}'
chmod 666 "$servers_d/it.json"
check_and_ask
failure config-unsafe-directory
entry '{"command": "x"}'
chmod 777 "$servers_d"
check_and_ask
failure config-twice
entry '{"command": "x"}'
entry '{"command": "y"}' 20-it
check_and_ask
call echo
failure config-unusable
entry '{"command": 7}'
call echo
failure config-masked
: >"$servers_d/it.json"
call echo
failure config-disabled
entry '{"command": "x", "enabled": false}'
call echo
failure config-unknown
other enable servers enable nosuchserver
failure config-near-name
entry '{"command": "x"}' known
other call call knwon echo
failure config-no-home
program=(env -u HOME -u XDG_CONFIG_HOME "$cordpair")
other enable servers enable files
unset program
failure settings-json
with_settings '{"model": }'
failure settings-near-key
with_settings '{"modle": "x"}'
failure settings-range
with_settings '{"limits": {"turns": 0}}'
failure settings-type
with_settings '{"model": 7}'
failure settings-unsafe
with_settings '{}' 666
failure settings-profile
with_settings '{"profile": "openroter"}'
failure no-server
ask "$done_line"
failure no-key
endpoint_stop
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
other ask ask hi
failure no-model
unset CORDPAIR_MODEL
other ask --base-url http://127.0.0.1:1/v1 ask hi
failure no-address
other ask -m x --base-url nowhere ask hi

section 'The system'

# under COMMANDS: the program is started by a shell behind these
under() { program=(bash -c "$1; exec \"\$0\" \"\$@\" ${2-}" "$cordpair"); }
failure stdout-full
server it ''
under : '>/dev/full'
ask "$done_line"
call echo text=x
failure stdout-closed
server it ''
under : '>&-'
ask "$done_line"
call echo text=x
failure no-descriptors
server it ''
under 'ulimit -n 10'
call echo text=x
failure no-memory
server it ''
program=(env "LD_PRELOAD=$TOP_BUILDDIR/tests/torture/fail_alloc.so" FAIL_ALLOC_STATE="$tmp/allocations"
	FAIL_ALLOC_IN=cordpair FAIL_ALLOC_AT=300+ "$cordpair")
if grep -qE '__asan_init|__gcov_dump' "$cordpair"; then
	skip "$id" 'the sanitizers have an allocator of their own, and who counts lines allocates at the end'
	ran=call
else
	call echo text=x
fi
unset program
failure state-not-kept
server it ''
rm -rf "$XDG_STATE_HOME"
: >"$XDG_STATE_HOME"
ask "$done_line"
rm "$XDG_STATE_HOME"
failure keeper-missing
server it ''
cp "$cordpair" "$tmp/alone" # what is installed with it is looked for elsewhere
program=("$tmp/alone")
call echo text=x
unset program

is 'each section of the document has its cases' \
	"$(sed -n "s/^section ['\"]\(.*\)['\"]\$/\1/p" "$TOP_SRCDIR"/tests/e2e/failures_*.sh | sort)" \
	"$(sed -n 's/^## //p' "$document" | sort)"
none 'no id stands twice' "$(sed -n 's/^| `\([^`]*\)`.*/\1/p' "$document" | sort | uniq -d)"
failures_end
