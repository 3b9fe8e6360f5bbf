# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The kernels that the suite is tested on: their names, how a name becomes a
# release that the mirror has today, and kernel.env, the description that
# everything else reads:
#
#   KP_NAME     name in the matrix, or kdir-<release>
#   KP_RELEASE  uname -r
#   KP_IMAGE    bzImage to boot
#   KP_CONFIG   its .config
#   KP_ROOT     package root to build modules in, empty: the host
#   KP_KDIR     kernel build tree, as seen from inside that root
#   KP_CC       compiler, as seen from inside that root
#   KP_PKG      "suite package" that has the modules, empty: none
#   KP_MODDIR   build tree that has the modules, empty: none

# The stock kernels, then the small ones from linux-source, then the debug
# kernels.  "all" is the first list of kp_kernel_matrix.
KP_STOCK="5.10 6.1 6.1-rt 6.12 7.2"
KP_SMALL="5.10-nolp 6.1-nolp 6.12-nolp 7.2-nolp 5.10-lp 6.1-lp 6.12-lp 7.2-lp"
KP_DEBUG="6.1-nolp-debug 6.1-lp-debug"
# shellcheck disable=SC2034 # for "check"
KP_MATRIX_DEFAULT="6.1-nolp 6.1"
# shellcheck disable=SC2034 # for "check"
KP_MATRIX_ALL="6.1-nolp 6.1-nolp-debug 6.1 5.10 6.12 7.2 6.1-rt"

# kp_kernel_suite NAME: the suite that a stock kernel's name stands for.
kp_kernel_suite() {
	case $1 in
	5.10 | 5.10-*) echo bullseye ;;
	6.1 | 6.1-*) echo bookworm ;;
	6.12 | 6.12-* | 7.2 | 7.2-*) echo trixie ;;
	*) return 1 ;;
	esac
}

# kp_kernel_regex NAME: the releases that a stock kernel's name stands for.
kp_kernel_regex() {
	local v=${1%-rt} flavour=amd64

	[ "$v" = "$1" ] || flavour=rt-amd64
	printf '%s[.0-9+a-z-]*[0-9]-%s\n' "${v//./\\.}[.]" "$flavour"
}

# kp_kernel_releases SUITE REGEX: releases with both an image and headers on
# the mirror, oldest first.
kp_kernel_releases() {
	comm -12 \
		<(kp_apt_names "$1" linux-image- | sed -nE "s/^linux-image-($2)\$/\1/p" | sort) \
		<(kp_apt_names "$1" linux-headers- | sed -nE "s/^linux-headers-($2)\$/\1/p" | sort) |
		grep -vE -e '-(cloud|common|dbg)' | sort -V
}

# kp_kernel_resolve NAME: "suite release" of a matrix name, a full release or
# a wildcard; the newest one that is there.
kp_kernel_resolve() {
	local name=$1 suite regex release

	if [[ " $KP_STOCK " == *" $name "* ]]; then
		suite=$(kp_kernel_suite "$name")
		kp_apt_update "$suite" || return
		release=$(kp_kernel_releases "$suite" "$(kp_kernel_regex "$name")" | tail -n 1)
		[ -n "$release" ] || kp_die \
			"kernel $name: $(kp_apt_site debian) has no image with headers of it in $suite today"
		printf '%s %s\n' "$suite" "$release"
		return
	fi
	regex=$(printf '%s' "$name" | sed -e 's/[.+]/\\&/g' -e 's/\*/[^ ]*/g' -e 's/?/[^ ]/g')
	for suite in bookworm trixie bullseye; do
		kp_apt_update "$suite" || return
		release=$(kp_kernel_releases "$suite" "$regex" | tail -n 1)
		[ -z "$release" ] || break
	done
	[ -n "$release" ] || kp_die \
		"no kernel '$name': use one of $KP_STOCK $KP_SMALL $KP_DEBUG, a release or wildcard that Debian has (6.1.0-*-amd64), or KDIR=path"
	printf '%s %s\n' "$suite" "$release"
}

kp_kernel_env_path() {
	printf '%s\n' "$KP_CACHE/kernels/$1/kernel.env"
}

# kp_kernel_load NAME: set the KP_* variables of a kernel that is there.
kp_kernel_load() {
	local env

	env=$(kp_kernel_env_path "$1")
	[ -f "$env" ] || kp_die "kernel $1 is not in the cache: run 'selftests/vm/kernel get $1'"
	# shellcheck disable=SC1090
	. "$env"
}

# kp_kernel_write_env NAME KEY=VALUE...: atomically, so that a kernel that
# has a kernel.env is complete.
kp_kernel_write_env() {
	local env pair

	env=$(kp_kernel_env_path "$1")
	mkdir -p "$(dirname "$env")"
	{
		printf 'KP_NAME=%q\n' "$1"
		shift
		for pair in "$@"; do
			printf '%s=%q\n' "${pair%%=*}" "${pair#*=}"
		done
	} >"$env.new"
	mv "$env.new" "$env"
}

# kp_kernel_get NAME: fetch or build a kernel.
kp_kernel_get() {
	local name=$1

	# A build tree that was pointed at: there is nothing to fetch.
	if [[ $name == kdir-* && -f $(kp_kernel_env_path "$name") ]]; then
		return
	fi
	if [[ " $KP_SMALL $KP_DEBUG " == *" $name "* ]]; then
		# shellcheck source=selftests/vm/lib/kbuild.sh
		. "$KP_VM/lib/kbuild.sh"
		kp_kbuild_kernel "$name"
		return
	fi
	kp_lock "kernel-${name//[^A-Za-z0-9.+-]/_}" kp_kernel_get_stock "$name"
}

kp_kernel_get_stock() {
	local name=$1 suite release resolved dir deb debs packages cc

	if resolved=$(kp_kernel_cached "$name"); then
		read -r suite release <<<"$resolved"
		# shellcheck disable=SC2086 # a list
		kp_root_ensure "$suite" "$suite" $KP_ROOT_TOOLS "linux-headers-$release"
		return
	fi
	resolved=$(kp_kernel_resolve "$name") || exit
	read -r suite release <<<"$resolved"
	dir=$KP_CACHE/kernels/$name
	kp_need_space 2500 "kernel $name"
	# shellcheck disable=SC2086 # a list
	kp_root_ensure "$suite" "$suite" $KP_ROOT_TOOLS "linux-headers-$release"
	packages=$(kp_kernel_packages "$suite" "$release")
	# shellcheck disable=SC2086 # a list
	debs=$(kp_apt_fetch "$suite" $packages) ||
		kp_die "kernel $name ($release) cannot be had: see above"
	rm -rf "${dir:?}/boot"
	mkdir -p "$dir/boot"
	for deb in $debs; do
		kp_kernel_extract_boot "$deb" "$dir/boot" "$release"
	done
	if [ ! -s "$dir/boot/vmlinuz-$release" ] || [ ! -s "$dir/boot/config-$release" ]; then
		kp_die "kernel $name: found no vmlinuz and config in $packages"
	fi
	cc=$(kp_kernel_compiler "$suite" "$release")
	kp_kernel_write_env "$name" KP_RELEASE="$release" \
		KP_IMAGE="$dir/boot/vmlinuz-$release" \
		KP_CONFIG="$dir/boot/config-$release" \
		KP_ROOT="$suite" KP_KDIR="/usr/src/linux-headers-$release" \
		KP_CC="$cc" KP_PKG="$suite $packages" KP_MODDIR=
	kp_say "kernel $name is $release ($suite, $cc)"
}

# kp_kernel_cached NAME: "suite release" if that kernel is in the cache and
# the package lists say that it still is the newest, that is, they are not
# newer than it.
kp_kernel_cached() {
	local env lists

	env=$(kp_kernel_env_path "$1")
	[ -f "$env" ] || return 1
	(
		kp_kernel_load "$1"
		[ -f "$KP_IMAGE" ] || exit 1
		lists=$KP_CACHE/apt/$KP_ROOT/updated
		[ ! "$lists" -nt "$env" ] || exit 1
		[ -z "$(find "$lists" -mtime "+$KP_APT_MAX_AGE")" ] || exit 1
		printf '%s %s\n' "$KP_ROOT" "$KP_RELEASE"
	)
}

# The image's package, and the parts that newer releases split it into.
kp_kernel_packages() {
	local parts

	parts=$(kp_apt "$1" apt-cache show --no-all-versions "linux-image-$2" |
		sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed -nE 's/^ *(linux-(base|binary|modules)-[^ ]+).*/\1/p' |
		grep -F -e "-$2" | tr '\n' ' ') || true
	printf '%s\n' "${parts:-linux-image-$2}"
}

# Images lie in /boot, or (7.x) with the modules.
kp_kernel_extract_boot() {
	local deb=$1 boot=$2 release=$3 path base

	dpkg-deb --fsys-tarfile "$deb" | tar -t | grep -E \
		"^\./(boot/(vmlinuz|config)-|usr/lib/modules/[^/]*/(vmlinuz|config)\$)" |
		while read -r path; do
			base=${path##*/}
			dpkg-deb --fsys-tarfile "$deb" | tar -xO "$path" \
				>"$boot/${base%"-$release"}-$release" ||
				kp_die "cannot extract $path: is the disk full?"
		done || true
}

# The compiler that Debian's headers package depends on.
kp_kernel_compiler() {
	local dir cc

	dir=$(kp_root_dir "$1")
	cc=$(sed -nE 's/^CC[ \t:]*=.*(gcc-[0-9]+).*/\1/p; s/^CONFIG_CC_VERSION_TEXT=".*(gcc-[0-9]+).*/\1/p' \
		"$dir/usr/src/linux-headers-$2/.kernelvariables" \
		"$dir/usr/src/linux-headers-$2/.config" 2>/dev/null | sed -n 1p)
	printf '%s\n' "${cc:-gcc}"
}

# kp_kernel_from_kdir DIR: describe a build tree that somebody points at.
kp_kernel_from_kdir() {
	local kdir release image name

	kdir=$(cd "$1" 2>/dev/null && pwd) || kp_die "KDIR=$1: no such directory"
	[ -f "$kdir/include/config/kernel.release" ] || kp_die \
		"KDIR=$kdir is no kernel build tree: build it first (include/config/kernel.release is missing)"
	release=$(<"$kdir/include/config/kernel.release")
	image=$kdir/arch/x86/boot/bzImage
	[ -f "$image" ] || kp_die "KDIR=$kdir has no arch/x86/boot/bzImage: run 'make bzImage' there"
	name=kdir-$release
	kp_kernel_write_env "$name" KP_RELEASE="$release" KP_IMAGE="$image" \
		KP_CONFIG="$kdir/.config" KP_ROOT="${KP_CHROOT:-}" KP_KDIR="$kdir" \
		KP_CC="${CC:-}" KP_PKG= KP_MODDIR="$kdir"
	printf '%s\n' "$name"
}

# kp_kernel_built_modules DIR: what a build tree has, laid out as installed.
kp_kernel_built_modules() {
	local dir=$1 file

	[ ! -f "$dir/.done" ] ||
		[ -n "$(find "$KP_MODDIR" -name '*.ko' -newer "$dir/.done" -print -quit)" ] ||
		return 0
	rm -rf "$dir"
	while read -r file; do
		mkdir -p "$dir/lib/modules/$KP_RELEASE/kernel/$(dirname "$file")"
		cp "$KP_MODDIR/$file" "$dir/lib/modules/$KP_RELEASE/kernel/$file" ||
			kp_die "cannot copy $KP_MODDIR/$file: is the disk full?"
	done < <(cd "$KP_MODDIR" && find . -name '*.ko' -printf '%P\n')
	mkdir -p "$dir/lib/modules/$KP_RELEASE"
	PATH=$PATH:/usr/sbin:/sbin depmod -b "$dir" "$KP_RELEASE" 2>/dev/null
	: >"$dir/.done"
}

# kp_kernel_modules NAME MODULE...: paths of the kernel's own modules, with
# those that they need first.
kp_kernel_modules() {
	local name=$1 dir deb debs file dep mod

	shift
	kp_kernel_load "$name"
	[ -n "$KP_PKG$KP_MODDIR" ] || kp_die "kernel $name was built without modules of its own"
	dir=$KP_CACHE/kernels/$name/modules-$KP_RELEASE
	[ -z "$KP_MODDIR" ] || kp_kernel_built_modules "$dir"
	if [ ! -f "$dir/.done" ]; then
		# shellcheck disable=SC2086 # a list
		debs=$(kp_apt_fetch $KP_PKG) || return
		rm -rf "$dir"
		mkdir -p "$dir/lib"
		for deb in $debs; do
			dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --no-same-owner \
				--transform='s,^\./usr/lib/modules,./lib/modules,' \
				--exclude='./usr/share' --exclude='./boot' ||
				kp_die "cannot extract the modules of $deb: is the disk full?"
		done
		PATH=$PATH:/usr/sbin:/sbin depmod -b "$dir" "$KP_RELEASE"
		: >"$dir/.done"
	fi
	for mod in "$@"; do
		PATH=$PATH:/usr/sbin:/sbin modprobe -d "$dir" -S "$KP_RELEASE" \
			--show-depends "$mod" 2>/dev/null | while read -r dep file _; do
			[ "$dep" = insmod ] && printf '%s\n' "$file"
		done
	done
}
