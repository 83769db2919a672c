/* SPDX-License-Identifier: MIT */
/*
 * One server from its exec to the end of its tree. Uses libc only, and knows nothing of JSON or
 * MCP.
 */
#include "config.h"

#include "keeper/keeper.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "keeper/control_group.h"

#define SWEEP_PAUSE_MS	 10
#define SWEEP_ROUNDS_MAX 500 /* what is in uninterruptible sleep cannot be waited for for ever */
#define FALLBACK_FD_MAX	 65536

void keeper_close_from(unsigned first)
{
#ifdef SYS_close_range
	if (syscall(SYS_close_range, first, ~0U, 0U) == 0)
		return;
#endif
	for (int fd = (int)first; fd < FALLBACK_FD_MAX; fd++)
		close(fd);
}

/* In the child */

static void reset_signals(void)
{
	struct sigaction plain = {.sa_handler = SIG_DFL};
	sigset_t none;

	for (int signo = 1; signo < NSIG; signo++)
		sigaction(signo, &plain, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static void child_failed(int status_fd)
{
	int32_t os_errno = errno;
	ssize_t n = write(status_fd, &os_errno, sizeof(os_errno));

	_exit(n == sizeof(os_errno) ? 127 : 126);
}

/*
 * As execvp(), but without its shell: a file that the kernel cannot execute (a script without "#!")
 * is told as such, not run by sh. Returns only on failure, with errno.
 */
static void exec_command(char *const *argv)
{
	const char *path = getenv("PATH");
	char file[PATH_MAX];
	int denied = 0;

	if (strchr(argv[0], '/')) {
		execv(argv[0], argv);
		return;
	}
	path = path ? path : "/bin:/usr/bin";
	errno = ENOENT;
	for (size_t len; argv[0][0]; path += len + 1) {
		len = strcspn(path, ":");
		if (snprintf(file, sizeof(file), "%.*s%s%s", (int)len, path, len ? "/" : "",
			     argv[0]) < (int)sizeof(file)) {
			execv(file, argv);
			if (errno == EACCES)
				denied = EACCES;
			else if (errno != ENOENT && errno != ENOTDIR)
				return;
		}
		if (!path[len])
			break;
	}
	errno = denied ? denied : ENOENT;
}

/* status_fd closes itself when the exec succeeds; else it carries the errno. */
static void become_server(pid_t keeper_pid, int status_fd, const struct keeper_spec *spec)
{
	const struct rlimit no_core = {0, 0};

	/* A keeper that is killed cannot sweep: the server at least goes with it. */
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() != keeper_pid)
		_exit(126);
	/* Its own session: it cannot type into the terminal at which a person is asked. */
	setsid();
	if (spec->group >= 0)
		control_group_enter(spec->group);
	setrlimit(RLIMIT_CORE, &no_core);
	if (!spec->new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		child_failed(status_fd);
	if (*spec->cwd && chdir(spec->cwd))
		child_failed(status_fd);
	if (dup2(status_fd, 3) < 0)
		child_failed(status_fd);
	fcntl(3, F_SETFD, FD_CLOEXEC);
	keeper_close_from(4);
	reset_signals();
	exec_command(spec->argv);
	child_failed(3);
}

/* In the keeper */

struct keeper {
	int control, group;
	pid_t server; /* also its process group and session */
	bool reaped;
};

void keeper_report(int control, enum keeper_event event, int value)
{
	const struct keeper_report message = {.event = event, .value = value};

	(void)!send(control, &message, sizeof(message), MSG_NOSIGNAL);
}

static void report(const struct keeper *keeper, enum keeper_event event, int value)
{
	keeper_report(keeper->control, event, value);
}

void keeper_let_go_of_standard(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (null > 2)
		close(null);
}

static int start_server(struct keeper *keeper, const struct keeper_spec *spec)
{
	pid_t self = getpid();
	int status[2];
	int32_t os_errno;
	ssize_t n;

	if (pipe2(status, O_CLOEXEC)) {
		report(keeper, KEEPER_NOT_STARTED, errno);
		return -1;
	}
	keeper->server = fork();
	if (keeper->server == 0)
		become_server(self, status[1], spec);
	os_errno = errno;
	close(status[1]);
	keeper_let_go_of_standard();
	if (keeper->server < 0) {
		report(keeper, KEEPER_NOT_STARTED, os_errno);
		return -1;
	}
	do
		n = read(status[0], &os_errno, sizeof(os_errno));
	while (n < 0 && errno == EINTR);
	close(status[0]);
	if (n == sizeof(os_errno)) {
		waitpid(keeper->server, NULL, 0);
		report(keeper, KEEPER_NOT_STARTED, os_errno);
		return -1;
	}
	report(keeper, KEEPER_STARTED, keeper->server);
	return 0;
}

/*
 * Sends the signal to each of our children (the server and what was reparented to us). The list is
 * as long as they are many: a number counts only with the blank behind it, wherever a read ends.
 */
static void signal_children(int signo)
{
	char path[64], bytes[4096];
	long pid = 0;
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	while ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR))
		for (ssize_t i = 0; i < n; i++) {
			if (bytes[i] >= '0' && bytes[i] <= '9') {
				pid = pid * 10 + (bytes[i] - '0');
				continue;
			}
			if (pid > 1)
				kill((pid_t)pid, signo);
			pid = 0;
		}
	close(fd);
}

/* Reaps who has ended. True when there is no child any more. */
static bool reap(struct keeper *keeper)
{
	for (;;) {
		siginfo_t ended = {.si_pid = 0};
		int status;

		if (waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT))
			return errno == ECHILD;
		if (ended.si_pid == 0)
			return false;
		/* While its leader is not reaped, the group's number cannot be another's. */
		if (ended.si_pid == keeper->server)
			kill(-keeper->server, SIGKILL);
		if (waitpid(ended.si_pid, &status, 0) != keeper->server)
			continue;
		keeper->reaped = true;
		report(keeper, KEEPER_EXITED, status);
	}
}

/*
 * Kills until nothing is left. A dying parent hands its children to us, so a round may find what
 * the round before could not see; stopping first keeps a tree from forking while it is killed.
 */
static void kill_tree(struct keeper *keeper)
{
	if (!keeper->reaped)
		kill(-keeper->server, SIGKILL);
	if (keeper->group >= 0)
		control_group_kill(keeper->group);
	for (int round = 0; round < SWEEP_ROUNDS_MAX && !reap(keeper); round++) {
		signal_children(SIGSTOP);
		signal_children(SIGKILL);
		if (reap(keeper))
			return;
		poll(NULL, 0, SWEEP_PAUSE_MS);
	}
}

static void obey(struct keeper *keeper)
{
	char command;
	ssize_t n = recv(keeper->control, &command, 1, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n == 1 && command == KEEPER_TERMINATE) {
		kill(-keeper->server, SIGTERM);
		kill(-keeper->server, SIGCONT);
		return;
	}
	/* KEEPER_KILL, or the host is gone. */
	kill_tree(keeper);
}

static int watch_signals(void)
{
	sigset_t mask;

	sigemptyset(&mask);
	sigaddset(&mask, SIGCHLD);
	sigaddset(&mask, SIGTERM);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, NULL);
	return signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void keep(struct keeper *keeper, int signals, int host)
{
	/* poll() passes over a host of -1. */
	struct pollfd ready[] = {{.fd = keeper->control, .events = POLLIN},
				 {.fd = signals, .events = POLLIN},
				 {.fd = host, .events = POLLIN}};

	while (!keeper->reaped) {
		struct signalfd_siginfo info;

		if (poll(ready, 3, -1) < 0 && errno != EINTR)
			break;
		while (read(signals, &info, sizeof(info)) == sizeof(info))
			if (info.ssi_signo != SIGCHLD)
				kill_tree(keeper);
		if (ready[0].revents && !keeper->reaped)
			obey(keeper);
		if (ready[2].revents)
			kill_tree(keeper);
		reap(keeper);
	}
	/* What it left behind, also in sessions of its own. */
	kill_tree(keeper);
}

void keeper_run(const struct keeper_spec *spec, int control, int host)
{
	struct keeper keeper = {.control = control, .group = spec->group};
	int signals = watch_signals();

	if (signals < 0) {
		report(&keeper, KEEPER_NOT_STARTED, errno);
		return;
	}
	/* Ctrl-C at the host's terminal is the host's to handle: be in another group. */
	setsid();
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	environ = spec->env;
	if (start_server(&keeper, spec) == 0)
		keep(&keeper, signals, host);
}
