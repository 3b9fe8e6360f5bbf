# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# A struct that changes its layout cannot be live-patched: objects of the old
# layout exist, and code that is not patched uses it.  The code alone does not
# show it, so objects are compiled with debug information, original and
# patched, where the diff touches something that looks like a declaration.

kpb_touches_declarations() {
	grep -hE '^[+-][[:space:]]+[A-Za-z_][A-Za-z0-9_ *]*[ *][A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])*( ?: ?[0-9]+)?( __[a-z_]+(\([^)]*\))?)?;' \
		"${patches[@]}" | grep -qvE '^[+-][[:space:]]+(return|goto|break|continue)\b'
}

# One object for each changed file is enough.
kpb_layout_objects() {
	local file obj

	while read -r file; do
		while read -r obj; do
			if [ "$obj" = "${file%.c}.o" ] ||
				grep -qE "^ +(\\./|$tree/)?${file//./\\.}( |\$)" "$tree/$(kpb_cmd_file "$obj")"; then
				printf '%s\n' "$obj"
				break
			fi
		done <"$work/objects.built"
	done <"$work/files" | sort -u
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
	local obj dir=$work/layout changed

	[ "$opt_allow_layout" = 0 ] || return 0
	kpb_touches_declarations || return 0
	kpb_run sh -c 'command -v pahole' || {
		printf 'no pahole here: struct layouts are not compared\n'
		return 0
	}
	rm -rf "$dir"
	mkdir -p "$dir"
	kpb_layout_objects | while read -r obj; do
		kpb_layout_compile "$obj" "$dir/orig.o" kpb_run
		kpb_layout_compile "$obj" "$dir/patched.o" kpb_patched_run
		kpb_layout_list "$dir/orig.o" kpb_run >"$dir/orig"
		kpb_layout_list "$dir/patched.o" kpb_run >"$dir/patched"
		# in both, with another body
		awk -F '\t' 'FNR == NR { size[$1] = $2; body[$1] = $3; next }
			$1 in body && body[$1] != $3 {
				print $1 " (" size[$1] " bytes, then " $2 ")"
			}' "$dir/orig" "$dir/patched" >>"$dir/changed"
	done
	changed=$(sort -u "$dir/changed" 2>/dev/null | head -n 4 | paste -sd, | sed 's/,/, /g') || true
	[ -z "$changed" ] || kpb_why "$KPB_REFUSED" \
		"the layout changes of $changed: what exists in the running kernel has the old one; keep it and put new members into a shadow variable (klp_shadow_get_or_alloc), or say --allow-layout-change if all of it lives on the stack of patched functions"
}

kpb_layout_compile() {
	local cmd

	cmd=$(KPB_SPLIT=-g kpb_command "$1" "$2" | sed -n 3p)
	"$3" sh -c "$cmd"
}
