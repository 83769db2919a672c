#!/bin/sh
# SPDX-License-Identifier: MIT
#
# ./autogen.sh          regenerates the build system, as a packager expects
# ./autogen.sh demo     installs what is missing, builds, and runs the demo
# ./autogen.sh check    installs what is missing, builds, and runs the tests
set -eu

top=$(cd "$(dirname "$0")" && pwd)
build=${BUILD:-$top/build}

# One row a package manager: how it installs, then the packages for: a compiler and make; the
# autotools; pkg-config; libcurl; json-c; libmd; sqlite3; PCRE2; (check only) cmocka, jq, curl, procps, script.
packages() {
	case $1 in
	apt-get) need_build="gcc make libc6-dev autoconf automake pkg-config libcurl4-openssl-dev libssl-dev libjson-c-dev libmd-dev libsqlite3-dev libpcre2-dev"
		need_check="libcmocka-dev jq curl procps bsdutils" ;;
	dnf) need_build="gcc make autoconf automake pkgconf-pkg-config libcurl-devel json-c-devel openssl-devel sqlite-devel pcre2-devel"
		need_check="libcmocka-devel jq curl procps-ng util-linux" ;;
	pacman) need_build="gcc make autoconf automake pkgconf curl openssl json-c libmd sqlite pcre2"
		need_check="cmocka jq procps-ng util-linux" ;;
	apk) need_build="gcc make musl-dev linux-headers autoconf automake pkgconf curl-dev openssl-dev json-c-dev libmd-dev sqlite-dev pcre2-dev bash"
		need_check="cmocka-dev jq curl procps util-linux" ;;
	zypper) need_build="gcc make autoconf automake pkgconf libcurl-devel libjson-c-devel libopenssl-devel sqlite3-devel pcre2-devel"
		need_check="libcmocka-devel jq curl procps util-linux" ;;
	esac
}

install_command() {
	case $1 in
	apt-get) echo "apt-get install -y --no-install-recommends" ;;
	dnf) echo "dnf install -y" ;;
	pacman) echo "pacman -S --needed --noconfirm" ;;
	apk) echo "apk add" ;;
	zypper) echo "zypper --non-interactive install" ;;
	esac
}

# True when everything that $1 (demo or check) needs is here.
have_all() {
	for tool in make autoconf automake pkg-config; do
		command -v "$tool" >/dev/null 2>&1 || return 1
	done
	command -v cc >/dev/null 2>&1 || command -v gcc >/dev/null 2>&1 ||
		command -v clang >/dev/null 2>&1 || return 1
	pkg-config --exists 'libcurl >= 7.76' 'json-c >= 0.14' sqlite3 libpcre2-8 || return 1
	pkg-config --exists libmd || pkg-config --exists libcrypto || return 1
	[ "$1" = demo ] && return 0
	for tool in jq curl bash script; do
		command -v "$tool" >/dev/null 2>&1 || return 1
	done
	pkg-config --exists cmocka
}

install_missing() {
	have_all "$1" && return 0
	manager=
	for candidate in apt-get dnf pacman apk zypper; do
		if command -v "$candidate" >/dev/null 2>&1; then
			manager=$candidate
			break
		fi
	done
	if [ -z "$manager" ]; then
		echo "autogen.sh: no package manager that this script knows; install a C compiler, make," >&2
		echo "autoconf, automake, pkg-config, libcurl, json-c, libmd, sqlite3 and PCRE2 with their headers" >&2
		exit 69
	fi
	packages "$manager"
	[ "$1" = check ] && need_build="$need_build $need_check"
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null 2>&1; then
			echo "autogen.sh: packages are missing; run as root:" >&2
			echo "  $(install_command "$manager") $need_build" >&2
			exit 77
		fi
		as_root=sudo
	fi
	echo "+ $as_root $(install_command "$manager") $need_build"
	# Package lists of a fresh machine may be empty or old.
	[ "$manager" != apt-get ] || $as_root apt-get update -qq
	# shellcheck disable=SC2046,SC2086 # lists are meant to be split
	$as_root $(install_command "$manager") $need_build
	have_all "$1" || {
		echo "autogen.sh: something is still missing; ./configure will name it" >&2
	}
}

regenerate() {
	(cd "$top" && autoreconf -fi)
}

# What a person wants to see is the program, not its build: that goes to a file, whose end is shown
# when something fails.
build() {
	mkdir -p "$build"
	echo "building in $build (build.log tells the details) ..."
	if ! build_quietly >"$build/build.log" 2>&1; then
		tail -n 40 "$build/build.log" >&2
		echo "autogen.sh: the build failed; all of it is in $build/build.log" >&2
		exit 1
	fi
}

build_quietly() {
	{ [ -x "$top/configure" ] || regenerate; } &&
		{ [ -f "$build/config.status" ] || configure; } &&
		make -C "$build" -j"$(nproc 2>/dev/null || echo 2)"
}

configure() {
	# shellcheck disable=SC2086 # CONFIGURE_FLAGS is meant to be split
	(cd "$build" && "$top/configure" ${CONFIGURE_FLAGS:-})
}

case ${1:-} in
'')
	regenerate
	;;
demo)
	shift
	install_missing demo
	build
	exec "$build/src/cordpair" demo "$@"
	;;
check)
	install_missing check
	build
	exec make -C "$build" -j"$(nproc 2>/dev/null || echo 2)" check
	;;
*)
	echo "usage: ./autogen.sh [demo [PROMPT] | check]" >&2
	exit 2
	;;
esac
