#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh DIRECTORY: builds the fuzz targets there with clang, libFuzzer, ASan and UBSan, and runs
# each for FUZZ_SECONDS (default: an hour), beginning with its corpus. What is found stays in
# DIRECTORY/found; put it into tests/fuzz/corpus with its fix.
set -u
directory=$1
seconds=${FUZZ_SECONDS:-3600}
mkdir -p "$directory/found" && cd "$directory" || exit 1
if [ ! -f config.status ]; then
	"$TOP_SRCDIR/configure" --enable-fuzzing --enable-sanitizers CC="${FUZZ_CC:-clang}" CFLAGS='-O1 -g' >configure.log || exit 1
fi
make -j"$(nproc)" >make.log && make check TESTS= -j"$(nproc)" >>make.log || {
	tail -n 20 make.log
	exit 1
}
failed=0
for corpus in "$TOP_SRCDIR"/tests/fuzz/corpus/*/; do
	target=$(basename "$corpus")
	mkdir -p "work/$target"
	if "tests/fuzz/fuzz-$target" -max_total_time="$seconds" -max_len=65536 -timeout=20 -rss_limit_mb=2048 \
		-dict="$TOP_SRCDIR/tests/fuzz/json.dict" -artifact_prefix="found/$target-" -print_final_stats=1 \
		"work/$target" "$corpus" >"$target.log" 2>&1; then
		echo "$target: $(sed -n 's/^stat::number_of_executed_units: */runs: /p' "$target.log"), $(grep -oE 'cov: [0-9]+' "$target.log" | tail -n 1)"
	else
		failed=1
		echo "$target: FAILED"
		tail -n 40 "$target.log"
	fi
done
exit $failed
