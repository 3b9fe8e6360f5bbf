#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The image reader and the proof of the compile, on the host: tables of every
# layout, packed files, damaged files, and programs linked here.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
# sanitized programs: whatever goes wrong inside ends with another status
export ASAN_OPTIONS=exitcode=99:detect_leaks=1 UBSAN_OPTIONS=exitcode=99:halt_on_error=1
bin=${KPB_SAN:-$top/.build/kpatch-build-san}
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 failed=0

ok() {
	n=$((n + 1))
	printf 'ok %d - %s\n' "$n" "$1"
}

not_ok() {
	n=$((n + 1)) failed=$((failed + 1))
	printf 'not ok %d - %s\n' "$n" "$1"
	[ -z "${2:-}" ] || printf '%s\n' "$2" | sed 's/^/# /' | head -n 8
}

is() {
	if [ "$2" = "$3" ]; then ok "$1"; else not_ok "$1" "got: $2
expected: $3"; fi
}

prove() {
	"$bin/kpatch-prove" "$@" 2>&1
}

# A small kernel: two units that both have a static helper() and twin().
make_units() {
	cat >"$tmp/a.c" <<-'EOC'
		extern int shared(int);
		int table[4] = { 1, 2, 3, 4 };
		static int state;
		static __attribute__((noinline)) int helper(int x) { state += x; return state * 3; }
		static __attribute__((noinline)) int twin(int x) { return x + 1; }
		int a_entry(int x) { return helper(x) + twin(x) + shared(table[x & 3]); }
		asm(".pushsection .ibt_endbr_seal, \"a\"\n"
		    "	.long a_entry - ., shared - .\n"
		    ".popsection");
	EOC
	cat >"$tmp/b.c" <<-'EOC'
		extern int puts(const char *);
		static int state;
		static __attribute__((noinline)) int helper(int x) { state -= x; return state * 5; }
		static __attribute__((noinline)) int twin(int x) { return x + 1; }
		int shared(int x) { return helper(x) + twin(x); }
		int puts(const char *s) { return *s; }
		int b_entry(void) { return puts("text of b"); }
	EOC
	sed 's/state \* 5/state * 7/' "$tmp/b.c" >"$tmp/other.c"
	for u in a b other; do
		gcc -O2 -fno-pie -mcmodel=kernel -ffreestanding -fno-asynchronous-unwind-tables \
			-c -o "$tmp/$u.o" "$tmp/$u.c"
	done
	ld -static -Ttext=0xffffffff81000000 -e a_entry -o "$tmp/vmlinux" "$tmp/a.o" "$tmp/b.o" 2>/dev/null
	ld -r -o "$tmp/mod.ko" "$tmp/b.o" "$tmp/a.o"
}

test_layouts() {
	local l count

	for l in abs64 percpu uleb late place; do
		for count in 1100 70000; do
			"$tmp/gen-image" "$l" "$count" >"$tmp/$l.img"
			is "kallsyms layout $l, $count symbols" \
				"$(prove --symbols "$tmp/$l.img" | wc -l) $(prove --symbols "$tmp/$l.img" |
					sed -n 's/ T sym_1080$//p')" \
				"$count $(printf '%x' $((0xffffffff81000000 + 8 * 1080)))"
		done
	done
	is "release in the banner" "$(prove --info "$tmp/late.img" | sed -n 's/^release: //p')" "9.9.9-test"
	is "the build-id in the notes, not in the data" "$(prove --info "$tmp/late.img" | sed -n 's/^build-id: //p')" \
		"$(printf '01%.0s' {1..20})"
	is "names of headers without ./" "$(prove --info "$tmp/late.img" | sed -n 's/^headers: //p')" "include/"
	is "names of headers with ./" "$(prove --info "$tmp/place.img" | sed -n 's/^headers: //p')" "./include/"
}

test_packed() {
	local tool

	for tool in "gzip -c" "xz -c" "xz --format=lzma -c" "zstd -qc" "lz4 -lqc" "bzip2 -c"; do
		command -v "${tool%% *}" >/dev/null || {
			ok "packed by $tool # SKIP no ${tool%% *} here"
			continue
		}
		$tool "$tmp/late.img" >"$tmp/packed"
		is "packed by $tool" "$(prove --info "$tmp/packed" | grep symbols)" "symbols: 70000"
	done
}

# Every cut and every flip: an answer or an error, never a crash.
test_damaged() {
	local f size i rc bad

	for f in place.img percpu.img packed mod.ko vmlinux a.o; do
		size=$(stat -c %s "$tmp/$f")
		bad=''
		for ((i = 0; i < 24; i++)); do
			head -c $((size * i / 24)) "$tmp/$f" >"$tmp/cut"
			rc=0
			prove --symbols "$tmp/cut" >/dev/null || rc=$?
			[ "$rc" -le 1 ] || bad="status $rc for the first $((size * i / 24)) bytes"
		done
		if [ -z "$bad" ]; then ok "$f cut off"; else not_ok "$f cut off" "$bad"; fi
		bad=''
		RANDOM=42
		for ((i = 0; i < 60; i++)); do
			cp "$tmp/$f" "$tmp/flip"
			# the header's part of the file gets most of the flips
			printf '%b' "\\x$(printf '%02x' $((RANDOM % 256)))" |
				dd of="$tmp/flip" bs=1 conv=notrunc status=none \
					seek=$(((RANDOM * 32768 + RANDOM) % (i % 3 ? (size < 4096 ? size : 4096) : size)))
			rc=0
			prove --symbols "$tmp/flip" >/dev/null || rc=$?
			[ "$rc" -le 1 ] || bad="status $rc, seed 42, flip $i"
			rc=0
			prove "$tmp/vmlinux" "$tmp/flip" >/dev/null || rc=$?
			[ "$rc" -le 1 ] || bad="status $rc as an object, seed 42, flip $i"
		done
		if [ -z "$bad" ]; then ok "$f with flipped bytes"; else not_ok "$f with flipped bytes" "$bad"; fi
	done
}

test_proof() {
	local out image order

	for image in vmlinux mod.ko; do
		is "a.o is in $image" "$(prove "$tmp/$image" "$tmp/a.o" | sed 's/ of .*//')" \
			"kpatch-prove: 3 functions"
		is "b.o is in $image" "$(prove "$tmp/$image" "$tmp/b.o" | sed 's/ of .*//')" \
			"kpatch-prove: 5 functions"
		out=$(prove "$tmp/$image" "$tmp/other.o") && not_ok "other.o is not in $image" "$out"
		case $out in
		*'helper+0x'*'another source version'*) ok "other.o is not in $image: helper is named" ;;
		*) not_ok "other.o is not in $image: helper is named" "$out" ;;
		esac
		# equal twins and ambiguous names: the calls decide
		order=1,2
		[ "$image" = vmlinux ] || order=2,1
		for u in a b; do
			is "$u.o: sympos of twin in $image" \
				"$(prove -v "$tmp/$image" "$tmp/$u.o" | sed -n 's/.*  twin,//p')" \
				"${order%,*}"
			order=${order#*,}
		done
	done
	prove -u a.c -s "$tmp/symtab" "$tmp/vmlinux" "$tmp/a.o" >/dev/null
	is "local symbols stand behind their unit" \
		"$(awk '$4 == "FILE" { f = $8 } $8 == "state" { printf "%s ", f }' "$tmp/symtab")" "a.c - "
	for image in vmlinux mod.ko; do
		prove -u a.c -s "$tmp/symtab" "$tmp/$image" "$tmp/a.o" >/dev/null
		is "functions without their endbr64 in $image" "$(awk '
			$2 == "sealed" { sealed[$3] = 1 }
			{ name[$2] = $8 }
			END { for (a in sealed) if (a in name) print name[a] }' "$tmp/symtab" |
			sort | paste -sd' ')" "a_entry shared"
	done
	out=$(prove -r "$tmp/report" "$tmp/vmlinux" "$tmp/a.o")
	is "the report names every function" "$(grep -c '"equal":true' "$tmp/report")" 3
}

# nothings IMAGE FIRST SECOND: two units with a function nothing(), to which nobody
# refers, and what is in it, linked as IMAGE.
nothings() {
	local u what=("$2" "$3")

	for u in 0 1; do
		cat >"$tmp/none$u.c" <<-EOC
			static __attribute__((used, section(".exit.text"))) void nothing(void) { ${what[u]} }
			int only_$u(int x) { return x + $u; }
		EOC
		gcc -O2 -fno-pie -mcmodel=kernel -ffreestanding -fno-asynchronous-unwind-tables \
			-c -o "$tmp/$1$u.o" "$tmp/none$u.c"
	done
	ld -static -Ttext=0xffffffff81000000 -e only_0 -o "$tmp/$1" "$tmp/${1}0.o" "$tmp/${1}1.o" 2>/dev/null
}

# What cannot be told apart need not be, if it is everywhere the same.
test_ambiguous() {
	local out

	nothings alike '' ''
	nothings unlike '' 'asm("nop");'
	out=$(prove -v -r "$tmp/report" "$tmp/alike" "$tmp/alike0.o")
	is "equal functions of one name" "$(sed -n 's/ of .*//p' <<<"$out")" "kpatch-prove: 2 functions"
	is "they have no address in the report" "$(grep -c '"name":"nothing","size"' "$tmp/report")" 1
	out=$(prove "$tmp/unlike" "$tmp/unlike0.o") && is "unlike functions of one name: the equal one is taken" \
		"$(sed -n 's/ of .*//p' <<<"$out")" "kpatch-prove: 2 functions"
	out=$(prove "$tmp/unlike" "$tmp/other.o") && not_ok "functions of another source" "$out"
	nothings other_text 'asm("hlt");' ''
	out=$(prove "$tmp/alike" "$tmp/other_text0.o") && not_ok "none of them is equal" "$out"
	case $out in
	*nothing+0x0*) ok "none of them is equal" ;;
	*) not_ok "none of them is equal" "$out" ;;
	esac
}

# Code that the linker leaves out is not looked for; other code is.
test_discarded() {
	local sec

	for sec in .discard.text .text.kept; do
		{
			cat "$tmp/a.c"
			printf 'static __attribute__((used, section("%s"))) void gone(void) { }\n' "$sec"
		} >"$tmp/more.c"
		gcc -O2 -fno-pie -mcmodel=kernel -ffreestanding -fno-asynchronous-unwind-tables \
			-c -o "$tmp/more.o" "$tmp/more.c"
		prove "$tmp/vmlinux" "$tmp/more.o" >"$tmp/out" || true
		case $sec:$(<"$tmp/out") in
		.discard.text:*' 3 functions of '*) ok "code in $sec is not linked" ;;
		.text.kept:*'gone+0x0 is not in the image'*) ok "code in $sec is" ;;
		*) not_ok "code in $sec" "$(<"$tmp/out")" ;;
		esac
	done
}

# The compiler that old banners name.
test_banner() {
	local own cause banner

	own=$(readelf -p .comment "$tmp/a.o" | sed -n 's/.*GCC: \(.*\)/\1/p' | tail -n 1)
	for banner in "gcc version ${own##* } ${own% *} " "gcc version 1.2.3 ${own% *} "; do
		cat >"$tmp/banner.c" <<-EOC
			const char banner[] = "Linux version 3.10.0 (someone@here) ($banner) #1";
		EOC
		gcc -fno-pie -mcmodel=kernel -ffreestanding -c -o "$tmp/banner.o" "$tmp/banner.c"
		ld -static -Ttext=0xffffffff81000000 -e a_entry -o "$tmp/bannered" "$tmp/a.o" "$tmp/b.o" "$tmp/banner.o" 2>/dev/null
		prove "$tmp/bannered" "$tmp/other.o" >"$tmp/out" || true
		cause="another source version"
		[[ $banner != *1.2.3* ]] || cause="another compiler"
		is "the compiler in \"$banner\"" "$(sed -n 's/.*likely cause: \(another [a-z ]*\).*/\1/p' "$tmp/out")" "$cause"
	done
}

# old_table IMAGE SECOND TARGET [BEYOND]: a function whose second static branch is the
# instruction SECOND and leads to TARGET, with the jump table of older
# kernels (three addresses an entry), linked as IMAGE.
old_table() {
	cat >"$tmp/old.S" <<-EOS
			.globl branches
			.type branches, @function
		branches:
		1:	.byte 0x0f, 0x1f, 0x44, 0, 0
		2:	$2
			ret
		3:	$3
			nop
		4:	ret
			.size branches, . - branches
			.section __jump_table, "aw"
			.quad 1b, 4b, key
			.quad 2b${4:-}, 3b, key
			.data
		key:	.quad 0
	EOS
	gcc -c -o "$tmp/$1.o" "$tmp/old.S"
	ld -static -Ttext=0xffffffff81000000 -e branches -o "$tmp/$1" "$tmp/$1.o" 2>/dev/null
}

test_old_table() {
	local out nop='.byte 0x0f, 0x1f, 0x44, 0, 0'

	old_table same "$nop" 'jmp 4f'
	old_table switched '.byte 0xe9; .long 3f - 3f + 1' 'jmp 4f'
	old_table target "$nop" '.byte 0x66, 0x90'
	old_table outside "$nop" 'jmp 4f' -0x7fffffff00000000
	is "three addresses an entry" "$(prove "$tmp/same" "$tmp/same.o" | sed 's/ of .*//')" \
		"kpatch-prove: 1 functions"
	is "three addresses an entry: a branch that is on" \
		"$(prove "$tmp/switched" "$tmp/same.o" | sed 's/ of .*//')" "kpatch-prove: 1 functions"
	is "three addresses an entry: one that is outside" \
		"$(prove "$tmp/same" "$tmp/outside.o" | sed 's/ of .*//')" "kpatch-prove: 1 functions"
	out=$(prove "$tmp/target" "$tmp/same.o") && not_ok "three addresses an entry: a jump that is no branch" "$out"
	case $out in
	*branches+0xb*) ok "three addresses an entry: a jump that is no branch" ;;
	*) not_ok "three addresses an entry: a jump that is no branch" "$out" ;;
	esac
}

# says OBJECT DIRECTIVE STRING: a function that refers to a string
says() {
	cat >"$tmp/says.S" <<-EOS
			.globl says
			.type says, @function
		says:	mov \$text, %rdi
			ret
			.size says, . - says
			.section .rodata.str1.1, "aMS", @progbits, 1
		text:	$2 "$3"
	EOS
	gcc -c -o "$tmp/$1.o" "$tmp/says.S"
}

# A string is quoted no further than its section reaches.
test_open_string() {
	local out

	says shipped .asciz "a text that was shipped"
	ld -static -Ttext=0xffffffff81000000 -e says -o "$tmp/speaker" "$tmp/shipped.o" 2>/dev/null
	says open .ascii "a text without an end ..."
	is "a function and its string" "$(prove "$tmp/speaker" "$tmp/shipped.o" | sed 's/ of .*//')" \
		"kpatch-prove: 1 functions"
	out=$(prove "$tmp/speaker" "$tmp/open.o") && not_ok "a string without an end" "$out"
	case $out in
	*'another string than "a text without an end ..."'*) ok "a string without an end" ;;
	*) not_ok "a string without an end" "$out" ;;
	esac
}

# points NAME CONSTANT: a function that loads a constant of two words from a
# section whose entries the linker merges
points() {
	cat >"$tmp/points.S" <<-EOS
			.globl points, first, second
			.type points, @function
			.type first, @function
			.type second, @function
		points:	movups pair(%rip), %xmm0
			ret
			.size points, . - points
		first:	mov \$1, %eax
			ret
			.size first, . - first
		second:	mov \$2, %eax
			ret
			.size second, . - second
			.section .rodata.cst16, "aM", @progbits, 16
		pair:	.quad $2
	EOS
	gcc -c -o "$tmp/$1.o" "$tmp/points.S"
	ld -static -Ttext=0xffffffff81000000 -e points -o "$tmp/$1" "$tmp/$1.o" 2>/dev/null
	ld -r -o "$tmp/$1.ko" "$tmp/$1.o"
}

# A constant may have addresses in it, which the linker has filled in.
test_constant() {
	local out other image

	points pair 'first, second'
	points numbers 'first, 7'
	points twice 'first, first'
	points past 'first, second + 6'
	for image in pair numbers pair.ko numbers.ko; do
		is "a constant with addresses in $image" \
			"$(prove "$tmp/$image" "$tmp/${image%.ko}.o" | sed 's/ of .*//')" "kpatch-prove: 3 functions"
		for other in numbers pair twice past; do
			[ "$other" != "${image%.ko}" ] || continue
			out=$(prove "$tmp/$image" "$tmp/$other.o") && not_ok "$other is not $image" "$out"
			case $out in
			*'another constant'*) ok "$other is not $image" ;;
			*) not_ok "$other is not $image" "$out" ;;
			esac
		done
	done
}

# says_weak WHAT IMAGE EXPECTED: of hook and state, and whose hook it is
says_weak() {
	prove -s "$tmp/symtab" "$tmp/$2" "$tmp/weak.o" >/dev/null
	is "$1" "$(awk '
		$1 $2 == "#proved" { own[$3] = $4 }
		$8 == "hook" || $8 == "state" { line[$8] = $4 " " $5; at[$8] = $2 }
		END {
			print line["hook"], own["hook"] && at["hook"] ~ own["hook"] "$" ? "own" : "other",
				line["state"]
		}' "$tmp/symtab")" "$3"
}

# Weak symbols stay weak, and are told from those of another object.
test_weak() {
	local u more

	for u in weak strong; do
		more=''
		[ "$u" = strong ] || more='__attribute__((weak))'
		cat >"$tmp/$u.c" <<-EOC
			int $more state = sizeof("$u");
			int $more hook(int x) { return x * sizeof("$u") + state; }
			int entry_$u(int x) { return x + 1; }
		EOC
		gcc -O2 -fno-pie -mcmodel=kernel -ffreestanding -fno-asynchronous-unwind-tables \
			-c -o "$tmp/$u.o" "$tmp/$u.c"
	done
	ld -static -Ttext=0xffffffff81000000 -e entry_weak -o "$tmp/own" "$tmp/weak.o" 2>/dev/null
	ld -static -Ttext=0xffffffff81000000 -e entry_weak -o "$tmp/both" "$tmp/weak.o" "$tmp/strong.o" 2>/dev/null
	ld -r -o "$tmp/own.ko" "$tmp/weak.o"
	says_weak "weak symbols of an image" own "FUNC WEAK own OBJECT WEAK"
	says_weak "weak symbols of a module" own.ko "FUNC WEAK own OBJECT WEAK"
	says_weak "an overridden weak function" both "FUNC GLOBAL other OBJECT GLOBAL"
}

# lists NAME NUMBER...: a function that looks into the second of two lists of ids
lists() {
	cat >"$tmp/lists.S" <<-EOS
			.globl listed
			.type listed, @function
		listed:	cmp %edi, .BTF_ids+8(%rip)
			ret
			.size listed, . - listed
			.section .BTF_ids, "a"
			.local none, list
		none:	.long $2, $3
		list:	.long $4
			.local __BTF_ID__struct__sock__7
			.type __BTF_ID__struct__sock__7, @object
			.size __BTF_ID__struct__sock__7, 4
		__BTF_ID__struct__sock__7: .long $5
	EOS
	gcc -c -o "$tmp/$1.o" "$tmp/lists.S"
	ld -static -Ttext=0xffffffff81000000 -e listed -o "$tmp/$1" "$tmp/$1.o" 2>/dev/null
	ld -r -o "$tmp/$1.ko" "$tmp/$1.o"
}

# The ids are zeros in an object and numbers in an image; where they are is proved.
test_btf_ids() {
	local image

	lists compiled 0 0 0 0
	lists filled 4711 4712 4713 4714
	for image in filled filled.ko; do
		is "an object with ids in $image" \
			"$(prove -u lists.c -s "$tmp/symtab" "$tmp/$image" "$tmp/compiled.o" | sed 's/ of .*//')" \
			"kpatch-prove: 1 functions"
		is "the lists of $image are the object's" \
			"$(awk '$4 == "FILE" { f = $8 } $8 == "list" { printf "%s ", f }' "$tmp/symtab")" "lists.c "
	done
}

test_errors() {
	local rc

	for args in "$tmp/none $tmp/a.o" "$tmp $tmp/a.o" "$tmp/a.c $tmp/a.o" "$tmp/vmlinux $tmp/a.c"; do
		rc=0
		# shellcheck disable=SC2086 # two arguments
		prove $args >"$tmp/out" || rc=$?
		is "one sentence, status 1: kpatch-prove ${args//$tmp/TMP}" "$rc $(wc -l <"$tmp/out")" "1 1"
	done
}

command -v gcc >/dev/null || {
	echo "1..0 # SKIP no gcc here"
	exit 4
}
make -s -C "$top/scripts/kpatch-build" SAN=1 O="$bin" >"$tmp/log" 2>&1 || {
	sed 's/^/# /' "$tmp/log"
	echo "Bail out! the programs do not compile"
	exit 1
}
gcc -Wall -Wextra -Werror -O1 -o "$tmp/gen-image" "$here/gen-image.c"
echo "TAP version 13"
make_units
test_layouts
test_packed
test_proof
test_old_table
test_ambiguous
test_discarded
test_banner
test_open_string
test_constant
test_weak
test_btf_ids
test_errors
test_damaged
printf '1..%d\n# %d passed, %d failed\n' "$n" $((n - failed)) "$failed"
[ "$failed" = 0 ]
