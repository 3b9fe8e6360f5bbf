#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Patches that refer to what no module can link to, on kernels whose module
# loader does not do that for them.

. "$(dirname "$0")/functions.sh"

require_klp
[[ $KP_ENGINE == core ]] ||
	skip_all "this kernel's own loader does the relocations of patches"
require_module kptest-target kptest-late kptest-reloc
LOG_ALSO+=('kpatch: ')
setup_config 13

T=kptest-target
R=kptest-reloc
L=kptest-late

# check_hello LATE [ADDED]: what the replacement has got from its relocations
check_hello() {
	local got dups

	got=$(read_target hello)
	check_eq "in text, relative" "$(sed -n 1p <<<"$got")" "pc32 right"
	check_eq "in text, absolute" "$(sed -n 2p <<<"$got")" "32s right"
	check_eq "the additional one" "$(sed -n 3p <<<"$got")" "added ${2:-0x0}"
	dups=$(sed -n 4,5p <<<"$got" | sort)
	check_eq "two of the same name" "$dups" $'first: original\nsecond: original'
	check_eq "in the module that comes late" "$(sed -n 6p <<<"$got")" "late: $1"
	check_eq "in the kernel" "$(sed -n '7,$p' <<<"$got")" "$(cat /proc/cmdline)"
}

log_target() {
	log_load $T
	echo "kptest_target: init"
}

log_target_gone() {
	log_unload $T
	echo "kptest_target: exit"
}

start_test "symbols of the kernel, static ones by position, and a module that is there"
load_mod $T
load_mod $L
load_lp $R
check_hello original
disable_lp $R
check_eq "off" "$(read_target hello)" "hello: original"
unload_lp $R
unload_mod $L
unload_mod $T
check_result "$(log_target)
$(log_load $L)
kptest_late: init
$(log_load_lp $R)
$(log_disable_lp $R)
$(log_unload $R)
$(log_unload $L)
kptest_late: exit
$(log_target_gone)"

start_test "a symbol of a module that comes later, goes, and comes back"
load_mod $T
load_lp $R
check_hello "not there"
load_mod $L
check_hello original
unload_mod $L
check_hello "not there"
load_mod $L
check_hello original
disable_lp $R
unload_lp $R
unload_mod $L
unload_mod $T
late="$(log_load $L)
livepatch: applying patch 'kptest_reloc' to loading module 'kptest_late'
kptest_late: init"
gone="$(log_unload $L)
kptest_late: exit"
check_result "$(log_target)
$(log_load_lp $R)
$late
$gone
livepatch: reverting patch 'kptest_reloc' on unloading module 'kptest_late'
$late
$(log_disable_lp $R)
$(log_unload $R)
$gone
$(log_target_gone)"

start_test "the module to be patched comes later: its relocations are done first"
load_lp $R
load_mod $T
check_hello "not there"
disable_lp $R
unload_lp $R
unload_mod $T
check_result "$(log_load_lp $R)
$(log_load $T)
livepatch: applying patch 'kptest_reloc' to loading module 'kptest_target'
kptest_target: init
$(log_disable_lp $R)
$(log_unload $R)
$(log_target_gone)"

# of several functions of one name in the kernel: the position in its table
dup=$(awk 'NF == 3 { n[$3]++; t[$3] += $2 == "t" }
	END { for (s in n) if (n[s] == 2 && t[s] == 2 && s !~ /[.]/) print s }' \
	/proc/kallsyms | sort | sed -n 1p)
start_test "static functions of the kernel that have the same name: $dup"
load_mod $T
want=
for pos in 1 2; do
	load_lp $R symbol="$dup" sympos=$pos
	check_hello "not there" \
		"0x$(awk -v s="$dup" 'NF == 3 && $3 == s { print $1 }' /proc/kallsyms | sed -n "${pos}s/^0*//p")"
	disable_lp $R
	unload_lp $R
	want+="$(log_load_lp $R symbol="$dup" sympos=$pos)
$(log_disable_lp $R)
$(log_unload $R)
"
done
unload_mod $T
check_result "$(log_target)
$want
$(log_target_gone)"

# refused TITLE ERRNO-TEXT LOG PARAMETER...
refused() {
	local title=$1 errno=$2 text=$3

	shift 3
	start_test "$title"
	load_mod $T
	load_failing_mod $R "$@"
	check_eq "hello" "$(read_target hello)" "hello: original"
	check_cmd "the patch is not there" test ! -d /sys/module/kptest_reloc
	unload_mod $T
	check_result "$(log_target)
% load $R $*
$text
% load $R failed: $errno
$(log_target_gone)"
}

readonly TOO_LARGE="Value too large for defined data type" INVALID="Invalid parameters"

refused "a symbol that the kernel does not have" "$INVALID" \
	"livepatch: symbol 'kptest_no_such_symbol' not found in symbol table" \
	symbol=kptest_no_such_symbol

refused "a name that is not unique, and no position" "$INVALID" \
	"livepatch: unresolvable ambiguity for symbol 'kptest_dup' in object 'kptest_target'" \
	object=kptest_target symbol=kptest_dup

refused "a position beyond the last one" "$INVALID" \
	"livepatch: symbol position 3 for symbol 'kptest_dup' in object 'kptest_target' not found" \
	object=kptest_target symbol=kptest_dup sympos=3

refused "an address that does not fit into the field" "$TOO_LARGE" \
	"kpatch: kptest_reloc: 'cmdline_proc_show' is out of reach of its relocation (type 10)" \
	symbol=cmdline_proc_show type=10

refused "a type that does not exist" "$INVALID" \
	"kpatch: kptest_reloc: relocation for 'cmdline_proc_show' has unknown type 99" \
	symbol=cmdline_proc_show type=99

refused "a place in somebody else's memory" "$INVALID" \
	"kpatch: kptest_reloc: relocation for 'cmdline_proc_show' is outside of the module" \
	symbol=cmdline_proc_show place=outside

refused "no place" "$INVALID" \
	"livepatch: patch 'kptest_reloc': the relocation for symbol 'cmdline_proc_show' has no place" \
	symbol=cmdline_proc_show place=none

# late_error TITLE LOG ERRNO ERRNO-TEXT PARAMETER...: in a module that comes later
late_error() {
	local title=$1 text=$2 errno=$3 reason=$4

	shift 4
	start_test "$title"
	load_mod $T
	load_lp $R object=kptest_late "$@"
	load_failing_mod $L
	check_cmd "the module is not there" test ! -d /sys/module/kptest_late
	check_hello "not there"
	check_sysfs_value $R enabled 1
	disable_lp $R
	unload_lp $R
	load_mod $L
	unload_mod $L
	unload_mod $T
	check_result "$(log_target)
$(log_load_lp $R object=kptest_late "$@")
% load $L
$text
livepatch: failed to initialize patch 'kptest_reloc' for module 'kptest_late' ($errno)
livepatch: patch 'kptest_reloc' failed for module 'kptest_late', refusing to load module 'kptest_late'
% load $L failed: $reason
$(log_disable_lp $R)
$(log_unload $R)
$(log_load $L)
kptest_late: init
$(log_unload $L)
kptest_late: exit
$(log_target_gone)"
}

late_error "an address that does not fit, in a module that comes later: it is refused" \
	"kpatch: kptest_reloc: 'kptest_late_show' is out of reach of its relocation (type 10)" \
	-75 "$TOO_LARGE" symbol=kptest_late_show type=10

late_error "a symbol that the module lacks when it comes: it is refused" \
	"livepatch: symbol 'kptest_no_such_symbol' not found in symbol table" \
	-22 "$INVALID" symbol=kptest_no_such_symbol
