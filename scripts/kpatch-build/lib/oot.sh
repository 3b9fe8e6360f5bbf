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

# Of all that was copied: an object may be made of any file.
kpb_oot_sums() {
	(cd "$tree" && find . -type f ! -name '*.o' ! -name '*.ko' ! -name '*.mod' ! -name '*.mod.c' \
		! -name '.*.cmd' ! -name '.*.d' ! -name Module.symvers ! -name modules.order \
		-print0 | sort -z | xargs -0 sha256sum)
}

# Step: build it as its author did.
kpb_oot_build() {
	# shellcheck disable=SC2086 # a list
	[ -z "$kernel_root" ] ||
		kp_root_ensure "$kernel_root" "$kernel_root" "$kernel_cc" $KPB_TREE_PACKAGES
	kpb_run make -C "$kernel_kdir" M="$tree" CC="$kernel_cc" HOSTCC="$kernel_cc" \
		-j"$opt_jobs" DEBUG_CFLAGS= CONFIG_DEBUG_INFO_BTF_MODULES= modules || kpb_why "$KPB_COMPILE" \
		"the unpatched source in $opt_oot_src does not compile for $kernel_release"
	cat "$kernel_symvers" "$tree/Module.symvers" >"$tree_objs/Module.symvers"
	kpb_oot_read
}

# What that build has read, in $work/oot, a line each with tabs between: "module", a
# file, and the object of our module that is compiled of it; "object", the same for
# its source only; "made", a file, and what else the build makes of it; "makefile",
# and which.  What other modules of the same source are made of is not there.
kpb_oot_read() {
	{
		find "$tree" -name '.*.cmd' -print0 | xargs -0 cat | kpb_oot_compiled
		kpb_oot_rules
	} | sort -u >"$work/oot"
}

# Of all that was compiled, by the compiler's own lists.  What belongs to no module is
# a program of the build, or code for somewhere else than the kernel.
kpb_oot_compiled() {
	awk -v OFS='\t' -v tree="$tree/" -v module="$(kpb_oot_name)" '
		/^(saved)?cmd_[^ ]+ := / {
			name = $1
			sub(/^(saved)?cmd_/, "", name)
			# seen from the headers, where other names are of files there
			outside = name ~ /^\//
			name = inside(name)
			what = "made"
			if (/ -DMODULE /)
				what = ours() ? "module" : ""
			next
		}
		/^ / || /^source_/ {
			path = inside(/^ / ? $1 : $3)
			if (what == "" || path == "" || path ~ /\.mod\.c$/)
				next
			print what, path, name
			if (what == "module" && /^source_/)
				print "object", path, name
		}
		function ours(   text) {
			# assembly is not told of whom it is
			if (!match($0, /-D"?KBUILD_MODNAME=/))
				return 1
			if (!match($0, /-D"?KBUILD_MODNAME=(KBUILD_STR\(|[^A-Za-z0-9_]*)[A-Za-z0-9_:]+/))
				return 0
			text = substr($0, RSTART, RLENGTH)
			sub(/.*[^A-Za-z0-9_:]/, "", text)
			return index(":" text ":", ":" module ":")
		}
		# from the top of the source; empty if it is not in there
		function inside(path) {
			while (sub(/\/\.\//, "/", path) || sub(/\/[^\/]+\/\.\.\//, "/", path))
				;
			if (index(path, tree) == 1)
				return substr(path, length(tree) + 1)
			if (outside || path ~ /^[\/$]/)
				return ""
			sub(/^\.\//, "", path)
			while (sub(/^[^\/]+\/\.\.\//, "", path))
				;
			return path
		}'
}

# What rules of the module's Makefiles make of which file, by the way of others too;
# and the Makefiles themselves, which may have any name. An object that is made again
# if a header changes is none of that.
kpb_oot_rules() {
	kpb_oot_database | awk -v OFS='\t' -v tree="$tree/" '
		/^MAKEFILE_LIST := / {
			for (i = 3; i <= NF; i++)
				if (index($i, tree) == 1)
					print "makefile", substr($i, length(tree) + 1)
			next
		}
		index($0, tree) == 1 && /^[^ :=]+: *[^ =]/ {
			made = $1
			sub(/::?$/, "", made)
			if (made ~ /\.(o|ko|a|mod)$/)
				next
			for (i = 2; i <= NF; i++)
				if ($i != "|")
					of[made] = of[made] " " $i
		}
		END {
			for (made in of) {
				split("", seen)
				walk(made, substr(made, length(tree) + 1))
			}
		}
		function walk(path, made,   part, n, i) {
			if (path in seen)
				return
			seen[path] = 1
			if (index(path, tree) == 1 && substr(path, length(tree) + 1) != made)
				print "made", substr(path, length(tree) + 1), made
			if (path in of) {
				n = split(of[path], part)
				for (i = 1; i <= n; i++)
					walk(part[i], made)
			}
		}'
}

# As make sees them: with the variables of the Makefiles expanded.
kpb_oot_database() {
	kpb_kbuild_makefile >"$tree_objs/rules.mk"
	# shellcheck disable=SC2016 # expanded inside
	find "$tree" -name '.*.cmd' -printf '%h\n' | sort -u |
		kpb_run sh -c 'cd "$3"
			while read -r dir; do
				# -q: it ends with 1 where something is to do
				make -pqrR -f "$1/rules.mk" "dir=$dir" "CC=$2" "KERNELRELEASE=$4" \
					"M=$5" "KBUILD_EXTMOD=$5" </dev/null || [ $? = 1 ] ||
					echo "the rules of $dir cannot be read" >&2
			done' sh "$tree_objs" "$kernel_cc" "$kernel_kdir" "$kernel_release" "$tree"
}

# kpb_oot_made c|S: the objects of C, or those of assembly. (What is beside them does
# not tell: there may be a source of each kind, and one that is not compiled.)
kpb_oot_made() {
	awk -F '\t' -v kind="$1" '$1 == "object" && $2 ~ "[.]" kind "$" { print $3 }' "$work/oot"
}

# Is it a file that nothing is made of, by its name and by what the build has read?
kpb_oot_ignored() {
	! kpb_oot_makefile "$1" || return 1
	case $1 in
	Documentation/* | LICENSES/* | debian/* | .github/* | *.rst | *.txt | *.md) ;;
	*) case ${1##*/} in
		README | README.* | COPYING* | LICENSE* | MAINTAINERS | CREDITS | AUTHORS) ;;
		TODO | NEWS | ChangeLog | CHANGES | INSTALL) ;;
		dkms.conf | *.spec | .gitignore | .gitattributes | .mailmap) ;;
		*) return 1 ;;
		esac ;;
	esac
	[ -z "$(awk -F '\t' -v file="$1" '$2 == file' "$work/oot")" ]
}

# Files that no patch module can be made of; and what our module is not made of is
# told, and no longer in $work/files.
kpb_oot_files_check() {
	local file

	rm -f "$work/left-out"
	while read -r file; do
		kpb_oot_file_check "$file"
	done <"$work/files"
	kpb_oot_files_kept
	comm -13 "$work/files.kept" "$work/files" >"$work/files.left"
	# tables and programs of the build, linker scripts, whatever it may be
	! file=$(grep -m 1 -v '\.[chS]$' "$work/files.left") || kpb_why "$KPB_REFUSED" \
		"the patch changes $file, which is no C code: what the module's build makes of it cannot be replaced, leave that part out or put the fix into C functions"
	! file=$(grep -m 1 '\.S$' "$work/files.kept") || kpb_why "$KPB_REFUSED" \
		"the patch changes the assembly file $file: only C functions can be replaced, put the fix into their C callers"
	[ ! -s "$work/files.left" ] || kpb_left_out \
		"nothing of $(kpb_oot_name) is made of it: $(paste -sd' ' "$work/files.left")"
	mv "$work/files.kept" "$work/files"
	[ -s "$work/files" ] || kpb_why "$KPB_NOCHANGE" \
		"the patch changes nothing that the module $(kpb_oot_name) is made of"
}

# kpb_oot_file_check FILE: whoever it is a part of
kpb_oot_file_check() {
	local made

	[ -f "$tree/$1" ] || kpb_why "$KPB_REFUSED" \
		"the patch adds the file $1: put the new code into a file that the module already has"
	! kpb_oot_makefile "$1" || kpb_why "$KPB_REFUSED" \
		"the patch changes $1: the module that is loaded was built with it as it was, leave that part out"
	made=$(awk -F '\t' -v file="$1" '$1 == "made" && $2 == file && !n++ { print $3 }' "$work/oot")
	[ -z "$made" ] || kpb_why "$KPB_REFUSED" \
		"the patch changes $1, of which the module's build makes $made: the module that is loaded has what was made, and a patch module does not remake it; leave that part out, or put what is new into C files and under another name"
}

# Is it one that says how things are built?
kpb_oot_makefile() {
	case ${1##*/} in
	Kconfig | Kconfig.* | Makefile | Makefile.* | Kbuild | Kbuild.* | *.mk) ;;
	*) grep -qxF "makefile"$'\t'"$1" "$work/oot" ;;
	esac
}

# Of $work/files, in $work/files.kept: what our module is made of, and what these
# files begin to include.
kpb_oot_files_kept() {
	local file more

	awk -F '\t' '$1 == "module" { print $2 }' "$work/oot" | sort -u |
		comm -12 - "$work/files" >"$work/files.kept"
	while :; do
		more=$(comm -13 "$work/files.kept" "$work/files" | while read -r file; do
			! (cd "$work/upper" && xargs -r -d '\n' grep -hE '^[[:space:]]*#[[:space:]]*include' \
				<"$work/files.kept") | grep -wF "${file##*/}" >/dev/null || printf '%s\n' "$file"
		done)
		[ -n "$more" ] || break
		sort -u "$work/files.kept" - -o "$work/files.kept" <<<"$more"
	done
}
