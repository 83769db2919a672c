/* SPDX-License-Identifier: MIT */
/*
 * err: an operational failure, told upward as a value.
 *
 * A `struct err` lives on the caller's stack and is the last parameter of every function that can
 * fail; it is untouched on success. Its text is one whole sentence without the final period, that
 * begins with what it is about: `servers.d/40-git.json:7: "command" is missing`. `kind` alone
 * decides the exit code. What a tool reports is data, never an err; a bug aborts.
 */
#ifndef CORDPAIR_BASE_ERR_H
#define CORDPAIR_BASE_ERR_H

#include <stdarg.h>

#define ERR_TEXT_BYTES 256

/* Every kind, with its exit code (see cordpair(1), EXIT STATUS). */
enum err_kind {
	ERR_NONE = 0,	 /* 0 */
	ERR_NO_ANSWER,	 /* 1: the tool reported an error; the model gave no answer */
	ERR_USAGE,	 /* 2 */
	ERR_DENIED,	 /* 3: a tool call was denied, or nobody could approve it */
	ERR_INCOMPLETE,	 /* 4: a turn, call, token or cost limit; cut off */
	ERR_ARGUMENTS,	 /* 65: arguments do not fit the tool's schema */
	ERR_UNAVAILABLE, /* 69: a required server is unavailable */
	ERR_INTERNAL,	 /* 70: a bug, out of memory */
	ERR_RECORD,	 /* 74: output, an audit or history record could not be written */
	ERR_TEMPORARY,	 /* 75: trying again may help: 429, 5xx, network */
	ERR_PROTOCOL,	 /* 76: a peer broke its protocol; other 4xx */
	ERR_PERMISSION,	 /* 77: unsafe file, 401, 402, 403 */
	ERR_CONFIG,	 /* 78: configuration; unknown server, tool or model */
	ERR_TIMEOUT,	 /* 124: --timeout reached */
	ERR_KINDS
};

struct err {
	enum err_kind kind;
	int os_errno; /* 0, or the errno behind it */
	char text[ERR_TEXT_BYTES];
};

/* Fills *err; always returns -1, so that a caller can `return err_set(...)`. */
int err_set(struct err *err, enum err_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same, with ": " and the text of os_errno appended. Always returns -1. */
int err_set_os(struct err *err, enum err_kind kind, int os_errno, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Puts context before the text: "context: text". Cuts the end when it is too long. */
void err_prefix(struct err *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The exit code of a kind. */
int err_exit_code(enum err_kind kind);

/*
 * When several exit codes hold, the one to exit with: signal (128+n), 124, 70, 74, 78, 77, 76, 75,
 * 69, 65, 4, 3, 1, 2, 0.
 */
int err_worst_exit_code(int a, int b);

#endif
