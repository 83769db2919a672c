#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair login: OAuth 2.1 from the challenge to the kept token, and what must never be used.
# shellcheck source=tests/lib/remote.sh
. "$(dirname "$0")/../lib/remote.sh"
# shellcheck source=tests/lib/terminal.sh
. "$TOP_SRCDIR/tests/lib/terminal.sh"
# shellcheck source=tests/lib/browser.sh
. "$TOP_SRCDIR/tests/lib/browser.sh"

login() {
	rm -f "$tmp/visited"
	run "$cordpair" login "$@"
}
logins() { find "$tmp/state/cordpair/oauth" -name "$1-*.json" 2>/dev/null; }

remote it login
run "$cordpair" call it echo text=hello
is 'without a login: exit' "$status" 77
# shellcheck disable=SC2016 # backquotes of a message
like 'without a login: what to do' "$err" 'server "it": it needs login for mcp:read; run `cordpair login it`'
is 'without a login: nobody is asked' "$(visited)" ''
run "$cordpair" --events tools it
is 'without a login: the state' "$(event "$out" server.state .state)" 'starting needs-login stopped'
events_are_valid 'without a login' "$out"

login it
is 'login: exit 0' "$status" 0
like 'login: the address is told' "$err" "log in at http://127.0.0.1:$remote_port/authorize\\?response_type=code&"
like 'login: it worked' "$err" 'logged in to server "it": 1 tools'
is 'login: nothing on stdout' "$out" ''
like 'login: the browser shows so' "$(cat "$tmp/page")" 'You may close this window'
like 'login: PKCE, the resource, the scope' "$(visited)" \
	'code_challenge=[A-Za-z0-9_-]{43}&code_challenge_method=S256&resource=http%3A%2F%2F127.0.0.1%3A[0-9]+%2Fmcp&scope=mcp%3Aread$'
is 'login: who we are' "$(got 'select(.path == "/register").body | [.application_type, .client_name] | join(" ")')" \
	'native cordpair'
is 'its files are for the user only' "$(find "$tmp/state/cordpair/oauth" -type f ! -perm 600)$(stat -c %a "$tmp/state/cordpair/oauth")" 700
run "$cordpair" call it echo text=hello
is 'a later run uses it' "$status $out" '0 hello'
run "$cordpair" --trace "$tmp/trace" call it echo text=hello
none 'no token in the trace' "$(grep -c "$(jq -r .access_token "$(logins token)")" "$tmp/trace" | grep -v '^0$')"

rm -f "$tmp/visited"
run "$cordpair" --trace "$tmp/trace" login it
none 'nor in that of the login itself' "$(grep -c "$(jq -r .access_token "$(logins token)")" "$tmp/trace" | grep -v '^0$')"
is 'again: a new login' "$status $(visited | wc -l | tr -d ' ')" '0 1'
is 'again: by the same registration, at the same port' "$(got_count '.path == "/register"')" 1
login it --forget
like 'forgotten' "$status $err" '0 .*is forgotten'
run "$cordpair" call it echo text=hello
is 'and so it needs one' "$status" 77
login it --forget
like 'nothing to forget' "$status $err" '0 .*there was no login'

# A token that ends: it is renewed, once for all who wait, and never by two processes.
remote short 'login expires=2'
login short
is 'expiring: login' "$status" 0
for i in 1 2 3; do
	run "$cordpair" call short echo text=$i
	is "expiring: call $i" "$status $out" "0 $i"
done
is 'expiring: nobody was asked again' "$(visited | wc -l | tr -d ' ')" 1
ok 'expiring: it was renewed' test "$(got_count '.body.grant_type? == "refresh_token"')" -ge 2
remote many 'login expires=12'
login many
for i in 1 2 3 4; do
	"$cordpair" call many echo text=$i >"$tmp/out$i" 2>&1 &
	pids[i]=$!
done
for i in 1 2 3 4; do
	wait "${pids[i]}"
	is "four at once: call $i" "$? $(cat "$tmp/out$i")" "0 $i"
done
remote dead 'login expires=2 refresh-refused'
login dead
is 'not renewable: login' "$status" 0
run "$cordpair" call dead echo text=x
is 'not renewable: exit' "$status" 77
# shellcheck disable=SC2016
like 'not renewable: what to do' "$err" 'run `cordpair login dead`'

remote late login-for-calls
login late
is 'a server that asks for it late' "$status" 0
run "$cordpair" call late echo text=hello
is 'and the call' "$status $out" '0 hello'

# What must not be used
refused() { # WHAT MODES PATTERN
	no_servers
	rm -rf "$tmp/state/cordpair/oauth"
	remote "r$((++refusals))" "login $2"
	login "r$refusals"
	is "$1: exit" "$status" 77
	like "$1: said" "$err" "$3"
	is "$1: no token" "$(logins token)" ''
}
refusals=0
refused 'the person says no' denied 'the login was refused: access_denied: not today'
refused 'another login answers' wrong-state 'belongs to another login'
refused 'another server answers' wrong-iss 'does not come from the authorization server that was asked'
refused 'no code' no-code 'has no code'
refused 'no PKCE' no-pkce 'does not offer PKCE with S256'
refused 'metadata of somebody else' bad-issuer 'says that it is of .*/other, not of http://127.0.0.1:[0-9]+;'
refused 'a resource of somebody else' bad-resource 'is about https://other.example/mcp, which is not the server'
refused 'no registration' no-register 'register one there and put "oauth"'
for page in javascript:alert\(1\) file:///etc/passwd http://evil.example/ --help "\$(touch\${IFS}$tmp/S)"; do
	refused "page $page" "page=$page" '"authorization_endpoint" is not https'
	is "page $page: nothing is opened" "$(visited)" ''
done
none 'nothing was executed' "$(ls "$tmp/S" 2>/dev/null)"
refused 'metadata in the cloud' 'metadata=https://[::ffff:a9fe:a9fe]/latest' 'leads into a private network'
refused 'metadata in a private network' 'metadata=https://10.1.2.3/' 'leads into a private network'

# The browser runs on another machine: the address at which it ends is pasted. A wrong one is told.
no_servers
remote far login
if script -qec true /dev/null >/dev/null 2>&1; then
	cat >"$tmp/bin/xdg-open" <<END
#!/bin/bash
until grep -q 'paste the address' "$tmp/screen"; do sleep 0.05; done
echo nonsense >"$tmp/typed"
until grep -q 'this is not the address' "$tmp/err"; do sleep 0.05; done
until [ "\$(grep -o 'paste the address' "$tmp/screen" | wc -l)" -ge 2 ]; do sleep 0.05; done
curl -s -o /dev/null -w '%{redirect_url}\n' "\$1" >"$tmp/typed"
END
	at_terminal -- "$cordpair" login far
	is 'pasted: exit' "$status" 0
	like 'pasted: it worked' "$err" 'logged in to server "far"'
else
	skip 'pasted' 'script(1) is missing'
fi

no_servers
server local ''
login local
is 'a local server: usage' "$status" 2
like 'a local server: said' "$err" 'nothing to log in to'
run "$cordpair" --base-url http://127.0.0.1:9/v1 login
is 'no server: usage' "$status" 2
login nobody
is 'an unknown server' "$status" 78
# A token must not be readable on its way. The proxy stands for the network: nobody is mcp.example.
remote plain login
jq '.url = "http://mcp.example/mcp"' "$servers_d/plain.json" >"$tmp/plain.json"
cat "$tmp/plain.json" >"$servers_d/plain.json"
rm -f "$tmp/visited"
run env -u no_proxy http_proxy="http://127.0.0.1:$remote_port" "$cordpair" login plain
is 'a server without https: exit' "$status" 77
like 'a server without https: said' "$err" '"url" is not https'
is 'a server without https: nobody is sent anywhere' "$(visited)$(got_count '.path | test("well-known")')" 0

# Without a person
remote nobody login '"oauth": {"grant": "client_credentials"}'
run "$cordpair" call nobody echo text=x
like 'client credentials without a client: said' "$status $err" '69 .*the grant of its "oauth" needs a client_id, and a client_secret or a private_key'
remote odd login '"oauth": {"grant": "client_credentials", "client_id": "c", "private_key": "no key"}'
run "$cordpair" call odd echo text=x
like 'a private key that is none: said' "$status $err" '69 .*"private_key" is no private key in PEM'
remote company login '"oauth": {"grant": "enterprise", "client_id": "c", "client_secret": "s", "idp_token_endpoint": "http://idp.example/token", "idp_id_token": "t"}'
run "$cordpair" call company echo text=x
like 'an identity provider without https: said' "$status $err" '69 .*needs an idp_token_endpoint \(https\)'
remote off login '"oauth": false'
login off
like 'switched off' "$status $err" '77 .*its entry switches off'
remotes_stop
done_testing
