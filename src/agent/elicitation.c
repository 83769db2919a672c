/* SPDX-License-Identifier: MIT */
/* A conversation of lines: one question for each field, then the review. */
#include "config.h"

#include "agent/elicitation.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/elicitation_form.h"
#include "base/json_write.h"
#include "base/jsonrpc.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/sanitize.h"
#include "io/browser.h"

#define URL_MAX_BYTES ((size_t)8 << 10)

struct elicitation {
	struct elicitations *owner;
	struct elicitation *next, **previous;
	struct server_request *request;
	char *server;
	char *message;
	char *url;   /* of mode "url", else NULL */
	bool opened; /* and whether it is done there is asked */
	struct elicitation_form form;
	size_t at; /* the field that is asked; form.count: the review */
	bool asking;
};

struct elicitations {
	struct asker *asker;
	struct elicitation *first;
	const struct elicitation_listener *listener;
	void *arg;
};

struct elicitations *elicitations_new(struct asker *asker,
				      const struct elicitation_listener *listener, void *arg)
{
	struct elicitations *elicitations = mem_new(sizeof(*elicitations));

	elicitations->asker = asker;
	elicitations->listener = listener;
	elicitations->arg = arg;
	return elicitations;
}

static void elicitation_free(struct elicitation *elicitation)
{
	*elicitation->previous = elicitation->next;
	if (elicitation->next)
		elicitation->next->previous = elicitation->previous;
	if (elicitation->asking)
		elicitation->owner->asker->cancel(elicitation->owner->asker, elicitation);
	if (elicitation->request) /* it is ours until it is answered */
		server_refuse(&elicitation->request, JSONRPC_INTERNAL_ERROR, "the host ends");
	elicitation_form_clear(&elicitation->form);
	free(elicitation->server);
	free(elicitation->message);
	free(elicitation->url);
	free(elicitation);
}

void elicitations_free(struct elicitations **elicitations_p)
{
	struct elicitations *elicitations = *elicitations_p;

	if (!elicitations)
		return;
	*elicitations_p = NULL;
	for (struct elicitation *at = elicitations->first, *next; at; at = next) {
		next = at->next;
		elicitation_free(at);
	}
	free(elicitations);
}

/* Answers */

static void answer(struct server_request *request, const char *action,
		   const struct elicitation_form *form)
{
	struct buf result = BUF_INIT;

	buf_append_char(&result, '{');
	json_write_member(&result, "action", action);
	if (form) {
		json_write_key(&result, "content");
		elicitation_form_write(form, &result);
	}
	buf_append_char(&result, '}');
	server_answer(&request, result.data, result.len);
	buf_clear(&result);
}

static void finish(struct elicitation *elicitation, const char *action, bool with_content)
{
	struct elicitations *owner = elicitation->owner;

	owner->listener->on_result(owner->arg, elicitation->server, action);
	answer(elicitation->request, action, with_content ? &elicitation->form : NULL);
	elicitation->request = NULL;
	elicitation_free(elicitation);
}

/* The form */

static void ask_field(struct elicitation *elicitation, const char *complaint);

static void append_shown(struct buf *out, const char *text)
{
	sanitize_line(text, strlen(text), ELICITATION_TEXT_MAX_BYTES, out);
}

static void introduce(const struct elicitation *elicitation, struct buf *text)
{
	buf_append_text(text, "\ncordpair: the server ");
	append_shown(text, elicitation->server);
	buf_append_text(text, " asks:\n  ");
	sanitize_text(elicitation->message, strlen(elicitation->message), text);
	buf_append_char(text, '\n');
}

static void describe_field(const struct field *field, struct buf *text)
{
	buf_append_char(text, '\n');
	append_shown(text, field->title ? field->title : field->name);
	if (field->required)
		buf_append_text(text, " (required)");
	if (field->description) {
		buf_append_text(text, "\n  ");
		append_shown(text, field->description);
	}
	for (size_t i = 0; i < field->choices; i++) {
		buf_format(text, "\n  %zu. ", i + 1);
		append_shown(text, field->choice[i].title);
	}
	if (field->type == FIELD_CHOICES)
		buf_append_text(text, "\n  (several, with commas between)");
	if (field->type == FIELD_BOOLEAN)
		buf_append_text(text, " [yes/no]");
}

static void append_value(const struct field *field, struct buf *text)
{
	struct buf value = BUF_INIT;

	elicitation_form_show(field, &value);
	append_shown(text, buf_text(&value));
	buf_clear(&value);
}

static void ask(struct elicitation *elicitation, const struct buf *text, answer_fn *done)
{
	struct asker *asker = elicitation->owner->asker;

	elicitation->asking = true;
	asker->ask_line(asker, buf_text(text), done, elicitation);
}

static void reviewed(void *arg, const char *line)
{
	struct elicitation *elicitation = arg;
	char complaint[128];
	const char *missing = elicitation_form_missing(&elicitation->form);

	elicitation->asking = false;
	if (!line) {
		finish(elicitation, "cancel", false);
	} else if (strcasecmp(line, "s") == 0 || strcasecmp(line, "send") == 0) {
		if (!missing) {
			finish(elicitation, "accept", true);
			return;
		}
		snprintf(complaint, sizeof(complaint), "\"%.60s\" is required.", missing);
		elicitation->at = 0;
		ask_field(elicitation, complaint);
	} else if (strcasecmp(line, "e") == 0 || strcasecmp(line, "edit") == 0) {
		elicitation->at = 0;
		ask_field(elicitation, NULL);
	} else {
		finish(elicitation, strcasecmp(line, "c") == 0 ? "cancel" : "decline", false);
	}
}

static void review(struct elicitation *elicitation)
{
	struct buf text = BUF_INIT;

	buf_append_text(&text, "\nThis goes to the server ");
	append_shown(&text, elicitation->server);
	buf_append_text(&text, ":\n");
	for (size_t i = 0; i < elicitation->form.count; i++) {
		if (!elicitation->form.field[i].value)
			continue;
		buf_append_text(&text, "  ");
		append_shown(&text, elicitation->form.field[i].name);
		buf_append_text(&text, ": ");
		append_value(&elicitation->form.field[i], &text);
		buf_append_char(&text, '\n');
	}
	buf_append_text(&text, "[s]end, [e]dit, [D]ecline, [c]ancel: ");
	ask(elicitation, &text, reviewed);
	buf_clear(&text);
}

static void field_entered(void *arg, const char *line)
{
	struct elicitation *elicitation = arg;
	struct err err;
	char complaint[ERR_TEXT_BYTES + 16];

	elicitation->asking = false;
	if (!line) {
		finish(elicitation, "cancel", false);
		return;
	}
	if (elicitation_form_enter(&elicitation->form.field[elicitation->at], line, &err)) {
		snprintf(complaint, sizeof(complaint), "It must be %s.", err.text);
		ask_field(elicitation, complaint);
		return;
	}
	elicitation->at++;
	ask_field(elicitation, NULL);
}

/* The next field that is to be asked, or the review. */
static void ask_field(struct elicitation *elicitation, const char *complaint)
{
	struct buf text = BUF_INIT;

	if (elicitation->at >= elicitation->form.count) {
		review(elicitation);
		return;
	}
	if (elicitation->at == 0 && !complaint)
		introduce(elicitation, &text);
	if (complaint) {
		buf_append_text(&text, "  ");
		append_shown(&text, complaint);
	}
	describe_field(&elicitation->form.field[elicitation->at], &text);
	if (elicitation->form.field[elicitation->at].value) {
		buf_append_text(&text, " [");
		append_value(&elicitation->form.field[elicitation->at], &text);
		buf_append_char(&text, ']');
	}
	buf_append_text(&text, ": ");
	ask(elicitation, &text, field_entered);
	buf_clear(&text);
}

/* The address */

static void url_visited(void *arg, const char *line)
{
	struct elicitation *elicitation = arg;
	const bool is_done = line && strcasecmp(line, "c") != 0 && strcasecmp(line, "cancel") != 0;

	elicitation->asking = false;
	finish(elicitation, is_done ? "accept" : "cancel", false);
}

static void url_decided(void *arg, const char *line)
{
	struct elicitation *elicitation = arg;
	struct buf text = BUF_INIT;
	struct err err;

	elicitation->asking = false;
	if (!line || (strcasecmp(line, "y") != 0 && strcasecmp(line, "yes") != 0)) {
		finish(elicitation, line ? "decline" : "cancel", false);
		return;
	}
	if (browser_open(elicitation->url, &err))
		log_warning("%s; open it yourself: %s", err.text, elicitation->url);
	if (!server_request_begin(elicitation->request)) {
		finish(elicitation, "accept", false);
		return;
	}
	elicitation->opened = true;
	buf_append_text(&text, "Enter when it is done there, or [c]ancel: ");
	ask(elicitation, &text, url_visited);
	buf_clear(&text);
}

/* http or https and nothing that a terminal or a browser could take for something else. */
static bool is_web_address(const char *url)
{
	if (strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0)
		return false;
	for (const char *at = url; *at; at++)
		if ((unsigned char)*at <= ' ' || (unsigned char)*at > '~')
			return false;
	return true;
}

static void ask_url(struct elicitation *elicitation)
{
	const char *host = strstr(elicitation->url, "://") + 3;
	int host_len = (int)strcspn(host, "/?#");
	struct buf text = BUF_INIT;

	introduce(elicitation, &text);
	buf_format(&text, "It wants this address opened in your browser, at %.*s:\n  %s\n",
		   host_len, host, elicitation->url);
	if (memmem(host, (size_t)host_len, "xn--", 4))
		buf_append_text(&text, "Careful: the name is written in other letters than it is "
				       "shown in (punycode).\n");
	buf_append_text(&text, "Open it? [y]es, [N]o: ");
	ask(elicitation, &text, url_decided);
	buf_clear(&text);
}

/* Taking a request */

static struct elicitation *elicitation_new(struct elicitations *owner, const struct server *server,
					   struct server_request *request, char *take_message)
{
	struct elicitation *elicitation = mem_new(sizeof(*elicitation));

	elicitation->owner = owner;
	elicitation->request = request;
	elicitation->server = mem_string(server_name(server));
	elicitation->message = take_message;
	elicitation->next = owner->first;
	elicitation->previous = &owner->first;
	if (owner->first)
		owner->first->previous = &elicitation->next;
	owner->first = elicitation;
	return elicitation;
}

static void take_form(struct elicitation *elicitation)
{
	struct json_span params = server_request_params(elicitation->request);
	struct err err;

	if (elicitation_form_read(json_span_member(params, "requestedSchema"), &elicitation->form,
				  &err)) {
		server_refuse(&elicitation->request, JSONRPC_INVALID_PARAMS, err.text);
		elicitation_free(elicitation);
		return;
	}
	ask_field(elicitation, NULL);
}

static void take_url(struct elicitation *elicitation)
{
	struct json_span params = server_request_params(elicitation->request);

	elicitation->url = json_span_text(json_span_member(params, "url"), URL_MAX_BYTES);
	if (!elicitation->url || !is_web_address(elicitation->url)) {
		server_refuse(&elicitation->request, JSONRPC_INVALID_PARAMS,
			      "the address is not one of http or https");
		elicitation_free(elicitation);
		return;
	}
	ask_url(elicitation);
}

static const struct {
	const char *mode;
	void (*take)(struct elicitation *elicitation);
} modes[] = {{"form", take_form}, {"url", take_url}};

#define MODES (sizeof(modes) / sizeof(modes[0]))

void elicitation_tell_nobody(const char *server)
{
	log_notice("server \"%s\" asks for input; there is no terminal to ask at, so it is "
		   "declined",
		   server);
}

void elicitations_take(struct elicitations *elicitations, struct server *server,
		       struct server_request *request)
{
	struct json_span params = server_request_params(request);
	struct json_span mode = json_span_member(params, "mode");
	size_t i = 0;
	char *message;

	if (strcmp(server_request_method(request), "elicitation/create") != 0) {
		server_refuse(&request, JSONRPC_METHOD_NOT_FOUND, "Method not found");
		return;
	}
	while (i < MODES && (mode.at ? !json_span_equals(mode, modes[i].mode) : i != 0))
		i++;
	if (i == MODES) {
		server_refuse(&request, JSONRPC_INVALID_PARAMS,
			      "elicitation of this mode is not offered");
		return;
	}
	message = json_span_text(json_span_member(params, "message"), ELICITATION_TEXT_MAX_BYTES);
	if (!message)
		message = mem_string("");
	elicitations->listener->on_request(elicitations->arg, server, modes[i].mode, message);
	if (elicitations->asker) {
		modes[i].take(elicitation_new(elicitations, server, request, message));
		return;
	}
	free(message);
	elicitation_tell_nobody(server_name(server));
	elicitations->listener->on_result(elicitations->arg, server_name(server), "decline");
	answer(request, "decline", NULL);
}

void elicitations_withdraw(struct elicitations *elicitations, struct server_request *request)
{
	struct elicitation *at = elicitations->first;

	while (at && at->request != request)
		at = at->next;
	if (!at)
		return;
	if (!at->opened)
		log_notice("server \"%s\" does not wait for the answer any more", at->server);
	finish(at, at->opened ? "accept" : "cancel", false);
}
