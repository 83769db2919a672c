/* SPDX-License-Identifier: MIT */
/* Children start and end whatever becomes of the process that forks their keepers. */
#include "unit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/child.h"
#include "io/launcher.h"

#define WAIT_MAX_MS 30000

static struct loop *loop;
static int downs, starts;
static struct child_exit last;
static struct child *child;

static void on_started(void *arg, pid_t pid)
{
	(void)arg;
	assert_true(pid > 0);
	starts++;
	loop_stop(loop);
}

static void on_down(void *arg, const struct child_exit *how)
{
	(void)arg;
	last = *how;
	downs++;
	loop_stop(loop);
}

static const struct child_listener listener = {.on_started = on_started, .on_down = on_down};

static void give_up(void *arg)
{
	(void)arg;
	loop_stop(loop);
}

static void start(const char *const *argv)
{
	static const char *const env[] = {"PATH=/usr/bin:/bin", NULL};
	const struct child_spec spec = {.name = "it", .argv = argv, .env = env};
	struct err err;

	child = child_start(loop, &spec, &listener, NULL, &err);
	assert_non_null(child);
}

static void wait_until_down(void)
{
	struct loop_timer timer = {0};
	const int before = downs;

	loop_timer_start(loop, &timer, WAIT_MAX_MS, give_up, NULL);
	child_stdout_ended(child);
	while (downs == before && loop_timer_active(&timer))
		loop_run(loop);
	loop_timer_stop(&timer);
	assert_int_equal(downs, before + 1);
	child_free(&child);
}

/* Its keeper has let go of the launcher's socket. */
static void wait_until_started(int before)
{
	struct loop_timer timer = {0};

	loop_timer_start(loop, &timer, WAIT_MAX_MS, give_up, NULL);
	while (starts == before && loop_timer_active(&timer))
		loop_run(loop);
	loop_timer_stop(&timer);
	assert_int_equal(starts, before + 1);
}

/* The one child process that we have. */
static pid_t launcher_pid(void)
{
	FILE *file;
	char path[64];
	long pid = 0;

	snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
	file = fopen(path, "re");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%ld", &pid), 1);
	fclose(file);
	return (pid_t)pid;
}

static int setup(void **state)
{
	struct err err;

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	loop = loop_new(&err);
	return loop ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	loop_free(&loop);
	launcher_close();
	return waitpid(-1, NULL, WNOHANG) < 0 ? 0 : -1; /* no child is left */
}

static void test_status(void **state)
{
	static const char *const argv[] = {"sh", "-c", "exit 7", NULL};

	(void)state;
	start(argv);
	wait_until_down();
	assert_int_equal(last.end, CHILD_EXITED);
	assert_int_equal(last.value, 7);
}

static void test_not_started(void **state)
{
	static const char *const argv[] = {"/nonexistent/program", NULL};

	(void)state;
	start(argv);
	wait_until_down();
	assert_int_equal(last.end, CHILD_NOT_STARTED);
	assert_int_equal(last.value, ENOENT);
}

static void test_launcher_killed(void **state)
{
	static const char *const runs[] = {"sh", "-c", "read line; exit 5", NULL};
	static const char *const next[] = {"sh", "-c", "exit 6", NULL};
	struct child *before;
	pid_t killed;

	(void)state;
	start(runs);
	wait_until_started(starts);
	before = child;
	killed = launcher_pid();
	/* The launch is taken in order, so the end of a second one tells that the first is out. */
	start(next);
	wait_until_down();
	assert_int_equal(kill(killed, SIGKILL), 0);
	waitid(P_PID, (id_t)killed, &(siginfo_t){0}, WEXITED | WNOWAIT);

	start(next);
	wait_until_down();
	assert_int_equal(last.value, 6);
	assert_int_not_equal(launcher_pid(), killed);

	child = before;
	child_stop(child);
	wait_until_down();
	assert_int_equal(last.end, CHILD_EXITED);
	assert_int_equal(last.value, 5);
}

/* More than the launch socket's queue holds, all at the same time, and freed while they run. */
static void test_many_are_freed(void **state)
{
	static const char *const argv[] = {"sleep", "1000", NULL};
	struct child *many[50];

	(void)state;
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++) {
		start(argv);
		many[i] = child;
	}
	for (size_t i = 0; i < sizeof(many) / sizeof(many[0]); i++)
		child_free(&many[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_status, setup, teardown),
		cmocka_unit_test_setup_teardown(test_not_started, setup, teardown),
		cmocka_unit_test_setup_teardown(test_launcher_killed, setup, teardown),
		cmocka_unit_test_setup_teardown(test_many_are_freed, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
