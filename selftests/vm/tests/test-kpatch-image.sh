#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build's readers of shipped images and the proof of the compile.
set -euo pipefail
exec "$(dirname "$0")/../../elf/test-image.sh"
