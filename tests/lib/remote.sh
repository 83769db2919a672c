# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A remote MCP server on loopback, with a mode for each misbehaviour (tests/fakes/fake_remote.py).
#
#   remote NAME MODES [MEMBERS]  starts it and writes its entry; sets $remote_port. MODES are
#                                separated by blanks.
#   got FILTER                   what jq makes of each request that the last one got, as one line
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'

remote_pids=()
remote() {
	local modes
	read -ra modes <<<"$2"
	mkfifo "$tmp/$1_in" "$tmp/$1_out"
	remote_record=$tmp/$1_record
	python3 "$TOP_SRCDIR/tests/fakes/fake_remote.py" "$remote_record" "${modes[@]}" \
		<"$tmp/$1_in" >"$tmp/$1_out" 2>"$tmp/$1_err" 8>&- 9>&- &
	remote_pids+=($!)
	# shellcheck disable=SC2034 # it stays open until the test ends
	exec {remote_in}<>"$tmp/$1_in"
	if ! read -r -t "$limit_s" remote_port <"$tmp/$1_out"; then
		echo "Bail out! the remote server does not start: $(cat "$tmp/$1_err")"
		exit 1
	fi
	printf '{"type": "http", "url": "http://127.0.0.1:%d/mcp", "policy": "allow"%s}\n' \
		"$remote_port" "${3:+, $3}" >"$servers_d/$1.json"
	chmod 600 "$servers_d/$1.json"
}
remotes_stop() {
	[ "${#remote_pids[@]}" -eq 0 ] || kill "${remote_pids[@]}" 2>/dev/null
	remote_pids=()
}
got() { jq -rc "$1" "$remote_record" | paste -sd' '; }
got_count() { jq -rc "select($1) | 1" "$remote_record" | wc -l | tr -d ' '; }
