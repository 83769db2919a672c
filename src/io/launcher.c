/* SPDX-License-Identifier: MIT */
/* Starts the program `keeper` once, and sends it what is to be launched. */
#include "config.h"

#include "io/launcher.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/paths.h"
#include "io/keeper_protocol.h"

/*
 * The kernel makes it its minimum, some packets: descriptors that are under way count against
 * a limit of the user's.
 */
#define LAUNCH_QUEUE_BYTES 1

/* ARG_MAX ends what exec takes long before. */
#define STRINGS_MAX_BYTES ((size_t)64 << 20)

static struct {
	int socket;
	pid_t pid; /* 0: not running */
} launcher;

static int spawn_launcher(int socket, pid_t *pid)
{
	char *program = paths_program("keeper");
	char name[] = "keeper";
	char *const argv[] = {name, NULL}, *const env[] = {NULL};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t signals;
	int status;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, socket, KEEPER_LAUNCH_FD);
	posix_spawnattr_init(&attributes);
	sigemptyset(&signals);
	posix_spawnattr_setsigmask(&attributes, &signals);
	sigaddset(&signals, SIGPIPE);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	status = posix_spawn(pid, program, &actions, &attributes, argv, env);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attributes);
	free(program);
	return status;
}

/* A dup2 onto itself would leave close-on-exec set. */
static int raise_above(int fd, int floor)
{
	int raised;

	if (fd > floor)
		return fd;
	raised = fcntl(fd, F_DUPFD_CLOEXEC, floor + 1);
	close(fd);
	return raised;
}

static int launcher_open(void)
{
	const struct timeval limit = {.tv_sec = LAUNCHER_TIMEOUT_S};
	const int queue = LAUNCH_QUEUE_BYTES;
	int pair[2], status;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		return errno;
	pair[1] = raise_above(pair[1], KEEPER_LAUNCH_FD);
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &queue, sizeof(queue));
	(void)setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
	status = pair[1] < 0 ? EMFILE : spawn_launcher(pair[1], &launcher.pid);
	if (pair[1] >= 0)
		close(pair[1]);
	if (status) {
		close(pair[0]);
		launcher.pid = 0;
	} else {
		launcher.socket = pair[0];
	}
	return status;
}

void launcher_close(void)
{
	if (!launcher.pid)
		return;
	close(launcher.socket);
	while (waitpid(launcher.pid, NULL, 0) < 0 && errno == EINTR)
		;
	launcher.pid = 0;
}

/* The launch's strings, in a descriptor of their own: a packet has less room than exec. */
static int write_strings(const struct child_spec *spec, struct keeper_launch *head)
{
	struct buf strings;
	const char *cwd = spec->cwd ? spec->cwd : "";
	int fd = memfd_create("launch", MFD_CLOEXEC);
	ssize_t written = -1;

	buf_init(&strings, STRINGS_MAX_BYTES);
	*head = (struct keeper_launch){.new_privileges = spec->new_privileges};
	buf_append(&strings, cwd, strlen(cwd) + 1);
	for (; spec->argv[head->argc]; head->argc++)
		buf_append(&strings, spec->argv[head->argc], strlen(spec->argv[head->argc]) + 1);
	for (; spec->env[head->envc]; head->envc++)
		buf_append(&strings, spec->env[head->envc], strlen(spec->env[head->envc]) + 1);
	if (fd >= 0 && !strings.overflowed)
		written = write(fd, strings.data, strings.len);
	if (fd >= 0 && written != (ssize_t)strings.len) {
		close(fd);
		fd = -1;
		errno = strings.overflowed ? E2BIG : ENOSPC;
	}
	buf_clear(&strings);
	return fd;
}

static int send_launch(const struct keeper_launch *head, const int fds[KEEPER_DESCRIPTORS])
{
	union {
		char bytes[CMSG_SPACE(KEEPER_DESCRIPTORS * sizeof(int))];
		struct cmsghdr align;
	} space = {{0}};
	struct iovec bytes = {.iov_base = (void *)head, .iov_len = sizeof(*head)};
	struct msghdr message = {.msg_iov = &bytes,
				 .msg_iovlen = 1,
				 .msg_control = space.bytes,
				 .msg_controllen = sizeof(space.bytes)};
	struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
	ssize_t n;

	rights->cmsg_level = SOL_SOCKET;
	rights->cmsg_type = SCM_RIGHTS;
	rights->cmsg_len = CMSG_LEN(KEEPER_DESCRIPTORS * sizeof(int));
	memcpy(CMSG_DATA(rights), fds, KEEPER_DESCRIPTORS * sizeof(int));
	do
		n = sendmsg(launcher.socket, &message, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? errno : 0;
}

/* A launcher that was killed is found out by the first launch after it. */
static int launch(const struct keeper_launch *head, const int fds[KEEPER_DESCRIPTORS])
{
	int status = launcher.pid ? send_launch(head, fds) : EPIPE;

	if (status != EPIPE && status != ECONNRESET)
		return status;
	/* One that is there but deaf would wait for its keepers, and they for us. */
	if (launcher.pid)
		kill(launcher.pid, SIGKILL);
	launcher_close();
	status = launcher_open();
	return status ? status : send_launch(head, fds);
}

int launcher_start(const struct child_spec *spec, const int ends[4], struct err *err)
{
	struct keeper_launch head;
	int strings = write_strings(spec, &head), status = errno;

	if (strings >= 0) {
		const int fds[KEEPER_DESCRIPTORS] = {ends[KEEPER_STDIN], ends[KEEPER_STDOUT],
						     ends[KEEPER_STDERR], ends[KEEPER_CONTROL],
						     strings};

		status = launch(&head, fds);
		close(strings);
	}
	if (status)
		return err_set_os(
			err, ERR_UNAVAILABLE, status,
			"server \"%s\": cordpair's own program \"keeper\" cannot be started",
			spec->name);
	return 0;
}
