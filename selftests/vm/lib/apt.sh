# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# A private apt for each Debian suite: package lists, archives and an empty
# dpkg status of its own below the cache.  apt itself verifies every package
# against the signed index and resumes what was cut off.  The host's
# configuration is read (mirror, proxies) and never written.

KP_KEYRING=${KP_KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}
# A package list older than this many days is fetched again.
KP_APT_MAX_AGE=${KP_APT_MAX_AGE:-7}

# kp_apt_site debian|debian-security: the mirror that the host uses.
kp_apt_site() {
	local site

	if [ -n "${KP_MIRROR:-}" ]; then
		printf '%s/%s\n' "${KP_MIRROR%/}" "$1"
		return
	fi
	# shellcheck disable=SC2016 # apt's own placeholder
	site=$(apt-get indextargets --format '$(SITE)' 2>/dev/null |
		grep -E "/$1/?\$" | sort -u | sed -n 1p) || true
	printf '%s\n' "${site:-http://deb.debian.org/$1}"
}

kp_apt_sources() {
	local suite=$1 main sec by="[signed-by=$KP_KEYRING arch=amd64]"

	main=$(kp_apt_site debian)
	sec=$(kp_apt_site debian-security)
	printf 'deb %s %s %s main\n' "$by" "$main" "$suite"
	case $suite in
	sid | experimental) ;;
	*) printf 'deb %s %s %s-security main\n' "$by" "$sec" "$suite" ;;
	esac
	case $suite in
	trixie) printf 'deb %s %s %s-backports main\n' "$by" "$main" "$suite" ;;
	esac
}

# The private configuration: of the host's only what says how to fetch.
kp_apt_conf() {
	local d=$1

	cat <<EOC
Dir::State "$d/state";
Dir::State::status "$d/status";
Dir::State::lists "$d/lists";
Dir::Cache "$d/cache";
Dir::Cache::archives "$d/archives";
Dir::Etc::main "/dev/null";
Dir::Etc::parts "/dev/null";
Dir::Etc::sourcelist "$d/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::Log "$d/log";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
APT::Sandbox::User "$(id -un)";
APT::Install-Recommends "false";
EOC
	apt-config dump | grep -E '^Acquire::' | grep -v ' "";$'
	cat <<EOC
Acquire::Languages "none";
Acquire::Retries "5";
EOC
}

# kp_apt SUITE TOOL ARGS...: apt-get, apt-cache, ... of that suite.
kp_apt() {
	local d=$KP_CACHE/apt/$1 tool=$2

	shift 2
	APT_CONFIG="$d/apt.conf" "$tool" "$@"
}

# kp_apt_is_fresh SUITE: are its package lists there, and young?
kp_apt_is_fresh() {
	local updated=$KP_CACHE/apt/$1/updated

	[ -f "$updated" ] && [ -z "$(find "$updated" -mtime "+$KP_APT_MAX_AGE")" ]
}

# kp_apt_update SUITE [force]: make the package lists present and fresh.
kp_apt_update() {
	[ "${2:-}" = force ] || ! kp_apt_is_fresh "$1" || return 0
	command -v apt-get >/dev/null || kp_die \
		"no apt here: the stock kernels and what runs in the VMs come from Debian's packages"
	[ -r "$KP_KEYRING" ] || kp_need_tools "none:debian-archive-keyring"
	kp_lock "apt-$1" kp_apt_update_locked "$@"
}

kp_apt_update_locked() {
	local suite=$1 d=$KP_CACHE/apt/$1

	# Somebody else may have fetched them while we waited for the lock, and look
	# things up in them by now.
	[ "${2:-}" = force ] || ! kp_apt_is_fresh "$suite" || return 0
	kp_need_space 400 "a package list"
	mkdir -p "$d"/{state,lists/partial,cache,archives/partial,log} ||
		kp_die "cannot write to the cache $KP_CACHE"
	: >"$d/status"
	kp_apt_conf "$d" >"$d/apt.conf"
	kp_apt_sources "$suite" >"$d/sources.list"
	if kp_try "package lists of $suite" "$d/log/update.log" \
		kp_apt "$suite" apt-get -q update -o APT::Update::Error-Mode=any; then
		touch "$d/updated"
		return 0
	fi
	[ -f "$d/updated" ] || kp_die \
		"cannot fetch the package lists of $suite from $(kp_apt_site debian): check the network, or set KP_MIRROR"
	kp_err "package lists of $suite could not be refreshed, going on with those of $(date -r "$d/updated" +%F)"
}

# kp_apt_settle: what is old is refreshed now, and nothing that grows old while
# this shell's children run: they are to find the kernels that they began with.
kp_apt_settle() {
	local updated

	for updated in "$KP_CACHE"/apt/*/updated; do
		[ ! -f "$updated" ] || kp_apt_update "$(basename "${updated%/*}")"
	done
	export KP_APT_MAX_AGE=36500
}

# kp_apt_names SUITE PREFIX: names of the packages there are.
kp_apt_names() {
	kp_apt "$1" apt-cache pkgnames "$2" | sort -V
}

# kp_apt_version SUITE PACKAGE: the version that would be fetched.
kp_apt_version() {
	kp_apt "$1" apt-cache show --no-all-versions "$2" |
		sed -n 's/^Version: //p' | sed -n 1p
}

# kp_apt_fetch SUITE PACKAGE...: download just these packages; prints the
# paths of the archives, in order.
kp_apt_fetch() {
	local suite=$1 d=$KP_CACHE/apt/$1 pkg file

	shift
	for pkg in "$@"; do
		file=$(kp_apt_file "$suite" "$pkg")
		if [ ! -f "$d/archives/$file" ]; then
			kp_lock "apt-$suite" kp_apt_fetch_locked "$suite" "$pkg" || return
			file=$(kp_apt_file "$suite" "$pkg")
		fi
		printf '%s\n' "$d/archives/$file"
	done
}

# The file name that apt gives the archive of PACKAGE.
kp_apt_file() {
	local version

	version=$(kp_apt_version "$1" "$2")
	[ -n "$version" ] || return 1
	printf '%s_%s_%s.deb\n' "$2" "${version//:/%3a}" \
		"$(kp_apt "$1" apt-cache show --no-all-versions "$2" |
			sed -n 's/^Architecture: //p' | sed -n 1p)"
}

kp_apt_fetch_locked() {
	local suite=$1 pkg=$2 d=$KP_CACHE/apt/$1

	# A mirror drops old point releases: when the archive is gone, the
	# lists are stale.
	(cd "$d/archives" && kp_try "download $pkg ($suite)" "$d/log/$pkg.log" \
		kp_apt "$suite" apt-get -q download "$pkg") && return 0
	kp_apt_update_locked "$suite" force
	(cd "$d/archives" && kp_try "download $pkg ($suite), again" "$d/log/$pkg.log" \
		kp_apt "$suite" apt-get -q download "$pkg") && return 0
	kp_err "cannot download $pkg of $suite: check the network and the free disk space"
	return 1
}

# kp_apt_closure SUITE PACKAGE...: download the packages with all that they
# depend on; prints "name version file" a line.
kp_apt_closure() {
	kp_lock "apt-$1" kp_apt_closure_locked "$@"
}

kp_apt_closure_locked() {
	local suite=$1 d=$KP_CACHE/apt/$1 name version arch what="${*: -1} and what it needs ($1)"
	local get=(kp_apt "$suite" apt-get -q install -y --download-only "${@:2}")

	shift
	# As above: what the lists have may have gone from the mirror.
	kp_try "$what" "$d/log/closure.log" "${get[@]}" || {
		kp_apt_update_locked "$suite" force
		kp_try "$what, again" "$d/log/closure.log" "${get[@]}" || return
	}
	kp_apt "$suite" apt-get -q install -s "$@" |
		sed -n 's/^Inst \([^ ]*\) (\([^ ]*\) .*\[\([a-z0-9]*\)\]).*$/\1 \2 \3/p' |
		while read -r name version arch; do
			printf '%s %s %s\n' "$name" "$version" \
				"$d/archives/${name}_${version//:/%3a}_$arch.deb"
		done
}
