# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# Compile the touched objects three times, with the kernel's own commands:
#
#   as shipped   in the tree, by kbuild: proved against the image, and the
#                source of the exact command (.NAME.o.cmd)
#   original     the same command, a section for each function and variable
#   patched      the same, of the patched source
#
# The first two are kept in the cache with the tree.

KPB_SPLIT="-ffunction-sections -fdata-sections"

kpb_cmd_file() {
	printf '%s/.%s.cmd\n' "$(dirname "$1")" "${1##*/}"
}

# kpb_make_shipped OBJ...: by kbuild, those that are not there yet; a tree that
# is somebody else's may have changed since. The output is make's.
kpb_make_shipped() {
	local obj goal dir

	[ -z "$opt_sourcedir" ] || for obj in "$@"; do
		! kpb_outdated "$obj" || rm -f "$tree/$obj"
	done
	printf '%s\n' "$@" | kpb_goals >"$work/goals"
	while read -r obj goal dir; do
		[ -z "$opt_sourcedir" ] && [ -f "$tree/$obj" ] &&
			[ -f "$tree/$(kpb_cmd_file "$obj")" ] || printf '%s %s\n' "$goal" "$dir"
	done <"$work/goals" | kpb_make_goals | tee -a "$work/make.log" || true
}

# Make the goals on standard input, each with its directory behind it. The top
# Makefile has, under two names, a variable that says where kbuild shall begin;
# since 6.1 what is asked for is seen from there. (No other Makefile may see
# ours: the tools have one of that name, too.)
kpb_make_goals() {
	local all dir goals begin rc=0

	all=$(sort -k 2)
	for dir in $(awk '{ print $2 }' <<<"$all" | uniq); do
		mapfile -t goals < <(awk -v dir="$dir" '$2 == dir { print $1 }' <<<"$all")
		begin=()
		if [ "$dir" != . ]; then
			begin=("--eval=\$(if \$(wildcard kernel/sched/core.c),\$(foreach v,build-dir build-dirs,\$(eval override \$v := $dir)))")
			# shellcheck disable=SC2016 # make's
			! grep -qF 'addprefix $(build-dir)/' "$tree/Makefile" ||
				goals=("${goals[@]#"$dir/"}")
		fi
		kpb_make -k -j"$opt_jobs" KBUILD_MODPOST_WARN=1 DEBUG_CFLAGS= \
			"${begin[@]}" "${goals[@]}" </dev/null 2>&1 || rc=$?
	done
	return "$rc"
}

# kpb_outdated OBJ: has one of the files that it is made of changed since? make goes by
# the times that files say they have, which a copy keeps.
kpb_outdated() {
	[ -f "$tree/$1" ] && [ -f "$tree/$(kpb_cmd_file "$1")" ] || return 1
	# shellcheck disable=SC2016 # expanded inside
	[ -n "$(cd "$tree" && sed -nE 's,^ +([^ $]+) *\\?$,\1,p; s/^source_[^ ]* := //p' \
		"$(kpb_cmd_file "$1")" | tr '\n' '\0' |
		xargs -0 sh -c 'find "$@" -maxdepth 0 -newercm "$0" -print -quit' "$tree/$1" 2>/dev/null)" ]
}

# kpb_source OBJ: what it is compiled from, by the compiler's own list
kpb_source() {
	sed -n 's/^source_[^ ]* := //p' "$tree/$(kpb_cmd_file "$1")" | sed "s,^$tree/,,; s,^\./,,"
}

# kpb_depends OBJ FILES: is it made of one of those that this file lists, by the
# compiler's own list of what it has read?
kpb_depends() {
	[ -f "$tree/$(kpb_cmd_file "$1")" ] || return 1
	awk -v tree="$tree/" '
		FILENAME == ARGV[1] {
			want[$1] = 1
			next
		}
		/^ / || /^source_/ {
			path = /^ / ? $1 : $3
			if (index(path, tree) == 1)
				path = substr(path, length(tree) + 1)
			sub(/^\.\//, "", path)
			while (sub(/[^\/]+\/\.\.\//, "", path))
				;
			if (path in want) {
				found = 1
				exit
			}
		}
		END { exit !found }' "$2" "$tree/$(kpb_cmd_file "$1")"
}

# Step: the objects as shipped.
kpb_compile_shipped() {
	local obj objs total

	total=$(while read -r obj; do [ -f "$tree/$obj" ] || echo; done <"$work/objects" | wc -l)
	kpb_compile_estimate "$total"
	xargs -n 400 <"$work/objects" >"$work/batches"
	while read -ra objs; do
		kpb_make_shipped "${objs[@]}"
	done <"$work/batches" | kpb_progress "$total"
	kpb_keep_built
}

kpb_compile_estimate() {
	[ "$1" -lt 20 ] || kpb_progress_line \
		"$1 objects may be made of what changes: about $(($1 * 12 / 10 / opt_jobs)) s"
}

# A bar for many objects; the log is read from stdin and passed on.
kpb_progress() {
	local line done=0 total=$1

	while IFS= read -r line; do
		printf '%s\n' "$line"
		case $line in
		*'  CC '*) done=$((done + 1)) ;;
		*) continue ;;
		esac
		[ "$total" -lt 20 ] || [ "$opt_quiet" = 1 ] ||
			printf '\r    [%-40s] %d of at most %d' \
				"$(printf '%*s' $((done * 40 / total)) '' | tr ' ' '#')" \
				"$done" "$total" >&3
	done
	[ "$total" -lt 20 ] || [ "$opt_quiet" = 1 ] || printf '\n' >&3
}

# kpb_made OBJ: has kbuild made it?  If not, and that was no error, this config
# does not build it.
kpb_made() {
	local goal

	[ ! -f "$tree/$1" ] || [ ! -f "$tree/$(kpb_cmd_file "$1")" ] || return 0
	goal=$(printf '%s\n' "$1" | kpb_goals | cut -d' ' -f2) || exit
	! grep -qF "$goal] Error" "$work/make.log" 2>/dev/null ||
		kpb_why_or_full "$KPB_COMPILE" "$1 cannot be compiled from unpatched source"
	grep -qE "(No rule to make target|Nothing to be done for) .?$goal'" "$work/make.log" ||
		! grep -qE '\*\*\* .*Error [0-9]' "$work/make.log" ||
		kpb_why "$KPB_ERROR" "make failed before it came to $1: $(grep -m 1 -E 'error|No space|\*\*\*' "$work/make.log")"
	printf 'not built by this config: %s\n' "$1"
	return 1
}

# Objects that this config does not build drop out; so do, by the compiler's
# own list, those that do not include a changed file.
kpb_keep_built() {
	local obj

	: >"$work/objects.built"
	printf '%s\n' "${opt_targets[@]%.o}" | sed 's/$/.o/' >"$work/targets"
	while read -r obj; do
		kpb_made "$obj" || continue
		if grep -qxF "$obj" "$work/targets" || kpb_depends "$obj" "$work/files"; then
			printf '%s\n' "$obj" >>"$work/objects.built"
		fi
	done <"$work/objects"
	[ -s "$work/objects.built" ] || kpb_why "$KPB_NOCHANGE" \
		"the config of $kernel_release builds no object from the changed files: this kernel does not have that code"
}

# Changed files that no object is made of, though others are; nor is one now that they
# have changed.
kpb_tell_unused() {
	local file unused=''

	rm -f "$work/left-out"
	while read -r file; do
		grep -rqsF --include='*.d' -- " $file" "$work/patched" ||
			kpb_read_by_some "$file" || unused+=" $file"
	done <"$work/touched"
	[ -z "$unused" ] || kpb_left_out "this kernel has no object that is made of it:$unused"
}

# kpb_read_by_some FILE: one of the objects.  Most are of the first.
kpb_read_by_some() {
	local obj

	while read -r obj; do
		! kpb_depends "$obj" <(printf '%s\n' "$1") || return 0
	done < <(cat "$work"/{objects.built,assembly/objects})
	return 1
}

# How the saved command calls the object: by its path in the tree, perhaps from
# the directory beside that makes it, or (outside modules of older kernels) by
# its full path, seen from the headers.
kpb_command_name() {
	sed -nE '1s/^(saved)?cmd_([^ ]+) := .*/\2/p' "$tree/$(kpb_cmd_file "$1")"
}

# kpb_command OBJ OUT: the saved command, to make OUT with split sections.
kpb_command() {
	local cmd obj out=$2 cc objtool='' dir=$tree core=''

	obj=$(kpb_command_name "$1")
	[ "${obj#/}" = "$obj" ] || dir=$kernel_kdir
	[ "$opt_core" = klp ] || core=-DKPATCH_CORE_KPATCH
	# shellcheck disable=SC2016 # make's own escapes; "\#" on older kernels
	cmd=$(sed -n '1s/^\(saved\)\?cmd_[^ ]* := //p' "$tree/$(kpb_cmd_file "$1")" |
		sed 's/\$(pound)/#/g; s/\\#/#/g; s/\$\$/$/g')
	cc=${cmd%% ; *}
	case $cmd in
	*' ; '*) objtool=${cmd#* ; } ;;
	esac
	# with CONFIG_MODVERSIONS older kernels compile it under another name
	cc=${cc/-o ${obj%"${obj##*/}"}.tmp_${obj##*/} /-o $obj }
	cc=${cc/-o $obj /$KPB_SPLIT $core -I$tree_objs/include -o $out }
	cc=$(sed -E "s|-Wp,-MM?D,[^ ]*|-Wp,-MMD,$out.d|" <<<"$cc")
	# packaged objtools choose by this which one they are
	printf '%s\n' "set -e; export SRCARCH=x86" "cd $dir" "$cc"
	case $objtool in
	*objtool\ *) objtool=${objtool% "$obj"*} ;;
	*) objtool=$(kpb_objtool) || exit ;;
	esac
	[ -z "$objtool" ] || printf '%s %s\n' "$objtool" "$out"
}

# Where objtool runs on the linked vmlinux only (IBT), or on a linked module, the
# command line for a module serves: what we make becomes part of one.
kpb_objtool() {
	local file=$tree_home/objtool dir=$work/probe make=(kpb_objtool_make)

	if [ -n "$opt_oot" ]; then
		file+=-headers
		make=(kpb_module_make)
	elif [ ! -x "$tree/tools/objtool/objtool" ]; then
		return 0
	fi
	if [ ! -f "$file" ]; then
		rm -rf "$dir"
		mkdir -p "$dir"
		printf 'obj-m := kpb_probe.o\n' >"$dir/Kbuild"
		printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' >"$dir/kpb_probe.c"
		"${make[@]}" "$dir" modules >"$work/objtool.log" 2>&1 || kpb_why "$KPB_ERROR" \
			"no module can be made, to see how objtool is called for one (see $work/objtool.log)"
		cat "$dir"/.kpb_probe*.cmd |
			sed -nE 's/.*[;&] *([^;&]*objtool\/objtool [^;&]*) [^ ]*kpb_probe[^ ]*\.o.*/\1/p' |
			sed -n 1p >"$work/objtool" && mv "$work/objtool" "$file" || exit
	fi
	cat "$file"
}

# kpb_objtool_make DIR TARGET: in the tree, whose objtool is meant
kpb_objtool_make() {
	kp_root_run "$kernel_root" --bind "$tree" --bind "$1" -- make -C "$tree" M="$1" \
		CC="$kernel_cc" KBUILD_MODPOST_WARN=1 CONFIG_DEBUG_INFO_BTF_MODULES= "$2"
}

# What patch authors may include.
kpb_author_include() {
	local file=$tree_objs/include/kpatch-macros.h

	cmp -s "$here/kpatch-macros.h" "$file" || {
		mkdir -p "$tree_objs/include"
		# another run may be reading it
		cp "$here/kpatch-macros.h" "$file.$$"
		mv "$file.$$" "$file"
	}
}

# kpb_state OBJ: of the shipped one
kpb_state() {
	stat -c '%i %s %y' "$tree/$1"
}

# kpb_compile_list WHERE RUNNER: compile every object of objects.built into
# WHERE/, at most opt_jobs at once. What was made beside the same shipped one is kept.
kpb_compile_list() {
	local where=$1 runner=$2 obj n=0

	kpb_author_include
	rm -rf "$work/jobs"
	mkdir -p "$work/jobs"
	while read -r obj; do
		[ ! -f "$where/$obj" ] || [ "$(kpb_state "$obj")" != "$(cat "$where/$obj.of" 2>/dev/null)" ] ||
			continue
		mkdir -p "$(dirname "$where/$obj")"
		n=$((n + 1))
		{
			kpb_command "$obj" "$where/$obj.tmp.o"
			# for a sh that does not know all that %q writes
			printf "rm -f '%s'\nmv '%s' '%s'\n" "$where/$obj.of" "$where/$obj.tmp.o" "$where/$obj"
			printf "echo '%s' >'%s'\n" "$(kpb_state "$obj")" "$where/$obj.of"
		} >"$work/jobs/$(printf '%05d' "$n").sh"
	done <"$work/objects.built"
	[ "$n" -gt 0 ] || return 0
	# shellcheck disable=SC2016 # expanded inside
	"$runner" sh -c 'ls "$1"/*.sh | xargs -P "$2" -n 1 sh' sh "$work/jobs" "$opt_jobs"
}

# kpb_does_not_compile RUNNER: in whose tree
kpb_does_not_compile() {
	[ "$1" = kpb_patched_run ] ||
		kpb_why_or_full "$KPB_COMPILE" "an object cannot be compiled from unpatched source"
	kpb_why_or_full "$KPB_COMPILE" "the patched source does not compile: $(grep -m 1 -E 'error:' "$kpb_log" || echo 'see the log')"
}

# Step
kpb_compile_original() {
	kpb_compile_list "$tree_objs" kpb_run || kpb_does_not_compile kpb_run
}

# Step
kpb_compile_patched() {
	rm -rf "$work/patched"
	kpb_compile_list "$work/patched" kpb_patched_run || kpb_does_not_compile kpb_patched_run
	# of a module's files it is known already (kpb_oot_files_check)
	[ -n "$opt_oot" ] || kpb_tell_unused
}

# kpb_parents OBJ: vmlinux, or the names of the modules that it is part of: kbuild
# compiles one that is part of several once, and names it after all of them.
kpb_parents() {
	local cmd
	cmd=$(sed -n 1p "$tree/$(kpb_cmd_file "$1")")

	if [[ " $cmd " != *' -DMODULE '* ]]; then
		echo vmlinux
		return
	fi
	# -DKBUILD_MODNAME='"tun"', on older kernels -D"KBUILD_MODNAME=KBUILD_STR(tun)"
	sed -nE "s/.*-D\"?KBUILD_MODNAME=(KBUILD_STR\\(|'?\"?)([A-Za-z0-9_:]+).*/\2/p" <<<"$cmd" | tr -- '-:' '_\n'
}

# The name that the module of -e has, which its file may not have.  Modules of old
# kernels do not say it.
kpb_oot_name() {
	local name

	name=$(PATH=$PATH:/sbin:/usr/sbin modinfo -F name "$opt_oot" 2>/dev/null) || name=''
	[ -n "$name" ] || name=${opt_oot##*/}
	tr - _ <<<"${name%%.ko*}"
}

# kpb_parent OBJ: the one that it is proved against: what -e says, or the first.
kpb_parent() {
	if [ -n "$opt_oot" ]; then
		kpb_oot_name
	else
		kpb_parents "$1" | head -n 1
	fi
}

# Step: prove each object; leaves WHERE.symtab and WHERE.proof beside it.
kpb_prove() {
	local obj parent image out vmlinux

	vmlinux=$tree_home/vmlinux-$(kpb_sha "$kernel_image")
	mkdir -p "$work/proof"
	# unpacked once
	[ -f "$vmlinux" ] || {
		# where kernels are made, there are many
		[ -z "$opt_sourcedir" ] || rm -f "$tree_home"/vmlinux-*
		"$bin/kpatch-prove" --unpack "$vmlinux.$$" "$kernel_image"
		mv "$vmlinux.$$" "$vmlinux"
	}
	while read -r obj; do
		parent=$(kpb_parent "$obj")
		out=$work/proof/$(kpb_flat "$obj")
		image=$vmlinux
		if [ -n "$opt_oot" ]; then
			image=$opt_oot
		elif [ "$parent" != vmlinux ]; then
			image=$(kpb_kernel_module "$parent") || kpb_why "$KPB_ERROR" \
				"$obj belongs to the module $parent, which is not among those of $kernel_release: --modules says where they are"
		fi
		printf '%s %s\n' "$parent" "$obj"
		"$bin/kpatch-prove" -u "$(basename "${obj%.o}.c")" -s "$out.symtab" \
			-r "$out.json" "$image" "$tree/$obj" 2>"$out.err" ||
			kpb_why "$KPB_UNPROVED" "$(sed 's/^kpatch-prove: error: //' "$out.err" | tail -n 1)"
	done <"$work/objects.built"
}
