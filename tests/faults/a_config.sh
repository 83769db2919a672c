#!/bin/bash
# SPDX-License-Identifier: MIT
# Faults, group A: configuration files. Each disables only itself and is told with its place.
# shellcheck source=tests/lib/invariants.sh
. "$(dirname "$0")/../lib/invariants.sh"
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

umask 022
# pids [NAME]: of the daemon's servers
pids() { "$cordpair" --json servers 2>/dev/null | jq -c "map(select(.name == \"${1-}\" or \"${1-}\" == \"\") | .daemon.pid)"; }
# put FILE TEXT: into servers.d, beside a good server
put() {
	server good ''
	printf '%s' "$2" >"$servers_d/$1"
	chmod 600 "$servers_d/$1"
}
# refused EXIT REGEX: the file is told by `servers check` with its exit code and by whoever asks for
# the server "bad"; the good one works, and nobody is told of the other.
refused() {
	attempt servers check
	ends "$1" "$2"
	attempt call bad echo text=x
	ends 78 "bad"
	good_works
}
good_works() {
	attempt call good echo text=x
	is "$label: the others start" "$status $out $err" '0 x '
}
# bad_file TITLE TEXT EXIT REGEX
bad_file() {
	case_ "$1"
	put bad.json "$2"
	refused "$3" "$4"
}

row A1 'servers.d is missing'
rm -rf "$servers_d"
attempt servers
ends 0
attempt --servers-dir "$tmp/nowhere" servers
ends 0 'there is no server in any servers\.d'
attempt --servers-dir "$tmp/nowhere" --json servers
ends 0
gives '[]'
endpoint '{"text": "Hello."}'
attempt --servers-dir "$tmp/nowhere" ask hi
ends 0
gives 'Hello.'

row A2 'a file that cannot be read'
server good ''
mkdir "$servers_d/bad.json"
refused 78 'bad\.json: not a regular file'
case_ 'a FIFO never blocks'
rm -rf "$servers_d/bad.json" && mkfifo "$servers_d/bad.json"
refused 78 'bad\.json: not a regular file'
case_ 'a device'
rm "$servers_d/bad.json" && ln -s /dev/zero "$servers_d/bad.json"
refused 78 'bad\.json: not a regular file'
case_ 'no permission to read'
rm "$servers_d/bad.json"
put bad.json '{"command": "true"}'
chmod 0 "$servers_d/bad.json"
if [ "$(id -u)" != 0 ]; then
	refused 78 'bad\.json: Permission denied'
else
	# For root there is no such file; without its capabilities there is.
	less=-dac_override,-dac_read_search
	program=(setpriv "--bounding-set=$less" "--inh-caps=$less" "$cordpair")
	if setpriv "--bounding-set=$less" "--inh-caps=$less" \
		cat "$servers_d/bad.json" 2>/dev/null; then
		skip "$label" 'root reads everything here'
	else
		attempt servers check
		ends 78 'bad\.json: Permission denied'
		good_works
	fi
	unset program
fi

# Here a file without a byte masks the files of its name in lower tiers (design.md).
row A3 'an empty file'
put bad.json ''
attempt servers check
ends 0
attempt call bad echo text=x
ends 78 '"bad" is masked: .*bad\.json is empty and masks nothing'
good_works
bad_file 'only blanks' $' \n\t ' 78 'bad\.json:[0-9]+:[0-9]+: '
bad_file 'only a byte order mark' $'\xef\xbb\xbf' 78 'bad\.json:1:[0-9]+: '
case_ 'a byte order mark in front'
put bad.json $'\xef\xbb\xbf'"{\"command\": \"$fake\", \"policy\": \"allow\"}"
attempt call bad echo text=x
ends 0
gives x

row A4 'a syntax error'
bad_file 'on line 3' $'{"command": "x",\n "args": [\n1 2]}' 78 'bad\.json:3:3: not JSON'
bad_file 'no JSON at all' 'command = x' 78 'bad\.json:1:1: not JSON'
bad_file 'bytes that are no UTF-8' $'{"command": "\xff\xfe"}' 78 'bad\.json:1:14: not JSON'
bad_file 'too deep' "$(printf '[%.0s' $(seq 200))" 78 'bad\.json:1:129: not JSON: more nesting than is allowed'

# That a daemon keeps the old definition is for the daemon's tests.
row A5 'a half-written file'
whole='{"command": "x", "args": ["a", "b"], "env": {"A": "b"}}'
for bytes in 1 12 20 40 54; do
	bad_file "its first $bytes bytes" "${whole:0:bytes}" 78 'bad\.json:[0-9]+:[0-9]+: not JSON'
done

case_ 'under a daemon, in the place of a good one'
server bad ''
in_background daemon
wait_until daemon_has ready 2
printf '%s' "${whole:0:20}" >"$servers_d/bad.json"
ok "$label: it is told" wait_until grep -qE 'bad\.json:[0-9]+:[0-9]+: not JSON' "$tmp/err"
"$cordpair" reload >/dev/null 2>&1
ok "$label: the last good one goes on" daemon_has ready 2
kill -TERM "$host_pid"
wait_attempt
ends 0

row A6 'the same key twice'
bad_file 'in one file' '{"command": "x", "command": "y"}' 78 'bad\.json:1:18: not JSON: a key that is there already'
case_ 'the same server in two files'
rm "$servers_d/bad.json"
put 10-bad.json '{"command": "x"}'
put 20-bad.json '{"command": "y"}'
attempt servers check
ends 78 '(10-bad\.json.*20-bad\.json|20-bad\.json.*10-bad\.json)'
attempt call bad echo text=x
ends 78 'server "bad" is defined twice, in .*10-bad\.json and .*20-bad\.json; neither is used'
good_works

row A7 'an unknown key'
case_ 'that harms nobody: it is told'
put bad.json "{\"command\": \"$fake\", \"policy\": \"allow\", \"argz\": []}"
attempt servers check
says 'bad\.json:1:[0-9]+: .*"argz".*"args"'
bad_file 'that protects' '{"command": "x",
"polcy": "deny"}' 78 'bad\.json:2:1: .*"polcy".*did you mean "policy"'
bad_file 'a protection that is not built in' '{"command": "x", "sandbox": "strict"}' 78 'bad\.json:1:29: "sandbox" is not supported by this version'

row A8 'a wrong type'
bad_file 'args' '{"command": "x", "args": "y"}' 78 'bad\.json:1:26: "args" is not an array of strings'
bad_file 'args of numbers' '{"command": "x", "args": [1]}' 78 'bad\.json:1:27: "args" is not a string'
bad_file 'env' '{"command": "x", "env": ["A=b"]}' 78 'bad\.json:1:25: "env" is not an object of strings'
bad_file 'command' '{"command": 7}' 78 'bad\.json:1:[0-9]+: "command" is not'
bad_file 'enabled' '{"command": "x", "enabled": "no"}' 78 'bad\.json:1:29: "enabled" is not true or false'
for seconds in '"5"' -1 1e99 null; do
	bad_file "timeout_s $seconds" "{\"command\": \"x\", \"timeout_s\": $seconds}" 78 \
		'bad\.json:1:31: "timeout_s" is not a number of seconds from 0 to 86400'
done

# A command is looked up when its server starts: that it is not there is no fault of the file.
row A9 'a command that cannot be executed'
cannot() { # COMMAND REGEX
	put bad.json "{\"command\": $1, \"policy\": \"allow\"}"
	server canary '' "$SECRET_MEMBER"
	attempt call bad echo text=x
	ends 69 "server \"bad\" could not be started: $2"
	asks_canary
	ends 0 "server \"bad\" could not be started: .*it is left out"
	is "$label: tried once" "$(states)" 'failed stopped'
}
cannot '"/nowhere/at/all"' '/nowhere/at/all: No such file or directory \(check "command"\)'
case_ 'not in PATH'
cannot '"no-such-program-x"' 'no-such-program-x is not in PATH \(install it'
case_ 'not executable'
echo x >"$tmp/plain"
cannot "\"$tmp/plain\"" '.*/plain: Permission denied'
case_ 'a folder'
cannot "\"$tmp\"" '.*: Permission denied'
case_ 'relative, with ..'
cannot '"../../nowhere/x"' '\.\./\.\./nowhere/x: No such file or directory'
case_ 'a script without #!'
printf 'echo hello\n' >"$tmp/plain-script"
chmod 755 "$tmp/plain-script"
cannot "\"$tmp/plain-script\"" '.*/plain-script: Exec format error'

row A10 'arguments that no process can have'
bad_file 'a NUL' '{"command": "x", "args": ["a\u0000b"]}' 78 'bad\.json:1:27: "args" has a NUL in it'
case_ 'a newline is passed as it is'
put bad.json "$(jq -nc --arg fake "$fake" '{command: $fake, args: ["a\nb"], policy: "allow"}')"
attempt call bad echo text=x
ends 0
case_ 'one of 200 KiB'
put bad.json "$(jq -nc --arg fake "$fake" '{command: $fake, args: ["x" * 200000], policy: "allow"}')"
attempt call bad echo text=x
ends 78 'bad\.json:1:[0-9]+: "args": the expanded value is larger than 65536 bytes'
case_ '10,000 of them'
put bad.json "$(jq -nc --arg fake "$fake" '{command: $fake, args: [range(10000) | tostring], policy: "allow"}')"
attempt call bad echo text=x
ends 0
case_ 'more than the system takes'
put bad.json "$(jq -nc --arg fake "$fake" '{command: $fake, args: [range(20) | "x" * 30000], policy: "allow"}')"
program=(bash -c 'ulimit -s 512 && exec "$0" "$@"' "$cordpair") # a quarter of the stack's limit
attempt call bad echo text=x
ends 69 'server "bad" could not be started: .*Argument list too long'
unset program

row A11 'a variable that is not there'
unset MISSING
for form in '${MISSING}' '${env:MISSING}' 'a ${HOME} b ${MISSING}'; do
	bad_file "$form" "{\"command\": \"x\", \"args\": [\"$form\"]}" 78 'bad\.json:1: \$\{MISSING\} is not set'
done
bad_file 'a file' '{"command": "x", "args": ["${file:/nowhere/x}"]}' 78 'bad\.json:1: /nowhere/x: No such file'
bad_file 'an open brace' '{"command": "x", "args": ["${HOME"]}' 78 'bad\.json:1:[0-9]+: '
bad_file 'nested' '{"command": "x", "args": ["${A${HOME}}"]}' 78 'bad\.json:1:27: "args": .* is no form of a variable'
case_ 'expansion is done once'
export TWICE='${HOME}'
put bad.json "{\"command\": \"$fake\", \"policy\": \"allow\", \"env\": {\"GOT\": \"\${TWICE}\"}}"
attempt call bad env name=GOT
gives '${HOME}'

row A12 'a file that others may write to'
bad_mode() { # WHAT REGEX
	case_ "$1"
	attempt servers check
	ends 77 "$2"
	attempt call bad echo text=x
	ends 78 'bad'
}
put bad.json '{"command": "x"}'
chmod 666 "$servers_d/bad.json"
bad_mode 'everybody' 'bad\.json: not used, as it is not safe: everybody may write to it'
good_works
chmod 600 "$servers_d/bad.json"
chmod 777 "$servers_d"
bad_mode 'the directory' 'the directory .*/servers\.d is not safe: everybody may'
chmod 700 "$servers_d"
if [ "$(id -u)" = 0 ]; then
	chown 12345 "$servers_d/bad.json"
	bad_mode 'of another user' 'bad\.json: .*belongs to another user'
	good_works
else
	skip "$label: of another user" 'needs root'
fi

row A13 'symbolic links'
put bad.json '{"command": "x"}'
mv "$servers_d/bad.json" "$tmp/target.json"
ln -s "$tmp/target.json" "$servers_d/bad.json"
attempt servers check
ends 0
for link in "$tmp/nowhere:No such file" "bad.json:Too many levels"; do
	ln -sf "${link%%:*}" "$servers_d/bad.json"
	case_ "${link#*:}"
	attempt servers check
	ends 78 "bad\\.json: ${link#*:}"
	good_works
done
if [ "$(id -u)" = 0 ]; then
	chown 12345 "$tmp/target.json"
	ln -sf "$tmp/target.json" "$servers_d/bad.json"
	bad_mode 'to a file of another user' 'bad\.json: .*belongs to another user'
	good_works
	rm "$tmp/target.json"
else
	skip "$label: to a file of another user" 'needs root'
fi

row A14 'files that are odd'
server good ''
truncate -s 100M "$servers_d/bad.json"
refused 78 'bad\.json.*larger than 1048576 bytes'
case_ 'names of 255 bytes, and such that are no UTF-8'
rm "$servers_d/bad.json"
printf '{"command": "x"}' >"$servers_d/$(printf 'n%.0s' $(seq 250)).json"
printf '{"command": "x"}' >"$servers_d/"$'\xff\xfe.json'
attempt --json servers
ends 0
json "$label: each is an entry with a name that is one" "$out" \
	'map(select(.tier == "user") | .name) | length == 3 and all(.[]; test("^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"))'
good_works
case_ "an editor's"
for name in .hidden.json .good.json.swp good.json~ '#good.json#' good.json.bak 4913; do
	printf 'not json' >"$servers_d/$name"
done
attempt servers check
silent
case_ '10,000 files'
(cd "$servers_d" && seq -f 's%05g.json' 10000 | xargs touch)
attempt servers check
ends 78 'servers\.d: more than 1000 files'

row A15 'a file that changes while it is read'
server good ''
cp "$servers_d/good.json" "$tmp/old.json"
jq -c '.args = ["dual"]' "$tmp/old.json" >"$tmp/new.json"
(while [ ! -e "$tmp/enough" ]; do
	for version in old new; do
		cp "$tmp/$version.json" "$servers_d/.next" && mv "$servers_d/.next" "$servers_d/good.json"
	done
done) &
changer=$!
wrong=
for _ in $(seq 20); do
	run "$cordpair" servers show good
	grep -Eq "^command +$fake( dual)?\$" <<<"$out" || wrong+="$out $err "
done
touch "$tmp/enough"
wait $changer
none "$label: it is the old one or the new one" "$wrong"
attempt call good echo text=x
ends 0

# Names of other hosts' files are mapped, and that is said (design.md); only an empty one is refused.
case_ 'under a daemon'
rm -f "$tmp/enough" "$servers_d"/*
cp "$tmp/old.json" "$servers_d/good.json"
server canary ''
in_background daemon
wait_until daemon_has ready 2
for _ in $(seq 20); do
	for version in new old; do
		cp "$tmp/$version.json" "$servers_d/.next" && mv "$servers_d/.next" "$servers_d/good.json"
		"$cordpair" reload >>"$tmp/reloads" 2>&1 &
	done
done
wait_until daemon_has ready 2
"$cordpair" reload >/dev/null 2>&1
ok "$label: both are ready in the end" wait_until daemon_has ready 2
is "$label: the last version runs" "$(tr '\0' ' ' <"/proc/$(pids good | jq '.[0]')/cmdline")" "$fake "
none "$label: none was half read" "$(grep -h 'not JSON' "$tmp/err" "$tmp/reloads")"
kill -TERM "$host_pid"
wait_attempt
ends 0

row A16 'names that are none'
for name in 'a b' '../x' '__' 'ſ' '-' "$(printf 'n%.0s' $(seq 100))"; do
	case_ "\"${name:0:20}\""
	put names.json "$(jq -nc --arg name "$name" --arg fake "$fake" '{mcpServers: {($name): {command: $fake}}}')"
	attempt -v --json servers
	ends 0 "is called \"[A-Za-z0-9][A-Za-z0-9_-]{0,31}\" here"
	json "$label: it has a name" "$out" 'any(.[]; .file | endswith("names.json")) and all(.[]; .name | test("^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$"))'
done
good_works
endpoint_stop
done_testing
