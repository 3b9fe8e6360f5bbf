#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# probe.sh HEADER 'PROBE.c ...' COMPILER [FLAG...]
#
# Compiles every probe and writes HEADER: KP_HAVE_<probe> is 1 if it compiles.
# Probes called NEED_* must compile: the second line of one that does not is
# what the user gets to read.  SENTINEL_PASS and SENTINEL_FAIL check the check.
set -euo pipefail

header=$1
probes=$2
shift 2

mkdir -p "$(dirname "$header")"
dir=$(mktemp -d "$header.XXXXXX")
trap 'rm -rf "$dir"' EXIT
trap 'exit 1' HUP INT TERM

die() {
	echo "kpatch: $*" >&2
	exit 1
}

# Results are files: the probes run side by side.
for probe in $probes; do
	name=$(basename "$probe" .c)
	{
		if "$@" -fsyntax-only "$probe" 2>"$dir/$name.log"; then
			echo 1
		else
			echo 0
		fi >"$dir/$name"
	} &
	jobs=$((${jobs:-0} + 1))
	[ $((jobs % 4)) -ne 0 ] || wait
done
wait

[ "$(cat "$dir/SENTINEL_PASS")" = 1 ] || {
	head -n 5 "$dir/SENTINEL_PASS.log" >&2
	die "the compiler does not even compile an empty probe (is the kernel's build directory complete?)"
}
[ "$(cat "$dir/SENTINEL_FAIL")" = 0 ] ||
	die "the compiler accepts wrong types, so the kernel's API cannot be probed"

{
	echo "/* Made by core/compat/probe.sh. */"
	for probe in $probes; do
		name=$(basename "$probe" .c)
		have=$(cat "$dir/$name")
		case $name in
		SENTINEL_*) ;;
		NEED_*)
			[ "$have" = 1 ] ||
				die "$(sed -n '2s|^// ||p' "$probe")"
			;;
		*) echo "#define KP_HAVE_$name $have" ;;
		esac
	done
} >"$dir/header"
mv "$dir/header" "$header"
