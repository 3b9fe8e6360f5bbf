#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build's errors: one sentence, the documented status, the log named,
# nothing in the output folder; a run that was killed can be restarted.
# Usage: test-kpatch-errors.sh [KERNEL]
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
signal=KILL

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
fails 64 '/dev/fd/[0-9]+ is no regular file' "a patch out of a pipe" <(cat "$work/good.patch")
cp "$work/good.patch" "$work/good"
fails 64 'no patch given \(.*/good is the script of --try\)' "a patch that is taken for a script" --try "$work/good"
fails 64 'unknown option' "an unknown option" --frobnicate "$work/good.patch"
fails 64 '.*no folder' "an output folder that is not there" -o "$work/none" "$work/good.patch"
fails 64 '.*needs a' "--sign without a certificate" "$work/good.patch" --sign "$work/good.patch"
fails 64 '--sign key has an empty value' "--sign with variables that are not set" --sign "" "" "$work/good.patch"
fails 64 '--modules has an empty value' "an option with a variable that is not set" --modules "" "$work/good.patch"
fails 64 '--vmlinux has an empty value' "the same behind =" --vmlinux= "$work/good.patch"
fails 64 '--oot-module-src needs --oot-module' "--oot-module-src alone" --oot-module-src "$work" "$work/good.patch"
fails 64 '--target vmlinux is no object.*leave it out' "a target of make" -t vmlinux "$work/good.patch"
fails 64 '--jobs x is no number' "a value beside its option" -jx "$work/good.patch"
fails 64 './--x.patch: no such file' "patches behind --" -j4 -- --x.patch
cp "$TOP/samples/livepatch-cmdline.c" "$work/source.c"
for option in "--core kpatch" -R "--patch-version 2" "--max-objects 9" --allow-layout-change "-t fs/exec.o" \
	"-e $work/good.patch --oot-module-src $work"; do
	# shellcheck disable=SC2086 # with its value
	fails 64 '.*source.*: leave it out' "a livepatch source and ${option%% *}" $option "$work/source.c"
done
fails 4 '.*does not apply.*log: ' "a patch of another version" "$work/stale.patch"
fails 4 '.*does not apply.*log: ' "a file that is no patch" "$work/garbage.patch"
printf 'diff --git a/%s b/%s\nGIT binary patch\nliteral 5\nMcmZ?rF*h(TG&VLj\n\n' fs/proc/cmdline.c{,} >"$work/binary.patch"
fails 4 '.*does not apply.*: File fs/proc/cmdline.c: git binary diffs are not supported' "a binary diff" "$work/binary.patch"
sed -E 's,^(---|\+\+\+) [ab]/,\1 ,' "$work/good.patch" >"$work/strip.patch"
fails 4 '.*does not apply.*: there is no file proc/cmdline.c \(.*first folder.*log: ' "a diff without a/ and b/" "$work/strip.patch"
fails 6 '.*does not compile.*undeclared_function.*log: ' "patched source that does not compile" "$work/broken.patch"
patch_of fs/proc/cmdline.c 's/^(\s*)seq_puts\(m, saved/\1struct seq_file bad = ENOSPC;\n&/' enospc
fails 6 '.*does not compile.*log: ' "an error that quotes what ENOSPC is" "$work/enospc.patch"
fails 3 '.*changes no code of this kernel' "documentation only" "$work/nofile.patch"
fails 3 '.*changes no function' "a patch without effect" "$work/comment.patch"
fails 1 "kernel 9.9.9-none cannot be had" "a kernel that is not there" -r 9.9.9-none "$work/good.patch"
cp "$work/good.patch" "$work/image"
fails 1 '.*image.*cannot be used' "an image that is none" --image "$work/image" "$work/good.patch"
fails 1 '.*good.patch is no config' "a config that is none" -c "$work/good.patch" "$work/good.patch"
XDG_CACHE_HOME=/proc/nope fails 1 'the cache /proc/nope/livepatch-suite cannot be written to \(No such file.*: set XDG_CACHE_HOME' \
	"a cache that cannot be" "$work/good.patch"
XDG_CACHE_HOME=cache fails 1 'the cache cache/livepatch-suite cannot be used: .*full path.*; set XDG_CACHE_HOME' \
	"a cache that is no full path" "$work/good.patch"
XDG_CACHE_HOME="$work/a cache" fails 1 'the cache .*/a cache/livepatch-suite cannot be used: .*without blanks' \
	"a cache with a blank in its name" "$work/good.patch"
mkdir "$work/a,tree"
fails 64 '--sourcedir .*/a,tree: .*without blanks' "a source with a comma in its name" -s "$work/a,tree" "$work/good.patch"
cp -r "$tree/fs/proc" "$work/proc"

# A checkout in which nothing can be written: the programs go to the cache.
read_only() {
	local rc=0 good=1

	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c 'mount -t tmpfs -o ro none "$1" && shift && exec "$@"' \
		sh "$TOP/.build/kpatch-build" "$kpb" -q -r "$kernel" -o "$work/out" "$work/good.patch" \
		>"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = 0 ] && [ "$(ls "$work/out")" = livepatch-good.ko ] && good=0
	rm -f "$work"/out/*
	result "$good" "a checkout that is read only (status $rc)"
}
read_only

# Everything by hand, and one of it missing.
image=$("$TOP/selftests/vm/kernel" show "$kernel" | sed -n "s/^KP_IMAGE=//p")
release=$("$TOP/selftests/vm/kernel" show "$kernel" | sed -n "s/^KP_RELEASE=//p")
config=$("$TOP/selftests/vm/kernel" show "$kernel" | sed -n "s/^KP_CONFIG=//p")
mkdir -p "$work/source/kernel/sched"
: >"$work/source/kernel/sched/core.c"
printf '#!/bin/sh\necho "gcc (Other 9.9.9-1) 9.9.9"\n' >"$work/other-gcc"
chmod +x "$work/other-gcc"
fails 64 '.*no-config: no such file' "no config" -s "$tree" -c "$work/no-config" --image "$image" "$work/good.patch"
KDIR=$work/none fails 1 'no Module.symvers in .*install the headers' "no headers" \
	-r "$release" -s "$work/source" -c "$config" --image "$image" "$work/good.patch"
KDIR=$tree CC=$work/other-gcc fails 1 '.*compiled with .*9\.9\.9.*: use that compiler.*log: ' "another compiler" \
	-r "$release" -s "$tree" -c "$config" --image "$image" "$work/good.patch"
fails 1 '.*is no kernel source' "a source that is none" -s "$work/out" "$work/good.patch"

# Another source than the image's: the proof says so.
shipped=$tree/fs/proc/cmdline.o
if [ -f "$shipped" ] || "$kpb" -q -r "$kernel" -o "$work/out" "$work/good.patch" >/dev/null 2>&1; then
	rm -f "$work"/out/*
	cp "$shipped" "$work/shipped.o"
	objcopy --update-section .text=/dev/stdin "$shipped" "$work/other.o" \
		< <(objcopy -O binary -j .text "$shipped" /dev/stdout | tr '\350' '\351') 2>/dev/null || true
	rc=0
	"$TOP/.build/kpatch-build/kpatch-prove" "$image" "$work/other.o" >"$work/said" 2>&1 || rc=$?
	good=1
	[ "$rc" = 1 ] && grep -qE 'cmdline_proc_show\+0x[0-9a-f]+ .*likely cause: ' "$work/said" && good=0
	result "$good" "another machine code than the image's: function, offset and cause"
fi

# No room: in the work folder, for an original, then in the output folder.  Each is a
# small file system of its own, in a mount namespace.
home=${tree%/linux}
no_room() {
	fails_on tmpfs "size=$1" "${@:2}"
}
# fails_on TYPE OPTIONS WHERE REGEXP NAME: what is that file system there
fails_on() {
	local type=$1 opts=$2 where=$3 regexp=$4 name=$5 rc=0 good=1

	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c '
		mount -t "$1" -o "$2" none "$3" && out=$4 && shift 4 || exit
		rc=0
		"$@" || rc=$?
		[ -z "$(ls -A "$out")" ] || rc=99
		exit "$rc"' sh "$type" "$opts" "$where" "$work/out" \
		"$kpb" -q -r "$kernel" -o "$work/out" -n no-room "${patch:-$work/good.patch}" \
		>"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = 1 ] && grep -qE "^kpatch-build: $regexp" "$work/said" &&
		[ "$(grep -c '^kpatch-build: ' "$work/said")" = 1 ] && good=0
	result "$good" "$name (status $rc)"
	rm -f "$work"/out/*
}
no_room 200k "$home/work" '.*disk.* full.*log: ' "the disk gets full while it works"
patch_of kernel/sched/core.c '1s/^/\n/' large
patch=$work/large.patch no_room 200k "$home/work" '.*disk.* full.*log: .*-apply.log' "it gets full with a patched file"
no_room 20k "$home/objs" '.*disk.* full.*log: .*-original.log' "it gets full with an original"
no_room 4k "$work/out" '.*cannot be written: is the disk full' "no room for the module"
mkdir -p "$work"/on-layer/{lower,upper,work}
fails_on overlay "lowerdir=$work/on-layer/lower,upperdir=$work/on-layer/upper,workdir=$work/on-layer/work" \
	"$home/work" '.*cannot be laid over .*log: ' "a cache in an overlay"

# No room in the cache from the beginning.
no_cache() {
	local rc=0 good=1

	mkdir -p "$work/cache"
	# shellcheck disable=SC2016 # expanded by the inner shell
	unshare -m sh -c '
		mount -t tmpfs -o size=30m none "$1" && export XDG_CACHE_HOME="$1" &&
			unset KP_CACHE && shift && exec "$@"' sh "$work/cache" \
		"$kpb" -q -r "$kernel" -o "$work/out" "$work/good.patch" \
		>"$work/said" 2>&1 </dev/null || rc=$?
	[ "$rc" = 1 ] && [ -z "$(ls -A "$work/out")" ] &&
		[ "$(grep -c '^kpatch-build: ' "$work/said")" = 1 ] &&
		grep -qE '^kpatch-build: .*(MB|MiB|space|disk)' "$work/said" && good=0
	result "$good" "no room for a cache (status $rc)"
}
no_cache

# Stopped while the module is being copied to where it goes.
mkdir "$work/bin"
cat >"$work/bin/cp" <<-'EOC'
	#!/bin/sh
	case $2 in
	*.tmp.*) head -c 100 "$1" >"$2" && sleep 3 && exit ;;
	*/lost.patch) exit 1 ;;
	esac
	exec /bin/cp "$@"
EOC
chmod +x "$work/bin/cp"
PATH=$work/bin:$PATH "$kpb" -q -r "$kernel" -o "$work/out" "$work/good.patch" >"$work/said" 2>&1 </dev/null &
run=$!
until compgen -G "$work/out/*.tmp.*" >/dev/null || ! kill -0 "$run" 2>/dev/null; do
	sleep 0.02
done
kill -TERM "$run"
rc=0 good=1
wait "$run" || rc=$?
[ "$rc" = 130 ] && [ -z "$(ls -A "$work/out")" ] && good=0
result "$good" "stopped while the module is copied (status $rc)"
cp "$work/good.patch" "$work/lost.patch"
PATH=$work/bin:$PATH fails 1 "the patch .*lost.patch cannot be read" "a second patch that is gone" "$work/good.patch" "$work/lost.patch"

# Stopped while it waits for a mirror that does not answer.
python3 -c '
import socket, time
mirror = socket.create_server(("127.0.0.1", 0))
print(mirror.getsockname()[1], flush=True)
time.sleep(900)' >"$work/port" &
mirror=$!
mkdir "$work/tmp"
until [ -s "$work/port" ]; do sleep 0.1; done
env -u KP_CACHE XDG_CACHE_HOME="$work/far" TMPDIR="$work/tmp" KP_MIRROR="http://127.0.0.1:$(<"$work/port")" \
	"$kpb" -q -r "$kernel" -o "$work/out" "$work/good.patch" >"$work/said" 2>&1 </dev/null &
pid=$!
until [ -e "$(echo "$work"/far/livepatch-suite/apt/*/log/update.log)" ]; do sleep 0.1; done
sleep 1
rc=0 good=1 start=$SECONDS
kill -TERM "$pid"
wait "$pid" || rc=$?
[ "$rc" = 130 ] && [ $((SECONDS - start)) -lt 15 ] && grep -q '^kpatch-build: interrupted' "$work/said" &&
	[ -z "$(ls -A "$work/tmp")" ] && good=0
kill "$mirror"
wait "$mirror" 2>/dev/null || true
result "$good" "stopped while it waits for a mirror (status $rc)"

# Killed in the middle of each step, then the same command again.
work_folder() {
	find "$home/work" -maxdepth 1 -type d -name 'killed-????????????' | head -n 1
}
# kill_in STEP SIGNAL: its exit status is in rc
kill_in() {
	local step=$1 signal=$2 pid

	# of the run before
	rm -f "$home"/work/killed-*/*-"$step.log"
	setsid "$kpb" -q -r "$kernel" -o "$work/out" -n killed "$work/good.patch" >"$work/said" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		! compgen -G "$home/work/killed-????????????/*-$step.log" >/dev/null || break
		sleep 0.02
	done
	kill "-$signal" -- "-$pid" 2>/dev/null || true
	rc=0
	wait "$pid" 2>/dev/null || rc=$?
}

rm -rf "$home"/work/killed-*
for step in apply shipped prove patched diff link; do
	[ "$signal" = TERM ] && signal=KILL || signal=TERM
	# A busy machine can be so late that the step is over: then from the start.
	for try in 1 2 3 4 5 6 7 8; do
		kill_in "$step" "$signal"
		[ -f "$(work_folder)/$step.done" ] || break
		echo "# $step was over before the signal came (try $try)"
		rm -rf "$home"/work/killed-*
		rm -f "$work"/out/*
	done
	good=1
	# a signal that can be answered is
	if [ "$signal" = KILL ] && [ "$rc" = 137 ]; then
		good=0
	elif [ "$rc" = 130 ] && grep -q '^kpatch-build: interrupted; run the same command again' "$work/said"; then
		good=0
	fi
	[ -z "$(ls -A "$work/out")" ] && [ ! -f "$(work_folder)/$step.done" ] || good=1
	result "$good" "SIG$signal in step $step leaves nothing (status $rc)"
done
rc=0 good=1
"$kpb" -q -r "$kernel" -o "$work/out" -n killed "$work/good.patch" >"$work/said" 2>&1 || rc=$?
[ "$rc" = 0 ] && [ "$(ls "$work/out")" = killed.ko ] &&
	[ "$(PATH=$PATH:/sbin:/usr/sbin modinfo -F kpatch_functions "$work/out/killed.ko")" = cmdline_proc_show ] && good=0
result "$good" "the same command again makes the module"
rm -f "$work"/out/*
good=1
diff -r -x '*.o' -x '.*.cmd' -x '*.d' "$work/proc" "$tree/fs/proc" >"$work/said" && good=0
result "$good" "the source tree in the cache is as it was"

end_tests
