#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Patches that cannot be right: each is refused with a clear line in the log,
# and the kernel stays as it was.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-bad kptest-untagged
setup_config 16

T=kptest-target
BAD=kptest-bad

# check_untouched: the target runs its own code and no patch is left
check_untouched() {
	check_eq "hello" "$(read_target hello)" "hello: original"
	check_eq "first" "$(read_target first)" "first: original"
	check_eq "second" "$(read_target second)" "second: original"
	check_eq "patches in sysfs" "$(our_patches)" "$BASE_PATCHES"
	check_cmd "the bad module is gone" test ! -d /sys/module/kptest_bad
}

# refused TITLE ERRNO-TEXT LOG PARAMETER...
refused() {
	local title=$1 errno=$2 text=$3

	shift 3
	start_test "$title"
	load_mod $T
	load_failing_mod $BAD "$@"
	check_untouched
	unload_mod $T
	check_result "$(log_load $T)
kptest_target: init
% load $BAD${*:+ $*}
$text
% load $BAD failed: $errno
$(log_unload $T)
kptest_target: exit"
}

start_test "control: without a defect the same module is a good patch"
load_mod $T
load_lp $BAD
check_eq "patched" "$(read_target hello)" "replaced by kptest_bad"
disable_lp $BAD
unload_lp $BAD
check_untouched
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $BAD)
$(log_disable_lp $BAD)
$(log_unload $BAD)
$(log_unload $T)
kptest_target: exit"

refused "a function that the module does not have" "Invalid parameters" \
	"livepatch: symbol 'kptest_no_such_function' not found in symbol table" \
	function=kptest_no_such_function

refused "a function that the kernel does not have" "Invalid parameters" \
	"livepatch: symbol 'kptest_no_such_function' not found in symbol table" \
	object=vmlinux function=kptest_no_such_function

refused "a name that is not unique, and no position" "Invalid parameters" \
	"livepatch: unresolvable ambiguity for symbol 'kptest_dup' in object 'kptest_target'" \
	function=kptest_dup

refused "a position beyond the last one" "Invalid parameters" \
	"livepatch: symbol position 3 for symbol 'kptest_dup' in object 'kptest_target' not found" \
	function=kptest_dup sympos=3

refused "a second position of a name that is unique" "Invalid parameters" \
	"livepatch: symbol position 2 for symbol 'kptest_hello_show' in object 'kptest_target' not found" \
	function=kptest_hello_show sympos=2

start_test "the right positions of a name that is not unique"
load_mod $T
check_eq "functions of that name" \
	"$(grep -c $'[tT] kptest_dup\t\\[kptest_target\\]$' /proc/kallsyms)" 2
seen=
for pos in 1 2; do
	load_lp $BAD function=kptest_dup sympos=$pos
	check_cmd "its position in sysfs" \
		test -d "$(lp_dir $BAD)/kptest_target/kptest_dup,$pos"
	got=$(read_target first && read_target second)
	case $got in
	$'replaced by kptest_bad\nsecond: original') seen+=first ;;
	$'first: original\nreplaced by kptest_bad') seen+=second ;;
	*) fail "position $pos: the two functions say '$got'" ;;
	esac
	disable_lp $BAD
	unload_lp $BAD
done
check_match "each position is one function" "$seen" '^(firstsecond|secondfirst)$'
check_untouched
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $BAD function=kptest_dup sympos=1)
$(log_disable_lp $BAD)
$(log_unload $BAD)
$(log_load_lp $BAD function=kptest_dup sympos=2)
$(log_disable_lp $BAD)
$(log_unload $BAD)
$(log_unload $T)
kptest_target: exit"

start_test "an object that is not there: the patch simply waits for it"
load_mod $T
load_lp $BAD object=kptest_no_such_module
check_eq "hello" "$(read_target hello)" "hello: original"
! have_sysfs $BAD kptest_no_such_module/patched ||
	check_sysfs_value $BAD kptest_no_such_module/patched 0
disable_lp $BAD
unload_lp $BAD
check_untouched
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp $BAD object=kptest_no_such_module)
$(log_disable_lp $BAD)
$(log_unload $BAD)
$(log_unload $T)
kptest_target: exit"

start_test "a function that the module lacks when it comes: it is refused"
load_lp $BAD function=kptest_no_such_function
load_failing_mod $T
check_cmd "the module is not there" test ! -d /sys/module/kptest_target
check_sysfs_value $BAD enabled 1
disable_lp $BAD
unload_lp $BAD
load_mod $T
check_untouched
unload_mod $T
check_result "$(log_load_lp $BAD function=kptest_no_such_function)
% load $T
livepatch: symbol 'kptest_no_such_function' not found in symbol table
livepatch: failed to initialize patch 'kptest_bad' for module 'kptest_target' (-22)
livepatch: patch 'kptest_bad' failed for module 'kptest_target', refusing to load module 'kptest_target'
% load $T failed: Invalid parameters
$(log_disable_lp $BAD)
$(log_unload $BAD)
$(log_load $T)
kptest_target: init
$(log_unload $T)
kptest_target: exit"

for defect in no-patch no-objects no-funcs no-new-func; do
	refused "a broken struct klp_patch: $defect" "Invalid parameters" "" defect=$defect
done

refused "a broken struct klp_patch: no-old-name" "Invalid parameters" \
	"livepatch: symbol '' not found in symbol table" defect=no-old-name

start_test "a module without the livepatch tag"
load_mod $T
load_failing_mod kptest-untagged
check_untouched
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
% load kptest-untagged
livepatch: module kptest_untagged is not marked as a livepatch module
% load kptest-untagged failed: Invalid parameters
$(log_unload $T)
kptest_target: exit"

start_test "a module that was built for another kernel"
work=$(mktemp -d)
good=$(module_path $BAD)
magic=$(modinfo -F vermagic "$good")
# the same length, so that nothing else in the file moves; not the first
# word, which a kernel with CONFIG_MODVERSIONS does not look at
wrong=${magic/mod_unload/mod_unbolt}
sed "s/^vermagic=$magic/vermagic=$wrong/;s/\x00vermagic=$magic/\x00vermagic=$wrong/" "$good" >"$work/$BAD.ko"
check_eq "the changed vermagic" "$(modinfo -F vermagic "$work/$BAD.ko")" "$wrong"
load_mod $T
KP_TEST_MODULES=$work load_failing_mod $BAD
check_untouched
unload_mod $T
rm -rf "$work"
check_result "$(log_load $T)
kptest_target: init
% load $BAD
kptest_bad: version magic '$wrong' should be '$magic'
% load $BAD failed: Invalid module format
$(log_unload $T)
kptest_target: exit"
