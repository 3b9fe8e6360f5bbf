#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What kpatch-build does with the parts of a diff: code is taken, what is no code
# is left out, what it cannot take is refused, and hunks that had to move are told.
# Usage: test-kpatch-parts.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"

# build STATUS REGEXP NAME PATCH [OPTION]...: kpatch-build ends with STATUS, says
# what matches REGEXP, and there is a module if and only if STATUS is 0.
build() {
	local status=$1 regexp=$2 name=$3 rc=0 good=1

	shift 3
	rm -f "$work"/out/*
	"$kpb" -r "$kernel" -o "$work/out" -n "parts-$$" --clean "$@" >"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$status" ] && grep -qE "$regexp" "$work/said" && good=0
	[ "$rc" = 0 ] && [ "$(ls "$work/out")" = "parts-$$.ko" ] || [ -z "$(ls -A "$work/out")" ] || good=1
	result "$good" "$name (status $rc)"
}

# silent NAME: nothing of the last build matches "hunk"
silent() {
	local good=0

	! grep -q hunk "$work/said" || good=1
	result "$good" "$1"
}

# renamed FROM TO: the part of a diff of git that moves a file
renamed() {
	printf 'diff --git a/%s b/%s\nsimilarity index 100%%\nrename from %s\nrename to %s\n' "$1" "$2" "$1" "$2"
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
patch_of fs/proc/cmdline.c 's/^(\s*)seq_(puts|printf)\(m, .*saved_command_line/\1seq_puts(m, "parts ");\n&/' good

# Files that get another name.
{
	renamed Documentation/x.rst Documentation/y.rst
	echo "diff --git a/fs/proc/cmdline.c b/fs/proc/cmdline.c"
	cat "$work/good.patch"
} >"$work/p"
build 0 "parts-$$.ko" "a renamed document and a fix" "$work/p"
{
	cat "$work/good.patch"
	cat <<-'EOD'
		diff --git a/Documentation/x.rst b/Documentation/y.rst
		similarity index 90%
		rename from Documentation/x.rst
		rename to Documentation/y.rst
		index 1111111..2222222 100644
		--- a/Documentation/x.rst
		+++ b/Documentation/y.rst
		@@ -1 +1 @@
		-one
		+two
	EOD
	renamed "tools/a b.c" "tools/c d.c"
} >"$work/p"
build 0 "parts-$$.ko" "one that changes, too, behind a fix" "$work/p"
{
	renamed fs/proc/cmdline.c fs/proc/other.c
	renamed Documentation/x.rst Documentation/y.rst
} >"$work/p"
build 2 'removes the file fs/proc/cmdline.c' "renamed code" "$work/p"
renamed fs/proc/cmdline.c Documentation/cmdline.c >"$work/p"
build 2 'removes the file fs/proc/cmdline.c' "code that becomes a document" "$work/p"

# What is neither C nor ignored, together with a good part.
refused_with() {
	patch_of "$1" '1s/$/ /' part
	cat "$work/good.patch" "$work/part.patch" >"$work/p"
	build 2 "changes $1, which" "a fix and $1" "$work/p"
}
refused_with arch/x86/entry/syscalls/syscall_64.tbl
refused_with crypto/asymmetric_keys/x509.asn1
refused_with arch/x86/lib/x86-opcode-map.txt
refused_with arch/x86/entry/calling.h
patch_of kernel/.gitignore '1s/$/x/' part
cat "$work/good.patch" "$work/part.patch" >"$work/p"
build 0 "parts-$$.ko" "a fix and a .gitignore" "$work/p"

# A header that C and assembly include: the C is taken if the assembly stays.
flags=arch/x86/kvm/vmx/run_flags.h
if [ -f "$tree/$flags" ]; then
	patch_of $flags 's/(VMX_RUN_VMRESUME_SHIFT\s+)0/\12/' p
	build 2 "changes $flags so that the result of arch/x86/kvm/vmx/vmenter.S" "a constant of C and assembly" "$work/p.patch"
	cat "$work/good.patch" "$work/p.patch" >"$work/p"
	build 2 "changes $flags so that the result of arch/x86/kvm/vmx/vmenter.S" "a fix and such a constant" "$work/p"
	patch_of $flags 's/^#define VMX_RUN_VMRESUME_SHIFT.*/\/* of C only *\/\n#define KPX 1\n\n&/' part
	cat "$work/good.patch" "$work/part.patch" >"$work/p"
	build 0 "parts-$$.ko" "a fix and a constant that assembly does not use" "$work/p"
fi
# The linker script is one of those.
patch_of arch/x86/include/asm/orc_lookup.h 's/(define LOOKUP_BLOCK_ORDER\s+)8/\19/' p
build 2 'changes arch/x86/include/asm/orc_lookup.h so that the result of arch/x86/kernel/vmlinux.lds.S' \
	"a constant of the linker script" "$work/p.patch"
# Headers that are generated from C are not generated anew.
patch_of include/linux/page-flags.h 's/^\s+__NR_PAGEFLAGS,/\tPG_kpx,\n&/' p
build 2 'changes include/linux/page-flags.h and with it constants .* kernel/bounds.c' \
	"an enumerator that sizes others" "$work/p.patch"
patch_of arch/x86/kernel/asm-offsets.c 's/^\tOFFSET\(XEN_vcpu_info_mask,.*|^\tOFFSET\(pbe_address,.*/&\n\tDEFINE(KPX, 5);/' part
cat "$work/good.patch" "$work/part.patch" >"$work/p"
build 2 'changes arch/x86/kernel/asm-offsets.c and with it constants ' "a fix and a constant for assembly" "$work/p"

# Hunks that are put where the diff does not say.
build 0 "parts-$$.ko" "a diff that fits" "$work/good.patch"
silent "nothing is said of it"
# of the first hunk, the first context line is another one, and it is further down
sed -E '0,/^ /s/^ .*/ another line of context/; s/^@@ -([0-9]+),([0-9]+) \+([0-9]+),([0-9]+) @@/@@ -1\1,\2 +1\3,\4 @@/' \
	"$work/good.patch" >"$work/p"
build 0 ' fs/proc/cmdline.c: hunk #1 succeeded at [0-9]+ with fuzz .*offset -.*right place' "fuzz and offset" "$work/p"
build 0 ' fs/proc/cmdline.c: hunk #1 succeeded at [0-9]+ with fuzz ' "fuzz with -q" "$work/p" -q
sed -E 's/^@@ -([0-9]+),([0-9]+) \+([0-9]+),([0-9]+) @@/@@ -1\1,\2 +1\3,\4 @@/' "$work/good.patch" >"$work/p"
build 0 ' fs/proc/cmdline.c: hunk #1 succeeded at [0-9]+ \(offset -' "an offset" "$work/p"
build 0 "parts-$$.ko" "an offset with -q" "$work/p" -q
silent "which is not said then"
rm -rf "${tree%/linux}/work/parts-$$"-*
end_tests
