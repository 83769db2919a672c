/* SPDX-License-Identifier: MIT */
/*
 * executable: which program a command would run now, as far as stat(2) can tell.
 */
#ifndef CORDPAIR_IO_EXECUTABLE_H
#define CORDPAIR_IO_EXECUTABLE_H

#include "base/digest.h"

#define EXECUTABLE_ARGUMENTS_MAX 64 /* that are looked at */

/*
 * Sets hex to a SHA-256 over the path, device, inode, size and times of what argv[0] leads to (by
 * `path`, as execvp(3) searches; NULL: its default) and of each argument that is a program's text
 * itself: a file that may be executed, or one with the ending of a script or archive ("server.py",
 * "dist/index.js"). A file that a server works on is none, and may change. Relative names begin at
 * cwd (NULL: here). What is not there counts as such, so that it coming makes a difference. Blocks
 * for the time of a few stat(2): at start only.
 */
void executable_identity(char *const *argv, const char *path, const char *cwd,
			 char hex[DIGEST_HEX_BYTES]);

#endif
