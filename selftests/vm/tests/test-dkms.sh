#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# make dkms-install and dkms-uninstall, with the dkms of the kernel's own suite
# and the kernel's headers.  Runs in the package root; what it changes
# there is thrown away.  Usage: test-dkms.sh KERNEL
set -euo pipefail
export KP_PROG=test-dkms
VM=$(cd "$(dirname "$0")/.." && pwd)
for lib in common apt root kernels; do
	# shellcheck source=/dev/null
	. "$VM/lib/$lib.sh"
done

kernel=${1:-6.1}
kp_kernel_get "$kernel"
kp_kernel_load "$kernel"
[ -n "$KP_ROOT" ] || {
	echo "1..0 # SKIP kernel $kernel has no package root"
	exit 4
}
kp_root_ensure "$KP_ROOT" "$KP_ROOT" dkms kmod patch

work=$(mktemp -d "$KP_BUILD/dkms.XXXXXX")
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' "$KP_TOP/dkms.conf")
mkdir -p "$work/src"
cp -a "$KP_TOP/Makefile" "$KP_TOP/dkms.conf" "$KP_TOP/COPYING" "$KP_TOP/core" "$work/src/"

cat >"$work/steps" <<'EOS'
#!/bin/bash
# Runs in the package root: steps RELEASE KDIR VERSION CC
set -uo pipefail
release=$1 kdir=$2 version=$3 cc=$4 n=0 failed=0
name=livepatch-suite
export PATH=/tmp/bin:$PATH

result() {
	local rc=$1

	shift
	n=$((n + 1))
	if [ "$rc" = 0 ]; then
		echo "ok $n - $*"
	else
		echo "not ok $n - $*"
		cat /var/lib/dkms/$name/$version/build/make.log 2>/dev/null
		failed=1
	fi
}

# The compiler of this kernel is "gcc" here, as on a machine that runs it.
mkdir -p /tmp/bin "/lib/modules/$release"
ln -sf "$(command -v "$cc")" /tmp/bin/gcc
[ -e "/lib/modules/$release/build" ] || ln -s "$kdir" "/lib/modules/$release/build"
mkdir -p /usr/src /var/lib/dkms

echo 1..7
mkdir -p src/core/compat/generated
touch src/core/compat/generated/kp_config.h src/core/{main.o,.main.o.cmd,kpatch.ko}
make -C src dkms-install KREL="$release"; result $? "make dkms-install"
make -C src dkms-install KREL="$release"; result $? "make dkms-install, over that"
[ -z "$(find "/usr/src/$name-$version" -name 'kp_config.h' -o -name '*main.o*' -o -name '*.ko')" ]
result $? "nothing that was built went with the sources"
grep -qF "$release" <<<"$(dkms status -m $name -v "$version" | grep installed)"
result $? "dkms status says installed"
ko=$(find "/lib/modules/$release" -name 'kpatch.ko*')
[ -n "$ko" ] && grep -qF "$release " <<<"$(modinfo -F vermagic "$ko")"
result $? "the module is there, for $release"
make -C src dkms-uninstall KREL="$release"; result $? "make dkms-uninstall"
[ -z "$(find "/lib/modules/$release" -name 'kpatch.ko*')" ] && [ ! -e /var/lib/dkms/$name/$version ] &&
	[ ! -e "/usr/src/$name-$version" ]
result $? "nothing is left"
exit $failed
EOS
binds=(--bind "$work")
case $KP_KDIR in
"$KP_CACHE"/*) binds+=(--bind "$KP_CACHE") ;;
esac
echo "TAP version 13"
kp_root_run "$KP_ROOT" --scratch "${binds[@]}" -- \
	bash "$work/steps" "$KP_RELEASE" "$KP_KDIR" "$version" "$KP_CC"
