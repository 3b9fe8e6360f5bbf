#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build --try: what is made gets loaded, looked at and unloaded in a VM
# with exactly its kernel; a trial that fails leaves no module.
# Usage: test-kpatch-try.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"

# try STATUS MODULE NAME ARG...: kpatch-build ends with STATUS, and MODULE (or
# nothing) is in the output folder.
try() {
	local status=$1 module=$2 name=$3 rc=0 good=1

	shift 3
	rm -f "$work"/out/*
	"$kpb" -q -r "$kernel" -o "$work/out" "$@" >"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$status" ] && [ "$(ls "$work/out")" = "$module" ] && good=0
	result "$good" "$name (status $rc)"
}

# The log of the last trial, which a failure names and a success keeps. (The one
# before had a step more.)
logged() {
	local log good=1

	log=$(find "$1" -name '*-try.log' -printf '%T@ %p\n' 2>/dev/null | sort -n | tail -n 1)
	log=${log#* }
	[ -n "$log" ] && grep -qF "$2" "$log" && good=0
	result "$good" "the trial's log says: $2"
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
home=${tree%/linux}
patch_of fs/proc/cmdline.c 's/^(\s*)seq_puts\(m, saved/\1seq_puts(m, "tried ");\n&/' tried
echo 'grep -q "^tried " /proc/cmdline' >"$work/sees"
echo 'echo "the script has looked"; exit 3' >"$work/fails"
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=kpatch test key" -days 2 \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null

name=try-$$
try 0 "$name.ko" "a diff, signed, with a script that sees its effect" \
	-n "$name" --sign "$work/key.pem" "$work/cert.pem" --try "$work/sees" "$work/tried.patch"
logged "$(echo "$home/work/$name"-????????????)" "try: 1 functions are redirected"
logged "$(echo "$home/work/$name"-????????????)" "try: loaded, redirected, disabled and unloaded"
try 7 "" "a script that fails" -n "$name" --try "$work/fails" "$work/tried.patch"
logged "$(echo "$home/work/$name"-????????????)" "the script has looked"
good=1
grep -qE '^kpatch-build: the trial failed: try: the script failed with status 3 \(log: ' "$work/said" && good=0
result "$good" "and the message says which, and names the log"
try 0 livepatch-cmdline.ko "a livepatch source" --try "$TOP/samples/livepatch-cmdline.c"
rm -rf "$home/work/$name"-*
end_tests
