#!/bin/bash
# SPDX-License-Identifier: MIT
# servers.d: every fault is told with its place, and disables only its own file.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

vendor=$XDG_DATA_DIRS/cordpair/servers.d
dir=$tmp/dir
mkdir -p "$vendor" "$dir"
chmod -R go-w "$vendor" "$dir"
umask 022

# file PATH TEXT
file() { printf '%s\n' "$2" >"$1"; }
# stands WHAT WANTED [ARGUMENT]...: "name=standing" of every entry of the list but the shipped ones
stands() {
	local what=$1 wanted=$2
	shift 2
	run "$cordpair" "$@" servers --json
	is "$what" "$(jq -r --arg tmp "$tmp" '[.[] | select(.tier != "vendor" or (.file | startswith($tmp)))
		| "\(.name)=\(.standing)"] | join(" ")' "$tmp/out")" "$wanted"
}
fresh() {
	rm -rf "${dir:?}"/* "${servers_d:?}"/* "${vendor:?}"/*
}
# one WHAT TEXT FILTER: the servers of one file, alone in a directory
one() {
	rm -rf "${dir:?}"/*
	file "$dir/one.json" "$2"
	run "$cordpair" --servers-dir "$dir" servers --json
	json "$1" "$out" "$3"
}
# shows WHAT TEXT REGEX: what `servers show one` says of it
shows() {
	rm -rf "${dir:?}"/*
	file "$dir/one.json" "$2"
	run "$cordpair" --servers-dir "$dir" servers show one
	like "$1" "$out" "$3"
}
# refused WHAT TEXT EXIT REGEX: `servers check` of it
refused() {
	rm -rf "${dir:?}"/*
	file "$dir/one.json" "$2"
	file "$dir/good.json" '{"command": "true"}'
	run "$cordpair" --servers-dir "$dir" servers check
	is "$1: exit $3" "$status" "$3"
	like "$1: the sentence" "$err" "$4"
	run "$cordpair" --servers-dir "$dir" servers
	like "$1: the other file is there" "$out" '^good +enabled'
}

# Tiers
run "$cordpair" --servers-dir "$dir" --server "x=a 'b c' \"d\" e\\ f" servers show x
like '--server splits on blanks and quotes' "$out" '^command +a b c d e f$'
run "$cordpair" --server 'x=a "b' servers check
is '--server with an open quote: exit 78' "$status" 78
like '--server with an open quote: the sentence' "$err" 'a quote is not closed'
second=$tmp/data2/cordpair/servers.d
mkdir -p "$second"
file "$second/20-w.json" '{"command": "second"}'
XDG_DATA_DIRS=$XDG_DATA_DIRS:$tmp/data2 run "$cordpair" servers
like 'every directory of XDG_DATA_DIRS is read' "$out" '^w +disabled'
fresh

# Masks
file "$vendor/10-v.json" '{"command": "vendor"}'
: >"$servers_d/10-v.json"
stands 'an empty file masks' 'v=masked'
like 'and is named' "$out" '10-v.json masks it'
rm "$servers_d/10-v.json"
ln -s /dev/null "$servers_d/10-v.json"
stands 'a link to /dev/null masks' 'v=masked'
run "$cordpair" servers enable v
is 'a masked server is not enabled: exit 78' "$status" 78
like 'a masked server is not enabled: why' "$err" 'is masked: .*10-v.json masks it'
fresh

# Switches, and what else a file may be
file "$vendor/10-v.json" '{"command": "vendor"}'
file "$servers_d/90-v.json" '{"enabled": true}'
stands 'a switch enables what is below it' 'v=enabled'
file "$servers_d/90-v.json" '{"enabled": false}'
stands 'and disables it' 'v=disabled'
file "$servers_d/90-nothing.json" '{"enabled": true}'
run "$cordpair" servers
like 'a switch of nothing is shown' "$out" 'switches a server that is defined nowhere'
fresh
printf '\xef\xbb\xbf{"command": "x"}' >"$dir/one.json"
stands 'a byte order mark does no harm' 'one=enabled' --servers-dir "$dir"
one 'a url alone is a remote server' '{"url": "http://127.0.0.1/mcp"}' '.[0].type == "http"'
one 'disabled: true' '{"command": "x", "disabled": true}' '.[0].standing == "disabled"'
one 'names are mapped' '{"mcpServers": {"my server/x": {"command": "x"}}}' '.[0].name == "my-server-x"'
run "$cordpair" -v --servers-dir "$dir" servers
like 'and that is said' "$err" '"my server/x" is called "my-server-x" here'

# Expansion
export GIVEN=given EMPTY=
unset MISSING
echo 'from a file' >"$tmp/value"
expands() { shows "$1" "{\"command\": \"x\", \"args\": [\"$1\"]}" "^command +x $2\$"; }
expands '${GIVEN}' given
expands 'a${GIVEN}b${GIVEN}' agivenbgiven
expands '${MISSING:-else}' else
expands '${EMPTY:-else}' else
expands '${env:GIVEN}' given
expands "\${file:$tmp/value}" 'from a file'
expands '$${GIVEN}' '\$\{GIVEN\}'
expands '$GIVEN' '\$GIVEN'
GIVEN='${HOME}' expands '${GIVEN}' '\$\{HOME\}'
for form in '${MISSING}' '${env:MISSING}'; do
	one "$form: the server is unresolved" "{\"command\": \"x\", \"args\": [\"$form\"]}" \
		'.[0].standing == "unresolved" and (.[0].reason | test("one.json:1.*MISSING"))'
done
refused 'an unset variable' '{"command": "x", "args": ["${MISSING}"]}' 78 'one\.json:1.*MISSING'
refused 'a file that is not there' '{"command": "x", "args": ["${file:/nowhere/x}"]}' 78 '/nowhere/x'
refused 'an input without a value' '{"command": "x", "args": ["${input:nokey}"]}' 78 'nokey'
refused 'an open brace' '{"command": "x", "args": ["${GIVEN"]}' 78 'one\.json:1:[0-9]+: '

# Faults: file, line, column, and the nearest key
refused 'not JSON' $'{"command": "x",\n "args": [1 2]}' 78 'one\.json:2:[0-9]+: not JSON'
refused 'half a file' '{"command": "x", "ar' 78 'one\.json:[0-9]+:[0-9]+: not JSON'
refused 'only blanks' '   ' 78 'one\.json:[0-9]+:[0-9]+: '
refused 'a list' '[]' 78 'one\.json: not a JSON object'
refused 'a key twice' '{"command": "x", "command": "y"}' 78 'one\.json:1:[0-9]+: not JSON: a key that is there already'
refused 'no command' '{"args": []}' 78 'one\.json:1.*"command" is missing'
refused 'a misspelt key' $'{"command": "x",\n"polcy": "deny"}' 78 'one\.json:2:1: .*"policy"'
refused 'a root without its s' '{"mcpServer": {"a": {"command": "x"}}}' 78 'belong under "mcpServers"'
refused 'a misspelt root' '{"mcpservers": {"a": {"command": "x"}}}' 78 'belong under "mcpServers"'
refused 'args is a text' '{"command": "x", "args": "y"}' 78 'one\.json:1:[0-9]+: "args" is not an array of strings'
for seconds in '"5"' -1 1e99; do
	refused "timeout_s $seconds" "{\"command\": \"x\", \"timeout_s\": $seconds}" 78 \
		'"timeout_s" is not a number of seconds from 0 to 86400'
done
refused 'a policy that is none' '{"command": "x", "policy": "maybe"}' 78 '"policy" is none of "allow", "ask", "deny"'
refused 'a NUL' '{"command": "x", "args": ["a\u0000b"]}' 78 'NUL'
refused 'a call server without tools' '{"type": "call", "url": "http://127.0.0.1/"}' 78 '"tools'
rm -rf "${dir:?}"/*
mkfifo "$dir/fifo.json"
mkdir "$dir/folder.json"
ln -s "$dir/nowhere" "$dir/dangling.json"
ln -s loop.json "$dir/loop.json"
file "$dir/good.json" '{"command": "true"}'
for name in .hidden.json x.json~ x.json.bak README.md; do file "$dir/$name" '{"command": "x"}'; done
head -c 1100000 /dev/zero | tr '\0' ' ' >"$dir/large.json"
run "$cordpair" --servers-dir "$dir" servers
like 'odd files: the good one is there' "$out" '^good +enabled'
like 'a FIFO' "$err" 'fifo.json: not a regular file'
like 'a folder' "$err" 'folder.json: not a regular file'
like 'a dangling link' "$err" 'dangling.json: No such file'
like 'a loop of links' "$err" 'loop.json: Too many levels'
like 'a large file' "$err" 'large.json.*larger than 1048576 bytes'
unlike "an editor's files are passed over" "$out$err" 'hidden|json~|bak|README'

# Who may write
rm -rf "${dir:?}"/*
file "$dir/one.json" '{"command": "x"}'
# unsafe WHAT REGEX
unsafe() {
	run "$cordpair" --servers-dir "$dir" servers check
	is "$1: exit 77" "$status" 77
	like "$1: the sentence" "$err" "$2"
}
chmod 666 "$dir/one.json"
unsafe 'a file that everybody may write to' 'one.json: not used, as it is not safe: everybody may write to it'
chmod 644 "$dir/one.json"
chmod 777 "$dir"
unsafe 'a directory that everybody may write to' 'the directory .*/dir is not safe: everybody'
chmod 755 "$dir"
stands 'and when it is put right' 'one=enabled' --servers-dir "$dir"
if [ "$(id -u)" = 0 ]; then
	chgrp 12345 "$dir"
	chmod 775 "$dir"
	unsafe 'a directory that a group may write to' 'the directory .*/dir is not safe: a group'
	chmod 755 "$dir"
	chown 12345 "$dir/one.json"
	unsafe "another user's file" 'one.json: .*belongs to another user'
	mv "$dir/one.json" "$tmp/other.json"
	ln -s "$tmp/other.json" "$dir/one.json"
	unsafe "a link to another user's file" 'one.json: .*belongs to another user'
	run "$cordpair" --servers-dir "$dir" call one x
	is 'nor is it started: exit 78' "$status" 78
else
	skip 'other owners' 'needs root'
fi
rm -rf "$dir"
stands 'no directory: no server, no fault' '' --servers-dir "$dir"
is 'no directory: exit 0' "$status" 0

# A fault of a file that nobody asked for is a detail.
no_servers
server good ''
echo '{"command": ' >"$servers_d/bad.json"
run "$cordpair" call good echo text=x
is 'a named server that is good: nothing of the others' "$status $out $err" '0 x '
run "$cordpair" -v call good echo text=x
like 'with -v they are told' "$err" 'bad.json'
run "$cordpair" call bad echo
like 'a named server that is bad: why' "$status $err" '78 .*bad.json'
run "$cordpair" tools
like 'all servers: what is wrong with any' "$err" 'bad.json'
done_testing
