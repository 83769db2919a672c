#!/bin/bash
# SPDX-License-Identifier: MIT
# Every input of the corpora, through its target: seeds, and what once found a fault.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2317 # ok calls it
replays() { # TARGET
	"$TOP_BUILDDIR/tests/fuzz/fuzz-$1" "$TOP_SRCDIR/tests/fuzz/corpus/$1"/* 2>"$log" && return
	tail -n 20 "$log"
	return 1
}
for corpus in "$TOP_SRCDIR"/tests/fuzz/corpus/*/; do
	ok "$(basename "$corpus")" replays "$(basename "$corpus")"
done
done_testing
