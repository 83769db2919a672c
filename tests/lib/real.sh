# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# Public MCP servers from npm, at the exact versions of tests/real/npm, and what each must survive.
# With npm_kind=conformance set before, the packages of tests/conformance/npm instead.
#
# CORDPAIR_TEST_REAL=yes, or CI=true, installs them once, into the build directory; "no" skips these
# tests; without either they run only where the servers are installed already.
#
#   real_entry NAME ENVIRONMENT COMMAND [ARGUMENT]...    ENVIRONMENT is a JSON object
#   real_remote NAME PORT PATH COMMAND...  starts a server that listens, and writes its entry
#   free_port             prints one
#   real_program NAME     the path of an installed server
#   tool_names, marked, none_marked
#   real_service SCRIPT  a service on loopback, whose requests SCRIPT answers (JavaScript; request, text
#                     and response are there); sets $service_port
#   deviations NAME   what doctor notes of it
#   survives NAME CALL...  the call never ends by itself: cancel, stop, and kill -9 of either side
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
npm_source=$TOP_SRCDIR/tests/${npm_kind:=real}/npm
npm_dir=$TOP_BUILDDIR/tests/$npm_kind/npm-installed

real_install() {
	cmp -s "$npm_source/package-lock.json" "$npm_dir/done" && return
	mkdir -p "$npm_dir" &&
		cp "$npm_source/package.json" \
			"$npm_source/package-lock.json" "$npm_dir" &&
		chmod u+w "$npm_dir"/package*.json &&
		# Install scripts would download what the packages do not hold; none is needed.
		(cd "$npm_dir" && npm ci --ignore-scripts --no-audit --no-fund >install.log 2>&1) &&
		cp "$npm_dir/package-lock.json" "$npm_dir/done"
}
real_wanted() {
	case ${CORDPAIR_TEST_REAL:-} in
	no | 0) skip_all 'CORDPAIR_TEST_REAL=no' ;;
	'') ;;
	*) return 0 ;;
	esac
	[ "${CI:-}" = true ] && return 0
	[ -e "$npm_dir/done" ] || skip_all 'CORDPAIR_TEST_REAL=yes installs public servers from npm'
}
real_wanted
if ! command -v npm >/dev/null; then
	# CI installs npm: a skip there would hide that it did not.
	[ "${CI:-}" != true ] || { echo 'Bail out! npm is missing'; exit 1; }
	skip_all 'npm is missing'
fi
mkdir -p "$TOP_BUILDDIR/tests/$npm_kind"
exec 7>"$TOP_BUILDDIR/tests/$npm_kind/npm.lock"
flock 7 # tests run in parallel, and the first one installs
if ! real_install; then
	echo "Bail out! npm ci failed, see $npm_dir/install.log"
	exit 1
fi
exec 7>&-

real_program() { echo "$npm_dir/node_modules/.bin/$1"; }

# The mark is in the environment of everything that the server starts, whatever it calls itself.
mark=mark-$$-$RANDOM
real_entry() {
	local name=$1 environment=$2 command=$3
	shift 3
	jq -n --arg command "$command" --argjson env "$environment" --arg mark "$mark" \
		--arg cwd "$npm_dir" '{$command, args: $ARGS.positional, policy: "allow", $cwd,
			env: ($env + {CORDPAIR_TEST_MARK: $mark})}' --args -- "$@" >"$servers_d/$name.json"
	chmod 600 "$servers_d/$name.json"
}
# What listens ends with the test.
real_pids=()
real_cleanup() {
	[ "$BASHPID" = $$ ] || return
	[ "${#real_pids[@]}" -eq 0 ] || kill "${real_pids[@]}" 2>/dev/null
	cleanup
}
trap real_cleanup EXIT
real_remote() {
	local name=$1 port=$2 path=$3
	shift 3
	PORT=$port "$@" >"$tmp/$name.log" 2>&1 8>&- 9>&- &
	real_pids+=($!)
	printf '{"type": "http", "url": "http://127.0.0.1:%d%s", "policy": "allow"}\n' \
		"$port" "$path" >"$servers_d/$name.json"
	chmod 600 "$servers_d/$name.json"
	wait_until listens "$port"
}
listens() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
free_port() {
	node -e 'const s = require("net").createServer().listen(0, "127.0.0.1",
		() => { console.log(s.address().port); s.close() })'
}
marked() { grep -lsz "^CORDPAIR_TEST_MARK=$mark\$" /proc/[0-9]*/environ | cut -d/ -f3; }
none_marked() { [ -z "$(marked)" ]; }
marked_at_least() { [ "$(marked | wc -l)" -ge "$1" ]; }
tool_names() { "$cordpair" --json tools "$1" 2>/dev/null | jq -r '.[].tool' | paste -sd' '; }

# What servers ask on the network, on loopback.
real_service() {
	mkfifo "$tmp/service_port"
	node -e '
		const answer = new Function("request", "text", "response", process.argv[1])
		require("http").createServer((request, response) => {
			let text = ""
			request.on("data", (data) => { text += data })
			request.on("end", () => answer(request, text, response))
		}).listen(0, "127.0.0.1", function () { console.log(this.address().port) })
	' "$1" >"$tmp/service_port" &
	real_pids+=($!)
	# shellcheck disable=SC2034 # the test uses it
	read -r service_port <"$tmp/service_port"
}

# What doctor notes; but a slow machine may end late, or so late that it is killed.
deviations() {
	"$cordpair" doctor "$1" 2>&1 | grep -vE '^ok|a server ends when its stdin ends'
}

called() { grep -q '"tools/call' "$tmp/trace" 2>/dev/null; }
# Starts a call that does not end, and returns when the server has it; sets $host.
start_call() {
	rm -f "$tmp/trace"
	"$cordpair" --trace "$tmp/trace" call "$@" >"$tmp/out" 2>"$tmp/err" </dev/null &
	host=$!
	wait_until called
}
# The server itself: what runs node, and was started by no other node.
kill_server() {
	local pid
	for pid in $(marked); do
		case $(readlink "/proc/$pid/exe") in */node | */nodejs) kill -KILL "$pid" 2>/dev/null ;; esac
	done
}

survives() {
	local name=$1 signal
	start_call "$@"
	kill_server
	wait "$host"
	is "$name: kill -9 of the server: exit 69" $? 69
	like "$name: kill -9 of the server: said" "$(cat "$tmp/err")" "$name.*killed by signal 9"
	ok "$name: kill -9 of the server: no process is left" wait_until none_marked

	for signal in INT KILL; do
		start_call "$@"
		ok "$name: SIG$signal of the host: the server is there" marked_at_least 1
		kill -"$signal" "$host"
		wait "$host" 2>/dev/null
		is "$name: SIG$signal of the host: exit" $? $((128 + $(kill -l "$signal")))
		[ "$signal" = KILL ] ||
			ok "$name: SIG$signal of the host: the server is told" grep -q notifications/cancelled "$tmp/trace"
		ok "$name: SIG$signal of the host: no process is left" wait_until none_marked
	done
}
