#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build on modules that are not the kernel's own (-e).
# Usage: test-kpatch-oot.sh [KERNEL]
set -euo pipefail
export KP_PROG=test-kpatch-oot
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
for file in apt root kernels; do
	# shellcheck source=/dev/null
	. "$TOP/selftests/vm/lib/$file.sh"
done
PATH=$PATH:/usr/sbin:/sbin
name=oot-$$

# shipped DIR: compile the modules in there, as their author did
shipped() {
	local binds=(--bind "$1")

	[[ $KP_KDIR != "$KP_CACHE"/* ]] || binds+=(--bind "$KP_CACHE")
	kp_root_run "$KP_ROOT" "${binds[@]}" -- make -C "$KP_KDIR" M="$1" CC="$KP_CC" \
		HOSTCC="$KP_CC" modules >"$work/said" 2>&1 || {
		result 1 "${1##*/}: the module is compiled"
		end_tests
	}
}

# changed FILE SED [DIR]: the part of a diff that changes a file of the module
changed() {
	mkdir -p "$work/a/$(dirname "$1")" "$work/b/$(dirname "$1")"
	cp "${3:-$mod}/$1" "$work/a/$1"
	sed "$2" "${3:-$mod}/$1" >"$work/b/$1"
	(cd "$work" && diff -u "a/$1" "b/$1") || [ $? = 1 ]
}

# build STATUS REGEXP NAME PATCH...: kpatch-build ends with STATUS, says what matches
# REGEXP, and there is a module if and only if STATUS is 0.
build() {
	local status=$1 regexp=$2 title=$3 rc=0 good=1

	shift 3
	rm -f "$work"/out/*
	"$kpb" -r "$kernel" -o "$work/out" -n "$name" --json -e "$ko" --oot-module-src "$mod" \
		"$@" >"$work/json" 2>"$work/said" </dev/null || rc=$?
	[ "$rc" = "$status" ] && grep -qE -- "$regexp" "$work/said" && good=0
	[ "$rc" = 0 ] && [ "$(ls "$work/out")" = "$name.ko" ] || [ -z "$(ls -A "$work/out")" ] || good=1
	result "$good" "$title (status $rc)"
}

# says TITLE GOT EXPECTED
says() {
	local good=1

	[ "$2" = "$3" ] && good=0
	[ "$good" = 0 ] || printf '# got: %s\n' "$2"
	result "$good" "$1"
}

info() {
	modinfo -F "$1" "$work/out/$name.ko" 2>/dev/null || true
}

# json KEY: of kpatch-build's output
json() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
		"$work/json" "$1" 2>&1 | tail -n 1
}

echo "TAP version 13"
kp_kernel_load "$kernel"

cp -r "$TOP/selftests/build-cases/oot" "$work/oot"
shipped "$work/oot"
ko=$work/oot/kpc_target.ko mod=$TOP/selftests/build-cases/oot
changed kpc_target.c 's/x \* 2/x * 3/' >"$work/p"
build 0 "" "a module that is not the kernel's own" "$work/p"
says "its name" "$(info kpatch_objects)" kpc_target
mod=$work/oot
sed -i 's/x \* 2/x * 5/' "$mod/kpc_target.c"
changed kpc_target.c 's/x \* 5/x * 3/' >"$work/p"
build 5 "" "another source than that of what was shipped" "$work/p"

# Two modules of one source, which share an object and a header: that which is given
# counts, by its own name.
mod=$work/two
mkdir "$mod"
printf '#define KPC 2\n' >"$mod/k.h"
cat >"$mod/c.c" <<-'EOC'
	#include <linux/module.h>
	#include "k.h"
	int kpc_shared(int x);
	noinline int kpc_shared(int x) { return x * KPC; }
EOC
for half in a b; do
	sed "s/x \* 2/kpc_shared(x) + KPC/; s/^#include <linux\/module.h>/&\n#include \"k.h\"\nint kpc_shared(int x);/" \
		"$TOP/selftests/build-cases/oot/kpc_target.c" >"$mod/$half.c"
done
printf 'obj-m := kpa.o kpb.o\nkpa-y := a.o c.o\nkpb-y := b.o c.o\n' >"$mod/Kbuild"
shipped "$mod"
ko=$work/shipped.ko
cp "$mod/kpb.ko" "$ko"
changed k.h 's/KPC 2/KPC 3/' >"$work/p"
build 0 "" "one of two modules" "$work/p"
says "its name" "$(info kpatch_objects)" kpb
says "its objects" "$(paste -sd' ' "$(json logs)/objects.built")" "b.o c.o"

# One with assembly, which cannot be replaced: a header may change for C only.
mod=$work/asm ko=$work/asm/kpc_target.ko
mkdir "$mod"
sed 's/^#include <linux\/module.h>/&\n#include "k.h"/; s/x \* 2/x * KPC/' \
	"$TOP/selftests/build-cases/oot/kpc_target.c" >"$mod/c.c"
printf 'obj-m := kpc_target.o\nkpc_target-y := c.o s.o\n' >"$mod/Kbuild"
printf '#define KPC 2\n#define KPS 2\n' >"$mod/k.h"
printf '#include "k.h"\n.section .rodata\n.long KPS\n' >"$mod/s.S"
# not compiled: there is c.c
cp "$mod/s.S" "$mod/c.S"
shipped "$mod"
changed k.h 's/KPC 2/KPC 3/' >"$work/header"
build 0 "" "a header that changes for C" "$work/header"
changed k.h 's/ 2/ 3/' >"$work/p"
build 2 "so that the result of s.S" "and for assembly" "$work/p"
changed s.S 's/KPS/5/' >"$work/p"
build 2 "assembly file s.S" "and the assembly itself" "$work/header" "$work/p"
end_tests
