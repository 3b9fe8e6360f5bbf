# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# The build makes C of other files, also of headers: names of what an enumerator
# counts, tables that a program computes.  The running kernel has what was made,
# and no function of it changes, so it must be the same with the patched files.

# Step
kpb_generated() {
	local file dir made program

	[ -z "$opt_oot" ] || return 0
	rm -rf "$work/generated"
	while read -ru 4 file; do
		! kpb_ignored "$file" || continue
		while read -ru 5 dir made program; do
			kpb_generated_here "$dir" || continue
			printf 'generated of %s: %s\n' "$file" "$made"
			[ "$program" = 1 ] || ! kpb_generated_same "$dir" "$made" || continue
			kpb_why "$KPB_REFUSED" \
				"the patch changes $file, of which the build makes $made: the running kernel has what was made, and a patch module does not remake it; leave that part out, or put what is new into C files and under another name"
		done 5< <(kpb_generated_of "$file")
	done 4<"$work/files"
}

# kpb_generated_of FILE: the directories whose Makefiles make C of it, what, and 1 if
# FILE is a part of the program that does.
kpb_generated_of() {
	awk -v file="$1" '
		{
			for (i = 3; i <= NF; i++)
				if ($i == file || is_part($i)) {
					print $1, $2, $i != file
					next
				}
		}
		function is_part(text,   l) {
			l = length(file) + 1 - length(text)
			return sub(/^:/, "/", text) && l >= 0 && substr("/" file, l + 1) == text
		}' "$lists/generated"
}

# kpb_generated_here DIR: does this config make any object there?
kpb_generated_here() {
	printf '%s/.c\n' "$1" | kpb_built >&2 || exit
	[ -n "$(awk -v dir="$1" '$1 == dir && sub(/\.o$/, ".c", $2) { print $2 }' \
		"$lists/made" | kpb_built)" ]
}

# kpb_generated_same DIR FILE: is what is made of the patched source the same?  It is
# made outside of the tree. What takes a program that is not there, and what has a
# pattern for its name, cannot be told.
kpb_generated_same() {
	local dir=$work/generated base=${2#"$1"/} when runner=kpb_run

	[[ $base != *%* ]] || return 1
	for when in before after; do
		mkdir -p "$dir/$when"
		"$runner" make -rR -f "$lists/generated.mk" "dir=$1" "obj=$dir/$when" \
			"CC=$kernel_cc" "$dir/$when/$base" && [ -s "$dir/$when/$base" ] || return 1
		runner=kpb_patched_run
	done
	# the name may be in it
	sed -i "s,$dir/\(before\|after\)/,,g" "$dir"/{before,after}/"$base"
	cmp "$dir/before/$base" "$dir/after/$base"
}

# The rules of the tree that make C, in $lists/generated: the
# directory, what is made, and of what.  Where a program of the build makes it, also
# that one's source, and what it includes, with a colon in front: the end of a path.
kpb_generated_rules() {
	local dir made of program

	kpb_kbuild_makefile >"$lists/generated.mk"
	cat >>"$lists/generated.mk" <<-'EOM'
		CONFIG_SHELL := sh
		PERL := perl
		AWK := awk
		PYTHON3 := python3
		export CONFIG_SHELL PERL AWK PYTHON3
		PHONY += FORCE
		FORCE:
		.PHONY: $(PHONY)
	EOM
	kpb_generated_database | while read -r dir made of; do
		printf '%s %s %s' "$dir" "$made" "$of"
		for program in $of; do
			[ -f "$tree/$program.c" ] || continue
			printf ' :%s' "$program.c"
			sed -nE 's,^[[:space:]]*#[[:space:]]*include[[:space:]]*"(\.\./)*([^" ]*)".*, :\2,p' \
				"$tree/$program.c" | tr -d '\n'
		done
		echo
	done >"$lists/generated"
	# by the architecture's Makefile, for everyone
	made=arch/x86/include/generated/asm/cpufeaturemasks.h
	[ ! -f "$tree/$made" ] || printf '%s\n' \
		"arch/x86/kernel/cpu $made arch/x86/include/asm/cpufeatures.h" >>"$lists/generated"
}

# As make sees them: with the variables of the Makefiles expanded.
kpb_generated_database() {
	# shellcheck disable=SC2046,SC2016,SC2015 # a list; make's, and expanded inside
	(cd "$tree" && grep -rlE --include=Makefile --include=Kbuild \
		'^\$\(obj\)/[^:=]*\.(c|h|S|inc)[^:=]*:' $(kpb_source_dirs) || [ $? = 1 ]) |
		sed -E 's,/[^/]*$,,; /^arch\/x86\/(boot|purgatory|realmode|um)/d' | sort -u |
		kpb_run sh -c 'for dir in $(cat); do
				echo "kpb: $dir"
				# -q: it ends with 1 where something is to do
				make -pqrR -f "$1/generated.mk" "dir=$dir" "CC=$2" 2>/dev/null || true
			done' sh "$lists" "$kernel_cc" | awk '
		$1 == "kpb:" {
			dir = $2
			next
		}
		index($0, dir "/") == 1 && /^[^ :=]+\.(c|h|S|inc): *[^ =]/ {
			made = $1
			sub(/:$/, "", made)
			sub(/^[^ ]* */, "")
			gsub(/(^| )\.\//, " ")
			while (sub(/[^\/ ]+\/\.\.\//, ""))
				;
			print dir, made, $0
		}'
}
