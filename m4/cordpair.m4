dnl SPDX-License-Identifier: MIT

dnl CORDPAIR_PTHREAD: sets PTHREAD_CFLAGS and PTHREAD_LIBS.
AC_DEFUN([CORDPAIR_PTHREAD], [
	PTHREAD_CFLAGS=-pthread
	PTHREAD_LIBS=-pthread
	AC_CHECK_HEADER([pthread.h], [], [AC_MSG_ERROR([POSIX threads are needed])])
	AC_SUBST([PTHREAD_CFLAGS])
	AC_SUBST([PTHREAD_LIBS])
])

dnl CORDPAIR_SHA256: libmd (0.1 ms to load), else libcrypto (2 ms).
AC_DEFUN([CORDPAIR_SHA256], [
	PKG_CHECK_MODULES([SHA256], [libmd], [
		cordpair_sha256=libmd
		AC_DEFINE([HAVE_LIBMD], [1], [Define to 1 when SHA-256 comes from libmd.])
	], [
		PKG_CHECK_MODULES([SHA256], [libcrypto], [cordpair_sha256=libcrypto],
			[AC_MSG_ERROR([libmd or libcrypto is needed for SHA-256])])
	])
])

dnl CORDPAIR_OPTIONAL(name, VARIABLE, pkg-config modules, what is lost without it)
dnl --with-NAME=auto|yes|no; defines HAVE_VARIABLE, the conditional, VARIABLE_CFLAGS and _LIBS.
AC_DEFUN([CORDPAIR_OPTIONAL], [
	AC_ARG_WITH([$1], [AS_HELP_STRING([--with-$1], [build $4 @<:@auto@:>@])], [],
		[with_$1=auto])
	AS_IF([test "x$with_$1" != xno], [
		PKG_CHECK_MODULES([$2], [$3], [with_$1=yes], [
			AS_IF([test "x$with_$1" = xyes],
				[AC_MSG_ERROR([--with-$1 was given, but $3 is not there])])
			with_$1=no
		])
	])
	AS_IF([test "x$with_$1" = xyes], [AC_DEFINE([HAVE_$2], [1], [Define to 1 to build $4.])])
	AM_CONDITIONAL([HAVE_$2], [test "x$with_$1" = xyes])
])

dnl CORDPAIR_TRY_CFLAG(flag, variable): appends the flag when the compiler knows it.
AC_DEFUN([CORDPAIR_TRY_CFLAG], [
	AC_MSG_CHECKING([whether the compiler takes $1])
	cordpair_save_CFLAGS=$CFLAGS
	CFLAGS="$CFLAGS -Werror $1"
	AC_LINK_IFELSE([AC_LANG_PROGRAM([], [])],
		[$2="$$2 $1"; AC_MSG_RESULT([yes])], [AC_MSG_RESULT([no])])
	CFLAGS=$cordpair_save_CFLAGS
])

AC_DEFUN([CORDPAIR_FLAGS], [
	AC_ARG_ENABLE([werror],
		[AS_HELP_STRING([--enable-werror], [treat warnings as errors])], [],
		[enable_werror=no])
	AC_ARG_ENABLE([sanitizers],
		[AS_HELP_STRING([--enable-sanitizers], [build with ASan and UBSan])], [],
		[enable_sanitizers=no])
	AC_ARG_ENABLE([hardening],
		[AS_HELP_STRING([--disable-hardening], [add no hardening flags])], [],
		[enable_hardening=yes])

	CORDPAIR_TRY_CFLAG([-std=c11], [CORDPAIR_CFLAGS])
	m4_foreach_w([flag], [-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes
		-Wold-style-definition -Wpointer-arith -Wwrite-strings -Wundef -Wformat=2 -Wvla
		-Wimplicit-fallthrough],
		[CORDPAIR_TRY_CFLAG(flag, [CORDPAIR_CFLAGS])])
	AS_IF([test "x$enable_werror" = xyes], [CORDPAIR_CFLAGS="$CORDPAIR_CFLAGS -Werror"])

	AC_ARG_ENABLE([fuzzing],
		[AS_HELP_STRING([--enable-fuzzing], [link the fuzz targets with libFuzzer (clang)])], [],
		[enable_fuzzing=no])
	FUZZ_LDFLAGS=
	AS_IF([test "x$enable_fuzzing" = xyes], [
		CORDPAIR_TRY_CFLAG([-fsanitize=fuzzer-no-link], [CORDPAIR_CFLAGS])
		FUZZ_LDFLAGS=-fsanitize=fuzzer
	])
	AC_SUBST([FUZZ_LDFLAGS])
	AM_CONDITIONAL([FUZZING], [test "x$enable_fuzzing" = xyes])

	AS_IF([test "x$enable_sanitizers" = xyes], [
		CORDPAIR_TRY_CFLAG([-fsanitize=address,undefined], [CORDPAIR_SANITIZE])
		AS_IF([test -z "$CORDPAIR_SANITIZE"],
			[AC_MSG_ERROR([the compiler cannot link with the sanitizers])])
		CORDPAIR_SANITIZE="$CORDPAIR_SANITIZE -fno-sanitize-recover=all -fno-omit-frame-pointer"
		CORDPAIR_CFLAGS="$CORDPAIR_CFLAGS $CORDPAIR_SANITIZE"
		AC_DEFINE([CORDPAIR_SANITIZED], [1], [Define to 1 in a build with sanitizers.])
		enable_hardening=no
	])
	AS_IF([test "x$enable_hardening" != xno], [
		CORDPAIR_TRY_CFLAG([-fstack-protector-strong], [CORDPAIR_CFLAGS])
		CORDPAIR_TRY_CFLAG([-fstack-clash-protection], [CORDPAIR_CFLAGS])
		AS_CASE([" $CPPFLAGS $CFLAGS "],
			[*_FORTIFY_SOURCE*], [],
			[*" -O"@<:@123s@:>@*], [CORDPAIR_CPPFLAGS="-D_FORTIFY_SOURCE=2"])
		CORDPAIR_TRY_CFLAG([-fPIE -pie], [cordpair_pie])
		AS_IF([test -n "$cordpair_pie"], [
			CORDPAIR_CFLAGS="$CORDPAIR_CFLAGS -fPIE"
			CORDPAIR_LDFLAGS="$CORDPAIR_LDFLAGS -pie"
		])
		CORDPAIR_TRY_CFLAG([-Wl,-z,relro,-z,now], [CORDPAIR_LDFLAGS])
		CORDPAIR_TRY_CFLAG([-Wl,--as-needed], [CORDPAIR_LDFLAGS])
	])
	AM_CONDITIONAL([SANITIZED], [test "x$enable_sanitizers" = xyes])
	AC_SUBST([CORDPAIR_CFLAGS])
	AC_SUBST([CORDPAIR_CPPFLAGS])
	AC_SUBST([CORDPAIR_LDFLAGS])
])

dnl CORDPAIR_STATIC_KEEPER: sets KEEPER_LDFLAGS. Each server starts by its keeper, and half of the
dnl keeper's start is the dynamic linker. After CORDPAIR_FLAGS.
AC_DEFUN([CORDPAIR_STATIC_KEEPER], [
	AC_ARG_ENABLE([static-keeper],
		[AS_HELP_STRING([--disable-static-keeper], [link the keeper with the shared libc])], [],
		[enable_static_keeper=auto])
	AS_IF([test "x$enable_sanitizers" = xyes], [enable_static_keeper=no])
	AS_IF([test "x$enable_static_keeper" != xno], [
		AC_MSG_CHECKING([whether the keeper can be linked statically])
		cordpair_save_LDFLAGS=$LDFLAGS
		LDFLAGS="$LDFLAGS $CORDPAIR_LDFLAGS -static -no-pie"
		AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <unistd.h>]], [[return execvp("", NULL);]])],
			[KEEPER_LDFLAGS="-static -no-pie"; cordpair_static=yes], [cordpair_static=no])
		LDFLAGS=$cordpair_save_LDFLAGS
		AC_MSG_RESULT([$cordpair_static])
		AS_IF([test "x$enable_static_keeper$cordpair_static" = xyesno],
			[AC_MSG_ERROR([--enable-static-keeper was given, but there is no static libc])])
		enable_static_keeper=$cordpair_static
	])
	AC_SUBST([KEEPER_LDFLAGS])
])
