#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair doctor: the key, the endpoint, each server, and what to do about each failure.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"
key=sk-or-v1-test-key-0123456789
key_answer='{"body": {"data": {"label": "x", "limit": 10, "limit_remaining": 7.25, "usage": 2.75, "is_free_tier": false}}, "unchecked": true, "probe": true, "repeat": 9}'

endpoint "$key_answer"
run "$cordpair" doctor
is 'all is well: exit 0' "$status" 0
like 'where the key comes from' "$out" '^ok +key +OPENROUTER_API_KEY'
like 'the endpoint, and what is left' "$out" '^ok +endpoint .*limit 10.00 USD, 7.25 left'
like 'no server: what to do' "$out" 'cordpair servers enable files'
is 'it was asked with the key' "$(request_line 1 | jq -r '.headers | with_entries(.key |= ascii_downcase) | .authorization')" "Bearer $key"

server good ''
server dead 'exit-at-start=3'
server slow 'no-answer' '"start_timeout_s": 1'
run "$cordpair" --server 'lost=/no/such/program' --server 'npx=npx-that-is-missing -y x' doctor
is 'a server that fails: exit 69' "$status" 69
like 'a good server: time, revision, era, tools' "$out" '^ok +good .*ready after [0-9]+ ms, MCP 2025-11-25 \(legacy era\), [0-9]+ tools'
like 'a dead one: how it ended, its last words, what to do' "$out" '^FAIL +dead .*exited with status 3.*no reason to live.*cordpair -v tools dead'
like 'a silent one: the deadline and where it is set' "$out" '^FAIL +slow .*not ready within 1 seconds.*start_timeout_s'
like 'a program that is not there: which, and where to look' "$out" \
	'^FAIL +lost .*/no/such/program: No such file or directory \(check "command"\)'
like 'a program that is not in PATH: what to do' "$out" \
	'^FAIL +npx .*npx-that-is-missing is not in PATH \(install it'
printf '{"type": "call", "url": "http://127.0.0.1:1/call", "tools": [{"name": "a"}]}' >"$servers_d/far.json"
chmod 600 "$servers_d/far.json"
run "$cordpair" doctor
like 'a /call server with tools in its file: not contacted' "$out" '^ok +far .*not contacted.*127.0.0.1:1/call, 1 tool$'
run "$cordpair" --json doctor
json '--json' "$out" 'any(.what == "good" and .ok) and any(.what == "dead" and (.ok | not))'
no_servers

printf '{"command": "true", "comand": 1}' >"$servers_d/bad.json"
chmod 600 "$servers_d/bad.json"
run "$cordpair" doctor
is 'a file with a fault: exit 78' "$status" 78
like 'a file with a fault: where' "$out" 'FAIL +servers.d .*bad\.json:1:'
no_servers

endpoint '{"status": 401, "body": {"error": {"code": 401, "message": "User not found."}}, "unchecked": true, "probe": true}'
run "$cordpair" doctor
is 'a wrong key: exit 77' "$status" 77
like 'a wrong key: what to do' "$out" 'FAIL +endpoint .*refuses the API key'
endpoint "$key_answer"
dead_url=$base_url
endpoint_stop
run "$cordpair" --base-url "$dead_url" doctor
is 'nobody there: exit 75' "$status" 75
like 'nobody there: which address, and what to do' "$out" \
	'FAIL +endpoint .*127.0.0.1.*check the network and --base-url'
run "$cordpair" doctor it
is 'a server that is not there' "$status" 78

# Where a key may come from
unset OPENROUTER_API_KEY
endpoint "$key_answer"
unset OPENROUTER_API_KEY
printf '%s\n' "$key" >"$XDG_CONFIG_HOME/cordpair/key"
chmod 600 "$XDG_CONFIG_HOME/cordpair/key"
run "$cordpair" doctor
like 'the key file' "$out" '^ok +key +the key file'
chmod 644 "$XDG_CONFIG_HOME/cordpair/key"
run "$cordpair" doctor
is 'a key file that others can read: exit 77' "$status" 77
like 'a key file that others can read: what to do' "$out" 'FAIL +key .*chmod 600'
rm "$XDG_CONFIG_HOME/cordpair/key"
mkdir "$tmp/credentials"
printf '%s' "$key" >"$tmp/credentials/openrouter"
CREDENTIALS_DIRECTORY=$tmp/credentials run "$cordpair" doctor
like 'a systemd credential' "$out" '^ok +key +the systemd credential'
settings=$XDG_CONFIG_HOME/cordpair/settings.json
printf '{"api_key_command": ["echo", "%s"]}' "$key" >"$settings"
run "$cordpair" doctor
like 'api_key_command' "$out" '^ok +key +api_key_command'
printf '{"api_key_command": ["false"]}' >"$settings"
run "$cordpair" doctor
is 'an api_key_command that fails: exit 78' "$status" 78
like 'an api_key_command that fails: how' "$out" 'FAIL +key .*exited with status 1'
printf '{"api_key_comand": ["false"]}' >"$settings"
run "$cordpair" doctor
is 'a misspelt setting: exit 78' "$status" 78
like 'a misspelt setting: where, and the nearest' "$err" 'settings\.json:1:[0-9]+.*api_key_command'
rm "$settings"
endpoint_stop

run "$cordpair" doctor --limits
is '--limits: exit 0' "$status" 0
like '--limits' "$out" 'a message of a server +67108864 bytes'

# Without a key, a local endpoint that runs is found. In a network of its own: its port is fixed.
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
rm -rf "$XDG_CONFIG_HOME/cordpair/key" "$XDG_CONFIG_HOME/cordpair/settings.json"
cat >"$tmp/ollama.py" <<'END'
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'{"object": "list", "data": [{"id": "qwen3"}, {"id": "llama4"}]}'
        self.send_response(200 if self.path == "/v1/models" else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def log_message(self, *args):
        pass
server = http.server.HTTPServer(("127.0.0.1", 11434), Handler)
print("ready", flush=True)
server.serve_forever()
END
cat >"$tmp/alone.sh" <<END
ip link set lo up
python3 "$tmp/ollama.py" >"$tmp/ollama_out" 2>&1 &
server=\$!
until grep -q ready "$tmp/ollama_out"; do kill -0 \$server || exit 1; sleep 0.05; done
"$cordpair" doctor
status=\$?
kill \$server
exit \$status
END
if unshare -rn ip link set lo up 2>/dev/null; then
	run unshare -rn bash "$tmp/alone.sh"
	is 'no key, but Ollama: exit' "$status" 78
	like 'no key, but Ollama: found, and how to use it' "$out" \
		'^note +endpoint +Ollama at http://127.0.0.1:11434/v1 answers, 2 models: use it with --base-url http://127.0.0.1:11434/v1'
	is 'and nothing else is' "$(grep -c '^note' <<<"$out")" 1
else
	skip 'no key, but Ollama' 'unshare -rn is not allowed'
fi
done_testing
