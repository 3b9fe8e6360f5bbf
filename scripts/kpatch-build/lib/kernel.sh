# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# Which kernel: its image, config, headers, compiler and exact source version.
# Sets kernel_release kernel_image kernel_config kernel_root kernel_cc
# kernel_kdir kernel_symvers kernel_modules kernel_source kernel_build_id, and
# kernel_kdir_outside: 1 if kernel_kdir is a folder of the host's, nothing if it is
# one of the package root's.

# kpb_kernel_find: from the options, the running system and the packages.
kpb_kernel_find() {
	local name=${opt_release:-$(uname -r)} env why='' config=$opt_config

	kernel_kdir_outside=''
	# Who built a kernel there wants to patch that one.
	[ -z "$opt_sourcedir" ] || [ -n "$opt_release$opt_image$opt_vmlinux" ] ||
		[ ! -f "$opt_sourcedir/vmlinux" ] || opt_vmlinux=$opt_sourcedir/vmlinux
	[ -n "$opt_config" ] || ! kpb_config_owned || config=$opt_sourcedir/.config
	# Everything given by hand: no package is needed.
	if [ -n "$opt_sourcedir" ] && [ -n "$opt_image$opt_vmlinux" ] && [ -n "$config" ] &&
		{ [ -n "$opt_config" ] || [ -z "$opt_release" ]; }; then
		kpb_kernel_by_hand "$config"
	else
		kpb_harness kp_kernel_get "$name" || kpb_fail "$KPB_ERROR" \
			"kernel $name cannot be had from the packages ($why): name another with -r, or give --sourcedir, --config and --image"
		env=$(kp_kernel_env_path "$name")
		KP_SOURCE=''
		# shellcheck disable=SC1090
		. "$env"
		kernel_name=$name
		kernel_release=$KP_RELEASE kernel_image=$KP_IMAGE
		kernel_config=$KP_CONFIG kernel_root=$KP_ROOT kernel_cc=$KP_CC
		kernel_kdir=$KP_KDIR kernel_pkg=$KP_PKG
		# packaged headers lie in the root, build trees in the cache
		[ -n "$kernel_root" ] && [[ $kernel_kdir != "$KP_CACHE"/* ]] ||
			kernel_kdir_outside=1
		# a kernel that the harness built says itself from what
		kernel_version=${KP_SOURCE:-}
		kernel_version=${kernel_version#* }
	fi
	[ -z "$opt_image" ] || kernel_image=$opt_image
	[ -z "$opt_vmlinux" ] || kernel_image=$opt_vmlinux
	[ -z "$config" ] || kernel_config=$config
	kpb_kernel_installed
	kpb_kernel_identify
}

# The image that is installed here is what runs here: it goes before the
# package's.
kpb_kernel_installed() {
	[ -z "$opt_image$opt_vmlinux" ] || return 0
	[ "$kernel_release" = "$(uname -r)" ] || return 0
	[ -r "/boot/vmlinuz-$kernel_release" ] || return 0
	kernel_image=/boot/vmlinuz-$kernel_release
}

# An update may have put another build of the same release there, which runs from the
# next boot on.  What runs now tells its build-id in notes: of 4 bytes for "GNU", 20,
# and of type 3.
kpb_kernel_runs() {
	local running

	[ -z "$opt_release$opt_image$opt_vmlinux" ] || return 0
	running=$(od -An -v -tx1 /sys/kernel/notes 2>/dev/null | tr -d ' \n' |
		sed -nE 's/.*040000001400000003000000474e5500([0-9a-f]{40}).*/\1/p')
	[ -z "$running" ] || [ "$running" = "$kernel_build_id" ] || kpb_fail "$KPB_ERROR" \
		"what runs here has the build-id $running, $kernel_image has $kernel_build_id: it was updated and runs from the next boot on, or is of another machine; --image names the image of what runs, -r $kernel_release makes a patch for $kernel_image"
}

# kpb_kernel_by_hand CONFIG
kpb_kernel_by_hand() {
	kernel_name='' kernel_root=${KP_CHROOT:-} kernel_pkg='' kernel_kdir_outside=1
	kernel_cc=${CC:-$(sed -nE 's/^CONFIG_CC_VERSION_TEXT="([^ ]*gcc[^ ]*) .*/\1/p' "$1")}
	[ -n "$kernel_root" ] || command -v "$kernel_cc" >/dev/null || kernel_cc=gcc
	kernel_config=$1
	kernel_image=${opt_image:-$opt_vmlinux}
	kernel_release=${opt_release:-$(kpb_image_info "$kernel_image" | sed -n 's/^release: //p')}
	kernel_kdir=${KDIR:-/lib/modules/$kernel_release/build}
	[ ! -d "$kernel_kdir" ] || kernel_kdir=$(cd "$kernel_kdir" && pwd)
	[ -f "$kernel_kdir/Module.symvers" ] || kernel_kdir=$opt_sourcedir
}

# kpb_image_info IMAGE: what kpatch-prove says about it.  Unpacking an image takes
# longer than all else that comes before the first step, so this is kept, for the
# very file and the very program.
kpb_image_info() {
	local key file info

	key=$(stat -L -c '%d %i %s %y %z' "$1" "$bin/kpatch-prove" | sha256sum | cut -c1-16)
	file=$KP_CACHE/patch/info/$key
	if [ -s "$file" ]; then
		cat "$file"
		return 0
	fi
	info=$("$bin/kpatch-prove" --info "$1") || return
	printf '%s\n' "$info"
	# no room for it: somebody else will say so
	{ mkdir -p "${file%/*}" && printf '%s\n' "$info" >"$file.$$" &&
		mv "$file.$$" "$file"; } 2>/dev/null || rm -f "$file.$$"
}

kpb_kernel_identify() {
	local info banner headers

	[ -r "$kernel_image" ] || kpb_fail "$KPB_ERROR" \
		"the image $kernel_image cannot be read (are you root? --image names another)"
	info=$(kpb_image_info "$kernel_image") ||
		kpb_fail "$KPB_ERROR" "the image $kernel_image cannot be used: see above"
	kernel_build_id=$(sed -n 's/^build-id: //p' <<<"$info")
	kernel_headers=$(sed -n 's/^headers: //p' <<<"$info")
	kpb_kernel_runs
	banner=$(sed -n 's/^banner: //p' <<<"$info")
	[ "$(sed -n 's/^release: //p' <<<"$info")" = "$kernel_release" ] ||
		kpb_fail "$KPB_ERROR" \
			"$kernel_image is the kernel $(sed -n 's/^release: //p' <<<"$info"), not $kernel_release"
	# "... PREEMPT_DYNAMIC Debian 6.1.192-2 (2026-11-16)"
	[ -n "${kernel_version:-}" ] || kernel_version=$(sed -nE 's/.* Debian ([0-9][^ ]*) \(.*/\1/p' <<<"$banner")
	[ -r "$kernel_config" ] || kpb_fail "$KPB_ERROR" \
		"the config $kernel_config cannot be read: give one with --config"
	grep -q '^CONFIG_X86_64=y' "$kernel_config" || kpb_fail "$KPB_ERROR" \
		"$kernel_config is no config of an x86-64 kernel"
	headers=$kernel_kdir
	[ -n "$kernel_kdir_outside" ] ||
		headers=$(kp_root_dir "$kernel_root")$kernel_kdir
	kernel_symvers=$headers/Module.symvers
	[ -f "$kernel_symvers" ] || kpb_fail "$KPB_ERROR" \
		"no Module.symvers in $headers: install the headers of $kernel_release"
	grep -q '^CONFIG_LIVEPATCH=y' "$kernel_config" || [ "$opt_core" = kpatch ] ||
		kpb_fail "$KPB_REFUSED" \
			"kernel $kernel_release has no CONFIG_LIVEPATCH: build for kpatch.ko with --core kpatch"
}

# kpb_kernel_module MODULE: path of the shipped module MODULE ("xt_comment").
kpb_kernel_module() {
	local dir=${opt_modules:-/lib/modules/$kernel_release} file

	if [ -z "$opt_modules" ] &&
		{ [ ! -d "$dir/kernel" ] || [ "$kernel_release" != "$(uname -r)" ]; }; then
		[ -n "$kernel_pkg" ] || return 1
		# the harness extracts and indexes the packages' modules once
		(kp_kernel_modules "$kernel_name") >/dev/null || return 1
		dir=$KP_CACHE/kernels/$kernel_name/modules-$kernel_release/lib/modules/$kernel_release
	fi
	file=$(find "$dir" -name "${1//_/[-_]}.ko*" -print -quit)
	[ -n "$file" ] && printf '%s\n' "$file"
}
