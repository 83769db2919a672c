#!/bin/bash
# SPDX-License-Identifier: MIT
# System calls that fail, in whole runs; `make torture` has every point.
# shellcheck source=tests/torture/sample.sh
. "$(dirname "$0")/sample.sh"
sample 170 syscalls
