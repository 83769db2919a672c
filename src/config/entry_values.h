/* SPDX-License-Identifier: MIT */
/*
 * entry_values: the members of an entry, read by tables: a key has a name, a function that reads
 * its value, and a place in the server_config. Internal to config/.
 */
#ifndef CORDPAIR_CONFIG_ENTRY_VALUES_H
#define CORDPAIR_CONFIG_ENTRY_VALUES_H

#include "config/entry_read.h"

struct entry_reader {
	const struct entry_source *source;
	struct server_config *config;
	struct entry_reading *reading;
	enum entry_outcome outcome;
	bool has_type, has_command, start_timeout_given;
	bool any_other; /* a key besides enabled and disabled */
};

struct entry_key {
	const char *name;
	void (*read)(struct entry_reader *reader, const struct entry_key *key,
		     struct json_span value);
	size_t offset; /* of the target in server_config */
};

struct entry_word { /* a list of them ends with {NULL, 0} */
	const char *word;
	int value;
};

/* Told at their place in the file. A fault makes the entry ENTRY_BROKEN, a warning does not. */
void entry_warn(struct entry_reader *reader, struct json_span at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void entry_fault(struct entry_reader *reader, struct json_span at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void entry_unresolved(struct entry_reader *reader, struct json_span at, const char *text);
/* The fault that the value is not what was `wanted`: "a number of seconds". */
void entry_wrong_type(struct entry_reader *reader, const struct entry_key *key,
		      struct json_span value, const char *wanted);

void *entry_target(struct entry_reader *reader, const struct entry_key *key);
/* The expanded text of a string, the caller's; NULL: it was told that there is none. */
char *entry_take_string(struct entry_reader *reader, const struct entry_key *key,
			struct json_span value, bool secret);
bool entry_number(struct json_span value, double *number);
/* One of these words; false: told. */
bool entry_read_word(struct entry_reader *reader, const struct entry_key *key,
		     struct json_span value, const struct entry_word words[], int *out)
	__attribute__((warn_unused_result));

/* Appends the texts of an array to a list; a value that is none is told. */
void entry_add_strings(struct entry_reader *reader, const struct entry_key *key,
		       struct json_span value, char ***list);

/* For tables: into a char *, a list of strings, a bool. */
void entry_string(struct entry_reader *reader, const struct entry_key *key, struct json_span value);
void entry_strings(struct entry_reader *reader, const struct entry_key *key,
		   struct json_span value);
void entry_bool(struct entry_reader *reader, const struct entry_key *key, struct json_span value);
/* The members of an object by a table of its own, of at most ENTRY_OBJECT_KEYS_MAX keys. */
#define ENTRY_OBJECT_KEYS_MAX 24
void entry_object(struct entry_reader *reader, const struct entry_key *object,
		  struct json_span value, const struct entry_key table[], size_t count);

/* entry_objects.c: "oauth" and "sampling". */
void entry_oauth(struct entry_reader *reader, const struct entry_key *key, struct json_span value);
void entry_sampling(struct entry_reader *reader, const struct entry_key *key,
		    struct json_span value);

#endif
