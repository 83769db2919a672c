#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair servers: list, show, check, enable and disable; what they write, say and end with.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

vendor=$XDG_DATA_DIRS/cordpair/servers.d
mkdir -p "$vendor" "$tmp/dir"
chmod -R go-w "$XDG_DATA_DIRS" "$tmp/dir"
put() {
	printf '%s\n' "$2" >"$1"
	chmod 600 "$1"
}
standing() { jq -r --arg name "$1" '[.[] | select(.name == $name)][0].standing' <<<"$out"; }
list() { run "$cordpair" servers --json; }

# list
put "$vendor/10-v.json" '{"command": "vendor", "policy": "allow"}'
put "$servers_d/50-u.json" '{"command": "user", "args": ["a b"], "env": {"SERVICE_TOKEN": "t0ken-t0ken"}}'
run "$cordpair" servers
is 'list is what is done without an action' "$status" 0
like 'list: name, standing, file' "$out" "^u +enabled +$servers_d/50-u.json\$"
like 'list: the reason' "$out" '^ +available, and not enabled'
run "$cordpair" servers list --json
json 'list --json: every member' "$out" 'any(.name == "u" and .standing == "enabled" and .tier == "user"
	and .type == "stdio" and .line == 1 and (has("reason") | not))'
run "$cordpair" --servers-dir "$tmp/dir" servers
is 'an empty directory: exit 0' "$status $out" '0 '
like 'an empty directory: it is said' "$err" 'there is no server in any servers.d'

# show
run "$cordpair" servers show u
is 'show: exit 0' "$status" 0
like 'show: the command' "$out" '^command +user a b$'
like 'show: the policy that holds' "$out" '^policy +ask$'
unlike 'show: no value of env' "$out" 't0ken-t0ken'
put "$servers_d/50-v.json" '{"mcpServers": {"v": {"command": "mine"}}}'
run "$cordpair" servers show v --origin
like 'show --origin: the winner' "$out" "^file +$servers_d/50-v.json:1 \\(user\\)"
like 'show --origin: what it overrides' "$out" "^  $vendor/10-v.json \\(vendor, overridden\\): "
rm "$servers_d/50-v.json"
run "$cordpair" servers show
is 'show without a name: exit 2' "$status" 2
like 'show without a name: the question' "$err" 'which server'
run "$cordpair" servers show nobody
is 'show of nobody: exit 78' "$status" 78
like 'show of nobody: what to do' "$err" '.cordpair servers. lists them'

# enable and disable
run "$cordpair" servers enable v
is 'enable: exit 0, nothing on stdout' "$status $out" '0 '
like 'enable: it says where' "$err" "server \"v\" is now enabled \\($servers_d/90-v.json\\)"
is 'enable: a switch and no more' "$(jq -c . "$servers_d/90-v.json")" '{"enabled":true}'
is 'enable: readable for its owner alone' "$(stat -c %a "$servers_d/90-v.json")" 600
run "$cordpair" servers show v
like 'enable: show tells the switch' "$out" "^switched by +$servers_d/90-v.json"
run "$cordpair" servers enable v
is 'enable again: exit 0' "$status" 0
like 'enable again: it is so already' "$err" '"v" is enabled already'
run "$cordpair" servers disable v
is 'disable: exit 0' "$status" 0
is 'disable: the switch goes, as the vendor says so too' "$(ls "$servers_d")" 50-u.json
run "$cordpair" servers disable u
is 'disable of an own entry: a switch' "$(jq -c . "$servers_d/90-u.json")" '{"enabled":false}'
list
is 'disable of an own entry: it is' "$(standing u)" disabled
like 'disable of an own entry: its file is as it was' "$(cat "$servers_d/50-u.json")" t0ken-t0ken
run "$cordpair" servers enable u v
list
is 'several names at once' "$status $(standing u) $(standing v)" '0 enabled enabled'
run "$cordpair" servers enable nobody
is 'enable of nobody: exit 78' "$status" 78
run "$cordpair" servers enable
is 'enable without a name: exit 2' "$status" 2
rm -rf "$XDG_CONFIG_HOME"
run "$cordpair" servers enable v
is 'the directory is made when it is missing' "$status $(stat -c %a "$servers_d")" '0 700'
put "$tmp/dir/x.json" '{"command": "x", "enabled": false}'
run "$cordpair" --servers-dir "$tmp/dir" servers enable x
is '--servers-dir: the switch is there' "$status $(ls "$tmp/dir")" $'0 90-x.json\nx.json'
put "$servers_d/60-needy.json" '{"command": "x", "args": ["${NOT_THERE}"], "enabled": false}'
run "$cordpair" servers enable needy
is 'enable of a server that lacks a variable: exit 0' "$status" 0
like 'enable of a server that lacks a variable: it is named' "$err" 'NOT_THERE'
rm "$servers_d"/*needy*

# check
run "$cordpair" servers check
is 'check: exit 0' "$status" 0
like 'check: the sum' "$out" '^[0-9]+ entries, 0 errors$'
put "$servers_d/70-bad.json" '{"command": 5, "args": 6}'
run "$cordpair" servers check
is 'check with faults: exit 78' "$status" 78
is 'check: every fault of a file' "$(grep -c '70-bad.json:1:' <<<"$err")" 2
like 'check: the sum' "$out" '2 errors$'
run "$cordpair" servers
is 'list with a broken file: exit 0' "$status" 0
like 'list with a broken file: it is there' "$out" '^bad +broken'
run "$cordpair" servers lst
is 'no such action: exit 2' "$status" 2
like 'no such action: which there are' "$err" '"lst" is none of list, show, check, enable, disable'
done_testing
