# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# What every step of kpatch-build shares: exit statuses, messages, numbered
# steps with kept logs, commands in the tree.

# Documented in kpatch-build.1.
export KPB_ERROR=1 KPB_REFUSED=2 KPB_NOCHANGE=3 KPB_NOAPPLY=4 KPB_UNPROVED=5 \
	KPB_COMPILE=6 KPB_TRY=7 KPB_USAGE=64

kpb_note() {
	[ "${opt_quiet:-0}" = 1 ] || printf '  %s\n' "$*" >&2
}

# kpb_fail STATUS SENTENCE: the one way to end badly.
kpb_fail() {
	local status=$1

	shift
	kpb_warnings_tell
	printf 'kpatch-build: %s\n' "$*" >&2
	kpb_result_failed "$status" "$*"
	exit "$status"
}

# kpb_harness CMD...: run something of the test harness. Its progress passes, its
# error goes to $why, to become part of our one sentence.
kpb_harness() {
	local rc=0

	kpb_partial=$(mktemp)
	# It may wait for a mirror: a signal is answered, see kpb_step.
	{
		{ ("$@") 2>&1 >&4 | tee "$kpb_partial" | sed -u '/^kpatch-build: /d' >&2; } 4>&1 || exit
	} &
	kpb_child=$!
	wait "$kpb_child" || rc=$?
	kpb_child=''
	why=$(sed -n 's/^kpatch-build: //p' "$kpb_partial" | tail -n 1)
	rm -f "$kpb_partial"
	kpb_partial=''
	return "$rc"
}

# kpb_step NAME LABEL FUNCTION [ARG]...: run a step once.  Its log is kept; a
# step that is done is not done again when a run is restarted (but with
# kpb_step_again=1).  A step that fails says why through kpb_why; its log is
# named.
kpb_step_number=0 kpb_step_again=0 kpb_child=''
kpb_step() {
	local name=$1 label=$2 start rc=0 log

	shift 2
	kpb_step_number=$((kpb_step_number + 1))
	log=$work/$(printf '%02d' "$kpb_step_number")-$name.log
	kpb_log=$log
	if [ "$kpb_step_again" = 0 ] && [ -f "$work/$name.done" ]; then
		kpb_note "$(printf '%d %-52s  done before' "$kpb_step_number" "$label")"
		return 0
	fi
	start=$(kpb_now)
	kpb_begin "$label"
	rm -f "$work/why" "$work/make.log" "$work/$name.done"
	# In the background, so that a signal is answered at once
	# (kpb_interrupted) and not after the step.
	(
		set -e
		"$@"
	) >"$log" 2>&1 </dev/null &
	kpb_child=$!
	wait "$kpb_child" || rc=$?
	kpb_child=''
	# somewhere in it somebody gave up whose caller did not look
	[ "$rc" != 0 ] || [ ! -e "$work/why" ] || rc=$KPB_ERROR
	kpb_end "$label" "$rc" "$start" "$name"
	[ "$rc" -eq 0 ] || kpb_step_failed "$label" "$log"
	: >"$work/$name.done"
}

# kpb_shared FUNCTION [ARG]...: for steps that write to what all runs share.  One
# that has to wait says for what: it can take long.
kpb_shared() {
	local name=patch-${tree_home##*/}

	(flock -n 9) 9>>"$KP_CACHE/lock/$name" || kpb_progress_line \
		"waiting for another kpatch-build that works in the tree of $kernel_release"
	kp_lock "$name" "$@"
}

# In somebody else's tree one run works at a time: another config would configure it
# anew under the first one.
kpb_tree_own() {
	[ -n "$opt_sourcedir" ] || return 0
	exec 7>>"$KP_CACHE/lock/tree-$(kpb_sha - <<<"$opt_sourcedir")"
	flock -n 7 && return 0
	kpb_note "waiting for another kpatch-build that works in $opt_sourcedir"
	# a signal is answered, see kpb_step
	flock 7 &
	kpb_child=$!
	wait "$kpb_child"
	kpb_child=''
}

# kpb_progress_line TEXT: in a step, on the terminal
kpb_progress_line() {
	[ "$opt_quiet" = 1 ] || printf '\n    %s\n' "$1" >&3
}

# A process with all that it started. It is stopped first, so that it starts
# nothing more. (From /proc: a small system has no ps.)
kpb_kill_tree() {
	local file

	kill -STOP "$1" 2>/dev/null || return 0
	while read -r file; do
		file=${file%/status}
		kpb_kill_tree "${file#/proc/}"
	done < <(grep -lsxE "PPid:[[:space:]]*$1" /proc/[0-9]*/status)
	kill -TERM "$1" 2>/dev/null || true
	kill -CONT "$1" 2>/dev/null || true
}

kpb_now() {
	date +%s%N
}

kpb_begin() {
	[ "$opt_quiet" = 1 ] || printf '  %d %-52s' "$kpb_step_number" "$1" >&2
}

kpb_end() {
	local ms=$((($(kpb_now) - $3) / 1000000))

	kpb_times+=("$4:$ms")
	[ "$opt_quiet" = 1 ] && return 0
	if [ "$2" -eq 0 ]; then
		printf '%6d.%01d s\n' $((ms / 1000)) $((ms % 1000 / 100)) >&2
	else
		printf '  FAILED\n' >&2
	fi
}

# kpb_why STATUS SENTENCE: inside a step, also where its status gets lost: end it
# with one sentence.
kpb_why() {
	printf '%s\n' "$@" >"$work/why"
	exit "$1"
}

# Has what this step ran found no room?
kpb_no_room() {
	# but not where a compiler quotes what ENOSPC is
	# shellcheck disable=SC2143 # of several programs, which may fail
	[ -n "$(cat "$kpb_log" "$work/make.log" 2>/dev/null |
		grep -iE 'no space left on device|disk quota exceeded' |
		grep -vE '^ *[0-9]* \||#[[:space:]]*define')" ]
}

# kpb_why_or_full STATUS SENTENCE: kpb_why; but if the disk is full, that is why.
kpb_why_or_full() {
	kpb_no_room || kpb_why "$@"
	# kpb_step_failed says so
	: >"$work/why"
	exit "$KPB_ERROR"
}

kpb_step_failed() {
	local label=$1 log=$2 free

	if [ -s "$work/why" ]; then
		[ "$opt_debug" = 0 ] || tail -n 40 "$log" | sed 's/^/    | /' >&2
		kpb_fail "$(head -n 1 "$work/why")" "$(tail -n +2 "$work/why") (log: $log)"
	fi
	free=$(df -Pm "$work" | awk 'NR == 2 { print $4 }')
	if [ "${free:-0}" -lt 20 ] || kpb_no_room; then
		kpb_fail "$KPB_ERROR" \
			"the disk of the cache $KP_CACHE is full: make room and run the same command again (log: $log)"
	fi
	tail -n 15 "$log" | sed 's/^/    | /' >&2
	kpb_fail "$KPB_ERROR" "$label failed, see the log: $log"
}

# kpb_run CMD...: CMD in the kernel's package root (or on the host), with the
# tree and the work folder there under their own paths, starting in the tree.
kpb_run() {
	local binds=(--bind "$tree")

	[ "$tree" = "$work" ] || binds+=(--bind "$work")
	[ ! -d "${tree_objs:-}" ] || binds+=(--bind "$tree_objs")
	[ ! -d "${lists:-}" ] || binds+=(--bind "$lists")
	# a module of others is built with headers; packaged ones are in the root
	[ -z "$opt_oot" ] || [ -z "$kernel_kdir_outside" ] || binds+=(--bind "$kernel_kdir")
	kp_root_run "$kernel_root" "${binds[@]}" -- "$@"
}

# kpb_patched_run CMD...: the same with the patched tree in the tree's place.
# Patched files lie in an upper layer below the work folder: the tree in the
# cache never changes, and a killed run leaves nothing to clean up in it.
kpb_patched_run() {
	local rc=0

	export -f kpb_run kp_root_run kp_root_dir
	export tree work tree_objs lists kernel_root kernel_kdir kernel_kdir_outside opt_oot KP_CACHE
	mkdir -p "$work/upper" "$work/ovl"
	: >"$work/unmounted"
	local ns=(unshare --mount --propagation private)
	[ "$(id -u)" = 0 ] || ns+=(--map-root-user)
	# shellcheck disable=SC2016 # expanded by the inner shell
	"${ns[@]}" bash -c '
		set -e
		mount -t overlay overlay -o \
			"lowerdir=$tree,upperdir=$work/upper,workdir=$work/ovl" "$tree"
		rm "$work/unmounted"
		kpb_run "$@"' kpb_patched_run "$@" || rc=$?
	[ ! -e "$work/unmounted" ] || kpb_why "$KPB_ERROR" \
		"the patched files cannot be laid over $tree: that takes overlayfs in a mount namespace, and a cache that is on no overlayfs itself; run as root, or set XDG_CACHE_HOME to a folder on another file system"
	return "$rc"
}

# kpb_path_odd PATH: could make, a shell or mount take it for something else than a
# full path?
kpb_path_odd() {
	[[ $1 != /* || $1 == *[!A-Za-z0-9/._+@~=$'\x80'-$'\xff'-]* ]]
}

# kpb_flat PATH: a file name that no other path has
kpb_flat() {
	local name=${1//_/__}

	printf '%s\n' "${name//\//_-}"
}

# kpb_sha FILE...: a short name for contents
kpb_sha() {
	cat "$@" | sha256sum | cut -c1-16
}
