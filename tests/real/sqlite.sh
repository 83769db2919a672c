#!/bin/bash
# SPDX-License-Identifier: MIT
# Two servers for SQLite databases: what one run stores, the next one and the other server find.
# Their binding is compiled here, against the system's library (ten seconds, not three minutes).
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

node_prefix=$(node -p 'require("path").resolve(process.execPath, "../..")')
binding=$npm_dir/node_modules/sqlite3/build/Release/node_sqlite3.node
if [ ! -e "$binding" ] && ! (cd "$npm_dir" && npm rebuild sqlite3 --build-from-source --sqlite=/usr \
	--nodedir="$node_prefix" >rebuild.log 2>&1); then
	# CI installs a compiler, and the headers of node and SQLite.
	[ "${CI:-}" != true ] || { echo "Bail out! sqlite3 is not built, see $npm_dir/rebuild.log"; exit 1; }
	skip_all "sqlite3 is not built, see $npm_dir/rebuild.log"
fi

real_entry queries '{}' "$(real_program mcp-server-sqlite-npx)" "$tmp/database"
real_entry records '{}' "$(real_program mcp-sqlite-server)" "$tmp/database"
is 'queries: tools' "$(tool_names queries)" 'read_query write_query create_table list_tables describe_table'
is 'records: tools' "$(tool_names records)" 'db_info query list_tables get_table_schema create_record read_records update_records delete_records'
run "$cordpair" call queries create_table query='CREATE TABLE people (name TEXT, born INTEGER)'
is 'queries: a table' "$status" 0
run "$cordpair" call queries write_query query="INSERT INTO people VALUES ('Ada', 1815)"
is 'queries: a row' "$status" 0
run "$cordpair" call records create_record table=people data='{"name": "Alan", "born": 1912}'
like 'records: a row' "$status $out" '^0 .*$'
run "$cordpair" call records read_records table=people conditions='{"name": "Ada"}'
is 'records: what the other stored' "$status $(jq -c . <<<"$out")" '0 [{"name":"Ada","born":1815}]'
run "$cordpair" call queries read_query query='SELECT name FROM people ORDER BY born DESC'
is 'queries: what both stored' "$status $(jq -c . <<<"$out")" '0 [{"name":"Alan"},{"name":"Ada"}]'
run "$cordpair" call queries read_query query='DROP TABLE people'
is 'queries: not to be read: exit 1' "$status" 1
like 'queries: not to be read: said' "$err" 'Only SELECT queries'
run "$cordpair" call records query sql='SELECT nonsense'
like 'records: an error of the database' "$status $err" 'no such column'
ok 'stopped: no process is left' none_marked

# Counting never ends, in a thread that no signal handler of the server reaches.
endless='SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n)'
survives queries read_query query="$endless"
survives records query sql="$endless"
done_testing
