# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2154,SC2034 # names shared by the files here
# Results: the module in the output folder, or one sentence; as JSON on demand.

# A file name may have any bytes, JSON is UTF-8: what is not becomes U+FFFD. To
# find that, what is gets 1 and 2 around it, which are escaped by then.
kpb_json_string() {
	local s=$1 i c name

	s=${s//\\/\\\\} s=${s//\"/\\\"}
	for ((i = 1; i < 32; i++)); do
		printf -v name '\\u%04x' "$i"
		printf -v c '%b' "\\x$(printf '%x' "$i")"
		s=${s//"$c"/"$name"}
	done
	printf '%s\n' "$s" | sed -E '
		s/[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}/\x01&\x02/g
		:again
		s/(^|[\x02-\x7f])[\x80-\xff]/\1\\ufffd/
		t again
		s/[\x01\x02]//g
		s/.*/"&"/'
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

# What the author of the patch ought to know about it, see kpb_diff and kpb_left_out.
kpb_warnings() {
	[ -z "${work:-}" ] || cat "$work"/{left-out,unchecked,warnings} 2>/dev/null || true
}

# kpb_left_out WHY: code that the patch changes, of which nothing gets into the module
kpb_left_out() {
	printf 'left out, %s\n' "$1" | tee "$work/left-out"
}

kpb_warnings_tell() {
	kpb_warnings | sed 's/^/kpatch-build: warning: /' >&2
}

kpb_json_warnings() {
	local line sep=''

	printf '['
	while read -r line; do
		printf '%s%s' "$sep" "$(kpb_json_string "$line")"
		sep=', '
	done < <(kpb_warnings)
	printf ']'
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
	printf ', "warnings": %s' "$(kpb_json_warnings)"
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

	kpb_partial=$out.tmp.$$
	if ! cp "$(kpb_result)" "$kpb_partial" || ! mv "$kpb_partial" "$out"; then
		rm -f "$kpb_partial"
		kpb_fail "$KPB_ERROR" "$out cannot be written: is the disk full?"
	fi
	kpb_warnings_tell
	if [ "$opt_json" = 1 ]; then
		kpb_json made 0
	else
		printf '%s\n' "$out"
	fi
	# the next run of the same command starts anew
	rm -f "$work"/*.done "$work"/{left-out,unchecked,warnings}
	rm -rf "$work/upper" "$work/ovl" "$work/patches" "$work/patched" "$work/module" "$work/jobs" "$work/signed"
}

kpb_interrupted() {
	trap - INT TERM HUP
	[ -z "$kpb_child" ] || {
		kpb_kill_tree "$kpb_child"
		wait "$kpb_child" 2>/dev/null || true
	}
	[ -z "${kpb_partial:-}" ] || rm -f "$kpb_partial"
	printf '\n' >&2
	kpb_fail 130 "interrupted; run the same command again to go on"
}
