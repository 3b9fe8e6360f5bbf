#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# Patches that cannot be right: each is refused with a clear line in the log,
# and the kernel stays as it was.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-bad kptest-untagged kptest-hello-a kptest-block
LOG_ALSO+=('kpatch: ')
setup_config 30

T=kptest-target
BAD=kptest-bad

# What insmod says when init returns -EEXIST: newer loaders (7.2) keep that for
# themselves.
! try_insmod $T init_ret=-17 || die "$T loads although its init fails"
EXISTS=$INSMOD_ERR

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

start_test "a patch of nothing is no mistake"
load_lp $BAD defect=empty
check_sysfs_value $BAD enabled 1
disable_lp $BAD
unload_lp $BAD
check_result "$(log_load_lp $BAD defect=empty)
$(log_disable_lp $BAD)
$(log_unload $BAD)"

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

# broken DEFECT SENTENCE
broken() {
	refused "a broken struct klp_patch: $1" "Invalid parameters" "$(core_says "$2")" defect="$1"
}

broken no-patch "no patch to be enabled was given"
broken no-module "a patch does not say which module it is in"
broken no-objects "patch 'kptest_bad' has no objects"
broken no-funcs "patch 'kptest_bad': object 'kptest_target' has no functions"
broken long-object \
	"patch 'kptest_bad': no module can have the name of object '$(printf 'x%.0s' {1..32})'"
broken no-old-name "patch 'kptest_bad': a function of object 'kptest_target' has no name"
broken long-old-name \
	"patch 'kptest_bad': the name of a function of object 'kptest_target' is too long: $(printf 'x%.0s' {1..32})..."
broken no-new-func \
	"patch 'kptest_bad': there is nothing to replace function 'kptest_hello_show' of object 'kptest_target' with"

refused "a broken struct klp_patch: empty-old-name" "Invalid parameters" \
	"livepatch: symbol '' not found in symbol table" defect=empty-old-name

if [[ $KP_ENGINE == core ]]; then
	text="kpatch: kptest_bad: cannot tell how long 'kptest_hello_show' of the patch is"
else
	text="livepatch: kallsyms size lookup failed for 'kptest_hello_show' replacement"
fi
refused "a broken struct klp_patch: no-code" "Unknown symbol in module" "$text" defect=no-code

# core_refuses DEFECT ERRNO-TEXT SENTENCE: of these a kernel's own live
# patching makes files that are there already, or worse
core_refuses() {
	if [[ $KP_ENGINE == core ]]; then
		refused "a broken struct klp_patch: $1" "$2" "livepatch: $3" defect="$1"
	else
		start_test "a broken struct klp_patch: $1"
		skip_test "the kernel's own live patching complains with a stack trace"
	fi
}

core_refuses empty-object "Invalid parameters" \
	"patch 'kptest_bad': no module can have the name of object ''"
core_refuses twice-object "$EXISTS" "patch 'kptest_bad' has object 'kptest_target' twice"
for defect in twice-func twice-func-sympos; do
	core_refuses $defect "$EXISTS" \
		"patch 'kptest_bad' replaces function 'kptest_hello_show' of object 'kptest_target' twice"
done

for defect in enabled-twice two-patches; do
	start_test "a module that enables again what is enabled: $defect"
	if [[ $KP_ENGINE == klp ]]; then
		skip_test "the kernel's own live patching initializes what is in use"
		continue
	fi
	load_mod $T
	load_lp $BAD defect=$defect
	check_eq "what the second time returned" \
		"$(cat /sys/module/kptest_bad/parameters/second)" -17
	check_eq "patched" "$(read_target hello)" "replaced by kptest_bad"
	check_sysfs_value $BAD enabled 1
	check_sysfs_value $BAD kptest_target/patched 1
	disable_lp $BAD
	unload_lp $BAD
	check_untouched
	unload_mod $T
	# the transition may be over before the second call or after it
	got=$(our_log "$LOG_MARK")
	check_eq "what was said" "$(grep -cx "livepatch: patch 'kptest_bad' is enabled already" <<<"$got")" 1
	check_clean
	case_done
done

# try_write FILE VALUE: what the kernel answers
try_write() {
	local got

	got=$({ echo "$2" >"$1"; } 2>&1) && echo "it went well" || echo "${got##*: }"
}

start_test "rmmod of an enabled patch"
load_mod $T
load_lp kptest-hello-a
check_eq "references" "$(cat /sys/module/kptest_hello_a/refcnt)" 1
! rmmod kptest_hello_a 2>/dev/null || fail "an enabled patch was unloaded"
[[ $KP_ENGINE == klp ]] || ! rmmod kpatch 2>/dev/null || fail "kpatch.ko was unloaded below a patch"
check_eq "patched" "$(read_target hello)" "hello: patched by a"
check_sysfs_value kptest-hello-a enabled 1
disable_lp kptest-hello-a
wait_until "the last reference" mod_unused kptest_hello_a
unload_lp kptest-hello-a
check_untouched
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp kptest-hello-a)
$(log_disable_lp kptest-hello-a)
$(log_unload kptest-hello-a)
$(log_unload $T)
kptest_target: exit"

start_test "what cannot be written to the files of a patch"
load_mod $T
load_lp kptest-hello-a
dir=$(lp_dir kptest-hello-a)
check_eq "enabled = 1 again" "$(try_write "$dir/enabled" 1)" "Invalid argument"
check_eq "enabled = what" "$(try_write "$dir/enabled" what)" "Invalid argument"
check_eq "force = 1, and no transition" "$(try_write "$dir/force" 1)" "Invalid argument"
check_eq "force = 0" "$(try_write "$dir/force" 0)" "it went well"
check_eq "force = what" "$(try_write "$dir/force" what)" "Invalid argument"
check_eq "patched" "$(read_target hello)" "hello: patched by a"
background cat /sys/kernel/debug/kptest_target/block >/dev/null
wait_until "a task inside" grep -qx 1 /sys/kernel/debug/kptest_target/inside
load_lp_nowait kptest-block
check_sysfs_value kptest-block transition 1
check_sysfs_value kptest-hello-a transition 0
check_eq "off while another one is in transition" "$(try_write "$dir/enabled" 0)" \
	"Device or resource busy"
check_eq "force of the other one" "$(try_write "$dir/force" 1)" "Invalid argument"
check_sysfs_value kptest-hello-a enabled 1
check_eq "still patched" "$(read_target hello)" "hello: patched by a"
echo 1 >/sys/kernel/debug/kptest_target/release
wait_background "$BG_PID"
wait_transition kptest-block
disable_lp kptest-block
unload_lp kptest-block
disable_lp kptest-hello-a
unload_lp kptest-hello-a
check_untouched
unload_mod $T
check_result "$(log_load $T)
kptest_target: init
$(log_load_lp kptest-hello-a)
$(log_load_lp kptest-block)
$(log_disable_lp kptest-block)
$(log_unload kptest-block)
$(log_disable_lp kptest-hello-a)
$(log_unload kptest-hello-a)
$(log_unload $T)
kptest_target: exit"

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
