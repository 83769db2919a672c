#!/bin/bash
# SPDX-License-Identifier: MIT
# System calls of the keepers that fail; `make torture` has every point.
# shellcheck source=tests/torture/sample.sh
. "$(dirname "$0")/sample.sh"
if head -c 4096 "$TOP_BUILDDIR/src/keeper/keeper" | grep -aq /ld-; then
	skip_all "the keeper is not linked statically: the calls of the dynamic linker would fail"
fi
sample 60 keeper
