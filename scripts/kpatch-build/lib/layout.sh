# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# A struct that changes its layout cannot be live-patched: objects of the old
# layout exist, and code that is not patched uses it.  Which line of a diff
# changes one cannot be told from the line: what sizes an array may be a macro
# or an enumerator.  So it goes the other way round.  A file that is the same
# outside of function bodies changes no layout, and no object is looked at for
# it.  Else the compiler's view is compared, without function bodies again; and
# if that differs, what pahole says of objects with debug information.

# The changed files that say anything else outside of function bodies, or that
# cannot be told to say the same.
kpb_layout_files() {
	local file

	while read -r file; do
		! kpb_ignored "$file" || continue
		"$bin/declarations" "$tree/$file" >"$work/layout/before" &&
			"$bin/declarations" "$work/upper/$file" >"$work/layout/after" &&
			cmp -s "$work/layout/before" "$work/layout/after" ||
			printf '%s\n' "$file"
	done <"$work/files"
}

# kpb_layout_differs OBJ: for the compiler, outside of function bodies?
kpb_layout_differs() {
	local dir=$work/layout

	# of what cannot be told apart both may lack the end
	: >"$dir/before"
	: >"$dir/after"
	kpb_layout_compile "$1" "$dir/before.i" kpb_run "-E -P"
	kpb_layout_compile "$1" "$dir/after.i" kpb_patched_run "-E -P"
	! { "$bin/declarations" -p "$dir/before.i" >"$dir/before" &&
		"$bin/declarations" -p "$dir/after.i" >"$dir/after" &&
		cmp -s "$dir/before" "$dir/after"; }
}

# Without pahole: all types must be there as before, behind the preprocessor and
# under the same pragmas, which is more than has to be.  New ones change no layout.
kpb_layout_same_types() {
	local dir=$work/layout when

	for when in before after; do
		kpb_layout_heads "$dir/$when" | sort -u >"$dir/$when.heads"
		sed -n 's/^type: //p' "$dir/$when.heads" >"$dir/$when.types"
	done
	comm -23 "$dir/before.types" "$dir/after.types" >"$dir/gone"
	comm -3 "$dir/before.heads" "$dir/after.heads" | sed -n 's/^\t*name: //p' |
		kpb_layout_sized_by "$dir/before.types" >>"$dir/gone"
	if "$bin/declarations" -p "$dir/before.i" >/dev/null &&
		"$bin/declarations" -p "$dir/after.i" >/dev/null &&
		[ ! -s "$dir/gone" ]; then
		return 0
	fi
	sed 's/^/changed: /' "$dir/gone"
	kpb_why "$KPB_ERROR" \
		"the patch changes types that $1 is made with, and there is no pahole to tell whether the layout of a struct changes: install the package dwarves, or say --allow-layout-change if none does"
}

# Of a compiler's view, without values: "type:", the pragmas that hold there, and a
# type; or "name:" and what else is declared.
kpb_layout_heads() {
	awk '
		# what is in force is pack and other; pack(push) keeps both
		/^#pragma pack ?\(/ {
			n = split($0, word, /[(), ]+/)
			if (word[3] == "push") {
				stack[++depth] = pack
			} else if (word[3] == "pop") {
				pack = depth ? stack[depth--] : ""
				next
			} else {
				pack = ""
			}
			for (i = 3; i <= n; i++)
				if (word[i] ~ /^[0-9]+$/)
					pack = "pack " word[i] " "
			next
		}
		/^#pragma (GCC (diagnostic|poison|warning|error|visibility|system_header)|STDC|message|weak)/ { next }
		/^#pragma / {
			other = other $0 " "
			next
		}
		/^#/ { next }
		{
			head = $0
			sub(/=.*/, "", head)
			if (head ~ /^typedef / || head ~ /(struct|union|enum)[^;{]*\{/)
				print "type: " pack other $0
			else
				print "name: " head
		}' "$1"
}

# kpb_layout_sized_by TYPES: which of these types may be made by typeof or sizeof of
# what the declarations on standard input declare?
kpb_layout_sized_by() {
	awk '
		FILENAME == "-" {
			n = split($0, word, /[^A-Za-z0-9_]+/)
			for (i = 1; i <= n; i++)
				differs[word[i]] = 1
			next
		}
		/typeof|sizeof|alignof/ {
			n = split($0, word, /[^A-Za-z0-9_]+/)
			for (i = 1; i <= n; i++)
				if (word[i] in differs && word[i] !~ common) {
					print
					next
				}
		}
		BEGIN {
			common = "^$|^[0-9]|^_*(attribute|section|aligned|packed|used|unused|extern|static|const|volatile|struct|union|enum|void|char|short|int|long|float|double|signed|unsigned|Bool|typeof|sizeof|alignof|inline|asm)_*$"
		}' - "$1"
}

# One object for each changed file sees its structs, and only these are compiled so
# far: what is refused here must not wait until everything is found that may
# include a header.  What none of these sees is left to kpb_layout_rest.
kpb_layout_objects() {
	local file obj

	while read -r file; do
		for obj in $(kpb_layout_candidates "$file"); do
			kpb_make_shipped "$obj" >&2
			if kpb_depends "$obj" <(printf '%s\n' "$file"); then
				printf '%s\n' "$obj"
				break
			fi
		done
	done <"$work/layout/files" | sort -u
}

# Some objects that are probably compiled from that file: its own, or those
# that name it before those that get it from another header, and code that
# every kernel has before drivers.  Only a few directories are asked what
# they build: for all of them that takes minutes.
kpb_layout_candidates() {
	if [ -n "$opt_oot" ]; then
		kpb_oot_made c | awk -v own="${1%.c}.o" '{ print ($0 != own), $0 }' |
			sort | cut -d' ' -f2 | sed -n 1,8p
		return
	fi
	printf '%s\n' "$1" | grep '\.c$' | kpb_built | grep . || {
		printf '%s\n' "$1" | kpb_includers >"$work/layout/includers"
		awk -v h="/$1" 'FNR == NR {
				if ($2 == h || substr(h, length(h) - length($2)) == "/" $2)
					direct[$1] = 1
				next
			}
			{ print !($0 in direct), $0 !~ /^(kernel|mm|fs|lib|ipc|block|net\/core)\//, NR, $0 }' \
			"$lists/included" "$work/layout/includers" |
			sort -n -k1,1 -k2,2 -k3,3 | sed -n 1,60p | cut -d' ' -f4 >"$work/layout/likely"
		kpb_built <"$work/layout/likely" >"$work/layout/built"
		# in the order of likelihood again
		sed 's/\.c$/.o/' "$work/layout/likely" | grep -xF -f "$work/layout/built" |
			sed -n 1,8p
	}
}

# Of a compiler's view (declarations -p), the types that have no name of their own:
# a line for each, with its name, "struct" or "union", and what it is.
kpb_layout_typedefs() {
	awk -v OFS='\t' '/^typedef (struct|union) [^;]*\{/ {
		name = $0
		sub(/ *;$/, "", name)
		sub(/ *__attribute__ *\(\([^{}]*\)\)$/, "", name)
		sub(/.*[^A-Za-z0-9_]/, "", name)
		if (name != "")
			print name, $2, $0
	}' "$1" | sort -u
}

# kpb_layout_pahole OBJ RUNNER TYPEDEFS: what pahole says of an object, and of these
# typedefs, of which it has to be given the names. The size of a union stands in
# another list.
kpb_layout_pahole() {
	# it fails for names that the object has no type of
	# shellcheck disable=SC2016 # expanded inside
	"$2" sh -ec 'pahole --sizes "$1" 2>/dev/null | sed "s/^/size: /"
		pahole "$1" 2>/dev/null
		[ -z "$2" ] || pahole -C "$2" "$1" 2>/dev/null || true' \
		sh "$1" "$3"
}

# kpb_layout_list OBJ RUNNER TYPEDEFS: of the same a line for each struct, with its
# name, its size, and its members with their offsets and sizes, with "|" between
# them ("~" within one that is spelled out). A struct or union without a name
# inside is not there, only what it consists of, and how it is aligned: code uses
# that as members of the whole.
kpb_layout_list() {
	kpb_layout_pahole "$@" | awk '
		/^size: / { sizes[$2] = $3; next }
		/^(struct|union) [A-Za-z0-9_]+ \{/ {
			begin($1 " " $2)
			next
		}
		/^typedef struct \{/ {
			begin($1)
			next
		}
		name == "" { next }
		/^\}/ { done(); next }
		{
			gsub(/[ \t]+/, " ")
			sub(/^ /, "")
			if ($0 ~ /^\/\* size: /)
				size = $3
			if ($0 == "" || $0 ~ /^\/\*.*\*\/ ?$/)
				next
			member()
		}
		function begin(what) {
			name = what
			size = ""
			n = depth = reach = inner = 0
		}
		function aligned(text) {
			return match(text, /__aligned__\([0-9]+/) ? substr(text, RSTART + 12, RLENGTH - 12) + 0 : 0
		}
		# how far what this line tells of reaches
		function end_of(text,   where) {
			if (!match(text, /\/\* [0-9]+(: [0-9]+)? [0-9]+ \*\//))
				return 0
			split(substr(text, RSTART + 3, RLENGTH - 6), where, /(: [0-9]+)? /)
			return where[1] + where[2]
		}
		function member(   text, i, part) {
			line[++n] = $0
			if (end_of($0) > reach)
				reach = end_of($0)
			if ($0 ~ /\{$/)
				open[++depth] = n
			if ($0 !~ /^\}/)
				return
			i = open[depth--]
			text = $0
			gsub(/ *(\/\*.*\*\/|__attribute__\(\(__[a-z_]+__(\([0-9]+\))?\)\))/, "", text)
			if (text ~ /^\} ?; ?$/) {
				if (aligned($0) > inner)
					inner = aligned($0)
				line[i] = line[n--] = ""
				return
			}
			text = line[i]
			for (part = i + 1; part <= n; part++)
				if (line[part] != "")
					text = text "~" line[part]
			n = i
			line[n] = text
		}
		function done(   i, body) {
			sub(/,$/, "", size)
			if (size == "" && name ~ /^union /)
				size = substr(name, 7) in sizes ? sizes[substr(name, 7)] : reach
			# how the whole is aligned; up to 8 a member may ask for it
			body = $0
			if (inner > 8 && inner > aligned($0))
				body = body " aligned " inner
			for (i = 1; i <= n; i++)
				if (line[i] != "")
					body = body "|" line[i]
			if (name == "typedef") {
				gsub(/ *__attribute__\(\(__[a-z_]+__(\([0-9]+\))?\)\)/, "")
				gsub(/^\} *|;$/, "")
				name = "typedef " $0
			}
			print name "\t" size "\t" size "|" body
			name = ""
		}' | sort -u
}

# kpb_layout_changes BEFORE AFTER: of two such lists, what is in both and differs.
# struct_group() gives some members that stay where they are a second name.
kpb_layout_changes() {
	awk -F '\t' '
		FNR == NR {
			size[$1] = $2
			body[$1] = $3
			next
		}
		$1 in body && !same(body[$1], $3) {
			print $1 " (" size[$1] " bytes, then " $2 ")"
		}
		function same(old, new,   o, n, i, j, last, there) {
			last = split(old, o, "|")
			for (i = 1; i <= last; i++)
				there[o[i]] = 1
			split(new, n, "|")
			for (i = j = 1; j in n; j++)
				if (i <= last && n[j] == o[i])
					i++
				else if (!second(n[j], there))
					return 0
			return i > last
		}
		# is it a struct of members that are there?
		function second(text, there,   part, last, i) {
			last = split(text, part, "~")
			for (i = 2; i < last; i++)
				if (!(part[i] in there))
					return 0
			return last > 2 && part[1] == "struct {" && part[last] ~ /^\} [A-Za-z0-9_]+;/
		}' "$1" "$2"
}

# Step
kpb_layout() {
	local dir=$work/layout

	[ "$opt_allow_layout" = 0 ] || return 0
	rm -rf "$dir"
	mkdir -p "$dir"
	: >"$dir/compared"
	kpb_layout_files >"$dir/files"
	[ -s "$dir/files" ] || return 0
	kpb_layout_objects >"$dir/objects"
	kpb_layout_compare
}

# Step, when it is known of which objects the module is.  What a header says may
# size something that not all objects see that include it: an array in a struct of
# another header, or of a source.  Where no code changes, none is changed.
kpb_layout_rest() {
	local obj dir=$work/layout

	[ -s "$dir/files" ] || return 0
	while read -r obj; do
		[ ! -f "$work/diff/$(kpb_flat "$obj")" ] || ! kpb_depends "$obj" "$dir/files" ||
			printf '%s\n' "$obj"
	done <"$work/objects.built" | sort | comm -23 - "$dir/compared" >"$dir/objects"
	kpb_layout_compare
}

# Compare what is in both, original and patched, of each object in the list.
kpb_layout_compare() {
	local obj changed names dir=$work/layout debug="-g -fno-eliminate-unused-debug-types" \
		pahole=1

	# asked for in each run: it may have been installed because one said so
	kpb_run sh -c 'command -v pahole' >/dev/null || pahole=0
	while read -ru 4 obj; do
		[ -f "$tree/$(kpb_cmd_file "$obj")" ] || continue
		kpb_layout_differs "$obj" || continue
		[ "$pahole" = 1 ] || {
			kpb_layout_same_types "$obj"
			continue
		}
		printf 'with debug information: %s\n' "$obj"
		kpb_layout_compile "$obj" "$dir/orig.o" kpb_run "$debug"
		kpb_layout_compile "$obj" "$dir/patched.o" kpb_patched_run "$debug"
		kpb_layout_typedefs "$dir/before" >"$dir/before.typedefs"
		kpb_layout_typedefs "$dir/after" >"$dir/after.typedefs"
		names=$(awk -F '\t' '$2 == "struct" { print $1 }' "$dir/before.typedefs" | paste -sd,)
		kpb_layout_list "$dir/orig.o" kpb_run "$names" >"$dir/orig"
		kpb_layout_list "$dir/patched.o" kpb_run "$names" >"$dir/patched"
		# pahole shows no unions of these
		awk -F '\t' 'FNR == NR { is[$1] = $3; next }
			$2 == "union" && $1 in is && is[$1] != $3 { print "typedef " $1 }' \
			"$dir/before.typedefs" "$dir/after.typedefs" >>"$dir/changed"
		kpb_layout_changes "$dir/orig" "$dir/patched" >>"$dir/changed"
	done 4<"$dir/objects"
	sort -u "$dir/objects" "$dir/compared" -o "$dir/compared"
	changed=$(sort -u "$dir/changed" 2>/dev/null | head -n 4 | paste -sd';' | sed 's/;/; /g') || true
	[ -z "$changed" ] || kpb_why "$KPB_REFUSED" \
		"the layout changes of $changed: what exists in the running kernel has the old one; keep it and put new members into a shadow variable (klp_shadow_get_or_alloc), or say --allow-layout-change if all of it lives on the stack of patched functions"
}

# kpb_layout_compile OBJ OUT RUNNER FLAGS
kpb_layout_compile() {
	local cmd

	# what patch authors may include
	kpb_author_include
	# without objtool; a module of others is compiled in the headers' folder
	cmd=$(KPB_SPLIT=$4 kpb_command "$1" "$2" | sed -n 2,3p)
	"$3" sh -ec "$cmd" </dev/null || kpb_does_not_compile "$3"
}
