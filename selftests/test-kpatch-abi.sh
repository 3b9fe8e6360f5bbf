#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Patch modules that have the kpatch ABI compiled in, of both generations:
# what they see of the engine is where and what it has always been.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-target kpatch-test-spin kpatch-test-abi-callbacks kpatch-test-abi-hooks kpatch-test-patch1
setup_config 22

# version GENERATION
version() {
	[[ $1 == hooks ]] && echo 4 || echo 5
}

# check_report WHAT GENERATION PATCH TARGET FOUND ON OFF: what the engine has
# written.  PATCH 1: it is on, TARGET: its module is there and the patch applied
# to it, FOUND: it has once been there; ON and OFF switches of it were seen.
check_report() {
	local patch=$3 target=$4 mod=- calls="$6 $6 $7 $7"

	[[ $4 == 0 ]] || mod=kpatch_test_target
	# The first generation has no callbacks_enabled, and two hooks.
	[[ $2 != hooks ]] || patch=0 target=0 calls="0 $6 0 $7"
	check_eq "$1" "$(cat "/sys/module/kpatch_test_abi_$2/parameters/report")" \
		"vmlinux mod=- dir=vmlinux funcs=1 dynrelas=0 callbacks=$patch
kpatch_test_target mod=$mod dir=kpatch_test_target funcs=$5 dynrelas=$5 callbacks=$target
calls $calls"
}

# check_on VERSION: functions of that version are called; 0: none
check_on() {
	if [[ $1 == 0 ]]; then
		check_eq "lines of ours in /proc/cmdline" \
			"$(grep -c kpatch-test-abi /proc/cmdline || :)" 0
	else
		check_eq "/proc/cmdline" "$(cat /proc/cmdline)" "kpatch-test-abi $1"
	fi
	[[ ! -d $KT ]] || check_f "$1"
}

# The first digit of kt_outer() is what its callee kt_f() returned, wherever
# not all of them are the same.
check_f() {
	local outer

	outer=$(kt outer)
	check_eq "kt_f()" $(((outer >> 8) & 15)) "$1"
}

for gen in callbacks hooks; do
	mod=kpatch-test-abi-$gen
	dir=$KPATCH_SYSFS/$(mod_name "$mod")
	ver=$(version $gen)

	start_test "$gen: on, off, on again, and out"
	load_mod kpatch-test-target
	kpatch_load "$mod"
	check_on "$ver"
	check_eq "enabled" "$(cat "$dir/enabled")" 1
	check_eq "checksum" "$(cat "$dir/checksum")" "abi-$ver"
	check_cmd "directories" test -d "$dir/vmlinux/cmdline_proc_show"
	check_cmd "directories" test -d "$dir/kpatch_test_target/kt_f"
	check_report "what is on" $gen 1 1 1 1 0
	kpatch_off "$mod"
	check_on 0
	check_eq "enabled" "$(cat "$dir/enabled")" 0
	check_report "what is off" $gen 0 0 1 1 1
	kpatch_set "$mod" 1 || fail "cannot be enabled again"
	check_on "$ver"
	check_report "what is on again" $gen 1 1 1 2 1
	kpatch_unload "$mod"
	check_on 0
	unload_mod kpatch-test-target
	end_test

	start_test "$gen: a module that comes later, goes, and comes again"
	kpatch_load "$mod"
	check_on "$ver"
	check_report "without it" $gen 1 0 0 0 0
	load_mod kpatch-test-target
	check_on "$ver"
	check_report "with it" $gen 1 1 1 1 0
	unload_mod kpatch-test-target
	check_report "when it has gone" $gen 1 0 1 1 1
	load_mod kpatch-test-target
	check_on "$ver"
	check_report "with it again" $gen 1 1 1 2 1
	kpatch_unload "$mod"
	check_on 0
	unload_mod kpatch-test-target
	end_test

	start_test "$gen: a switch back that fails"
	load_mod kpatch-test-target
	kpatch_load "$mod" sleeper=1
	echo 3 >$KT/sleeper
	wait_until "a task to be inside" staying "$mod" 1
	limits 300 3
	! kpatch_set "$mod" 0 || fail "it went with a task inside"
	check_on "$ver"
	# hooks are called when the patch comes and goes, and it has done neither
	[[ $gen == hooks ]] && calls="0 1 0 0" || calls="1 2 1 0"
	check_eq "what has been called" \
		"$(grep ^calls "/sys/module/$(mod_name "$mod")/parameters/report")" "calls $calls"
	echo 0 >"/sys/module/$(mod_name "$mod")/parameters/stay"
	wait_until "the task to come out" staying "$mod" 0
	limits 15000 20
	kpatch_unload "$mod"
	unload_mod kpatch-test-target
	end_test

	start_test "$gen: a switch that fails"
	load_mod kpatch-test-target
	limits 300 3
	echo 1 >$KT/sleeper
	wait_until "a task inside" sleepers 1
	load_failing_mod "$mod" sleeper=1
	check_on 0
	said=$(our_log "$LOG_MARK" | sed -n "s/.*$(mod_name "$mod"): //p")
	if [[ $gen == hooks ]]; then
		check_eq "hooks" "$said" ""
	else
		check_eq "callbacks" "$said" "pre-patch"$'\n'"post-unpatch"
	fi
	echo 1 >$KT/release
	wait_until "the task to leave" sleepers 0
	limits 15000 20
	unload_mod kpatch-test-target
	end_test
done

start_test "two of them, and one without the other"
load_mod kpatch-test-target
kpatch_load kpatch-test-abi-hooks
kpatch_load kpatch-test-abi-callbacks
check_on 5
kpatch_unload kpatch-test-abi-callbacks
check_on 4
kpatch_load kpatch-test-abi-callbacks
kpatch_unload kpatch-test-abi-hooks
check_on 5
kpatch_unload kpatch-test-abi-callbacks
check_on 0
unload_mod kpatch-test-target
end_test

for gen in callbacks hooks; do
	[[ $gen == hooks ]] && old=callbacks || old=hooks
	start_test "$gen takes the place of $old"
	load_mod kpatch-test-target
	kpatch_load "kpatch-test-abi-$old"
	kpatch_load kpatch-test-abi-$gen replace=1
	check_on "$(version $gen)"
	check_eq "the old one" "$(cat $KPATCH_SYSFS/kpatch_test_abi_"$old"/enabled)" 0
	unload_mod "kpatch-test-abi-$old"
	kpatch_unload kpatch-test-abi-$gen
	check_on 0
	unload_mod kpatch-test-target
	end_test
done

# broken DEFECT SENTENCE: such a patch is refused, with the module there and when
# it comes
broken() {
	start_test "a broken patch: $1"
	load_mod kpatch-test-target
	load_failing_mod kpatch-test-patch1 defect="$1"
	check_eq "errno" "$INSMOD_ERR" "Invalid parameters"
	log_says "$2" || fail "the log does not say what is wrong"
	[[ -n $INSMOD_ERR ]] || kpatch_unload kpatch-test-patch1
	check_eq "all functions" "$(kt outer)" 0
	unload_mod kpatch-test-target

	kpatch_load kpatch-test-patch1 defect="$1"
	new_log_mark "the module comes"
	load_mod kpatch-test-target
	log_says "$2" || fail "the log does not say what is wrong"
	log_says "'kpatch_test_target' runs UNPATCHED" || fail "nothing was said"
	check_eq "all functions" "$(kt outer)" 0
	unload_mod kpatch-test-target
	kpatch_unload kpatch-test-patch1
	end_test
}

broken old-size "kpatch_test_patch1: 'kt_g' cannot be 18446744073709551600 bytes long"
broken new-size "kpatch_test_patch1: the replacement of 'kt_g' cannot be 18446744073709551600 bytes long"
broken twice "kpatch_test_patch1: 'kt_g' is replaced twice"
broken alias "kpatch_test_patch1: 'kt_alias' is replaced twice: it is also called 'kt_h'"

start_test "a patch that is not all there"
for what in "no-name a function has no name, or no replacement" \
	"no-list an object's list has not been initialized"; do
	load_failing_mod kpatch-test-patch1 defect="${what%% *}"
	check_eq "errno" "$INSMOD_ERR" "Invalid parameters"
	log_says "patch 'kpatch_test_patch1' cannot be registered: ${what#* }" ||
		fail "the log does not say what is wrong"
done
end_test

# A name that several symbols of vmlinux have, none of them global.
start_test "an external symbol that may be one of several"
name=$(awk '$4 == "" && $3 ~ /^[a-z_]+$/ { n[$3]++; if ($2 ~ /[A-Z]/) g[$3] = 1 }
	END { for (s in n) if (n[s] == 2 && !g[s]) { print s; exit } }' /proc/kallsyms)
diag "$name"
load_mod kpatch-test-target
load_failing_mod kpatch-test-patch1 external="$name"
check_eq "errno" "$INSMOD_ERR" "Invalid parameters"
log_says "external symbol '$name' is one of 2 of that name in 'vmlinux'" ||
	fail "the log does not say what is wrong"
check_eq "all functions" "$(kt outer)" 0
kpatch_load kpatch-test-patch1 external=linux_proc_banner
check_eq "all functions" "$(kt outer)" 1
kpatch_unload kpatch-test-patch1
unload_mod kpatch-test-target
end_test

# symbol_at NAME: in decimal
symbol_at() {
	printf '%u\n' $((16#$(awk -v name="$1" '$3 == name { print $1; exit }' /proc/kallsyms)))
}

check_external() {
	check_eq "where $1 is" "$(cat /sys/module/kpatch_test_patch1/parameters/external_at)" "$(symbol_at "$1")"
}

start_test "an external symbol of a module that comes again elsewhere"
load_mod kpatch-test-target
kpatch_load kpatch-test-patch1 external=kt_f of_vmlinux=1
check_external kt_f
kpatch_off kpatch-test-patch1
was=$(symbol_at kt_f)
unload_mod kpatch-test-target
load_mod kpatch-test-spin
load_mod kpatch-test-target
[[ $(symbol_at kt_f) != "$was" ]] || diag "it has come where it was"
kpatch_set kpatch-test-patch1 1 || fail "the patch cannot be enabled again"
check_external kt_f
kpatch_unload kpatch-test-patch1
unload_mod kpatch-test-target
unload_mod kpatch-test-spin
end_test

start_test "one replacement that is named twice"
load_mod kpatch-test-target
limits 60000 1000000
echo 1 >$KT/sleeper
wait_until "a task inside" sleepers 1
background try_insmod kpatch-test-patch1 defect=twice-same sleeper=1
TEST_MODULES+=(kpatch_test_patch1)
wait_until "the switch to begin" moving kpatch_test_patch1
check_eq "all functions, so far" "$(kt outer)" 0
echo 1 >$KT/release
wait_background "$BG_PID"
check_eq "status of insmod" "$BG_STATUS" 0
limits 15000 20
check_eq "all functions" "$(kt outer)" 1
unload_mod kpatch-test-target
load_mod kpatch-test-target
check_eq "all functions" "$(kt outer)" 1
kpatch_unload kpatch-test-patch1
check_eq "all functions" "$(kt outer)" 0
unload_mod kpatch-test-target
end_test

start_test "a klp patch takes the place of a kpatch patch"
if grep -q '\<klp_enable_patch\>.*\[kpatch\]' /proc/kallsyms; then
	require_module kptest-hello-c
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1
	for _ in 1 2; do
		load_lp kptest-hello-c
		check_eq "all functions" "$(kt outer)" 0
		check_eq "the old one" "$(cat $KPATCH_SYSFS/kpatch_test_patch1/enabled)" 0
		! kpatch_set kpatch-test-patch1 0 || fail "it was disabled though it was off"
		kpatch_set kpatch-test-patch1 1 || fail "it cannot be enabled again"
		check_eq "all functions" "$(kt outer)" 1
		disable_lp kptest-hello-c
		unload_lp kptest-hello-c
		check_eq "all functions" "$(kt outer)" 1
	done
	kpatch_unload kpatch-test-patch1
	unload_mod kpatch-test-target
	end_test
else
	skip_test "kpatch.ko has no klp front end on this kernel"
fi

broken reloc "kpatch_test_patch1: relocation for 'kt_g' is outside of the module"

start_test "names that no header has to know"
for file in enabled checksum; do
	check_cmd "$file is the patch's" test ! -e "$KPATCH_SYSFS/$file"
done
end_test
