#!/bin/bash
# SPDX-License-Identifier: MIT
# OAuth without a person: client credentials by a secret or a signature, an identity provider's exchange;
# and servers without documents.
# shellcheck source=tests/lib/remote.sh
. "$(dirname "$0")/../lib/remote.sh"
# shellcheck source=tests/lib/browser.sh
. "$TOP_SRCDIR/tests/lib/browser.sh"

token_form() { jq -c 'select(.path == "/token") | .body' "$remote_record" | tail -n 1; }
calls() { # WHAT NAME
	run "$cordpair" call "$2" echo text=hello
	is "$1" "$status $out" '0 hello'
}
refused() { # WHAT NAME EXIT PATTERN
	run "$cordpair" call "$2" echo text=hello
	is "$1: exit" "$status" "$3"
	like "$1: said" "$err" "$4"
}
credentials='"grant": "client_credentials", "client_id": "me"'

# A secret
for method in client_secret_basic client_secret_post; do
	remote "$method" "login auth=$method" "\"oauth\": {$credentials, \"client_secret\": \"s3cret\", \"scopes\": [\"extra\"]}"
	calls "$method: nobody is asked" "$method"
	json "$method: what is asked for" "$(token_form)" \
		'.grant_type == "client_credentials" and .scope == "mcp:read extra" and (.resource | endswith("/mcp"))'
done
json 'client_secret_post: the secret is in the form' "$(token_form)" '.client_secret == "s3cret"'
remote wrong 'login auth=client_secret_basic' "\"oauth\": {$credentials, \"client_secret\": \"wrong\"}"
refused 'a wrong secret' wrong 77 'server "wrong": .*invalid_grant'
remote bare 'login auth=client_secret_basic' "\"oauth\": {$credentials}"
refused 'no secret at all' bare 69 'needs a client_id, and a client_secret or a private_key'

# A signature
base64_of_url() { # the bytes of a part of a JWT
	local text
	text=$(tr '_-' '/+' <<<"$1")
	printf '%s%s' "$text" "$(printf '%*s' $(((4 - ${#text} % 4) % 4)) '' | tr ' ' '=')" | base64 -d
}
if command -v openssl >/dev/null && openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$tmp/rsa.pem" 2>/dev/null &&
	grep -q LIBCRYPTO "$TOP_BUILDDIR/config.h" && ! grep -q 'undef HAVE_LIBCRYPTO' "$TOP_BUILDDIR/config.h"; then
	openssl pkey -in "$tmp/rsa.pem" -pubout -out "$tmp/rsa.pub"
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$tmp/ec.pem"
	chmod 600 "$tmp"/*.pem
	for key in rsa ec; do
		remote "$key" 'login auth=private_key_jwt' "\"oauth\": {$credentials, \"private_key\": \"\${file:$tmp/$key.pem}\"}"
		calls "$key: a signature" "$key"
		assertion=$(token_form | jq -r .client_assertion)
		IFS=. read -r header claims signature <<<"$assertion"
		json "$key: its claims" "$(base64_of_url "$claims")" \
			".iss == \"me\" and .sub == \"me\" and .aud == \"http://127.0.0.1:$remote_port\" and .exp > .iat and (.jti | length) > 10"
		is "$key: its algorithm" "$(base64_of_url "$header" | jq -r .alg)" "$([ $key = rsa ] && echo RS256 || echo ES256)"
		json "$key: no secret goes along" "$(token_form)" '.client_secret == null'
		if [ $key = rsa ]; then
			base64_of_url "$signature" >"$tmp/signature"
			is 'rsa: openssl finds it good' "$(printf '%s.%s' "$header" "$claims" |
				openssl dgst -sha256 -verify "$tmp/rsa.pub" -signature "$tmp/signature" 2>&1)" 'Verified OK'
		fi
	done
	remote nokey 'login auth=private_key_jwt' "\"oauth\": {$credentials, \"private_key\": \"no key\"}"
	refused 'a key that is none' nokey 69 'private_key'
else
	skip 'a signature' 'openssl or libcrypto is missing'
fi

# The company's identity provider
enterprise() { # NAME ID_TOKEN [MEMBERS]
	remote "$1" 'login auth=client_secret_basic'
	printf '{"type": "http", "url": "http://127.0.0.1:%d/mcp", "policy": "allow", "oauth": {"grant": "enterprise",
		"client_id": "me", "client_secret": "s3cret", "idp_client_id": "us", "idp_id_token": "%s"%s}}\n' \
		"$remote_port" "$2" "${3-, \"idp_token_endpoint\": \"http://127.0.0.1:$remote_port/idp/token\"}" >"$servers_d/$1.json"
}
enterprise company the-id-token
calls 'enterprise: nobody is asked' company
json 'enterprise: the statement goes to the authorization server' "$(token_form)" \
	'.assertion == "the-statement" and (.grant_type | endswith("jwt-bearer"))'
is 'enterprise: the id token does not' "$(token_form | grep -c the-id-token)" 0
enterprise stranger another-token
refused 'enterprise: the identity provider refuses' stranger 77 'server "stranger": .*who is that\?'
enterprise unsafe the-id-token ', "idp_token_endpoint": "http://idp.example/token"'
refused 'enterprise: an id token goes to https only' unsafe 69 'needs an idp_token_endpoint \(https\)'

# Documents
remote plain 'login no-documents'
rm -f "$tmp/visited"
run "$cordpair" login plain
is 'without documents: the paths of 2025-03-26' "$status $(got 'select(.path | startswith("/authorize") or . == "/register" or . == "/token") | .path | sub("\\?.*"; "")')" \
	'0 /register /authorize /token'
calls 'without documents: logged in' plain
remote other login '"oauth": {"issuer": "https://login.example"}'
refused 'another issuer than the entry wants' other 77 'does not name https://login.example'
remotes_stop
done_testing
