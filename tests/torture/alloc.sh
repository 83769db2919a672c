#!/bin/bash
# SPDX-License-Identifier: MIT
# Allocations that fail, in whole runs; `make torture` has every point.
# shellcheck source=tests/torture/sample.sh
. "$(dirname "$0")/sample.sh"
if grep -q __asan_init "$TOP_BUILDDIR/src/cordpair"; then
	skip_all "the sanitizers bring a malloc of their own"
fi
sample 300 alloc
