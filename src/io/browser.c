/* SPDX-License-Identifier: MIT */
/* The address goes to xdg-open as one argument: nothing in it is interpreted on the way. */
#include "config.h"

#include "io/browser.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

int browser_open(const char *url, struct err *err)
{
	char name[] = "xdg-open";
	char *const argv[] = {name, (char *)url, NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none;
	pid_t pid;
	int status;

	/* A browser outlives us: it must not hold our pipes or be in our terminal's session. */
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawnattr_init(&attributes);
	sigemptyset(&none);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSID);
	status = posix_spawnp(&pid, name, &actions, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	if (status)
		return err_set_os(err, ERR_UNAVAILABLE, status, "xdg-open cannot be started");
	return 0;
}
