# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# How fast may a guest run?  TCG with one thread is the default: multi-threaded
# TCG lets kernels that rewrite their own text crash.  /dev/kvm proves nothing
# (it may hang every guest before its first line), so KVM is used only after
# this very kernel has booted with it, within a bound.

KP_ACCEL_TCG="tcg,thread=single,tb-size=256"
KP_ACCEL_TRIAL_SECONDS=${KP_ACCEL_TRIAL_SECONDS:-20}

# kp_accel IMAGE: the -accel argument for that kernel.  KP_ACCEL=tcg asks for
# no trial, KP_ACCEL=kvm insists.
kp_accel() {
	local verdict

	case ${KP_ACCEL:-tcg} in
	tcg) printf '%s\n' "$KP_ACCEL_TCG" ;;
	kvm | auto)
		verdict=$(kp_accel_verdict "$1")
		if [ "$verdict" = kvm ]; then
			printf 'kvm\n'
		elif [ "$KP_ACCEL" = kvm ]; then
			kp_err "KP_ACCEL=kvm: $1 does not boot with KVM on this machine within $KP_ACCEL_TRIAL_SECONDS s; use KP_ACCEL=tcg"
			return "$KP_EXIT_HARNESS"
		else
			printf '%s\n' "$KP_ACCEL_TCG"
		fi
		;;
	*)
		kp_err "KP_ACCEL=$KP_ACCEL: use tcg, kvm or auto"
		return "$KP_EXIT_HARNESS"
		;;
	esac
}

# One trial a kernel and boot of the host.
kp_accel_verdict() {
	local key file

	if [ ! -r /dev/kvm ] || [ ! -w /dev/kvm ]; then
		echo tcg
		return
	fi
	key=$(cat /proc/sys/kernel/random/boot_id - <<<"$1 $(stat -c '%Y %s' "$1")" | sha256sum | cut -c1-16)
	file=$KP_CACHE/accel/$key
	if [ ! -f "$file" ]; then
		mkdir -p "${file%/*}"
		if kp_accel_trial "$1"; then echo kvm; else echo tcg; fi >"$file.new"
		mv "$file.new" "$file"
	fi
	cat "$file"
}

# Boots to the guest's first process and back.
kp_accel_trial() {
	local dir rc=0

	dir=$(mktemp -d)
	mkdir -p "$dir/tree/kp"
	echo true >"$dir/tree/kp/command"
	kp_guest_cpio "$dir/tree" "$dir/overlay"
	cat "$(kp_guest_base)" "$dir/overlay" >"$dir/initrd"
	timeout -k 2 "$KP_ACCEL_TRIAL_SECONDS" qemu-system-x86_64 -accel kvm \
		-kernel "$1" -initrd "$dir/initrd" -m 512 -display none -no-reboot \
		-nodefaults -append "console=ttyS0 panic=-1 quiet" \
		-serial null -serial null -serial "file:$dir/status" \
		</dev/null >/dev/null 2>&1 || rc=$?
	grep -qx 'exit 0' "$dir/status" 2>/dev/null || rc=1
	rm -rf "$dir"
	return "$rc"
}

# kp_tcg_tsc_khz: what a guest under TCG has for a TSC: instructions where those
# are its clock, or the host's.  It would measure that itself, and be several times
# out on a busy host; its clock, and all time limits in it, with it.  Nothing if
# there is no compiler: then it does so.
kp_tcg_tsc_khz() {
	local prog=$KP_BUILD/tsc-khz src=$KP_VM/lib/tsc-khz.c

	if [ "${KP_OPT_ICOUNT:-0}" = 1 ]; then
		echo 1000000
		return
	fi
	if [ ! "$prog" -nt "$src" ]; then
		mkdir -p "$KP_BUILD"
		gcc -O2 -o "$prog.$$" "$src" 2>/dev/null && mv "$prog.$$" "$prog" || return 0
	fi
	"$prog" || true
}
