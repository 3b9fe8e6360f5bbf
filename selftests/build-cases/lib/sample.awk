# SPDX-License-Identifier: GPL-2.0
# awk -v seed=N -f sample.awk | sort -n | sed -n 1,COUNTp | cut -d' ' -f2-
# is a random sample of the lines: the same one for the same seed, whatever awk
# this is. (Park and Miller's generator.)
function next_x() { x = (x * 16807) % 2147483647 }
BEGIN {
	x = seed * 7919 + 1
	for (i = 0; i < 8; i++)
		next_x()
}
{
	next_x()
	printf "%.0f %s\n", x, $0
}
