/* SPDX-License-Identifier: MIT */
/* Opens, goes on with and ends the session of one run; what a session is, agent/session says. */
#include "config.h"

#include "app/ask_session.h"

#include <stdlib.h>
#include <string.h>

#include "agent/session_store.h"
#include "base/json_write.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/paths.h"

char *ask_session_dir(void)
{
	return paths_state("sessions");
}

int ask_session_resume(struct ask_session *kept, struct program *program, const char *id,
		       struct err *err)
{
	char *dir = ask_session_dir();
	const struct session_entry *entry = NULL;
	struct session_list list = {0};

	kept->program = program;
	if (!dir)
		err_set(err, ERR_CONFIG, "no session is kept: HOME is not set");
	else if (session_store_list(dir, &list, err) == 0)
		entry = session_list_find(&list, id, err);
	if (entry) {
		kept->conversation = conversation_new();
		kept->session = session_resume(dir, entry->id, conversation_take_record,
					       kept->conversation, err);
	}
	if (kept->session)
		kept->model = mem_string_or_null(session_model(kept->session));
	session_list_clear(&list);
	free(dir);
	return kept->session ? 0 : -1;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *ask_session_model(const struct ask_session *kept, const char *base_url)
{
	if (!kept->session || !same_text(session_base_url(kept->session), base_url))
		return NULL;
	return kept->model;
}

static void warn_not_kept(struct ask_session *kept, const struct err *err)
{
	char *text = mem_format("this conversation is not kept: %s", err->text);

	kept->on_warning(kept->arg, text);
	free(text);
}

static void on_failure(void *arg, const struct err *err)
{
	struct ask_session *kept = arg;

	warn_not_kept(kept, err);
	if (kept->conversation)
		program_set_exit(kept->program, err_exit_code(ERR_RECORD));
}

static const struct session_listener listener = {.on_failure = on_failure};

static void make_session(struct ask_session *kept, const struct ask_session_run *run)
{
	const struct settings *settings = &kept->program->settings;
	const struct session_limits limits = {settings->sessions, settings->session_days,
					      settings->session_bytes};
	char *dir = ask_session_dir();
	struct err err;

	if (dir) {
		session_store_prune(dir, &limits);
		kept->session = session_new(dir, run->title, run->title_len, &err);
	} else {
		err_set(&err, ERR_RECORD, "HOME is not set");
	}
	if (!kept->session)
		warn_not_kept(kept, &err);
	free(dir);
}

static void tell(const struct ask_session *kept)
{
	struct buf *event = events_begin(kept->program->events, "session.start");
	const char *id = session_id(kept->session);

	log_detail("the conversation is kept: `cordpair ask --resume %.*s` goes on with it",
		   SESSION_SHOWN_DIGITS, id);
	if (!event)
		return;
	json_write_member(event, "session", id);
	json_write_member_bool(event, "resumed", kept->conversation != NULL);
	events_send(kept->program->events);
}

void ask_session_begin(struct ask_session *kept, struct program *program,
		       const struct ask_session_run *run, struct conversation *conversation)
{
	bool other_model = false;

	kept->program = program;
	kept->on_warning = run->on_warning;
	kept->arg = run->arg;
	if (!kept->conversation)
		make_session(kept, run);
	if (!kept->session)
		return;
	tell(kept);
	other_model = !same_text(session_base_url(kept->session), run->base_url) ||
		      !same_text(session_model(kept->session), run->model);
	session_set_listener(kept->session, &listener, kept);
	conversation_keep_in(conversation, kept->session);
	session_begin_run(kept->session, run->base_url, run->model);
	if (!kept->conversation)
		return;
	/* The signatures of reasoning hold for the model that made them. */
	if (other_model)
		conversation_drop_reasoning(conversation);
	conversation_mend(conversation);
}

void ask_session_end(struct ask_session *kept, const struct turn_result *result)
{
	const struct session_end end = {
		.exit_code = kept->program ? kept->program->exit_code : 0,
		.status = kept->program ? events_status(kept->program->exit_code) : "",
		.model = result->model,
		.requests = result->spent.requests,
		.calls = result->spent.calls,
		.time_ms = (long)result->spent.time_ms,
		.usage = &result->spent.usage,
	};

	if (kept->session)
		session_end_run(kept->session, &end);
}

const char *ask_session_id(const struct ask_session *kept)
{
	return kept && kept->session ? session_id(kept->session) : NULL;
}

struct result_store *ask_session_results(const struct ask_session *kept)
{
	const char *id = ask_session_id(kept);
	char *dir = id ? ask_session_dir() : NULL;
	char *files = dir ? session_files_dir(dir, id) : NULL;
	struct result_store *results = result_store_new(files);

	free(files);
	free(dir);
	return results;
}

void ask_session_clear(struct ask_session *kept)
{
	session_free(&kept->session);
	conversation_free(&kept->conversation);
	free(kept->model);
	kept->model = NULL;
}
