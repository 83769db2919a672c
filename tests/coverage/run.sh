#!/bin/bash
# SPDX-License-Identifier: MIT
# run.sh DIRECTORY: builds there for gcov, runs the whole suite (which replays the fuzz corpora), and says
# how much of src/ it reached: a line for each file, what is not covered in DIRECTORY/report.txt and
# DIRECTORY/html. Fails below the limits. COVERAGE_REPORT=only reports again on what was run before.
set -u
directory=$1
lines_min=92    # percent, of src/
branches_min=80 # percent, of src/
parsers_min=97  # percent of the lines of the parsers
# What reads bytes of somebody else.
parsers='base/form base/json base/json_check base/json_equal base/json_keys base/json_number
	base/json_schema base/json_schema_applicator base/json_schema_keywords
	base/json_schema_names base/json_schema_validation base/json_span base/json_write
	base/jsonrpc base/lines base/media_type base/sanitize base/sse config/dialect
	config/expand mcp/tool mcp/tool_result model/chat_calls model/chat_stream
	trust/oauth_challenge trust/oauth_metadata'
jobs=${COVERAGE_JOBS:-$(nproc)}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$TOP_SRCDIR" && pwd) # as gcov names it
unset MAKEFLAGS MFLAGS MAKELEVEL
command -v gcovr >/dev/null && command -v jq >/dev/null || {
	echo 'make coverage needs gcovr and jq (Debian: apt-get install gcovr jq)'
	exit 1
}

# Not the torture: what fails there fails gcov too, and says little about which lines are tested.
tests_to_run() {
	printf 'include Makefile\nprint-tests:\n\t@echo $(TESTS)\n' | make -s -f - print-tests | tr ' ' '\n' |
		grep -v '^tests/\(torture\|lint\|mutants\)/' | paste -sd' '
}
# -O0: a line is a line, a branch of the source a branch. gnu11: gcc writes the counters of what
# forks and executes. What is killed loses its own. `make check` judges the tests, not this: a test
# that makes writes or memory fail may see that of gcov.
suite() {
	rm -rf "$directory"
	mkdir -p "$directory" && cd "$directory" || exit 1
	local compiler=gcc failed
	command -v ccache >/dev/null && compiler='ccache gcc'
	"$top/configure" CC="$compiler" \
		CFLAGS="-O0 -g -std=gnu11 --coverage -fprofile-update=atomic -include $here/exit.h" >log &&
		make -j"$jobs" >>log 2>&1 && make -j"$jobs" check TESTS= >>log 2>&1 || {
		tail -n 40 log
		exit 1
	}
	# Where a test makes writes fail, gcov has something to say too: not on the host's stderr.
	GCOV_ERROR_FILE=$directory/gcov-errors \
		make -j"$jobs" -k check TESTS="$(tests_to_run)" TEST_LIMIT_S=1200 CORDPAIR_TEST_REAL="${CORDPAIR_TEST_REAL:-no}" >check.log 2>&1 && return
	failed=$(sed -n 's/^\(FAIL\|ERROR\): \([^ ]*\) .*/\2/p' check.log | sort -u | paste -sd' ')
	echo "with the counters these failed: $failed"
}

# percent FILTER < summary.json: of the lines of the files, or of their branches.
percent() { # WHAT FILES: what: line or branch; files: a jq test of .filename
	jq -r "[.files[] | select(.filename | $2)] |
		(map(.$1_covered) | add) as \$covered | (map(.$1_total) | add) as \$total |
		(10000 * \$covered / \$total | floor / 100) as \$percent | \"\(\$percent) \(\$covered) \(\$total)\"" \
		"$directory/summary.json"
}
judge() { # WHAT PERCENT COVERED TOTAL MIN
	local verdict=reached
	if awk "BEGIN { exit !($2 < $5) }"; then
		verdict=MISSED
		missed=$((missed + 1))
	fi
	printf '%-28s %6s %% (%d of %d), at least %d %%: %s\n' "$1" "$2" "$3" "$4" "$5" "$verdict"
}

[ "${COVERAGE_REPORT-}" = only ] || suite
cd "$directory" && rm -rf html && mkdir html || exit 1
gcovr --root "$top" --filter "$top/src/" --object-directory . \
	--exclude-unreachable-branches --exclude-throw-branches \
	--txt report.txt --html-details html/index.html --json-summary summary.json src >gcovr.log 2>&1 || {
	tail -n 20 gcovr.log
	exit 1
}
jq -r '.files | sort_by(.filename)[] |
	[.filename, .line_covered, .line_total, .line_percent, .branch_covered, .branch_total, .branch_percent] |
	@tsv' summary.json | awk -F'\t' '{
		printf "%-36s lines %5d of %5d %6s %%   branches %5d of %5d %6s %%\n", $1, $2, $3, $4, $5, $6, $7
	}'
echo "which lines and branches they are: $directory/report.txt and $directory/html/index.html"
missed=0
is_parser=$(for parser in $parsers; do printf '. == "src/%s.c" or ' "$parser"; done)false
# shellcheck disable=SC2046 # three words
judge 'lines of src/' $(percent line true) "$lines_min"
# shellcheck disable=SC2046
judge 'branches of src/' $(percent branch true) "$branches_min"
# shellcheck disable=SC2046
judge 'lines of the parsers' $(percent line "$is_parser") "$parsers_min"
[ "$missed" -eq 0 ]
