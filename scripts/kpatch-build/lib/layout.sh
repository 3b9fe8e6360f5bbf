# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# A struct that changes its layout cannot be live-patched: objects of the old
# layout exist, and code that is not patched uses it.  The code alone does not
# show it, so objects are compiled with debug information, original and
# patched, where the diff touches something that looks like a declaration.

# Lines that may be members, function pointers, ends of nested structs, or
# macros that sizes depend on.
kpb_touches_declarations() {
	local type='[A-Za-z_][A-Za-z0-9_ *]*[ *]' name='[A-Za-z_][A-Za-z0-9_]*'
	local end='(\[[^]]*\])*( ?: ?[0-9]+)?( __[a-z_]+(\([^)]*\))?)?;'

	grep -hE "^[+-]([[:space:]]+$type$name$end|[[:space:]]+$type?\(\*$name\)\(|[[:space:]]*\} ?$name$end|[[:space:]]*# *define)" \
		"${patches[@]}" | grep -qvE '^[+-][[:space:]]+(return|goto|break|continue)\b'
}

# One object for each changed file is enough.  Only these are compiled so far:
# a header that half of the kernel includes is refused before that is.  Headers
# for which none is found wait for kpb_layout_rest.
kpb_layout_objects() {
	local file obj found

	: >"$work/layout/left"
	while read -r file; do
		case $file in
		*.c)
			! grep -qxF "${file%.c}.o" "$work/objects" || printf '%s\n' "${file%.c}.o"
			continue
			;;
		esac
		found=''
		for obj in $(kpb_layout_candidates "$file"); do
			kpb_make_shipped "$obj" >&2
			if kpb_depends "$obj" "$file"; then
				found=$obj
				break
			fi
		done
		if [ -n "$found" ]; then
			printf '%s\n' "$found"
		else
			printf '%s\n' "$file" >>"$work/layout/left"
		fi
	done <"$work/files" | sort -u
}

# Objects that probably include a header: those that name it first.
kpb_layout_candidates() {
	if [ ! -s "$tree_home/includes" ]; then
		head -n 8 "$work/objects"
		return
	fi
	awk -v h="$1" '$1 ~ /\.c$/ && substr(h, length(h) - length($2) + 1) == $2 {
			sub(/\.c$/, ".o", $1)
			print $1
		}' "$tree_home/includes" | sort -u | comm -12 - "$work/objects" |
		cat - "$work/objects" | awk '!seen[$0]++' | head -n 8
}

# pahole's view of an object: a line for each struct.
kpb_layout_list() {
	# shellcheck disable=SC2016 # expanded inside
	"$2" sh -c 'pahole "$1" 2>/dev/null' sh "$1" | awk '
		/^(struct|union) [A-Za-z0-9_]+ \{/ { name = $1 " " $2; body = "" }
		name != "" {
			if ($0 ~ /\/\* size: /) size = $3
			sub(/\/\* --- cacheline.*/, "")
			gsub(/\t/, " ")
			body = body $0
		}
		/^\}/ && name != "" {
			sub(/,$/, "", size)
			print name "\t" size "\t" body
			name = ""
		}' | sort -u
}

# Step
kpb_layout() {
	local dir=$work/layout

	[ "$opt_allow_layout" = 0 ] || return 0
	kpb_touches_declarations || return 0
	kpb_run sh -c 'command -v pahole' || {
		printf 'no pahole here: struct layouts are not compared\n'
		return 0
	}
	rm -rf "$dir"
	mkdir -p "$dir"
	kpb_layout_objects >"$dir/objects"
	kpb_layout_compare
}

# Step, when all objects are there.
kpb_layout_rest() {
	local file obj dir=$work/layout

	[ -s "$dir/left" ] || return 0
	while read -r file; do
		while read -r obj; do
			if kpb_depends "$obj" "$file"; then
				printf '%s\n' "$obj"
				break
			fi
		done <"$work/objects.built"
	done <"$dir/left" | sort -u >"$dir/objects"
	kpb_layout_compare
}

# Compare what is in both, original and patched, of each object in the list.
kpb_layout_compare() {
	local obj changed dir=$work/layout

	while read -ru 4 obj; do
		kpb_make_shipped "$obj"
		[ -f "$tree/$(kpb_cmd_file "$obj")" ] || continue
		kpb_layout_compile "$obj" "$dir/orig.o" kpb_run
		kpb_layout_compile "$obj" "$dir/patched.o" kpb_patched_run
		kpb_layout_list "$dir/orig.o" kpb_run >"$dir/orig"
		kpb_layout_list "$dir/patched.o" kpb_run >"$dir/patched"
		awk -F '\t' 'FNR == NR { size[$1] = $2; body[$1] = $3; next }
			$1 in body && body[$1] != $3 {
				print $1 " (" size[$1] " bytes, then " $2 ")"
			}' "$dir/orig" "$dir/patched" >>"$dir/changed"
	done 4<"$dir/objects"
	changed=$(sort -u "$dir/changed" 2>/dev/null | head -n 4 | paste -sd';' | sed 's/;/; /g') || true
	[ -z "$changed" ] || kpb_why "$KPB_REFUSED" \
		"the layout changes of $changed: what exists in the running kernel has the old one; keep it and put new members into a shadow variable (klp_shadow_get_or_alloc), or say --allow-layout-change if all of it lives on the stack of patched functions"
}

kpb_layout_compile() {
	local cmd

	# what patch authors may include
	kpb_author_include
	cmd=$(KPB_SPLIT="-g -fno-eliminate-unused-debug-types" kpb_command "$1" "$2" | sed -n 3p)
	"$3" sh -c "$cmd" </dev/null || kpb_does_not_compile "$3"
}
