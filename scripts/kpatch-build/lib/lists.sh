# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# What a source tree says about itself without being compiled, kept beside it in
# $lists: who includes what (included), what the Makefiles make (made, of the
# directories in read; beside), and what the build makes C of (generated).  What is
# sorted is so in the C locale.
# Whoever uses them holds the tree's lock (kpb_shared).

# Where the source of an x86 kernel lies.
KPB_SOURCE_DIRS="arch/x86 block certs crypto drivers fs include init io_uring ipc kernel lib mm net security sound virt"

# Those of them that this kernel has.
kpb_source_dirs() {
	local dir

	for dir in $KPB_SOURCE_DIRS; do
		[ ! -d "$tree/$dir" ] || printf '%s\n' "$dir"
	done
}

# The lists are made anew by another version of this program, where making them was
# interrupted, and in somebody else's tree when a file there is not what it was.
kpb_lists_fresh() {
	local key final=$lists lists=$lists.new

	key=$(kpb_lists_key)
	[ "$key" != "$(cat "$final/key" 2>/dev/null)" ] || return 0
	rm -rf "$lists" "$tree_home/objtool" "$tree_home"/sizes-*.o
	mkdir "$lists"
	kpb_include_index
	kpb_makefiles_beside
	kpb_generated_rules
	printf '%s\n' "$key" >"$lists/key"
	rm -rf "$final"
	mv "$lists" "$final"
}

kpb_lists_key() {
	# shellcheck disable=SC2046 # a list
	{
		cat "$here"/lib/{lists,generated}.sh
		[ -z "$opt_sourcedir" ] || (cd "$tree" && cat .config && find $(kpb_source_dirs) -type f \
			\( -name '*.[chS]' -o -name '*.inc' -o -name 'Makefile*' -o -name 'Kbuild*' \) \
			-printf '%p %s %C@\n' | sort)
	} | sha256sum
}

# All #include lines of the tree: who, and what.  What the compiler looks for first,
# beside who includes it and in the kernel's own folders, is named from the top of
# the tree, with a slash in front; of what is only found by an -I of some Makefile
# there is the text. Where a macro says what, it is "*"; those of tracepoints name
# the header that they stand in.
kpb_include_index() {
	# shellcheck disable=SC2046 # a list
	(
		cd "$tree" || exit
		find $(kpb_source_dirs) -type f
		echo
		grep -rE --include='*.[chS]' \
			'^[[:space:]]*#[[:space:]]*include([[:space:]]*["<]|[[:space:]]+[A-Z_a-z])' \
			$(kpb_source_dirs)
	) |
		awk '
		{ sub(/\r$/, "") }
		$0 == "" { begun = 1; next }
		!begun { there[$0] = 1; next }
		{
			who = $0
			sub(/:.*/, "", who)
			text = substr($0, length(who) + 2)
			if (text ~ /^[ \t]*#[ \t]*include[ \t]+[A-Z_a-z]/) {
				if (text !~ /(TRACE|EVENT)_INCLUDE\(/)
					print who, "*"
				next
			}
			sub(/^[^"<]*/, "", text)
			quoted = text ~ /^"/
			text = substr(text, 2)
			if (!sub(/[">].*/, "", text) || text ~ / /)
				next
			path = quoted ? plain(who "/../" text) : ""
			if (!(path in there))
				path = found(text)
			print who, path in there ? "/" path : text
		}
		# without ./ and x/../
		function plain(path) {
			while (sub(/\/\.\//, "/", path))
				;
			while (sub(/[^\/]+\/\.\.\//, "", path))
				;
			return path
		}
		# in the order of the compiler command
		function found(text,   i) {
			for (i = 1; i <= nr; i++)
				if ((dir[i] text) in there)
					break
			return dir[i] text
		}
		BEGIN {
			nr = split("arch/x86/include/ arch/x86/include/generated/ include/ " \
				"arch/x86/include/uapi/ arch/x86/include/generated/uapi/ include/uapi/", dir, " ")
		}' >"$lists/included"
	# -include on every command line
	printf '%s\n' "include/linux/compiler_types.h /include/linux/compiler_attributes.h" \
		>>"$lists/included"
}

# Read the Makefiles that may make one of the objects in $lists/asked, which has not
# been done yet: adds to $lists/made.
kpb_makefiles_read() {
	sed 's,/[^/]*$,,' "$lists/asked" | sort -u | awk '
		FNR == NR { beside[$1] = beside[$1] " " $2; next }
		# with all directories above, and those that take from there
		function walk(dir,   taker, n, i) {
			for (; !(dir in seen); sub(/\/[^\/]*$/, "", dir)) {
				seen[dir] = 1
				print dir
				n = split(beside[dir], taker)
				for (i = 1; i <= n; i++)
					walk(taker[i])
			}
		}
		{ walk($0) }' "$lists/beside" - | sort -u >"$lists/dirs"
	touch "$lists/read" "$lists/made"
	comm -13 "$lists/read" "$lists/dirs" >"$lists/unread"
	[ -s "$lists/unread" ] || return 0
	# whoever asks may not look how this ends
	if ! kpb_makefile_objects <"$lists/unread" | sort -u - "$lists/made" >"$lists/made.new" ||
		! sort -u "$lists/unread" "$lists/read" >"$lists/read.new"; then
		kpb_why_or_full "$KPB_ERROR" "the Makefiles of $tree could not be read"
	fi
	mv "$lists/made.new" "$lists/made"
	mv "$lists/read.new" "$lists/read"
}

# Directories out of which another one may make objects, and that one: where a
# Makefile has paths that begin with ../ .
kpb_makefiles_beside() {
	# The architecture's own Makefile is a part of the one at the top.
	sed -n '/^\(core\|drivers\|libs\)-/p' "$tree/arch/x86/Makefile" >"$lists/arch.mk"
	# shellcheck disable=SC2046,SC2015 # a list
	(cd "$tree" && grep -roE --include=Makefile --include=Kbuild \
		'^[A-Za-z0-9_-]+[[:space:]]*[:+?]?=[[:space:]]*(\$\(addprefix )?\.\./([^ $]*/)?' \
		$(kpb_source_dirs) || [ $? = 1 ]) |
		sed -nE 's,^(.*)/[^/]+:[^.]*[ =\t(](\.\./.*)$,\1/\2 \1,p' | awk '{
			while (sub(/[^\/]+\/\.\.\//, "", $1))
				;
			if (sub(/\/$/, "", $1))
				print
		}' | sort -u >"$lists/beside"
	# by a file that arch/x86/kvm includes
	printf 'virt arch/x86/kvm\n' >>"$lists/beside"
}

# A Makefile that reads that of a directory (dir=) as kbuild does.
kpb_kbuild_makefile() {
	cat <<-'EOM'
		include include/config/auto.conf
		srctree := .
		objtree := .
		SRCARCH := x86
		BITS := 64
		export srctree objtree SRCARCH
		obj := $(dir)
		src := $(dir)
		all:;@:
		include scripts/Kbuild.include
		-include $(firstword $(wildcard $(dir)/Kbuild $(dir)/Makefile))
	EOM
}

# What the Makefiles of the directories on standard input make, a line each: a
# directory, an object or a directory below (with a slash at its end), and what
# kbuild calls that.
kpb_makefile_objects() {
	kpb_kbuild_makefile >"$lists/kbuild.mk"
	cat >>"$lists/kbuild.mk" <<-'EOM'
		ifeq ($(dir),arch/x86)
		include $(arch)
		obj-y += $(patsubst $(dir)/%,%,$(core-y) $(core-m) $(drivers-y) $(drivers-m) $(libs-y))
		endif
		part = $($(1:.o=-objs)) $($(1:.o=-y)) $($(1:.o=-m))
		parts = $(foreach o,$(filter %.o,$(1)),$(o) $(if $(strip $(call part,$(o))),$(call parts,$(filter-out $(o),$(call part,$(o))))))
		$(info kpb: $(dir) $(call parts,$(obj-y) $(obj-m) $(lib-y) $(lib-m) $(extra-y)) $(filter %/,$(obj-y) $(obj-m)))
	EOM
	# shellcheck disable=SC2016 # expanded inside
	kpb_run sh -c 'for dir in $(cat); do
			# one that stops at an error (2) is a part of another one
			make -s -f "$1/kbuild.mk" "dir=$dir" "arch=$1/arch.mk" "CC=$2" 2>/dev/null ||
				[ $? = 2 ] || exit
		done' sh "$lists" "$kernel_cc" |
		awk '$1 == "kpb:" {
			for (i = 3; i <= NF; i++) {
				path = $2 "/" $i
				gsub(/\/\.\//, "/", path)
				goal = path
				while (sub(/[^\/]+\/\.\.\//, "", path))
					;
				print $2, path, goal
			}
		}'
}
