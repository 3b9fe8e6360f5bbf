# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Shares the tests of a kernel out to two VMs.

# How long tests take when two VMs share a kernel's, where that is much more than
# the KP_TEST_SECONDS_OTHER of most.
KP_TEST_SECONDS_OTHER=20
KP_TEST_SECONDS="test-kpatch-direct.sh:165 test-kpatch-fault.sh:100
	test-bad-modules.sh:90 test-kpatch-consistency.sh:80 test-kpatch-stack.sh:80
	test-kpatch-silent.sh:75 test-functions.sh:70 test-kpatch-tracers.sh:70
	test-klp-fault.sh:60 test-sample-transcripts.sh:60 test-load-checker.sh:60
	test-klp-nops.sh:45 test-reverse.sh:45 test-kpatch-abi.sh:40
	test-kpatch-samples.sh:40 test-callbacks-fail.sh:35 test-klp-relocs.sh:35
	test-kpatch-patches.sh:35"

# kp_deal: names of tests come in, a line each; "VM SECONDS NAME" goes out, VM being
# 0 or 1.  From the longest to the shortest, each goes to the VM that has had less,
# so that both are done at about the same time.
kp_deal() {
	awk -v known="$KP_TEST_SECONDS" -v other="$KP_TEST_SECONDS_OTHER" '
		BEGIN {
			for (n = split(known, pairs); n > 0; n--) {
				split(pairs[n], pair, ":")
				takes[pair[1]] = pair[2]
			}
		}
		{ print ($0 in takes ? takes[$0] : other), $0 }' |
		LC_ALL=C sort -k1,1nr -k2,2 |
		awk '{ vm = sum[1] < sum[0]; sum[vm] += $1; print vm, $1, $2 }'
}
