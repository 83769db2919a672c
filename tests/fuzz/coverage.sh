#!/bin/bash
# SPDX-License-Identifier: MIT
# coverage.sh DIRECTORY [FOUND]: replays each corpus, and with it what a fuzz run kept in FOUND/TARGET, in a
# build for gcov there, and says how many lines of the parsers that each target is for it reaches. What they
# are not is in DIRECTORY/TARGET.txt.
set -u
directory=$1
found=${2-}
command -v gcovr >/dev/null && command -v jq >/dev/null || {
	echo 'the coverage of the corpora needs gcovr and jq (Debian: apt-get install gcovr jq)'
	exit 1
}
declare -A parsers=(
	[config]='config/dialect config/entry_objects config/entry_read config/entry_values config/expand'
	[json]='base/json base/json_check base/json_equal base/json_keys base/json_number base/json_write'
	[jsonrpc]='base/json_span base/jsonrpc'
	[lines]='base/lines'
	[oauth]='base/form trust/oauth_challenge trust/oauth_metadata'
	[result]='agent/attachments mcp/tool_result'
	[sanitize]='base/sanitize'
	[schema]='base/json_pattern base/json_schema base/json_schema_keywords base/json_schema_names'
	[session]='agent/conversation agent/session_file'
	[stream]='base/sse model/chat_calls model/chat_reasoning model/chat_stream'
	[tools]='mcp/tool mcp/tool_headers model/schema_keys model/schema_lower model/schema_plain model/schema_root'
)
mapfile -t targets < <(printf '%s\n' "${!parsers[@]}" | sort)

# Makes this file's build, or brings it up to date.
build() {
	local compiler=gcc
	command -v ccache >/dev/null && compiler='ccache gcc'
	[ -f config.status ] || "$TOP_SRCDIR/configure" CC="$compiler" CFLAGS='-O0 -g --coverage' || return 1
	make -j"$(nproc)" "${targets[@]/#/tests/fuzz/fuzz-}"
}
# Names the lines of the files of a target, and how many of them were reached.
report() { # TARGET INPUTS
	local filters=()
	for parser in ${parsers[$1]}; do
		filters+=(--filter "$TOP_SRCDIR/src/$parser\\.c")
	done
	gcovr --root "$TOP_SRCDIR" "${filters[@]}" --object-directory . --txt "$1.txt" --json-summary "$1.json" src >"$1.log" 2>&1 || {
		cat "$1.log"
		return 1
	}
	jq -r --arg target "$1" --argjson inputs "$2" \
		'"\($target): \($inputs) inputs reach \(.line_percent) % of the lines: " +
		([.files[] | "\(.filename | ltrimstr("src/")) \(.line_percent)"] | join(", "))' "$1.json"
}

mkdir -p "$directory" && cd "$directory" || exit 1
build >make.log 2>&1 || {
	tail -n 20 make.log
	exit 1
}
failed=0
for target in "${targets[@]}"; do
	mapfile -t inputs < <(find "$TOP_SRCDIR/tests/fuzz/corpus/$target" ${found:+"$found/$target"} -type f)
	find . -name '*.gcda' -delete
	printf '%s\n' "${inputs[@]}" | xargs -d '\n' "tests/fuzz/fuzz-$target" 2>"$target.log" &&
		report "$target" "${#inputs[@]}" || {
		tail -n 20 "$target.log"
		failed=1
	}
done
exit $failed
