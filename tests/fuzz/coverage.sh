#!/bin/bash
# SPDX-License-Identifier: MIT
# coverage.sh DIRECTORY [FOUND]: replays each corpus, and with it what a fuzz run kept in FOUND/TARGET, in a
# build for gcov there, and says how many lines of the parsers that each target is for it reaches. What they
# are not is in DIRECTORY/TARGET.txt.
set -u
directory=$1
top=$(cd "$TOP_SRCDIR" && pwd) # as gcov names it
found=${2-}
command -v gcovr >/dev/null && command -v jq >/dev/null || {
	echo 'the coverage of the corpora needs gcovr and jq (Debian: apt-get install gcovr jq)'
	exit 1
}
declare -A parsers=(
	[config]='config/dialect config/entry_objects config/entry_read config/entry_values config/expand'
	[json]='base/json base/json_check base/json_keys base/json_write'
	[jsonrpc]='base/json_span base/jsonrpc'
	[lines]='base/lines'
	[oauth]='base/form trust/oauth_challenge trust/oauth_metadata'
	[result]='agent/attachments mcp/tool_result'
	[sanitize]='base/sanitize'
	[schema]='base/json_equal base/json_number base/json_pattern base/json_schema base/json_schema_applicator
		base/json_schema_keywords base/json_schema_validation base/json_schema_names'
	[session]='agent/conversation agent/session_file'
	[stream]='base/sse model/chat_calls model/chat_reasoning model/chat_stream'
	[tools]='mcp/tool mcp/tool_headers model/schema_keys model/schema_lower model/schema_plain model/schema_root'
)
mapfile -t targets < <(printf '%s\n' "${!parsers[@]}" | sort)

# Makes this file's build, or brings it up to date.
build() {
	local compiler=gcc
	command -v ccache >/dev/null && compiler='ccache gcc'
	[ -f config.status ] || "$top/configure" CC="$compiler" CFLAGS='-O0 -g --coverage' || return 1
	make -j"$(nproc)" "${targets[@]/#/tests/fuzz/fuzz-}"
}
# Replays the inputs of a target; $inputs counts them on.
replay() { # TARGET
	local files
	mapfile -t files < <(find "$top/tests/fuzz/corpus/$1" ${found:+"$found/$1"} -type f)
	inputs=$((inputs + ${#files[@]}))
	printf '%s\n' "${files[@]}" | xargs -d '\n' "tests/fuzz/fuzz-$1" 2>"$1.log" && return
	tail -n 20 "$1.log"
	return 1
}
# How many lines of the files were reached since the counters were at 0, and which were not.
report() { # NAME FILE...
	local name=$1 filters=()
	shift
	for parser; do
		filters+=(--filter "$top/src/$parser\\.c")
	done
	gcovr --root "$top" "${filters[@]}" --object-directory . --txt "$name.txt" --json-summary "$name.json" src >gcovr.log 2>&1 || {
		tail -n 20 gcovr.log
		return 1
	}
	jq -r --arg name "$name" --argjson inputs "$inputs" \
		'"\($name): \($inputs) inputs reach \(.line_percent) % of the lines" +
		if $name == "all" then "" else ": " +
		([.files[] | "\(.filename | ltrimstr("src/")) \(.line_percent)"] | join(", ")) end' "$name.json"
}
forget() {
	find . -name '*.gcda' -delete
	inputs=0
}

mkdir -p "$directory" && cd "$directory" || exit 1
build >make.log 2>&1 || {
	tail -n 20 make.log
	exit 1
}
failed=0
for target in "${targets[@]}"; do
	forget
	# shellcheck disable=SC2086 # a list
	replay "$target" && report "$target" ${parsers[$target]} || failed=1
done
# One target's parser is also reached by the others.
forget
for target in "${targets[@]}"; do
	replay "$target" || failed=1
done
# shellcheck disable=SC2068 # lists
report all ${parsers[@]} || failed=1
exit $failed
