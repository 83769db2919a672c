#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair login without a server: a key of OpenRouter by the browser, kept for every run.
# shellcheck source=tests/lib/remote.sh
. "$(dirname "$0")/../lib/remote.sh"
# shellcheck source=tests/lib/browser.sh
. "$TOP_SRCDIR/tests/lib/browser.sh"

key=$XDG_CONFIG_HOME/cordpair/key

openrouter() { # MODES
	remote it "$1"
	rm -f "$servers_d/it.json" "$tmp/it_in" "$tmp/it_out"
	jq -n --arg url "http://localhost:$remote_port/api/v1" '{base_url: $url, profile: "openrouter"}' \
		>"$XDG_CONFIG_HOME/cordpair/settings.json"
	chmod 600 "$XDG_CONFIG_HOME/cordpair/settings.json"
	rm -f "$tmp/visited"
	run "$cordpair" --trace "$tmp/trace" login
}
openrouter ''
is 'the login: exit' "$status" 0
is 'the key, and nothing else, in a file of the person'"'"'s own' "$(cat "$key") $(stat -c %a "$key")" 'sk-or-v1-of-the-login 600'
like 'said where' "$err" "kept in $key"
like 'the page was opened' "$(visited)" "^http://localhost:$remote_port/auth\?callback_url=http%3A%2F%2Flocalhost%3A[0-9]+%2Fcallback&code_challenge=[A-Za-z0-9_-]{43}&code_challenge_method=S256$"
is 'the exchange' "$(got 'select(.path == "/api/v1/auth/keys") | [.method, (.body | keys | join(" "))]')" \
	'["POST","code code_challenge_method code_verifier"]'
none 'the key is not in the trace' "$(grep -c 'of-the-login' "$tmp/trace" | grep -v '^0$')"
none 'nor on the screen' "$(grep 'of-the-login' <<<"$out$err")"
run "$cordpair" doctor
like 'it is used from now on' "$out" 'key +.*key file'

OPENROUTER_API_KEY=sk-or-v1-another run "$cordpair" login
like 'a key that goes before it is told' "$err" 'OPENROUTER_API_KEY gives a key too'
run "$cordpair" login --forget
is 'forgotten' "$status $([ -e "$key" ] || echo gone)" '0 gone'
run "$cordpair" login --forget
is 'forgotten twice' "$status" 0

fails() { # MODE EXIT PATTERN
	echo before >"$key" && chmod 600 "$key"
	openrouter "$1"
	is "$1: exit" "$status" "$2"
	like "$1: said" "$err" "$3"
	is "$1: the key of before is still there" "$(cat "$key")" before
}
fails denied 77 'the page gave no code: access_denied'
fails refused 77 'the code was not taken: .*Invalid'
fails no-key 76 'the answer has no key'
fails broken 76 'the answer is no JSON'
unlike 'made safe' "$err" $'\e'

rm -f "$XDG_CONFIG_HOME/cordpair/settings.json"
run "$cordpair" --base-url http://127.0.0.1:9/v1 login
is 'another endpoint gives no keys' "$status" 2
like 'said' "$err" 'which server\? cordpair login SERVER; a key by login is OpenRouter'
run "$cordpair" login one two
is 'two servers' "$status" 2
remotes_stop
done_testing
