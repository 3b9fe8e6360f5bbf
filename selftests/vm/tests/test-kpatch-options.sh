#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build's options that need no VM: what is signed, told as JSON, compared
# in addition; a vmlinux in the image's place; the running kernel.
# Usage: test-kpatch-options.sh [KERNEL]
set -euo pipefail
VM=$(cd "$(dirname "$0")/.." && pwd)
TOP=$(cd "$VM/../.." && pwd)
export KP_PROG=test-kpatch-options
for file in common apt root kernels; do
	# shellcheck source=/dev/null
	. "$VM/lib/$file.sh"
done
kernel=${1:-6.1}
kpb=$TOP/scripts/kpatch-build/kpatch-build
PATH=$PATH:/usr/sbin:/sbin
mkdir -p "$TOP/.build"
work=$(mktemp -d "$TOP/.build/kpatch-options.XXXXXX")
trap 'rm -rf "$work"' EXIT
n=0 failed=0
: >"$work/said"

is() {
	n=$((n + 1))
	if [ "$2" = "$3" ]; then
		echo "ok $n - $1"
	else
		failed=1
		echo "not ok $n - $1"
		printf '# got: %s\n# expected: %s\n' "$2" "$3"
		tail -n 5 "$work/said" | sed 's/^/# /'
	fi
}

# kpb STATUS ARG...: kpatch-build ends with STATUS
kpb() {
	local want=$1 rc=0

	shift
	"$kpb" -q -o "$work" "$@" >"$work/out" 2>"$work/said" </dev/null || rc=$?
	is "kpatch-build $(sed "s,$work/,,g; s,$TOP/,,g" <<<"$*")" "$rc" "$want"
}

info() {
	modinfo -F "$2" "$work/$1.ko" 2>/dev/null || true
}

# json KEY: of kpatch-build's output, by Python's own reader
json() {
	python3 -c 'import json, sys; v = json.load(open(sys.argv[1]))[sys.argv[2]]
print(" ".join(v) if isinstance(v, list) else v)' "$work/out" "$1" 2>&1 | tail -n 1
}

kp_need_tools python3:python3 openssl:openssl
echo "TAP version 13"
tree=$("$kpb" -q -r "$kernel" --print-tree)
kp_kernel_load "$kernel"
mkdir -p "$work/a/fs/proc" "$work/b/fs/proc"
cp "$tree/fs/proc/cmdline.c" "$work/a/fs/proc/"
sed -E 's/^(\s*)seq_puts\(m, saved/\1seq_puts(m, "options ");\n&/' \
	"$tree/fs/proc/cmdline.c" >"$work/b/fs/proc/cmdline.c"
(cd "$work" && diff -u a/fs/proc/cmdline.c b/fs/proc/cmdline.c >options.patch) || true

# Many at once: each leaves its own trace.
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=kpatch test key" -days 2 \
	-keyout "$work/key.pem" -out "$work/cert.pem" 2>/dev/null
bash "$tree/scripts/extract-vmlinux" "$KP_IMAGE" >"$work/vmlinux" 2>/dev/null
kpb 0 -r "$kernel" -v "$work/vmlinux" -t fs/proc/version.o -j 1 --patch-version 7 \
	--sign "$work/key.pem" "$work/cert.pem" --json "$work/options.patch"
is "--json: result" "$(json result)" made
is "--json: functions" "$(json functions)" cmdline_proc_show
is "--json: the module" "$(json module)" "$work/livepatch-options.ko"
is "--sign: the signer" "$(info livepatch-options signer)" "kpatch test key"
is "--sign: the kernel's hash" "$(info livepatch-options sig_hashalgo)" \
	"$(sed -n 's/^CONFIG_MODULE_SIG_HASH="\(.*\)"/\1/p' "$KP_CONFIG")"
is "--patch-version" "$(info livepatch-options version)" 7
is "the objects that it patches" "$(info livepatch-options kpatch_objects)" vmlinux
is "the functions that it patches" "$(info livepatch-options kpatch_functions)" cmdline_proc_show
is "the diff's checksum" "$(info livepatch-options kpatch_diff_sha256)" \
	"$(sha256sum <"$work/options.patch" | cut -d' ' -f1)"
is "the build-id of the image" "$(info livepatch-options kpatch_build_id)" \
	"$(readelf -n "$work/vmlinux" | sed -n 's/^ *Build ID: //p')"
is "--target: compared as well" "$(paste -sd' ' "$(json logs)/objects.built")" \
	"fs/proc/cmdline.o fs/proc/version.o"
kpb 1 -r "$kernel" -t fs/proc/nothing.o "$work/options.patch"

# What the signature says is about the module, by another reader of the format:
# module, PKCS#7, 12 bytes that end in the length of that, a magic text.
signed_by() {
	python3 - "$work" "$1" <<-'EOP'
		import sys
		data = open(sys.argv[1] + "/" + sys.argv[2] + ".ko", "rb").read()
		end = len(data) - len(b"~Module signature appended~\n")
		assert data[end:] == b"~Module signature appended~\n"
		size = int.from_bytes(data[end - 4:end], "big")
		open(sys.argv[1] + "/signed", "wb").write(data[:end - 12 - size])
		open(sys.argv[1] + "/signature", "wb").write(data[end - 12 - size:end - 12])
	EOP
	openssl cms -verify -binary -inform DER -in "$work/signature" -content "$work/signed" \
		-certfile "$2" -noverify -out /dev/null 2>"$work/said" && echo good || echo bad
}
openssl req -x509 -newkey rsa:2048 -nodes -subj "/CN=other" -days 2 \
	-keyout "$work/other.pem" -out "$work/other-cert.pem" 2>/dev/null
is "--sign: the signature is good" "$(signed_by livepatch-options "$work/cert.pem")" good
is "--sign: not by another key" "$(signed_by livepatch-options "$work/other-cert.pem")" bad
kpb 1 -r "$kernel" -n mismatch --sign "$work/key.pem" "$work/other-cert.pem" "$work/options.patch"
is "--sign: a key of another certificate" "$(grep -c 'could not be signed.*key values mismatch' "$work/said")" 1

# A key with a passphrase.
openssl req -x509 -newkey rsa:2048 -passout 'pass:a "b" c' -subj "/CN=encrypted" -days 2 \
	-keyout "$work/encrypted.pem" -out "$work/encrypted-cert.pem" 2>/dev/null
KBUILD_SIGN_PIN='a "b" c' kpb 0 -r "$kernel" -n encrypted \
	--sign "$work/encrypted.pem" "$work/encrypted-cert.pem" "$work/options.patch"
is "--sign: the passphrase in KBUILD_SIGN_PIN" "$(signed_by encrypted "$work/encrypted-cert.pem")" good
rm "$work/encrypted.ko"
kpb 1 -r "$kernel" -n encrypted --sign "$work/encrypted.pem" "$work/encrypted-cert.pem" "$work/options.patch"
is "--sign: no passphrase" "$(grep -c 'encrypted: set KBUILD_SIGN_PIN' "$work/said")" 1
KBUILD_SIGN_PIN=other kpb 1 -r "$kernel" -n encrypted \
	--sign "$work/encrypted.pem" "$work/encrypted-cert.pem" "$work/options.patch"
is "--sign: another passphrase" "$(grep -c "KBUILD_SIGN_PIN is not the key's" "$work/said")" 1

# A livepatch source.
kpb 0 -r "$kernel" --sign "$work/key.pem" "$work/cert.pem" "$TOP/samples/livepatch-cmdline.c"
is "a livepatch source: signed" "$(signed_by livepatch-cmdline "$work/cert.pem")" good
is "a livepatch source: for that kernel" "$(info livepatch-cmdline vermagic | cut -d' ' -f1)" "$KP_RELEASE"
mkdir "$work/beside"
sed 's/#include <linux.livepatch.h>/#include "beside.h"/' "$TOP/samples/livepatch-cmdline.c" >"$work/beside/beside.c"
printf '#include <linux/livepatch.h>\n' >"$work/beside/beside.h"
kpb 0 -r "$kernel" "$work/beside/beside.c"
rm -f "$work/beside.ko"
printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' >"$work/other.c"
kpb 1 -r "$kernel" "$work/other.c"
printf 'no C\n' >"$work/broken.c"
kpb 6 -r "$kernel" "$work/broken.c"
is "what did not get done left nothing" "$(cd "$work" && ls ./*.ko)" "$(printf '%s\n' ./livepatch-cmdline.ko ./livepatch-options.ko)"

# What is no code of this kernel is left out: the tree has not even the files.
{
	cat <<-'EOD'
		A fix, as it is sent by mail: its words come first.

		diff --git a/Documentation/filesystems/proc.rst b/Documentation/filesystems/proc.rst
		index 1111111..2222222 100644
		--- a/Documentation/filesystems/proc.rst
		+++ b/Documentation/filesystems/proc.rst
		@@ -1,3 +1,4 @@
		 none of this

		---- a/fs/proc/version.c
		+++ b/fs/proc/version.c
		+@@ -1,3 +1,4 @@
	EOD
	cat "$work/options.patch"
	cat <<-'EOD'
		--- a/arch/arm64/kernel/setup.c
		+++ b/arch/arm64/kernel/setup.c
		@@ -9999 +9998,0 @@
		-is there
		--- /dev/null
		+++ b/tools/testing/selftests/proc/new.c
		@@ -0,0 +1 @@
		+int main(void) { return 0; }
		--
		2.30
	EOD
} >"$work/mail.patch"
kpb 0 -r "$kernel" -n mail --json "$work/mail.patch"
is "parts that are no code of this kernel" "$(json functions)" cmdline_proc_show
is "they are named in the log" "$(sed -n 's/^ignored, no code of this kernel: //p' "$(json logs)"/*-apply.log | paste -sd' ')" \
	"Documentation/filesystems/proc.rst arch/arm64/kernel/setup.c tools/testing/selftests/proc/new.c"
"$kpb" -o "$work" -r "$kernel" -n mail "$work/mail.patch" >"$work/out" 2>"$work/said" </dev/null || true
is "and on standard error" "$(sed -n 's/^ *left out, no code of this kernel: //p' "$work/said")" \
	"Documentation/filesystems/proc.rst arch/arm64/kernel/setup.c tools/testing/selftests/proc/new.c"

# A weak function, in whose place x86 has its own: that the change has no effect is
# said whether something is left of the patch or not.
mkdir -p "$work/a/drivers/char" "$work/b/drivers/char"
cp "$tree/drivers/char/mem.c" "$work/a/drivers/char/"
sed '/^int __weak phys_mem_access_prot_allowed/,/^}/s/return 1;/return size != 4711;/' \
	"$tree/drivers/char/mem.c" >"$work/b/drivers/char/mem.c"
(cd "$work" && diff -u a/drivers/char/mem.c b/drivers/char/mem.c >weak.patch) || true
warning="drivers/char/mem.o: the change of the weak function phys_mem_access_prot_allowed() has no effect: vmlinux has another one of that name"
kpb 3 -r "$kernel" --json "$work/weak.patch"
is "a warning, and no module" "$(sed -n 's/^kpatch-build: warning: //p' "$work/said")" "$warning"
is "--json: the same" "$(json warnings)" "$warning"
kpb 0 -r "$kernel" --json -n weak "$work/weak.patch" "$work/options.patch"
is "a warning, and a module" "$(sed -n 's/^kpatch-build: warning: //p' "$work/said")" "$warning"
is "--json: the same of that" "$(json warnings)" "$warning"
rm "$work/weak.ko"
kpb 0 -r "$kernel" --json "$work/options.patch"
is "--json: no warnings" "$(json warnings)" ""

# Where the modules are that were shipped.
mkdir -p "$work/a/net/netfilter" "$work/b/net/netfilter" "$work/empty"
cp "$tree/net/netfilter/xt_comment.c" "$work/a/net/netfilter/"
sed -E 's,^(\s*)(/\* We always match|return true;),\1pr_info("options\\n");\n&,' \
	"$tree/net/netfilter/xt_comment.c" >"$work/b/net/netfilter/xt_comment.c"
(cd "$work" && diff -u a/net/netfilter/xt_comment.c b/net/netfilter/xt_comment.c >module.patch) || true
kpb 1 -r "$kernel" --modules "$work/empty" "$work/module.patch"
is "--modules: the module is not there" "$(grep -c 'xt_comment, which is not among those of .*--modules' "$work/said")" 1
kpb 0 -r "$kernel" --modules "$(dirname "$(kp_kernel_modules "$kernel" xt_comment | tail -n 1)")" "$work/module.patch"
is "--modules: the object that it patches" "$(info livepatch-module kpatch_objects)" xt_comment
kpb 64 -r "$kernel" --modules "$work/none" "$work/module.patch"

# JSON tells of failures too.
sed 's/saved/other/' "$work/options.patch" >"$work/stale.patch"
kpb 4 -r "$kernel" --json "$work/stale.patch"
is "--json: a failure's status" "$(json result) $(json status)" "failed 4"
kpb 64 --frobnicate --json
is "--json: wrong usage" "$(json result) $(json status)" "failed 64"
# a file name of all bytes but 0 and /, and after them some of more than one byte
python3 - "$work" <<-'EOP'
	import os, sys
	name = bytes(b for b in range(1, 256) if b != 47) + "\u00e9\u20ac\U0001f600".encode()
	os.mkdir(os.fsencode(sys.argv[1]) + b"/bytes")
	open(os.fsencode(sys.argv[1]) + b"/bytes/" + name[30:], "w").close()
	open(os.fsencode(sys.argv[1]) + b"/bytes/" + name[:30] + b"\xe2\x82\xed\xa0\x80\xf5x", "w").close()
EOP
bytes=("$work"/bytes/*)
for file in "${bytes[@]}"; do
	kpb 64 --json "$file" >/dev/null
	n=$((n - 1))
	is "--json: a file name of any bytes" "$(python3 -c 'import json, os, sys
want = os.fsencode(sys.argv[2]).decode("utf-8", "ignore") + " is empty"
said = json.loads(open(sys.argv[1], "rb").read().decode())["message"]
print("\ufffd" in said and said.replace("\ufffd", "") == want)' "$work/out" "$file" 2>&1 | tail -n 1)" True
done

# As a shell may be set up, and given by a relative name.
mkdir "$work/relative"
cd "$work"
CDPATH=$work kpb 0 -r "$kernel" -n cd -j1 -o relative -- options.patch
is "--output, with CDPATH" "$(cat out)" "$work/relative/cd.ko"
cd "$TOP"
# what is kept with a tree is there for users with other locales, too
kp_need_packages locales
mkdir "$work/locale"
localedef -i en_US -f UTF-8 "$work/locale/en_US.UTF-8" 2>/dev/null || true
is "a locale that does not sort by bytes" "$(printf '%s\n' c_can cc770 |
	LOCPATH=$work/locale LC_ALL=en_US.UTF-8 sort | paste -sd' ')" "cc770 c_can"
rm -f "${tree%/linux}/lists/key"
printf 'drivers/net/can/%s.c\n' c_can/c_can_main cc770/cc770 |
	LOCPATH=$work/locale LC_ALL=en_US.UTF-8 "$kpb" -q -r "$kernel" --print-built >"$work/said" 2>&1
is "lists are sorted for everybody" "$(grep -cE '/can/(c_can|cc770)$' "${tree%/linux}/lists/read") $(
	LC_ALL=C sort -c "${tree%/linux}/lists/read" 2>&1)" "2 "
# a cache below a folder whose name is not ASCII, as cron runs it
mkdir -p "$work/"$'J\xc3\xbcrgen/livepatch-suite'
rc=0
# shellcheck disable=SC2016 # expanded by the inner shell
LC_ALL=C XDG_CACHE_HOME=$work/$'J\xc3\xbcrgen' unshare -m sh -c '
	mount --bind "$1" "$XDG_CACHE_HOME/livepatch-suite" && unset KP_CACHE && shift && exec "$@"' \
	sh "$KP_CACHE" "$kpb" -q -r "$kernel" -n bytes -o "$work" "$work/options.patch" >"$work/said" 2>&1 || rc=$?
is "a cache with a name that is not ASCII" "$rc" 0

# The running kernel is what uname says.
mkdir "$work/bin"
printf '#!/bin/sh\n[ "$*" = -r ] && echo %s || exec /bin/uname "$@"\n' "$KP_RELEASE" >"$work/bin/uname"
chmod +x "$work/bin/uname"
# running BUILD-ID COMMAND...: with that one in the kernel's notes
objcopy -O binary --only-section=.notes "$work/vmlinux" "$work/notes"
sed 's/GNU\x0/&other/' "$work/notes" >"$work/other-notes"
running() {
	# shellcheck disable=SC2016 # expanded by the inner shell
	PATH=$work/bin:$PATH unshare -m sh -c 'mount --bind "$1" /sys/kernel/notes && shift && exec "$@"' sh "$@"
}
rc=0
running "$work/other-notes" "$kpb" -q -o "$work" -n running "$work/options.patch" >"$work/said" 2>&1 || rc=$?
is "an updated image is not what runs" "$rc $(grep -c 'what runs here has the build-id 6f74686572.*--image' "$work/said")" "1 1"
rc=0
running "$work/notes" "$kpb" -q -o "$work" -n running "$work/options.patch" >"$work/said" 2>&1 || rc=$?
is "the image of what runs" "$rc" 0
is "the running kernel is the default" "$(info running kpatch_target)" "$KP_RELEASE"
is "not signed without --sign" "$(info running signer)" ""

# Names that files of the build itself could have.
cp "$work/options.patch" "$work/glue.patch"
kpb 0 -r "$kernel" "$work/glue.patch"
is "a patch that is called glue" "$(info livepatch-glue kpatch_functions)" cmdline_proc_show
kpb 0 -r "$kernel" -n diff-1 "$work/options.patch"
is "a module that is called diff-1" "$(info diff-1 kpatch_functions)" cmdline_proc_show
printf '1..%d\n' "$n"
exit "$failed"
