#!/bin/bash
# SPDX-License-Identifier: MIT
# cordpair-files and cordpair-sqlite: JSON lines into the real binaries, their answers by jq.
set -u
: "${TOP_BUILDDIR:=.}"
files=$TOP_BUILDDIR/src/servers/cordpair-files
sqlite=$TOP_BUILDDIR/src/servers/cordpair-sqlite
limit_s=60 # a server that hangs fails its test instead of the run

count=0
pass() { count=$((count + 1)); echo "ok $count - $1"; }
fail() { count=$((count + 1)); echo "not ok $count - $1"; }
skip() { count=$((count + 1)); echo "ok $count - $1 # SKIP $2"; }
done_testing() { echo "1..$count"; exit 0; }

if ! command -v jq >/dev/null; then
	echo "1..0 # SKIP jq is missing"
	exit 0
fi
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT

# check WHAT FILTER: the answer in $answer must make the jq filter true.
check() {
	if jq -e "$2" <<<"$answer" >/dev/null 2>&1; then
		pass "$1"
	else
		fail "$1"
		sed 's/^/# /' <<<"${answer:0:2000}"
	fi
}
equal() { # WHAT GOT WANTED
	if [ "$2" = "$3" ]; then pass "$1"; else fail "$1"; echo "# got \"$2\", wanted \"$3\""; fi
}
serve() { timeout "$limit_s" "$@" 2>"$dir/stderr"; }

modern='"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}'
initialize() { # VERSION
	echo '{"jsonrpc":"2.0","id":"init","method":"initialize","params":{"protocolVersion":"'"$1"'","capabilities":{},"clientInfo":{"name":"t","version":"1"}}}'
	echo '{"jsonrpc":"2.0","method":"notifications/initialized"}'
}
request() { # METHOD [MEMBERS OF PARAMS]
	echo '{"jsonrpc":"2.0","id":1,"method":"'"$1"'","params":{'"${2-}"'}}'
}
call() { # TOOL ARGUMENTS
	request tools/call "$modern"',"name":"'"$1"'","arguments":'"$2"
}

# What is common to both.

protocol() { # PROGRAM ARGUMENT TOOL ARGUMENTS
	local name=${1##*/} version sent line
	for version in 2024-11-05 2025-03-26 2025-06-18 2025-11-25; do
		answer=$({ initialize "$version"; request ping; request tools/list; \
			request tools/call '"name":"'"$3"'","arguments":'"$4"; } | serve "$1" "$2" | jq -s .)
		check "$name: $version is agreed on, the notification is not answered" \
			'length == 4 and .[0].result.protocolVersion == "'$version'" and .[0].result.capabilities.tools'
		check "$name: $version: ping, tools/list and tools/call" \
			'.[1].result == {} and (.[2].result.tools | length > 2) and .[3].result.isError == false
			 and (.[3].result.content[0].text | fromjson) and (.[3].result | has("resultType") | not)'
	done
	check "$name: 2025-11-25 has structuredContent and annotations" \
		'(.[3].result.content[0].text | fromjson) == .[3].result.structuredContent
		 and all(.[2].result.tools[]; .annotations | has("readOnlyHint"))'
	answer=$({ initialize 2024-11-05; request tools/list; request tools/call '"name":"'"$3"'","arguments":'"$4"; } |
		serve "$1" "$2" | jq -s .)
	check "$name: 2024-11-05 has neither" \
		'all(.[1].result.tools[]; has("annotations") or has("outputSchema") | not)
		 and (.[2].result | has("structuredContent") | not)'
	answer=$(initialize 2099-01-01 | serve "$1" "$2")
	check "$name: an unknown version is answered by the newest legacy one" '.result.protocolVersion == "2025-11-25"'

	answer=$(request server/discover "$modern" | serve "$1" "$2")
	check "$name: server/discover" '.result | .resultType == "complete" and .supportedVersions == ["2026-07-28"]
		and .capabilities.tools and (.ttlMs | type == "number") and .cacheScope
		and ._meta["io.modelcontextprotocol/serverInfo"].name == "'"$name"'"'
	answer=$(request tools/list "$modern" | serve "$1" "$2")
	check "$name: modern tools/list" '.result | .resultType == "complete" and .ttlMs and .cacheScope
		and all(.tools[]; .inputSchema.type == "object" and (.name | test("^[a-z_]+$")))'
	answer=$(call "$3" "$4" | serve "$1" "$2")
	check "$name: modern tools/call" '.result | .resultType == "complete" and .structuredContent and (.isError | not)'
	answer=$(request server/discover "${modern/2026-07-28/2031-01-01}" | serve "$1" "$2")
	check "$name: an unsupported version is -32022" '.error.code == -32022 and .id == 1
		and .error.data == {"supported":["2026-07-28"],"requested":"2031-01-01"}'
	answer=$(request tools/list "${modern%%,*}"'}' | serve "$1" "$2")
	check "$name: a modern request without clientCapabilities is -32602" '.error.code == -32602'
	answer=$(request ping "$modern" | serve "$1" "$2")
	check "$name: ping is not of the modern era" '.error.code == -32601'
	answer=$(request tools/list | serve "$1" "$2")
	check "$name: no era at all is -32602" '.error.code == -32602'
	answer=$({ initialize 2025-06-18; request resources/list; } | serve "$1" "$2" | jq -s '.[1]')
	check "$name: an unknown method is -32601" '.error.code == -32601 and .id == 1'
	answer=$(request tools/call "$modern"',"name":"nonsense"' | serve "$1" "$2")
	check "$name: an unknown tool is -32602" '.error.code == -32602'
	answer=$(request tools/list "$modern"',"cursor":""' | serve "$1" "$2")
	check "$name: a cursor that was never given out is -32602" '.error.code == -32602'
	answer=$(call "$3" '{"nonsense":1}' | serve "$1" "$2")
	check "$name: an unknown argument is an error of the tool" '.result.isError and (.result.content[0].text | test("nonsense"))'
	answer=$({ echo '{"jsonrpc":"2.0","id":1,'; echo '[]'; echo '{"id":7,"method":"x"}'; \
		echo '{"jsonrpc":"2.0","id":3,"result":{}}'; call "$3" "$4"; } | serve "$1" "$2" | jq -s .)
	check "$name: bad lines are answered and survived" 'length == 4 and .[0].error.code == -32700
		and .[1].error.code == -32600 and .[2].error.code == -32600 and .[2].id == 7 and .[3].result'
	sent='['$(request ping)',{"jsonrpc":"2.0","method":"notifications/cancelled"},'$(request nonsense)']'
	answer=$({ initialize 2025-03-26; echo "$sent"; echo '[{"jsonrpc":"2.0","method":"n"}]'; } | serve "$1" "$2" | jq -s .)
	check "$name: a batch in 2025-03-26" 'length == 2 and (.[1] | length) == 2 and .[1][0].result == {} and .[1][1].error.code == -32601'
	answer=$({ initialize 2025-11-25; echo "$sent"; } | serve "$1" "$2" | jq -s '.[1]')
	check "$name: a batch in 2025-11-25 is refused" '.error.code == -32600'
	answer=$({ head -c 5000000 /dev/zero | tr '\0' x; echo; call "$3" "$4"; } | serve "$1" "$2" | jq -s .)
	check "$name: a line that is too long is answered once" 'length == 2 and .[0].error and .[1].result'
	line=$(printf '%s' "$(call "$3" "$4")" | serve "$1" "$2" | wc -l)
	equal "$name: a last line without an end is answered" "$line" 1
	serve "$1" "$2" </dev/null >"$dir/out"
	equal "$name: the end of the input is the end, with 0" "$?-$(wc -c <"$dir/out")" 0-0
	"$1" --help | grep -q "^Usage: $name"
	equal "$name: --help" "${PIPESTATUS[*]}" "0 0"
	"$1" --version | grep -Eq "^$name [0-9]"
	equal "$name: --version" "${PIPESTATUS[*]}" "0 0"
	"$1" --nonsense </dev/null 2>/dev/null
	equal "$name: an unknown option exits with 2" "$?" 2
}

# cordpair-files

root=$dir/root
mkdir -p "$root/sub/deep" "$root/.git" "$dir/other/root" "$dir/outside"
printf 'first\nthe Needle is here\nlast\n' >"$root/a.txt"
printf 'needle below\n' >"$root/sub/b.txt"
printf 'deep needle' >"$root/sub/deep/c.md"
printf 'needle\0binary' >"$root/bin.dat"
printf 'needle in a hidden place\n' >"$root/.git/config"
printf 'a secret needle\n' >"$dir/outside/secret"
printf 'äöü' >"$root/umlauts.txt"
: >"$root/empty"
ln -s a.txt "$root/inside"
ln -s ../outside/secret "$root/out"
ln -s "$dir/outside" "$root/outdir"
ln -s "$root/a.txt" "$root/absolute"
ln -s loop "$root/loop"
ln -s /proc/self/root "$root/magic"
mkfifo "$root/fifo"
echo second >"$dir/other/root/x.txt"

protocol "$files" "$root" list_files '{"path":"."}'

ask() { answer=$(call "$1" "$2" | serve "$files" "${@:3}"); [ $# -gt 2 ] || answer=$(call "$1" "$2" | serve "$files" "$root"); }

ask list_files '{}'
check "list: sorted, with types and sizes, hidden names left out" '.result.structuredContent
	| [.entries[].path] == (["a.txt","absolute","bin.dat","empty","fifo","inside","loop","magic","out","outdir","sub","umlauts.txt"])
	and (.entries[] | select(.path == "a.txt") | .type == "file" and .size == 30)
	and (.entries[] | select(.path == "fifo").type) == "fifo" and .complete'
ask list_files '{"depth":3,"hidden":true}'
check "list: depth and hidden; links are not followed" '.result.structuredContent.entries | map(.path)
	| index("sub/deep/c.md") and index(".git/config") and (any(test("^(outdir|magic)/")) | not)'
ask list_files '{"path":"sub/","depth":2,"max_entries":1}'
check "list: the limit of entries is told" '.result.structuredContent | .entries[0].path == "sub/b.txt"
	and (.entries | length) == 1 and (.complete | not) and .cut_by == "max_entries"'
ask list_files '{"path":"a.txt"}'
check "list: a file is no folder" '.result.isError'

for path in ../outside/secret sub/../../outside/secret /etc/passwd "$dir/outside/secret" "$root/a.txt" \
	out outdir/secret absolute magic/etc/passwd loop . .. '' sub 'a.txt\u0000x' no/such/file fifo; do
	for tool in read_file search_files file_info list_files; do
		case $tool:$path in
		list_files:. | list_files:sub | search_files:. | search_files:sub | file_info:. | file_info:sub) continue ;;
		# Links are told by file_info; it does not follow them.
		file_info:out | file_info:absolute | file_info:loop | file_info:fifo) continue ;;
		esac
		text=; [ $tool != search_files ] || text=',"text":"e"'
		ask $tool '{"path":"'"$path"'"'"$text"'}'
		check "$tool refuses \"${path/#$dir/DIR}\"" '.result.isError and (.result.content[0].text | test("root:|secret needle|here") | not)'
	done
done
ask read_file '{"path":"out"}'
check "a refusal says why" '.result.content[0].text | test("leads outside")'
ask read_file '{"path":"fifo"}'
check "a FIFO is refused without waiting" '.result.content[0].text | test("fifo; only regular files")'
ask read_file '{"path":"inside"}'
check "a link that stays below is followed" '.result.content[0].text | test("^first\n")'

ask read_file '{"path":"a.txt","offset":6,"max_bytes":10}'
check "read: a part, and where the next begins" '.result.content
	| .[0].text == "the Needle" and (.[1].text | test("next offset is 16"))'
ask read_file '{"path":"umlauts.txt","offset":1,"max_bytes":4}'
check "read: characters are not split" '.result.content[0].text == "ö"'
ask read_file '{"path":"bin.dat"}'
check "read: binary files are said, not shown" '(.result.isError | not) and .result.content == [{"type":"text","text":"[binary file of 13 bytes: not shown]"}]'
ask read_file '{"path":"empty"}'
check "read: an empty file" '.result.content[0].text == "[empty file]"'
ask read_file '{"path":"a.txt","max_bytes":99999999}'
check "read: more than the most is refused" '.result.isError and (.result.content[0].text | test("max_bytes"))'
ask read_file '{"path":7}'
check "read: a wrong type is refused" '.result.isError and (.result.content[0].text | test("must be a string"))'
ask read_file '{}'
check "read: a missing argument is named" '.result.isError and (.result.content[0].text | test("\"path\" is missing"))'
ask file_info '{"path":"out"}'
check "info: a link is told, its target not opened" '.result.structuredContent | .type == "symlink" and .target == "../outside/secret" and (has("size") | not)'
ask file_info '{"path":"fifo"}'
check "info: a FIFO" '.result.structuredContent.type == "fifo"'

ask search_files '{"text":"needle"}'
check "search: lines and offsets, nothing hidden, binary or outside" '.result.structuredContent
	| [.matches[].path] == ["sub/b.txt","sub/deep/c.md"] and .binary_skipped == 1 and .complete'
ask search_files '{"text":"NEEDLE","ignore_case":true,"glob":"*.txt"}'
check "search: case and names" '.result.structuredContent.matches
	== [{"path":"a.txt","line":2,"offset":6,"text":"the Needle is here"},{"path":"sub/b.txt","line":1,"offset":0,"text":"needle below"}]'
ask search_files '{"text":"needle","max_matches":1}'
check "search: the limit of matches is told" '.result.structuredContent | (.matches | length) == 1 and .cut_by == "max_matches"'
ask search_files '{"glob":"?.*"}'
check "search: by name" '[.result.structuredContent.matches[].path] == ["a.txt","sub/b.txt","sub/deep/c.md"]'
ask search_files '{"text":"e","path":"a.txt"}'
check "search: one file" '[.result.structuredContent.matches[].line] == [2]'
mkdir "$dir/large"
{ seq 1 200000; printf 'x%.0s' {1..1000}; echo; head -c 400000 /dev/zero | tr '\0' y; echo the end; echo 'the end'; } >"$dir/large/n"
ask search_files '{"text":"the end"}' "$dir/large"
check "search: line numbers across blocks, lines longer than a block" '.result.structuredContent.matches
	| [.[].line] == [200002,200003] and all(.[]; .text | length < 500) and (.[1].offset == 1689904)'
ask search_files '{"text":"199999"}' "$dir/large"
check "search: a number far down" '.result.structuredContent.matches[0] | .line == 199999 and .text == "199999"'

ask list_files '{}' "$root" "$dir/other/root"
check "roots: several are named, equal names made different" '[.result.structuredContent.entries[].path] == ["root","root-2"]'
ask read_file '{"path":"root-2/x.txt"}' "$root" "$dir/other/root"
check "roots: a path begins with the name" '.result.content[0].text == "second\n"'
ask search_files '{"text":"s","glob":"*.txt"}' "$root" "$dir/other/root"
check "roots: a search goes through all" '[.result.structuredContent.matches[].path] | unique == ["root-2/x.txt","root/a.txt"]'
for path in root-2/../root/a.txt ../root/a.txt roo/a.txt root/../../outside/secret /etc/passwd; do
	ask read_file '{"path":"'"$path"'"}' "$root" "$dir/other/root"
	check "roots: \"$path\" is refused" '.result.isError'
done
serve "$files" "$dir/nowhere" </dev/null
equal "a folder that is not there ends it with 78" "$?" 78

# A filter that answers ENOSYS to openat2(2), as an old kernel does.
cat >"$dir/filter.py" <<'PY'
import ctypes, os, struct, sys
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 437), (0x06, 0, 0, 0x00050000 | 38), (0x06, 0, 0, 0x7fff0000)]
filters = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *c) for c in code))
program = struct.pack("HxxxxxxP", len(code), ctypes.addressof(filters))
libc = ctypes.CDLL(None)
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.c_char_p(program), 0, 0):
    sys.exit(99)
os.execv(sys.argv[1], sys.argv[1:])
PY
if command -v python3 >/dev/null; then
	call read_file '{"path":"a.txt"}' | serve python3 "$dir/filter.py" "$files" "$root" >"$dir/out"
	status=$?
	if [ $status = 99 ]; then
		skip "without openat2 nothing is served" "no seccomp filter can be set here"
	else
		equal "without openat2 nothing is served" "$status-$(wc -c <"$dir/out")-$(grep -c 'openat2(2) is missing' "$dir/stderr")" 69-0-1
	fi
else
	skip "without openat2 nothing is served" "python3 is missing"
fi

# cordpair-sqlite

if [ ! -x "$sqlite" ]; then
	skip "cordpair-sqlite" "not built"
	done_testing
fi
db=$dir/test.db
: >"$db" # an empty file is an empty database
query() { # ARGUMENTS OPTION...
	answer=$(call query_db "$1" | serve "$sqlite" "${@:2}" "$db")
}
sql() { query '{"sql":"'"$1"'"}' "${@:2}"; }

for statement in 'CREATE TABLE planets(id INTEGER PRIMARY KEY, name TEXT NOT NULL, mass REAL, map BLOB)' \
	"INSERT INTO planets VALUES(1,'Mercury',0.055,x'00ff'),(2,'Venus',0.815,NULL),(9007199254740993,'Größe',1e300*1e300,NULL)" \
	'CREATE TABLE moons(name, planet REFERENCES planets(id))' 'CREATE INDEX moons_name ON moons(name)' \
	'CREATE VIEW light AS SELECT name FROM planets WHERE mass < 0.5' 'ALTER TABLE moons ADD COLUMN size REAL CHECK (size > 0)'; do
	sql "$statement" --write
	check "write: ${statement%% [a-z(]*}" '(.result.isError | not) and (.result.structuredContent | has("changes"))'
done
protocol "$sqlite" "$db" query_db '{"sql":"SELECT 1"}'
sql 'SELECT * FROM planets ORDER BY id'
check "query: columns, rows and types" '.result.structuredContent
	| .columns == ["id","name","mass","map"] and .rows[0] == [1,"Mercury",0.055,{"blob_bytes":2}]
	and .rows[1] == [2,"Venus",0.815,null] and .rows[2][1:3] == ["Größe","Infinity"] and .row_count == 3 and .complete'
equal "query: integers are exact" "$(grep -c 9007199254740993 <<<"$answer")" 1
query '{"sql":"SELECT ?, ?2, ?, ?4, ?5","params":["a\"b",2.5,null,true,-3]}'
check "query: parameters" '.result.structuredContent.rows == [["a\"b",2.5,null,1,-3]]'
query '{"sql":"SELECT ?","params":[]}'
check "query: too few parameters are refused" '.result.isError and (.result.content[0].text | test("has 1 parameters"))'
query '{"sql":"SELECT ?","params":[[1]]}'
check "query: a parameter is a plain value" '.result.isError'
query '{"sql":"SELECT ?","params":[18446744073709551615]}'
check "query: an integer that does not fit is refused" '.result.isError'
sql 'SELEC 1'
check "query: an error of SQL is the message of SQLite" '.result.isError and (.result.content[0].text | test("syntax error"))'
sql 'SELECT 1; DROP TABLE planets' --write
check "query: a second statement is refused, and nothing ran" '.result.isError and (.result.content[0].text | test("one statement"))'
sql 'SELECT count(*) FROM planets; -- all of them'
check "query: a comment may follow" '.result.structuredContent.rows == [[3]]'
sql 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i FROM n'
check "query: rows end at the limit" '.result.structuredContent | .row_count == 200 and (.complete | not) and .cut_by == "max_rows"'
query '{"sql":"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT printf('"'%.*c'"',9000,'"'x'"') FROM n","max_rows":10000}'
check "query: rows end at the size of a reply" '.result.structuredContent.cut_by == "size of the reply"'
sql "SELECT printf('%.*c', 100000, 'x')"
check "query: a long text is cut and says so" '.result.structuredContent.rows[0][0] | length < 66000 and test("100000 bytes")'
sql 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n' --timeout 0.3
check "query: one without end is ended by the time limit" '.result.isError and (.result.content[0].text | test("ended after 0.3 s"))'
answer=$({ call query_db '{"sql":"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n"}'; \
	call query_db '{"sql":"SELECT 5"}'; } | serve "$sqlite" --timeout 0.3 "$db" | jq -s .)
check "query: and the next one is answered" '.[0].result.isError and .[1].result.structuredContent.rows == [[5]]'

before=$(sha256sum <"$db")
for statement in 'INSERT INTO moons VALUES(1,1,1)' 'UPDATE planets SET name=1' 'DELETE FROM planets' 'DROP TABLE planets' \
	'CREATE TABLE t(x)' 'CREATE TEMP TABLE t(x)' 'REINDEX' 'ANALYZE' 'PRAGMA user_version=7' 'PRAGMA query_only=OFF' \
	'PRAGMA journal_mode=WAL' 'PRAGMA writable_schema=ON' 'BEGIN' 'BEGIN IMMEDIATE' 'VACUUM' 'SAVEPOINT s' \
	'WITH x AS (SELECT 1) INSERT INTO moons SELECT 1,1,1' 'REPLACE INTO planets VALUES(1,2,3,4)' 'EXPLAIN DELETE FROM planets'; do
	sql "$statement"
	check "read-only: $statement is refused" '.result.isError and (.result.content[0].text | test("refused: "))'
done
equal "read-only: the file is as it was" "$(sha256sum <"$db")" "$before"
sqlite_refuses() { # STATEMENT OPTION...
	sql "$@"
	check "${2:-read-only}: ${1//$dir/DIR} is refused" '.result.isError'
}
for option in '' --write; do
	for statement in "ATTACH '$dir/new.db' AS n" "VACUUM INTO '$dir/new.db'" VACUUM 'DETACH main' "SELECT load_extension('x')" \
		"SELECT writefile('$dir/new.db', 'x')" 'PRAGMA writable_schema=ON' "PRAGMA temp_store_directory='$dir'" \
		'CREATE TEMP TABLE t(x)' "CREATE VIRTUAL TABLE v USING csv('$dir/outside/secret')" BEGIN COMMIT 'SAVEPOINT s' \
		'UPDATE sqlite_master SET sql=1' ' -- nothing' "SELECT randomblob(1000000000)"; do
		sqlite_refuses "$statement" $option
	done
done
equal "no other file was made" "$(ls "$dir"/new.db* 2>/dev/null | wc -l)" 0
sql "INSERT INTO moons VALUES('Luna', 77, 1)" --write
check "write: foreign keys are enforced" '.result.isError and (.result.content[0].text | test("FOREIGN KEY"))'
sql "INSERT INTO moons VALUES('Neith', 2, 1) RETURNING name" --write
check "write: changes and RETURNING" '.result.structuredContent | .changes == 1 and .rows == [["Neith"]]'
sql 'INSERT INTO moons WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT i,1,1 FROM n' --write --timeout 0.3
check "write: one without end is ended" '.result.isError'
sql 'SELECT count(*) FROM moons'
check "write: and leaves nothing behind" '.result.structuredContent.rows == [[1]]'

for statement in 'CREATE TABLE log(x)' 'CREATE TRIGGER t AFTER INSERT ON log BEGIN DELETE FROM log WHERE x < 5; END' \
	'INSERT INTO log VALUES(1),(2),(9)'; do
	sql "$statement" --write
done
check "write: changes are those of the statement, not of its triggers" '.result.structuredContent.changes == 3'
sql 'DROP TABLE log' --write
check "write: a statement that changes no rows says 0" '.result.structuredContent.changes == 0'
sql "SELECT name FROM pragma_table_info('planets')"
check "read-only: pragmas that look work as tables" '.result.structuredContent.row_count == 4'

answer=$(call list_tables '{}' | serve "$sqlite" "$db")
check "list_tables" '.result.structuredContent.tables == [{"name":"light","type":"view"},{"name":"moons","type":"table"},{"name":"planets","type":"table"}]'
answer=$(call describe_table '{"table":"moons"}' | serve "$sqlite" "$db")
check "describe_table" '.result.structuredContent | [.columns[].name] == ["name","planet","size"]
	and .indexes[0].columns == "name" and .foreign_keys[0].to_table == "planets" and (.definition[0].sql | test("CREATE TABLE"))'
answer=$(call describe_table "{\"table\":\"x'; DROP TABLE moons\"}" | serve "$sqlite" "$db")
check "describe_table: no such table" '.result.isError and (.result.content[0].text | test("there is no table"))'
answer=$(request tools/list "$modern" | serve "$sqlite" "$db" | jq -c '[.result.tools[].annotations.readOnlyHint]')
check "read-only: readOnlyHint is true" '. == [true,true,true]'
answer=$(request tools/list "$modern" | serve "$sqlite" --write "$db" | jq -c '[.result.tools[].annotations.readOnlyHint]')
check "write: readOnlyHint of query_db is false" '. == [false,true,true]'

echo 'this is a text that is long enough not to be a database, and so it has to be refused' >"$dir/text"
mkfifo "$dir/pipe"
for file in "$dir/nowhere.db" "$dir/text" "$dir/pipe" "$dir" ":memory:" "file:$db?mode=rw"; do
	serve "$sqlite" "$file" </dev/null
	equal "\"${file//$dir/DIR}\" is refused at the start, with 78" "$?" 78
done
serve "$sqlite" </dev/null
equal "no database named: 2" "$?" 2
serve "$sqlite" --max-rows 0 "$db" </dev/null
equal "a limit of no rows: 2" "$?" 2
done_testing
