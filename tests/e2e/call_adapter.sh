#!/bin/bash
# SPDX-License-Identifier: MIT
# "type": "call": a server that is not MCP and answers POST {"name", "arguments"}.
# shellcheck source=tests/lib/host.sh
. "$(dirname "$0")/../lib/host.sh"

# remote ANSWER...: a server "far" whose answers are scripted. MEMBERS: more of its entry.
MEMBERS=''
remote() {
	endpoint "$@"
	url=${base_url%/api/v1}/call
	cat >"$servers_d/far.json" <<END
{"type": "call", "url": "$url", "policy": "allow",
 "tools": [{"name": "query_db", "description": "Run SQL", "parameters": {"type": "object",
  "properties": {"sql": {"type": "string"}}, "required": ["sql"]}},
  {"name": "plain", "inputSchema": {"type": "object"}}]${MEMBERS:+, $MEMBERS}}
END
	chmod 600 "$servers_d/far.json"
	unset OPENROUTER_API_KEY OPENROUTER_BASE_URL
}
answer() { jq -nc --argjson body "$1" '{body: $body, unchecked: true}'; }

remote "$(answer '{"result": "three rows"}')"
run "$cordpair" tools --tsv
is 'its tools are listed' "$status $(cut -f1 <<<"$out" | paste -sd' ')" '0 far__query_db far__plain'
run "$cordpair" call far query_db 'sql=select 1'
is 'a string is the text' "$status $out" '0 three rows'
is 'what was sent' "$(request 1)" '{"name":"query_db","arguments":{"sql":"select 1"}}'
is 'by POST' "$(request_line 1 | jq -r .method)" POST

for result in '{"rows":[1,2]}' '[1,"zwei"]' 42 true null; do
	remote "$(answer "{\"result\": $result}")"
	run "$cordpair" call far plain
	is "a result $result is JSON text" "$status $(jq -c . <<<"$out")" "0 $result"
done

remote "$(answer '{"error": "no such table"}')"
run "$cordpair" call far plain
is 'an error: exit 1' "$status" 1
like 'an error: its text' "$err" 'no such table'
remote "$(answer '{"error": {"code": 7, "message": "no such column"}}')"
run "$cordpair" call far plain
like 'an error object: its message' "$err" 'no such column'

EXAMPLE_TOKEN=t0ken-t0ken
export EXAMPLE_TOKEN
MEMBERS='"headers": {"Authorization": "Bearer ${EXAMPLE_TOKEN}", "X-Own": "yes"}'
remote "$(answer '{"result": 1}')"
run "$cordpair" --trace "$tmp/trace" call far plain
json 'headers with variables' "$(request_line 1)" \
	'.headers | with_entries(.key |= ascii_downcase) | .authorization == "Bearer t0ken-t0ken" and .["x-own"] == "yes"'
unlike 'and the token is not in the trace' "$(cat "$tmp/trace")" 't0ken-t0ken'
MEMBERS=''

fails() { # WHAT STATUS TEXT: the call has to fail so
	run "$cordpair" call far plain
	is "$1: exit $2" "$status" "$2"
	like "$1: the text" "$err" "$3"
}
remote '{"status": 500, "body": {"error": "out of order"}, "unchecked": true}'
fails 'status 500' 1 'out of order|500'
remote '{"status": 404, "body": "<html>nothing</html>", "type": "text/html", "unchecked": true}'
fails 'status 404 in HTML' 76 '404'
remote '{"body": "not JSON at all", "unchecked": true}'
fails 'no JSON' 76 'JSON'
remote '{"body": "", "unchecked": true}'
fails 'nothing' 76 'JSON|empty'
remote "$(answer '{"other": 1}')"
fails 'neither result nor error' 1 'result'
remote '{"status": 302, "headers": {"Location": "http://127.0.0.1:1/"}, "body": "", "unchecked": true}'
fails 'a redirect is not followed' 78 'redirect|302'
remote '{"cut": true, "body": "{\"resu", "unchecked": true}'
fails 'a connection that is cut' 75 'far'
MEMBERS='"timeout_s": 1'
remote '{"hang": true, "delay_ms": 60000, "body": "", "unchecked": true}'
fails 'a deadline' 75 'within 1 second|1 seconds'
MEMBERS=''
remote "$(answer '{"result": 1}')"
endpoint_stop
fails 'nobody there' 75 'connect'

remote "$(answer '{"result": "direct"}')"
http_proxy=http://127.0.0.1:1 HTTP_PROXY=http://127.0.0.1:1 no_proxy='' run "$cordpair" call far plain
is 'loopback never goes through a proxy' "$status $out" '0 direct'

# A tool that fails is a text for the model, never the end of the run.
endpoint '{"calls": [{"name": "far__plain", "arguments": {}}]}' '{"text": "It does not work."}'
cat >"$servers_d/far.json" <<END
{"type": "call", "url": "http://127.0.0.1:1/call", "policy": "allow", "tools": [{"name": "plain"}]}
END
run "$cordpair" ask 'try it'
is 'ask goes on: exit 0' "$status $out" '0 It does not work.'
like 'and the model can read why' "$(tool_message 2 1)" '^Error: '

# tools_url
remote '{"body": [{"name": "fetched", "description": "From afar", "parameters": {"type": "object"}}], "unchecked": true}' \
	"$(answer '{"result": "yes"}')"
cat >"$servers_d/far.json" <<END
{"type": "call", "url": "$url", "tools_url": "$url/tools", "policy": "allow"}
END
run "$cordpair" call far fetched
is 'tools from tools_url' "$status $out" '0 yes'
is 'by GET' "$(request_line 1 | jq -r .method)" GET

cat >"$servers_d/far.json" <<END
{"type": "call", "url": "$url"}
END
run "$cordpair" tools far
is 'neither tools nor tools_url: exit 78' "$status" 78
like 'and it says so' "$err" 'tools_url'
endpoint_stop
done_testing
