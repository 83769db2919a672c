#!/bin/bash
# SPDX-License-Identifier: MIT
# The reference knowledge graph: what one run stores, the next one finds.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

memory=$(real_program mcp-server-memory)
real_entry memory '{"MEMORY_FILE_PATH": "'"$tmp/graph"'"}' "$memory"
like 'tools' "$(tool_names memory)" 'create_entities .*read_graph .*search_nodes'
run "$cordpair" call memory create_entities \
	'{"entities": [{"name": "Ada", "entityType": "person", "observations": ["wrote the first program"]}]}'
is 'store: exit 0' "$status" 0
run "$cordpair" call memory search_nodes query=Ada
like 'found by the next run' "$status $out" 'wrote the first program'
ok 'stopped: no process is left' none_marked
mkfifo "$tmp/endless"
real_entry memory '{"MEMORY_FILE_PATH": "'"$tmp/endless"'"}' "$memory"
survives memory read_graph
done_testing
