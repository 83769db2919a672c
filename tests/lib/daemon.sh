# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A daemon of a test's own home.
#
#   daemon_start [ARGUMENT]...   in the background; sets $daemon_pid; what it says is in
#                                $tmp/daemon.err
#   daemon_end                   by SIGTERM; sets $daemon_status
#   control SECONDS LINE...      sends lines to its socket, prints what comes back within SECONDS,
#                                at most as many lines as were sent
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'

socket=$XDG_RUNTIME_DIR/cordpair/api.sock
daemon_answers() { "$cordpair" status >/dev/null 2>&1; }
# STATE COUNT: so many servers are in it.
daemon_has() { [ "$("$cordpair" --json status 2>/dev/null | jq ".servers[\"$1\"] // 0")" = "$2" ]; }
daemon_start() {
	: >"$tmp/daemon.err"
	"$cordpair" daemon "$@" >"$tmp/daemon.out" 2>"$tmp/daemon.err" </dev/null &
	daemon_pid=$!
	wait_until daemon_answers || fail "the daemon starts: $(cat "$tmp/daemon.err")"
	wait_until daemon_has starting 0
}
daemon_end() {
	kill "$daemon_pid"
	wait "$daemon_pid"
	daemon_status=$?
}
control() {
	python3 - "$socket" "$@" <<'END'
import socket, sys, time
path, seconds, lines = sys.argv[1], float(sys.argv[2]), sys.argv[3:]
peer = socket.socket(socket.AF_UNIX)
peer.connect(path)
peer.sendall("".join(line + "\n" for line in lines).encode())
got, end = b"", time.monotonic() + seconds
while got.count(b"\n") < len(lines) and time.monotonic() < end:
    peer.settimeout(max(0.01, end - time.monotonic()))
    try:
        more = peer.recv(1 << 20)
    except TimeoutError:
        break
    if not more:
        break
    got += more
sys.stdout.write(got.decode())
END
}
