# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The kernel log, and what is expected in it: part of functions.sh.

set -Eeuo pipefail

# one small program, where a pipeline of five would take most of a test's time
LOG_PROGRAM=$(cd "${BASH_SOURCE[0]%/*}" && pwd)/load/bin/kp-log

LOG_MARK=		# the line of the log from where to compare
LOG_MARKS=0
KLP_DEBUG=		# klp_debug_on was successful

# log TEXT: a line of our own in the kernel log
log() {
	echo "$*" >/dev/kmsg
}

# dmesg_since MARK [REGEX [EXCEPT]]: the log after that line, without time and
# caller stamps.  Fails, and gives all there is, if newer lines have pushed the
# mark out.
dmesg_since() {
	"$LOG_PROGRAM" "$@"
}

# what the module loader and the retry work say once in a while is not ours
readonly LOG_NOISE='tainting kernel with TAINT_LIVEPATCH|loading out-of-tree module taints kernel|module verification failed: |livepatch: signaling remaining tasks'

# our_log MARK: the lines since then that are compared
our_log() {
	local IFS='|' lines mods prefixes

	mods="${TEST_MODULES[*]-}"
	prefixes="${LOG_ALSO[*]-}"
	lines=$(dmesg_since "$1" \
		"^(% |livepatch: ${mods:+|($mods): }${prefixes:+|$prefixes})" "$LOG_NOISE") ||
		lines+=$'\n'"% (the start of this log has been overrun)"
	[[ -z $lines ]] || printf '%s\n' "$lines"
}

# log_says REGEX: is there such a line among them?  Not a pipeline: one whose
# reader has seen enough fails, as its writer is killed.
log_says() {
	grep -qE -- "$1" <<<"$(our_log "$LOG_MARK")"
}

# show_log_diff EXPECTED GOT
show_log_diff() {
	diag "$(diff -u --label "expected log" --label "kernel log" \
		<(echo "$1") <(echo "$2") || :)"
}

# check_log EXPECTED-LOG: compares the log since start_test or the previous
# check_log.  Lines of the expectation that start with "(debug) " count only
# after a successful klp_debug_on.
check_log() {
	local line want='' got

	while IFS= read -r line; do
		if [[ $line == '(debug) '* ]]; then
			[[ -n $KLP_DEBUG ]] || continue
			line=${line#'(debug) '}
		fi
		[[ -z $line ]] || want+=${want:+$'\n'}$line
	done <<<"$1"
	got=$(our_log "$LOG_MARK")
	if [[ $got != "$want" ]]; then
		fail "the kernel log is not what was expected"
		show_log_diff "$want" "$got"
	fi
	new_log_mark "case $TAP_COUNT, continued"
}

# new_log_mark TEXT: from here on
new_log_mark() {
	LOG_MARKS=$((LOG_MARKS + 1))
	LOG_MARK="% ===== $TEST_NAME $$.$LOG_MARKS: $1 ====="
	log "$LOG_MARK"
}

# check_result EXPECTED-LOG: compares the log and ends the case
check_result() {
	check_log "$1"
	check_clean
	case_done
}

# log_load_lp PATCH, log_disable_lp PATCH, log_load MODULE, log_unload MODULE:
# what these steps leave in the log when nothing else happens
log_load_lp() {
	local patch=${1//-/_}

	echo "% load $*"
	echo "livepatch: enabling patch '$patch'"
	log_transition "$patch" patching
}

log_disable_lp() {
	echo "% disable $1"
	log_transition "${1//-/_}" unpatching
}

# core_says TEXT: where the kernel says nothing, and our core a sentence
core_says() {
	[[ $KP_ENGINE != core ]] || echo "livepatch: $1"
}

log_transition() {
	echo "(debug) livepatch: '$1': initializing $2 transition"
	echo "livepatch: '$1': starting $2 transition"
	echo "(debug) livepatch: '$1': completing $2 transition"
	echo "livepatch: '$1': $2 complete"
}

log_load() {
	echo "% load $*"
}

log_unload() {
	echo "% unload $1"
}

# klp_debug_on: the core's debug messages, where the kernel can switch them;
# those about single tasks come at random and stay off
klp_debug_on() {
	local control=/sys/kernel/debug/dynamic_debug/control

	[[ -w $control ]] && grep -q 'kernel/livepatch/' "$control" || return 0
	echo 'file kernel/livepatch/* +p; func klp_try_switch_task -p' >"$control"
	# before 3.15 or so a "*" is a "*"
	grep -qE 'kernel/livepatch/.* =p' "$control" || return 0
	KLP_DEBUG=1
}

klp_debug_off() {
	[[ -n $KLP_DEBUG ]] || return 0
	echo 'file kernel/livepatch/* -p' >/sys/kernel/debug/dynamic_debug/control
	KLP_DEBUG=
}
