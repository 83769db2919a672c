#!/bin/bash
# SPDX-License-Identifier: MIT
# The seeded bugs of `make mutants` fit the code as it is, and name tests that exist.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
command -v patch >/dev/null || skip_all 'patch is missing'
cd "$TOP_SRCDIR" || exit 1

none 'each bug still applies (if not: make it anew in the code as it is now, README.md)' \
	"$(for patch in tests/mutants/*.patch; do
		patch -p1 --dry-run -s -f <"$patch" || echo "$patch"
	done 2>&1)"
none 'each names tests that exist' \
	"$(for patch in tests/mutants/*.patch; do
		tests=$(sed -n '1s/.*\. Caught by: //p' "$patch")
		[ -n "$tests" ] || echo "$patch: its first line does not end in \"Caught by: TEST...\""
		for test in $tests; do
			[ -e "$test" ] || [ -e "$test.c" ] || echo "$patch: $test"
		done
	done)"
done_testing
