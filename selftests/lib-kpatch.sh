# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Patches for the kpatch API: for tests that call require_kpatch.

set -Eeuo pipefail

KPATCH_SYSFS=/sys/kernel/kpatch
KPATCH_PARAMS=/sys/module/kpatch/parameters
# shellcheck disable=SC2034 # for the tests
KPATCH_MODELS=(stop refcount task)
KT=/sys/module/kpatch_test_target/parameters

# end_test: for cases whose log is no contract
end_test() {
	check_clean
	case_done
}

set_model() {
	echo "$1" >$KPATCH_PARAMS/model || die "there is no model $1"
}

# limits MILLISECONDS TRIES: when a switch is given up
limits() {
	echo "$1" >$KPATCH_PARAMS/timeout_ms
	echo "$2" >$KPATCH_PARAMS/stop_tries
}

# kpatch_set PATCH 0|1: may fail
kpatch_set() {
	echo "$2" >"$KPATCH_SYSFS/$(mod_name "$1")/enabled"
} 2>/dev/null

# moving PATCH: is it in transition?
moving() {
	[[ $(cat $KPATCH_SYSFS/transition) == "$1" ]]
}

# kpatch_load NAME [PARAMETER...]
kpatch_load() {
	try_insmod "$@" || die "patch $1 does not load: $INSMOD_ERR"
}

kpatch_off() {
	kpatch_set "$1" 0 || die "patch $1 cannot be disabled"
}

# kpatch_unload NAME: off and out
kpatch_unload() {
	kpatch_off "$1"
	unload_mod "$1"
}

# guards WHAT: one of the numbers about guards
guards() {
	awk -v what="$1" '$1 == what { print $2 }' "$KPATCH_SYSFS/guards"
}

# kt NAME: a parameter of kpatch-test-target
kt() {
	cat "$KT/$1"
}

# staying PATCH N: so many tasks are inside of PATCH's kt_sleeper()
staying() {
	[[ $(cat "/sys/module/$(mod_name "$1")/parameters/staying") == "$2" ]]
}

# sleepers N: so many tasks are inside of kt_sleeper()
sleepers() {
	[[ $(kt asleep) == "$1" ]]
}

# inject COMMAND...: fails at its first point of failure, at its second, ...
# After each failure check_unchanged is called; in the end COMMAND succeeds.
# If it succeeds in spite of a failure, by another try, go_back is called.
inject() {
	local left points=0

	while :; do
		points=$((points + 1))
		((points < 200)) || die "'$*' fails without end"
		echo $points >$KPATCH_PARAMS/fault_at
		if "$@"; then
			left=$(cat $KPATCH_PARAMS/fault_at)
			echo 0 >$KPATCH_PARAMS/fault_at
			((left <= 0)) || break
			go_back
		else
			echo 0 >$KPATCH_PARAMS/fault_at
			check_unchanged "failure $points of '$*'"
		fi
	done
	diag "$((points - 1)) points of failure"
	((points > 2)) || fail "nothing was made to fail"
}
