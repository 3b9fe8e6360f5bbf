# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# One run of QEMU, and what became of it.

# Lines of a kernel log that mean that the kernel is no longer well.
KP_SPLAT='BUG: |WARNING: (CPU|possible|suspicious|bad|inconsistent|held lock|.* at )|Oops: |general protection fault|Kernel panic|INFO: task .* blocked for more than|rcu.*(self-detected stall|detected stalls)|soft lockup|hard LOCKUP|INFO: possible |INFO: trying to register non-static|kernel BUG at|UBSAN: |KASAN: |DEBUG_LOCKS_WARN|stack-protector|unable to handle|invalid opcode|sleeping function called|kmemleak: [0-9]+ new suspected'

# kp_qemu_args IMAGE INITRD DIR: fill KP_QEMU with the command line; the
# options come in as KP_OPT_*.
kp_qemu_args() {
	local accel append khz cpu=max,-la57

	accel=$(kp_accel "$1") || return
	append="console=ttyS0,115200 oops=panic panic_on_warn=1 panic=-1 rdinit=/init"
	append+=" 8250.nr_uarts=4 net.ifnames=0 no_timer_check"
	append+=" random.trust_cpu=on printk.time=1 log_buf_len=4M ${KP_OPT_APPEND:-}"
	if [ "$accel" = "$KP_ACCEL_TCG" ]; then
		khz=$(kp_tcg_tsc_khz)
		append+=${khz:+ tsc_early_khz=$khz}
		# What the emulator has translated serves again where it lies at the
		# same address: with randomized ones it translates the C library
		# anew for each command that a script runs, two thirds of its time.
		append+=" norandmaps"
		# A busy host leaves a guest a fraction of a processor: a walk of ftrace
		# through all of its call sites, without a break, has taken 21 s.
		append+=" rcupdate.rcu_cpu_stall_timeout=120 watchdog_thresh=60"
		# Where "rep movsb" is said to be fast, kernels clear and copy pages
		# with it.  The emulator goes byte by byte: a tenth of all time.
		cpu+=,-erms,-fsrm
	fi
	KP_QEMU=(qemu-system-x86_64 -name "livepatch-$KP_NAME" -accel "$accel"
		-cpu "${KP_OPT_CPU:-$cpu}" -smp "${KP_OPT_CPUS:-2}" -m "${KP_OPT_MEM:-1024}"
		-kernel "$1" -initrd "$2" -append "$append"
		-nodefaults -no-user-config -display none -no-reboot
		-serial "file:$3/console.log")
	if [ "${KP_OPT_INTERACTIVE:-0}" = 1 ]; then
		KP_QEMU+=(-chardev "stdio,id=out,signal=off")
	else
		KP_QEMU+=(-chardev "file,id=out,path=$3/output.log")
	fi
	KP_QEMU+=(-serial chardev:out -serial "file:$3/status.log")
	# sleep=off: an idle guest's clock leaps to its next timer, rather than run
	# by the host's, which would count what the host is busy with.
	[ "${KP_OPT_ICOUNT:-0}" = 0 ] || KP_QEMU+=(-icount "shift=0,sleep=off")
}

# kp_qemu_run DIR SECONDS: run KP_QEMU, show the command's output as it comes.
# Returns the command's status or one of KP_EXIT_*.
kp_qemu_run() {
	local dir=$1 seconds=$2 rc=0 tail_pid status

	: >"$dir/console.log"
	: >"$dir/output.log"
	: >"$dir/status.log"
	if [ "${KP_OPT_INTERACTIVE:-0}" = 1 ]; then
		kp_qemu_interactive || rc=$?
	else
		timeout --foreground -k 5 "$seconds" "${KP_QEMU[@]}" \
			</dev/null >"$dir/qemu.log" 2>&1 &
		local qemu_pid=$!
		# shellcheck disable=SC2064 # these processes
		trap "kill $qemu_pid 2>/dev/null" EXIT
		tail -n +1 -s 0.2 -f --pid="$qemu_pid" "$dir/output.log" &
		tail_pid=$!
		wait "$qemu_pid" || rc=$?
		wait "$tail_pid" || true
		trap - EXIT
	fi
	status=$(sed -n 's/^exit \([0-9]*\)\r*$/\1/p' "$dir/status.log" | tail -n 1)
	if grep -aqE "$KP_SPLAT" "$dir/console.log"; then
		return "$KP_EXIT_SPLAT"
	elif [ -n "$status" ]; then
		return "$status"
	elif [ "$rc" = 124 ] || [ "$rc" = 137 ]; then
		return "$KP_EXIT_TIMEOUT"
	elif [ "$rc" != 0 ] && [ ! -s "$dir/console.log" ]; then
		kp_err "QEMU did not start: $(tail -n 3 "$dir/qemu.log" 2>/dev/null)"
		return "$KP_EXIT_HARNESS"
	fi
	return "$KP_EXIT_LOST"
}

kp_qemu_interactive() {
	local saved rc=0

	saved=$(stty -g)
	stty raw -echo
	"${KP_QEMU[@]}" || rc=$?
	stty "$saved"
	return "$rc"
}

# kp_qemu_explain RC DIR NAME: say what an unusual end was.
kp_qemu_explain() {
	local dir=$2

	case $1 in
	"$KP_EXIT_SPLAT")
		kp_err "$3: the kernel complained (log: $dir/console.log):"
		grep -aE -B 2 -A 40 -m 1 "$KP_SPLAT" "$dir/console.log" | sed 's/^/    | /' >&2
		;;
	"$KP_EXIT_LOST")
		if [ -s "$dir/status.log" ]; then
			kp_err "$3: VM lost while the command ran (log: $dir/console.log):"
		else
			kp_err "$3: VM lost before it reached user space (log: $dir/console.log):"
		fi
		tail -n 15 "$dir/console.log" | sed 's/^/    | /' >&2
		;;
	"$KP_EXIT_TIMEOUT")
		kp_err "$3: timed out (log: $dir/console.log):"
		tail -n 5 "$dir/console.log" | sed 's/^/    | /' >&2
		;;
	esac
}
