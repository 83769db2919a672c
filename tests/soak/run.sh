#!/bin/bash
# SPDX-License-Identifier: MIT
# One daemon under load for SOAK_SECONDS (120): see soak.py. `make soak` runs it.
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

# The sanitizer keeps what is freed for a while; that is no growth.
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=1
mark=mark-$$-$RANDOM
none_alive() { [ "$(pgrep -f "$mark" | grep -vc "^$$\$")" = 0 ]; }
for name in calm1 calm2 calm3 calm4 crash1 crash2 flood changing; do
	server "$name" "$mark"
done
"$cordpair" -q daemon >"$tmp/daemon.out" 2>"$tmp/daemon.err" </dev/null &
daemon_pid=$!
wait_until daemon_has ready 8
python3 "$TOP_SRCDIR/tests/soak/soak.py" "$socket" "$daemon_pid" "$servers_d" "${SOAK_SECONDS:-120}" >"$tmp/soak"
is 'nothing is lost, misdelivered or grows' $? 0
sed 's/^/# /' "$tmp/soak"
daemon_end
is 'the daemon ends with 0' "$daemon_status" 0
ok 'and leaves no process' wait_until none_alive
done_testing
[ "$failed" -eq 0 ]
