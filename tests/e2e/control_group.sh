#!/bin/bash
# SPDX-License-Identifier: MIT
# Where the host's control group is delegated to it, each server has one of its own, and what a killed
# keeper could not sweep goes all the same. A group of this test's own plays the delegated one.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'
mount=$(awk '/ - cgroup2 / && $4 == "/" {print $5; exit}' /proc/self/mountinfo)
own=$mount$(sed -n "s,^0::,,p" /proc/self/cgroup)
own=${own%/}
group=$own/test-$$
[ -n "$mount" ] && mkdir "$group" 2>/dev/null || skip_all 'no control group can be made here'
leave() {
	echo $$ >"$own/cgroup.procs"
	rmdir "$group"
	cleanup
}
trap leave EXIT
[ -e "$group/cgroup.kill" ] || skip_all 'this kernel has no cgroup.kill'
echo $$ >"$group/cgroup.procs" || skip_all 'no control group can be entered here'
delegate() { python3 -c 'import os, sys; os.setxattr(sys.argv[1], "trusted.delegate", sys.argv[2].encode())' "$group" "$1"; }
delegate 1 2>/dev/null || skip_all 'no control group can be marked as delegated here'

mark=mark-$$-$RANDOM
server_pid() { pgrep -o -f "^[^ ]*fake-server .*$mark"; }
groups_left() { find "$group" -mindepth 1 -type d | wc -l; }
is_there() { [ -s "$1" ]; }
begin() { # in the background, a call that does not end
	rm -f "$tmp/grandchild" "$tmp/trace"
	server it "$mark stubborn grandchild=$tmp/grandchild"
	"$cordpair" --trace "$tmp/trace" call it hang >"$tmp/out" 2>"$tmp/err" </dev/null &
	host=$!
	wait_until grep -qs tools/call "$tmp/trace"
	wait_until is_there "$tmp/grandchild"
}
group_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }

begin
like 'a server has a group of its own' "$(group_of "$(server_pid)")" "/test-$$/cordpair-[0-9]+-0\$"
is 'its child is in it too' "$(group_of "$(cat "$tmp/grandchild")")" "$(group_of "$(server_pid)")"
is 'the host is not' "$(group_of $host)" "${group#"$mount"}"
kill -KILL "$(ps -o ppid= "$(server_pid)" | tr -d ' ')"
ok 'its keeper is killed: what it left behind goes too' wait_until gone "$(cat "$tmp/grandchild")"
wait $host
is 'its keeper is killed: the host tells' $? 69
is 'no group is left' "$(groups_left)" 0
begin
kill -KILL $host
ok 'the host is killed: nothing is left' wait_until gone "$(cat "$tmp/grandchild")"
no_groups() { [ "$(groups_left)" = 0 ]; }
ok 'the host is killed: no group is left' wait_until no_groups
wait $host

server it "$mark"
server two "$mark"
run "$cordpair" tools
is 'two servers' "$status $(groups_left)" '0 0'
mkdir "$group/cordpair-1-0"
run "$cordpair" call it echo text=x
is 'groups of hosts that are gone are removed' "$status $out $(groups_left)" '0 x 0'

delegate 0
begin
is 'not delegated: servers stay in the group of the host' "$(group_of "$(server_pid)")" "$(group_of $host)"
kill -TERM $host
wait $host
ok 'not delegated: nothing is left all the same' wait_until gone "$(cat "$tmp/grandchild")"

done_testing
