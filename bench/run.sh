#!/bin/bash
# SPDX-License-Identifier: MIT
# `make bench`: cordpair beside the smallest programs that do the same. Every comparison is
# interleaved, round by round, and shows medians; bench/README.md says what is compared and why.
set -eu

rounds=${BENCH_ROUNDS:-5}
bin=$TOP_BUILDDIR/bench
cordpair=$TOP_BUILDDIR/src/cordpair
echo_server=$bin/bench-echo-server
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Nothing of the user's own configuration takes part.
export HOME=$tmp XDG_CONFIG_HOME=$tmp/config XDG_CACHE_HOME=$tmp/cache XDG_STATE_HOME=$tmp/state
export OPENROUTER_API_KEY=sk-or-bench-000000000000 OPENROUTER_BASE_URL=
mkdir -p "$tmp/one" "$tmp/twenty" "$tmp/known"
printf '{"command": "%s", "policy": "allow", "eager": true}\n' "$echo_server" >"$tmp/one/echo.json"
for i in '' {2..20}; do
	cp "$tmp/one/echo.json" "$tmp/twenty/echo$i.json"
	printf '{"command": "%s", "policy": "allow"}\n' "$echo_server" >"$tmp/known/echo$i.json"
done

# sample NAME COMMAND...: one run's JSON object is added to the samples of NAME.
sample() {
	local name=$1
	shift
	timeout 120 "$@" 2>"$tmp/stderr" >>"$tmp/$name.samples" && return
	echo "failed: $*" >&2
	cat "$tmp/stderr" >&2
	exit 1
}

# median NAME FIELD
median() {
	sed -n "s/.*\"$2\":\([0-9.e+]*\).*/\1/p" "$tmp/$1.samples" | sort -g |
		awk '{ v[NR] = $1 } END { print NR ? v[int((NR + 1) / 2)] : "nan" }'
}

calc() {
	awk "BEGIN { printf \"%.2f\", $1 }"
}

missed=0
# row WHAT CORDPAIR OTHER FIGURE LIMIT UNIT: FIGURE is to be LIMIT at most (or at least: '>=LIMIT').
row() {
	local verdict=reached relation='<=' limit=$5
	[[ $limit == '>='* ]] && relation='>=' limit=${limit#>=}
	if ! awk "BEGIN { exit !($4 $relation $limit) }"; then
		verdict=MISSED
		missed=$((missed + 1))
	fi
	printf '%-46s %12s %12s %9s %-4s %s %-6s %s\n' "$1" "$2" "$3" "$4" "$6" "$relation" \
		"$limit" "$verdict"
}

sdk_dir=$TOP_BUILDDIR/bench/sdk
have_sdk() {
	command -v npm >/dev/null && command -v node >/dev/null || return 1
	mkdir -p "$sdk_dir"
	cp "$TOP_SRCDIR/bench/package.json" "$TOP_SRCDIR/bench/sdk.mjs" "$sdk_dir"
	[ -d "$sdk_dir/node_modules/@modelcontextprotocol/sdk" ] ||
		(cd "$sdk_dir" && npm install --no-fund --no-audit --silent) >/dev/null 2>&1
}
sdk=
have_sdk && sdk=yes

# The last core, so that both ends share one and no idle core has to wake.
pin="taskset -c $(($(nproc) - 1))"
command -v taskset >/dev/null || pin=

coproc endpoint { exec "$bin/bench-endpoint"; }
read -r port <&"${endpoint[0]}"
ask() { # ask-SERVERS_DIR
	sample "$1" "$bin/bench-wall" "$cordpair" --servers-dir "$tmp/${1#ask-}" \
		--base-url "http://127.0.0.1:$port/api/v1" --model bench ask hello
}

# The first run remembers each server's protocol era, as it does for a user.
"$cordpair" --servers-dir "$tmp/one" tools >/dev/null
"$cordpair" --servers-dir "$tmp/twenty" tools >/dev/null
"$cordpair" --servers-dir "$tmp/known" tools >/dev/null

for ((round = 0; round < rounds; round++)); do
	printf '\rround %d of %d ' $((round + 1)) "$rounds" >&2
	# shellcheck disable=SC2086 # $pin is a command with its arguments, or nothing
	sample bare-one $pin "$bin/bench-bare" calls 10000 1 "$echo_server"
	# shellcheck disable=SC2086
	sample calls-one $pin "$bin/bench-calls" calls 10000 1 "$echo_server"
	sample bare-64 "$bin/bench-bare" calls 50000 64 "$echo_server"
	sample calls-64 "$bin/bench-calls" calls 50000 64 "$echo_server"
	[ ! "$sdk" ] || sample sdk-64 node "$sdk_dir/sdk.mjs" calls 5000 64 "$echo_server"
	sample bare-tools "$bin/bench-wall" "$bin/bench-bare" start 20 "$echo_server"
	sample tools "$bin/bench-wall" "$cordpair" --servers-dir "$tmp/twenty" tools
	sample bare-ask "$bin/bench-wall" "$bin/bench-bare" ask "$port" "$echo_server"
	sample curl "$bin/bench-wall" "$bin/bench-curl-init"
	ask ask-one
	ask ask-twenty
	ask ask-known
	sample bare-call "$bin/bench-wall" "$bin/bench-bare" calls 1 1 "$echo_server"
	sample call "$bin/bench-wall" "$cordpair" --servers-dir "$tmp/one" call echo echo text=hello
	for mb in 1 10 50; do
		sample "bare-$mb" "$bin/bench-bare" big "$echo_server" ${mb}000000
		sample "big-$mb" "$bin/bench-calls" big "$echo_server" ${mb}000000
	done
	sample beside "$bin/bench-calls" beside 50000000 "$echo_server"
done
[ ! "$sdk" ] || sample sdk-10 node "$sdk_dir/sdk.mjs" big "$echo_server" 10000000
printf '\r%20s\r' '' >&2
eval "exec ${endpoint[1]}>&-"

printf '%-46s %12s %12s %9s %-4s %s\n' 'medians of '"$rounds"' rounds' cordpair 'beside it' \
	figure '' 'target'
a=$(median calls-one median_us) b=$(median bare-one median_us)
row 'one call after another, one core: us' "$a" "$b" "$(calc "$a / $b")" 2.5 x
printf '%-46s %12s %12s\n' '  CPU of the host per call: us' "$(median calls-one cpu_us_per_call)" \
	"$(median bare-one cpu_us_per_call)"
a=$(median calls-64 calls_per_s)
if [ "$sdk" ]; then
	b=$(median sdk-64 calls_per_s)
	row '64 in flight: calls/s, beside the SDK' "$a" "$b" "$(calc "$a / $b")" '>=3' x
	printf '%-46s %12s %12s\n' '  CPU per call, beside the SDK: us' \
		"$(median calls-64 cpu_us_per_call)" "$(median sdk-64 cpu_us_per_call)"
else
	echo '64 in flight, beside the SDK: left out, npm or the package is not there'
fi
printf '%-46s %12s %12s\n' '  calls/s, beside the bare program' "$a" "$(median bare-64 calls_per_s)"
a=$(median calls-64 cpu_us_per_call)
row '64 in flight: CPU per call' "$a" "$(median bare-64 cpu_us_per_call)" "$a" 5 us
a=$(median tools ms) b=$(median bare-tools ms)
row '20 servers to tools listed: ms' "$a" "$b" "$(calc "$a / $b")" 1.5 x
a=$(median tools peak_kib)
row '  peak memory: KiB' "$a" "$(median bare-tools peak_kib)" "$(calc "$a / 1024")" 10 MiB
a=$(median ask-one ms) b=$(calc "$(median bare-ask ms) + $(median curl ms)")
row 'ask, one round, beside bare + libcurl: ms' "$a" "$b" "$(calc "$a - $b")" 5 ms
a=$(median ask-one peak_kib)
row '  peak memory, libcurl beside it: KiB' "$a" "$(median curl peak_kib)" "$(calc "$a / 1024")" 14 MiB
a=$(median ask-known ms) b=$(median ask-twenty ms)
row 'ask, 20 known servers, beside starting them' "$a" "$b" "$(calc "$a / $b")" 0.8 x
a=$(median call ms) b=$(median bare-call ms)
row 'call, its own part: ms' "$a" "$b" "$(calc "$a - $b")" 4 ms
for mb in 1 10 50; do
	a=$(median big-$mb ms) b=$(median bare-$mb ms)
	row "a result of $mb MB: ms" "$a" "$b" "$(calc "$a / $b")" 4 x
done
a=$(median big-50 peak_kib)
row '  copies of 50 MB in memory: KiB' "$a" "$(median bare-50 peak_kib)" \
	"$(calc "$a * 1024 / 50e6")" 3.1 x
[ ! "$sdk" ] || printf '%-46s %12s %12s\n' '  10 MB, beside the SDK: ms' "$(median big-10 ms)" \
	"$(median sdk-10 ms)"
a=$(median beside longest_ms)
row "another server's small call meanwhile" "$a" - "$a" 20 ms
echo "$missed of the targets missed"
