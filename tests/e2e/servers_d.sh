#!/bin/bash
# SPDX-License-Identifier: MIT
# servers.d: tiers, masks, switches, dialects, expansion, safety, faults; and `cordpair servers`.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

put() { # FILE TEXT
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "$2" >"$1"
	chmod 600 "$1"
	chmod 700 "$(dirname "$1")"
}
list() { run "$cordpair" --json servers list; }
# standing NAME: of the winning entry
standing() { jq -r "[.[] | select(.name == \"$1\")][0].standing" <<<"$out"; }
reason() { jq -r "[.[] | select(.name == \"$1\")][0].reason" <<<"$out"; }
vendor=$tmp/data/cordpair/servers.d
one='{"command": "true"}'

# Tiers
put "$vendor/10-v.json" "$one"
list
is 'a vendor'"'"'s server is available, not enabled' "$(standing v)" disabled
run "$cordpair" tools v
is 'so it cannot be used: exit 78' "$status" 78
like 'and what to do is said' "$err" 'cordpair servers enable v'
run "$cordpair" servers enable v
is 'enable: exit 0' "$status" 0
list
is 'enabled by a switch' "$(standing v)" enabled
is 'which is a file of the user' "$(find "$servers_d" -name '*v.json' | wc -l)" 1
run "$cordpair" servers disable v
list
is 'disable' "$(standing v)" disabled
no_servers
put "$servers_d/10-v.json" '{"command": "false"}'
list
is 'a file of the same name in a higher tier replaces it' \
	"$(jq -r '.[] | select(.name == "v") | .tier + " " + .standing' <<<"$out" | paste -sd,)" \
	'user enabled,vendor overridden'
: >"$servers_d/10-v.json"
list
is 'an empty file masks it' "$(standing v)" masked
rm "$servers_d/10-v.json"
ln -s /dev/null "$servers_d/10-v.json"
list
is 'a link to /dev/null too' "$(standing v)" masked
rm "$servers_d/10-v.json"
put "$servers_d/50-other.json" '{"mcpServers": {"v": {"command": "false"}}}'
list
is 'by name the higher tier wins' "$(standing v)" enabled
put "$servers_d/60-again.json" '{"mcpServers": {"v": {"command": "false"}}}'
list
is 'two definitions in one tier: neither' "$(standing v)" conflict
like 'and both are named' "$(reason v)" '(50-other.*60-again|60-again.*50-other)'
no_servers
put "$tmp/only/a.json" "$one"
run "$cordpair" --json --servers-dir "$tmp/only" servers list
is '--servers-dir replaces all' "$(jq -r 'map(.name) | join(" ")' <<<"$out")" a
run "$cordpair" --json --server 'v=echo hello' servers list
is '--server wins' "$(jq -r '[.[] | select(.name == "v")][0] | .tier + " " + .standing' <<<"$out")" 'command line enabled'
run "$cordpair" --server 'novalue' servers list
is '--server: its form is checked: exit 2' "$status" 2

# Dialects
put "$servers_d/a.json" "// a comment
{\"command\": \"$fake\", /* another */ \"policy\": \"allow\",}"
run "$cordpair" call a echo text=x
is 'comments and trailing commas' "$status $out" '0 x'
put "$servers_d/b.json" '{"mcpServers": {"claude": {"command": "true", "args": ["-x"], "env": {"A": "b"}}}}'
put "$servers_d/c.json" '{"servers": {"code": {"type": "stdio", "command": "true"}}, "inputs": []}'
put "$servers_d/d.json" '{"context_servers": {"zed": {"command": {"path": "true", "args": ["-x"]}}}}'
put "$servers_d/e.json" '{"mcp": {"open": {"type": "local", "command": ["true", "-x"], "enabled": true}}}'
put "$servers_d/f.json" '{"bare": {"command": "true"}}'
put "$servers_d/40-g.json" "$one"
put "$servers_d/h.json" '{"mcpServers": {"My Server/1": {"command": "true"}}}'
list
for name in a claude code zed open bare g; do
	is "dialects: $name" "$(standing $name)" enabled
done
is 'a name that is none is mapped' "$(standing My-Server-1)" enabled
run "$cordpair" servers check
is 'check: exit 0' "$status" 0
no_servers

# Expansion
try() { # MEMBERS: calls env of the fake
	put "$servers_d/x.json" "{\"command\": \"$fake\", \"policy\": \"allow\", $1}"
	run "$cordpair" call x env name=GOT
}
export FROM_ENV=value
echo 'from a file' >"$tmp/secret"
chmod 600 "$tmp/secret"
try '"env": {"GOT": "a ${FROM_ENV} b"}'
is '${VAR}' "$out" 'a value b'
try '"env": {"GOT": "${env:FROM_ENV}"}'
is '${env:VAR}' "$out" value
try '"env": {"GOT": "${NOT_SET:-default}"}'
is '${VAR:-default}' "$out" default
try "\"env\": {\"GOT\": \"\${file:$tmp/secret}\"}"
is '${file:}' "$out" 'from a file'
CORDPAIR_INPUT_ID=typed try '"env": {"GOT": "${input:id}"}'
is '${input:}' "$out" typed
try '"env": {"GOT": "$${FROM_ENV} $FROM_ENV"}'
is '$${ and $VAR are themselves' "$out" '${FROM_ENV} $FROM_ENV'
try '"env": {"GOT": "${NOT_SET}"}'
is 'an unset variable: exit 78' "$status" 78
like 'is named' "$err" 'NOT_SET'
put "$servers_d/y.json" "{\"command\": \"$fake\", \"policy\": \"allow\"}"
run "$cordpair" call y echo text=x
is 'and stops only that server' "$status $out" '0 x'
no_servers

# Faults
put "$servers_d/good.json" "{\"command\": \"$fake\", \"policy\": \"allow\"}"
fault() { # WHAT TEXT-OF-FILE REGEX
	put "$servers_d/bad.json" "$2"
	run "$cordpair" servers check
	is "$1: check exits 78" "$status" 78
	like "$1: where and what" "$out$err" "bad\\.json:$3"
	run "$cordpair" call good echo text=x
	is "$1: the others work" "$status $out" '0 x'
}
fault 'broken JSON' '{"command": "true"' '[0-9]+:[0-9]+'
fault 'no command' '{"args": []}' '.*"command"'
fault 'a misspelt key' '{
  "command": "true",
  "comand": "x"}' '3:[0-9]+.*did you mean "command"'
fault 'a wrong type' '{"command": "true", "args": "x"}' '1:[0-9]+.*array'
fault 'a wrong policy' '{"command": "true", "policy": "maybe"}' '1:[0-9]+.*policy'
fault 'a key twice' '{"command": "true", "command": "false"}' '1:[0-9]+'
fault 'a sandbox that cannot be given' '{"command": "true", "sandbox": true}' '.*sandbox'
rm "$servers_d/bad.json"

# Safety
put "$servers_d/w.json" "$one"
chmod 606 "$servers_d/w.json"
list
is 'writable for others: broken' "$(standing w)" broken
like 'and why' "$(reason w)" 'writ'
chmod 600 "$servers_d/w.json"
chmod 777 "$servers_d"
list
is 'a directory that is writable for others' "$(standing w)" broken
chmod 700 "$servers_d"
if [ "$(id -u)" = 0 ]; then
	chown 12345 "$servers_d/w.json"
	list
	is 'somebody else'"'"'s file' "$(standing w)" broken
	chown 0 "$servers_d/w.json"
else
	skip 'somebody else'"'"'s file' 'needs root'
fi

# show
run "$cordpair" servers show w --origin
is 'show --origin: exit 0' "$status" 0
like 'show --origin: the file' "$out" 'w\.json'
run "$cordpair" servers show gone
is 'show of an unknown server: exit 78' "$status" 78
run "$cordpair" servers show goood
like 'the nearest is suggested' "$err" 'did you mean "good"'
run "$cordpair" servers enable gone
is 'enable of an unknown server: exit 78' "$status" 78
run "$cordpair" servers frobnicate
is 'an unknown action: exit 2' "$status" 2
done_testing
