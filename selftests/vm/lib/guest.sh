# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# The guest's root file system: an initramfs made of packages, so that a
# kernel needs no driver but an initrd and a serial port to run tests.

# What the guest has.  Fixed to one suite: the tests see the same user space
# on every kernel.
KP_GUEST_SUITE=bookworm
KP_GUEST_PACKAGES="bash busybox-static coreutils diffutils findutils gawk grep kmod mount procps sed util-linux"
# What is left out of those packages.
KP_GUEST_DROP="usr/share/doc usr/share/man usr/share/locale usr/share/info usr/share/bash-completion usr/share/i18n usr/share/zoneinfo usr/lib/systemd usr/share/bug usr/share/lintian usr/share/perl5 usr/lib/x86_64-linux-gnu/gconv usr/lib/x86_64-linux-gnu/perl-base usr/lib/x86_64-linux-gnu/perl usr/lib/x86_64-linux-gnu/perl5 usr/share/perl usr/bin/perl usr/bin/perl5.36.0 usr/lib/x86_64-linux-gnu/libperl.so.5.36.0 usr/lib/x86_64-linux-gnu/libperl.so.5.36 usr/lib/x86_64-linux-gnu/libdb-5.3.so var etc/systemd usr/lib/udev usr/share/common-licenses .kp"

# kp_guest_base: path of the base archive, made once.
kp_guest_base() {
	local key out

	key=$(printf '%s\n' "$KP_GUEST_SUITE $KP_GUEST_PACKAGES $KP_GUEST_DROP" |
		cat - "$KP_VM/guest-init" | sha256sum | cut -c1-16)
	out=$KP_CACHE/guest/base-$key.cpio
	# shellcheck disable=SC2086 # a list
	[ -f "$out" ] || {
		kp_root_ensure guest "$KP_GUEST_SUITE" $KP_GUEST_PACKAGES
		kp_lock guest kp_guest_base_make "$out"
	} || return
	printf '%s\n' "$out"
}

kp_guest_base_make() {
	local out=$1 dir tmp drop

	[ -f "$out" ] && return 0
	dir=$(kp_root_dir guest)
	mkdir -p "${out%/*}"
	tmp=$(mktemp -d "${out%/*}/tmp.XXXXXX") || return
	kp_step "guest file system" "$KP_CACHE/log/guest.log" \
		cp -a "$dir/." "$tmp/" || return
	for drop in $KP_GUEST_DROP; do
		rm -rf "${tmp:?}/$drop"
	done
	mkdir -p "$tmp"/{proc,sys,dev,tmp,run,var/tmp,etc,mnt,opt}
	ln -sf gawk "$tmp/usr/bin/awk"
	[ -e "$tmp/usr/bin/sh" ] || ln -s bash "$tmp/usr/bin/sh"
	printf 'root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534::/:/bin/false\n' >"$tmp/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$tmp/etc/group"
	install -m 755 "$KP_VM/guest-init" "$tmp/init"
	rm -f "${out%/*}"/base-*.cpio
	kp_guest_cpio "$tmp" "$out.new" && mv "$out.new" "$out"
	rm -rf "$tmp"
}

# kp_guest_cpio DIR OUT: an archive of DIR that an initramfs may start with
# or be continued by.
kp_guest_cpio() {
	(cd "$1" && find . -mindepth 1 -print0 | LC_ALL=C sort -z |
		cpio --quiet -0 -o -H newc -R 0:0) >"$2" ||
		kp_die "cannot write $2: is the disk full?"
}

# kp_guest_overlay DIR SRC[:DST]: have SRC (a file or directory of the host)
# in the guest, under DST or its own path.
kp_guest_overlay() {
	local dir=$1 src=${2%%:*} dst=${2#*:}

	[ -e "$src" ] || kp_die "--add $2: there is no $src"
	dst=$dir/${dst#/}
	mkdir -p "$(dirname "$dst")"
	if [ -d "$src" ]; then
		mkdir -p "$dst"
		cp -a "$src/." "$dst/"
	else
		cp -a "$src" "$dst"
	fi
}
