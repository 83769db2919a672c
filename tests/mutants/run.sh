#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh DIRECTORY [NAME...]: applies each patch beside this file (or those whose names begin so) to the
# copy of the sources in DIRECTORY/source, builds it, and runs the tests that its first line names:
#   WHAT IS WRONG. Caught by: tests/e2e/x.sh tests/unit/test_y
# One of them has to fail; with MUTANTS_ALL=1 the whole suite is run when none does. README.md has more.
set -u
directory=$1
shift
caught_min=28
limit_s=600 # of one test
jobs=${MUTANTS_JOBS:-$(nproc)}
here=$(cd "$(dirname "$0")" && pwd)
source=$directory/source
build=$directory/build
log=$directory/log
unset MAKEFLAGS MFLAGS MAKELEVEL
compiler=${MUTANTS_CC:-gcc}
command -v ccache >/dev/null && compiler="ccache $compiler"

patches=()
for patch in "$here"/*.patch; do
	name=$(basename "$patch" .patch)
	[ $# -eq 0 ] && patches+=("$patch")
	for wanted; do
		[[ $name == "$wanted"* ]] && patches+=("$patch")
	done
done
tests_of() { sed -n '1s/.* Caught by: //p' "$@"; }

builds() { make -C "$build" -j"$jobs" >"$log" 2>&1; }
# tests_pass TEST...: of the build as it is; $failures are those that did not.
tests_pass() {
	make -C "$build" -j"$jobs" -k check-TESTS TESTS="$*" CORDPAIR_TEST_REAL=no TEST_LIMIT_S=$limit_s >"$log" 2>&1
	local status=$?
	failures=$(for test; do
		grep -qE '^:test-result: (FAIL|XPASS|ERROR)' "$build/${test%.sh}.trs" 2>/dev/null && printf ' %s' "$test"
	done)
	return $status
}
suite_passes() {
	make -C "$build" -j"$jobs" check CORDPAIR_TEST_REAL=no TEST_LIMIT_S=$limit_s >"$log" 2>&1 && return
	failures=" $(sed -n 's/^\(FAIL\|ERROR\): \([^ ]*\).*/\2/p' "$log" | sort -u | paste -sd' ')"
	return 1
}
give_up() {
	tail -n 40 "$log"
	echo "$1"
	exit 1
}

echo "building the sources as they are in $build ..."
mkdir -p "$build"
(cd "$build" && "$source/configure" CC="$compiler" CFLAGS='-O1 -g' >"$log" 2>&1) || give_up 'configure fails'
{ builds && make -C "$build" -j"$jobs" check TESTS= >"$log" 2>&1; } || give_up 'the sources do not build'
# shellcheck disable=SC2046 # a list
tests_pass $(tests_of "${patches[@]}" | tr ' ' '\n' | sort -u) ||
	give_up "without any bug these fail, so they cannot tell one:$failures"

limit_s=300 # a bug that makes a test hang is caught
caught=0
stale=0
for patch in "${patches[@]}"; do
	name=$(basename "$patch" .patch)
	if ! patch -p1 -s -d "$source" <"$patch" >"$log" 2>&1; then
		echo "STALE    $name: does not apply; make the same bug in the code as it is now (tests/mutants/README.md)"
		stale=$((stale + 1))
		continue
	fi
	read -ra tests < <(tests_of "$patch")
	if ! builds; then
		tail -n 20 "$log"
		echo "STALE    $name: does not build; make the same bug in the code as it is now (tests/mutants/README.md)"
		stale=$((stale + 1))
	elif ! tests_pass "${tests[@]}" || { [ "${MUTANTS_ALL:-0}" = 1 ] && ! suite_passes; }; then
		caught=$((caught + 1))
		echo "caught   $name by$failures"
	else
		echo "SURVIVED $name: $(head -n 1 "$patch")"
	fi
	patch -p1 -s -R -d "$source" <"$patch" >/dev/null || exit 1
done
echo "$caught of ${#patches[@]} caught"
[ "$stale" -eq 0 ] || exit 1
[ $# -gt 0 ] || [ "$caught" -ge "$caught_min" ]
