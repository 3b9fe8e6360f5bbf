#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build in a source tree that belongs to somebody else (-s): what changes there
# counts, its config is its owner's, and one run at a time works in it.  And what is
# kept with a tree: half of it is not taken for all.
# Usage: test-kpatch-sourcedir.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
for file in apt root kernels; do
	# shellcheck source=/dev/null
	. "$TOP/selftests/vm/lib/$file.sh"
done

# own STATUS REGEXP NAME ARG...: with the tree that is a layer over the cache's
own() {
	local status=$1 regexp=$2 what=$3 rc=0 good=1

	shift 3
	rm -f "$work"/out/*
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c '
		mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/changes,workdir=$2/ovl" \
			"$2/overlay" && cd "$2/overlay" && shift 2 && exec "$@"' sh "$tree" "$work" \
		"$kpb" -o "$work/out" -n "own-$$" -s "${own_dir:-$work/overlay}" "$@" \
		>"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = "$status" ] && grep -qE "$regexp" "$work/said" &&
		[ "$(ls "$work/out")" = "$([ "$rc" != 0 ] || echo "own-$$.ko")" ] && good=0
	result "$good" "$what (status $rc)"
}

echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
home=${tree%/linux}
kp_kernel_load "$kernel"
meminfo=$tree/fs/proc/meminfo.c
own=$work/changes/fs/proc/meminfo.c
patch_of fs/proc/meminfo.c 's/VmallocChunk/VMALLOCCHUNK/' meminfo
mkdir -p "$work/overlay" "$work/changes/fs/proc" "$work/ovl"
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=own" -days 2 \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=other" -days 2 \
	-keyout "$work/other.pem" -out "$work/other-cert.pem" 2>/dev/null

# Another version's source: one line differs from what was shipped.
sed -E 's/^(\s*)si_swapinfo\(&i\);/&\n&/' "$meminfo" >"$own"
own 5 '^kpatch-build: .*meminfo_proc_show\+0x[0-9a-f]+ .*likely cause: .*log: ' "source of another version" \
	-r "$kernel" "$work/meminfo.patch"
cp "$own" "$work/other.c"
cp "$meminfo" "$own"
own 0 "/own-$$.ko\$" "the source is corrected: the same command" -r "$kernel" "$work/meminfo.patch"
# make goes by these times, and thinks that nothing is new
cp "$work/other.c" "$own"
touch -d 2001-01-01 "$own"
own 5 'meminfo_proc_show\+0x' "other source with an older time" -r "$kernel" "$work/meminfo.patch"
cp "$meminfo" "$own"
touch -d 2001-01-02 "$own"
own 0 "/own-$$.ko\$" "and the right one again" -r "$kernel" "$work/meminfo.patch"

# A header that was not there when the tree was read.
sed 's/^#include "internal.h"/&\n#include "kpx.h"/; s/"VmallocChunk:   "/KPX/' "$meminfo" >"$own"
printf '#define KPX "VmallocChunk:   "\n' >"$work/changes/fs/proc/kpx.h"
printf -- '--- a/%s\n+++ b/%s\n@@ -1 +1 @@\n-#define KPX "VmallocChunk:   "\n+#define KPX "VMALLOCCHUNK:   "\n' \
	fs/proc/kpx.h fs/proc/kpx.h >"$work/header.patch"
own 0 "/own-$$.ko\$" "a patch of a header that is new in the tree" -r "$kernel" "$work/header.patch"
rm "$work/changes/fs/proc/kpx.h"
cp "$meminfo" "$own"

# Its config stays as it is, with its owner's keys.
sed -E 's,^CONFIG_SYSTEM_TRUSTED_KEYS=.*,CONFIG_SYSTEM_TRUSTED_KEYS="certs/owner.pem",' \
	"$tree/.config" >"$work/changes/.config"
cp "$work/changes/.config" "$work/config"
own 1 'could not be signed' "a tree with keys of its owner" -r "$kernel" \
	--sign "$work/key.pem" "$work/other-cert.pem" "$work/meminfo.patch"
good=1
cmp "$work/config" "$work/changes/.config" >>"$work/said" 2>&1 && good=0
result "$good" "which its config has as before"
own 0 'compile them patched .*done before' "the same command goes on" -r "$kernel" \
	--sign "$work/key.pem" "$work/cert.pem" "$work/meminfo.patch"
sed -i 's/^CONFIG_SWAP=y/# CONFIG_SWAP is not set/' "$work/changes/.config"
cp "$work/changes/.config" "$work/config"
own 5 'not what was shipped' "it is what the tree is compiled with" -r "$kernel" "$work/meminfo.patch"
own 0 "before-kpatch-build now" "another one by --config" -r "$kernel" -c "$KP_CONFIG" "$work/meminfo.patch"
good=1
grep -qx '# CONFIG_SWAP is not set' "$work/changes/.config.before-kpatch-build" && good=0
result "$good" "keeps the one that was there"
own 0 "/own-$$.ko\$" "the other one is not taken for its owner's" -r "$kernel" "$work/meminfo.patch"
good=0
! grep -q "^  config " "$work/said" || good=1
result "$good" "the package's counts again"
sed -i 's/^CONFIG_SWAP=y/# CONFIG_SWAP is not set/' "$work/changes/.config"
own 5 "^  config $work/overlay/.config" "but one that its owner has changed" -r "$kernel" "$work/meminfo.patch"
cp "$tree/.config" "$work/changes/.config"

# A kernel that was built there needs no other options.
bash "$tree/scripts/extract-vmlinux" "$KP_IMAGE" >"$work/changes/vmlinux" 2>/dev/null
KP_CHROOT=$KP_ROOT own_dir=. own 0 "kernel ${KP_RELEASE//+/.} " "a tree with its vmlinux" "$work/meminfo.patch"
rm "$work/changes/vmlinux"

# A header that only the patched source includes, and that changes between two runs.
printf '#define KPY "FIRST:        "\n' >"$work/changes/fs/proc/kpy.h"
sed 's/^#include "internal.h"/&\n#include "kpy.h"/; s/"VmallocChunk:   "/KPY/' "$meminfo" >"$work/b/fs/proc/meminfo.c"
(cd "$work" && diff -u a/fs/proc/meminfo.c b/fs/proc/meminfo.c >kpy.patch) || true
own 1 'could not be signed' "a patch that begins to include a header" -r "$kernel" -c "$KP_CONFIG" \
	--sign "$work/key.pem" "$work/other-cert.pem" "$work/kpy.patch"
printf '#define KPY "SECOND:       "\n' >"$work/changes/fs/proc/kpy.h"
own 0 "/own-$$.ko\$" "which changes" -r "$kernel" -c "$KP_CONFIG" \
	--sign "$work/key.pem" "$work/cert.pem" "$work/kpy.patch"
good=1
grep -q 'SECOND: ' "$work/out/own-$$.ko" && good=0
result "$good" "is compiled as it is now"

# A file that changes during the run.
mkdir "$work/bin"
# shellcheck disable=SC2016 # expanded inside
printf '#!/bin/sh\ncase $2 in */sign.crt) touch %q ;; esac\nexec /bin/cp "$@"\n' \
	"$work/overlay/fs/proc/internal.h" >"$work/bin/cp"
chmod +x "$work/bin/cp"
PATH=$work/bin:$PATH own 1 "somebody changed $work/overlay while" "a file that changes during the run" \
	-r "$kernel" -c "$KP_CONFIG" --sign "$work/key.pem" "$work/cert.pem" "$work/meminfo.patch"

# With a module that is not the kernel's own nothing is configured in that tree.
cp -r "$TOP/selftests/build-cases/oot" "$work/oot"
compile_module "$work/oot"
mkdir "$work/oot-b"
sed 's/x \* 2/x * 3/' "$work/oot/kpc_target.c" >"$work/oot-b/kpc_target.c"
(cd "$work" && diff -u oot/kpc_target.c oot-b/kpc_target.c >oot.patch) || true
own 0 "/own-$$.ko\$" "with -e" -r "$kernel" -c "$KP_CONFIG" -e "$work/oot/kpc_target.ko" \
	--oot-module-src "$work/oot" "$work/oot.patch"

# make that fails for another reason than the object.
rm -f "$work/changes/fs/proc/meminfo.o"
sed '1s/^/#error no bounds\n/' "$tree/kernel/bounds.c" >"$work/changes/kernel/bounds.c"
own 1 'make failed before it came to fs/proc/meminfo.o: .*no bounds' "a build that fails elsewhere" \
	-r "$kernel" -c "$KP_CONFIG" "$work/meminfo.patch"
cp "$tree/kernel/bounds.c" "$work/changes/kernel/bounds.c"

# One run at a time.
exec 8>>"$KP_CACHE/lock/tree-$(printf '%s\n' "$work/overlay" | sha256sum | cut -c1-16)"
flock 8
{
	for ((i = 0; i < 6000; i++)); do
		! grep -q 'waiting for another' "$work/said" || break
		sleep 0.1
	done
	flock -u 8
} &
: >"$work/said"
own 0 "waiting for another kpatch-build that works in $work/overlay" "another run in that tree" \
	-r "$kernel" -c "$KP_CONFIG" "$work/meminfo.patch"
wait
exec 8>&-

# Lists of the packaged tree as they are when the disk got full, or the machine went
# off, while they were made.
for list in included generated beside made; do
	: >"$home/lists/$list"
done
rm "$home/lists/key"
rm -f "$work"/out/*
rc=0 good=1
"$kpb" -q -r "$kernel" -o "$work/out" -n "own-$$" "$work/meminfo.patch" >"$work/said" 2>&1 </dev/null || rc=$?
[ "$rc" = 0 ] && [ "$(wc -l <"$home/lists/included")" -gt 1000 ] &&
	[ -s "$home/lists/generated" ] && [ -s "$home/lists/made" ] && good=0
result "$good" "lists that are half there are made anew (status $rc)"

for folder in "$KP_CACHE"/patch/*/work/own-"$$"-????????????; do
	[ "${folder%/work/*}" = "$home" ] || rm -rf "${folder%/work/*}"
done
rm -rf "$home/work/own-$$"-*
end_tests
