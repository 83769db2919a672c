#!/bin/bash
# SPDX-License-Identifier: MIT
# Servers that need little: each is listed, called with success, cancelled and stopped. What they ask
# on the network is answered on loopback, or never.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

# works NAME TOOLS PATTERN CALL...: it has so many tools, and the call's answer is like this.
works() {
	local name=$1 tools=$2 pattern=$3
	shift 3
	is "$name: its tools" "$(tool_names "$name" | wc -w)" "$tools"
	none "$name: doctor has nothing to say against it" "$(deviations "$name")"
	run "$cordpair" call "$name" "$@"
	is "$name: a call: exit 0" "$status" 0
	like "$name: a call: its answer" "$out" "$pattern"
	ok "$name: stopped: no process is left" none_marked
}

real_service '
	const kind = () => JSON.parse(text).type
	if (request.url === "/v1/users/me")
		response.setHeader("content-type", "application/json").end(JSON.stringify({ object: "user", name: "Ada" }))
	else if (request.url === "/chart" && kind() === "pie")
		response.setHeader("content-type", "application/json").end(JSON.stringify({ success: true, resultObj: "http://127.0.0.1/pie.png" }))
'

# No thought takes long: the process is stopped in the middle of the call.
cat >"$tmp/freeze.cjs" <<'END'
const emit = process.stdin.emit
process.stdin.emit = function (event, data) {
	if (event === "data" && String(data).includes('"tools/call"'))
		process.kill(process.pid, "SIGSTOP")
	return emit.apply(this, arguments)
}
END
thinking=$(real_program mcp-server-sequential-thinking)
real_entry thinking '{}' "$thinking"
thought=(sequentialthinking thought='Two and two are four.' nextThoughtNeeded=false thoughtNumber=1 totalThoughts=1)
works thinking 1 '"thoughtHistoryLength": 1' "${thought[@]}"
real_entry thinking '{"NODE_OPTIONS": "--require='"$tmp/freeze.cjs"'"}' "$thinking"
survives thinking "${thought[@]}"

real_entry notion '{"NOTION_TOKEN": "x", "BASE_URL": "http://127.0.0.1:'"$service_port"'"}' \
	"$(real_program notion-mcp-server)"
works notion 24 '"name": ?"Ada"' API-get-self
survives notion API-get-users

real_entry chart '{"VIS_REQUEST_SERVER": "http://127.0.0.1:'"$service_port"'/chart"}' "$(real_program mcp-server-chart)"
share='{"data": [{"category": "a", "value": 1}, {"category": "b", "value": 2}]}'
works chart 27 'http://127.0.0.1/pie.png' generate_pie_chart "$share"
survives chart generate_bar_chart "$share"

# What waits for its configuration never lints.
mkdir "$tmp/good" "$tmp/endless"
echo 'export default [{ rules: { "no-undef": "error" } }]' >"$tmp/good/eslint.config.mjs"
echo 'await new Promise(() => setInterval(() => {}, 1000))' >"$tmp/endless/eslint.config.mjs"
echo 'missing()' | tee "$tmp/good/a.js" >"$tmp/endless/a.js"
real_entry eslint '{}' "$(real_program mcp)"
works eslint 1 "'missing' is not defined" lint-files '{"filePaths": ["'"$tmp/good/a.js"'"]}'
survives eslint lint-files '{"filePaths": ["'"$tmp/endless/a.js"'"]}'

# A cluster, as far as this server sees one: it runs kubectl.
mkdir "$tmp/bin"
cat >"$tmp/bin/kubectl" <<'END'
#!/bin/sh
case $2 in
nodes) exec sleep 600 ;;
esac
echo '{"kind": "List", "items": [{"kind": "Pod", "metadata": {"name": "web-1"}, "status": {"phase": "Running"}}]}'
END
chmod +x "$tmp/bin/kubectl"
real_entry kubernetes '{"PATH": "'"$tmp/bin:$PATH"'"}' "$(real_program mcp-server-kubernetes)"
works kubernetes 23 '"name": "web-1"' kubectl_get resourceType=pods
run "$cordpair" call kubernetes ping
is 'kubernetes: a tool called ping is a tool' "$status" 0
survives kubernetes kubectl_get resourceType=nodes

# It looks for a browser that it could download, and for flags: neither is reached.
real_entry desktop '{"DESKTOP_COMMANDER_DISABLE_TELEMETRY": "1", "DC_FLAG_URL": "http://127.0.0.1:'"$service_port"'/",
	"https_proxy": "http://127.0.0.1:'"$service_port"'"}' "$(real_program desktop-commander)"
echo 'one line' >"$tmp/read"
works desktop 26 '^one line$' read_file path="$tmp/read"
run "$cordpair" call desktop start_process command='echo $((6 * 7))' timeout_ms=60000
is 'desktop: a program that it runs: exit 0' "$status" 0
like 'desktop: a program that it runs: its output' "$out" '^42$'
survives desktop start_process command='sleep 600' timeout_ms=600000
done_testing
