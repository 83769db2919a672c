#!/bin/bash
# SPDX-License-Identifier: MIT
# The table of src/README.md: which folder may include which; and who alone may call what.
# shellcheck source=tests/lib/tap.sh
. "$(dirname "$0")/../lib/tap.sh"
cd "$TOP_SRCDIR/src" || exit 1

# FOLDER: what it may include, itself aside.
declare -A may=(
	[base]=''
	[io]='base'
	[config]='base|io'
	[trust]='base|io|config'
	[mcp]='base|io|config|trust'
	[model]='base|io'
	[agent]='base|io|config|trust|mcp|model'
	[daemon]='base|io|config|trust|mcp|model|agent'
	[app]='base|io|config|trust|mcp|model|agent|daemon'
	[keeper]='io/keeper_protocol'
	[demo]='base|io'
	[servers]='base'
)
folders=$(echo "${!may[@]}" | tr ' ' '|')
for folder in $(echo "${!may[@]}" | tr ' ' '\n' | sort); do
	allowed="$folder${may[$folder]:+|${may[$folder]}}"
	bad=$(grep -nE "^#include \"($folders)/" "$folder"/*.[ch] | grep -vE "#include \"($allowed)[/.]")
	none "$folder/ includes only itself${may[$folder]:+ and ${may[$folder]//|/, }}" "$bad"
done
strange=$(for folder in */; do [ -n "${may[${folder%/}]+x}" ] || echo "$folder"; done)
none 'every folder is in the table' "$strange"

# only WHAT PATTERN FILES: the pattern occurs in these files only.
only() {
	none "$1" "$(grep -nE "$2" ./*/*.[ch] | sed 's|^\./||' | grep -vE "^($3):")"
}
only 'only io/http*.c use libcurl' '(curl/curl\.h|curl_(easy|multi|global|url)[a-z_]*\()' 'io/http(_url_parts)?\.c'
only 'only io/worker.c makes threads' 'pthread_create' 'io/worker\.[ch]'
only 'only agent/tool_batch.c calls tools' 'server_call_tool\(' \
	'agent/tool_batch\.[ch]|mcp/server\.h|mcp/server_call\.c|agent/.*tool_batch.*'
only 'only base/json* parses or prints with json-c' \
	'json_(tokener_[a-z_]+|object_to_json_string[a-z_]*|object_from_[a-z_]+)\(' 'base/json[a-z_]*\.c'
only 'only base/json.c frees trees' 'json_object_put\(' 'base/json\.c'
only 'nobody uses what is banned' \
	'[^a-z_.>](strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|sscanf|scanf|gets|system|popen|regcomp|alloca)\(' 'x'
only 'nobody but the loop waits' '[^a-z_](sleep|usleep|select|epoll_wait)\(' 'servers/.*'

done_testing
