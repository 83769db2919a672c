/* SPDX-License-Identifier: MIT */
/*
 * bench-wall COMMAND…: runs it once, its output thrown away, and prints its wall time and the
 * largest resident set of any one process of it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_clock.h"

extern char **environ;

int main(int argc, char **argv)
{
	posix_spawn_file_actions_t actions;
	struct rusage usage;
	int64_t start;
	int status, failed;
	pid_t pid;

	if (argc < 2)
		return 2;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	start = bench_now_ns();
	failed = posix_spawnp(&pid, argv[1], &actions, NULL, argv + 1, environ);
	if (failed) {
		fprintf(stderr, "bench-wall: %s: %s\n", argv[1], strerror(failed));
		return 1;
	}
	while (wait4(pid, &status, 0, &usage) < 0)
		if (errno != EINTR)
			return 1;
	printf("{\"ms\":%.3f,\"peak_kib\":%ld}\n", (double)(bench_now_ns() - start) / 1e6,
	       usage.ru_maxrss);
	posix_spawn_file_actions_destroy(&actions);
	if (status)
		fprintf(stderr, "bench-wall: %s failed\n", argv[1]);
	return status ? 1 : 0;
}
