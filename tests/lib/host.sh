# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A home of its own for a test of the real program, fake servers and a scripted endpoint.
#
#   run PROGRAM [ARGUMENT]...   sets $out, $err, $status; ended after $limit_s seconds
#   server NAME MODES [MEMBERS], endpoint ANSWER..., request N
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
limit_s=${limit_s:-60}

run() {
	timeout "$limit_s" "$@" >"$tmp/out" 2>"$tmp/err" <"${stdin:-/dev/null}"
	status=$?
	out=$(tr -d '\0' <"$tmp/out")
	err=$(tr -d '\0' <"$tmp/err")
}

# Waits until a command succeeds; false after $limit_s seconds.
wait_until() {
	local end=$((SECONDS + limit_s))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.05
	done
}
gone() { ! kill -0 "$1" 2>/dev/null; }

for tool in jq timeout; do
	command -v "$tool" >/dev/null || skip_all "$tool is missing"
done

# A home of its own: nothing of the person's configuration is seen, or touched.
tmp=$(mktemp -d) || exit 1
cleanup() {
	exec 9>&- 8>&-
	rm -rf "$tmp"
}
trap cleanup EXIT
export HOME=$tmp/home XDG_CONFIG_HOME=$tmp/config XDG_STATE_HOME=$tmp/state XDG_CACHE_HOME=$tmp/cache
export XDG_DATA_DIRS=$tmp/data XDG_RUNTIME_DIR=$tmp/run
unset OPENROUTER_API_KEY OPENROUTER_BASE_URL CORDPAIR_MODEL CREDENTIALS_DIRECTORY
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
export no_proxy='*'
mkdir -p "$HOME" "$XDG_CONFIG_HOME/cordpair/servers.d" "$tmp/data" "$tmp/run"
chmod 700 "$tmp" "$XDG_CONFIG_HOME" "$XDG_CONFIG_HOME/cordpair" "$XDG_CONFIG_HOME/cordpair/servers.d"
cordpair=$TOP_BUILDDIR/src/cordpair
fake=$TOP_BUILDDIR/tests/fakes/fake-server
servers_d=$XDG_CONFIG_HOME/cordpair/servers.d

# server NAME MODES [MEMBERS]: a servers.d entry for the fake server. MODES are separated by blanks.
server() {
	local modes
	modes=$(for mode in $2; do printf '%s\n' "$mode"; done | jq -Rn '[inputs]')
	cat >"$servers_d/$1.json" <<END
{"command": "$fake", "args": $modes, "policy": "allow"${3:+, $3}}
END
	chmod 600 "$servers_d/$1.json"
}
no_servers() { rm -f "$servers_d"/*; }

# endpoint SCRIPT...: starts the scripted endpoint on these answers (JSON lines); sets $base_url.
# Its requests are lines of $tmp/requests.
endpoint() {
	endpoint_stop
	: >"$tmp/requests"
	printf '%s\n' "$@" >"$tmp/script"
	mkfifo "$tmp/endpoint_in" "$tmp/endpoint_out"
	"$TOP_BUILDDIR/tests/fakes/fake-endpoint" --record "$tmp/requests" "$tmp/script" \
		<"$tmp/endpoint_in" >"$tmp/endpoint_out" 2>"$tmp/endpoint_err" &
	endpoint_pid=$!
	exec 9>"$tmp/endpoint_in" 8<"$tmp/endpoint_out"
	read -r line <&8
	base_url=$(jq -r .base_url <<<"$line")
	export OPENROUTER_BASE_URL=$base_url OPENROUTER_API_KEY=sk-or-v1-test-key-0123456789
	export CORDPAIR_MODEL=test/model
}
endpoint_stop() {
	[ -n "${endpoint_pid-}" ] || return 0
	exec 9>&- 8>&-
	wait "$endpoint_pid"
	endpoint_pid=
	rm -f "$tmp/endpoint_in" "$tmp/endpoint_out"
}
request() { sed -n "$1p" "$tmp/requests"; }
