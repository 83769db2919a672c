/* SPDX-License-Identifier: MIT */
/*
 * witness: runs a program and sees what it leaves behind.
 *
 *   witness --report FILE [--limit SECONDS] [--leave MS] [--pid FILE] [--no-terminal] PROGRAM
 *           [ARGUMENT]...
 *
 * The program gets a controlling terminal of its own, on which nobody types and nothing has to be
 * written, and its exit status is ours (128+n for a signal). FILE then has, one a line:
 *   rss_kib N       the most memory that it used
 *   cpu_ms N        the processor time of it and of what it waited for
 *   descriptors N   the most that it had open; 0 when they cannot be seen
 *   slow            it was killed after SECONDS
 *   left COMMAND    a process that it left behind for MS (5000; killed then)
 *   terminal WHAT   "changed" or "written to"
 * Orphans of it become our children, so none is overlooked, whatever its session.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define SAMPLE_MS	    3
#define DESCRIPTORS_EVERY   8 /* samples */
#define LEAVE_DEFAULT_MS    5000
#define LIMIT_DEFAULT_S	    60
#define COMMAND_SHOWN_BYTES 200

static struct {
	const char *report, *pid_file;
	long limit_s, leave_ms;
	bool no_terminal;
} options = {.limit_s = LIMIT_DEFAULT_S, .leave_ms = LEAVE_DEFAULT_MS};

static struct {
	pid_t pid;
	long rss_kib, descriptors, cpu_ms;
	bool slow;
	int master, slave;
	struct termios before;
} seen = {.master = -1, .slave = -1};

static void die(const char *what)
{
	fprintf(stderr, "witness: %s: %s\n", what, strerror(errno));
	exit(125);
}

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void open_terminal(void)
{
	seen.master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
	if (seen.master < 0 || grantpt(seen.master) || unlockpt(seen.master))
		die("no terminal");
	seen.slave = open(ptsname(seen.master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (seen.slave < 0 || tcgetattr(seen.slave, &seen.before))
		die("no terminal");
}

static void start(char **argv)
{
	seen.pid = fork();
	if (seen.pid < 0)
		die("fork");
	if (seen.pid > 0)
		return;
	if (setsid() < 0 || (seen.slave >= 0 && ioctl(seen.slave, TIOCSCTTY, 0)))
		die("no session");
	execvp(argv[0], argv);
	die(argv[0]);
}

static void tell_pid(void)
{
	FILE *file;

	if (!options.pid_file)
		return;
	file = fopen(options.pid_file, "w");
	if (!file)
		die(options.pid_file);
	fprintf(file, "%d\n", (int)seen.pid);
	fclose(file);
}

/* Looking */

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "r");
}

static void look_at_memory(void)
{
	FILE *file = open_proc(seen.pid, "status");
	char line[256];

	while (file && fgets(line, sizeof(line), file)) {
		long kib = strncmp(line, "VmHWM:", 6) == 0 ? strtol(line + 6, NULL, 10) : 0;

		if (kib > seen.rss_kib)
			seen.rss_kib = kib;
	}
	if (file)
		fclose(file);
}

static void look_at_descriptors(void)
{
	char path[64];
	DIR *directory;
	long count = -2; /* . and .. */

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)seen.pid);
	directory = opendir(path);
	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	if (count > seen.descriptors)
		seen.descriptors = count;
}

/* True when the program has ended, with its status; others that end are reaped on the way. */
static bool has_ended(int *status)
{
	struct rusage used;
	int how;
	pid_t pid;

	while ((pid = wait4(-1, &how, WNOHANG, &used)) > 0)
		if (pid == seen.pid) {
			seen.cpu_ms = (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
				      (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
			*status = how;
			return true;
		}
	return false;
}

static int watch(void)
{
	const long end = now_ms() + options.limit_s * 1000;
	int status = 0;

	for (unsigned sample = 0; !has_ended(&status); sample++) {
		look_at_memory();
		if (sample % DESCRIPTORS_EVERY == 0)
			look_at_descriptors();
		if (!seen.slow && now_ms() > end) {
			seen.slow = true;
			kill(seen.pid, SIGKILL);
		}
		poll(NULL, 0, SAMPLE_MS);
	}
	return status;
}

/* What is left */

/* A child of ours that lives, or 0. */
static pid_t living_child(void)
{
	char path[64];
	FILE *file;
	long pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "r");
	if (!file || fscanf(file, "%ld", &pid) != 1)
		pid = 0;
	if (file)
		fclose(file);
	return (pid_t)pid;
}

static void tell_left(FILE *report, pid_t pid)
{
	char command[COMMAND_SHOWN_BYTES];
	FILE *file = open_proc(pid, "cmdline");
	size_t len = file ? fread(command, 1, sizeof(command), file) : 0;

	if (file)
		fclose(file);
	for (size_t i = 0; i < len; i++)
		if (command[i] < ' ')
			command[i] = ' ';
	fprintf(report, "left %d %.*s\n", (int)pid, (int)len, command);
}

static void see_who_is_left(FILE *report)
{
	const long end = now_ms() + options.leave_ms;
	pid_t pid;

	while (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
		if (now_ms() > end && (pid = living_child()) > 0) {
			tell_left(report, pid);
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
		poll(NULL, 0, 1);
	}
}

static void see_terminal(FILE *report)
{
	struct termios after;
	char bytes[256];

	if (seen.slave < 0)
		return;
	if (tcgetattr(seen.slave, &after) || after.c_iflag != seen.before.c_iflag ||
	    after.c_oflag != seen.before.c_oflag || after.c_cflag != seen.before.c_cflag ||
	    after.c_lflag != seen.before.c_lflag ||
	    memcmp(after.c_cc, seen.before.c_cc, sizeof(after.c_cc)) != 0)
		fprintf(report, "terminal changed\n");
	if (read(seen.master, bytes, sizeof(bytes)) > 0)
		fprintf(report, "terminal written to\n");
}

/* The options are ours up to the first word without "--". */
static char **read_options(char **argv)
{
	for (argv++; *argv && strncmp(*argv, "--", 2) == 0; argv++) {
		if (strcmp(*argv, "--no-terminal") == 0)
			options.no_terminal = true;
		else if (strcmp(*argv, "--report") == 0 && argv[1])
			options.report = *++argv;
		else if (strcmp(*argv, "--pid") == 0 && argv[1])
			options.pid_file = *++argv;
		else if (strcmp(*argv, "--limit") == 0 && argv[1])
			options.limit_s = strtol(*++argv, NULL, 10);
		else if (strcmp(*argv, "--leave") == 0 && argv[1])
			options.leave_ms = strtol(*++argv, NULL, 10);
	}
	errno = EINVAL;
	if (!*argv || !options.report)
		die("usage");
	return argv;
}

int main(int argc, char **argv)
{
	FILE *report;
	int status;

	(void)argc;
	argv = read_options(argv);
	report = fopen(options.report, "we");
	if (!report)
		die(options.report);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		die("subreaper");
	if (!options.no_terminal)
		open_terminal();
	start(argv);
	tell_pid();
	status = watch();
	see_who_is_left(report);
	see_terminal(report);
	fprintf(report, "rss_kib %ld\ncpu_ms %ld\ndescriptors %ld\n%s", seen.rss_kib, seen.cpu_ms,
		seen.descriptors, seen.slow ? "slow\n" : "");
	fclose(report);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
