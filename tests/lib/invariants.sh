# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Named faults, and what has to hold after every one of them, whatever it was.
#
#   row ID TITLE            begins a fault: its home is fresh, no server is configured
#   case_ TITLE             begins another form of it, in the same home
#   attempt ARGUMENT...     cordpair with these; sets $out, $err, $status; checks the invariants
#   ends EXIT [REGEX]       how it ended, and what it said on stderr
#   gives TEXT              what it printed
#   says REGEX              what is on stderr besides
#   in_background ARGUMENT...; wait_attempt    the same as attempt, in two steps; $host_pid
#   bad MODES [MEMBERS]     a misbehaving server "bad", and "canary" beside it
#   asks_both TOOL [JSON]   a model calls a tool of bad and one of canary in the same answer: $told is
#                           what the model got of bad; the canary has to answer
#   asks_canary             the same of canary alone
#   states, tells REGEX     the states of bad; what is in $told
#   strace_or_skip          false, and the row is skipped, where strace(1) is missing or may not
#   injected EXPRESSION... -- ARGUMENT...      an attempt under strace's fault injection, of the host's
#                           main process alone; with -f first also of what it starts
#   waits FILE              for a line that `cordpair --trace FILE` writes: waits FILE REGEX
#
# The invariants (security-and-faults, section 3), each with where it is checked:
#   I1 no crash, no sanitizer's report                         attempt
#   I2 it ends                                                 attempt
#   I3 memory: baseline + 64 MiB + 3 × $line_bytes             attempt, not with sanitizers
#   I4 no process is left, descriptors are bounded             attempt, by tests/faults/witness
#   I5 the others are unaffected                               asks_both, asks_canary
#   I6 stdout has only the program's output, stderr only whole sentences without control characters
#                                                              attempt; who is to blame: ends
#   I7 what was written parses, no secret is anywhere          attempt
#   I8 the exit code                                           ends
#   I9 the terminal is as it was, and nothing was written to it  attempt
#   I10 no tool without a record of its decision: waits for the audit
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"

witness=$TOP_BUILDDIR/tests/faults/witness
MEMORY_MAX_KIB=$((64 << 10))
# The host alone has a dozen; each server three, its control socket, and one while it starts.
DESCRIPTORS_MAX=24
DESCRIPTORS_OF_A_SERVER=5
CANARY_MAX_MS=5000
SECRETS='canary-of-the-environment|canary-of-an-entry|sk-or-v1-test-key-0123456789'
sanitized=
grep -q __asan_init "$cordpair" 2>/dev/null && sanitized=yes
baseline_kib=0
line_bytes=0
servers_max=4
attempt_limit_s=60
witness_options=()

row() {
	row_id=$1
	label="$1 $2"
	line_bytes=0
	servers_max=4
	attempt_limit_s=60
	witness_options=()
	unset stdin
	# A file that a fault took all permissions from, or gave to somebody else, is ours to remove.
	rm -rf "$servers_d" "${XDG_STATE_HOME:?}" "${XDG_CACHE_HOME:?}" "$XDG_CONFIG_HOME/cordpair/settings.json" "$tmp/trace"
	mkdir "$servers_d"
	chmod 700 "$servers_d"
}
case_() { label="$row_id $1"; }

# The memory of a run in which nothing goes wrong; once, with the first attempt's kind of program.
measure_baseline() {
	mkdir -p "$tmp/healthy"
	printf '{"command": "%s", "policy": "allow"}\n' "$fake" >"$tmp/healthy/canary.json"
	chmod -R go-w "$tmp/healthy"
	"$witness" --report "$tmp/report" "$cordpair" --servers-dir "$tmp/healthy" \
		--base-url http://127.0.0.1:1/api/v1 ask hi >/dev/null 2>&1 </dev/null
	baseline_kib=$(report rss_kib)
}
report() { sed -n "s/^$1 *//p" "$tmp/report"; }

# What both ways of running need.
prepare() {
	export OPENROUTER_API_KEY=sk-or-v1-test-key-0123456789 CANARY_VARIABLE=canary-of-the-environment
	[ "$baseline_kib" != 0 ] || measure_baseline
	forget_output
	rm -f "$tmp/host_pid"
	arguments=$*
}
witnessed() {
	"$witness" --report "$tmp/report" --limit "$attempt_limit_s" --pid "$tmp/host_pid" \
		"${witness_options[@]}" "${program[@]:-$cordpair}" "$@" \
		>"$tmp/out" 2>"$tmp/err" <"${stdin:-/dev/null}"
}
in_background() {
	prepare "$@"
	witnessed "$@" &
	attempt_pid=$!
	wait_until test -s "$tmp/host_pid"
	# shellcheck disable=SC2034 # for the rows
	host_pid=$(cat "$tmp/host_pid")
}
wait_attempt() {
	wait "$attempt_pid"
	conclude $?
}
conclude() {
	status=$1
	out=$(tr -d '\0' <"$tmp/out")
	err=$(tr -d '\0' <"$tmp/err")
	none "$label: invariants of \"${arguments:0:60}\"" "$(broken_invariants)"
}
attempt() {
	prepare "$@"
	witnessed "$@"
	conclude $?
}
waits() { wait_until grep -Eq "$2" "$1" 2>/dev/null; }

ends() {
	if [ "$status" != "$1" ]; then
		is "$label: exit $1" "$status" "$1"
	elif [ $# -gt 1 ]; then
		like "$label: exit $1, and why" "$err" "$2"
	else
		pass "$label: exit $1"
	fi
}
gives() { is "$label: what it prints" "$out" "$1"; }
says() { like "$label: says $1" "$err" "$1"; }
silent() { is "$label: says nothing" "$err" ''; }

# What does not hold of the last attempt, one a line.
broken_invariants() {
	broken_crash
	broken_leftovers
	broken_output
	broken_files
}
broken_crash() {
	case $status in
	132 | 134 | 135 | 136 | 139) echo "I1: it crashed: signal $((status - 128))" ;;
	esac
	grep -E 'Sanitizer|runtime error:' "$tmp/err" | sed 's/^/I1: /'
	! grep -q '^slow' "$tmp/report" || echo "I2: it did not end within $attempt_limit_s s"
}
broken_leftovers() {
	local kib descriptors most
	kib=$(report rss_kib)
	most=$((baseline_kib + MEMORY_MAX_KIB + 3 * line_bytes / 1024))
	if [ -z "$sanitized" ] && [ "$kib" -gt "$most" ]; then
		echo "I3: $kib KiB of memory, at most $most"
	fi
	sed -n 's/^left /I4: left behind: /p; s/^terminal /I9: the terminal was /p' "$tmp/report"
	descriptors=$(report descriptors)
	most=$((DESCRIPTORS_MAX + DESCRIPTORS_OF_A_SERVER * servers_max))
	[ "$descriptors" -le "$most" ] || echo "I4: $descriptors descriptors, at most $most"
}
broken_output() {
	grep -vE '^(cordpair: |Try `cordpair|$)' "$tmp/err" | head -n 5 | cut -c1-200 | sed 's/^/I6: on stderr: /'
	LC_ALL=C grep -aq $'[\x01-\x08\x0b-\x1f\x7f]' "$tmp/err" && echo 'I6: a control character on stderr'
	case " $arguments " in
	*' --json '*)
		[ ! -s "$tmp/out" ] || jq -e . "$tmp/out" >/dev/null 2>&1 ||
			jq -e . "$tmp/out" >/dev/null || echo 'I6: stdout is no JSON'
		;;
	*' --events '*) broken_events ;;
	esac
}
broken_events() {
	jq -es 'length == 0 or (.[-1].type == "run.end" and (map(select(.type == "run.end")) | length) == 1
		and .[-1].exit == '"$status"')' "$tmp/out" >/dev/null 2>&1 ||
		echo 'I6: the events are not one run that ends with its exit code'
}
broken_files() {
	local file
	grep -rlE "$SECRETS" "$tmp/out" "$tmp/err" "$tmp/trace" "$XDG_STATE_HOME" "$XDG_CACHE_HOME" 2>/dev/null |
		sed 's/^/I7: a secret is in /'
	while read -r file; do
		jq -e . "$file" >/dev/null 2>&1 || echo "I7: $file is no JSON"
	done < <(find "$XDG_STATE_HOME" "$XDG_CACHE_HOME" -name '*.json' 2>/dev/null)
	if [ -f "$tmp/requests" ]; then
		jq -r 'select(.broken) | "I6: a request that the endpoint refuses: \(.broken)"' "$tmp/requests"
	fi
}

# Servers, and a model that calls them

SECRET_MEMBER='"env": {"TOKEN": "canary-of-an-entry"}'
bad() {
	rm -rf "$XDG_STATE_HOME/cordpair/manifests" # it is another one, whatever its entry says
	server bad "$1" "$SECRET_MEMBER${2:+, $2}"
	server canary '' "$SECRET_MEMBER"
}
canary_is_alive() { # MESSAGE: of the canary; its call took so many milliseconds
	local ms
	ms=$(event "$out" tool.result 'select(.server == "canary" and .tool == "echo") | .ms')
	none "$label: I5 the others are unaffected" "$(
		[ "$1" = alive ] || echo "the canary said \"$1\""
		[ "${ms%.*}" -le $CANARY_MAX_MS ] 2>/dev/null || echo "the canary took $ms ms"
	)"
}
asks_both() {
	local arguments_json=${2:-'{}'}
	endpoint "{\"calls\": [{\"name\": \"bad__$1\", \"arguments\": $arguments_json}, {\"name\": \"canary__echo\", \"arguments\": {\"text\": \"alive\"}}]}" \
		'{"text": "Done."}'
	attempt --events ask hi
	told=$(tool_message 2 1)
	canary_is_alive "$(tool_message 2 2)"
}
asks_canary() {
	endpoint '{"calls": [{"name": "canary__echo", "arguments": {"text": "alive"}}]}' '{"text": "Done."}'
	attempt --events ask hi
	canary_is_alive "$(tool_message 2 1)"
}
# The states of bad in the last run with --events, the first one aside.
states() { event "$out" server.state 'select(.server == "bad" and .state != "starting") | .state'; }
tells() { like "$label: the model is told" "$told" "$1"; }

# System calls that fail, signals that come at one

strace_or_skip() {
	strace -qq -o /dev/null true 2>/dev/null && return
	skip "$label" 'strace(1) is missing, or may not trace here'
	return 1
}
injected() {
	local expressions=() calls
	program=(env "ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0" strace -qq -o /dev/null)
	if [ "$1" = -f ]; then
		program+=(-f --seccomp-bpf) # the calls that are not injected stay fast
		shift
	fi
	while [ "$1" != -- ]; do
		expressions+=(-e "inject=$1")
		calls+=${calls:+,}${1%%:*}
		shift
	done
	shift
	program+=(-e "trace=$calls" "${expressions[@]}" "$cordpair")
	attempt "$@"
	unset program
}
