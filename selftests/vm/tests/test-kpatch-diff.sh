#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build's diff engine: its unit cases, and damaged objects.
set -euo pipefail
exec "$(dirname "$0")/../../elf/run"
