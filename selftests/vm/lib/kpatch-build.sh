# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What the tests of kpatch-build share: a folder $work for their files, results
# as TAP, patches of a line of the kernel's source. Sourced with the kernel to
# test on as argument.
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
# shellcheck source=selftests/vm/lib/common.sh
. "$TOP/selftests/vm/lib/common.sh"
kp_need_tools python3:python3 openssl:openssl
kernel=${1:-6.1}
kpb=$TOP/scripts/kpatch-build/kpatch-build
mkdir -p "$TOP/.build"
work=$(mktemp -d "$TOP/.build/kpatch-test.XXXXXX")
trap 'rm -rf "$work"' EXIT
n=0 failed=0
mkdir "$work/out"
: >"$work/said"

# result STATUS NAME: with what was said last, if it failed
result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/said" | tail -n 10
	fi
}

# patch_of FILE SED NAME: makes NAME.patch of a file in the tree
patch_of() {
	mkdir -p "$work/a/${1%/*}" "$work/b/${1%/*}"
	cp "$tree/$1" "$work/a/$1"
	sed -E "$2" "$tree/$1" >"$work/b/$1"
	(cd "$work" && diff -u "a/$1" "b/$1" >"$3.patch") || true
}

# compile_module DIR: what is in there, as its author did, for the kernel that was
# loaded (kp_kernel_load)
compile_module() {
	local binds=(--bind "$1")

	[[ $KP_KDIR != "$KP_CACHE"/* ]] || binds+=(--bind "$KP_CACHE")
	kp_root_run "$KP_ROOT" "${binds[@]}" -- make -C "$KP_KDIR" M="$1" CC="$KP_CC" \
		HOSTCC="$KP_CC" modules >"$work/said" 2>&1
}

end_tests() {
	printf '1..%d\n' "$n"
	exit "$failed"
}
