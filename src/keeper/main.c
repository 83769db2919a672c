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
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/control_group.h"
#include "keeper/keeper.h"

#define HOST_FD		 (KEEPER_LAUNCH_FD + 1) /* a pidfd of the host */
#define GROUP_FD	 (HOST_FD + 1)		/* in a keeper: its server's control group */

#define LEAVING_PAUSE_MS 2
#define LEAVING_ROUNDS_MAX                                                    \
	500 /* at the end, for groups with something in uninterruptible sleep \
	     */

struct launch {
	struct keeper_launch head;
	int fd[KEEPER_DESCRIPTORS];
};

/* A keeper that runs, or (0) a group that something is still in. */
struct kept {
	pid_t keeper;
	char group[CONTROL_GROUP_NAME_BYTES]; /* "": none */
};

static struct {
	int own; /* our own control group, or -1 */
	unsigned made;
	struct kept *kept;
	size_t count;
	size_t leaving;
} groups = {.own = -1};

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

/* In the fork */

static void give_up(const struct launch *launch)
{
	keeper_report(launch->fd[KEEPER_CONTROL], KEEPER_NOT_STARTED, errno);
	_exit(1);
}

static void become_keeper(const struct launch *launch, int host, int group)
{
	struct keeper_spec spec;

	if (read_spec(launch, &spec))
		give_up(launch);
	/* The launch socket's number becomes the control socket's. */
	for (int i = KEEPER_STDIN; i <= KEEPER_CONTROL; i++)
		if (dup2(launch->fd[i], i) < 0)
			give_up(launch);
	fcntl(KEEPER_CONTROL, F_SETFD, FD_CLOEXEC);
	if (host < 0)
		close(HOST_FD);
	if (group < 0 || dup2(group, GROUP_FD) < 0)
		close(GROUP_FD);
	spec.group = group < 0 ? -1 : GROUP_FD;
	keeper_close_from(GROUP_FD + 1);
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

/* Without memory to remember it by there is no group. */
static int make_group(struct kept **kept_p)
{
	struct kept *kept = realloc(groups.kept, (groups.count + 1) * sizeof(*kept));
	int group;

	if (!kept)
		return -1;
	groups.kept = kept;
	kept += groups.count;
	group = control_group_make(groups.own, groups.made++, kept->group);
	*kept_p = group < 0 ? NULL : kept;
	return group;
}

static void start_keeper(const struct launch *launch, int host)
{
	struct kept *kept = NULL;
	int group = groups.own < 0 ? -1 : make_group(&kept);
	pid_t pid = fork();

	if (pid == 0)
		become_keeper(launch, host, group);
	if (pid < 0)
		keeper_report(launch->fd[KEEPER_CONTROL], KEEPER_NOT_STARTED, errno);
	for (int i = 0; i < KEEPER_DESCRIPTORS; i++)
		close(launch->fd[i]);
	if (!kept)
		return;
	close(group);
	kept->keeper = pid < 0 ? 0 : pid;
	groups.leaving += pid < 0;
	groups.count++;
}

/* Of keepers that have ended, also those that were killed and could not sweep. */
static void remove_groups(void)
{
	for (size_t i = 0; i < groups.count;) {
		struct kept *kept = &groups.kept[i];

		if (kept->keeper || !control_group_remove(groups.own, kept->group)) {
			i++;
			continue;
		}
		*kept = groups.kept[--groups.count];
		groups.leaving--;
	}
}

/* options: WNOHANG, or 0 to wait until none is left. */
static void reap(int options)
{
	pid_t pid;

	while ((pid = waitpid(-1, NULL, options)) > 0 || (pid < 0 && errno == EINTR))
		for (size_t i = 0; i < groups.count; i++)
			if (pid > 0 && groups.kept[i].keeper == pid) {
				groups.kept[i].keeper = 0;
				groups.leaving++;
			}
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

/* Takes launches until the host is gone. */
static void serve(int host, int signals)
{
	struct pollfd ready[] = {{.fd = KEEPER_LAUNCH_FD, .events = POLLIN},
				 {.fd = signals, .events = POLLIN}};
	struct launch launch;
	int came = -1;

	while (came != 0) {
		struct signalfd_siginfo info;

		if (poll(ready, 2, groups.leaving ? LEAVING_PAUSE_MS : -1) < 0 && errno != EINTR)
			return;
		while (read(signals, &info, sizeof(info)) == sizeof(info))
			;
		reap(WNOHANG);
		remove_groups();
		if (ready[0].revents && (came = receive(&launch)) > 0)
			start_keeper(&launch, host);
	}
}

static int watch_children(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

int main(int argc, char **argv)
{
	int host, signals;

	(void)argv;
	if (argc != 1 || fcntl(KEEPER_LAUNCH_FD, F_GETFD) < 0)
		return KEEPER_EXIT_USAGE;
	/* Whatever some library of the host left open to a child is not ours to hold. */
	keeper_close_from(KEEPER_LAUNCH_FD + 1);
	keeper_let_go_of_standard();
	fcntl(KEEPER_LAUNCH_FD, F_SETFD, FD_CLOEXEC);
	setsid();
	host = open_host();
	signals = watch_children();
	if (signals < 0)
		return KEEPER_EXIT_SYSTEM;
	groups.own = control_group_own();
	serve(host, signals);
	reap(0);
	for (int round = 0; round < LEAVING_ROUNDS_MAX; round++) {
		remove_groups();
		if (groups.count == 0)
			break;
		poll(NULL, 0, LEAVING_PAUSE_MS);
	}
	return 0;
}
