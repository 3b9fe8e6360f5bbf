#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build's errors: one sentence, the documented status, the log named,
# nothing in the output folder; a run that was killed can be restarted.
# Usage: test-kpatch-errors.sh [KERNEL]
set -euo pipefail
VM=$(cd "$(dirname "$0")/.." && pwd)
TOP=$(cd "$VM/../.." && pwd)
kernel=${1:-6.1}
kpb=$TOP/scripts/kpatch-build/kpatch-build
mkdir -p "$TOP/.build"
work=$(mktemp -d "$TOP/.build/kpatch-errors.XXXXXX")
trap 'rm -rf "$work"' EXIT
n=0 failed=0
mkdir "$work/out"

result() {
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		failed=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/said" | tail -n 5
	fi
}

# fails STATUS REGEXP NAME ARG...: kpatch-build ends with STATUS, says it in
# one sentence, and leaves nothing in the output folder.
fails() {
	local status=$1 regexp=$2 name=$3 rc=0 good=1

	shift 3
	"$kpb" -q -r "$kernel" -o "$work/out" "$@" >"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$status" ] && grep -qE "^kpatch-build: $regexp" "$work/said" &&
		[ "$(grep -c '^kpatch-build: ' "$work/said")" = 1 ] &&
		[ -z "$(ls -A "$work/out")" ] && good=0
	result "$good" "$name (status $rc)"
}

# replace FILE SED NAME: a patch of a file in the tree
patch_of() {
	mkdir -p "$work/a/${1%/*}" "$work/b/${1%/*}"
	cp "$tree/$1" "$work/a/$1"
	sed -E "$2" "$tree/$1" >"$work/b/$1"
	(cd "$work" && diff -u "a/$1" "b/$1" >"$3.patch") || true
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
patch_of fs/proc/cmdline.c 's/^(\s*)seq_puts\(m, saved/\1seq_puts(m, "errors ");\n&/' good
sed 's/^ .*seq_puts.*/ other context/; s/^[ ]{/ [/' "$work/good.patch" >"$work/stale.patch"
sed -i 's/^-.*/-not there/; s/^ \(.*\)$/ \1 not there/' "$work/stale.patch"
patch_of fs/proc/cmdline.c 's/^(\s*)seq_puts\(m, saved/\1undeclared_function_of_patch;\n&/' broken
patch_of fs/proc/cmdline.c 's/^static int cmdline_proc_show/\/* only a comment *\/ &/' comment
sed 's,fs/proc/cmdline.c,Documentation/x.rst,' "$work/good.patch" >"$work/nofile.patch"
printf 'this is no patch\n' >"$work/garbage.patch"
: >"$work/empty.patch"

fails 64 'no patch given' "no patch"
fails 64 '.*no such file' "a patch that is not there" "$work/none.patch"
fails 64 '.*is empty' "an empty patch" "$work/empty.patch"
fails 64 'unknown option' "an unknown option" --frobnicate "$work/good.patch"
fails 64 '.*no folder' "an output folder that is not there" -o "$work/none" "$work/good.patch"
fails 64 '.*needs a' "--sign without a certificate" "$work/good.patch" --sign "$work/good.patch"
fails 4 '.*does not apply.*log: ' "a patch of another version" "$work/stale.patch"
fails 4 '.*does not apply.*log: ' "a file that is no patch" "$work/garbage.patch"
fails 6 '.*does not compile.*undeclared_function.*log: ' "patched source that does not compile" "$work/broken.patch"
fails 3 '.*changes no function' "a patch without effect" "$work/comment.patch"
fails 1 "kernel 9.9.9-none cannot be had" "a kernel that is not there" -r 9.9.9-none "$work/good.patch"
cp "$work/good.patch" "$work/image"
fails 1 '.*image.*cannot be used' "an image that is none" --image "$work/image" "$work/good.patch"
cp -r "$tree/fs/proc" "$work/proc"

# Another source than the image's: the proof says so.
shipped=$tree/fs/proc/cmdline.o
if [ -f "$shipped" ] || "$kpb" -q -r "$kernel" -o "$work/out" "$work/good.patch" >/dev/null 2>&1; then
	rm -f "$work"/out/*
	cp "$shipped" "$work/shipped.o"
	objcopy --update-section .text=/dev/stdin "$shipped" "$work/other.o" \
		< <(objcopy -O binary -j .text "$shipped" /dev/stdout | tr '\350' '\351') 2>/dev/null || true
	rc=0
	image=$("$TOP/selftests/vm/kernel" show "$kernel" | sed -n "s/^KP_IMAGE=//p")
	"$TOP/.build/kpatch-build/kpatch-prove" "$image" "$work/other.o" >"$work/said" 2>&1 || rc=$?
	good=1
	[ "$rc" = 1 ] && grep -qE 'cmdline_proc_show\+0x[0-9a-f]+ .*likely cause: ' "$work/said" && good=0
	result "$good" "another machine code than the image's: function, offset and cause"
fi

# No room: in the work folder, then in the output folder.  Each is a small
# file system of its own, in a mount namespace.
home=${tree%/linux}
no_room() {
	local size=$1 where=$2 regexp=$3 name=$4 rc=0 good=1

	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c '
		mount -t tmpfs -o "size=$1" none "$2" && out=$3 && shift 3 || exit
		rc=0
		"$@" || rc=$?
		[ -z "$(ls -A "$out")" ] || rc=99
		exit "$rc"' sh "$size" "$where" "$work/out" \
		"$kpb" -q -r "$kernel" -o "$work/out" -n no-room "$work/good.patch" \
		>"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = 1 ] && grep -qE "^kpatch-build: $regexp" "$work/said" &&
		[ "$(grep -c '^kpatch-build: ' "$work/said")" = 1 ] && good=0
	result "$good" "$name (status $rc)"
}
no_room 200k "$home/work" '.*disk.* full.*log: ' "the disk gets full while it works"
no_room 4k "$work/out" '.*cannot be written: is the disk full' "no room for the module"

# Killed at a random place, then the same command again.
good=1
signals=(TERM KILL TERM)
for wait in 0.4 1.2 2.5; do
	setsid "$kpb" -q -r "$kernel" -o "$work/out" -n killed "$work/good.patch" >/dev/null 2>&1 &
	pid=$!
	sleep "$wait"
	kill "-${signals[0]}" -- "-$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	signals=("${signals[@]:1}")
done
rm -f "$work"/out/*.ko
[ -z "$(ls -A "$work/out")" ] &&
	"$kpb" -q -r "$kernel" -o "$work/out" -n killed "$work/good.patch" >"$work/said" 2>&1 &&
	[ "$(ls "$work/out")" = killed.ko ] && good=0
result "$good" "killed three times, then run again"
good=1
diff -r -x '*.o' -x '.*.cmd' -x '*.d' "$work/proc" "$tree/fs/proc" >"$work/said" && good=0
result "$good" "the source tree in the cache is as it was"

printf '1..%d\n' "$n"
exit "$failed"
