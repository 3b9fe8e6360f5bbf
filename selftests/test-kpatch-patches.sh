#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Patches on each other, in place of each other, for modules that come later,
# and patches that are refused: the same in every model.
# shellcheck source=selftests/functions.sh
. "$(dirname "$0")/functions.sh"
# shellcheck source=selftests/lib-kpatch.sh
. "$(dirname "$0")/lib-kpatch.sh"
require_kpatch
require_module kpatch-test-target kpatch-test-patch1 kpatch-test-patch2 \
	kpatch-test-early1 kpatch-test-early2 kpatch-test-early3
setup_config $((2 + 13 * ${#KPATCH_MODELS[@]}))

check_version() {
	check_eq "$1" "$(kt version)" "$2"
}

# hold_target: loads the target before the engine, and keeps it in its init
hold_target() {
	drop_engine || die "kpatch.ko does not unload"
	background try_insmod kpatch-test-target hold_init=1
	TEST_MODULES+=(kpatch_test_target)
	wait_until "the target in its init" held
	load_engine || die "kpatch.ko cannot be loaded again"
}

held() {
	[[ -r $KT/asleep && $(kt asleep) == 1 ]]
}

# let_target_go: to the end of its init
let_target_go() {
	check_eq "the target" "$(cat /sys/module/kpatch_test_target/initstate)" coming
	echo 1 >$KT/release
	wait_background "$BG_PID"
	check_eq "status of insmod" "$BG_STATUS" 0
}

for model in "${KPATCH_MODELS[@]}"; do
	set_model "$model"
	limits 15000 20

	start_test "$model: the last patch wins, and goes first"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1
	check_version "the first" 1
	kpatch_load kpatch-test-patch2
	check_version "the second" 2
	kpatch_unload kpatch-test-patch2
	check_version "the first again" 1
	kpatch_unload kpatch-test-patch1
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a patch in the middle goes"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1
	kpatch_load kpatch-test-patch2
	kpatch_unload kpatch-test-patch1
	check_version "the second" 2
	kpatch_unload kpatch-test-patch2
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: one takes the place of another"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1
	kpatch_load kpatch-test-patch2 replace=1 only=kt_g
	check_version "the second" 2
	check_eq "the first is off" "$(cat $KPATCH_SYSFS/kpatch_test_patch1/enabled)" 0
	check_eq "redirected functions" "$(redirected | grep -c '^kt_' || :)" 1
	unload_mod kpatch-test-patch1
	kpatch_unload kpatch-test-patch2
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: one that has replaced others cannot go: those above it stay"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1 replace=1 sleeper=1
	kpatch_load kpatch-test-patch2 only=kt_g
	echo 3 >$KT/sleeper
	wait_until "a task to be inside" staying kpatch-test-patch1 1
	limits 300 3
	! kpatch_set kpatch-test-patch1 0 || fail "it went with a task inside"
	limits 15000 20
	check_eq "the patches" "$(<$KPATCH_SYSFS/patches)" \
		$'kpatch_test_patch1 on\nkpatch_test_patch2 on'
	check_version "the second" 2
	echo 0 >/sys/module/kpatch_test_patch1/parameters/stay
	wait_until "the task to come out" staying kpatch-test-patch1 0
	kpatch_unload kpatch-test-patch1
	check_version "the second, alone" 2
	kpatch_unload kpatch-test-patch2
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a module comes after two patches, goes and comes"
	kpatch_load kpatch-test-patch1
	kpatch_load kpatch-test-patch2 only=kt_f
	for round in 1 2; do
		load_mod kpatch-test-target
		check_version "round $round" 1
		check_eq "redirected functions" "$(redirected | grep -c '^kt_' || :)" 4
		unload_mod kpatch-test-target
	done
	kpatch_unload kpatch-test-patch2
	kpatch_unload kpatch-test-patch1
	end_test

	start_test "$model: a module in its init since before the engine came"
	hold_target
	set_model "$model"
	kpatch_load kpatch-test-patch1
	log_says "'kpatch_test_target' .* init .*patched when that is over" ||
		fail "the log does not say that it runs unpatched so far"
	kpatch_load kpatch-test-patch2 only=kt_f
	let_target_go
	check_version "the first" 1
	check_eq "kt_f(): the second" "$((($(kt outer) >> 8) & 15))" 2
	check_eq "redirected functions" "$(redirected | grep -c '^kt_' || :)" 4
	for patch in kpatch_test_patch1 kpatch_test_patch2; do
		check_eq "$patch: callbacks" \
			"$(our_log "$LOG_MARK" | sed -n "s/^$patch: //p")" \
			"pre-patch kpatch_test_target"$'\n'"post-patch kpatch_test_target"
	done
	kpatch_unload kpatch-test-patch2
	kpatch_unload kpatch-test-patch1
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a callback refuses"
	load_mod kpatch-test-target
	load_failing_mod kpatch-test-patch1 fail=-19
	check_version "the original" 0
	# Not to be mistaken for the engine's own "try again"
	load_failing_mod kpatch-test-patch1 fail=-11
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a callback's number is no errno"
	load_mod kpatch-test-target
	load_failing_mod kpatch-test-patch1 fail=1
	check_eq "errno" "$INSMOD_ERR" "Invalid parameters"
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a callback refuses a late module's patch"
	kpatch_load kpatch-test-patch1
	echo -19 >/sys/module/kpatch_test_patch1/parameters/fail
	load_mod kpatch-test-target
	check_version "the original" 0
	log_says "'kpatch_test_target' runs UNPATCHED" ||
		fail "nothing was said"
	unload_mod kpatch-test-target
	kpatch_unload kpatch-test-patch1
	end_test

	start_test "$model: the second of two refuses, and the first is told all"
	kpatch_load kpatch-test-patch1
	kpatch_load kpatch-test-patch2
	echo -19 >/sys/module/kpatch_test_patch2/parameters/fail
	new_log_mark "the module comes"
	load_mod kpatch-test-target
	check_version "the original" 0
	check_eq "the first: callbacks" \
		"$(our_log "$LOG_MARK" | sed -n "s/^kpatch_test_patch1: \(.*\) kpatch_test_target/\1/p" | xargs)" \
		"pre-patch post-patch pre-unpatch post-unpatch"
	unload_mod kpatch-test-target
	kpatch_unload kpatch-test-patch2
	kpatch_unload kpatch-test-patch1
	end_test

	start_test "$model: a function that goes with the module's init"
	kpatch_load kpatch-test-patch1 only=kt_init_only
	load_mod kpatch-test-target
	log_says "'kt_init_only' is no function of 'kpatch_test_target' that stays" ||
		fail "the log does not say what is wrong"
	log_says "'kpatch_test_target' runs UNPATCHED" || fail "nothing was said"
	unload_mod kpatch-test-target
	kpatch_unload kpatch-test-patch1
	end_test

	start_test "$model: a module is in its exit, and a function of the patch"
	load_mod kpatch-test-target
	kpatch_load kpatch-test-patch1 only=kt_sleeper
	echo 1 >$KT/hold_exit
	background rmmod kpatch_test_target
	wait_until "the exit to be inside" staying kpatch-test-patch1 1
	limits 300 3
	if try_insmod kpatch-test-patch2 replace=1 only=kt_f; then
		fail "the patch was replaced with a task inside"
	fi
	# kretprobes refuse modules that are going
	why="is inside (kt_sleeper|the kernel, running):"
	[[ $model != refcount ]] || why+="|cannot count calls of kt_f"
	log_says "$why" || fail "the log does not say why not"
	limits 15000 20
	echo 0 >/sys/module/kpatch_test_patch1/parameters/stay
	wait_background "$BG_PID"
	check_eq "status of rmmod" "$BG_STATUS" 0
	kpatch_load kpatch-test-patch2 replace=1 only=kt_f
	unload_mod kpatch-test-patch1
	load_mod kpatch-test-target
	check_eq "kt_f(): the second" "$((($(kt outer) >> 8) & 15))" 2
	kpatch_unload kpatch-test-patch2
	unload_mod kpatch-test-target
	end_test

	start_test "$model: a function that does not exist"
	load_mod kpatch-test-target
	load_failing_mod kpatch-test-patch1 unknown=1
	log_says "symbol 'kt_no_such_function' .*not found" ||
		fail "the log does not say which"
	check_version "the original" 0
	unload_mod kpatch-test-target
	end_test
done

start_test "a module in its init that cannot be patched when that is over"
hold_target
kpatch_load kpatch-test-patch1
echo -19 >/sys/module/kpatch_test_patch1/parameters/fail
let_target_go
log_says "'kpatch_test_target' runs UNPATCHED" || fail "nothing was said"
check_version "the original" 0
unload_mod kpatch-test-target
kpatch_unload kpatch-test-patch1
end_test

start_test "static keys that cannot be found, or written"
load_failing_mod kpatch-test-early1
log_says "symbol 'kpatch_test_no_such_key' .*not found" ||
	fail "the log does not say which key"
for mod in kpatch-test-early2 kpatch-test-early3; do
	load_failing_mod $mod
	log_says "$(mod_name $mod): its static keys cannot be set up \\(-22\\)" ||
		fail "the log does not say why"
done
end_test
