# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# What every part of the VM harness shares: messages, the cache, locks and
# host packages.  Sourced; sets KP_TOP, KP_VM, KP_CACHE, KP_BUILD.

KP_VM=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
KP_TOP=$(cd "$KP_VM/../.." && pwd)
KP_CACHE=${KP_CACHE:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/livepatch-suite}
KP_BUILD=${KP_BUILD:-$KP_TOP/.build}
KP_PROG=${KP_PROG:-${0##*/}}

# Exit statuses that the harness keeps for itself; a guest command's own
# status passes through unchanged otherwise.
export KP_EXIT_LOST=121 KP_EXIT_SPLAT=122 KP_EXIT_TIMEOUT=124 KP_EXIT_HARNESS=125

kp_err() {
	printf '%s: %s\n' "$KP_PROG" "$*" >&2
}

kp_die() {
	kp_err "$@"
	exit "$KP_EXIT_HARNESS"
}

# One line of progress for a person; silent with KP_QUIET=1.
kp_say() {
	[ "${KP_QUIET:-0}" = 1 ] || printf '  %s\n' "$*" >&2
}

# kp_step LABEL LOGFILE CMD...: run CMD with its output in LOGFILE, say LABEL
# and the seconds it took; on failure show the log's tail.
kp_step() {
	local label=$1 log=$2 start=$SECONDS rc=0

	shift 2
	mkdir -p "$(dirname "$log")"
	[ "${KP_QUIET:-0}" = 1 ] || printf '  %-58s' "$label" >&2
	if [ "${V:-0}" = 1 ]; then
		printf '\n' >&2
		"$@" 2>&1 | tee "$log" >&2 || rc=$?
	else
		"$@" >"$log" 2>&1 || rc=$?
	fi
	if [ "$rc" -ne 0 ]; then
		[ "${KP_QUIET:-0}" = 1 ] || printf 'FAILED (log: %s)\n' "$log" >&2
		[ "${KP_TERSE:-0}" = 0 ] || return "$rc"
		tail -n 25 "$log" | sed 's/^/    | /' >&2
		kp_err "$label: failed with status $rc"
		return "$rc"
	fi
	[ "${KP_QUIET:-0}" = 1 ] || printf '%4d s\n' $((SECONDS - start)) >&2
}

# kp_try: a kp_step whose caller says itself what a failure means.
kp_try() {
	KP_TERSE=1 kp_step "$@"
}

# kp_lock NAME CMD...: run CMD while nobody else runs under the same NAME.
# The lock guards everything that the cache holds under that name.
kp_lock() {
	local file=$KP_CACHE/lock/$1

	shift
	mkdir -p "$KP_CACHE/lock" || kp_die "cannot write to the cache $KP_CACHE"
	(
		# 9 is closed for the children, so that a daemon that one of
		# them leaves behind does not keep the lock.
		flock 9
		"$@" 9>&-
	) 9>"$file"
}

# kp_need_space MIB WHAT: refuse early where a full disk would stop us late.
kp_need_space() {
	local free

	mkdir -p "$KP_CACHE" || kp_die "cannot write to the cache $KP_CACHE"
	free=$(df -Pm "$KP_CACHE" | awk 'NR == 2 { print $4 }')
	[ "$free" -ge "$1" ] || kp_die \
		"$2 needs $1 MiB in $KP_CACHE, but $free MiB are free: make room or set XDG_CACHE_HOME"
}

# kp_need_tools TOOL:PACKAGE...: install what is missing (root), or say what
# to install.
kp_need_tools() {
	local pair missing=()

	for pair in "$@"; do
		command -v "${pair%%:*}" >/dev/null 2>&1 ||
			PATH=$PATH:/usr/sbin:/sbin command -v "${pair%%:*}" >/dev/null 2>&1 ||
			missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	command -v apt-get >/dev/null 2>&1 || kp_die \
		"missing programs, and this is no Debian to install them on: ${missing[*]}"
	[ "$(id -u)" = 0 ] || kp_die \
		"missing packages: run 'apt-get install ${missing[*]}' as root, then try again"
	kp_lock host-apt kp_step "installing ${missing[*]}" "$KP_CACHE/log/host-apt.log" \
		kp_install_host "${missing[@]}" ||
		kp_die "could not install ${missing[*]}: is there a network and a free disk?"
}

# kp_need_packages PACKAGE...: the same for what has no command, libraries.
kp_need_packages() {
	local pkg pairs=()

	for pkg in "$@"; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$pkg" 2>/dev/null)" = installed ] ||
			pairs+=("no-$pkg:$pkg")
	done
	[ ${#pairs[@]} -eq 0 ] || kp_need_tools "${pairs[@]}"
}

kp_install_host() {
	# A machine that has just been set up may be updating itself.
	local get=(apt-get -q -o Acquire::Retries=5 -o DPkg::Lock::Timeout=600)
	local install=("${get[@]}" install -y --no-install-recommends "$@")

	export DEBIAN_FRONTEND=noninteractive
	"${install[@]}" && return 0
	"${get[@]}" update && "${install[@]}"
}
