#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build fed with diffs that nobody should apply: out of the tree, through
# links, damaged, binary, huge. Each ends with a documented status and one
# sentence, and changes nothing but its own work folder.
# Usage: test-kpatch-hostile.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
ROUNDS=${ROUNDS:-12}
SEED=${SEED:-1}

# What must stay as it is: the tree, and a file beside it, and one of the host.
state() {
	(cd "$home" && ls -A . linux linux/fs/proc && cat canary "$work/canary" &&
		cat linux/fs/proc/*.c linux/Makefile)
	ls -A /tmp/kpatch-hostile-$$ 2>&1 || true
}

# feed "STATUS..." NAME PATCH
feed() {
	local rc=0 good=1

	rm -f "$work"/out/*
	"$kpb" -q -r "$kernel" -n "hostile-$$" --clean -o "$work/out" "$3" \
		>"$work/said" 2>&1 </dev/null || rc=$?
	[[ " $1 " == *" $rc "* ]] && good=0
	if [ "$rc" = 0 ]; then
		[ "$(ls "$work/out")" = "hostile-$$.ko" ] || good=1
	else
		[ "$(grep -ac '^kpatch-build: ' "$work/said")" = 1 ] &&
			[ -z "$(ls -A "$work/out")" ] || good=1
	fi
	# the shell's own complaints
	! grep -aqE ': line [0-9]+: |unbound variable' "$work/said" || good=1
	state >"$work/now"
	cmp -s "$work/before" "$work/now" || good=1
	result "$good" "$2 (status $rc)"
}

# new_file PATH [MODE]: a diff that makes a file
new_file() {
	printf 'diff --git a/%s b/%s\nnew file mode %s\n--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+%s\n' \
		"$1" "$1" "${2:-100644}" "$1" "${3:-int hostile;}"
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
home=${tree%/linux}
echo canary >"$home/canary"
echo canary >"$work/canary"
patch_of fs/proc/cmdline.c 's/^(\s*)seq_puts\(m, saved/\1seq_puts(m, "hostile ");\n&/' good
# What a tree's first patch leaves there for all others is no harm.
"$kpb" -q -r "$kernel" -n "hostile-$$" -o "$work/out" "$work/good.patch"
state >"$work/before"

new_file ../canary >"$work/p"
feed "2 4" "a path that leads out of the tree" "$work/p"
new_file "../../../../../../../../tmp/kpatch-hostile-$$/x" >"$work/p"
feed "2 4" "a path that leads to the root" "$work/p"
sed "s,^\(---\|+++\) [ab]/fs/proc/cmdline.c,\1 $work/canary," "$work/good.patch" >"$work/p"
feed "2 4" "an absolute path" "$work/p"
new_file fs/proc/link 120000 /etc >"$work/p"
feed "2" "a symbolic link" "$work/p"
{ new_file fs/proc/link 120000 ../../.. && new_file fs/proc/link/canary; } >"$work/p"
feed "2 4" "a file behind a symbolic link of its own" "$work/p"
new_file '.git/config' >"$work/p"
feed "2 4" "a file of git's" "$work/p"
printf 'diff --git a/fs/proc/cmdline.c b/fs/proc/cmdline.c\ndeleted file mode 100644\n--- a/fs/proc/cmdline.c\n+++ /dev/null\n' >"$work/p"
sed 's/^/-/; 1i@@ -1,'"$(wc -l <"$tree/fs/proc/cmdline.c")"' +0,0 @@' "$tree/fs/proc/cmdline.c" >>"$work/p"
feed "2 4" "a file that goes" "$work/p"
printf 'diff --git a/fs/proc/cmdline.c b/fs/proc/other.c\nsimilarity index 100%%\nrename from fs/proc/cmdline.c\nrename to fs/proc/other.c\n' >"$work/p"
feed "2 3 4" "a file that gets another name" "$work/p"
printf 'diff --git a/fs/proc/cmdline.c b/fs/proc/cmdline.c\nGIT binary patch\nliteral 5\nMcmZ?rF*h(TG&VLj\n\n' >"$work/p"
feed "2 3 4" "a binary diff" "$work/p"
sed -E 's/^@@ -[0-9]+,[0-9]+ \+[0-9]+,/@@ -99999999999999999999,9 +99999999999999999999,/' "$work/good.patch" >"$work/p"
feed "4" "line numbers that are too long" "$work/p"
sed 's/^\+.*/&\x01\x00\xff\xfe/' "$work/good.patch" >"$work/p"
feed "0 4 6" "bytes that are no text" "$work/p"
{ sed '/^+\t/Q' "$work/good.patch" && head -c 2000000 /dev/zero | tr '\0' '+' && echo &&
	sed '1,/^+\t/d' "$work/good.patch"; } >"$work/p"
feed "4 6" "a line of two million characters" "$work/p"
sed 's/$/\r/' "$work/good.patch" >"$work/p"
feed "0 4" "carriage returns" "$work/p"
# shellcheck disable=SC2016 # must not be expanded
sed 's/"hostile "/"$(touch canary)`reboot`%s%n ; "/' "$work/good.patch" >"$work/p"
feed "0 6" "text that a shell would run" "$work/p"
cp "$work/good.patch" "$work/ \$(touch x); -rf.patch"
feed "0" "a file name that a shell would run" "$work/ \$(touch x); -rf.patch"

# Damaged: cut short, and with some bytes changed.
damage() {
	python3 - "$1" "$2" <<-'EOP'
		import random, sys
		data = bytearray(open(sys.argv[2], "rb").read())
		rnd = random.Random(int(sys.argv[1]))
		if rnd.random() < 0.3:
		    del data[rnd.randrange(len(data)):]
		for _ in range(rnd.randrange(1, 6)):
		    if data:
		        at = rnd.randrange(len(data))
		        data[at] = rnd.choice([0, 10, 32, 43, 45, 64, 127, 255, data[at] ^ 1 << rnd.randrange(8)])
		sys.stdout.buffer.write(data)
	EOP
}
for ((i = 0; i < ROUNDS; i++)); do
	damage $((SEED * 1000 + i)) "$work/good.patch" >"$work/p"
	[ -s "$work/p" ] || continue
	feed "0 2 3 4 6" "damaged, seed $((SEED * 1000 + i))" "$work/p"
done
rm -rf "$home/canary" "$home/work/hostile-$$"-*
end_tests
