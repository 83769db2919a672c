/* SPDX-License-Identifier: MIT */
/*
 * Finds the API key and keeps it from leaking: not in the environment of what is started, not in
 * a core, not in /proc for other processes, not in a trace.
 */
#include "config.h"

#include "trust/secrets.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/paths.h"
#include "base/trace.h"
#include "io/child.h"
#include "io/file.h"

#define KEY_VARIABLE   "OPENROUTER_API_KEY"
#define KEY_COMMAND_MS 30000
#define KEY_CREDENTIAL "openrouter"

extern char **environ;

static char *environment_key; /* from secrets_take_environment() until secrets_api_key() */

void secrets_take_environment(void)
{
	char *value = getenv(KEY_VARIABLE);

#ifndef CORDPAIR_SANITIZED /* the leak checker traces its own process */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
	if (!value)
		return;
	if (*value)
		environment_key = mem_string(value);
	/* The bytes stay readable in /proc/PID/environ until they are overwritten. */
	explicit_bzero(value, strlen(value));
	unsetenv(KEY_VARIABLE);
}

void secrets_give_back_environment(void)
{
	if (environment_key && setenv(KEY_VARIABLE, environment_key, 1))
		mem_exhausted();
}

void api_key_clear(struct api_key *key)
{
	if (key->text)
		explicit_bzero(key->text, strlen(key->text));
	free(key->text);
	*key = (struct api_key){0};
}

/* The first line, without blanks around it. Sets key only when something is left. */
static int take_key(struct api_key *key, const char *text, const char *origin, struct err *err)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	len = strcspn(text, "\r\n");
	while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t'))
		len--;
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] <= ' ' || (unsigned char)text[i] >= 0x7f)
			return err_set(err, ERR_CONFIG,
				       "%s: this is no API key: it has a blank or a byte that is "
				       "not ASCII in it",
				       origin);
	if (len == 0)
		return 0;
	key->text = mem_string_len(text, len);
	key->origin = origin;
	trace_add_secret(key->text);
	return 0;
}

/* api_key_command */

struct key_command {
	struct loop *loop;
	struct child *child;
	struct loop_timer timer;
	struct buf out;
	struct child_exit how;
	bool timed_out;
};

static void command_started(void *arg, pid_t pid)
{
	(void)arg;
	(void)pid;
}

static void command_down(void *arg, const struct child_exit *how)
{
	struct key_command *command = arg;

	command->how = *how;
	loop_stop(command->loop);
}

static void command_readable(void *arg)
{
	struct key_command *command = arg;
	char bytes[SECRETS_KEY_MAX_BYTES];
	ssize_t n = stream_read(child_stdout(command->child), bytes, sizeof(bytes));

	if (n > 0)
		buf_append(&command->out, bytes, (size_t)n);
	else if (n == 0 || errno != EAGAIN)
		child_stdout_ended(command->child);
}

static void command_too_slow(void *arg)
{
	struct key_command *command = arg;

	command->timed_out = true;
	child_kill(command->child);
}

static int command_result(struct key_command *command, struct api_key *key, struct err *err)
{
	char how[128];

	if (command->timed_out)
		return err_set(err, ERR_CONFIG, "api_key_command: no answer within %d seconds",
			       KEY_COMMAND_MS / 1000);
	if (command->how.end != CHILD_EXITED || command->how.value != 0) {
		child_exit_describe(&command->how, how, sizeof(how));
		return err_set(err, ERR_CONFIG, "api_key_command %s", how);
	}
	if (command->out.overflowed)
		return err_set(err, ERR_CONFIG, "api_key_command: it printed more than %d bytes",
			       SECRETS_KEY_MAX_BYTES);
	return take_key(key, buf_text(&command->out), "api_key_command", err);
}

static int key_from_command(struct loop *loop, char *const *argv, struct api_key *key,
			    struct err *err)
{
	static const struct child_listener listener = {
		.on_started = command_started,
		.on_down = command_down,
	};
	static const struct stream_listener stdout_listener = {.on_readable = command_readable};
	const struct child_spec spec = {
		.name = "api_key_command",
		.argv = (const char *const *)argv,
		.env = (const char *const *)environ,
		.new_privileges = true, /* a keyring's program may be setgid */
	};
	struct key_command command = {.loop = loop};
	int status;

	if (!argv || !argv[0])
		return 0;
	buf_init(&command.out, SECRETS_KEY_MAX_BYTES);
	command.child = child_start(loop, &spec, &listener, &command, err);
	if (!command.child)
		return -1;
	stream_close_after_write(child_stdin(command.child));
	stream_set_listener(child_stdout(command.child), &stdout_listener, &command);
	loop_timer_start(loop, &command.timer, KEY_COMMAND_MS, command_too_slow, &command);
	loop_run(loop);
	loop_timer_stop(&command.timer);
	status = command_result(&command, key, err);
	child_free(&command.child);
	if (command.out.data)
		explicit_bzero(command.out.data, command.out.len);
	buf_clear(&command.out);
	return status;
}

/* Files */

static int key_from_file(char *take_path, enum file_trust trust, const char *origin,
			 struct api_key *key, struct err *err)
{
	struct buf text;
	enum file_kind kind;
	struct err read_err;
	int status = 0;

	if (!take_path)
		return 0;
	buf_init(&text, SECRETS_KEY_MAX_BYTES);
	if (file_read(take_path, trust, &text, &kind, &read_err) == 0) {
		status = take_key(key, buf_text(&text), origin, err);
	} else if (read_err.os_errno != ENOENT && read_err.os_errno != ENOTDIR) {
		*err = read_err;
		status = -1;
	}
	if (text.data)
		explicit_bzero(text.data, text.len);
	buf_clear(&text);
	free(take_path);
	return status;
}

static char *credential_path(void)
{
	const char *directory = getenv("CREDENTIALS_DIRECTORY");

	return directory && directory[0] == '/' ? mem_format("%s/%s", directory, KEY_CREDENTIAL)
						: NULL;
}

int secrets_api_key(struct loop *loop, const struct settings *settings, struct api_key *key,
		    struct err *err)
{
	*key = (struct api_key){0};
	if (environment_key) {
		int status = take_key(key, environment_key, KEY_VARIABLE, err);

		explicit_bzero(environment_key, strlen(environment_key));
		free(environment_key);
		environment_key = NULL;
		if (status || key->text)
			return status;
	}
	if (key_from_command(loop, settings->api_key_command, key, err))
		return -1;
	if (!key->text && key_from_file(credential_path(), FILE_ANY,
					"the systemd credential \"" KEY_CREDENTIAL "\"", key, err))
		return -1;
	if (!key->text)
		return key_from_file(paths_config("key"), FILE_SECRET, "the key file", key, err);
	return 0;
}
