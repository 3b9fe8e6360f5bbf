# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Leaving the kernel as it was: part of functions.sh.

set -Eeuo pipefail

# taint bits that loading our modules sets: out of tree, unsigned, livepatch
# (before 4.0 there is no taint for live patches: the core takes "user", 6)
readonly KP_TAINT_OK=$(((1 << 6) | (1 << 12) | (1 << 13) | (1 << 15)))

# What follows looks after each case, and needs no process for that.  Files of
# /proc are read at once: bash would read one anew for each line of a loop, and
# what they list changes meanwhile.

# our_modules: the out-of-tree modules that are loaded, one name a line
our_modules() {
	local line

	while IFS= read -r line; do
		[[ $line != *' ('*O*')' ]] || printf '%s\n' "${line%% *}"
	done <<<"$(</proc/modules)"
}

our_patches() {
	local dir

	for dir in "$KLP_SYSFS"/*/; do
		dir=${dir%/}
		[[ ! -d $dir ]] || printf '%s\n' "${dir##*/}"
	done
}

# added OLD NEW: the lines that only NEW has
added() {
	local line old=$'\n'$1$'\n'

	while IFS= read -r line; do
		if [[ $old == *$'\n'"$line"$'\n'* ]]; then
			old=${old/$'\n'"$line"$'\n'/$'\n'}
		elif [[ -n $line ]]; then
			printf '%s\n' "$line"
		fi
	done <<<"$2"
}

# redirected: the functions that something hooked with ftrace
redirected() {
	local dir name

	for dir in /sys/kernel/tracing /sys/kernel/debug/tracing; do
		[[ -r $dir/enabled_functions ]] || continue
		while read -r name _; do
			[[ -z $name ]] || printf '%s\n' "$name"
		done <<<"$(<$dir/enabled_functions)"
		return
	done
}

# remember_kernel: how it was before the first case
remember_kernel() {
	BASE_MODULES=$(our_modules)
	BASE_PATCHES=$(our_patches)
	BASE_REDIRECTED=$(redirected)
	BASE_TAINT=$(cat /proc/sys/kernel/tainted)
}

# check_clean: what the case left is a failure, and is removed
check_clean() {
	local mods patches hooks

	patches=$(added "$BASE_PATCHES" "$(our_patches)")
	mods=$(added "$BASE_MODULES" "$(our_modules)")
	[[ -z $patches ]] || fail "left behind: patch" "${patches//$'\n'/ }"
	[[ -z $mods ]] || fail "left behind: module" "${mods//$'\n'/ }"
	[[ -z $patches$mods ]] || unwind || :
	hooks=$(added "$BASE_REDIRECTED" "$(redirected)")
	[[ -z $hooks ]] || fail "left behind: redirected function" "${hooks//$'\n'/ }"
}

# unwind: take away patches, processes and modules that are not from before
unwind() {
	local pid patch mod round

	for pid in ${BG_PIDS[@]+"${BG_PIDS[@]}"}; do
		kill -KILL "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
	BG_PIDS=()
	KP_TIMEOUT=30 loop_until patches_off || while read -r patch; do
		show_blockers "$KLP_SYSFS/$patch"
		diag "$patch is stuck and gets forced; its module will stay"
		{ echo 1 >"$KLP_SYSFS/$patch/force"; } 2>/dev/null || :
	done < <(added "$BASE_PATCHES" "$(our_patches)")
	for round in 1 2 3 4; do
		while read -r mod; do
			KP_TIMEOUT=5 loop_until mod_unused "$mod" || continue
			rmmod "$mod" 2>/dev/null || :
		done < <(added "$BASE_MODULES" "$(our_modules)")
		[[ -n $(added "$BASE_MODULES" "$(our_modules)") ]] || return 0
		nap 0.2
	done
	diag "cannot be removed (after $round rounds):" \
		"$(added "$BASE_MODULES" "$(our_modules)")"
	return 1
}

# patches_off: the patches that are not from before have gone; those that can
# be disabled now are.  While one is in transition the others cannot.
patches_off() {
	local patch left

	left=$(added "$BASE_PATCHES" "$(our_patches)")
	[[ -n $left ]] || return 0
	for patch in $left; do
		if read_attr "$KLP_SYSFS/$patch/enabled" && [[ $REPLY == 1 ]]; then
			{ echo 0 >"$KLP_SYSFS/$patch/enabled"; } 2>/dev/null || :
		fi
	done
	return 1
}

# check_kernel_health: nothing may have gone wrong beside what cases look at
check_kernel_health() {
	local taint new splats

	read_attr /proc/sys/kernel/tainted || return 0
	taint=$REPLY
	new=$((taint & ~BASE_TAINT & ~KP_TAINT_OK))
	if ((new != 0)); then
		diag "FAILED: the kernel got tainted, new bits: $new"
		return 1
	fi
	# how long an NMI takes is up to the emulator and its host
	splats=$(dmesg_since "$TEST_MARK" \
		'^(BUG|WARNING|INFO|watchdog): |Oops|general protection fault|Call Trace:|self-detected stall|detected stalls|possible .* detected' \
		'^INFO: NMI handler .* took too long' || [[ $? == 1 ]])
	[[ -n $splats ]] || return 0
	diag "FAILED: the kernel complained:" "$splats"
	return 1
}
