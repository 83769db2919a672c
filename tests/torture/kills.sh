#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 of the host and of its servers, under load; `make torture` has every point.
# shellcheck source=tests/torture/sample.sh
. "$(dirname "$0")/sample.sh"
sample 45 kills
