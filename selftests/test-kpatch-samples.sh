#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
# The transcripts at the head of the samples for the kpatch API are true, in
# every model.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
# shellcheck source=selftests/lib-transcript.sh
. "$(dirname "$0")/lib-transcript.sh"
require_kpatch
require_cmd timeout
require_module kpatch-cmdline

transcript_samples
files=()
for file in "$SAMPLES"/kpatch-*.c; do
	[[ $file == *.mod.c ]] || files+=("$file")	# made by Kbuild
done
setup_config $((${#files[@]} * ${#KPATCH_MODELS[@]}))
transcript_stage

# A transcript loads the core itself: here, for a model.
transcript_command() {
	if [[ $1 == "insmod core/kpatch.ko" ]]; then
		echo "$1 model=$model"
	else
		echo "$1"
	fi
}

for model in "${KPATCH_MODELS[@]}"; do
	for file in "${files[@]}"; do
		start_test "$model: the transcript of ${file##*/}"
		rmmod kpatch
		run_transcript "$file"
		check_eq "model" "$(cat $KPATCH_PARAMS/model)" "$model"
		end_test
	done
done
