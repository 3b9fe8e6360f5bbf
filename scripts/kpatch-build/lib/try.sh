# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# --try: boot exactly that kernel, load, look, unload.

# The guest's part: arguments are the core, the module's file, whether there is
# a script, the build-id that the patch is for, and the functions.
kpb_try_script() {
	cat <<'EOG'
set -u
core=$1 ko=$2 script=$3 build=$4
shift 4
name=$(basename "$ko" .ko | tr - _)
sys=/sys/kernel/livepatch/$name
[ "$core" = klp ] || sys=/sys/kernel/kpatch/$name
die() { echo "try: $*"; dmesg | tail -n 20; exit 1; }
settled() {
	i=0
	while [ -e "$sys/transition" ] && [ "$(cat "$sys/transition" 2>/dev/null)" = 1 ]; do
		i=$((i + 1))
		[ "$i" -lt 600 ] || die "the transition does not end"
		sleep 0.1
	done
}
# With kpatch.ko a task that is inside of a function is an error at once.
disable() {
	i=0
	until echo 0 >"$sys/enabled"; do
		i=$((i + 1))
		[ "$core" = kpatch ] && [ "$i" -lt 100 ] || return 1
		sleep 0.1
	done
}
# klp's files go with the patch, kpatch.ko's with the module.
gone() {
	[ ! -e "$sys" ] || { [ "$core" = kpatch ] && [ "$(cat "$sys/enabled")" = 0 ]; }
}
# Of the same release there may be another build. (See kpb_kernel_runs.)
case $(od -An -v -tx1 /sys/kernel/notes | tr -d ' \n') in
*040000001400000003000000474e5500"$build"*) ;;
*) die "the kernel here is another build than that with the build-id $build, which the patch is for" ;;
esac
[ ! -e /try/kpatch.ko ] || insmod /try/kpatch.ko || die "kpatch.ko does not load"
for m in /try/deps/*.ko; do
	[ -e "$m" ] && { insmod "$m" || die "the module $m does not load"; }
done
insmod "$ko" || die "the patch does not load"
[ "$(cat "$sys/enabled" 2>/dev/null)" = 1 ] || die "the patch is not enabled"
settled
for f in "$@"; do
	[ "$core" = kpatch ] || ls -d "$sys"/*/"$f",* >/dev/null 2>&1 ||
		die "function $f is not in the patch"
	cat /sys/kernel/tracing/enabled_functions /sys/kernel/debug/tracing/enabled_functions 2>/dev/null |
		grep -qE "^$f( \\[[^]]*\\])? \\(" || die "function $f is not redirected"
done
echo "try: $# functions are redirected"
if [ "$script" = 1 ]; then
	sh /try/script || die "the script failed with status $?"
fi
disable || die "the patch cannot be disabled"
settled
i=0
until gone; do
	i=$((i + 1))
	[ "$i" -lt 100 ] || die "the patch does not go away"
	sleep 0.1
done
# klp lets go of the module after its files have gone
i=0
until rmmod "$name"; do
	i=$((i + 1))
	[ "$i" -lt 100 ] || die "the patch cannot be unloaded"
	sleep 0.1
done
echo "try: loaded, redirected, disabled and unloaded"
EOG
}

# Step
kpb_try() {
	local dir=$work/try rc=0 script=0

	[ -n "$kernel_name" ] || kpb_why "$KPB_ERROR" \
		"--try boots kernels that packages have: name one with --release, instead of --sourcedir, --config and --image"
	rm -rf "$dir"
	mkdir -p "$dir/deps"
	kpb_try_script >"$dir/run"
	[ "$opt_core" = klp ] || cp "$tree_home/core/kpatch.ko" "$dir/"
	cp "$(kpb_result)" "$dir/"
	if [ -n "$opt_try_script" ]; then
		cp "$opt_try_script" "$dir/script"
		script=1
	fi
	kpb_try_deps "$dir/deps"
	# shellcheck disable=SC2046 # a list
	"$top/selftests/vm/run" -k "$kernel_name" --log "$work/vm" --add "$dir:/try" \
		-a rcupdate.rcu_cpu_stall_timeout=240 -- \
		sh /try/run "$opt_core" "/try/$opt_name.ko" "$script" "$kernel_build_id" \
		$(sort -u "$work/functions") 7>&- 8>&- || rc=$?
	case $rc in
	0) return 0 ;;
	121) kpb_why "$KPB_TRY" "the VM was lost while the patch was tried" ;;
	122) kpb_why "$KPB_TRY" "the kernel printed an oops or a warning while the patch was tried" ;;
	124) kpb_why "$KPB_TRY" "the trial timed out" ;;
	*) kpb_why "$KPB_TRY" "the trial failed: $(grep -a '^try: ' "$kpb_log" | tail -n 1)" ;;
	esac
}

# The modules that the patch is about, with what they need, in load order.
kpb_try_deps() {
	local obj parent file n=100

	[ -f "$work/objects.built" ] || return 0
	[ -z "$opt_oot" ] || {
		cp "$opt_oot" "$1/100-${opt_oot##*/}"
		return 0
	}
	while read -r obj; do
		parent=$(kpb_parent "$obj")
		[ "$parent" = vmlinux ] || printf '%s\n' "$parent"
	done <"$work/objects.built" | sort -u | while read -r parent; do
		kp_kernel_modules "$kernel_name" "$parent"
	done | awk '!seen[$0]++' | while read -r file; do
		n=$((n + 1))
		case $file in
		*.xz) xz -dc "$file" >"$1/$n-$(basename "$file" .xz)" ;;
		*.zst) zstd -dcq "$file" >"$1/$n-$(basename "$file" .zst)" ;;
		*.gz) gzip -dc "$file" >"$1/$n-$(basename "$file" .gz)" ;;
		*) cp "$file" "$1/$n-${file##*/}" ;;
		esac
	done
}
