#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Functions with "force" in patches for the kpatch API: they are switched while tasks
# are inside, so that modules stay loaded for ever, and a VM of its own is needed.
# Usage: test-kpatch-force.sh [KERNEL...]
set -euo pipefail
VM=$(cd "$(dirname "$0")/.." && pwd)
n=0 failed=0

# What all guests begin with.
guest_begin() {
	cat <<'EOG'
set -eu
cd /opt/livepatch/livepatch/modules
insmod kpatch.ko
sys=/sys/kernel/kpatch
par=/sys/module/kpatch/parameters
kt=/sys/module/kpatch_test_target/parameters
echo 300 >$par/timeout_ms
echo 3 >$par/stop_tries
insmod kpatch-test-target.ko
# soon COMMAND...: waits until it succeeds, at most a minute
soon() {
	i=0
	until "$@" 2>/dev/null; do
		[ $((i += 1)) -le 300 ] || exit 9
		sleep 0.2
	done
}
# go_inside N: a task goes to sleep in the new kt_sleeper() of patch N
go_inside() {
	echo 3 >$kt/sleeper
	soon grep -qx 1 /sys/module/kpatch_test_patch$1/parameters/staying
}
stays() {
	for p; do
		if rmmod kpatch_test_patch$p 2>/dev/null; then
			echo "patch $p: unloaded"
		else
			echo "patch $p: stays"
		fi
	done
}
# set_patch N 0|1
set_patch() {
	if echo $2 >$sys/kpatch_test_patch$1/enabled; then
		echo "patch $1 to $2: yes"
	else
		echo "patch $1 to $2: no"
	fi
} 2>/dev/null
say() {
	echo "$1: version $(cat $kt/version), $(paste -sd, $sys/patches)"
}
EOG
}

# Whoever is in the lowest replacement is to be seen through those above it.
guest_over() {
	guest_begin
	cat <<'EOG'
insmod kpatch-test-patch1.ko sleeper=1
go_inside 1
insmod kpatch-test-patch2.ko sleeper=1 forced=1
say "forced over it"
! insmod kpatch-test-patch3.ko sleeper=1 replace=1 2>/dev/null || echo "replaced"
say "not replaced"
insmod kpatch-test-patch3.ko sleeper=1 replace=1 forced=1
say "replaced by force"
stays 1 2
set_patch 3 0
stays 3
set_patch 3 1
say "on again"
set_patch 3 0
stays 3
set_patch 1 1
say "the first again"
set_patch 1 0
EOG
}

# Whoever is in a function that is forced holds nobody up.
guest_under() {
	guest_begin
	cat <<'EOG'
insmod kpatch-test-patch1.ko sleeper=1 forced=1
go_inside 1
insmod kpatch-test-patch2.ko replace=1
say "replaced"
stays 1
set_patch 2 0
stays 2
EOG
}

# What refers to a module stays as it is, and is no good if that moves.
guest_moved() {
	guest_begin
	cat <<'EOG'
insmod kpatch-test-patch1.ko forced=1 defect=refers
set_patch 1 0
set_patch 1 1
set_patch 1 0
where() {
	awk '$3 == "kt_g" { print $1 }' /proc/kallsyms
}
before=$(where)
# Some other module takes its place.
for other in kptest-target livepatch-callbacks-mod livepatch-shadow-mod \
	kpatch-shadow-mod kpatch-test-spin; do
	rmmod kpatch_test_target
	insmod $other.ko
	insmod kpatch-test-target.ko
	[ "$(where)" = "$before" ] || break
done
[ "$(where)" != "$before" ] || echo "the target has not moved"
set_patch 1 1
say "not on again"
dmesg | sed -n "s/^.*\(kpatch: .*has moved.*\)/said: \1/p"
EOG
}

# try KERNEL WHAT SCRIPT: what that prints, in $out
try() {
	local rc=0

	out=$("$VM/run" -k "$1" --suite -t 600 -- bash -c "$3") || rc=$?
	n=$((n + 1))
	if [ "$rc" = 0 ]; then
		echo "ok $n - $1: $2: to the end"
	else
		echo "not ok $n - $1: $2: status $rc"
		failed=1
	fi
}

# has KERNEL LINE...: these lines, in this order, and no others
has() {
	local kernel=$1 want

	shift
	want=$(printf '%s\n' "$@")
	n=$((n + 1))
	if [ "$out" = "$want" ]; then
		echo "ok $n - $kernel: all $# lines"
	else
		echo "not ok $n - $kernel"
		diff <(echo "$want") <(echo "$out") | sed 's/^/# /' || true
		failed=1
	fi
}

[ $# -gt 0 ] || set -- 6.1-nolp 6.1
echo "TAP version 13"
for kernel; do
	"$VM/build" -k "$kernel"
	try "$kernel" over "$(guest_over)"
	has "$kernel" \
		"forced over it: version 2, kpatch_test_patch1 on,kpatch_test_patch2 on" \
		"not replaced: version 2, kpatch_test_patch1 on,kpatch_test_patch2 on" \
		"replaced by force: version 3, kpatch_test_patch3 on" \
		"patch 1: stays" "patch 2: stays" \
		"patch 3 to 0: yes" "patch 3: stays" \
		"patch 3 to 1: yes" "on again: version 3, kpatch_test_patch3 on" \
		"patch 3 to 0: yes" "patch 3: stays" \
		"patch 1 to 1: yes" "the first again: version 1, kpatch_test_patch1 on" \
		"patch 1 to 0: no"
	try "$kernel" under "$(guest_under)"
	has "$kernel" \
		"replaced: version 2, kpatch_test_patch2 on" \
		"patch 1: stays" "patch 2 to 0: yes" "patch 2: unloaded"
	try "$kernel" moved "$(guest_moved)"
	has "$kernel" \
		"patch 1 to 0: yes" "patch 1 to 1: yes" "patch 1 to 0: yes" \
		"patch 1 to 1: no" "not on again: version 0, " \
		"said: kpatch: kpatch_test_patch1: 'kt_g' has moved, and tasks may still run code that refers to where it was"
done
echo "1..$n"
exit "$failed"
