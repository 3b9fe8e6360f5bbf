# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# The command line.  Sets opt_* and patches.

kpb_usage() {
	cat <<EOU
usage: kpatch-build [options] PATCH...
       kpatch-build [options] LIVEPATCH.c

Make a patch module for a running kernel from source diffs.

  -r, --release RELEASE    kernel to patch (default: the running one): a full
                           release or a wildcard that the packages have
  -o, --output DIR         where the module goes (default: .)
  -n, --name NAME          name of the module (default: livepatch-PATCH)
      --patch-version V    what modinfo shows as version (default: 1)
  -R, --non-replace        do not replace the patches that are loaded already
      --core klp|kpatch    for the kernel's livepatch, or for kpatch.ko
      --sign KEY CERT      sign the module
      --try [SCRIPT]       boot that kernel in a VM, load, run SCRIPT, unload
      --json               print the result as JSON
  -j, --jobs N             compile N objects at once (default: processors)
      --max-objects N      stop if a changed header may change more than N objects
  -d, --debug              show the logs of failing steps; -dd: trace
  -s, --sourcedir DIR      kernel source, instead of the package's
  -c, --config FILE        its config
      --image FILE         what was shipped: vmlinuz, instead of the package's
  -v, --vmlinux FILE       the same: a vmlinux
      --modules DIR        where its modules are, as shipped
  -t, --target OBJECT      compile this object too (repeatable)
  -e, --oot-module KO      patch a module that is not the kernel's own
      --oot-module-src DIR its source
      --skip-compiler-check
      --allow-layout-change
      --clean              forget what a restarted run would go on from
      --print-tree         only prepare the source tree and print where it is
  -q, --quiet              no progress
  -h, --help

Exit status: 0 made, 1 error, 2 cannot be live-patched, 3 no change, 4 the
patch does not apply, 5 the compile is not what was shipped, 6 does not
compile, 7 the trial failed, 64 wrong usage.
EOU
}

kpb_bad_usage() {
	kpb_fail "$KPB_USAGE" "$*"
}

kpb_option_defaults() {
	opt_release='' opt_output=. opt_name='' opt_max_objects=0 opt_replace=1 opt_core=klp
	opt_sign_key='' opt_sign_cert='' opt_try=0 opt_try_script='' opt_json=0
	opt_jobs=$(nproc) opt_debug=0 opt_sourcedir='' opt_config='' opt_image=''
	opt_vmlinux='' opt_modules='' opt_oot='' opt_oot_src='' opt_skip_compiler=0 opt_quiet=0
	opt_version='' opt_clean=0 opt_print_tree='' opt_allow_layout=0 opt_livepatch_source='' opt_targets=()
	patches=() kpb_times=()
}

kpb_options() {
	kpb_option_defaults
	# what is wrong with another option is told as JSON, too
	[[ " $* " != *" --json "* ]] || opt_json=1
	while [ $# -gt 0 ]; do
		case $1 in
		--*=*)
			set -- "${1%%=*}" "${1#*=}" "${@:2}"
			continue
			;;
		-[raonjscvte]?*)
			set -- "${1:0:2}" "${1:2}" "${@:2}"
			continue
			;;
		--)
			shift
			# they shall not look like options to others either
			patches+=("${@/#-/./-}")
			break
			;;
		-r | --release | -a | --archversion | -o | --output | -n | --name | --core | --patch-version | --make | \
			-j | --jobs | --max-objects | -s | --sourcedir | -c | --config | --image | -v | --vmlinux | \
			--modules | -t | --target | -e | --oot-module | --oot-module-src)
			[ $# -ge 2 ] || kpb_bad_usage "$1 needs a value, see --help"
			kpb_option_value "$1" "$2"
			shift
			;;
		--sign)
			[ $# -ge 3 ] || kpb_bad_usage "--sign needs a key and a certificate"
			kpb_option_value "--sign key" "$2"
			kpb_option_value "--sign certificate" "$3"
			shift 2
			;;
		--try)
			opt_try=1
			case ${2:-} in
			'' | -* | *.patch | *.diff | *.c) ;;
			*)
				opt_try_script=$2
				shift
				;;
			esac
			;;
		*) kpb_option_flag "$1" ;;
		esac
		shift
	done
	kpb_options_check
}

# Nothing is no value: taken as "not given" it would make something else than what
# was asked for.
kpb_option_value() {
	[ -n "$2" ] || kpb_bad_usage "$1 has an empty value: is the variable set that it comes from?"
	case $1 in
	-r | --release | -a | --archversion) opt_release=$2 ;;
	-o | --output) opt_output=$2 ;;
	-n | --name) opt_name=$2 ;;
	--core) opt_core=$2 ;;
	--patch-version) opt_version=$2 ;;
	--make) opt_print_tree=make opt_make=$2 ;;
	-j | --jobs) opt_jobs=$2 ;;
	--max-objects) opt_max_objects=$2 ;;
	-s | --sourcedir) opt_sourcedir=$2 ;;
	-c | --config) opt_config=$2 ;;
	--image) opt_image=$2 ;;
	-v | --vmlinux) opt_vmlinux=$2 ;;
	--modules) opt_modules=$2 ;;
	-t | --target) opt_targets+=("$2") ;;
	-e | --oot-module) opt_oot=$2 ;;
	--oot-module-src) opt_oot_src=$2 ;;
	"--sign key") opt_sign_key=$2 ;;
	"--sign certificate") opt_sign_cert=$2 ;;
	esac
}

kpb_option_flag() {
	case $1 in
	-R | --non-replace) opt_replace=0 ;;
	-d | --debug) opt_debug=1 ;;
	-dd) opt_debug=2 ;;
	-q | --quiet) opt_quiet=1 ;;
	--json) opt_json=1 ;;
	--clean) opt_clean=1 ;;
	--allow-layout-change) opt_allow_layout=1 ;;
	--print-tree | --print-built) opt_print_tree=${1#--print-} ;;
	--skip-compiler-check | --skip-gcc-check) opt_skip_compiler=1 ;;
	--skip-cleanup) ;;
	-h | --help)
		kpb_usage
		exit 0
		;;
	-*) kpb_bad_usage "unknown option $1, see --help" ;;
	*) patches+=("$1") ;;
	esac
}

kpb_options_check() {
	local p

	[ "$opt_debug" -lt 2 ] || set -x
	[ -z "$opt_print_tree" ] || {
		opt_name=tree
		return 0
	}
	[ ${#patches[@]} -gt 0 ] || kpb_bad_usage \
		"no patch given${opt_try_script:+ ($opt_try_script is the script of --try)}, see --help"
	for p in "${patches[@]}"; do
		[ -e "$p" ] || kpb_bad_usage "$p: no such file"
		[ -f "$p" ] || kpb_bad_usage "$p is no regular file"
		[ -r "$p" ] || kpb_bad_usage "$p cannot be read"
		[ -s "$p" ] || kpb_bad_usage "$p is empty"
	done
	case $opt_core in
	klp | kpatch) ;;
	*) kpb_bad_usage "--core is klp or kpatch" ;;
	esac
	[[ $opt_max_objects =~ ^[0-9]+$ ]] || kpb_bad_usage "--max-objects $opt_max_objects is no number"
	[[ $opt_jobs =~ ^[1-9][0-9]*$ ]] || kpb_bad_usage "--jobs $opt_jobs is no number"
	[ -d "$opt_output" ] || kpb_bad_usage "--output $opt_output is no folder"
	[ -w "$opt_output" ] ||
		kpb_bad_usage "--output $opt_output cannot be written to"
	for p in "$opt_sign_key" "$opt_sign_cert" "$opt_try_script" "$opt_config" \
		"$opt_image" "$opt_vmlinux" "$opt_oot"; do
		[ -z "$p" ] || [ -r "$p" ] || kpb_bad_usage "$p: no such file"
	done
	[ -z "$opt_sourcedir" ] || [ -d "$opt_sourcedir" ] ||
		kpb_bad_usage "--sourcedir $opt_sourcedir is no folder"
	# one tree, one name, also for those who wait for it
	[ -z "$opt_sourcedir" ] || opt_sourcedir=$(cd "$opt_sourcedir" && pwd -P)
	[ -z "$opt_sourcedir" ] || ! kpb_path_odd "$opt_sourcedir" || kpb_bad_usage \
		"--sourcedir $opt_sourcedir: the kernel's build needs a path without blanks, quotes, colons and the like"
	[ -z "$opt_modules" ] || [ -d "$opt_modules" ] ||
		kpb_bad_usage "--modules $opt_modules is no folder"
	kpb_options_module
	[[ ${patches[0]} != *.c ]] || kpb_options_source
	opt_version=${opt_version:-1}
	kpb_options_name
	opt_output=$(cd "$opt_output" && pwd)
}

# Which objects: other builders name targets of make, here it is what to compare.
kpb_options_module() {
	local target

	[ -z "$opt_oot" ] || [ -d "$opt_oot_src" ] ||
		kpb_bad_usage "--oot-module needs --oot-module-src, the folder of its source"
	[ -z "$opt_oot_src" ] || [ -n "$opt_oot" ] ||
		kpb_bad_usage "--oot-module-src needs --oot-module, the module that was shipped"
	for target in "${opt_targets[@]}"; do
		[ -n "$opt_oot" ] || [[ $target == */* ]] || kpb_bad_usage \
			"--target $target is no object of the source (fs/exec.o): what a patch changes is found without it, leave it out"
	done
}

# A livepatch source says itself what it replaces, and how.
kpb_options_source() {
	local option=''

	[ ${#patches[@]} -eq 1 ] || kpb_bad_usage "only one livepatch source at a time"
	opt_livepatch_source=${patches[0]}
	[ "$opt_core" = klp ] || kpb_bad_usage \
		"${patches[0]} is a source for the kernel's own livepatch core, --core kpatch is for diffs: leave it out"
	[ "$opt_replace" = 1 ] || option=--non-replace
	[ -z "$opt_version" ] || option=--patch-version
	[ "$opt_max_objects" = 0 ] || option=--max-objects
	[ "$opt_allow_layout" = 0 ] || option=--allow-layout-change
	[ ${#opt_targets[@]} -eq 0 ] || option=--target
	[ -z "$opt_oot" ] || option=--oot-module
	[ -z "$option" ] || kpb_bad_usage \
		"$option has no effect on a livepatch source: leave it out, and say that in ${patches[0]}"
}

# A name that is also fit for a module and for sysfs.
kpb_options_name() {
	local base=${patches[0]##*/}

	base=${base%.*}
	[ -n "$opt_livepatch_source" ] || base=livepatch-${base#livepatch-}
	opt_name=${opt_name:-$base}
	opt_name=$(tr -c 'A-Za-z0-9_\n-' - <<<"$opt_name")
	opt_name=${opt_name:0:48}
	[[ $opt_name =~ ^[A-Za-z0-9] ]] || kpb_bad_usage "--name $opt_name is no module name"
}
