/* SPDX-License-Identifier: MIT */
/*
 * The program `keeper`: started once by the host (io/launcher.c), it forks a keeper for each server
 * that the host sends. A fork of this small program costs a third of an exec, and the host needs
 * no exec of its own for a server.
 *
 * A keeper does not depend on this process: when it is killed the servers go on, and the host
 * starts another for the next ones.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/keeper.h"

#define HOST_FD (KEEPER_LAUNCH_FD + 1) /* a pidfd of the host */

struct launch {
	struct keeper_launch head;
	int fd[KEEPER_DESCRIPTORS];
};

/* Counts what is there, so that a text cut short cannot lead beyond it. */
static char **take_strings(char **at, const char *end, size_t count)
{
	char **strings = calloc(count + 1, sizeof(*strings));

	if (!strings)
		return NULL;
	for (size_t i = 0; i < count && *at < end; i++) {
		strings[i] = *at;
		*at += strlen(*at) + 1;
	}
	return strings;
}

static int read_spec(const struct launch *launch, struct keeper_spec *spec)
{
	struct stat about;
	char *at, *end;

	if (fstat(launch->fd[KEEPER_STRINGS], &about))
		return -1;
	at = mmap(NULL, (size_t)about.st_size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		  launch->fd[KEEPER_STRINGS], 0);
	if (at == MAP_FAILED)
		return -1;
	end = at + about.st_size;
	spec->cwd = at;
	at += strlen(at) + 1;
	spec->argv = take_strings(&at, end, launch->head.argc);
	spec->env = take_strings(&at, end, launch->head.envc);
	spec->new_privileges = launch->head.new_privileges == 1;
	return spec->argv && spec->env ? 0 : -1;
}

/* In the fork. */
static void become_keeper(const struct launch *launch, int host)
{
	struct keeper_spec spec;

	signal(SIGCHLD, SIG_DFL);
	if (read_spec(launch, &spec)) {
		keeper_report(launch->fd[KEEPER_CONTROL], KEEPER_NOT_STARTED, errno);
		_exit(1);
	}
	/* The launch socket's number becomes the control socket's. */
	for (int i = KEEPER_STDIN; i <= KEEPER_CONTROL; i++)
		dup2(launch->fd[i], i);
	fcntl(KEEPER_CONTROL, F_SETFD, FD_CLOEXEC);
	keeper_close_from(host < 0 ? HOST_FD : HOST_FD + 1);
	keeper_run(&spec, KEEPER_CONTROL, host);
	_exit(0);
}

/* 1: a launch came; 0: the host is gone; -1: try again. */
static int receive(struct launch *launch)
{
	union {
		char bytes[CMSG_SPACE(sizeof(launch->fd))];
		struct cmsghdr align;
	} space;
	struct iovec head = {.iov_base = &launch->head, .iov_len = sizeof(launch->head)};
	struct msghdr message = {.msg_iov = &head,
				 .msg_iovlen = 1,
				 .msg_control = space.bytes,
				 .msg_controllen = sizeof(space.bytes)};
	ssize_t n = recvmsg(KEEPER_LAUNCH_FD, &message, MSG_CMSG_CLOEXEC);
	struct cmsghdr *rights;

	if (n < 0)
		return errno == EINTR ? -1 : 0;
	rights = CMSG_FIRSTHDR(&message);
	if (n != sizeof(launch->head) || !rights ||
	    rights->cmsg_len != CMSG_LEN(sizeof(launch->fd)))
		return 0;
	memcpy(launch->fd, CMSG_DATA(rights), sizeof(launch->fd));
	return 1;
}

static void start_keeper(const struct launch *launch, int host)
{
	pid_t pid = fork();

	if (pid == 0)
		become_keeper(launch, host);
	if (pid < 0)
		keeper_report(launch->fd[KEEPER_CONTROL], KEEPER_NOT_STARTED, errno);
	for (int i = 0; i < KEEPER_DESCRIPTORS; i++)
		close(launch->fd[i]);
}

/* The host's process, so that its end is seen even where a copy of a socket stayed open. */
static int open_host(void)
{
#ifdef SYS_pidfd_open
	if (syscall(SYS_pidfd_open, getppid(), 0) == HOST_FD) {
		fcntl(HOST_FD, F_SETFD, FD_CLOEXEC);
		return HOST_FD;
	}
#endif
	return -1;
}

int main(int argc, char **argv)
{
	struct launch launch;
	int came, host;

	(void)argv;
	if (argc != 1 || fcntl(KEEPER_LAUNCH_FD, F_GETFD) < 0)
		return KEEPER_EXIT_USAGE;
	/* Whatever some library of the host left open to a child is not ours to hold. */
	keeper_close_from(KEEPER_LAUNCH_FD + 1);
	keeper_let_go_of_standard();
	fcntl(KEEPER_LAUNCH_FD, F_SETFD, FD_CLOEXEC);
	setsid();
	/* Keepers that end are nobody's to look at. */
	signal(SIGCHLD, SIG_IGN);
	host = open_host();
	while ((came = receive(&launch)) != 0)
		if (came > 0)
			start_keeper(&launch, host);
	while (wait(NULL) > 0 || errno == EINTR)
		;
	return 0;
}
