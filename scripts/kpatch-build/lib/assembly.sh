# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# Assembly includes headers as C does, and no function of it can be replaced.
# What the kernel has of it must be the same with the patched headers: else the
# module's C would agree with a header that the assembly does not know.  The same
# holds for headers that the build generates: offsets that assembly uses, and
# counts of enumerators and pages of which C makes others; and for the vDSO, which
# processes have mapped already.

# Step
kpb_assembly() {
	local obj objs dir=$work/assembly

	rm -rf "$dir"
	mkdir -p "$dir"
	kpb_assembly_objects >"$dir/objects"
	mapfile -t objs <"$dir/objects"
	[ ${#objs[@]} = 0 ] || kpb_make_shipped "${objs[@]}"
	# these are not made by asking for them
	[ -n "$opt_oot" ] || {
		kpb_assembly_prepared
		kpb_assembly_vdso
	} >>"$dir/objects"
	while read -ru 4 obj; do
		kpb_made "$obj" || continue
		kpb_depends "$obj" "$work/files" || continue
		printf 'made of what changes: %s\n' "$obj"
		kpb_assembly_compare "$obj"
	done 4<"$dir/objects"
}

# What this kernel has of assembly that may include one of the changed files, and
# its linker script.
kpb_assembly_objects() {
	local file

	if [ -n "$opt_oot" ]; then
		kpb_oot_made S
		return 0
	fi
	while read -r file; do
		kpb_ignored "$file" || printf '%s\n' "$file"
	done <"$work/files" >"$work/assembly/files"
	kpb_includers_all <"$work/assembly/files" >"$work/assembly/includers"
	# those in certs have nothing but keys of who builds the kernel
	sed -n '/^certs\//d; /\.S$/p' "$work/assembly/includers" >"$work/assembly/users"
	sed -n '/\.c$/p' "$work/assembly/includers" >"$work/assembly/c-users"
	sed 's/\.S$/.c/' "$work/assembly/users" | kpb_built
	grep -x 'arch/x86/kernel/vmlinux\.lds\.S' "$work/assembly/users" | sed 's/\.S$//' || true
	! grep -qE '^CONFIG_KVM_(INTEL|AMD)=' "$tree/.config" ||
		sed -n 's,^arch/x86/kvm/kvm-asm-offsets\.c$,arch/x86/kvm/kvm-asm-offsets.s,p' \
			"$work/assembly/c-users"
}

# What the images of the vDSO are linked of, if one of its sources may include one
# of the changed files.  Only their Makefiles know what that is, and how the 32-bit
# one is compiled, so the images are made.  Kernel code is beside them, as vma.c,
# and the program that makes C of them.
kpb_assembly_vdso() {
	local dir=$work/assembly

	sed -nE '/\/vdso2c\.c$/d; s,^(arch/x86/(entry/)?vdso/.*\.)[cS]$,\1o,p' \
		"$dir"/{files,users,c-users} | sort -u >"$dir/vdso"
	sed 's/o$/c/' "$dir/vdso" | kpb_built | comm -13 - "$dir/vdso" >"$dir/vdso-parts"
	[ -s "$dir/vdso-parts" ] || return 0
	kpb_assembly_images >&2
	(cd "$tree" && find arch/x86 -path '*/vdso/*' -name '.*.cmd') |
		sed -nE 's,/\.([^/]*\.(o|lds))\.cmd$,/\1,p' | sort -u >"$dir/vdso"
	sed 's/o$/c/' "$dir/vdso" | kpb_built | comm -13 - "$dir/vdso"
}

# The 64-bit image and, if the config says so, the 32-bit one, as the kernel is
# linked with them: they have had several names.
kpb_assembly_images() {
	local images

	mapfile -t images < <(printf 'arch/x86/%s.c\n' entry/vdso/vdso-image-{64,32}{,-int80,-syscall,-sysenter} \
		entry/vdso/vdso{64/vdso64,32/vdso32}-image vdso/vdso-image-{64,32}{,-int80,-syscall,-sysenter} \
		vdso/vdso{,32} | kpb_built)
	if [ ${#images[@]} != 0 ]; then
		kpb_make_shipped "${images[@]}"
		! (cd "$tree" && ls -- "${images[@]}") || return 0
	fi
	kpb_why "$KPB_COMPILE" \
		"the vDSO of the unpatched source cannot be made, and so not be compared with what the patch makes of it: leave out what changes $(head -n 1 "$work/assembly/vdso-parts" | sed 's/\.o$//')"
}

# What modules_prepare has made, with its own flags.
kpb_assembly_prepared() {
	local file

	for file in kernel/bounds.s kernel/sched/rq-offsets.s arch/x86/kernel/asm-offsets.s; do
		[ ! -f "$tree/$file" ] || printf '%s\n' "$file"
	done
}

# kpb_assembly_compare OBJ: as it is, and with the patched headers. Names of
# files and numbers of lines, which only a debugger reads, may differ.
kpb_assembly_compare() {
	local dir=$work/assembly when

	kpb_layout_compile "$1" "$dir/before" kpb_run ""
	kpb_layout_compile "$1" "$dir/after" kpb_patched_run ""
	for when in before after; do
		case $1 in
		# DEFINE(): "->NAME $VALUE", and what that was computed from
		*.s)
			sed -nE 's/.*->([A-Za-z0-9_]+) ([$#]?-?[0-9]+).*/\1 \2/p' "$dir/$when" >"$dir/$when.cmp"
			;;
		*.lds) tr -s '[:space:]' '\n' <"$dir/$when" >"$dir/$when.cmp" ;;
		*) objcopy --strip-debug "$dir/$when" "$dir/$when.cmp" ;;
		esac
	done
	cmp -s "$dir/before.cmp" "$dir/after.cmp" || kpb_assembly_refuse "$1"
}

# kpb_assembly_refuse OBJ: with its source, or the first of the changed files that
# it is made of.
kpb_assembly_refuse() {
	local file source

	source=$(kpb_source "$1")
	! grep -qxF "$source" "$work/files" || case $source in
	*.S) kpb_why "$KPB_REFUSED" \
		"the patch changes the assembly file $source: only C functions can be replaced, put the fix into their C callers" ;;
	esac
	while read -r file; do
		! kpb_depends "$1" <(printf '%s\n' "$file") || break
	done <"$work/files"
	case $1 in
	arch/x86/entry/vdso/* | arch/x86/vdso/*) kpb_why "$KPB_REFUSED" \
		"the patch changes $file and with it $source of the vDSO: processes have mapped that and go on running the old code, leave that part out" ;;
	*.s) kpb_why "$KPB_REFUSED" \
		"the patch changes $file and with it constants that the build takes from $source: what a running kernel has of assembly and tables made with them cannot be replaced; keep them as they are" ;;
	*) kpb_why "$KPB_REFUSED" \
		"the patch changes $file so that the result of $source, which includes it, differs: assembly and linker script of a running kernel cannot be replaced; keep what they use of that header as it is, and give what only C needs another name" ;;
	esac
}
