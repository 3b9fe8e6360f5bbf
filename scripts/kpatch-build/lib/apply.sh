# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# The patches, applied in an upper layer over the source tree.

# Step: do the patches apply?  Applies them in the upper layer and lists the
# files that differ, one a line, in $work/files.
kpb_patch_apply() {
	local i p rc whose=kernel

	[ -z "$opt_oot" ] || whose="module $(kpb_oot_name)"
	rm -rf "$work/upper" "$work/ovl"
	mkdir -p "$work/upper"
	kpb_patches_copy
	for i in "${!patches[@]}"; do
		rc=0 p=${patches[i]}
		kpb_patch_code "$(kpb_patch_copy "$i")" || continue
		kpb_patched_run patch -p1 --batch --forward --no-backup-if-mismatch \
			-r "$work/rejects" -i "$work/current.patch" >"$work/patched.log" 2>&1 || rc=$?
		cat "$work/patched.log"
		[ "$rc" = 0 ] || kpb_why_or_full "$KPB_NOAPPLY" \
			"$p does not apply to the source of $kernel_release ($kernel_version): $(kpb_patch_complaint "$kpb_log")"
		kpb_patch_moved "$p" <"$work/patched.log" >&3
		rm -f "$work/current.patch" "$work/rejects" "$work/patched.log"
	done
	# deleted files are character devices in an upper layer
	p=$(cd "$work/upper" && find . -type c -printf '%P\n' -quit)
	[ -z "$p" ] || kpb_why "$KPB_REFUSED" \
		"the patch removes the file $p: code of a running kernel cannot be taken out, change the functions in it instead"
	p=$(cd "$work/upper" && find . -type l -printf '%P\n' -quit)
	[ -z "$p" ] || kpb_why "$KPB_REFUSED" \
		"the patch adds the symbolic link $p: put the new code into a file that the ${whose%% *} already has"
	(cd "$work/upper" && find . -type f -printf '%P\n' | sort) >"$work/files"
	[ -s "$work/files" ] || kpb_why "$KPB_NOCHANGE" "the patch changes no code of this $whose"
	kpb_keep_lines
}

# What all later steps are about, whatever becomes of the files.
kpb_patches_copy() {
	local i

	rm -rf "$work/patches"
	mkdir "$work/patches"
	for i in "${!patches[@]}"; do
		cp -- "${patches[i]}" "$(kpb_patch_copy "$i")" || kpb_why_or_full "$KPB_ERROR" \
			"the patch ${patches[i]} cannot be read (any more)"
	done
}

# kpb_patch_copy I: in an order that * has, too
kpb_patch_copy() {
	printf '%s/patches/%04d\n' "$work" "$1"
}

# kpb_patch_moved PATCH: from what patch(1) says, one line for each hunk that it
# has put where the diff does not say. With fuzz, it may be the wrong place: that
# is no progress, it is said in any case.
kpb_patch_moved() {
	patch=$1 quiet=$opt_quiet awk '
		BEGIN { patch = ENVIRON["patch"]; quiet = ENVIRON["quiet"] + 0 }
		/^patching file / {
			file = substr($0, 15)
			sub(/ \((renamed|copied) from .*\)$/, "", file)
		}
		/^Hunk #[0-9]+ succeeded at / {
			fuzz = / with fuzz /
			if (quiet && !fuzz)
				next
			sub(/^Hunk /, "hunk ")
			sub(/\.$/, "")
			printf "%s    %s: %s: %s%s\n", said++ || quiet ? "" : "\n", patch, file, $0,
				fuzz ? ": other lines than expected are around it, look whether that is the right place" : ""
		}'
}

# Is it a file that no code of this kernel is in?
kpb_ignored() {
	# in a module's source such folders may be anything
	[ -z "$opt_oot" ] || {
		kpb_oot_ignored "$1"
		return
	}
	case $1 in
	# the instruction decoder's tables are made of this one
	arch/x86/lib/*.txt) return 1 ;;
	# kernel/bpf compiles some of these
	tools/lib/bpf/relo_core.[ch] | tools/lib/bpf/btf_*.c) return 1 ;;
	Documentation/* | LICENSES/* | tools/* | scripts/* | samples/* | *.rst | *.txt) ;;
	MAINTAINERS | CREDITS | COPYING | .mailmap | .gitignore | */.gitignore) ;;
	README | */README | */TODO | */.kunitconfig | *.config | arch/x86/configs/*) ;;
	# User Mode Linux
	arch/x86/um/*) ;;
	arch/x86/*) return 1 ;;
	arch/*/*) ;;
	lib/crypto/*/* | lib/crc/*/* | lib/raid*/*/*) kpb_other_arch "$1" ;;
	# what Makefiles take for other architectures only
	drivers/firmware/efi/libstub/arm*.c | drivers/firmware/efi/libstub/riscv*.c) ;;
	drivers/firmware/efi/libstub/loongarch*.c | drivers/firmware/efi/libstub/zboot*.c) ;;
	drivers/firmware/efi/libstub/fdt.c) ;;
	*) return 1 ;;
	esac
}

# kpb_other_arch FILE: does it lie in a folder that is called like another architecture?
kpb_other_arch() {
	local arch

	for arch in $KPB_TREE_SKIP; do
		[[ $1 != */"$arch"/* ]] || return 0
	done
	return 1
}

# kpb_patch_code PATCH: $work/current.patch, which is PATCH without the parts that
# change such files.  Those need not be in the tree, and whether they apply does
# not matter.  Fails if nothing is left.
kpb_patch_code() {
	local file from first last parts=0 drop=() out='' none="no code of this kernel"

	[ -z "$opt_oot" ] || none="no code"
	! kpb_patch_parts "$1" >"$work/parts" ||
		while IFS=$'\t' read -r first last file from; do
			parts=$((parts + 1))
			if kpb_ignored "$file" && kpb_ignored "${from:-$file}"; then
				printf 'ignored, %s: %s\n' "$none" "$file"
				out+=" $file"
				drop+=(-e "$first,${last}d")
			fi
		done <"$work/parts"
	rm -f "$work/parts"
	[ -z "$out" ] || kpb_progress_line "left out, $none:$out"
	if [ ${#drop[@]} -eq 0 ]; then
		cp "$1" "$work/current.patch" || kpb_why_or_full "$KPB_ERROR" "$1 cannot be copied"
	else
		sed "${drop[@]}" "$1" >"$work/current.patch" ||
			kpb_why_or_full "$KPB_ERROR" "$1 cannot be copied"
		[ ${#drop[@]} -lt $((2 * parts)) ]
	fi
}

# kpb_patch_parts PATCH: the first and last line of what it says about a file,
# the file's name, and the one that git says it is moved or copied from.  Fails
# where the diff is not of the usual form, or a file gets another name without
# that being said: then it is for patch to say what is wrong with it.
kpb_patch_parts() {
	awk -v OFS='\t' '
		function part(last) {
			if (begin) {
				if (file == "" || (file "/" from) ~ /(^|\/)\.\.?(\/|$)/)
					bad = 1
				if (differ && from == "")
					bad = 1
				print begin, last, file, from
			}
			begin = hunks = differ = 0
			file = from = ""
		}
		# without a time behind a tab, and without the first directory
		function name(text) {
			sub(/\t.*/, "", text)
			sub(/^[^\/]*\//, "", text)
			return text
		}
		function count(range,   n) {
			return split(range, n, ",") > 1 ? n[2] + 0 : 1
		}
		old > 0 || new > 0 {
			c = substr($0, 1, 1)
			if (c == "-" || c == " " || c == "") old--
			if (c == "+" || c == " " || c == "") new--
			if (c !~ /^[-+ \\]?$/ || old < 0 || new < 0) {
				bad = 1
				exit
			}
			next
		}
		/^diff --git / {
			part(NR - 1)
			begin = NR
			n = index($0, " b/")
			file = n ? substr($0, n + 3) : ""
			differ = n && substr($0, 12) != "a/" file " b/" file
			next
		}
		# between a "diff --git" line and the first hunk
		begin && !hunks && /^(rename|copy) from / {
			from = $0
			sub(/^[a-z]+ from /, "", from)
			next
		}
		/^\*\*\* / {
			bad = 1
			exit
		}
		/^--- / {
			minus = name(substr($0, 5))
			at = NR
			next
		}
		/^\+\+\+ / && at == NR - 1 {
			if (hunks || !begin) {
				part(at - 1)
				begin = at
			}
			file = name(substr($0, 5))
			if (file == "dev/null")
				file = minus
			else if (minus != file && minus != "dev/null" && minus != from)
				bad = 1
			next
		}
		/^@@ -[0-9,]+ \+[0-9,]+ @@/ {
			if (!begin)
				bad = 1
			old = count(substr($2, 2))
			new = count(substr($3, 2))
			hunks++
		}
		END {
			part(NR)
			exit bad || old > 0 || new > 0
		}' "$1"
}

# Step: files that no patch module can be made of.
kpb_files_check() {
	local file

	[ -z "$opt_oot" ] || {
		kpb_oot_files_check
		return 0
	}
	while read -r file; do
		! kpb_ignored "$file" || continue
		[ -f "$tree/$file" ] || kpb_why "$KPB_REFUSED" \
			"the patch adds the file $file: put the new code into a file that the kernel already has"
		case $file in
		*/Kconfig* | */Makefile | */Kbuild | Makefile | Kbuild | *.lds.S)
			kpb_why "$KPB_REFUSED" \
				"the patch changes $file: the configuration of a running kernel is fixed, leave that part out"
			;;
		tools/*)
			kpb_why "$KPB_REFUSED" \
				"the patch changes $file, which the kernel compiles from there: an object that is not beside its source cannot be compared with the shipped one, leave that part out"
			;;
		# this is linked into vmlinux, too
		arch/x86/boot/startup/*.[ch]) ;;
		arch/x86/boot/*.[ch] | arch/x86/purgatory/*.[ch] | arch/x86/realmode/rm/*.[ch] | drivers/firmware/efi/libstub/*.[ch])
			kpb_why "$KPB_REFUSED" \
				"the patch changes $file, which runs before or between kernels: a running one has no such code, leave that part out"
			;;
		*.[ch]) ;;
		*.S) kpb_why "$KPB_REFUSED" \
			"the patch changes the assembly file $file: only C functions can be replaced, put the fix into their C callers" ;;
		*) kpb_included_by_c "$file" || kpb_why "$KPB_REFUSED" \
			"the patch changes $file, which is no C code: what the kernel's build makes of it cannot be replaced, leave that part out or put the fix into C functions" ;;
		esac
	done <"$work/files"
}

# Some tables are C by another name, as .inc: a .c file includes them.
kpb_included_by_c() {
	[ -n "$(printf '%s\n' "$1" | kpb_includers)" ]
}

# Unchanged code keeps its __LINE__: fewer functions change.
kpb_keep_lines() {
	local file

	while read -r file; do
		[ -f "$tree/$file" ] || continue
		case $file in
		*.[ch])
			"$here/keep-lines" "$tree/$file" "$work/upper/$file" >"$work/lines"
			cat "$work/lines" >"$work/upper/$file"
			;;
		esac
	done <"$work/files"
	rm -f "$work/lines"
}

# What patch(1) has said first; if it has found no file, which.
kpb_patch_complaint() {
	local said file

	said=$({ grep -E 'FAILED|malformed|No file to patch|Only garbage|Reversed|Not deleting|not supported|dangerous|refusing' "$1" ||
		echo 'see the log'; } | head -n 1)
	[[ $said != 'No file to patch'* ]] || {
		file=$(sed -nE '/^No file to patch/q; s/^\|(---|\+\+\+) [^/]*\/([^\t]*).*/\2/p' "$1" |
			grep -vx dev/null | tail -n 1)
		said="there is no file ${file:-of that name} (of names in a diff the first folder, as a/ and b/, does not count)"
	}
	printf '%s\n' "$said"
}
