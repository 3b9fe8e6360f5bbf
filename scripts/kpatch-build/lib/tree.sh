# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# The source tree of exactly the kernel's version, configured as it was and
# prepared once, in the cache.  Sets tree, tree_objs and lists.

# What the kernel's host tools are made with, beside its compiler.
KPB_TREE_PACKAGES="dash patch make binutils libc6-dev bison flex m4 bc libelf-dev libssl-dev zlib1g-dev kmod cpio perl-base python3-minimal gzip bash coreutils diffutils findutils grep sed mawk hostname dwarves"

# Not unpacked: what objects of an x86 kernel are never made from (but all
# that Kconfig reads).
KPB_TREE_SKIP="alpha arc arm arm64 c6x csky h8300 hexagon ia64 loongarch m68k microblaze mips nds32 nios2 openrisc parisc powerpc riscv s390 sh sparc unicore32 xtensa"

# kpb_tree_find: where the tree is or will be.
kpb_tree_find() {
	local key

	if [ -n "$opt_sourcedir" ]; then
		tree=$opt_sourcedir
		[ -f "$tree/kernel/sched/core.c" ] || kpb_fail "$KPB_ERROR" \
			"--sourcedir $tree is no kernel source tree"
		kernel_source=$tree
	else
		[ -n "$kernel_version" ] || kpb_fail "$KPB_ERROR" \
			"$kernel_image does not name its source version: give --sourcedir"
		kernel_source=$(sed -E 's/^([0-9]+\.[0-9]+).*/linux-source-\1/' <<<"$kernel_version")
	fi
	# somebody else's tree has one config at a time, see kpb_tree_ready
	key=$({
		printf '%s\n' "$kernel_source" "$kernel_version" "$kernel_cc" "$kernel_root" "$kernel_headers"
		[ -n "$opt_sourcedir" ] || cat "$kernel_config"
	} | sha256sum | cut -c1-12)
	tree_home=$KP_CACHE/patch/$kernel_release-$key
	tree_objs=$tree_home/objs
	[ -z "$opt_oot" ] || {
		kpb_oot_find
		return 0
	}
	[ -n "$opt_sourcedir" ] || tree=$tree_home/linux
	lists=$tree_home/lists
	mkdir -p "$tree_objs" || kpb_fail "$KPB_ERROR" "cannot write to the cache $KP_CACHE"
}

# A tree of one's own can be configured or cleaned by its owner: "prepared" is
# the config that it was prepared with, and "wanted" what that was made of.
kpb_tree_ready() {
	[ -f "$tree_home/prepared" ] || return 1
	[ -z "$opt_sourcedir" ] || {
		cmp -s "$tree_home/prepared" "$tree/.config" &&
			[ -f "$tree/include/generated/autoconf.h" ] &&
			{ cmp -s "$kernel_config" "$tree/.config" || cmp -s "$kernel_config" "$tree_home/wanted"; }
	}
}

# Is it still what this run has compiled?
kpb_tree_unchanged() {
	local obj

	kpb_tree_ready || return 1
	while read -r obj; do
		! kpb_outdated "$obj" || return 1
	done <"$work/objects.built"
}

# Is the config there its owner's, and not what this program once put there?
kpb_config_owned() {
	[ -n "$opt_sourcedir" ] && [ -f "$opt_sourcedir/.config" ] &&
		! cmp -s "$opt_sourcedir/.config" "$opt_sourcedir/.config.kpatch-build"
}

# Step: unpack the source package of exactly this version.
kpb_tree_unpack() {
	local deb skip=() arch

	[ ! -f "$tree/Kbuild" ] || return 0
	kp_need_space 2200 "the source of $kernel_release"
	deb=$(kpb_tree_archive) || exit
	rm -rf "${tree:?}.new"
	mkdir -p "$tree.new"
	for arch in $KPB_TREE_SKIP; do
		skip+=(--exclude="*/arch/$arch/*."{c,h,S,dts,dtsi,txt}
			--exclude="*/arch/$arch/configs")
	done
	dpkg-deb --fsys-tarfile "$deb" |
		tar -xO --wildcards './usr/src/linux-source-*.tar.*' |
		xz -dc -T0 |
		tar -x -C "$tree.new" --strip-components=1 "${skip[@]}" \
			--exclude='*/Documentation/*.rst' --exclude='*/Documentation/devicetree' \
			--exclude='*/tools/testing' --exclude='*/tools/perf' ||
		kpb_why "$KPB_ERROR" "the source of $kernel_release could not be unpacked into $tree"
	mv "$tree.new" "$tree"
}

# The mirror has several point releases: fetch the image's own.
kpb_tree_archive() {
	local dir=$KP_CACHE/apt/$kernel_root/archives file

	file=$dir/${kernel_source}_${kernel_version//:/%3a}_all.deb
	if [ ! -f "$file" ]; then
		kp_apt_update "$kernel_root"
		(cd "$dir" && kp_apt "$kernel_root" apt-get -q download \
			"$kernel_source=$kernel_version") >&2 || kpb_why "$KPB_ERROR" \
			"$kernel_source $kernel_version, the source of $kernel_release, is not on the mirror (any more): give --sourcedir"
	fi
	printf '%s\n' "$file"
}

# Step: configure and prepare.
kpb_tree_prepare() {
	# shellcheck disable=SC2086 # a list
	[ -z "$kernel_root" ] ||
		kp_root_ensure "$kernel_root" "$kernel_root" "$kernel_cc" $KPB_TREE_PACKAGES
	kpb_tree_ready || kpb_tree_configure
}

kpb_tree_configure() {
	local owned=0

	kpb_compiler_check
	rm -f "$tree_home/prepared"
	cp "$kernel_config" "$tree_home/wanted"
	! kpb_config_owned || {
		if cmp -s "$tree_home/wanted" "$tree/.config"; then
			owned=1
		else
			kpb_config_aside "$tree/.config"
		fi
	}
	# whenever this ends, what the owner had is there or aside
	[ "$owned" = 1 ] || [ -z "$opt_sourcedir" ] || cp "$tree_home/wanted" "$tree/.config.kpatch-build"
	[ "$owned" = 1 ] || cp "$tree_home/wanted" "$tree/.config"
	# The signing key belongs to who built the kernel; no object needs it.
	[ -n "$opt_sourcedir" ] || kpb_run ./scripts/config --set-str SYSTEM_TRUSTED_KEYS "" \
		--set-str MODULE_SIG_KEY "certs/signing_key.pem"
	kpb_make olddefconfig
	if [ "$owned" = 1 ]; then
		cmp -s "$tree_home/wanted" "$tree/.config" || kpb_config_aside "$tree_home/wanted"
		rm -f "$tree/.config.kpatch-build"
	elif [ -n "$opt_sourcedir" ]; then
		cp "$tree/.config" "$tree/.config.kpatch-build"
	fi
	kpb_tree_config_same
	kpb_make -j"$opt_jobs" modules_prepare
	[ "$kernel_symvers" -ef "$tree/Module.symvers" ] ||
		cp "$kernel_symvers" "$tree/Module.symvers"
	cp "$tree/.config" "$tree_home/prepared"
}

# kpb_config_aside FILE: what its owner had there
kpb_config_aside() {
	cp --backup=numbered "$1" "$tree/.config.before-kpatch-build"
	kpb_progress_line "what was $tree/.config is $tree/.config.before-kpatch-build now"
}

# A kernel that was built outside of its source tree has names of headers in its
# strings that lack the "./" which they have in this one (from 6.14 on; before,
# it was taken away everywhere).
kpb_make() {
	local cppflags=${KCPPFLAGS:-}

	[ "$kernel_headers" != include/ ] || ! grep -q macro-prefix-map "$tree/Makefile" ||
		cppflags+=" -fmacro-prefix-map=./="
	kpb_run make ${cppflags:+KCPPFLAGS="$cppflags"} CC="$kernel_cc" HOSTCC="$kernel_cc" \
		KERNELRELEASE="$kernel_release" LOCALVERSION= \
		KBUILD_BUILD_USER=kpatch KBUILD_BUILD_HOST=kpatch "$@"
}

# A config that the tree could not keep would compile other code.
kpb_tree_config_same() {
	local lost

	lost=$(diff <(kpb_config_lines "$tree_home/wanted") <(kpb_config_lines "$tree/.config") |
		sed -n 's/^[<>] //p' | head -n 12 | tr '\n' ' ') || true
	[ -z "$lost" ] || printf 'warning: the config changed: %s\n' "$lost"
}

kpb_config_lines() {
	grep '^CONFIG_' "$1" | grep -vE \
		'^CONFIG_(CC_VERSION_TEXT|SYSTEM_TRUSTED_KEYS|MODULE_SIG_KEY|MODULE_SIG_ALL|BUILD_SALT|PAHOLE_VERSION)=' |
		sort
}

# The version text in the config is what the kernel was compiled with.
kpb_compiler_check() {
	local want have

	[ "$opt_skip_compiler" = 0 ] || return 0
	want=$(sed -nE 's/^CONFIG_CC_VERSION_TEXT="[^ ]+ (.*)"/\1/p' "$kernel_config")
	have=$(kp_root_run "$kernel_root" -- "$kernel_cc" --version | sed -nE '1s/^[^ ]+ (.*)/\1/p') || true
	[ -n "$have" ] || kpb_why "$KPB_ERROR" \
		"the compiler $kernel_cc is not there: install it, or set CC="
	[ -z "$want" ] || [ "$want" = "$have" ] || kpb_why "$KPB_ERROR" \
		"the kernel was compiled with \"$want\", $kernel_cc here is \"$have\": use that compiler (CC=), or --skip-compiler-check"
}

# For tests and benchmarks: where the tree is, which .c files of those on
# standard input it builds, or make these targets in it.
kpb_tree_tell() {
	case $opt_print_tree in
	tree) printf '%s\n' "$tree" ;;
	built)
		kpb_shared kpb_built | sed 's/\.o$/.c/'
		;;
	make)
		# shellcheck disable=SC2086 # targets
		printf '%s\n' $opt_make | kpb_shared kpb_goals | cut -d' ' -f2- | kpb_make_goals
		;;
	esac
}
