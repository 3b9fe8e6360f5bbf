# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# From the files that patches touch to the objects that are made of them.

# Where the source of an x86 kernel lies.
KPB_SOURCE_DIRS="arch/x86 block certs crypto drivers fs include init io_uring ipc kernel lib mm net security sound virt"

# Step: the objects, one a line, in $work/objects.
kpb_objects_find() {
	local file

	[ -z "$opt_oot" ] || {
		kpb_oot_objects | sort -u >"$work/objects"
		return 0
	}
	while read -r file; do
		if kpb_ignored "$file"; then
			printf 'ignored, no kernel code: %s\n' "$file" >&2
		else
			printf '%s\n' "$file"
		fi
	done <"$work/files" >"$work/touched"
	awk '/\.c$/' "$work/touched" | kpb_built >"$work/objects.new"
	# a .c file that is not built by itself may be included by another
	awk 'FILENAME == ARGV[1] { made[$1] = 1; next }
		{ obj = $0 }
		!sub(/\.c$/, ".o", obj) || !(obj in made)' \
		"$work/objects.new" "$work/touched" >"$work/included"
	kpb_assembly_headers <"$work/included"
	[ ! -s "$work/included" ] ||
		kpb_includers <"$work/included" | kpb_built >>"$work/objects.new"
	for file in "${opt_targets[@]}"; do
		[ -f "$tree/${file%.o}.c" ] || kpb_why "$KPB_ERROR" \
			"--target $file: there is no ${file%.o}.c in the source"
		printf '%s\n' "${file%.o}.o" >>"$work/objects.new"
	done
	sort -u "$work/objects.new" >"$work/objects"
	[ -s "$work/objects" ] || kpb_why "$KPB_NOCHANGE" \
		"the patch changes nothing that an object of this kernel is compiled from"
	file=$(wc -l <"$work/objects")
	printf 'objects: %s\n' "$file"
	[ "$opt_max_objects" = 0 ] || [ "$file" -le "$opt_max_objects" ] || kpb_why "$KPB_ERROR" \
		"up to $file objects include what the patch changes, more than --max-objects $opt_max_objects"
}

# A header that only assembly includes: nothing would be made of that part.
kpb_assembly_headers() {
	local file user

	while read -r file; do
		[[ $file == *.h ]] || continue
		[ -z "$(printf '%s\n' "$file" | kpb_includers)" ] || continue
		user=$(awk -v base="${file##*/}" '$1 ~ /\.S$/ {
				n = split($2, part, "/")
				if (part[n] == base) {
					print $1
					exit
				}
			}' "$tree_home/included")
		[ -z "$user" ] || kpb_why "$KPB_REFUSED" \
			"the patch changes $file, which only assembly as $user includes: only C functions can be replaced, put the fix into their C callers"
	done
}

# Of the .c files on standard input, the objects of those that the kernel's
# build makes one of, with this config. The Makefile beside a file or above it
# says so. What the Makefiles say is kept with the tree.
kpb_built() {
	local lists=$tree_home/makefiles

	mkdir -p "$lists"
	sed 's/\.c$/.o/' | sort -u >"$lists/asked"
	kpb_makefiles_read
	kpb_reachable <"$lists/made" | cut -d' ' -f1 | sort -u | comm -12 "$lists/asked" -
}

# For each of the objects on standard input, in their order: the object, what
# kbuild calls it, and in which directory it has to be asked for that.  A
# directory that makes objects of files beside it calls them dir/../beside/x.o.
# And directories that the architecture's Makefile adds to the kernel: from the
# top such an object is made twice, by arch/x86 without its directory's flags.
# "." is the top.
kpb_goals() {
	local lists=$tree_home/makefiles

	[ -z "$opt_oot" ] || {
		sed 's/.*/& & ./'
		return 0
	}
	mkdir -p "$lists"
	cat >"$lists/objects"
	sort -u "$lists/objects" >"$lists/asked"
	kpb_makefiles_read
	kpb_reachable <"$lists/made" | awk '
		FILENAME == ARGV[1] {
			for (i = 3; i <= NF; i++)
				added[$i] = 1
			next
		}
		FILENAME == "-" {
			if ($1 in goal && $1 != $2)
				next
			goal[$1] = $2
			dir[$1] = $2 ~ /\/\.\.\// || ($3 "/") in added ? $3 : "."
			next
		}
		{ print $1, $1 in goal ? goal[$1] " " dir[$1] : $1 " ." }
		' "$tree_objs/arch.mk" - "$lists/objects"
}

# Read the Makefiles that may make one of the objects in $lists/asked: adds to
# $lists/made. (lists is the caller's.)
kpb_makefiles_read() {
	kpb_makefiles_beside
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
	sort "$lists/read" | comm -13 - "$lists/dirs" >"$lists/unread"
	[ -s "$lists/unread" ] || return 0
	kpb_makefile_objects <"$lists/unread" | sort -u - "$lists/made" >"$lists/made.new"
	mv "$lists/made.new" "$lists/made"
	cat "$lists/unread" >>"$lists/read"
}

# Directories out of which another one may make objects, and that one: where a
# Makefile has paths that begin with ../ . Once a tree.
kpb_makefiles_beside() {
	local dir

	[ ! -f "$lists/beside" ] || return 0
	# The architecture's own Makefile is a part of the one at the top.
	sed -n '/^\(core\|drivers\|libs\)-/p' "$tree/arch/x86/Makefile" >"$tree_objs/arch.mk"
	# shellcheck disable=SC2086 # a list
	(cd "$tree" && grep -roE --include=Makefile --include=Kbuild \
		'^[A-Za-z0-9_-]+[[:space:]]*[:+?]?=[[:space:]]*(\$\(addprefix )?\.\./([^ $]*/)?' \
		$KPB_SOURCE_DIRS 2>/dev/null) |
		sed -nE 's,^(.*)/[^/]+:[^.]*[ =\t(](\.\./.*)$,\1/\2 \1,p' | awk '{
			while (sub(/[^\/]+\/\.\.\//, "", $1))
				;
			if (sub(/\/$/, "", $1))
				print
		}' | sort -u >"$lists/beside.new" || true
	# by a file that arch/x86/kvm includes
	printf 'virt arch/x86/kvm\n' >>"$lists/beside.new"
	# What was compiled before this was known is no good.
	[ -n "$opt_sourcedir" ] || for dir in $(cut -d' ' -f1 "$lists/beside.new") \
		$(grep -o 'arch/x86/[a-z-]*/' "$tree_objs/arch.mk"); do
		[ ! -d "$tree/$dir" ] || find "$tree/$dir" -name '.*.o.cmd' -delete
	done
	mv "$lists/beside.new" "$lists/beside"
}

# Objects of directories that the build descends into, what kbuild calls them,
# and the directory whose Makefile says so. Those at the top, and the
# architecture's, are not named by a Makefile of the usual kind.
kpb_reachable() {
	awk '
		function reachable(dir,   above) {
			if (dir !~ /\// || dir ~ /^arch\/[^\/]+$/)
				return 1
			for (above = dir; sub(/\/[^\/]*$/, "", above);)
				if ((above, dir "/") in lists && reachable(above))
					return 1
			return 0
		}
		$2 ~ /\/$/ { lists[$1, $2] = 1; next }
		{ owner[NR] = $1; object[NR] = $2 " " $3 " " $1 }
		END {
			for (i in object)
				if (reachable(owner[i]))
					print object[i]
		}'
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
	kpb_kbuild_makefile >"$tree_objs/kbuild.mk"
	cat >>"$tree_objs/kbuild.mk" <<-'EOM'
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
		done' sh "$tree_objs" "$kernel_cc" |
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

# .c files that can include one of those on standard input
kpb_includers() {
	kpb_includers_all | sed -n '/\.c$/p'
}

# The same, and assembly, and headers; and those on standard input themselves.  This
# reads #include lines only: conditions are not looked at, so it may name too many;
# the compiler's own list of dependencies decides later.
kpb_includers_all() {
	local files found

	kpb_include_index
	files=$(sort -u)
	# Nobody includes most .c files, and the index is long: who includes one of
	# that name?
	found=$(kpb_includers_in <(sed 's,.*/,,; s,[]\.*^$[],\\&,g; s,.*,[ /]&$,' <<<"$files" |
		grep -f - "$tree_home/included") <<<"$files")
	[ "$found" = "$files" ] || found=$(kpb_includers_in "$tree_home/included" <<<"$files")
	printf '%s\n' "$found"
}

# kpb_includers_in INDEX: the same, by that part of the index
kpb_includers_in() {
	awk '
		FILENAME == "-" { want[$1] = 1; queue[++tail] = $1; next }
		{
			n = split($2, part, "/")
			by[part[n]] = by[part[n]] "\n" $1 " " $2
		}
		END {
			for (head = 1; head <= tail; head++) {
				f = queue[head]
				n = split(f, part, "/")
				m = split(by[part[n]], user, "\n")
				for (i = 1; i <= m; i++) {
					if (user[i] == "")
						continue
					split(user[i], u, " ")
					if (u[1] in want || !fits(f, u[2]))
						continue
					want[u[1]] = 1
					queue[++tail] = u[1]
				}
			}
			for (f in want)
				print f
		}
		# is that file what the index says?
		function fits(file, text,   l) {
			if (text ~ /^\//)
				return text == "/" file
			gsub(/(^|\/)\.\.?(\/\.\.?)*\//, "", text)
			l = length(file) - length(text)
			return l >= 0 && substr(file, l + 1) == text &&
				(l == 0 || substr(file, l, 1) == "/")
		}' - "$1" | sort -u
}

# All #include lines of the tree, once a tree: who, and what.  What the compiler
# looks for first, beside who includes it and in the kernel's own folders, is
# named from the top of the tree, with a slash in front; of what is only found
# by an -I of some Makefile there is the text.
kpb_include_index() {
	[ ! -s "$tree_home/included" ] || return 0
	# shellcheck disable=SC2086 # a list
	# some of the folders are not in every kernel
	(
		cd "$tree"
		find $KPB_SOURCE_DIRS -type f 2>/dev/null
		echo
		grep -rE --include='*.[chS]' \
			'^[[:space:]]*#[[:space:]]*include[[:space:]]*["<]' \
			$KPB_SOURCE_DIRS 2>/dev/null
	) |
		awk '
		{ sub(/\r$/, "") }
		$0 == "" { begun = 1; next }
		!begun { there[$0] = 1; next }
		{
			who = $0
			sub(/:.*/, "", who)
			text = substr($0, length(who) + 2)
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
		}' >"$tree_home/included.new" || true
	# -include on every command line
	printf '%s\n' "include/linux/compiler_types.h /include/linux/compiler_attributes.h" \
		>>"$tree_home/included.new"
	mv "$tree_home/included.new" "$tree_home/included"
}
