# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# Results: the module in the output folder, or one sentence; as JSON on demand.

kpb_json_string() {
	local s=$1

	s=${s//\\/\\\\} s=${s//\"/\\\"} s=${s//$'\n'/ } s=${s//$'\t'/ }
	printf '"%s"' "$s"
}

kpb_json_times() {
	local t sep=''

	printf '{'
	for t in "${kpb_times[@]}"; do
		printf '%s"%s": %d' "$sep" "${t%%:*}" "${t#*:}"
		sep=', '
	done
	printf '}'
}

# kpb_json RESULT STATUS [SENTENCE]
kpb_json() {
	local list sep='' fn

	printf '{"result": "%s", "status": %d' "$1" "$2"
	[ -z "${3:-}" ] || printf ', "message": %s' "$(kpb_json_string "$3")"
	printf ', "name": %s, "release": %s, "build_id": "%s"' \
		"$(kpb_json_string "$opt_name")" "$(kpb_json_string "${kernel_release:-}")" \
		"${kernel_build_id:-}"
	if [ "$1" = made ]; then
		printf ', "module": %s' "$(kpb_json_string "$opt_output/$opt_name.ko")"
		printf ', "functions": ['
		list=$(cat "$work/functions" 2>/dev/null)
		for fn in $list; do
			printf '%s"%s"' "$sep" "$fn"
			sep=', '
		done
		printf ']'
	fi
	printf ', "logs": %s, "milliseconds": ' "$(kpb_json_string "${work:-}")"
	kpb_json_times
	printf '}\n'
}

kpb_result_failed() {
	[ "${opt_json:-0}" = 0 ] || kpb_json failed "$1" "$2"
}

# The module appears in the output folder whole or not at all.
kpb_deliver() {
	local out=$opt_output/$opt_name.ko

	if ! cp "$(kpb_result)" "$out.tmp.$$" || ! mv "$out.tmp.$$" "$out"; then
		rm -f "$out.tmp.$$"
		kpb_fail "$KPB_ERROR" "$out cannot be written: is the disk full?"
	fi
	# the next run of the same command starts anew
	rm -f "$work"/*.done
	rm -rf "$work/upper" "$work/ovl" "$work/patched" "$work/module" "$work/jobs" "$work/signed"
	if [ "$opt_json" = 1 ]; then
		kpb_json made 0
	else
		printf '%s\n' "$out"
	fi
}

kpb_interrupted() {
	trap - INT TERM HUP
	[ -z "$kpb_child" ] || {
		kpb_kill_tree "$kpb_child"
		wait "$kpb_child" 2>/dev/null || true
	}
	printf '\nkpatch-build: interrupted; run the same command again to go on\n' >&2
	exit 130
}
