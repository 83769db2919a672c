#!/bin/bash
# SPDX-License-Identifier: MIT
# Signals at a system call, in whole runs; `make torture` has every point.
# shellcheck source=tests/torture/sample.sh
. "$(dirname "$0")/sample.sh"
sample 100 signals
