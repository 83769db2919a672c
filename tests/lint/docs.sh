#!/bin/bash
# SPDX-License-Identifier: MIT
# What --help, the man pages and the completions say of commands, options and exit codes agrees.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cordpair=$TOP_BUILDDIR/src/cordpair
cd "$TOP_SRCDIR" || exit 1

if command -v mandoc >/dev/null; then
	for page in man/*.[15]; do
		none "mandoc -Tlint $page" "$(mandoc -Tlint -W warning "$page" 2>&1)"
	done
else
	skip 'mandoc -Tlint' 'mandoc is missing'
fi

mapfile -t commands < <("$cordpair" --help | sed -n '/^Commands:/,/^$/s/^  \([a-z]*\) .*/\1/p')
ok 'there are commands' [ "${#commands[@]}" -gt 5 ]
mapfile -t options < <(for command in "${commands[@]}"; do "$cordpair" "$command" --help; done |
	sed -n 's/^ .*--\([a-z-]*\).*/\1/p' | sort -u)
ok 'there are options' [ "${#options[@]}" -gt 15 ]

for command in "${commands[@]}"; do
	like "man page: $command" "$(cat man/cordpair.1)" "^\\.It Cm $command( |$)"
	for file in completions/*cordpair*; do
		like "$file: $command" "$(cat "$file")" "(^|[^a-z])$command([^a-z]|$)"
	done
done
for option in "${options[@]}"; do
	like "man page: --$option" "$(cat man/cordpair.1)" "Fl (. , )?-$option( |$)|Fl . , -$option"
	for file in completions/cordpair.bash completions/_cordpair; do
		like "$file: --$option" "$(cat "$file")" "--$option([^a-z-]|$)"
	done
	like "completions/cordpair.fish: --$option" "$(cat completions/cordpair.fish)" "-l $option( |$)"
done
none 'the man page has no other options' "$(grep -oE 'Fl (. , )?-[a-z][a-z-]+' man/cordpair.1 |
	sed 's/^.* -//' | sort -u | grep -vxFf <(printf '%s\n' "${options[@]}"))"
while IFS= read -r code; do
	like "man page: exit status $code" "$(cat man/cordpair.1)" "^\\.It $code$"
done < <(sed -n 's|^\tERR_[A-Z]*.*/\* \([0-9]*\).*|\1|p' src/base/err.h | sort -nu)
like 'README: the two commands' "$(cat README.md)" 'autogen.sh demo'
like 'README: the tests' "$(cat README.md)" 'autogen.sh check'
done_testing
