#!/bin/bash
# SPDX-License-Identifier: MIT
# All that is true of `cordpair call` is true of it with a daemon: the same test, through one.
# shellcheck disable=SC2034
through_daemon=yes
# shellcheck source=tests/e2e/call.sh
. "$(dirname "$0")/call.sh"
