#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The transcripts at the head of the samples for the klp API are true.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-transcript.sh
. "$(dirname "$0")/lib-transcript.sh"
require_klp
require_cmd timeout
require_module livepatch-cmdline

transcript_samples
files=()
for file in "$SAMPLES"/livepatch-*.c; do
	[[ $file == *.mod.c ]] || files+=("$file")	# made by Kbuild
done
setup_config $((${#files[@]} + 1))
transcript_stage

for file in "${files[@]}"; do
	start_test "the transcript of ${file##*/}"
	run_transcript "$file"
	check_clean
	case_done "$COMMANDS commands"
done

start_test "the table of samples has them all"
for file in "$SAMPLES"/{live,k}patch-*.c; do
	file=${file##*/}
	[[ $file != *.mod.c ]] || continue
	grep -q "^| \[$file\]($file) |" "$SAMPLES/README.md" ||
		fail "README.md has no line for $file"
done
check_clean
case_done
