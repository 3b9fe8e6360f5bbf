#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Changed struct layouts: refused in whatever way they change; and changes that
# leave them alone are not, and cost no debug information.
# Usage: test-kpatch-layout.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
for file in apt root kernels; do
	# shellcheck source=/dev/null
	. "$TOP/selftests/vm/lib/$file.sh"
done
home='' as=() clean=--clean

# build STATUS REGEXP NAME: patch p ends with STATUS, and says what matches.
build() {
	local rc=0 good=1

	rm -f "$work"/out/*
	"${as[@]}" "$kpb" -q -r "$kernel" -o "$work/out" -n "layout-$$" $clean "$work/p.patch" >"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$1" ] && grep -qE "$2" "$work/said" && good=0
	result "$good" "$3 (status $rc)"
}

# refused SED NAME: of struct eventpoll
refused() {
	patch_of fs/eventpoll.c "$1" p
	build 2 'the layout changes of struct eventpoll ' "$2"
}

# made SED NAME [FILE]: and without debug information
made() {
	local good=1

	rm -rf "$home/work/layout-$$"-*
	patch_of "${3:-fs/eventpoll.c}" "$1" p
	build 0 "layout-$$.ko" "$2"
	! grep -qs '^with debug information' "$home"/work/layout-$$-*/*-layout*.log && good=0
	result "$good" "$2: no debug information is compiled"
}

# same STATUS NAME BEFORE AFTER: whether all types of a compiler's view are as before,
# for who has no pahole
same() {
	local rc=0 good=1 dir=$work/same/layout when

	mkdir -p "$dir"
	printf '%s\n' "$3" >"$dir/before.i"
	printf '%s\n' "$4" >"$dir/after.i"
	for when in before after; do
		"$TOP/.build/kpatch-build/declarations" -p "$dir/$when.i" >"$dir/$when"
	done
	(
		# shellcheck source=scripts/kpatch-build/lib/layout.sh
		. "$TOP/scripts/kpatch-build/lib/layout.sh"
		kpb_why() { exit "$1"; }
		# shellcheck disable=SC2034,SC2030 # used there
		work=$work/same bin=$TOP/.build/kpatch-build KPB_ERROR=1
		kpb_layout_same_types x.o
	) >"$work/said" 2>&1 || rc=$?
	[ "$rc" = "$1" ] && good=0
	result "$good" "without pahole: $2 (status $rc)"
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
home=${tree%/linux}

# a line in front of a member of the struct, and a fix
member='/^struct eventpoll \{/,/^\}/s/^\tstruct mutex mtx;'
fix='s/^(\s*)(if \(size <= 0\))/\1pr_info_once("layout\\n");\n&/'
refused "$member/\tint pad1;\n&/" "a member"
refused "$member/\tint pad1, pad2;\n&/" "two members in a list"
refused "$member/\tDECLARE_BITMAP(map, 64);\n&/" "a macro"
refused "$member/\tstruct mutex mtx __attribute__((aligned(64)));/" "an attribute"
refused "$member/\tstruct {\n\t\tint pad1;\n\t};\n&/" "an anonymous struct"
refused "$member/\tstruct mutex\n\t\tmtx,\n\t\tother\n\t;/" "members over several lines"
refused "$member/\t__u8 pad[KPN + KPB];\n&/;s/^struct eventpoll \{/#define KPN 4\nenum { KPA = 2, KPB };\n&/" "sized by a macro and an enumerator"

# accepted SED NAME: where all members stay. (A fix: else nothing changes.)
accepted() {
	patch_of fs/eventpoll.c "$1;$fix" p
	build 0 "layout-$$.ko" "$2"
}
in_struct='/^struct eventpoll \{/,/^\}/'
accepted "$member/\tstruct {\n&\n\t};/" "a member in an anonymous struct"
accepted "$in_struct{s/^\tstruct mutex mtx;/\tstruct {\n&/;s/^\}/\t};\n&/}" "all members in an anonymous struct"
accepted "$in_struct{s/^\tstruct mutex mtx;/\tunion { struct {\n&/;s/^\tstruct list_head rdllist;/&\n\t}; };/}" \
	"some members in anonymous ones in each other"
# struct_group() for kernels that do not have it yet
group='#undef KPG\n#define KPG(name, m...) union { struct { m }; struct { m } name; }\n'
accepted "$in_struct{s/^\tstruct mutex mtx;/\tKPG(both,\n&/;s/^\tstruct list_head rdllist;/&\n\t);/};s/^struct eventpoll \{/$group&/" \
	"members with a second name as a group"
refused "$member/\tstruct {\n&\n\t} named;/;s/->mtx/->named.mtx/g" "a member in a struct with a name"
refused "$member/\tstruct {\n&\n\t} __attribute__((aligned(64)));/" "an aligned anonymous struct"
refused "$in_struct{s/^\tstruct mutex mtx;/\tunion {\n&/;s/^\twait_queue_head_t wq;/&\n\t};/}" "members in an anonymous union"
refused "$in_struct{s/^\tu8 loop_check_depth;/\tKPG(both,\n&\n\tu8 pad;);/};s/^struct eventpoll \{/$group&/" \
	"a new member in a group, where nothing was"

# what is not the struct itself: the size of a member of it
patch_of fs/eventpoll.c 's/^(#define EP_ITEM_COST .*)/&\n#define KPX 1/;'"$fix" p
build 0 "layout-$$.ko" "a macro that no struct depends on"
patch_of fs/eventpoll.c 's/^struct eppoll_entry \{/&\n\tchar pad[128];/' p
build 2 'the layout changes of .*struct eppoll_entry ' "another struct of the file"
patch_of fs/proc/internal.h 's/^struct proc_dir_entry \{/&\n\tint pad1, pad2;/' p
build 2 'the layout changes of .*struct proc_dir_entry ' "a struct of a header"
patch_of include/linux/sem.h 's/^struct sysv_sem \{/&\n\tDECLARE_BITMAP(x, 64);/' p
build 2 'the layout changes of .*struct sysv_sem ' "a struct of a header of many"
# a constant of a header that many sources include, one of which has such an array
if grep -qs '^#define HEXDIR_LEN' "$tree/fs/nfsd/state.h"; then
	patch_of fs/nfsd/state.h 's/^(#define HEXDIR_LEN\s+)33/\141/' p
	build 2 'the layout changes of .*struct name_list ' "a struct of one source, sized by a header of several"
fi

patch_of lib/zstd/compress/zstd_ldm.c 's/^\s+U64 stopMask;/&\n    U64 pad[4], pad2;/' p
build 2 'the layout changes of .*typedef ldmRollingHashState_t ' "a struct that only a typedef names"
patch_of lib/zstd/compress/zstd_ldm.c 's/^typedef struct \{/enum { KPA = 2, KPB };\n&/;s/^\s+U64 stopMask;/&\n    U64 pad[KPB];/' p
build 2 'the layout changes of .*typedef ldmRollingHashState_t ' "the same, sized by an enumerator"

# of a union pahole says no size
iv='/^union fscrypt_iv \{/,/^\}/'
patch_of fs/crypto/fscrypt_private.h "$iv s/^\t\};/\t} __attribute__((aligned(64)));/" p
build 2 'the layout changes of .*union fscrypt_iv \(32 bytes, then 64\)' "an aligned anonymous struct in a union"
patch_of fs/crypto/fscrypt_private.h "$iv s/^\};/} __attribute__((aligned(64)));/" p
build 2 'the layout changes of .*union fscrypt_iv \(32 bytes, then 64\)' "an aligned union"

# where no pahole is, a type that changes is not taken unseen
kp_kernel_load "$kernel"
if [ -n "$KP_ROOT" ]; then
	# shellcheck disable=SC2016 # expanded by the inner shell
	as=(unshare -m sh -c 'mount --bind /dev/null "$1" && shift && exec "$@"' sh
		"$(kp_root_dir "$KP_ROOT")/usr/bin/pahole")
	patch_of fs/eventpoll.c "$member/\tint pad1;\n&/" p
	build 1 'no pahole to tell .* install the package dwarves' "a member, without pahole"
	patch_of fs/eventpoll.c "s/^struct eventpoll \{/struct kpx {\n\tint a;\n};\n\n&/;$fix" p
	build 0 "layout-$$.ko" "a new struct, without pahole"
	patch_of fs/eventpoll.c "s/^struct eventpoll \{/#pragma pack(push, 1)\n&/;$in_struct s/^\}.*/&\n#pragma pack(pop)/;$fix" p
	build 1 'no pahole to tell .* install the package dwarves' "a pragma around a struct, without pahole"
	# found out late, by the second comparison; then it is installed
	if grep -qs '^#define HEXDIR_LEN' "$tree/fs/nfsd/state.h"; then
		patch_of fs/nfsd/state.h 's/^(#define HEXDIR_LEN\s+)33/\141/' p
		build 1 'no pahole to tell .* install the package dwarves' "a struct of one source, without pahole"
		as=() clean=''
		build 2 'the layout changes of .*struct name_list ' "the same command, with pahole"
		clean=--clean
	fi
	as=()
fi
wire='struct wire { char a; int b; };'
same 0 "nothing changes" "$wire" "$wire"
same 1 "packed by a pragma" "$wire" "#pragma pack(push,1)
$wire
#pragma pack(pop)"
same 0 "a pragma that ends before" "$wire" "#pragma pack(push,1)
struct new { char a; int b; };
#pragma pack(pop)
$wire"
same 1 "moved out of a pragma" "#pragma pack(1)
$wire
#pragma pack()" "#pragma pack(1)
#pragma pack()
$wire"
same 1 "in another order of bytes" "$wire" "#pragma scalar_storage_order big-endian
$wire"
same 0 "a pragma about warnings" "$wire" "#pragma GCC diagnostic push
$wire"
box='struct box { typeof(y) v; };'
same 1 "typeof a variable that changes" "extern int y; $box" "extern long y; $box"
same 0 "a variable that typeof does not name" "extern int y; $box" "extern int y; $box static int z;"
same 1 "sizeof a variable that changes" "extern int y; struct s { char a[sizeof(y)]; };" \
	"extern long y; struct s { char a[sizeof(y)]; };"

made "$fix" "a fix"
made "$fix;s/^(\s*)(if \(size <= 0\))/&/;s/^static int do_epoll_create\(int flags\)\$/static noinline int kp_new(int x)\n{\n\tint a, b = x;\n\n\treturn a = b;\n}\n\n&/" \
	"a new function"
made 's/^(\s*)seq_(puts|printf)\(m, .*saved_command_line/\1{ struct { int a, b; } x = { 1, 2 }; seq_printf(m, "%d ", x.b); }\n&/' \
	"a struct inside of a function" fs/proc/cmdline.c
rm -rf "$home/work/layout-$$"-*
end_tests
