# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# From here on $cordpair starts a daemon before each command, so that the command finds its servers
# there. calls_by_daemon: how many calls daemons have made.
# shellcheck source=tests/lib/host.sh
. "$(dirname "${BASH_SOURCE[0]}")/host.sh"
own_cordpair=$cordpair
cordpair=$tmp/cordpair
: >"$tmp/calls_made"
cat >"$cordpair" <<END
#!/bin/bash
"$own_cordpair" -q daemon </dev/null >/dev/null 2>>"$tmp/daemon.err" &
until "$own_cordpair" status >/dev/null 2>&1; do sleep 0.01; done
"$own_cordpair" "\$@"
status=\$?
"$own_cordpair" --json servers 2>/dev/null | jq '[.[].daemon.calls.made // 0] | add' >>"$tmp/calls_made"
"$own_cordpair" -q stop
exit \$status
END
chmod 755 "$cordpair"
calls_by_daemon() { jq -s add "$tmp/calls_made"; }
