#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# kpatch-build on modules that are not the kernel's own (-e).
# Usage: test-kpatch-oot.sh [KERNEL]
set -euo pipefail
export KP_PROG=test-kpatch-oot
# shellcheck source=selftests/vm/lib/kpatch-build.sh
. "$(dirname "$0")/../lib/kpatch-build.sh"
for file in apt root kernels; do
	# shellcheck source=/dev/null
	. "$TOP/selftests/vm/lib/$file.sh"
done
PATH=$PATH:/usr/sbin:/sbin
name=oot-$$

# shipped DIR: compile the modules in there, as their author did
shipped() {
	compile_module "$1" || {
		result 1 "${1##*/}: the module is compiled"
		end_tests
	}
}

# changed FILE SED [DIR]: the part of a diff that changes a file of the module
changed() {
	mkdir -p "$work/a/$(dirname "$1")" "$work/b/$(dirname "$1")"
	cp "${3:-$mod}/$1" "$work/a/$1"
	sed "$2" "${3:-$mod}/$1" >"$work/b/$1"
	(cd "$work" && diff -u "a/$1" "b/$1") || [ $? = 1 ]
}

# added FILE TEXT: the part of a diff that adds it
added() {
	printf -- '--- /dev/null\n+++ b/%s\n@@ -0,0 +1 @@\n+%s\n' "$1" "$2"
}

# build STATUS REGEXP NAME PATCH...: kpatch-build ends with STATUS, says what matches
# REGEXP, and there is a module if and only if STATUS is 0.
build() {
	local status=$1 regexp=$2 title=$3 rc=0 good=1

	shift 3
	rm -f "$work"/out/*
	"$kpb" -r "$kernel" -o "$work/out" -n "$name" --json -e "$ko" --oot-module-src "$mod" \
		"$@" >"$work/json" 2>"$work/said" </dev/null || rc=$?
	[ "$rc" = "$status" ] && grep -qE -- "$regexp" "$work/said" && good=0
	[ "$rc" = 0 ] && [ "$(ls "$work/out")" = "$name.ko" ] || [ -z "$(ls -A "$work/out")" ] || good=1
	result "$good" "$title (status $rc)"
}

# says TITLE GOT EXPECTED
says() {
	local good=1

	[ "$2" = "$3" ] && good=0
	[ "$good" = 0 ] || printf '# got: %s\n' "$2"
	result "$good" "$1"
}

info() {
	modinfo -F "$1" "$work/out/$name.ko" 2>/dev/null || true
}

# json KEY: of kpatch-build's output
json() {
	python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' \
		"$work/json" "$1" 2>&1 | tail -n 1
}

echo "TAP version 13"
kp_kernel_load "$kernel"

cp -r "$TOP/selftests/build-cases/oot" "$work/oot"
shipped "$work/oot"
ko=$work/oot/kpc_target.ko mod=$TOP/selftests/build-cases/oot
changed kpc_target.c 's/x \* 2/x * 3/' >"$work/p"
build 0 "" "a module that is not the kernel's own" "$work/p"
says "its name" "$(info kpatch_objects)" kpc_target
mod=$work/oot
sed -i 's/x \* 2/x * 5/' "$mod/kpc_target.c"
changed kpc_target.c 's/x \* 5/x * 3/' >"$work/p"
build 5 "" "another source than that of what was shipped" "$work/p"

# The first run for a kernel, and objects of names that are alike.
rm -f "$KP_CACHE"/patch/"$KP_RELEASE"-*/sizes-*.o
mod=$work/alike
mkdir -p "$mod/m"
sed 's/x \* 2/kpc_a(x) + kpc_b(x)/; s/^#include <linux\/module.h>/&\nint kpc_a(int x);\nint kpc_b(int x);/' \
	"$TOP/selftests/build-cases/oot/kpc_target.c" >"$mod/c.c"
printf '#include <linux/module.h>\nint kpc_a(int x);\nnoinline int kpc_a(int x) { return x * 2; }\n' >"$mod/m_x.c"
printf '#include <linux/module.h>\nint kpc_b(int x);\nnoinline int kpc_b(int x) { return x * 2; }\n' >"$mod/m/x.c"
printf 'obj-m := kpc_target.o\nkpc_target-y := c.o m_x.o m/x.o\n' >"$mod/Kbuild"
shipped "$mod"
ko=$mod/kpc_target.ko
{
	changed m_x.c 's/x \* 2/x * 3/'
	changed m/x.c 's/x \* 2/x * 3/'
} >"$work/p"
build 0 "" "two objects of names that are alike" "$work/p"
logs=$(json logs)
says "both are there" "$(find "$logs/diff" -name '*.o' | wc -l)" 2
says "objtool has seen them" "$(for obj in "$logs"/diff/*.o; do readelf -SW "$obj"; done |
	grep -c ' \.orc_unwind_ip ')" "$(grep -c '^CONFIG_UNWINDER_ORC=y' "$KP_CONFIG" | sed 's/1/2/')"

# Two modules of one source, which share an object and a header: that which is given
# counts, by its own name.
mod=$work/two
mkdir "$mod"
printf '#define KPC 2\n' >"$mod/k.h"
cat >"$mod/c.c" <<-'EOC'
	#include <linux/module.h>
	#include "k.h"
	int kpc_shared(int x);
	noinline int kpc_shared(int x) { return x * KPC; }
EOC
for half in a b; do
	sed "s/x \* 2/kpc_shared(x) + KPC/; s/^#include <linux\/module.h>/&\n#include \"k.h\"\nint kpc_shared(int x);/" \
		"$TOP/selftests/build-cases/oot/kpc_target.c" >"$mod/$half.c"
done
printf 'obj-m := kpa.o kpb.o\nkpa-y := a.o c.o\nkpb-y := b.o c.o\n' >"$mod/Kbuild"
shipped "$mod"
ko=$work/shipped.ko
cp "$mod/kpb.ko" "$ko"
changed k.h 's/KPC 2/KPC 3/' >"$work/p"
build 0 "" "one of two modules" "$work/p"
says "its name" "$(info kpatch_objects)" kpb
says "its objects" "$(paste -sd' ' "$(json logs)/objects.built")" "b.o c.o"

# One with assembly, which cannot be replaced: a header may change for C only.
mod=$work/asm ko=$work/asm/kpc_target.ko
mkdir "$mod"
sed 's/^#include <linux\/module.h>/&\n#include "k.h"\n#include "k.inc"/; s/x \* 2/x * KPC + KPI/' \
	"$TOP/selftests/build-cases/oot/kpc_target.c" >"$mod/c.c"
printf 'obj-m := kpc_target.o\nkpc_target-y := c.o s.o\n' >"$mod/Kbuild"
printf '#define KPC 2\n#define KPS 2\n' >"$mod/k.h"
printf '#define KPI 2\n' >"$mod/k.inc"
printf '#include "k.h"\n.section .rodata\n.long KPS\n' >"$mod/s.S"
# not compiled: there is c.c
cp "$mod/s.S" "$mod/c.S"
shipped "$mod"
changed k.h 's/KPC 2/KPC 3/' >"$work/header"
build 0 "" "a header that changes for C" "$work/header"
changed k.h 's/ 2/ 3/' >"$work/p"
build 2 "so that the result of s.S" "and for assembly" "$work/p"
changed s.S 's/KPS/5/' >"$work/p"
build 2 "assembly file s.S" "and the assembly itself" "$work/header" "$work/p"

# Another state of the source, which is older than what was made of the last one.
rm "$mod/c.o"
printf '#define KPI 4\n' >"$mod/k.inc"
touch -d 2020-01-01 "$mod/k.inc"
shipped "$mod"
build 0 "" "a source that goes back in time" "$work/header"

# All that a module's source may have: folders that are none of the module's own in
# the kernel's tree, C by another name, what a program of the build makes, another
# module, files that nothing is made of.
mod=$work/mod ko=$work/mod/kpa.ko
mkdir -p "$mod"/{tools,Documentation}
cat >"$mod/Kbuild" <<-'EOK'
	obj-m := kpa.o kpo.o
	kpa-y := a.o tools/b.o s.o
	include $(src)/flags.txt
	ldflags-y += -T $(src)/kpa.lds
	hostprogs := gen
	hostprogs-y := gen
	$(obj)/a.o: $(obj)/made.h $(src)/tools/k.h
	$(obj)/made.h: $(src)/made.list $(src)/made.sh $(obj)/gen; sh $(word 2,$^) $(obj)/gen <$< >$@
	$(obj)/names.h: $(src)/names.txt; sed 's/^/#define /' $< >$@
	$(obj)/tools/b.o: $(obj)/names.h
	$(obj)/gen: $(src)/gen.h
	$(obj)/tag.h: $(obj)/tools/b.o; echo '#define TAG 1' >$@
	$(obj)/a.o: $(obj)/tag.h
	$(obj)/tools/b.o: $(src)/tools/b.c $(src)/tools/k.h
EOK
printf '# none\n' >"$mod/flags.txt"
printf 'SECTIONS { .kpa : { *(.kpa) } }\n' >"$mod/kpa.lds"
printf '# nothing\n' >"$mod/Kconfig"
printf '#define GEN_UNIT 1\n' >"$mod/gen.h"
printf '#include <stdio.h>\n#include "gen.h"\nint main(void)\n{\n\tputchar(getchar());\n\treturn 0;\n}\n' >"$mod/gen.c"
cat >"$mod/made.sh" <<-'EOS'
	echo "#define MADE $($1)"
EOS
printf '7\n' >"$mod/made.list"
printf 'NAMED 3\n' >"$mod/names.txt"
printf 'struct kpa { int a; int b; };\nint kpa_sum(struct kpa *k);\n' >"$mod/tools/k.h"
printf '#include <linux/module.h>\n#include "k.h"\n#include "../names.h"\nint kpa_sum(struct kpa *k) { return k->a + k->b + NAMED; }\n' >"$mod/tools/b.c"
printf '.section .rodata\n.long 1\n' >"$mod/s.S"
printf '#include <linux/module.h>\nMODULE_LICENSE("GPL");\n' >"$mod/kpo.c"
printf 'int spare;\n' >"$mod/spare.c"
printf '#define SPARE 1\n' >"$mod/spare.h"
printf 'return x * 2 + MADE;\n' >"$mod/body.inc"
printf 'About it.\n' | tee "$mod/README" >"$mod/Documentation/kpa.rst"
cat >"$mod/a.c" <<-'EOC'
	#include <linux/module.h>
	#include <linux/moduleparam.h>
	#include "tools/k.h"
	#include "made.h"
	#include "tag.h"

	int kpa_exported(int x);
	noinline int kpa_exported(int x)
	{
	#include "body.inc"
	}
	EXPORT_SYMBOL(kpa_exported);

	static int kpa_get(char *buf, const struct kernel_param *kp)
	{
		struct kpa k = { 3, 4 };

		return sprintf(buf, "%d %d\n", kpa_exported(3), kpa_sum(&k));
	}

	static const struct kernel_param_ops ops = { .get = kpa_get };
	module_param_cb(val, &ops, NULL, 0444);
	MODULE_LICENSE("GPL");
EOC
shipped "$mod"
changed a.c 's/%d %d/%d: %d/' >"$work/fix"
build 0 "" "code of a module of many parts" "$work/fix"
changed tools/b.c 's/k->a + k->b/k->b - k->a/' >"$work/p"
build 0 "" "code in a folder that is none of the kernel's code in its tree" "$work/p"
changed body.inc 's/2/3/' >"$work/p"
build 0 "" "C by another name" "$work/p"

# What describes the build, and what the build makes something of.
changed Kbuild 's/^obj-m.*/&\nccflags-y += -DFIX/' >"$work/p"
build 2 "changes Kbuild: the module that is loaded was built with it as it was" "Kbuild" "$work/fix" "$work/p"
changed flags.txt 's/none/# ccflags-y += -DFIX/' >"$work/p"
build 2 "changes flags.txt: the module that is loaded was built with it as it was" "a file that Kbuild includes" "$work/fix" "$work/p"
changed Kconfig 's/nothing/something/' >"$work/p"
build 2 "changes Kconfig: " "Kconfig" "$work/fix" "$work/p"
changed kpa.lds 's/SECTIONS/& /' >"$work/p"
build 2 "changes kpa.lds, " "the linker script" "$work/fix" "$work/p"
changed s.S 's/1/2/' >"$work/p"
build 2 "assembly file s.S" "assembly" "$work/fix" "$work/p"
for file in made.list made.sh; do
	changed "$file" 's/^/ /' >"$work/p"
	build 2 "changes $file, " "$file, of which the build makes a header" "$work/fix" "$work/p"
done
changed names.txt 's/3/4/' >"$work/p"
build 2 "changes names.txt, of which the module's build makes" "a text of which it does" "$work/fix" "$work/p"
changed gen.c 's/0/1/' >"$work/p"
build 2 "changes gen.c, of which the module's build makes gen" "the program that does" "$work/fix" "$work/p"
changed gen.h 's/1/2/' >"$work/p"
build 2 "changes gen.h, of which the module's build makes gen" "a header of that program" "$work/fix" "$work/p"

# New files.
added n.c 'int kpa_new(void) { return 7; }' >"$work/p"
build 2 "adds the file n.c: put the new code into a file that the module already has" "a new source" "$work/fix" "$work/p"
added tools/n.h '#define KPA_NEW 7' >"$work/p"
build 2 "adds the file tools/n.h: " "a new header" "$work/fix" "$work/p"

# What is no code is left out, and said to be.
{
	changed README 's/it/all/'
	changed Documentation/kpa.rst 's/it/all/'
	added Documentation/new.rst 'More about it.'
	added README.other 'Of another version.'
} >"$work/docs"
build 0 "left out, no code: README Documentation/kpa.rst Documentation/new.rst README.other$" "documents" "$work/docs" "$work/fix"
build 3 "changes no code of this module kpa" "documents alone" "$work/docs"
changed kpo.c 's/GPL/GPL v2/' >"$work/p"
changed spare.c 's/spare/spared/' >>"$work/p"
changed spare.h 's/1/2/' >"$work/spare"
build 0 "left out, nothing of kpa is made of it: kpo.c spare.c spare.h$" "code of another module, and of none" "$work/p" "$work/fix" "$work/spare"
build 3 "changes nothing that the module kpa is made of" "that alone" "$work/p"
changed a.c 's/^#include "made.h"/&\n#include "spare.h"/; s/kpa_exported(3)/SPARE + &/' >"$work/p"
build 0 "" "a header that the patch begins to include" "$work/p" "$work/spare"
says "is not left out" "$(grep -c 'left out' "$work/said")" 0

# What other code knows.
changed tools/k.h 's/a;/& long n;/' >"$work/p"
build 2 "layout changes of struct kpa" "a layout" "$work/p"
changed a.c 's/kpa_exported(int x)/kpa_exported(int y, long x)/; s/kpa_exported(3)/kpa_exported(0, 3)/' >"$work/p"
build 2 "exported interface \(CRC\) changes for kpa_exported of a.o" "the prototype of what other modules use" "$work/p"

for mod in "$work"/*/; do
	rm -rf "$KP_CACHE"/patch/*/oot-"$(printf '%s\n' "${mod%/}" | sha256sum | cut -c1-12)"
done
rm -rf "$KP_CACHE"/patch/*/work/"$name"-*
end_tests
