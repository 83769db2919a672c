#!/bin/bash
# SPDX-License-Identifier: MIT
# What a server asks a person in the middle of a call is asked the person at the client.
# shellcheck disable=SC2034
through_daemon=yes
# shellcheck source=tests/e2e/elicitation.sh
. "$(dirname "$0")/elicitation.sh"
