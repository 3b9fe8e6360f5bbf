# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A random sample of a kernel's source files.

sample_dirs="arch/x86 block certs crypto drivers fs init io_uring ipc kernel lib mm net security sound virt"

# sample_all TREE: all .c files that an x86 kernel may be made of, in an order
# that is the same everywhere.
sample_all() {
	# directories that this kernel does not have are no error
	# shellcheck disable=SC2015,SC2086 # a list
	{ cd "$1" && find $sample_dirs -name '*.c' 2>/dev/null || true; } | LC_ALL=C sort
}

# sample_of SEED COUNT: so many of the lines on standard input
sample_of() {
	awk -v seed="$1" -f "$(dirname "${BASH_SOURCE[0]}")/sample.awk" |
		sort -n | sed -n "1,${2}p" | cut -d' ' -f2-
}
