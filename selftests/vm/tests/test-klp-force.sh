#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# "force" over our core and with the kernel's own live patching: a transition
# that a task holds up ends, and the module that goes stays loaded for ever, as
# the task may be in there.  So a VM of its own is needed.
# Usage: test-klp-force.sh [KERNEL...]
set -euo pipefail
VM=$(cd "$(dirname "$0")/.." && pwd)
n=0 failed=0

# in the guest: one line "WHAT: VALUE" for each thing to be looked at
guest() {
	cat <<'EOG'
set -eu
cd /opt/livepatch/livepatch/modules
[ -d /sys/kernel/livepatch ] || insmod kpatch.ko
tracing=/sys/kernel/tracing
[ -d $tracing/events ] || tracing=/sys/kernel/debug/tracing
dir=/sys/kernel/livepatch/kptest_block
par=/sys/module/kptest_block/parameters
# soon COMMAND...: waits until it succeeds, at most a minute
soon() {
	i=0
	until "$@" 2>/dev/null; do
		[ $((i += 1)) -le 300 ] || exit 9
		sleep 0.2
	done
}
insmod kptest-target.ko
insmod kptest-block.ko hold=1
soon grep -qx 0 $dir/transition
cat /sys/kernel/debug/kptest_target/block >/tmp/reader &
reader=$!
soon grep -qx 1 $par/inside
echo 0 >$dir/enabled
sleep 3
echo "held up, transition: $(cat $dir/transition)"
echo 1 >$dir/force
soon test ! -d $dir
echo "forced, task inside: $(cat $par/inside)"
echo "forced, patched functions: $(grep -c '^kptest_' \
	$tracing/enabled_functions || :)"
echo 0 >$par/hold
wait "$reader"
echo "the reader got: $(cat /tmp/reader)"
sleep 1
echo "references to the patch: $(cat /sys/module/kptest_block/refcnt)"
! rmmod kptest_block 2>/dev/null || echo "the patch was unloaded"
rmmod kptest_target
insmod kptest-hello-a.ko
soon grep -qx 0 /sys/kernel/livepatch/kptest_hello_a/transition
echo "another patch, enabled: $(cat /sys/kernel/livepatch/kptest_hello_a/enabled)"
dmesg | sed -n "s/^.*\(livepatch: .*\)/said: \1/p"
EOG
}

# has KERNEL LINE
has() {
	n=$((n + 1))
	if grep -qxF "$2" <<<"$out"; then
		echo "ok $n - $1: $2"
	else
		echo "not ok $n - $1: $2"
		failed=1
	fi
}

[ $# -gt 0 ] || set -- 6.1-nolp 6.1
echo "TAP version 13"
for kernel; do
	"$VM/build" -k "$kernel"
	rc=0
	out=$("$VM/run" -k "$kernel" --suite -t 600 -- bash -c "$(guest)") || rc=$?
	n=$((n + 1))
	if [ "$rc" = 0 ]; then echo "ok $n - $kernel: to the end"; else
		echo "not ok $n - $kernel: status $rc"
		failed=1
	fi
	has "$kernel" "held up, transition: 1"
	has "$kernel" "forced, task inside: 1"
	has "$kernel" "forced, patched functions: 0"
	has "$kernel" "the reader got: block: patched"
	has "$kernel" "references to the patch: 1"
	has "$kernel" "another patch, enabled: 1"
	has "$kernel" "said: livepatch: forcing remaining tasks to the patched state"
	has "$kernel" "said: livepatch: 'kptest_block': unpatching complete"
	[ "$failed" = 0 ] || printf '# %s\n' "${out//$'\n'/$'\n'# }"
done
echo "1..$n"
exit "$failed"
