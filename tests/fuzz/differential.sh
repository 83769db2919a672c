#!/bin/bash
# SPDX-License-Identifier: MIT
# Our check of JSON beside Node's JSON.parse and jq, over texts generated and mutated from fixed seeds.
# Stricter it is on purpose (a key twice, a NUL in a key, half a surrogate pair, depth), laxer never.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
command -v node >/dev/null || skip_all 'node is missing'
directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
differential=$TOP_SRCDIR/tests/fuzz/differential.mjs

for seed in 1 2 3; do
	node "$differential" make $seed 20000 "$directory/texts"
	"$TOP_BUILDDIR/tests/fuzz/json-verdicts" "$directory/texts" >"$directory/verdicts"
	is "seed $seed: every text is judged" "$? $(wc -l <"$directory/verdicts" | tr -d ' ')" '0 20000'
	said=$(node "$differential" compare "$directory/texts" "$directory/verdicts")
	none "seed $seed: JSON.parse agrees" "$(sed '$d' <<<"$said")"
	like "seed $seed: there is some of each" "$(tail -n 1 <<<"$said")" '^[0-9]{4,} good [0-9]{4,} bad [0-9]{2,} stricter$'
	note "$(tail -n 1 <<<"$said")"
done
if command -v jq >/dev/null; then
	# jq takes more than JSON, so only what we take is asked: a stream of one text a line.
	sed -n 's/^good //p' "$directory/verdicts" >"$directory/good"
	is 'jq takes what we take' "$(jq -c 'null' "$directory/good" 2>&1 | sort | uniq -c | tr -s ' ')" \
		" $(wc -l <"$directory/good" | tr -d ' ') null"
else
	skip 'jq takes what we take' 'jq is missing'
fi
done_testing
