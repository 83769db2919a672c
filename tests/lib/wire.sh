# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A peer on loopback that puts any bytes on the wire (tests/fakes/fake_wire.py).
#
#   wire [MODE]...     starts one that answers with $tmp/wire (and $tmp/wire.N); sets $wire_port; the
#                      one before it ends. What it got are the JSON lines of $tmp/wire_record.
#   answer BYTES       what it answers; \r and \n are escapes
#   json_answer JSON [HEADER]...     the same, as a whole HTTP answer
#   wire_count         how many requests it got
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
command -v python3 >/dev/null || skip_all 'python3 is missing'

wire_in=
wire_stop() {
	[ -n "$wire_in" ] || return 0
	exec {wire_in}>&-
	wire_in=
	rm -f "$tmp/wire_pipe" "$tmp/wire_port"
}
wire() {
	wire_stop
	mkfifo "$tmp/wire_pipe" "$tmp/wire_port"
	python3 "$TOP_SRCDIR/tests/fakes/fake_wire.py" "$tmp/wire_record" "$tmp/wire" "$@" \
		<"$tmp/wire_pipe" >"$tmp/wire_port" 2>"$tmp/wire_err" 8>&- 9>&- &
	exec {wire_in}>"$tmp/wire_pipe"
	if ! read -r -t "$limit_s" wire_port <"$tmp/wire_port"; then
		echo "Bail out! the peer does not start: $(cat "$tmp/wire_err")"
		exit 1
	fi
}
answer() {
	rm -f "$tmp"/wire.[0-9]*
	printf '%b' "$1" >"$tmp/wire"
}
json_answer() {
	local json=$1
	shift
	{
		printf 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n' "$(printf '%s' "$json" | wc -c)"
		[ $# -eq 0 ] || printf '%s\r\n' "$@"
		printf '\r\n%s' "$json"
	} >"$tmp/wire"
}
wire_count() { wc -l <"$tmp/wire_record" | tr -d ' '; }
