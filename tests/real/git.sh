#!/bin/bash
# SPDX-License-Identifier: MIT
# git-mcp-server: many tools with large schemas, much stderr, programs of its own while it works.
# shellcheck source=tests/lib/real.sh
. "$(dirname "$0")/../lib/real.sh"

command -v git >/dev/null || skip_all 'git is missing'
repo=$tmp/repo
git init -q "$repo"
git -C "$repo" config user.name Ada
git -C "$repo" config user.email ada@example.org
echo one >"$repo/a"
git -C "$repo" add a
git -C "$repo" commit -qm 'The first commit'
real_entry git '{}' "$(real_program git-mcp-server)"
like 'tools' "$(tool_names git)" 'git_add .*git_commit .*git_status'
run "$cordpair" --json tools git --openrouter
json 'every name suits the model' "$out" \
	'length > 20 and all(.[].function.name; test("^[A-Za-z_][A-Za-z0-9_-]{0,63}$"))'
run "$cordpair" call git git_log path="$repo"
like 'log' "$status $out" 'The first commit'
echo two >>"$repo/a"
run "$cordpair" call git git_add '{"path": "'"$repo"'", "paths": ["a"]}'
is 'add' "$status" 0
run "$cordpair" call git git_commit path="$repo" message='The second commit'
is 'commit' "$status $(git -C "$repo" log -1 --format=%s)" '0 The second commit'
ok 'stopped: no process is left' none_marked
# A commit that waits in a hook: git, a shell and sleep below the server.
printf '#!/bin/sh\nsleep 600\n' >"$repo/.git/hooks/pre-commit"
chmod +x "$repo/.git/hooks/pre-commit"
echo three >>"$repo/a"
git -C "$repo" add a
survives git git_commit path="$repo" message=never
done_testing
