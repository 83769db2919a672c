#!/bin/bash
# SPDX-License-Identifier: MIT
# Conversations that real services had with other clients, had again with this host: the answers are
# the recorded bytes. Our requests must fit OpenRouter's own schema and the loop's rules, and hold
# what was answered and what the tools gave, unchanged. The recordings lie beside the source tree.
# shellcheck source=tests/lib/scripted.sh
. "$(dirname "$0")/../lib/scripted.sh"
recorded=$TOP_SRCDIR/../shared/recorded
openapi=$TOP_SRCDIR/../shared/spec/openrouter/openapi.json
[ -d "$recorded" ] || skip_all 'no recorded traffic beside the source tree'
[ -e "$openapi" ] || skip_all 'no schema of OpenRouter beside the source tree'
python3 -c 'import jsonschema' 2>/dev/null || skip_all 'python3-jsonschema is missing'
# All there are today. More may come; fewer are lost.
replayed_min=77

plans=$tmp/plans
mkdir "$plans"
replayed=$(python3 "$TOP_SRCDIR/tests/lib/recorded.py" plan "$recorded" "$plans")

# replay DIRECTORY: all its runs, against one endpoint.
replay() {
	local plan=$1 run arguments
	rm -rf "$XDG_STATE_HOME" "$XDG_CACHE_HOME"
	install -m 600 "$plan/settings" "$XDG_CONFIG_HOME/cordpair/settings.json"
	mapfile -t arguments <"$plan/script"
	endpoint "${arguments[@]}"
	for run in "$plan"/*.ask; do
		cp "${run%.ask}.server" "$tmp/it.script"
		mapfile -d '' -t arguments <"$run"
		run "$cordpair" --json -m "$(cat "$plan/model")" ask "${arguments[@]}"
		printf '%d %s\n' "$status" "$(jq -c . <<<"$out" 2>/dev/null || tr '\n' ' ' <<<"$out$err")"
	done >"$plan/ended"
	mv "$tmp/requests" "$plan/requests"
}

scripted it '{}'
mapfile -t conversations < <(find "$plans" -name plan -printf '%h\n' | sort)
for plan in "${conversations[@]}"; do replay "$plan"; done
endpoint_stop
python3 "$TOP_SRCDIR/tests/lib/recorded.py" judge "$plans" "$openapi"
for plan in "${conversations[@]}"; do
	none "${plan#"$plans"/}" "$(cat "$plan/faults")"
done
while read -r why; do skip "${why%%:*}" "${why#*: }"; done <"$plans/skipped"
ok "$replayed conversations are replayed, of at least $replayed_min" [ "$replayed" -ge $replayed_min ]
done_testing
