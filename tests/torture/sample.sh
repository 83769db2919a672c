# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A fixed sample of a sweep, as TAP: sample POINTS SWEEP
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lib/tap.sh"
for tool in python3 curl; do
	command -v "$tool" >/dev/null || skip_all "$tool is missing"
done
sample() {
	exec python3 "$TOP_SRCDIR/tests/torture/torture.py" --build "$TOP_BUILDDIR" --sample "$1" "$2"
}
