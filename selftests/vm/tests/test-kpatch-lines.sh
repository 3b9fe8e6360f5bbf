#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# keep-lines, on seeded random source files and changes: without its #line
# directives the output is the patched file, byte for byte, and every line that
# the diff leaves alone keeps its number, but for those that stand where no
# directive can.
set -euo pipefail
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
keep=$TOP/scripts/kpatch-build/keep-lines
ROUNDS=${ROUNDS:-60}
SEED=${SEED:-1}

echo "TAP version 13"
# make_source SEED: lines that are hard to tell apart from C, in any order
make_source() {
	awk -v seed="$1" 'BEGIN {
		srand(seed)
		n = split("int f(int x)|{|}|\treturn g(x,|\t\t h(\"(\"),|\t\t 1);|/* a comment|   goes on (|*/|#define M(a) \\|\tdo_it(a); \\|\tdone()|\tx = \047(\047;|\ts = \"\\\"/*\";|// ) } ( /*|\tif (x) {|\t}||\t/* \" */ y();|#if 0|#endif|\\", line, "|")
		for (i = 0; i < 40 + rand() * 80; i++)
			print line[int(rand() * n) + 1] (rand() < 0.3 ? " /* " i " */" : "")
	}'
}

# change SEED: some lines go, some come, some differ
change() {
	awk -v seed="$1" 'BEGIN { srand(seed) }
		rand() < 0.05 { next }
		rand() < 0.05 { print "\tadded(" NR ");" }
		rand() < 0.04 { print $0 " changed"; next }
		{ print }'
}

for ((i = 0; i < ROUNDS; i++)); do
	good=1
	make_source $((SEED * 1000 + i)) >"$work/a.c"
	change $((SEED * 1000 + i + 500)) <"$work/a.c" >"$work/b.c"
	"$keep" "$work/a.c" "$work/b.c" >"$work/out.c" 2>"$work/said" || true
	grep -v '^#line ' "$work/out.c" | cmp - "$work/b.c" >"$work/said" 2>&1 && good=0
	# where a directive stands, the line behind it is that line of the original,
	# or a change that came while the directive had to wait
	[ "$good" = 1 ] || awk 'FNR == NR { orig[FNR] = $0; next }
		want { if (orig[want] != $0 && $0 !~ /changed$|^\tadded/) { print want ": " $0; bad = 1 } want = 0 }
		/^#line / { want = $2 }
		END { exit bad }' "$work/a.c" "$work/out.c" >"$work/said" || good=1
	[ "$good" = 0 ] || break
done
result "$good" "$i of $ROUNDS random changes (seed $SEED)"

# What a compiler makes of it: line numbers of what is the same.
cat >"$work/a.c" <<'EOC'
extern void use(int);
void f(void)
{
	use(__LINE__);
	/* first */
	use(__LINE__);
}
#define TWICE(x) do { \
	use(x); \
	use(x); } while (0)
void g(void)
{
	TWICE(__LINE__);
}
EOC
sed '5i\	/* one\n\t * two\n\t */' "$work/a.c" | sed 's/^\tuse(x); \\/&\n\t\/\* new \*\/ \\/' >"$work/b.c"
"$keep" "$work/a.c" "$work/b.c" >"$work/out.c"
good=1
diff <(gcc -E -P "$work/a.c") <(gcc -E -P "$work/out.c") >"$work/said" && good=0
result "$good" "__LINE__ of unchanged code stays, in functions and behind a changed macro"

# A change in a group that the preprocessor skips, and one before such a group:
# what comes after has its numbers.
cat >"$work/a.c" <<'EOC'
extern void use(int);
#ifdef NOT_DEFINED
static int skipped;
#elif defined(NEITHER)
static int skipped_as_well;
#else
static int here = __LINE__;
#endif
#if 0
 # if 1
static int nested;
 # endif
#endif
void f(void)
{
	use(__LINE__);
}
EOC
for change in '3i/* one */\n/* two */' '5i/* one */\n/* two */' '11i/* one */\n/* two */' \
	'3d' '5i#ifdef MORE\nint more;\n#endif' '3i/* one\n#endif\n*/' '1i/* one */' $'1i/* one */\n3d'; do
	sed "$change" "$work/a.c" >"$work/b.c"
	"$keep" "$work/a.c" "$work/b.c" >"$work/out.c"
	good=1
	diff <(gcc -E -P "$work/a.c") <(gcc -E -P "$work/out.c") >"$work/said" &&
		grep -v '^#line ' "$work/out.c" | cmp - "$work/b.c" >"$work/said" 2>&1 && good=0
	result "$good" "__LINE__ behind skipped groups stays (${change%%[\\/]*})"
done

# Files without a newline at the end, empty ones, and bytes that are no text.
printf 'int a;\nint b;' >"$work/a.c"
printf 'int b;\nint a;\nint b;' >"$work/b.c"
"$keep" "$work/a.c" "$work/b.c" | grep -v '^#line ' >"$work/out.c"
good=1
diff <(cat "$work/b.c" && echo) "$work/out.c" >"$work/said" && good=0
result "$good" "no newline at the end"
good=1
: >"$work/a.c"
"$keep" "$work/a.c" "$work/a.c" >"$work/out.c" && [ ! -s "$work/out.c" ] && good=0
result "$good" "empty files"
end_tests
