#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make, make install, make uninstall and make clean, as on a machine that
# runs the kernel: in its package root.  Usage: test-install.sh [KERNEL]
set -euo pipefail
export KP_PROG=test-install
VM=$(cd "$(dirname "$0")/.." && pwd)
for lib in common apt root kernels; do
	# shellcheck source=/dev/null
	. "$VM/lib/$lib.sh"
done

kernel=${1:-6.1}
kp_kernel_get "$kernel"
kp_kernel_load "$kernel"
kp_root_ensure "$KP_ROOT" "$KP_ROOT" kmod
mkdir -p "$KP_BUILD"
work=$(mktemp -d "$KP_BUILD/install.XXXXXX")
trap 'rm -rf "$work"' EXIT
cp -a "$KP_TOP/Makefile" "$KP_TOP/Kbuild" "$KP_TOP/dkms.conf" "$KP_TOP/core" "$KP_TOP/samples" "$work/"
mkdir "$work/selftests"
cp -a "$KP_TOP/selftests/Makefile" "$KP_TOP/selftests/modules" "$work/selftests/"
: >"$work/selftests/modules/built.ko"
modules=$work/root/lib/modules/$KP_RELEASE
n=0 failed=0

result() {
	local rc=$1

	shift
	n=$((n + 1))
	if [ "$rc" = 0 ]; then
		echo "ok $n - $*"
	else
		echo "not ok $n - $*"
		sed 's/^/# /' "$work/log" | tail -n 20
		failed=1
	fi
}

in_root() {
	kp_root_run "$KP_ROOT" --scratch --bind "$work" -- make KDIR="$KP_KDIR" \
		DESTDIR="$work/root" CC="$KP_CC" "$@" >"$work/log" 2>&1
}

built() {
	find "$work/core" "$work/samples" -name '*.ko' | sed 's,.*/,,' | sort
}

installed() {
	find "$modules" -name '*.ko' | sed 's,.*/,,' | sort
}

echo "TAP version 13"
rc=0
in_root help && grep -q 'make dkms-install' "$work/log" || rc=$?
result "$rc" "make help"
rc=0
in_root -j2 || rc=$?
result "$rc" "make"
rc=0
! grep -qi warning "$work/log" || rc=1
result "$rc" "no warnings"
rc=0
in_root install || rc=$?
result "$rc" "make install"
rc=1
[ -n "$(built)" ] && [ "$(built)" = "$(installed)" ] && [ -e "$modules/updates/core/kpatch.ko" ] && rc=0
result "$rc" "all modules are installed: $(installed | wc -l)"
rc=0
in_root uninstall || rc=$?
result "$rc" "make uninstall"
rc=1
[ -z "$(installed)" ] && [ ! -e "$modules/updates" ] && rc=0
result "$rc" "none is left"
rc=0
in_root clean || rc=$?
result "$rc" "make clean"
rc=0
diff -r "$KP_TOP/core" "$work/core" -x generated -x '*.o' >"$work/log" || rc=$?
find "$work/core" "$work/samples" "$work/selftests" \( -name '*.o' -o -name '*.ko' \) | grep . >>"$work/log" && rc=1
result "$rc" "nothing that was built is left"
echo "1..$n"
exit "$failed"
