#!/bin/bash
# SPDX-License-Identifier: MIT
# The reference file server: lists, reads, writes; refuses what is outside; reads what never ends.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

mkdir "$tmp/files"
echo 'one line' >"$tmp/files/a.txt"
mkfifo "$tmp/files/endless"
real_entry fs '{}' "$(real_program mcp-server-filesystem)" "$tmp/files"
like 'tools' "$(tool_names fs)" 'read_text_file .*write_file .*list_directory'
run "$cordpair" call fs list_directory path="$tmp/files"
like 'list' "$status $out" '^0 .FILE. a.txt'
run "$cordpair" call fs read_text_file path="$tmp/files/a.txt"
is 'read, and said once though the server sends it twice' "$status $out" '0 one line'
run "$cordpair" call fs write_file path="$tmp/files/b.txt" content=written
is 'write' "$status $(cat "$tmp/files/b.txt")" '0 written'
run "$cordpair" call fs read_text_file path=/etc/passwd
is 'outside: exit 1' "$status" 1
like 'outside: the server says why' "$err" 'outside allowed directories'
ok 'stopped: no process is left' none_marked
survives fs read_text_file path="$tmp/files/endless"
done_testing
