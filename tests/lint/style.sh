#!/bin/bash
# SPDX-License-Identifier: MIT
# Form: clang-format, SPDX lines, shellcheck, long lines and functions, words that say nothing.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP_SRCDIR" || exit 1

mapfile -t code < <(find src tests bench -name '*.[ch]' | sort)
mapfile -t scripts < <(grep -rlE '^#!.*(bash|/sh)' autogen.sh .ci tests bench contrib packaging 2>/dev/null | sort)

if command -v clang-format >/dev/null; then
	none 'clang-format changes nothing' \
		"$(clang-format --dry-run "${code[@]}" 2>&1 | grep -E 'warning: code' | cut -d: -f1 | sort | uniq -c)"
else
	skip 'clang-format changes nothing' 'clang-format is missing'
fi
none 'every source says its licence' "$(grep -L 'SPDX-License-Identifier: MIT' "${code[@]}" "${scripts[@]}")"
if command -v shellcheck >/dev/null; then
	none 'shellcheck finds nothing' "$(shellcheck -x -S warning "${scripts[@]}" 2>&1)"
else
	skip 'shellcheck finds nothing' 'shellcheck is missing'
fi
none 'no names that say nothing' \
	"$(find src -name '*util*' -o -name '*misc*' -o -name '*common*' -o -name '*helper*' -o -name '*manager*')"
none 'no function is longer than 70 lines' "$(awk '
	FNR == 1 { start = 0 }
	/^{/ { start = FNR }
	/^}/ { if (start && FNR - start > 70) print FILENAME ":" start ": " FNR - start " lines"; start = 0 }
	' "${code[@]}")"

done_testing
