/* SPDX-License-Identifier: MIT */
/* From words to a server, a tool and its arguments. */
#include "config.h"

#include "app/call_target.h"

#include <stdlib.h>
#include <string.h>

#include "app/servers_run.h"
#include "app/tool_arguments.h"
#include "base/mem.h"
#include "model/tool_names.h"

/*
 * `call SERVER TOOL …` or `call server__tool …`, the form that the model and `tools --tsv` use. The
 * second is only taken when no server is called so; its server is the enabled one whose name
 * begins it.
 */
static char *server_of_model_name(struct program *program, const char *word)
{
	for (size_t i = 0; i < program->dir->entries; i++) {
		const struct server_entry *entry = &program->dir->entry[i];
		char name[TOOL_NAMES_MAX_BYTES + 1];
		size_t len;

		if (entry->standing != SERVER_ENABLED)
			continue;
		tool_name_for_model(entry->name, "x", name);
		len = strlen(entry->name) + (name[0] == '_' && entry->name[0] != '_');
		if (strncmp(name, word, len) == 0 && strncmp(word + len, "__", 2) == 0)
			return mem_string(entry->name);
	}
	return NULL;
}

int call_target_find(struct program *program, struct call_target *target, struct err *err)
{
	const struct strings *operands = &program->operands;

	if (operands->count == 0)
		return err_set(err, ERR_USAGE,
			       "which tool? cordpair call SERVER TOOL [ARGUMENT]...");
	servers_run_read(program);
	if (!servers_dir_find(program->dir, operands->item[0]) && strstr(operands->item[0], "__")) {
		target->model_name = operands->item[0];
		target->server = server_of_model_name(program, operands->item[0]);
		target->words = operands->item + 1;
		target->words_count = operands->count - 1;
		if (target->server)
			return 0;
	}
	if (operands->count < 2)
		return err_set(err, ERR_USAGE,
			       "which tool of \"%s\"? `cordpair tools %s` lists them",
			       operands->item[0], operands->item[0]);
	target->server = mem_string(operands->item[0]);
	target->tool = operands->item[1];
	target->words = operands->item + 2;
	target->words_count = operands->count - 2;
	return 0;
}

/* What the tool is called by its server. */
static const char *tool_of_model_name(const struct call_target *target,
				      const struct tool_list *tools)
{
	for (size_t i = 0; i < tools->count; i++) {
		char name[TOOL_NAMES_MAX_BYTES + 1];

		tool_name_for_model(target->server, tools->tool[i].name, name);
		if (strcmp(name, target->model_name) == 0)
			return tools->tool[i].name;
	}
	return target->model_name;
}

const struct tool *call_target_tool(const struct call_target *target, const struct tool_list *tools,
				    struct err *err)
{
	const char *wanted = target->tool, *nearest;
	const struct tool *tool;
	const char **names;

	if (!wanted)
		wanted = tool_of_model_name(target, tools);
	tool = tool_list_find(tools, wanted);
	if (tool)
		return tool;
	names = mem_new_array(tools->count + 1, sizeof(*names));
	for (size_t i = 0; i < tools->count; i++)
		names[i] = tools->tool[i].name;
	nearest = options_nearest(wanted, names, tools->count);
	free(names);
	if (nearest)
		err_set(err, ERR_CONFIG, "server \"%s\" has no tool \"%s\"; did you mean \"%s\"?",
			target->server, wanted, nearest);
	else
		err_set(err, ERR_CONFIG,
			"server \"%s\" has no tool \"%s\"; `cordpair tools %s` lists them",
			target->server, wanted, target->server);
	return NULL;
}

int call_target_arguments(struct program *program, const struct call_target *target,
			  const struct tool *tool, struct buf *out, struct err *err)
{
	struct buf text;
	int status;

	if (target->words_count != 1 || strcmp(target->words[0], "-") != 0) {
		status = tool_arguments_from_words(tool->input_schema, target->words,
						   target->words_count, out, err);
	} else {
		buf_init(&text, TOOL_ARGUMENTS_MAX_BYTES);
		status = program_read_stdin(program, &text, err);
		if (status == 0)
			status = tool_arguments_from_json(buf_text(&text), text.len, out, err);
		buf_clear(&text);
	}
	if (status == 0)
		status = tool_check_arguments(tool, out->data, err);
	if (status)
		err_prefix(err, "server \"%s\", tool \"%s\"", target->server, tool->name);
	return status;
}
