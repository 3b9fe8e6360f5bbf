#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A command that failed goes on where it ended when it is given again: but only
# from what still holds.  What it is about may have changed since.
# Usage: test-kpatch-resume.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
for file in apt root kernels; do
	# shellcheck source=/dev/null
	. "$TOP/selftests/vm/lib/$file.sh"
done
name=resume-$$

# ends STATUS REGEXP NAME ARG...: kpatch-build ends with STATUS and says that
ends() {
	local status=$1 regexp=$2 what=$3 rc=0 good=1

	shift 3
	rm -f "$work"/out/*
	"$kpb" -r "$kernel" -o "$work/out" -n "$name" "$@" >"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$status" ] && grep -qE "$regexp" "$work/said" && good=0
	result "$good" "$what (status $rc)"
}

# A vmlinux with another byte in a function, from the same build.
other_image() {
	"$TOP/.build/kpatch-build/kpatch-prove" --unpack "$work/vmlinux" "$KP_IMAGE"
	python3 - "$work/vmlinux" "$("$TOP/.build/kpatch-build/kpatch-prove" --symbols "$KP_IMAGE" |
		grep -w cmdline_proc_show | grep -oE 'ffffffff[0-9a-f]{8}')" <<-'EOP'
		import struct, sys
		data = bytearray(open(sys.argv[1], "rb").read())
		want = int(sys.argv[2], 16) + 5	# behind the call of ftrace
		at, size, count = struct.unpack_from("<Q14xHH", data, 32)
		for i in range(count):
		    kind, _, offset, addr, _, length = struct.unpack_from("<IIQQQQ", data, at + i * size)
		    if kind == 1 and addr <= want < addr + length:
		        data[offset + want - addr] ^= 1
		        open(sys.argv[1], "wb").write(data)
	EOP
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
home=${tree%/linux}
kp_kernel_load "$kernel"
patch_of fs/proc/cmdline.c 's/^(\s*)seq_puts\(m, saved/\1seq_puts(m, "resume ");\n&/' good
for key in key other; do
	openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=$key" -days 2 \
		-keyout "$work/$key.pem" -out "$work/$key-cert.pem" 2>/dev/null
done
wrong=(--sign "$work/key.pem" "$work/other-cert.pem")

ends 1 'could not be signed' "a run that fails at its end" "${wrong[@]}" "$work/good.patch"
ends 1 'prove them .*done before' "the same command goes on where it ended" "${wrong[@]}" "$work/good.patch"
# while another one is at it
folder=$(find "$home/work" -maxdepth 1 -type d -name "$name-*")
exec 7>"$folder.lock"
flock 7
ends 1 'is being built right now' "--clean leaves a run alone that is under way" --clean "$work/good.patch"
exec 7>&-
ends 0 'make .*done before' "and with another key as well" "$work/good.patch"

# Interrupted while the key is being read: there is no copy of it.  On a system
# without ps all that works for the run ends, too: else it keeps the lock.
mkdir "$work/no-ps"
printf '#!/bin/sh\nexit 127\n' >"$work/no-ps/ps"
chmod +x "$work/no-ps/ps"
mkfifo "$work/slow-key.pem"
{ head -n 9 "$work/key.pem" && exec sleep 30; } >"$work/slow-key.pem" &
writer=$!
PATH=$work/no-ps:$PATH "$kpb" -r "$kernel" -o "$work/out" -n "$name" --sign "$work/slow-key.pem" "$work/key-cert.pem" \
	"$work/good.patch" >"$work/said" 2>&1 </dev/null &
run=$!
until grep -q 'sign it' "$work/said" || ! kill -0 "$run" 2>/dev/null; do
	sleep 0.1
done
sleep 0.5
kill -TERM "$run"
rc=0 good=1
wait "$run" || rc=$?
[ "$rc" = 130 ] && ! grep -rl 'PRIVATE KEY' "$home"/work/"$name"-* >>"$work/said" && good=0
result "$good" "interrupted while it signs: no copy of the key (status $rc)"
ends 0 'make .*done before' "the same command goes on at once" --sign "$work/key.pem" "$work/key-cert.pem" "$work/good.patch"
kill "$writer" 2>/dev/null || true
ends 1 'could not be signed' "a run that fails again" "${wrong[@]}" "$work/good.patch"
other_image
ends 5 'cmdline_proc_show' "another image is proved against" -v "$work/vmlinux" "$work/good.patch"

# A module that is not the kernel's own, whose source and file may change.
cp -r "$TOP/selftests/build-cases/oot" "$work/oot"
compile_module "$work/oot"
mkdir "$work/oot-b"
sed 's/x \* 2/x * 3/' "$work/oot/kpc_target.c" >"$work/oot-b/kpc_target.c"
(cd "$work" && diff -u oot/kpc_target.c oot-b/kpc_target.c >oot.patch) || true
oot=(-e "$work/oot/kpc_target.ko" --oot-module-src "$work/oot" "$work/oot.patch")
ends 1 'could not be signed' "a module's patch that fails at its end" "${wrong[@]}" "${oot[@]}"
ends 1 'compile them patched .*done before' "the same command goes on where the module is the same" \
	"${wrong[@]}" "${oot[@]}"
sed -i 's/"%d %d/"%d and %d/; s/answer(21)/answer(22)/' "$work/oot/kpc_target.c"
ends 5 'not what was shipped in .*kpc_target.ko' "its source changed: proved against the module" "${wrong[@]}" "${oot[@]}"
compile_module "$work/oot"
ends 1 'could not be signed' "the module is made anew: the same command is right again" "${wrong[@]}" "${oot[@]}"
ends 0 'make .*done before' "and makes the module" "${oot[@]}"

# What another run works in, this one waits for, and says so; but not with -q.
# wait_for_other UNTIL ARGUMENT...: a command that says for how long that one works
wait_for_other() {
	flock "$KP_CACHE/lock/patch-${home##*/}" -c "touch '$work/locked' && $1" &
	shift
	until [ -f "$work/locked" ]; do
		sleep 0.1
	done
	ends 0 "$@" --clean "$work/good.patch"
	rm "$work/locked"
}
said_so="for ((i = 0; i < 6000; i++)); do grep -q 'waiting for another' '$work/said' && exit; sleep 0.1; done"
wait_for_other "bash -c \"$said_so\"" 'waiting for another kpatch-build that works in the tree of' "waiting for another run"
wait_for_other "sleep 3" "^$work/out/$name.ko\$" "the same with -q" -q
good=1
[ "$(wc -l <"$work/said")" = 1 ] && good=0
result "$good" "which says nothing else"
estimate() (
	# shellcheck source=/dev/null
	. "$TOP/scripts/kpatch-build/lib/base.sh" && . "$TOP/scripts/kpatch-build/lib/compile.sh"
	# shellcheck disable=SC2034 # for what was sourced
	opt_quiet=$1 opt_jobs=2
	kpb_compile_estimate 100 3>&1 | wc -l
)
good=1
[ "$(estimate 0) $(estimate 1)" = "2 0" ] && good=0
result "$good" "no estimate with -q either"

rm -rf "$home/work/$name"-* "$home/oot-$(printf '%s\n' "$work/oot" | sha256sum | cut -c1-12)"
end_tests
