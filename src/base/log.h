/* SPDX-License-Identifier: MIT */
/*
 * log: what the program says to the person, on stderr, one line each.
 *
 * Every line begins with "cordpair: ". Texts of servers and models pass sanitize first. Levels:
 * errors always; warnings and notices unless -q; details with -v.
 */
#ifndef CORDPAIR_BASE_LOG_H
#define CORDPAIR_BASE_LOG_H

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_DETAIL };

void log_set_level(enum log_level highest_shown);
enum log_level log_get_level(void);
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_detail(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
