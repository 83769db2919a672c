/* SPDX-License-Identifier: MIT */
/*
 * One question at a time on a descriptor of its own for /dev/tty. What was typed before the
 * question was shown is thrown away: nobody approves by accident. A server cannot answer: it runs
 * in a session without this terminal.
 */
#include "config.h"

#include "app/terminal_asker.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/sanitize.h"

struct question {
	struct question *next;
	const struct approval_request *request; /* NULL: a line is asked for */
	char *text;
	approval_fn *done;
	answer_fn *line_done;
	void *arg;
};

struct terminal_asker {
	struct asker asker;
	struct loop *loop;
	int fd;
	struct loop_watch watch;
	struct question *first, **last; /* the first is being asked */
	struct buf text;		/* of it */
	size_t shown;			/* bytes of text; an answer counts once all are */
	char answer[ASKER_ANSWER_MAX_BYTES];
	size_t answer_len;
};

static void write_question(const struct approval_request *request, struct buf *text)
{
	buf_append_text(text, "\ncordpair: the model wants to call ");
	sanitize_line(request->tool, strlen(request->tool), SIZE_MAX, text);
	buf_append_text(text, " of the server ");
	sanitize_line(request->server, strlen(request->server), SIZE_MAX, text);
	buf_append_text(text, " with\n  ");
	sanitize_text(request->arguments, request->arguments_len, text);
	buf_append_text(text, "\nAllow it? [y]es, [N]o, [a]lways in this run: ");
}

static enum approval meaning(const char *answer)
{
	static const struct {
		const char *word;
		enum approval approval;
	} words[] = {
		{"y", APPROVAL_GRANTED},
		{"yes", APPROVAL_GRANTED},
		{"a", APPROVAL_GRANTED_FOR_RUN},
		{"always", APPROVAL_GRANTED_FOR_RUN},
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(answer, words[i].word) == 0)
			return words[i].approval;
	return APPROVAL_REFUSED;
}

static void ask_next(void *arg);

static void question_free(struct question *question)
{
	free(question->text);
	free(question);
}

/* answer: the line, or NULL; approval: what it means where that was the question. */
static void settle(struct terminal_asker *terminal, const char *answer, enum approval approval)
{
	struct question *question = terminal->first;

	loop_watch_stop(&terminal->watch);
	terminal->first = question->next;
	if (!terminal->first)
		terminal->last = &terminal->first;
	else
		loop_defer(terminal->loop, ask_next, terminal);
	if (question->request)
		question->done(question->arg, approval);
	else
		question->line_done(question->arg, answer);
	question_free(question);
}

static void take_answer(struct terminal_asker *terminal)
{
	char byte;
	ssize_t n;

	while ((n = read(terminal->fd, &byte, 1)) == 1) {
		if (byte == '\n' || byte == '\r') {
			terminal->answer[terminal->answer_len] = '\0';
			settle(terminal, terminal->answer, meaning(terminal->answer));
			return;
		}
		if (terminal->answer_len < ASKER_ANSWER_MAX_BYTES - 1)
			terminal->answer[terminal->answer_len++] = byte;
	}
	if (n == 0 || (errno != EAGAIN && errno != EINTR))
		settle(terminal, NULL, n == 0 ? APPROVAL_REFUSED : APPROVAL_NOBODY);
}

/* A stopped terminal (Ctrl-S) takes nothing for a while: the loop must not wait for it. */
static void show_more(struct terminal_asker *terminal)
{
	ssize_t n = write(terminal->fd, terminal->text.data + terminal->shown,
			  terminal->text.len - terminal->shown);

	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		settle(terminal, NULL, APPROVAL_NOBODY);
		return;
	}
	terminal->shown += n > 0 ? (size_t)n : 0;
	if (terminal->shown < terminal->text.len)
		return;
	tcflush(terminal->fd, TCIFLUSH);
	loop_watch_change(&terminal->watch, POLLIN);
}

static void terminal_ready(void *arg, short revents)
{
	struct terminal_asker *terminal = arg;

	(void)revents;
	if (terminal->shown < terminal->text.len)
		show_more(terminal);
	else
		take_answer(terminal);
}

static void ask_next(void *arg)
{
	struct terminal_asker *terminal = arg;

	if (!terminal->first || loop_watch_active(&terminal->watch))
		return;
	terminal->answer_len = 0;
	terminal->shown = 0;
	buf_truncate(&terminal->text, 0);
	if (terminal->first->request)
		write_question(terminal->first->request, &terminal->text);
	else
		buf_append_text(&terminal->text, terminal->first->text);
	loop_watch_start(terminal->loop, &terminal->watch, terminal->fd, POLLOUT, terminal_ready,
			 terminal);
}

static void enqueue(struct asker *asker, const struct question *what)
{
	struct terminal_asker *terminal = (struct terminal_asker *)asker;
	struct question *question = mem_new(sizeof(*question));

	*question = *what;
	*terminal->last = question;
	terminal->last = &question->next;
	loop_defer(terminal->loop, ask_next, terminal);
}

static void ask(struct asker *asker, const struct approval_request *request, approval_fn *done,
		void *arg)
{
	enqueue(asker, &(struct question){.request = request, .done = done, .arg = arg});
}

static void ask_line(struct asker *asker, const char *text, answer_fn *done, void *arg)
{
	enqueue(asker, &(struct question){.text = mem_string(text), .line_done = done, .arg = arg});
}

static void cancel(struct asker *asker, void *arg)
{
	struct terminal_asker *terminal = (struct terminal_asker *)asker;

	for (struct question **at = &terminal->first; *at; at = &(*at)->next) {
		struct question *question = *at;

		if (question->arg != arg)
			continue;
		if (question == terminal->first) {
			loop_watch_stop(&terminal->watch);
			loop_defer(terminal->loop, ask_next, terminal);
		}
		*at = question->next;
		if (!*at)
			terminal->last = at;
		question_free(question);
		return;
	}
}

struct asker *terminal_asker_new(struct loop *loop)
{
	struct terminal_asker *terminal;
	/* Non-blocking on a description of our own: the shell's is not touched. */
	int fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return NULL;
	if (tcgetpgrp(fd) != getpgrp()) {
		close(fd);
		return NULL;
	}
	terminal = mem_new(sizeof(*terminal));
	terminal->asker = (struct asker){ask, ask_line, cancel};
	terminal->loop = loop;
	terminal->fd = fd;
	terminal->last = &terminal->first;
	buf_init(&terminal->text, BUF_MAX_BYTES);
	return &terminal->asker;
}

void terminal_asker_free(struct asker **asker)
{
	struct terminal_asker *terminal = (struct terminal_asker *)*asker;

	if (!terminal)
		return;
	*asker = NULL;
	loop_watch_stop(&terminal->watch);
	loop_defer_cancel(terminal->loop, terminal);
	while (terminal->first) {
		struct question *question = terminal->first;

		terminal->first = question->next;
		question_free(question);
	}
	close(terminal->fd);
	buf_clear(&terminal->text);
	free(terminal);
}
