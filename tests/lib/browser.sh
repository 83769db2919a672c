# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# A person's browser: it follows the page's redirect, as one does whose user is logged in already.
# After tests/lib/host.sh; needs curl.
#
#   visited    the addresses that it was sent to
command -v curl >/dev/null || skip_all 'curl is missing'
: "${tmp:?of tests/lib/host.sh}"
mkdir "$tmp/bin"
cat >"$tmp/bin/xdg-open" <<END
#!/bin/sh
printf '%s\n' "\$1" >>"$tmp/visited"
exec curl -s -L -o "$tmp/page" "\$1"
END
chmod +x "$tmp/bin/xdg-open"
export PATH=$tmp/bin:$PATH
visited() { cat "$tmp/visited" 2>/dev/null; }
