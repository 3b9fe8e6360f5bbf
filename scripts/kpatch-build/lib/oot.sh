# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# A module that is not the kernel's own: its source is copied, built once
# against the kernel's headers, and takes the place of the kernel's tree.

kpb_oot_find() {
	oot_source=$(cd "$opt_oot_src" && pwd)
	tree=$tree_home/oot-$(printf '%s\n' "$oot_source" | sha256sum | cut -c1-12)/src
	tree_objs=${tree%/src}/objs
	mkdir -p "$tree" "$tree_objs"
}

# Step: the source, without what somebody built in it.
kpb_oot_copy() {
	kp_need_tools rsync:rsync
	rsync -a --delete --exclude='*.o' --exclude='*.ko' --exclude='*.mod' \
		--exclude='*.mod.c' --exclude='.*.cmd' --exclude='.*.d' --exclude='.git' \
		--exclude='Module.symvers' --exclude='modules.order' "$oot_source/" "$tree/"
	# originals of another state of the source
	kpb_oot_sums >"${tree%/src}/sums.new"
	if ! cmp -s "${tree%/src}/sums.new" "${tree%/src}/sums"; then
		rm -rf "${tree_objs:?}"/*
		find "$tree" \( -name '*.o' -o -name '.*.cmd' \) -delete
		mv "${tree%/src}/sums.new" "${tree%/src}/sums"
	fi
}

# What the build makes (.mod.c) is no source.
kpb_oot_sums() {
	(cd "$tree" && find . -name '*.[chS]' ! -name '*.mod.c' -print0 | sort -z | xargs -0 sha256sum)
}

# Step: build it as its author did.
kpb_oot_build() {
	# shellcheck disable=SC2086 # a list
	[ -z "$kernel_root" ] ||
		kp_root_ensure "$kernel_root" "$kernel_root" "$kernel_cc" $KPB_TREE_PACKAGES
	kpb_run make -C "$kernel_kdir" M="$tree" CC="$kernel_cc" -j"$opt_jobs" \
		DEBUG_CFLAGS= CONFIG_DEBUG_INFO_BTF_MODULES= modules || kpb_why "$KPB_COMPILE" \
		"the unpatched source in $opt_oot_src does not compile for $kernel_release"
	cat "$kernel_symvers" "$tree/Module.symvers" >"$tree_objs/Module.symvers"
}

# Objects that may depend on one of the changed files: all that were built.
kpb_oot_objects() {
	kpb_oot_made c
}

# kpb_oot_made c|S: the objects of C, or those of assembly. (What is beside them does
# not tell: there may be a source of each kind, and one that is not compiled.)
kpb_oot_made() {
	local file

	(cd "$tree" && find . -name '.*.o.cmd' -printf '%P\n') |
		sed -nE 's,(^|.*/)\.([^/]*\.o)\.cmd$,\1\2,p' | grep -v '\.mod\.o$' |
		while read -r file; do
			[[ $(kpb_source "$file") != *."$1" ]] || printf '%s\n' "$file"
		done
}
