# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# From the files that patches touch to the objects that are made of them.

# Step: the objects, one a line, in $work/objects.
kpb_objects_find() {
	local file

	[ -z "$opt_oot" ] || {
		kpb_oot_made c | sort -u >"$work/objects"
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
			}' "$lists/included")
		[ -z "$user" ] || kpb_why "$KPB_REFUSED" \
			"the patch changes $file, which only assembly as $user includes: only C functions can be replaced, put the fix into their C callers"
	done
}

# Of the .c files on standard input, the objects of those that the kernel's
# build makes one of, with this config. The Makefile beside a file or above it
# says so.
kpb_built() {
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
	[ -z "$opt_oot" ] || {
		sed 's/.*/& & ./'
		return 0
	}
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
		' "$lists/arch.mk" - "$lists/objects"
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

# .c files that can include one of those on standard input
kpb_includers() {
	kpb_includers_all | sed -n '/\.c$/p'
}

# The same, and assembly, and headers; and those on standard input themselves.  This
# reads #include lines only: conditions are not looked at, so it may name too many;
# the compiler's own list of dependencies decides later.
kpb_includers_all() {
	local files found

	files=$(sort -u)
	# Nobody includes most .c files, and the index is long: who includes one of
	# that name, or a header by a macro?
	found=$(kpb_includers_in <(sed 's,.*/,,; s,[]\.*^$[],\\&,g; s,.*,[ /]&$,; s,.*\.h\$$,&\n \\*$,' \
		<<<"$files" | grep -f - "$lists/included") <<<"$files")
	[ "$found" = "$files" ] || found=$(kpb_includers_in "$lists/included" <<<"$files")
	printf '%s\n' "$found"
}

# kpb_includers_in INDEX: the same, by that part of the index
kpb_includers_in() {
	awk '
		FILENAME == "-" { want[$1] = 1; queue[++tail] = $1; next }
		{
			n = split($2, part, "/")
			base = part[n]
			# the line of another one that includes what is called so
			before[FNR] = last[base]
			last[base] = FNR
			who[FNR] = $1
			what[FNR] = $2
		}
		END {
			for (head = 1; head <= tail; head++) {
				f = queue[head]
				n = split(f, part, "/")
				named = 0
				for (i = last[part[n]]; i; i = before[i])
					if (fits(f, what[i])) {
						named = 1
						add(who[i])
					}
				# what nobody names may be included by a macro
				if (!named && f ~ /\.h$/)
					for (i = last["*"]; i; i = before[i])
						add(who[i])
			}
			for (f in want)
				print f
		}
		function add(file) {
			if (file in want)
				return
			want[file] = 1
			queue[++tail] = file
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
