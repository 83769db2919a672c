#!/bin/bash
# SPDX-License-Identifier: MIT
# The /call adapter and what HTTP alone can do to it: compression, size, chunks, calls in parallel.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'

cat >"$tmp/remote.py" <<'END'
import gzip, http.server, json, socket, sys, threading

both = threading.Barrier(2)

class Remote(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        encoding = None
        body = json.dumps({"result": "hello"}).encode()
        if call["name"] == "meet":  # answers only when two calls are here together
            try:
                both.wait(20)
                body = json.dumps({"result": "met"}).encode()
            except threading.BrokenBarrierError:
                body = json.dumps({"error": "alone"}).encode()
        elif call["name"] == "zipped":
            encoding, body = "gzip", gzip.compress(body)
        elif call["name"] == "bomb":  # 40 MB in 40 kB
            encoding, body = "gzip", gzip.compress(b'{"result": "' + b"x" * 40000000 + b'"}')
        elif call["name"] == "broken":
            encoding, body = "gzip", b"this is not gzip"
        elif call["name"] == "large":
            body = json.dumps({"result": "x" * 3000000}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

try:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Remote)
except OSError:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Remote)
server.daemon_threads = True
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
END

# Port 8000, as such servers mostly have it; another one when it is taken.
mkfifo "$tmp/remote_in"
python3 "$tmp/remote.py" 8000 <"$tmp/remote_in" >"$tmp/port" 2>/dev/null &
exec 7>"$tmp/remote_in"
wait_until test -s "$tmp/port"
port=$(cat "$tmp/port")
tools=$(jq -nc '["hello", "meet", "zipped", "bomb", "broken", "large"] | map({name: .})')
cat >"$servers_d/far.json" <<END
{"type": "call", "url": "http://127.0.0.1:$port/call", "tools": $tools, "policy": "allow"}
END
chmod 600 "$servers_d/far.json"
if [ "$port" = 8000 ]; then
	run "$cordpair" call far hello
	is 'port 8000' "$status $out" '0 hello'
else
	skip 'port 8000' 'it is taken'
fi
run "$cordpair" call far zipped
is 'a compressed answer' "$status $out" '0 hello'
run "$cordpair" call far bomb
is 'more than the cap once it is decoded: exit 76' "$status" 76
like 'more than the cap once it is decoded: the cap' "$err" 'larger than 33554432 bytes'
run "$cordpair" call far broken
is 'compression that is none: exit 76' "$status" 76
run "$cordpair" call far large
is 'a large result is whole' "$status ${#out}" '0 3000000'

endpoint '{"calls": [{"name": "far__meet", "arguments": {"n": 1}}, {"name": "far__meet", "arguments": {"n": 2}}]}' \
	'{"text": "Both."}'
run "$cordpair" ask 'Meet.'
is 'two calls in parallel: the run' "$status $out" '0 Both.'
is 'two calls in parallel: they were there together' "$(tool_message 2 1) $(tool_message 2 2)" 'met met'
endpoint_stop
exec 7>&-
wait
done_testing
