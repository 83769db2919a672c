/* SPDX-License-Identifier: MIT */
/*
 * fake_faults: what a server can do wrong in the middle of its life, as tools of the fake server's
 * mode `faults`. Each does it and then, if it still can, answers its call.
 */
#ifndef CORDPAIR_TESTS_FAKE_FAULTS_H
#define CORDPAIR_TESTS_FAKE_FAULTS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_check.h"

/*
 * The tools, as list entries with a comma before each: raw(file, by_byte, exit), endless,
 * requests(count), notifications(count, method, params), junk(bytes), stderr_bytes(bytes, lines),
 * close(fd), end(status), crash, freeze, deaf(close), leave_child, storm(count), take_terminal.
 */
void fake_faults_list(struct buf *json);
/* false: it is none of these. An empty *text: there is no answer, or it was given. */
bool fake_faults_call(struct json_span id, struct json_span name, struct json_span arguments,
		      struct buf *text);
void fake_faults_crash(void);
/* Writes a file to stdout as it is, but @ID@ is replaced by the id. */
void fake_faults_write_file(const char *path, struct json_span id, bool by_byte);

#endif
