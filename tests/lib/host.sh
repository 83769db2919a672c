# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A home of its own for a test of the real program, fake servers and a scripted endpoint.
#
#   run PROGRAM [ARGUMENT]...   sets $out, $err, $status; ended after $limit_s seconds
#   server NAME MODES [MEMBERS], endpoint ANSWER..., request N

# One home, however many of the libraries beside this one a test has.
! declare -F endpoint_stop >/dev/null || return 0
# shellcheck source=tests/lib/tap.sh
. "$(dirname "${BASH_SOURCE[0]}")/tap.sh"
limit_s=${limit_s:-60}

run() {
	timeout "$limit_s" "$@" >"$tmp/out" 2>"$tmp/err" <"${stdin:-/dev/null}"
	status=$?
	out=$(tr -d '\0' <"$tmp/out")
	err=$(tr -d '\0' <"$tmp/err")
}

# Before a run in the background is waited for by what it prints: the last run printed it too.
forget_output() {
	: >"$tmp/out"
	: >"$tmp/err"
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
	# A subshell that is killed before it has begun runs its parent's trap.
	[ "$BASHPID" = $$ ] || return
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

# endpoint ANSWER...: starts the scripted endpoint on these answers (JSON, see
# tests/fakes/endpoint_script.h); sets $base_url. What it got are lines of $tmp/requests.
endpoint() {
	endpoint_stop
	: >"$tmp/requests"
	printf '%s\n' "$@" | jq -c . >"$tmp/script"
	mkfifo "$tmp/endpoint_in" "$tmp/endpoint_out"
	"$TOP_BUILDDIR/tests/fakes/fake-endpoint" --record "$tmp/requests" "$tmp/script" \
		<"$tmp/endpoint_in" >"$tmp/endpoint_out" 2>"$tmp/endpoint_err" &
	endpoint_pid=$!
	# Opened for both, so that neither waits for an endpoint that does not start.
	exec 9<>"$tmp/endpoint_in" 8<>"$tmp/endpoint_out"
	if ! read -r -t "$limit_s" line <&8; then
		echo "Bail out! the endpoint does not start: $(cat "$tmp/endpoint_err")"
		exit 1
	fi
	base_url=$(jq -r .base_url <<<"$line")
	export OPENROUTER_BASE_URL=$base_url OPENROUTER_API_KEY=sk-or-v1-test-key-0123456789
	export CORDPAIR_MODEL=test/model
}
endpoint_stop() {
	[ -n "${endpoint_pid-}" ] || return 0
	exec 9>&- 8>&-
	wait "$endpoint_pid" || fail "the endpoint ended with $?: $(cat "$tmp/endpoint_err")"
	endpoint_pid=
	rm -f "$tmp/endpoint_in" "$tmp/endpoint_out"
}
# request N: its body. request_count, request_line N: method, path, headers and body.
request() { sed -n "$1p" "$tmp/requests" | jq -c .body; }
request_line() { sed -n "$1p" "$tmp/requests"; }
request_count() { wc -l <"$tmp/requests" | tr -d ' '; }
# tool_message N I: the text of the I-th tool message of request N.
tool_message() {
	request "$1" | jq -r "[.messages[] | select(.role == \"tool\")][$2 - 1].content | if type == \"array\" then map(.text) | add else . end"
}

# events_are_valid WHAT LINES: they are one run, by the schema.
events_are_valid() {
	if python3 -c 'import jsonschema' 2>/dev/null; then
		none "$1: valid events" \
			"$(python3 "$TOP_SRCDIR/tests/lib/validate_events.py" \
				"$TOP_SRCDIR/src/app/schema/events.json" <<<"$2" 2>&1)"
	else
		skip "$1: valid events" 'python3-jsonschema is missing'
	fi
}
# event LINES TYPE FILTER: what jq's filter makes of all events of a type, as one line.
event() { jq -rc "select(.type == \"$2\") | $3" <<<"$1" | paste -sd' '; }
