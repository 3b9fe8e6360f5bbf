# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Small kernels built from the distribution's linux-source package: the same
# sources and compiler as the stock kernel, but a config of our own (config/),
# so that CONFIG_LIVEPATCH can be off, or everything be checked.
#
# A kernel lives in $KP_CACHE/kernels/NAME/linux.  Its kernel.env is written
# last and removed first: whatever a killed build leaves behind is not taken
# for a kernel, and the next build goes on from there.

# Part of the cache key: raise it when the recipe below changes its result.
KP_KBUILD_RECIPE=1

# How far a kernel build steps back behind other work.
KP_NICE=${KP_NICE:-10}

# What make needs in the package root, besides the compiler.
KP_KBUILD_PACKAGES="dash make binutils libc6-dev bison flex m4 bc libelf-dev kmod cpio perl-base python3-minimal gzip bash coreutils diffutils findutils grep sed mawk hostname"

# Not unpacked: other architectures, documentation, tools that a kernel is not
# made with, and the sources (never the Kconfig and make files) of drivers and
# file systems that config/ has no use for.
KP_KBUILD_ARCHS="alpha arc arm arm64 c6x csky h8300 hexagon ia64 loongarch m68k microblaze mips nds32 nios2 openrisc parisc powerpc riscv s390 sh sparc um unicore32 xtensa"
KP_KBUILD_TOOLS="accounting bpf cgroup counting crypto debugging dma firewire firmware gpio hv iio laptop leds mm net nfsd pci perf power rcu sched sched_ext sound spi testing thermal tracing usb verification virtio vm"
KP_KBUILD_NOSRC="sound drivers/accel drivers/ata drivers/comedi drivers/crypto drivers/gpu drivers/hid drivers/hwmon drivers/iio drivers/infiniband drivers/input drivers/leds drivers/md drivers/media drivers/memory drivers/message drivers/mfd drivers/mmc drivers/mtd drivers/net/can drivers/net/dsa drivers/net/ethernet drivers/net/usb drivers/net/wireless drivers/nvme drivers/phy drivers/pinctrl drivers/power drivers/rapidio drivers/regulator drivers/s390 drivers/scsi drivers/soc drivers/soundwire drivers/spi drivers/staging drivers/target drivers/thunderbolt drivers/usb drivers/video fs/afs fs/bcachefs fs/btrfs fs/ceph fs/cifs fs/ext4 fs/f2fs fs/gfs2 fs/jfs fs/nfs fs/nfsd fs/ntfs fs/ntfs3 fs/ocfs2 fs/reiserfs fs/smb fs/ubifs fs/udf fs/xfs net/batman-adv net/bluetooth net/mac80211 net/netfilter net/sctp net/smc net/tipc net/wireless"

# kp_kbuild_fragments NAME: the files that make up its config, in order.
kp_kbuild_fragments() {
	local part parts

	printf '%s\n' "$KP_VM/config/base.config"
	IFS=- read -ra parts <<<"$1"
	for part in "${parts[@]}"; do
		printf '%s\n' "$KP_VM/config/$part.config"
	done
}

# kp_kbuild_cc SUITE: the compiler that this suite's kernels are built with.
kp_kbuild_cc() {
	case $1 in
	bullseye) echo gcc-10 ;;
	bookworm) echo gcc-12 ;;
	trixie) echo gcc-14 ;;
	*) kp_die "no compiler known for kernels of $1" ;;
	esac
}

# kp_kbuild_key NAME SOURCE CC: what the result depends on.
kp_kbuild_key() {
	local files

	mapfile -t files < <(kp_kbuild_fragments "$1")
	cat "${files[@]}" | { printf '%s\n' "$KP_KBUILD_RECIPE $2 $3" && cat; } |
		sha256sum | cut -c1-16
}

# kp_kbuild_cached NAME KEY: is this very kernel there?
kp_kbuild_cached() {
	local env

	env=$(kp_kernel_env_path "$1")
	[ -f "$env" ] || return 1
	(
		# shellcheck disable=SC1090
		. "$env"
		[ "${KP_KEY:-}" = "$2" ] && [ -s "$KP_IMAGE" ] && [ -s "$KP_CONFIG" ]
	)
}

# kp_kbuild_kernel NAME: have the small kernel NAME in the cache.
kp_kbuild_kernel() {
	local name=$1 suite source cc key pkg=linux-source-${1%%-*}

	suite=$(kp_kernel_suite "$name")
	cc=$(kp_kbuild_cc "$suite")
	kp_apt_update "$suite"
	source=$(kp_apt_version "$suite" "$pkg")
	[ -n "$source" ] || kp_die \
		"kernel $name: $(kp_apt_site debian) has no $pkg in $suite today"
	key=$(kp_kbuild_key "$name" "$source" "$cc")
	kp_kbuild_cached "$name" "$key" ||
		kp_lock "kernel-$name" kp_kbuild_locked "$name" "$suite" "$pkg" "$source" "$cc" "$key"
}

kp_kbuild_locked() {
	local name=$1 suite=$2 pkg=$3 source=$4 cc=$5 key=$6
	local tree=$KP_CACHE/kernels/$1/linux logs=$KP_CACHE/log/kernel-$1 mib=2000 start=$SECONDS bad

	# Somebody else may have built it while we waited for the lock.
	kp_kbuild_cached "$name" "$key" && return 0
	[[ $name != *-debug* ]] || mib=4000
	[ -e "$tree/.kp-source" ] || kp_need_space "$mib" "building kernel $name"
	rm -f "$(kp_kernel_env_path "$name")"
	# shellcheck disable=SC2086 # a list
	kp_root_ensure "$suite" "$suite" "$cc" $KP_KBUILD_PACKAGES || exit
	kp_kbuild_source "$name" "$suite" "$pkg" "$source" "$tree" "$logs"
	kp_kbuild_do "$name" "$logs" "configure kernel $name" configure \
		kp_kbuild_configure "$name" "$suite" "$cc" "$tree"
	bad=$(kp_kbuild_check_config "$tree/.kp-config" "$tree/.config") || kp_die \
		"kernel $name: these sources do not give the config that selftests/vm/config asks for: ${bad//$'\n'/; }"
	# 3 is the terminal while kp_step has stderr in the log.
	kp_kbuild_do "$name" "$logs" "build kernel $name (takes minutes)" build \
		kp_kbuild_watched "build kernel $name (takes minutes)" "$logs/build.log" \
		kp_kbuild_make "$suite" "$cc" "$tree" bzImage modules 3>&2
	kp_kbuild_finished "$name" "$tree"
	kp_kbuild_do "$name" "$logs" "shrink the tree of kernel $name" shrink \
		kp_kbuild_shrink "$tree"
	kp_kernel_write_env "$name" \
		KP_RELEASE="$(<"$tree/include/config/kernel.release")" \
		KP_IMAGE="$tree/arch/x86/boot/bzImage" KP_CONFIG="$tree/.config" \
		KP_ROOT="$suite" KP_KDIR="$tree" KP_CC="$cc" KP_PKG= KP_MODDIR= \
		KP_KEY="$key" KP_SOURCE="$pkg $source"
	kp_say "kernel $name is $(<"$tree/include/config/kernel.release") ($pkg $source, $cc), built in $((SECONDS - start)) s"
}

# kp_kbuild_do NAME LOGS LABEL LOG COMMAND...: one step of the build, or one
# sentence on why there will be no kernel.
kp_kbuild_do() {
	local name=$1 logs=$2 label=$3 log=$2/$4.log free

	shift 4
	kp_step "$label" "$log" "$@" && return 0
	free=$(df -Pm "$KP_CACHE" | awk 'NR == 2 { print $4 }')
	[ "${free:-0}" -ge 50 ] || kp_die \
		"kernel $name: the disk of $KP_CACHE is full: make room, then try again"
	kp_die "kernel $name cannot be built, see $log"
}

# kp_kbuild_source NAME SUITE PKG VERSION TREE LOGS: the sources, in place.
kp_kbuild_source() {
	local name=$1 suite=$2 pkg=$3 version=$4 tree=$5 logs=$6 deb

	[ "$(cat "$tree/.kp-source" 2>/dev/null)" = "$pkg $version $KP_KBUILD_RECIPE" ] && return 0
	deb=$(kp_apt_fetch "$suite" "$pkg") ||
		kp_die "kernel $name cannot be had: $pkg did not arrive, see above"
	rm -rf "${tree:?}" "$tree.new"
	mkdir -p "$tree.new"
	kp_kbuild_do "$name" "$logs" "unpack $pkg $version" unpack \
		kp_kbuild_unpack "$deb" "$pkg" "$tree.new"
	printf '%s\n' "$pkg $version $KP_KBUILD_RECIPE" >"$tree.new/.kp-source"
	mv "$tree.new" "$tree"
}

kp_kbuild_unpack() {
	local deb=$1 pkg=$2 to=$3 dir skip=()

	for dir in $KP_KBUILD_ARCHS; do
		skip+=(--exclude="$pkg/arch/$dir/*.[chS]")
	done
	for dir in $KP_KBUILD_TOOLS; do
		skip+=(--exclude="$pkg/tools/$dir")
	done
	for dir in $KP_KBUILD_NOSRC; do
		skip+=(--exclude="$pkg/$dir/*.[chS]")
	done
	skip+=(--exclude="$pkg/Documentation/*/*" --exclude="$pkg/LICENSES/*"
		--exclude='*.dts' --exclude='*.dtsi' --exclude='*.rst')
	(
		set -o pipefail
		dpkg-deb --fsys-tarfile "$deb" |
			tar -xO "./usr/src/$pkg.tar.xz" | xz -dc |
			tar -x -C "$to" --strip-components=1 --no-same-owner --anchored "${skip[@]}"
	)
}

# kp_kbuild_make SUITE CC TREE TARGET...
kp_kbuild_make() {
	local suite=$1 cc=$2 tree=$3

	shift 3
	kp_root_run "$suite" --bind "$tree" -- nice -n "$KP_NICE" make -j"$(nproc)" ARCH=x86_64 \
		CC="$cc" HOSTCC="$cc" KBUILD_BUILD_USER=livepatch-suite \
		KBUILD_BUILD_HOST="$suite" "$@"
}

# kp_kbuild_last_wins FILE...: each option as the last one of the files has it
kp_kbuild_last_wins() {
	awk -F= '/^CONFIG_/ { if (!($1 in value)) order[++n] = $1; value[$1] = $0 }
		END { for (i = 1; i <= n; i++) print value[order[i]] }' "$@"
}

kp_kbuild_configure() {
	local name=$1 suite=$2 cc=$3 tree=$4 files

	mapfile -t files < <(kp_kbuild_fragments "$name")
	{
		kp_kbuild_last_wins "${files[@]}"
		printf 'CONFIG_LOCALVERSION="-%s"\n' "${name#*-}"
	} >"$tree/.kp-config" || return
	kp_kbuild_make "$suite" "$cc" "$tree" KCONFIG_ALLCONFIG=.kp-config allnoconfig &&
		kp_kbuild_make "$suite" "$cc" "$tree" olddefconfig
}

# kp_kbuild_check_config WANTED CONFIG: print what was asked for and is not
# there.  Kconfig itself drops silently what it cannot give.
kp_kbuild_check_config() {
	local line option bad=0

	while IFS= read -r line; do
		[[ $line == CONFIG_* ]] || continue
		option=${line%%=*}
		if [ "${line#*=}" = n ]; then
			grep -q "^$option=" "$2" || continue
		else
			! grep -qxF "$line" "$2" || continue
		fi
		printf '%s (got: %s)\n' "$line" \
			"$(grep -E "^(# )?$option(=| is not set)" "$2" || echo "no such option, or not offered")"
		bad=1
	done <"$1"
	return "$bad"
}

# kp_kbuild_watched LABEL LOG COMMAND...: run COMMAND; who watches on a
# terminal (fd 3) sees how many objects the log says there are.
kp_kbuild_watched() {
	local label=$1 log=$2 watcher rc=0

	shift 2
	if [ ! -t 3 ] || [ "${KP_QUIET:-0}" = 1 ] || [ "${V:-0}" = 1 ]; then
		"$@" 3>&-
		return
	fi
	while sleep 1; do
		printf '\r  %-44s%6d objects' "$label" "$(grep -cE '^  (CC|AS|LD) ' "$log")" >&3
	done &
	watcher=$!
	"$@" 3>&- || rc=$?
	kill "$watcher"
	wait "$watcher" 2>/dev/null
	return "$rc"
}

# kp_kbuild_finished NAME TREE: is all there that a run and a module need?
kp_kbuild_finished() {
	local name=$1 tree=$2 file

	for file in arch/x86/boot/bzImage vmlinux System.map scripts/mod/modpost \
		scripts/module.lds include/config/kernel.release include/generated/autoconf.h; do
		[ -s "$tree/$file" ] || kp_die "kernel $name: the build left no $file"
	done
	grep -q "	vmlinux	EXPORT_SYMBOL" "$tree/Module.symvers" || kp_die \
		"kernel $name: Module.symvers lists no symbol of the kernel, modules would not load"
}

# What modules are built with stays, and vmlinux and the sources to look
# things up; objects go.
kp_kbuild_shrink() {
	find "$1" -type f -not -path "$1/scripts/*" \
		\( -name '*.o' -o -name '*.a' -o -name '.*.cmd' -o -name '*.mod' -o -name '.tmp_*' \
		-o -name '*.order' -o -name '*.relocs' -o -name 'vmlinux.bin*' -o -name 'vmlinux.symvers' \) \
		-delete
}
