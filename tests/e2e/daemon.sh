#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair daemon, status, stop: one of them, its socket, its end; clients of all kinds.
# shellcheck source=tests/lib/daemon.sh
. "$(dirname "$0")/../lib/daemon.sh"

mark=mark-$$-$RANDOM
alive() { pgrep -f "$mark" | grep -v "^$$\$" | wc -l; }
none_alive() { [ "$(alive)" = 0 ]; }

# None runs
run "$cordpair" status
is 'no daemon: status is exit 69' "$status $out" '69 '
like 'no daemon: what to do' "$err" "^cordpair: no daemon runs at $socket; .cordpair daemon. starts one\$"
run "$cordpair" stop
is 'no daemon: stop is exit 69' "$status" 69

# One runs
server it "$mark"
server sleepy "$mark"
daemon_start
run "$cordpair" status
is 'status' "$status" 0
like 'status: its process' "$out" "^process +$daemon_pid\$"
like 'status: its servers' "$out" '^servers +2 ready$'
run "$cordpair" --json status
json 'status --json' "$out" ".pid == $daemon_pid and .state == \"running\" and .servers.ready == 2
	and .uptime_ms >= 0 and (.version | length > 0)"
like 'it says what its servers do' "$(cat "$tmp/daemon.err")" 'server "it" is ready: '
is 'the socket is for its owner only' "$(stat -c %a "$socket" "$XDG_RUNTIME_DIR/cordpair" | paste -sd' ')" '600 700'
run "$cordpair" daemon
is 'a second daemon: exit 69' "$status" 69
like 'a second daemon: who runs' "$err" "a daemon runs already, process $daemon_pid, at "
run "$cordpair" status
is 'and the first is still there' "$status" 0

# Requests
got=$(control 10 '{"jsonrpc":"2.0","id":"a","method":"status"}' nonsense \
	'{"jsonrpc":"2.0","id":2,"method":"no.such"}' '[1]' '{"jsonrpc":"2.0","id":3}' \
	'{"jsonrpc":"2.0","id":{},"method":"status"}' '{"id":4,"method":"status"}' '{"jsonrpc":"2.0","id":5,"method":"status"')
is 'requests: answers and errors' "$(jq -c '[.id, .error.code]' <<<"$got" | paste -sd' ')" \
	'["a",null] [null,-32700] [2,-32601] [null,-32600] [3,-32600] [null,-32600] [4,-32600] [null,-32700]'
got=$(control 10 '{"jsonrpc":"2.0","method":"cancel","params":{"request":9}}' \
	'{"jsonrpc":"2.0","method":"cancel"}' '{"jsonrpc":"2.0","method":"nonsense"}' \
	'{"jsonrpc":"2.0","id":7,"result":{}}' '{"jsonrpc":"2.0","id":6,"method":"status"}' | head -1)
json 'notifications and answers to nothing do no harm' "$got" '.id == 6 and .result.state == "running"'

# Clients that are no good
cat >"$tmp/clients.py" <<'END'
import os, socket, sys, threading, time
path, status = sys.argv[1], b'{"jsonrpc":"2.0","id":1,"method":"status"}\n'
def dial():
    peer = socket.socket(socket.AF_UNIX)
    peer.connect(path)
    peer.settimeout(30)
    return peer
def answers(peer):
    peer.sendall(status)
    got = b""
    while not got.endswith(b"\n"):
        more = peer.recv(1 << 16)
        if not more:
            return False
        got += more
    return b'"running"' in got
silent = [dial() for _ in range(200)]
print("silent clients do not keep others out:", answers(dial()))
half = [dial() for _ in range(20)]
for peer in half:
    peer.sendall(b'{"jsonrpc":"2.0","id":1,"met')
print("nor do those that stop in the middle:", answers(dial()))
garbage = dial()
for _ in range(20):
    garbage.sendall(os.urandom(1 << 16).replace(b"\n", b"x") + b"\n")
garbage.close()
print("garbage:", answers(dial()))
# A line beyond the limit is thrown away, and said; the connection goes on.
long = dial()
sender = threading.Thread(target=lambda: [long.sendall(b"x" * (1 << 20)) for _ in range(21)])
sender.start()
sender.join()
long.sendall(b"\n")
print("a line that is too long is said:", b"too long" in long.recv(1 << 16))
print("and the next is read:", answers(long))
# One that never reads stops being read from, and nobody else notices.
deaf = dial()
deaf.setblocking(False)
sent = 0
try:
    for _ in range(200000):
        sent += deaf.send(status)
except BlockingIOError:
    pass
print("one that does not read is stopped:", sent < 200000 * len(status))
print("and the others go on:", answers(dial()))
# What it asked it gets, once it reads.
deaf.settimeout(30)
wanted, seen = sent // len(status), 0
while seen < wanted:
    more = deaf.recv(1 << 20)
    if not more:
        break
    seen += more.count(b"\n")
print("and when it reads it gets everything:", seen == wanted)
byte = dial()
for at in status:
    byte.sendall(bytes([at]))
print("byte by byte:", b'"running"' in byte.recv(1 << 16))
END
while IFS= read -r line; do
	is "${line%:*}" "${line##*: }" True
done < <(python3 "$tmp/clients.py" "$socket" 2>&1)
run "$cordpair" status
is 'after all of them: status' "$status" 0

# Another user
if [ "$(id -u)" = 0 ] && [ -x /usr/bin/python3 ] && command -v setpriv >/dev/null; then
	# The directories are opened as far as it takes: only who asks counts now.
	chmod 755 "$tmp" "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/cordpair"
	chmod 666 "$socket"
	run setpriv --reuid nobody --regid nogroup --clear-groups /usr/bin/python3 -c "
import socket
peer = socket.socket(socket.AF_UNIX)
peer.connect('$socket')
peer.settimeout(30)
try:
    peer.sendall(b'{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"status\"}\n')
    print('got', peer.recv(100))
except (BrokenPipeError, ConnectionResetError):
    print('got', b'')"
	is 'another user gets nothing' "$out" "got b''"
	like 'and the daemon says so' "$(cat "$tmp/daemon.err")" "another user's process connected"
	chmod 700 "$tmp" "$XDG_RUNTIME_DIR" "$XDG_RUNTIME_DIR/cordpair"
else
	skip 'another user' 'this is not root, or there is no setpriv'
fi

# A server dies: it comes back, and the daemon stays
kill -KILL "$(pgrep -f "^[^ ]*fake-server $mark" | head -1)"
ok 'a server that dies is started again' wait_until daemon_has ready 2
like 'and how it died is said' "$(cat "$tmp/daemon.err")" 'was killed by signal 9 \(Killed\).*it is started again'

# Its end
run "$cordpair" stop
is 'stop' "$status $out" '0 '
wait "$daemon_pid"
is 'stop: the daemon ended with 0' $? 0
ok 'stop: no server is left' none_alive
ok 'stop: nor its socket' test ! -e "$socket"
daemon_start
daemon_end
is 'SIGTERM: exit 0' "$daemon_status" 0
ok 'SIGTERM: no server is left' wait_until none_alive
daemon_start
kill -INT "$daemon_pid"
wait "$daemon_pid"
is 'SIGINT: exit 130' $? 130
ok 'SIGINT: no server is left' wait_until none_alive

# kill -9: the next one takes over what is left
daemon_start
{
	kill -KILL "$daemon_pid"
	wait "$daemon_pid"
} 2>/dev/null
ok 'kill -9: the socket is still there' test -S "$socket"
ok 'kill -9: no server is left' wait_until none_alive
run "$cordpair" status
is 'kill -9: status is exit 69' "$status" 69
daemon_start
run "$cordpair" --json status
json 'the next one takes the socket over' "$out" ".pid == $daemon_pid"
run "$cordpair" stop
wait "$daemon_pid"

# One that hangs
daemon_start
kill -STOP "$daemon_pid"
run "$cordpair" --timeout 1 status
is 'a daemon that does not answer: --timeout' "$status" 124
run "$cordpair" daemon
is 'and a second one still sees it' "$status" 69
kill -CONT "$daemon_pid"
run "$cordpair" stop
is 'and it goes on when it may' "$status" 0
wait "$daemon_pid"

# Two at the same time: one of them runs
"$cordpair" daemon 2>"$tmp/one" &
one=$!
"$cordpair" daemon 2>"$tmp/two" &
two=$!
wait_until daemon_answers
daemon_pid=$("$cordpair" --json status | jq .pid)
other=$((one + two - daemon_pid))
wait "$other"
is 'two at the same time: one ends with 69' $? 69
run "$cordpair" stop
wait "$daemon_pid"
is 'and the other runs' $? 0

# Servers that are stubborn, broken, none
server stubborn "$mark stubborn"
server broken 'die_at_start'
echo '{"command": "/no/such/program"}' >"$servers_d/absent.json"
chmod 600 "$servers_d/absent.json"
daemon_start
like 'a server that cannot be started does not end the daemon' "$(cat "$tmp/daemon.err")" 'server "absent".*it is left out'
daemon_end
is 'a stubborn server: the daemon still ends with 0' "$daemon_status" 0
ok 'a stubborn server: none is left' wait_until none_alive
daemon_start it
run "$cordpair" --json status
json 'daemon SERVER: only that one' "$out" '.servers == {"ready": 1}'
daemon_end
run "$cordpair" daemon nosuch
is 'daemon UNKNOWN: exit 78' "$status" 78
no_servers
daemon_start
run "$cordpair" status
like 'without a server there is a daemon all the same' "$out" '^servers +none$'
daemon_end

# Where the socket is
chmod 755 "$XDG_RUNTIME_DIR/cordpair"
run "$cordpair" daemon
is 'a directory that is open to others: exit 77' "$status" 77
like 'and what to do' "$err" 'chmod 700'
chmod 700 "$XDG_RUNTIME_DIR/cordpair"
(
	unset XDG_RUNTIME_DIR
	daemon_start
	[ -S "$XDG_STATE_HOME/cordpair/run/api.sock" ] && "$cordpair" stop 2>/dev/null
	wait "$daemon_pid"
) >"$tmp/sub"
is 'without XDG_RUNTIME_DIR: below the state' "$? $(cat "$tmp/sub")" '0 '
(
	deep=$tmp/$(printf 'd%.0s' {1..90})/$(printf 'e%.0s' {1..90})
	mkdir -p "$deep"
	export XDG_RUNTIME_DIR=$deep
	daemon_start
	"$cordpair" stop 2>/dev/null
	wait "$daemon_pid"
) >"$tmp/sub"
is 'a path longer than an address may be' "$? $(cat "$tmp/sub")" '0 '

# The service manager: its socket, and what it is told
cat >"$tmp/manager.py" <<'END'
import json, os, socket, subprocess, sys, time
cordpair, path = sys.argv[1:]
listener = socket.socket(socket.AF_UNIX)
if os.path.exists(path):
    os.unlink(path)
listener.bind(path)
listener.listen(8)
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind("\0cordpair-test-%d" % os.getpid())
notify.settimeout(30)
def child():
    os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
# A client that was there first waits until the daemon runs.
client = socket.socket(socket.AF_UNIX)
client.connect(path)
client.settimeout(30)
client.sendall(b'{"jsonrpc":"2.0","id":1,"method":"status"}\n')
env = dict(os.environ, LISTEN_FDS="1", NOTIFY_SOCKET="@cordpair-test-%d" % os.getpid())
daemon = subprocess.Popen(["sh", "-c", 'LISTEN_PID=$$ exec "$0" -q daemon', cordpair], env=env,
                          stdout=subprocess.DEVNULL, preexec_fn=child, close_fds=False)
try:
    told = (b"READY=1", b"STATUS=0 of 0 servers are ready")
    print("the client that waited has its answer:", b'"running"' in client.recv(1 << 16))
    print("READY=1 and STATUS:", {notify.recv(4096), notify.recv(4096)} == set(told))
    daemon.terminate()
    print("STOPPING=1:", notify.recv(4096) == b"STOPPING=1")
    print("exit 0:", daemon.wait(30) == 0)
    print("its socket is not removed:", os.path.exists(path))
finally:
    daemon.kill()
    os.unlink(path)
END
while IFS= read -r line; do
	is "the service manager: ${line%:*}" "${line##*: }" True
done < <(python3 "$tmp/manager.py" "$cordpair" "$socket" 2>&1)
done_testing
