#!/bin/bash
# SPDX-License-Identifier: MIT
# System calls of the keepers that fail; `make torture` has every point.
# shellcheck source=tests/torture/sample.sh
. "$(dirname "$0")/sample.sh"
sample 60 keeper
