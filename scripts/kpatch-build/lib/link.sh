# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# From changed objects to a patch module.

# Step: what changed in each object, as objects for the module; the names of
# the functions go to $work/functions.
kpb_diff() {
	local obj rc out others n=0 refused='' symvers=$tree/Module.symvers

	[ -z "$opt_oot" ] || symvers=$tree_objs/Module.symvers
	rm -rf "$work/diff"
	mkdir -p "$work/diff"
	: >"$work/functions"
	: >"$work/parents"
	: >"$work/warnings"
	while read -r obj; do
		out=$work/diff/$(kpb_flat "$obj")
		rc=0
		# shellcheck disable=SC2086 # a list of flags
		"$bin/create-diff-object" ${KPATCH_DIFF_FLAGS:-} -c "$opt_core" -s "$(kpb_sizes_object)" \
			"$tree_objs/$obj" "$work/patched/$obj" "$(kpb_parent "$obj")" \
			"$work/proof/$(kpb_flat "$obj").symtab" "$symvers" \
			"${opt_name//-/_}" "$out" >"$out.log" 2>"$out.err" || rc=$?
		cat "$out.log" "$out.err"
		sed -n "s|^create-diff-object: warning: |$obj: |p" "$out.err" >>"$work/warnings"
		case $rc in
		0)
			others=$(kpb_parents "$obj" | paste -sd' ')
			if [ -z "$opt_oot" ] && [[ $others == *' '* ]]; then
				refused+="$obj changes, and is part of several modules ($others), each of which has a copy of its own: make the change in code that only one has; "
				continue
			fi
			n=$((n + 1))
			kpb_parent "$obj" >>"$work/parents"
			sed -n 's/^create-diff-object: changed function: //p' "$out.log" >>"$work/functions"
			;;
		2) refused+="$(grep -m 3 'cannot be live-patched' "$out.err" |
			sed "s|^create-diff-object: |$obj: |"); " ;;
		3) ;;
		*) kpb_why "$KPB_ERROR" "$obj: $(grep -m 1 error "$out.err" || echo "create-diff-object ended with status $rc")" ;;
		esac
	done <"$work/objects.built"
	[ -z "$refused" ] || {
		: >"$work/warnings"
		kpb_why "$KPB_REFUSED" "${refused%; }"
	}
	[ "$n" -gt 0 ] || kpb_why "$KPB_NOCHANGE" \
		"the patch changes no function of $kernel_release: nothing to do"
}

kpb_sizes_object() {
	printf '%s/sizes-%s.o\n' "$tree_home" "$(kpb_sha "$here/sizes-probe.c")"
}

# Entry sizes of the kernel's special sections, from its own headers, once.
kpb_sizes() {
	local cmd object binds=(--bind "$tree" --bind "$tree_home")

	object=$(kpb_sizes_object)
	[ ! -f "$object" ] || return 0
	cp "$here/sizes-probe.c" "$tree_home/sizes-probe.c"
	cmd=$(kpb_command "$(head -n 1 "$work/objects.built")" "$tree_home/sizes.tmp.o" |
		sed -nE '2p; 3s/ [^ ]+\.c *$//p')
	# a module of others is compiled in the headers' folder
	[ -z "$opt_oot" ] || [ -z "$kernel_kdir_outside" ] || binds+=(--bind "$kernel_kdir")
	kp_root_run "$kernel_root" "${binds[@]}" -- sh -ec "$cmd $tree_home/sizes-probe.c"
	mv "$tree_home/sizes.tmp.o" "$object"
}

kpb_c_string() {
	local s=${1//\\/\\\\}

	printf '"%s"' "${s//\"/\\\"}"
}

# What modinfo tells about the patch.
kpb_modinfo() {
	local funcs parents

	funcs=$(sort -u "$work/functions" | tr '\n' ' ')
	parents=$(sort -u "$work/parents" | tr '\n' ' ')
	printf 'MODULE_VERSION(%s);\n' "$(kpb_c_string "$opt_version")"
	printf 'MODULE_DESCRIPTION(%s);\n' \
		"$(kpb_c_string "live patch for $kernel_release made by kpatch-build")"
	printf 'MODULE_INFO(kpatch_name, %s);\n' "$(kpb_c_string "$opt_name")"
	printf 'MODULE_INFO(kpatch_target, %s);\n' "$(kpb_c_string "$kernel_release")"
	printf 'MODULE_INFO(kpatch_build_id, %s);\n' "$(kpb_c_string "$kernel_build_id")"
	printf 'MODULE_INFO(kpatch_diff_sha256, %s);\n' \
		"$(kpb_c_string "$(cat "$work"/patches/* | sha256sum | cut -c1-64)")"
	printf 'MODULE_INFO(kpatch_objects, %s);\n' "$(kpb_c_string "${parents% }")"
	printf 'MODULE_INFO(kpatch_functions, %s);\n' "$(kpb_c_string "${funcs% }")"
}

# Step: link the module with the kernel's own headers.
kpb_link() {
	local dir=$work/module obj n=0 glue=livepatch-glue objs

	if [ "$opt_core" = klp ]; then
		kpb_link_klp_fits
	else
		glue=kpatch-glue
	fi
	# names that no module can have, which is made in the same folder
	objs=_glue.o

	rm -rf "$dir"
	mkdir -p "$dir"
	kpb_link_glue "$glue"
	kpb_link_object "$work/glue/$glue.o" "$dir/_glue.o"
	for obj in "$work"/diff/*.o; do
		n=$((n + 1))
		kpb_link_object "$obj" "$dir/_diff-$n.o"
		objs+=" _diff-$n.o"
	done
	kpb_link_object "$work/glue/$glue-end.o" "$dir/_end.o"
	printf 'obj-m := %s.o\n%s-y := %s _end.o\n' \
		"$opt_name" "$opt_name" "$objs" >"$dir/Kbuild"
	# all objects have seen objtool, which refuses to see them again
	# shellcheck disable=SC2046 # none or one
	kpb_module_make "$dir" objtool=true $(kpb_link_core_flags) modules || kpb_why "$KPB_ERROR" \
		"the module does not link: $(grep -m 1 -E 'ERROR|error|undefined' "$kpb_log" || echo 'see the log')"
	[ "$opt_core" = klp ] || {
		cp "$dir/$opt_name.ko" "$work/$opt_name.ko"
		return 0
	}
	"$bin/create-klp-module" "$dir/$opt_name.ko" "$work/$opt_name.ko.new" || kpb_why \
		"$KPB_ERROR" "create-klp-module failed"
	mv "$work/$opt_name.ko.new" "$work/$opt_name.ko"
}

# See create-klp-module: relocations have to be applied while a module loads.
kpb_link_klp_fits() {
	local header=$tree/include/linux/livepatch.h

	[ ! -f "$header" ] || grep -q klp_apply_section_relocs "$header" || kpb_why "$KPB_REFUSED" \
		"the livepatch core of $kernel_release relocates patches too late for this tool (mainline before 5.8): build for kpatch.ko with --core kpatch"
}

# Ready objects have no source and no rule; modpost wants to see a command.
kpb_link_object() {
	cp "$1" "$2"
	printf 'cmd_%s := cp\n' "$2" >"$(kpb_cmd_file "$2")"
}

# The module's own code.  Each file is a module by itself here: where objtool
# waits for the linked module (IBT), that makes it run on the file.
kpb_link_glue() {
	local dir=$work/glue glue=$1 replace=true

	[ "$opt_replace" = 1 ] || replace=false
	rm -rf "$dir"
	# 3.10 makes that folder only for whole modules, and needs it for objects
	mkdir -p "$dir/.tmp_versions"
	cp "$here"/*-glue*.[ch] "$here"/kpatch-intermediate.h "$dir"
	[ "$opt_core" = klp ] || cp "$top/core/kpatch.h" "$dir"
	kpb_modinfo >"$dir/kpatch-modinfo.h"
	cat >"$dir/Kbuild" <<-EOK
		obj-m := $glue.o $glue-end.o
		ccflags-y += -DKPATCH_MODINFO -DKPATCH_REPLACE=$replace -I\$(src)
		ccflags-y += -DKPATCH_CHECKSUM='"$(cat "$work"/patches/* | sha256sum | cut -c1-16)"'
	EOK
	kpb_module_make "$dir" "$glue.o" "$glue-end.o" || kpb_why \
		"$KPB_ERROR" "the module's own code does not compile: $(grep -m 1 -E 'error' "$kpb_log" || echo 'see the log')"
}

# Step, for kpatch.ko: compile it, once a kernel, for the versions of its
# exports, which a kernel with CONFIG_MODVERSIONS compares.
kpb_core() {
	local dir=$tree_home/core core

	[ -f "$top/core/kpatch.h" ] || kpb_why "$KPB_ERROR" \
		"core/kpatch.h, the interface of kpatch.ko, is not there"
	core=$(cd "$top/core" && find . -name '*.[chS]' -o -name 'Kbuild*' | sort | xargs cat | sha256sum)
	[ "$core" != "$(cat "$dir.made" 2>/dev/null)" ] || return 0
	rm -rf "$dir" "$dir.made"
	cp -r "$top/core" "$dir"
	# nothing of another kernel's build
	find "$dir" \( -name '*.o' -o -name '.*.cmd' -o -name '*.mod*' \) -delete
	rm -rf "$dir/compat/generated"
	kpb_module_make "$dir" modules || kpb_why "$KPB_ERROR" \
		"kpatch.ko does not compile for $kernel_release: $(grep -m 1 -E 'error' "$kpb_log" || echo 'see the log')"
	printf '%s\n' "$core" >"$dir.made"
}

kpb_link_core_flags() {
	[ "$opt_core" = klp ] || echo "KBUILD_EXTRA_SYMBOLS=$tree_home/core/Module.symvers"
}

kpb_module_make() {
	local dir=$1 binds=(--bind "$1")

	shift
	[ "$opt_core" = klp ] || binds+=(--bind "$tree_home")
	[ -z "$kernel_kdir_outside" ] || binds+=(--bind "$kernel_kdir")
	kp_root_run "$kernel_root" "${binds[@]}" -- make -C "$kernel_kdir" M="$dir" \
		CC="$kernel_cc" KERNELRELEASE="$kernel_release" CONFIG_DEBUG_INFO_BTF_MODULES= \
		-j"$opt_jobs" "$@"
}

# Step, instead of all others: a .c file that is a livepatch already.
kpb_build_source() {
	local dir=$work/module

	rm -rf "$dir"
	mkdir -p "$dir"
	# what it may include from beside itself
	find "$(dirname "$opt_livepatch_source")" -maxdepth 1 -name '*.h' -exec cp -t "$dir" {} +
	cp "$opt_livepatch_source" "$dir/$opt_name.c"
	printf 'obj-m := %s.o\n' "$opt_name" >"$dir/Kbuild"
	: >"$work/functions"
	kpb_module_make "$dir" modules || kpb_why "$KPB_COMPILE" \
		"$opt_livepatch_source does not compile: $(grep -m 1 'error' "$kpb_log" || echo 'see the log')"
	grep -aq 'livepatch=Y' "$dir/$opt_name.ko" || kpb_why "$KPB_ERROR" \
		"$opt_livepatch_source is no livepatch: it has no MODULE_INFO(livepatch, \"Y\")"
	cp "$dir/$opt_name.ko" "$work/$opt_name.ko"
}

# The module, signed if it is to be.
kpb_result() {
	if [ -n "$opt_sign_key" ]; then
		printf '%s\n' "$work/signed/$opt_name.ko"
	else
		printf '%s\n' "$work/$opt_name.ko"
	fi
}

# Step: a signed copy.
kpb_sign() {
	local tool=$tree/scripts/sign-file hash dir=$work/signed binds=("$work/signed")

	hash=$(sed -n 's/^CONFIG_MODULE_SIG_HASH="\(.*\)"/\1/p' "$kernel_config")
	# its libraries
	# shellcheck disable=SC2086 # a list
	[ -z "$kernel_root" ] ||
		kp_root_ensure "$kernel_root" "$kernel_root" "$kernel_cc" $KPB_TREE_PACKAGES
	if [ -x "$tool" ]; then
		binds+=("$tree")
	else
		# in the packaged headers, for a livepatch source
		tool=$(cd "$(kp_root_dir "$kernel_root")" && find usr/lib usr/src \
			-path "*linux*/scripts/sign-file" -print | sort -V | tail -n 1)
		[ -n "$tool" ] || kpb_why "$KPB_ERROR" "the kernel's sign-file is not there"
		tool=/$tool
	fi
	rm -rf "$dir"
	mkdir "$dir"
	cp "$opt_sign_cert" "$dir/sign.crt"
	cp "$work/$opt_name.ko" "$dir/"
	kpb_sign_run "${binds[@]}" -- "$tool" "${hash:-sha256}" \
		/dev/fd/7 "$dir/sign.crt" "$dir/$opt_name.ko" || {
		rm -rf "$dir"
		kpb_why "$KPB_ERROR" "the module could not be signed with $opt_sign_key and $opt_sign_cert: $(kpb_sign_complaint)"
	}
	rm -f "$dir/sign.crt"
}

# kpb_sign_run DIR... -- COMMAND...: in the root, with the key as file 7, so that
# no copy of it is made.  The passphrase goes to sign-file in the variable that
# kernel builds use, and not by a command line, which everybody can read.
kpb_sign_run() {
	local binds=() has_pass=${KBUILD_SIGN_PIN+yes}

	while [ "$1" != -- ]; do
		binds+=(--bind "$1")
		shift
	done
	shift
	# shellcheck disable=SC2016 # expanded by the inner shell
	kp_root_run "$kernel_root" "${binds[@]}" -- sh -c '
		[ -z "$1" ] || { IFS= read -r KBUILD_SIGN_PIN <&6 && export KBUILD_SIGN_PIN; }
		shift
		exec "$@"' sh "$has_pass" "$@" \
		6< <(printf '%s\n' "${KBUILD_SIGN_PIN:-}") 7<"$opt_sign_key"
}

kpb_sign_complaint() {
	if grep -qE 'bad password read|bad decrypt|maybe wrong password' "$kpb_log"; then
		if [ -n "${KBUILD_SIGN_PIN+1}" ]; then
			echo "the passphrase in KBUILD_SIGN_PIN is not the key's"
		else
			echo "the key is encrypted: set KBUILD_SIGN_PIN to its passphrase"
		fi
		return 0
	fi
	grep -m 1 -oE 'key values mismatch|no start line|DECODER routines::unsupported' "$kpb_log" ||
		echo 'see the log'
}

# Step: what the loader would look at first.
kpb_check_result() {
	local ko vermagic

	ko=$(kpb_result)
	vermagic=$(PATH=$PATH:/sbin:/usr/sbin modinfo -F vermagic "$ko")
	[ "${vermagic%% *}" = "$kernel_release" ] || kpb_why "$KPB_ERROR" \
		"the module is for ${vermagic%% *}, not $kernel_release"
	PATH=$PATH:/sbin:/usr/sbin modinfo "$ko"
	[ -z "$opt_sign_key" ] || grep -q 'Module signature appended' <<<"$(tail -c 28 "$ko")" ||
		kpb_why "$KPB_ERROR" "the module is not signed"
}
