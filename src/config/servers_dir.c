/* SPDX-License-Identifier: MIT */
/*
 * From files to entries: each file is read by itself, then each name is decided by itself. Every
 * definition and every switch becomes a candidate; what does not win stays in the list with its
 * reason.
 */
#include "config.h"

#include "config/servers_dir.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/dialect.h"
#include "config/entry_read.h"
#include "config/server_config_internal.h"
#include "config/servers_files.h"
#include "io/file.h"

struct candidate {
	struct server_entry entry;
	size_t rank;
	bool is_switch, enabled;
	bool unresolved;
	bool out;  /* its file does not count */
	char *why; /* what is wrong with it, or NULL */
};

struct loading {
	struct servers_dir *dir;
	struct candidate *candidate;
	size_t count;
	bool silent; /* the file does not count, nor do its faults */
};

static const char *const standing_names[] = {
	[SERVER_ENABLED] = "enabled",	    [SERVER_DISABLED] = "disabled",
	[SERVER_MASKED] = "masked",	    [SERVER_OVERRIDDEN] = "overridden",
	[SERVER_BROKEN] = "broken",	    [SERVER_CONFLICT] = "conflict",
	[SERVER_UNRESOLVED] = "unresolved",
};

static const char *const tier_names[] = {
	[TIER_VENDOR] = "vendor", [TIER_RUN] = "run",	      [TIER_ADMIN] = "admin",
	[TIER_USER] = "user",	  [TIER_PROJECT] = "project", [TIER_COMMAND_LINE] = "command line",
};

const char *server_standing_name(enum server_standing standing)
{
	return standing_names[standing];
}

const char *servers_tier_name(enum servers_tier tier)
{
	return tier_names[tier];
}

/* Reading */

static void add_fault(void *arg, const struct err *fault)
{
	struct loading *loading = arg;
	struct servers_dir *dir = loading->dir;

	if (loading->silent)
		return;
	dir->fault = mem_resize_array(dir->fault, dir->faults + 1, sizeof(*dir->fault));
	dir->fault[dir->faults++].err = *fault;
	if (fault->kind == ERR_NONE)
		dir->warnings++;
}

static struct candidate *add_candidate(struct loading *loading, const struct servers_file *file,
				       char *take_name)
{
	struct candidate *candidate;

	loading->candidate = mem_resize_array(loading->candidate, loading->count + 1,
					      sizeof(*loading->candidate));
	candidate = &loading->candidate[loading->count++];
	*candidate = (struct candidate){
		.entry = {.name = take_name, .file = mem_string(file->path), .tier = file->tier},
		.rank = file->rank,
		.out = file->replaced != NULL,
	};
	return candidate;
}

/* A name as it must be; another one is mapped, and that is told. */
static char *valid_name(struct loading *loading, const char *file, const char *name)
{
	struct err told;
	char *mapped;

	if (server_name_valid(name))
		return mem_string(name);
	mapped = server_name_from(name);
	err_set(&told, ERR_NONE, "%s: the server \"%.60s\" is called \"%s\" here", file, name,
		mapped);
	add_fault(loading, &told);
	return mapped;
}

static void read_entry(struct loading *loading, const struct servers_file *file,
		       const struct entry_source *source, char *take_name, struct json_span span)
{
	struct candidate *candidate = add_candidate(loading, file, take_name);
	struct entry_reading reading;
	unsigned column;

	json_position(source->text, (size_t)(span.at - source->text), &candidate->entry.line,
		      &column);
	candidate->entry.definition = mem_string_len(span.at, span.len);
	switch (entry_read(source, take_name, span, &reading)) {
	case ENTRY_GOOD:
		candidate->entry.config = reading.config;
		reading.config->line = candidate->entry.line;
		break;
	case ENTRY_SWITCH:
		candidate->is_switch = true;
		break;
	case ENTRY_UNRESOLVED:
		candidate->unresolved = true;
		break;
	case ENTRY_BROKEN:
		break;
	}
	/* loading->candidate may have moved by nothing that entry_read() does. */
	candidate->why = reading.why;
	candidate->enabled = reading.enabled;
}

static void read_map(struct loading *loading, const struct servers_file *file,
		     const struct entry_source *source, struct json_span map)
{
	struct json_span key = {NULL, 0}, value = {NULL, 0};

	while (json_span_next_member(map, &key, &value)) {
		struct buf name = BUF_INIT;

		(void)!json_span_unescape(key, &name);
		read_entry(loading, file, source, valid_name(loading, file->path, buf_text(&name)),
			   value);
		buf_clear(&name);
	}
}

static void file_is_broken(struct loading *loading, const struct servers_file *file,
			   const struct err *why)
{
	char *stem = servers_file_stem(file->base);
	char *name = server_name_valid(stem) ? mem_string(stem) : server_name_from(stem);
	struct candidate *candidate = add_candidate(loading, file, name);

	candidate->why = mem_string(why->text);
	free(stem);
	add_fault(loading, why);
}

static void read_text(struct loading *loading, const struct servers_file *file, struct buf *text)
{
	struct entry_source source = {
		.file = file->path, .text = text->data, .on_fault = add_fault, .arg = loading};
	struct json_span root = {text->data, text->len}, map;
	struct json_fault bad;
	unsigned line, column;
	const char *nearest;
	struct err err;
	char *stem;

	dialect_to_json(text->data, text->len);
	if (json_check(text->data, text->len, &json_limits_default, NULL, &bad)) {
		json_position(text->data, bad.offset, &line, &column);
		err_set(&err, ERR_CONFIG, "%s:%u:%u: not JSON: %s", file->path, line, column,
			bad.what);
		file_is_broken(loading, file, &err);
		return;
	}
	while (root.len > 0 && strchr(" \t\r\n", *root.at)) {
		root.at++;
		root.len--;
	}
	nearest = dialect_nearest_root(root);
	if (json_span_kind(root) != JSON_OBJECT || nearest) {
		err_set(&err, ERR_CONFIG,
			nearest ? "%s: the servers belong under \"%s\"" : "%s: not a JSON object%s",
			file->path, nearest ? nearest : "");
		file_is_broken(loading, file, &err);
		return;
	}
	source.inputs = json_span_member(root, "inputs");
	if (dialect_of(root, &map) != DIALECT_ENTRY) {
		read_map(loading, file, &source, map);
		return;
	}
	stem = servers_file_stem(file->base);
	read_entry(loading, file, &source, valid_name(loading, file->path, stem), root);
	free(stem);
}

/* An empty file, or a link to the null device, takes the files below it away. */
static void take_mask(struct loading *loading, const struct servers_file *file)
{
	char *stem = servers_file_stem(file->base);
	char *name = server_name_valid(stem) ? mem_string(stem) : server_name_from(stem);
	bool masks = false;

	for (size_t i = 0; i < loading->count; i++) {
		struct candidate *candidate = &loading->candidate[i];
		const char *base = strrchr(candidate->entry.file, '/') + 1;

		if (strcmp(base, file->base) != 0)
			continue;
		masks = true;
		free(candidate->entry.reason);
		candidate->entry.standing = SERVER_MASKED;
		candidate->entry.reason = mem_format("%s masks it", file->path);
	}
	if (!masks) {
		struct candidate *candidate = add_candidate(loading, file, mem_string(name));

		candidate->out = true;
		candidate->entry.standing = SERVER_MASKED;
		candidate->entry.reason = mem_format("%s is empty and masks nothing", file->path);
	}
	free(name);
	free(stem);
}

static void read_one_file(struct loading *loading, const struct servers_file *file)
{
	enum file_kind kind = FILE_REGULAR;
	struct buf text;
	struct err err;

	loading->silent = file->replaced != NULL;
	buf_init(&text, SERVERS_FILE_MAX_BYTES);
	if (file_read(file->path, FILE_TRUSTED, &text, &kind, &err))
		file_is_broken(loading, file, &err);
	else if (kind != FILE_REGULAR)
		take_mask(loading, file);
	else
		read_text(loading, file, &text);
	buf_clear(&text);
	for (size_t i = 0; i < loading->count; i++) {
		struct candidate *candidate = &loading->candidate[i];

		if (!file->replaced || strcmp(candidate->entry.file, file->path) != 0)
			continue;
		candidate->entry.standing = SERVER_OVERRIDDEN;
		candidate->entry.reason = mem_format("%s replaces this file", file->replaced);
	}
}

/* --server NAME=COMMAND */

/* One word of a command line, quotes taken off; NULL at the end. No shell: nothing expands. */
static char *next_word(const char **at, struct err *err, const char *option)
{
	struct buf word = BUF_INIT;
	char quote = '\0';

	*at += strspn(*at, " \t");
	if (!**at)
		return NULL;
	for (; **at && (quote || !strchr(" \t", **at)); (*at)++) {
		if (quote && **at == quote)
			quote = '\0';
		else if (!quote && (**at == '\'' || **at == '"'))
			quote = **at;
		else if (**at == '\\' && quote != '\'' && (*at)[1])
			buf_append_char(&word, *++*at);
		else
			buf_append_char(&word, **at);
	}
	if (quote)
		err_set(err, ERR_CONFIG, "--server %s: a quote is not closed", option);
	return buf_take(&word);
}

static void add_command_line_server(struct loading *loading, const char *option)
{
	static const struct servers_file file = {
		.path = (char *)"--server", .tier = TIER_COMMAND_LINE, .rank = SIZE_MAX};
	const char *equals = strchr(option, '='), *at;
	struct err err = {.kind = ERR_NONE};
	struct candidate *candidate;
	char *name = mem_string_len(option, equals ? (size_t)(equals - option) : 0), *word;

	if (!equals || !server_name_valid(name)) {
		err_set(&err, ERR_CONFIG, "--server %.80s: it is not NAME=COMMAND", option);
		add_fault(loading, &err);
		free(name);
		return;
	}
	candidate = add_candidate(loading, &file, name);
	candidate->enabled = true;
	candidate->entry.config = server_config_new(name);
	candidate->entry.config->file = mem_string("--server");
	for (at = equals + 1; (word = next_word(&at, &err, option));)
		string_list_add(&candidate->entry.config->argv, word);
	if (!candidate->entry.config->argv[0] && err.kind == ERR_NONE)
		err_set(&err, ERR_CONFIG, "--server %s: the command is missing", option);
	if (err.kind != ERR_NONE) {
		server_config_free(&candidate->entry.config);
		candidate->why = mem_string(err.text);
		add_fault(loading, &err);
		return;
	}
	server_config_identify(candidate->entry.config);
}

/* Deciding */

static bool defines(const struct candidate *candidate, const char *name)
{
	return !candidate->out && !candidate->is_switch && strcmp(candidate->entry.name, name) == 0;
}

static struct candidate *winner(struct loading *loading, const char *name, struct candidate **other)
{
	struct candidate *best = NULL;

	*other = NULL;
	for (size_t i = 0; i < loading->count; i++) {
		struct candidate *candidate = &loading->candidate[i];

		if (!defines(candidate, name))
			continue;
		if (!best || candidate->entry.tier > best->entry.tier) {
			best = candidate;
			*other = NULL;
		} else if (candidate->entry.tier == best->entry.tier) {
			*other = candidate;
		}
	}
	return best;
}

static const struct candidate *switch_of(const struct loading *loading, const char *name,
					 enum servers_tier tier)
{
	const struct candidate *best = NULL;

	for (size_t i = 0; i < loading->count; i++) {
		const struct candidate *candidate = &loading->candidate[i];

		if (candidate->is_switch && !candidate->out && candidate->entry.tier >= tier &&
		    strcmp(candidate->entry.name, name) == 0 &&
		    (!best || candidate->rank >= best->rank))
			best = candidate;
	}
	return best;
}

static void set_standing(struct candidate *candidate, enum server_standing standing,
			 char *take_reason)
{
	free(candidate->entry.reason);
	candidate->entry.standing = standing;
	candidate->entry.reason = take_reason;
	if (standing != SERVER_ENABLED && standing != SERVER_DISABLED)
		server_config_free(&candidate->entry.config);
}

static void decide_winner(struct loading *loading, struct candidate *best)
{
	const struct candidate *by = switch_of(loading, best->entry.name, best->entry.tier);
	bool enabled = by ? by->enabled : best->enabled && best->entry.tier != TIER_VENDOR;
	struct err unresolved;

	if (by)
		best->entry.switched_by = mem_string(by->entry.file);
	if (!best->entry.config && !best->unresolved) {
		set_standing(best, SERVER_BROKEN, mem_string_or_null(best->why));
	} else if (!enabled && by) {
		set_standing(best, SERVER_DISABLED, mem_format("%s disables it", by->entry.file));
	} else if (!enabled) {
		set_standing(best, SERVER_DISABLED,
			     mem_string(best->enabled ? "available, and not enabled"
						      : "its entry says so"));
	} else if (best->unresolved) {
		set_standing(best, SERVER_UNRESOLVED, mem_string(best->why));
		err_set(&unresolved, ERR_CONFIG, "%s", best->why);
		add_fault(loading, &unresolved);
	} else {
		set_standing(best, SERVER_ENABLED, NULL);
	}
}

/* best and the other definition of its name in its tier: neither is used. */
static void decide_conflict(struct loading *loading, const struct candidate *best,
			    const struct candidate *other)
{
	struct err told;

	err_set(&told, ERR_CONFIG,
		"server \"%s\" is defined twice, in %s and %s; neither is used: remove one",
		best->entry.name, best->entry.file, other->entry.file);
	for (size_t i = 0; i < loading->count; i++) {
		struct candidate *candidate = &loading->candidate[i];

		if (defines(candidate, best->entry.name) &&
		    candidate->entry.tier == best->entry.tier)
			set_standing(candidate, SERVER_CONFLICT, mem_string(told.text));
	}
	add_fault(loading, &told);
}

static void decide(struct loading *loading, const char *name)
{
	struct candidate *other, *best = winner(loading, name, &other);

	if (!best)
		return;
	if (other)
		decide_conflict(loading, best, other);
	else
		decide_winner(loading, best);
	for (size_t i = 0; i < loading->count; i++) {
		struct candidate *candidate = &loading->candidate[i];

		if (defines(candidate, name) && candidate->entry.tier < best->entry.tier)
			set_standing(candidate, SERVER_OVERRIDDEN,
				     mem_format("%s wins", best->entry.file));
	}
}

/* A switch is shown only when there is nothing that it could switch. */
static bool is_shown(const struct loading *loading, const struct candidate *candidate)
{
	if (!candidate->is_switch)
		return true;
	for (size_t i = 0; i < loading->count; i++)
		if (!loading->candidate[i].is_switch &&
		    strcmp(loading->candidate[i].entry.name, candidate->entry.name) == 0)
			return false;
	return true;
}

/* By name; then what wins, then from the highest rank down. */
static int in_order(const void *a, const void *b)
{
	const struct server_entry *x = a, *y = b;
	int by_name = strcmp(x->name, y->name);
	bool x_lost = x->standing == SERVER_OVERRIDDEN || x->standing == SERVER_MASKED;
	bool y_lost = y->standing == SERVER_OVERRIDDEN || y->standing == SERVER_MASKED;

	if (by_name)
		return by_name;
	if (x_lost != y_lost)
		return x_lost - y_lost;
	return (x->tier < y->tier) - (x->tier > y->tier);
}

static void server_entry_clear(struct server_entry *entry)
{
	free(entry->name);
	free(entry->file);
	free(entry->reason);
	server_config_free(&entry->config);
	free(entry->switched_by);
	free(entry->definition);
}

static void hand_over(struct loading *loading)
{
	struct servers_dir *dir = loading->dir;

	dir->entry = mem_new_array(loading->count + 1, sizeof(*dir->entry));
	for (size_t i = 0; i < loading->count; i++) {
		struct candidate *candidate = &loading->candidate[i];

		if (!is_shown(loading, candidate))
			continue;
		if (candidate->is_switch && !candidate->out) {
			candidate->entry.disables = !candidate->enabled;
			set_standing(candidate, SERVER_DISABLED,
				     mem_string("it switches a server that is defined nowhere"));
		}
		dir->entry[dir->entries++] = candidate->entry;
		/* The name stays for the others to be compared with; the rest has moved. */
		candidate->entry = (struct server_entry){.name = mem_string(candidate->entry.name)};
	}
	for (size_t i = 0; i < loading->count; i++) {
		server_entry_clear(&loading->candidate[i].entry);
		free(loading->candidate[i].why);
	}
	free(loading->candidate);
	qsort(dir->entry, dir->entries, sizeof(*dir->entry), in_order);
}

static void take_directory(struct loading *loading, const struct servers_directory *directory)
{
	struct servers_dir *dir = loading->dir;

	if (directory->fault.kind != ERR_NONE)
		add_fault(loading, &directory->fault);
	if (!directory->unread)
		return;
	dir->unread = mem_resize_array(dir->unread, dir->unreads + 1, sizeof(*dir->unread));
	dir->unread[dir->unreads++] = (struct servers_unread){
		.directory = mem_string(directory->path),
		.why = mem_string(directory->fault.text),
		.tier = directory->tier,
	};
}

struct servers_dir *servers_dir_load(const struct servers_dir_options *options)
{
	struct loading loading = {.dir = mem_new(sizeof(struct servers_dir))};
	struct servers_files files;

	servers_files_list(&files, options);
	for (size_t i = 0; i < files.directories; i++)
		take_directory(&loading, &files.directory[i]);
	for (size_t i = 0; i < files.count; i++)
		read_one_file(&loading, &files.file[i]);
	servers_files_clear(&files);
	loading.silent = false;
	for (size_t i = 0; options->servers && i < options->servers->count; i++)
		add_command_line_server(&loading, options->servers->item[i]);
	for (size_t i = 0; i < loading.count; i++) {
		const struct candidate *candidate = &loading.candidate[i];
		bool first = true;

		for (size_t j = 0; j < i && first; j++)
			first = strcmp(loading.candidate[j].entry.name, candidate->entry.name) != 0;
		if (first)
			decide(&loading, candidate->entry.name);
	}
	hand_over(&loading);
	return loading.dir;
}

void servers_dir_free(struct servers_dir **dir_p)
{
	struct servers_dir *dir = *dir_p;

	if (!dir)
		return;
	for (size_t i = 0; i < dir->entries; i++)
		server_entry_clear(&dir->entry[i]);
	for (size_t i = 0; i < dir->unreads; i++) {
		free(dir->unread[i].directory);
		free(dir->unread[i].why);
	}
	free(dir->unread);
	free(dir->entry);
	free(dir->fault);
	free(dir);
	*dir_p = NULL;
}

char **servers_dir_directories(const struct servers_dir_options *options)
{
	struct servers_files files;
	char **list;

	servers_files_directories(&files, options);
	list = mem_new_array(files.directories + 1, sizeof(char *));
	for (size_t i = 0; i < files.directories; i++)
		list[i] = mem_string(files.directory[i].path);
	servers_files_clear(&files);
	return list;
}

const struct server_entry *servers_dir_find(const struct servers_dir *dir, const char *name)
{
	for (size_t i = 0; i < dir->entries; i++)
		if (strcmp(dir->entry[i].name, name) == 0)
			return &dir->entry[i];
	return NULL;
}
