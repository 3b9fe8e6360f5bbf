# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154 # set by the other files of kpatch-build
# An export whose checksum changes has another interface: modules that use it
# were built against the old one.  genksyms tells, for original and patched;
# a kernel without CONFIG_MODVERSIONS would load the modules and crash.

# Step
kpb_exports() {
	local obj changed='' dir=$work/exports names genksyms=scripts/genksyms/genksyms

	rm -rf "$dir"
	mkdir "$dir"
	rm -f "$work/unchecked"
	while read -r obj; do
		# the object, as the source may include others that have them
		! grep -qaE '__ksymtab|export_symbol' "$tree/$obj" || printf '%s\n' "$obj"
	done <"$work/objects.built" >"$dir/objects"
	[ -s "$dir/objects" ] || return 0
	kpb_genksyms_there || {
		printf 'genksyms is not there and cannot be compiled: whether the patch changes the interface of exports has not been checked\n' |
			tee "$work/unchecked"
		return 0
	}
	while read -r obj; do
		[ "$tree_objs/$obj.crc" -nt "$tree_objs/$obj" ] || {
			kpb_export_sums "$obj" kpb_run >"$dir/shipped"
			mv "$dir/shipped" "$tree_objs/$obj.crc"
		}
		kpb_export_sums "$obj" kpb_patched_run >"$dir/patched"
		# the name is in both, the sum is another
		names=$(awk 'FNR == NR { sum[$1] = $2; next }
			$1 in sum && sum[$1] != $2 { printf "%s ", $1 }' \
			"$tree_objs/$obj.crc" "$dir/patched")
		[ -z "$names" ] || changed+="${names}of $obj, "
	done <"$dir/objects"
	[ -z "$changed" ] || kpb_why "$KPB_REFUSED" \
		"the exported interface (CRC) changes for ${changed%, }: modules that use it were built against the old one; keep the prototypes and struct layouts that it uses, put new members into a shadow variable and new arguments into a new function"
}

# The headers of a kernel have it if its config needs it.
kpb_genksyms_there() {
	if [ -n "$opt_oot" ]; then
		genksyms=$kernel_kdir/$genksyms
		kpb_run test -x "$genksyms"
	else
		[ -x "$tree/$genksyms" ] || kpb_shared kpb_genksyms
	fi
}

# Where the config does not need it, modules_prepare leaves it out.
kpb_genksyms() {
	kpb_make -f scripts/Makefile.build obj=scripts/genksyms srctree=. objtree=. srcroot=. \
		YACC=bison LEX=flex KBUILD_HOSTCFLAGS='-O2 -Iscripts/include'
}

# "name sum" a line
kpb_export_sums() {
	local cmd

	# a module of others is compiled in the headers' folder
	cmd=$(kpb_command "$1" /dev/null | sed -n 2,3p)
	cmd=$(sed -E '2 { s/ -Wp,-MM?D,[^ ]*//; s/ -c / -E -D__GENKSYMS__ /; s, -o /dev/null , , }' <<<"$cmd")
	"$2" bash -o pipefail -ec "$cmd | $genksyms" |
		sed -nE 's/^__crc_([^ ]+) = (0x[0-9a-f]+);?/\1 \2/p; s/^#SYMVER ([^ ]+) (0x[0-9a-f]+)/\1 \2/p' | sort
}
