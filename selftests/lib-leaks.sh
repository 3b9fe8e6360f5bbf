# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Has the kernel lost memory?  Counts the objects of each slab cache, before
# and after something that was done many times: what leaks once a time is
# there so many times more.

set -Eeuo pipefail

# These come and go with files and processes that have nothing to do with it.
readonly SLAB_NOISE='dentry|.*inode_cache|radix_tree_node|buffer_head|kmalloc-rcl-.*|vm_area_struct|anon_vma.*|maple_node|filp|cred.*|pid|task_struct|signal_cache|sighand_cache|files_cache|mm_struct|lsm_.*|trace_event_file|ftrace_event_field|.*_stack|proc_dir_entry|names_cache|fs_cache|seq_file|pde_opener|vmap_area|khugepaged_mm_slot|kmalloc-cg-.*|kmemleak_object|kmemleak_scan_area'

# slab_caches: lines "directory name" of the caches to look at.  One that is
# merged with others has a link for each of its names; if one of these is of
# no interest, all are.
slab_caches() {
	find /sys/kernel/slab -mindepth 1 -maxdepth 1 -printf '%f %l\n' |
		awk -v noise="^($SLAB_NOISE)\$" '
			{ dir = NF > 1 ? $2 : $1 }
			$1 ~ noise { skip[dir] = 1 }
			$1 !~ /^:/ && name[dir] !~ /^kmalloc-/ { name[dir] = $1 }
			END {
				for (dir in name)
					if (!(dir in skip))
						print dir, name[dir]
			}' | sort
}

# leak_snapshot: a line "cache objects objects-per-slab" for each cache
#
# A cache counts what lies ready for a processor as in use; so it is shrunk
# just before it is asked, and the smallest of three answers is taken.
leak_snapshot() {
	local cache caches dir name objects per _ round
	local -A least=() slab=()

	mapfile -t caches < <(slab_caches)
	sync
	echo 3 >/proc/sys/vm/drop_caches
	for round in 1 2 3; do
		for cache in "${caches[@]}"; do
			dir=/sys/kernel/slab/${cache% *}
			name=${cache#* }
			{ echo 1 >"$dir/shrink"; } 2>/dev/null || continue
			{ read -r objects _ <"$dir/objects"; } 2>/dev/null || continue
			read -r per <"$dir/objs_per_slab"
			slab[$name]=$per
			((objects >= ${least[$name]:-$((objects + 1))})) ||
				least[$name]=$objects
		done
		((round == 3)) || nap 0.3
	done
	for name in "${!least[@]}"; do
		echo "$name ${least[$name]} ${slab[$name]}"
	done | sort
	echo "module-areas $(module_areas) 8"
}

# leak_baseline: the first snapshot.  Taking one leaves something in the
# kernel, too: inodes of sysfs files, to begin with.
leak_baseline() {
	leak_snapshot >/dev/null
	leak_snapshot
}

# module_areas: pieces of address space that the module loader holds
module_areas() {
	grep -cE 'load_module|module_alloc|execmem' /proc/vmallocinfo || :
}

# leak_compare BEFORE AFTER TIMES: lines "cache +objects" of what grew about
# once a time, and by more than four slabs, which load can do by chance.  So
# smaller objects have to be lost more often: in 200 times, one each time is
# noticed from 96 bytes on, of 16 bytes it takes five.  kmemleak knows better.
leak_compare() {
	join <(echo "$1") <(echo "$2") |
		awk -v times="$3" '
			$4 - $2 >= times * 0.8 && $4 - $2 > $3 * 4 {
				print $1, "+" $4 - $2
			}'
}

# leaks_since BEFORE TIMES: what grew and stays so, in LEAKS.  What is freed
# after an RCU grace period is collected for up to 5 seconds before that.
leaks_since() {
	local try

	for try in 1 2 3; do
		LEAKS=$(leak_compare "$1" "$(leak_snapshot)" "$2")
		[[ -n $LEAKS && $try -lt 3 ]] || return 0
		nap 6
	done
}

# How kmemleak prints the first bytes of what a module loses on purpose: the logs
# of samples/livepatch-shadow-mod.c ("opened by ...").
readonly KMEMLEAK_ON_PURPOSE='^ +.. .. .. .. .. .. .. .. 6f 70 65 6e 65 64 20 62 '

# kmemleak_scan: finds what is unreferenced now, or fails if the kernel has no
# kmemleak.  Objects younger than five seconds do not count for it, and one
# whose contents changed since the scan before waits for the next.  The console
# is closed meanwhile: it would take what was lost on purpose for an accident.
kmemleak_scan() {
	local loglevel

	{ : >>/sys/kernel/debug/kmemleak; } 2>/dev/null || return 1
	loglevel=$(awk '{ print $1 }' /proc/sys/kernel/printk)
	dmesg -n 1
	nap 6
	echo scan >/sys/kernel/debug/kmemleak
	nap 6
	echo scan >/sys/kernel/debug/kmemleak
	dmesg -n "$loglevel"
}

# kmemleak_unexpected: of kmemleak's records on standard input, those that no
# module lost on purpose
kmemleak_unexpected() {
	awk -v on_purpose="$KMEMLEAK_ON_PURPOSE" '
		function flush() {
			if (!skip)
				printf "%s", record
			record = ""
			skip = 0
		}
		/^unreferenced object / { flush() }
		{ record = record $0 "\n" }
		$0 ~ on_purpose { skip = 1 }
		END { flush() }'
}

# kmemleak_report: what is unreferenced now, and ought not to be
kmemleak_report() {
	kmemleak_scan
	kmemleak_unexpected </sys/kernel/debug/kmemleak
}

# kmemleak_forget: what is unreferenced now is not reported any more.  What was
# lost on purpose, but is still found in a register or on a stack that nobody
# cleared, will be: kmemleak_unexpected knows it.
kmemleak_forget() {
	! kmemleak_scan || echo clear >/sys/kernel/debug/kmemleak
}
