# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Package roots: a directory into which packages of one suite (the kernel's
# own compiler, make, headers, ...) are extracted, not installed, and in which
# commands run by chroot in a mount namespace of their own.  Nothing stays
# mounted when a command is killed, and no maintainer script runs.

# What every root has beside the compiler: what the kernel's build calls.
# shellcheck disable=SC2034 # for kernels.sh
KP_ROOT_TOOLS="bash dash coreutils diffutils findutils gawk grep libc6-dev make perl-base sed"

kp_root_dir() {
	printf '%s\n' "$KP_CACHE/root/$1"
}

# kp_root_ensure ROOT SUITE PACKAGE...: have these packages (and what they
# depend on) in that root.
kp_root_ensure() {
	local root=$1 suite=$2 stamp

	shift 2
	stamp=$(kp_root_dir "$root")/.kp/$(printf '%s\n' "$suite" "$@" | sha256sum | cut -c1-16)
	[ -f "$stamp" ] && return 0
	kp_apt_update "$suite" || return
	kp_lock "root-$root" kp_root_fill "$root" "$suite" "$stamp" "$@"
}

kp_root_fill() {
	local dir suite=$2 stamp=$3 name version file list d

	dir=$(kp_root_dir "$1")
	shift 3
	kp_need_space 1500 "a package root"
	mkdir -p "$dir"/{.kp,proc,dev,tmp,root,usr/bin,usr/sbin,usr/lib,usr/lib64}
	chmod 1777 "$dir/tmp"
	for d in bin sbin lib lib64; do
		[ -e "$dir/$d" ] || ln -s "usr/$d" "$dir/$d"
	done
	list=$(kp_apt_closure "$suite" "$@") ||
		kp_die "cannot get packages of $suite ($*): check the network and the free disk space"
	[ -n "$list" ] || kp_die "no packages of $suite resolve for: $*"
	while read -r name version file; do
		grep -qxF "$name $version" "$dir/.kp/packages" 2>/dev/null && continue
		dpkg-deb --fsys-tarfile "$file" |
			tar -x --keep-directory-symlink --no-same-owner -C "$dir" ||
			kp_die "cannot extract $file into $dir: is the disk full?"
		printf '%s %s\n' "$name" "$version" >>"$dir/.kp/packages"
	done <<<"$list"
	kp_root_links "$dir"
	: >"$stamp"
}

# What the packages' maintainer scripts would have linked.
kp_root_links() {
	local dir=$1

	[ -e "$dir/usr/bin/awk" ] || [ ! -e "$dir/usr/bin/gawk" ] ||
		ln -s gawk "$dir/usr/bin/awk"
	[ -e "$dir/usr/bin/sh" ] || [ ! -e "$dir/usr/bin/dash" ] ||
		ln -s dash "$dir/usr/bin/sh"
	[ -e "$dir/usr/bin/cc" ] || [ ! -e "$dir/usr/bin/gcc" ] ||
		ln -s gcc "$dir/usr/bin/cc"
}

# kp_root_run ROOT [--scratch] [--bind DIR]... -- COMMAND...: run COMMAND
# inside the root (ROOT empty: on the host).  Each DIR is there under its own
# path; the command starts in the first of them.  With --scratch what the
# command changes in the root is gone afterwards.
kp_root_run() {
	local root=$1 scratch=0 binds=()

	shift
	while [ "$1" != -- ]; do
		case $1 in
		--bind)
			binds+=("$2")
			shift
			;;
		--scratch) scratch=1 ;;
		esac
		shift
	done
	shift
	if [ -z "$root" ]; then
		(cd "${binds[0]:-/}" && LC_ALL=C "$@")
		return
	fi
	local ns=(unshare --mount --propagation private)
	[ "$(id -u)" = 0 ] || ns=(unshare --map-root-user --mount)
	# shellcheck disable=SC2016 # expanded by the inner shell
	"${ns[@]}" bash -c '
		set -e
		root=$1 scratch=$2 n=$3
		shift 3
		if [ "$scratch" = 1 ]; then
			tmp=$root/.kp/scratch
			mkdir -p "$tmp"
			mount -t tmpfs tmpfs "$tmp"
			mkdir "$tmp/upper" "$tmp/work" "$tmp/root"
			mount -t overlay overlay -o \
				"lowerdir=$root,upperdir=$tmp/upper,workdir=$tmp/work" "$tmp/root"
			root=$tmp/root
		fi
		for dir in /proc /dev "${@:1:n}"; do
			mkdir -p "$root$dir"
			mount --rbind "$dir" "$root$dir"
		done
		start=/
		[ "$n" = 0 ] || start=$1
		shift "$n"
		exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			HOME=/root LC_ALL=C TERM="${TERM:-dumb}" \
			/bin/bash -c '\''cd "$0" && exec "$@"'\'' "$start" "$@"
	' kp_root_run "$(kp_root_dir "$root")" "$scratch" "${#binds[@]}" "${binds[@]}" "$@"
}
