#!/bin/bash
# SPDX-License-Identifier: MIT
# What is said when servers.d changes under a daemon, and something is wrong (docs/failures.md).
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"
# shellcheck source=tests/lib/failures.sh
. "$(dirname "$0")/../lib/failures.sh"
section 'While a daemon runs'

daemon_said() {
	daemon_end
	status=$daemon_status
	said_once daemon "$(cat "$tmp/daemon.err")"
}

failure daemon-none
other status status
other reload reload
other stop stop
other restart servers restart it

failure daemon-twice
daemon_start
other daemon daemon
daemon_end
failure daemon-no-server
daemon_start
other restart servers restart nosuchserver
daemon_end

failure daemon-open
mkdir -p "$XDG_RUNTIME_DIR/cordpair"
chmod 755 "$XDG_RUNTIME_DIR/cordpair"
other daemon daemon
chmod 700 "$XDG_RUNTIME_DIR/cordpair"

is_called() { "$cordpair" --json servers | jq -e '.[] | select(.name == "it") | .daemon.calls.open == 1' >/dev/null; }
failure daemon-ends
server it ''
daemon_start
{ wait_until is_called && kill "$daemon_pid"; } &
call hang
wait

failure daemon-gone
server it ''
daemon_start
{ wait_until is_called && kill -KILL "$daemon_pid"; } &
call hang
wait 2>/dev/null

failure reload-held
server it ''
daemon_start
echo '{"command": }' >"$servers_d/it.json"
other reload reload
daemon_said

failure reload-unsafe
server it ''
daemon_start
chmod 666 "$servers_d/it.json"
other reload reload
daemon_said

# A namespace may have limits of its own.
failure reload-unwatched
server it ''
if unshare -Ur sh -c 'echo 0 >/proc/sys/user/max_inotify_instances' 2>/dev/null; then
	real=$cordpair
	printf '#!/bin/sh\nexec unshare -Ur sh -c '\''echo 0 >/proc/sys/user/max_inotify_instances; exec "$0" "$@"'\'' "%s" "$@"\n' \
		"$real" >"$tmp/unwatched"
	chmod +x "$tmp/unwatched"
	cordpair=$tmp/unwatched
	daemon_start
	cordpair=$real
	server more ''
	run "$cordpair" reload
	is "$id: reload works" "$status $out" '0 server "more" is new: it is started'
	daemon_said
else
	skip "$id" 'a user may not have namespaces here'
	ran=daemon
fi
failures_end
