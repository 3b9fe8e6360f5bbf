#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# timeout: 600
#
# A test of functions.sh: whatever goes wrong in a test has to be seen, and
# must not be there any more for the next one.

. "$(dirname "$0")/functions.sh"

require_klp
require_module kptest-target kptest-hello-a kptest-block
setup_config 14

WORK=$(mktemp -d)
export KP_TEST_MODULES="$TEST_DIR/modules${KP_TEST_MODULES:+:$KP_TEST_MODULES}"

# inner PLAN: runs the script on standard input as a test; OUTPUT, STATUS
inner() {
	{
		echo ". $TEST_DIR/functions.sh"
		echo "require_klp"
		[[ $1 == none ]] || echo "setup_config $1"
		cat
	} >"$WORK/inner.sh"
	STATUS=0
	OUTPUT=$(bash "$WORK/inner.sh" 2>&1) || STATUS=$?
}

# says STATUS REGEXP...: each line of the output is matched on its own
says() {
	local regexp

	check_eq "exit status" "$STATUS" "$1"
	shift
	for regexp; do
		grep -E -- "$regexp" <<<"$OUTPUT" >/dev/null ||
			fail "the output lacks a line like '$regexp'"
	done
	[[ -z $CASE_FAILED ]] || diag "$OUTPUT"
}

# done_here: the inner test has left nothing
done_here() {
	check_clean
	case_done
}

# shellcheck disable=SC2016 # the inner test expands it
good='start_test "good"
load_mod kptest-target
unload_mod kptest-target
check_result "$(log_load kptest-target)
kptest_target: init
$(log_unload kptest-target)
kptest_target: exit"'

start_test "control: a good test passes"
inner 1 <<<"$good"
says 0 '^TAP version 13$' '^1\.\.1$' '^ok 1 good$' '1 passed, 0 failed, 0 skipped'
done_here

start_test "a line of the log that was not expected"
inner 1 <<<"${good/kptest_target: init/}"
says 1 '^not ok 1 good$' '^# \+kptest_target: init$' '0 passed, 1 failed'
done_here

start_test "a line that was expected, and is not in the log"
inner 2 <<<"${good/kptest_target: init/kptest_target: innit}
${good/good/next}"
says 1 '^not ok 1 good$' '^# -kptest_target: innit$' '^# \+kptest_target: init$' '^ok 2 next$'
done_here

start_test "the log is gone before it is compared"
inner 1 <<<"${good/unload_mod/dmesg -C; unload_mod}"
says 1 '^not ok 1 good$' '^# \+% \(the start of this log has been overrun\)$'
# ours as well
new_log_mark "again"
done_here

start_test "a patch and a module are left behind: removed, and the next case is fine"
inner 2 <<EOT
start_test "untidy"
load_mod kptest-target
load_lp kptest-hello-a
check_result "\$(log_load kptest-target)
kptest_target: init
\$(log_load_lp kptest-hello-a)"
${good/good/next}
EOT
says 1 '^# FAILED: left behind: patch kptest_hello_a$' \
	'^# FAILED: left behind: module kptest_hello_a kptest_target$' \
	'^not ok 1 untidy$' '^ok 2 next$'
done_here

start_test "a command fails in the middle: named, and what follows counts as failed"
inner 3 <<EOT
start_test "broken off"
load_mod kptest-target
load_lp kptest-hello-a
false
check_result ""
$good
EOT
says 1 "^# FAILED: 'false' failed at inner.sh:7\$" '^not ok 1 broken off$' \
	'^not ok 2 was not run$' '^not ok 3 was not run$' '0 passed, 3 failed, 0 skipped'
done_here

start_test "less was run than planned"
inner 2 <<<"$good"
says 1 '^ok 1 good$' '^not ok 2 was not run$'
done_here

start_test "skipping: all, by cases, and some"
inner none <<<'skip_all "no reason"'
says 4 '^1\.\.0 # SKIP no reason$'
inner 1 <<<'start_test "a"; skip_test "none"'
says 4 '^ok 1 a # SKIP none$'
inner 2 <<<"start_test a; skip_test none
$good"
says 0 '^ok 1 a # SKIP none$' '^ok 2 good$' '1 passed, 0 failed, 1 skipped'
done_here

start_test "values and sysfs attributes that are not as they should be"
inner 1 <<'EOT'
start_test "wrong"
load_mod kptest-target
load_lp kptest-hello-a
check_eq "one" 1 2
check_match "two" abc '^b'
check_cmd "three" false
check_sysfs_value kptest-hello-a enabled 0
check_sysfs_rights kptest-hello-a enabled -rwxr-xr-x
check_sysfs_value kptest-hello-a nothing 0
load_failing_mod kptest-block
wait_transition kptest-block
disable_lp kptest-hello-a
unload_lp kptest-hello-a
disable_lp kptest-block
unload_lp kptest-block
unload_mod kptest-target
case_done
EOT
says 1 "^# FAILED: one: got '1', expected '2'" "^# FAILED: two: got 'abc'" \
	"^# FAILED: three: 'false' failed" \
	"^# FAILED: .*kptest_hello_a/enabled: got '1', expected '0'" \
	"^# FAILED: rights of .*/enabled: got '-rw-r--r--', expected '-rwxr-xr-x'" \
	"^# FAILED: .*/nothing: got '\(no such file\)', expected '0'" \
	"^# FAILED: kptest-block was loaded, but should have been refused" \
	'^not ok 1 wrong$'
done_here

start_test "what has ended does not run, whether its parent has waited for it or not"
# shellcheck disable=SC2016 # the other bash expands it
background bash -c 'sleep 1000 & echo $!; exec sleep 1000' >"$WORK/pid"
wait_until "its child" test -s "$WORK/pid"
child=$(<"$WORK/pid")
check_cmd "the child" runs "$child"
kill "$child"
check_cmd "the end of the child" loop_until eval "! runs $child"
check_cmd "nobody has waited for it" kill -0 "$child"
check_cmd "the parent" runs "$BG_PID"
stop_background "$BG_PID"
! runs "$BG_PID" || fail "the parent still runs"
done_here

start_test "a transition that does not end: the task is named, and all is undone"
inner 1 <<'EOT'
start_test "stuck"
load_mod kptest-target
background cat /sys/kernel/debug/kptest_target/block
wait_until "a task inside" grep -qx 1 /sys/kernel/debug/kptest_target/inside
load_lp_nowait kptest-block
KP_TIMEOUT=4 wait_transition kptest-block
EOT
says 1 '^# FAILED: the transition of kptest-block did not end in 4s' '^not ok 1 stuck$'
# only mainline's task struct tells
if [[ -e /proc/self/patch_state ]]; then
	says 1 '^# blocked by task [0-9]* \(cat\):' '^# .*kptest_block\+0x'
fi
done_here

start_test "an enabled patch below one that is in transition: both are undone"
inner 1 <<'EOT'
start_test "two"
load_mod kptest-target
load_lp kptest-hello-a
load_lp_nowait kptest-block
EOT
says 1 '^not ok 1 two$'
done_here

start_test "a signal ends the test: all is undone"
cat >"$WORK/killer" <<EOT
while [[ ! -d $KLP_SYSFS/kptest_hello_a ]]; do sleep 0.1; done
kill -TERM \$1
EOT
inner 1 <<EOT
start_test "killed"
bash $WORK/killer \$\$ &
load_mod kptest-target
load_lp kptest-hello-a
for i in {1..90}; do sleep 1; done
EOT
says 1 '^# FAILED: a signal ended the test' '^not ok 1 killed$'
done_here

start_test "the kernel complains beside what a case looks at"
# at level 7, so that it does not get to the console, where it would be
# taken for a real one
inner 1 <<EOT
echo "<7>WARNING: not really" >/dev/kmsg
$good
EOT
says 1 '^ok 1 good$' '^# FAILED: the kernel complained:' '^# WARNING: not really$'
# neither ours
TEST_MARK="% ===== $TEST_NAME $$ the rest ====="
log "$TEST_MARK"
done_here

rm -rf "$WORK"
