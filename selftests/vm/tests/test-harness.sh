#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The harness itself: does it tell passed, failed, splat, lost and timed out
# apart, and is wrong input one sentence that leaves nothing behind?
# Usage: test-harness.sh [KERNEL]
# shellcheck disable=SC2016,SC2317 # commands for the guest; called by name
set -euo pipefail
VM=$(cd "$(dirname "$0")/.." && pwd)
TOP=$(cd "$VM/../.." && pwd)
kernel=${1:-6.1}
mkdir -p "$TOP/.build"
work=$(mktemp -d "$TOP/.build/harness.XXXXXX")
public=$(mktemp -d)
trap 'rm -rf "$work" "$public"' EXIT
# Only what is tested here puts files there.
mkdir "$public/tmp"
export TMPDIR=$public/tmp
n=0 failed=0

# expect STATUS REGEXP NAME COMMAND...: COMMAND ends with STATUS and says
# something that matches REGEXP.
expect() {
	local status=$1 regexp=$2 name=$3 rc=0

	shift 3
	n=$((n + 1))
	"$@" >"$work/out" 2>&1 </dev/null || rc=$?
	if [ "$rc" = "$status" ] && grep -qE "$regexp" "$work/out"; then
		echo "ok $n - $name"
		return
	fi
	echo "not ok $n - $name: status $rc instead of $status, or no /$regexp/ in:"
	sed 's/^/# /' "$work/out"
	failed=1
}

# sentence REGEXP NAME COMMAND...: like expect, and the complaint is one line.
sentence() {
	local before=$failed

	expect 125 "$@"
	[ "$failed" = "$before" ] || return 0
	n=$((n + 1))
	if [ "$(grep -cvE '^  ' "$work/out")" = 1 ]; then
		echo "ok $n - $2: in one sentence"
	else
		echo "not ok $n - $2: more than one sentence:"
		sed 's/^/# /' "$work/out"
		failed=1
	fi
}

run() {
	"$VM/run" -k "$kernel" --log "$work/log" "$@"
}

printf '#!/bin/bash\nbusybox reboot -f\n' >"$work/early"
chmod +x "$work/early"
echo "TAP version 13"
expect 0 '^hello from [0-9]' "a command that succeeds" \
	run -- bash -c 'echo hello from "$(uname -r)"'
expect 7 '^failing$' "a command that fails, with its status" \
	run -- bash -c 'echo failing; exit 7'
expect 124 'timed out' "a command that hangs" run -t 20 -- sleep 1000
expect 121 'VM lost while' "a guest that goes away" \
	run -- bash -c 'echo b >/proc/sysrq-trigger; sleep 20'
expect 122 'sysrq: Trigger a crash' "a kernel that panics" \
	run -- bash -c 'echo c >/proc/sysrq-trigger; sleep 20'
expect 121 'VM lost before' "a guest that never gets to user space" \
	run --add "$work/early:/early" -a rdinit=/early -- true
expect 0 '^2 data$' "files handed in" run --add "$VM/run:/data/a file" -- \
	bash -c 'test -x "/data/a file" && echo "$(nproc) data"'
expect 0 '^dummy$' "a module of the kernel's own" \
	run --kmod dummy -- bash -c 'cut -d" " -f1 /proc/modules'
expect 0 '^counted [1-9]' "counted instructions" run --icount -- \
	bash -c 'read -r a _ </proc/uptime; for ((i = 0; i < 1000; i++)); do :; done; echo counted "${a%.*}1"'

sentence "no kernel '9.9'" "KERNEL=9.9" "$VM/run" -k 9.9 -- true
sentence 'no such directory' "KDIR that is not there" "$VM/run" -k /no/where -- true
sentence 'no kernel build tree' "KDIR that is no tree" "$VM/run" -k "$work/" -- true
sentence 'unknown option' "an unknown option" run --frobnicate -- true
sentence 'no command' "no command" run
sentence "run 'selftests/vm/build -k $kernel'" "--suite where nothing is built" \
	env KP_BUILD="$work" "$VM/run" -k "$kernel" --suite -- true
sentence 'path with a space' "a checkout in a path with a space" \
	env KP_BUILD="$work/a b" "$VM/build" -k "$kernel"
sentence 'TEST=shodow: no test of 6.1 has' "TEST= with a misspelt name" \
	env KP_BUILD="$work" KDIR= TEST="shadow shodow" "$VM/check" 6.1
sentence 'there is no' "--add of a missing file" run --add /no/where -- true
sentence 'has no module' "--kmod of a missing module" run --kmod no_such_module -- true
sentence 'check the network' "no network" \
	env XDG_CACHE_HOME="$work/empty" KP_MIRROR=http://127.0.0.1:9 "$VM/kernel" get 6.1
sentence 'make room' "a full disk" unshare --mount --propagation private bash -c '
	mkdir -p "$1" && mount -t tmpfs -o size=64m tmpfs "$1" &&
	XDG_CACHE_HOME=$1 exec "$2/kernel" get 6.1' bash "$work/small" "$VM"

# Each test of a kernel goes to one of two VMs, none is forgotten, and both have
# about the same to do.
# shellcheck source=selftests/vm/lib/deal.sh
. "$VM/lib/deal.sh"
deals() {
	local t apart

	(cd "$TOP/selftests" && printf '%s\n' test-*.sh) >"$work/tests"
	for t in $KP_TEST_SECONDS; do
		grep -qxF "${t%:*}" "$work/tests" || {
			printf '%s is no test\n' "${t%:*}"
			return 1
		}
	done
	kp_deal <"$work/tests" >"$work/dealt"
	awk '{ print $3 }' "$work/dealt" | LC_ALL=C sort |
		cmp - <(LC_ALL=C sort "$work/tests") || return
	apart=$(awk '{ apart += $1 ? $2 : -$2 } END { print apart }' "$work/dealt")
	printf '%d s apart\n' "${apart#-}"
	[ "${apart#-}" -le 20 ]
}
expect 0 '^[0-9]+ s apart$' "tests are dealt out to two VMs" deals

# A machine without QEMU, and nobody to install it; who may not be able to read
# what is checked out here.
mkdir "$public/bin" "$public/selftests"
cp -r "$VM" "$public/selftests/"
chmod -R a+rX "$public"
for tool in bash env id mkdir dirname grep sed cat printf flock df awk basename; do
	ln -s "$(command -v "$tool")" "$public/bin/$tool"
done
ln -s "$(command -v apt-get)" "$public/bin/apt-get"
sentence "apt-get install .*qemu-system-x86.*as root" "no QEMU and no root" \
	setpriv --reuid=65534 --regid=65534 --clear-groups \
	env -i PATH="$public/bin" HOME=/nonexistent \
	bash "$public/selftests/vm/run" -k "$kernel" -- true

n=$((n + 1))
if [ -z "$(ls -A "$TMPDIR")" ]; then
	echo "ok $n - no temporary files are left"
else
	echo "not ok $n - temporary files are left:"
	find "$TMPDIR" | sed 's/^/# /'
	failed=1
fi
echo "1..$n"
exit "$failed"
