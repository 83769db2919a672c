/* SPDX-License-Identifier: MIT */
/* What editors, packages and people do to a directory is noticed, once for each burst. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "io/directory_watch.h"

#define OVERFLOW_EVENTS 40000 /* more than the queue is long where nobody made it longer */

static struct loop *loop;
static struct directory_watch *watch;
static char *root; /* of this test */
static int changes;
static int64_t clock_us = 1000000; /* no test waits for the quiet time */

int __real_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __real_inotify_init1(int flags);
int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask);
int __wrap_inotify_init1(int flags);

static int refusal; /* errno of inotify, or 0 */

int __wrap_inotify_add_watch(int fd, const char *path, uint32_t mask)
{
	if (refusal) {
		errno = refusal;
		return -1;
	}
	return __real_inotify_add_watch(fd, path, mask);
}

int __wrap_inotify_init1(int flags)
{
	if (refusal == EMFILE) {
		errno = refusal;
		return -1;
	}
	return __real_inotify_init1(flags);
}

static int64_t now_us(void *arg)
{
	(void)arg;
	return clock_us;
}

static void changed(void *arg)
{
	(void)arg;
	changes++;
}

static void read_events(void)
{
	for (int i = 0; i < 8; i++)
		loop_run_once(loop, 0);
}

static void pass(int64_t ms)
{
	clock_us += ms * 1000;
	loop_run_once(loop, 0);
}

/* Everything that has happened so far is read, and told. */
static int settle(void)
{
	int before = changes;

	read_events();
	pass(DIRECTORY_WATCH_QUIET_MS);
	return changes - before;
}

static const char *in(const char *name)
{
	static char path[4][256];
	static unsigned turn;
	char *text = path[turn++ % COUNT(path)];

	snprintf(text, sizeof(path[0]), "%s/%s", root, name);
	return text;
}

static void put(const char *name, const char *text)
{
	int fd = open(in(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void remove_all(void)
{
	char *command[] = {(char *)"rm", (char *)"-rf", root, NULL};
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		execvp(command[0], command);
		_exit(127);
	}
	(void)!waitpid(pid, &status, 0);
}

static int open_watch(void **state)
{
	static char dir[64];
	struct err err;

	(void)state;
	snprintf(dir, sizeof(dir), "%s", "/tmp/test-directory-watch-XXXXXX");
	root = mkdtemp(dir);
	assert_non_null(root);
	assert_int_equal(mkdir(in("d"), 0700), 0);
	put("d/old.json", "{}");
	loop = loop_new(&err);
	assert_non_null(loop);
	loop_set_clock(loop, now_us, NULL);
	refusal = 0;
	return 0;
}

static void start(const char *first, const char *second)
{
	char *directories[] = {mem_string(in(first)), second ? mem_string(in(second)) : NULL, NULL};
	struct err err;

	watch = directory_watch_new(loop, directories, changed, NULL, &err);
	assert_non_null(watch);
	free(directories[0]);
	free(directories[1]);
	assert_int_equal(settle(), 0);
}

static int close_watch(void **state)
{
	(void)state;
	directory_watch_free(&watch);
	loop_run_once(loop, 0);
	loop_free(&loop);
	remove_all();
	return 0;
}

/* What is done to a file of the directory */

static void write_new(void)
{
	put("d/new.json", "{}");
}

static void write_over(void)
{
	put("d/old.json", "{ }");
}

static void rename_over(void)
{
	put("other", "{ }");
	assert_int_equal(rename(in("other"), in("d/old.json")), 0);
}

static void rename_away(void)
{
	assert_int_equal(rename(in("d/old.json"), in("other")), 0);
}

/* As vim does it with backupcopy=no. */
static void rename_and_write(void)
{
	assert_int_equal(rename(in("d/old.json"), in("d/old.json~")), 0);
	put("d/old.json", "{ }");
	assert_int_equal(unlink(in("d/old.json~")), 0);
}

static void link_to_null(void)
{
	assert_int_equal(symlink("/dev/null", in("d/mask.json")), 0);
}

static void change_rights(void)
{
	assert_int_equal(chmod(in("d/old.json"), 0644), 0);
}

static void remove_file(void)
{
	assert_int_equal(unlink(in("d/old.json")), 0);
}

/* And to the directory itself */

static void change_its_rights(void)
{
	assert_int_equal(chmod(in("d"), 0755), 0);
}

static void rename_it(void)
{
	assert_int_equal(rename(in("d"), in("e")), 0);
}

static void replace_it(void)
{
	assert_int_equal(rename(in("d"), in("e")), 0);
	assert_int_equal(mkdir(in("d"), 0700), 0);
}

static const struct {
	const char *what;
	void (*act)(void);
} acts[] = {
	{"a file is written", write_new},
	{"a file is written over", write_over},
	{"a file is renamed over", rename_over},
	{"a file is renamed away", rename_away},
	{"a file is renamed and written", rename_and_write},
	{"a link is made", link_to_null},
	{"a file's rights are changed", change_rights},
	{"a file is removed", remove_file},
	{"the directory's rights are changed", change_its_rights},
	{"the directory is renamed", rename_it},
	{"the directory is replaced", replace_it},
};

static void test_acts(void **state)
{
	for (size_t i = 0; i < COUNT(acts); i++) {
		start("d", NULL);
		acts[i].act();
		if (settle() != 1)
			fail_msg("%s: it is not told once", acts[i].what);
		if (settle() != 0)
			fail_msg("%s: it is told again", acts[i].what);
		assert_null(directory_watch_fault(watch));
		close_watch(state);
		open_watch(state);
	}
}

static void test_reading_is_no_change(void **state)
{
	char byte;
	int fd;

	(void)state;
	start("d", NULL);
	fd = open(in("d/old.json"), O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, &byte, 1), 1);
	close(fd);
	put("beside.json", "{}");
	assert_int_equal(settle(), 0);
}

static void test_a_directory_that_comes(void **state)
{
	(void)state;
	start("a/b/c", "d");
	put("b", "of this name only");
	assert_int_equal(settle(), 0);
	assert_int_equal(mkdir(in("a"), 0700), 0);
	assert_int_equal(settle(), 1);
	assert_int_equal(mkdir(in("a/b"), 0700), 0);
	assert_int_equal(mkdir(in("a/b/c"), 0700), 0);
	put("a/b/c/x.json", "{}");
	assert_int_equal(settle(), 1);
	put("a/b/c/x.json", "{ }");
	assert_int_equal(settle(), 1);
	put("d/old.json", "{ }"); /* the other one is still seen */
	assert_int_equal(settle(), 1);
}

static void test_a_directory_that_goes_and_comes(void **state)
{
	(void)state;
	start("d", NULL);
	rename_it();
	assert_int_equal(settle(), 1);
	put("e/old.json", "it is not ours any more");
	assert_int_equal(settle(), 0);
	assert_int_equal(mkdir(in("d"), 0700), 0);
	assert_int_equal(settle(), 1);
	put("d/old.json", "{}");
	assert_int_equal(settle(), 1);
}

static void test_a_link_that_is_replaced(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in("e"), 0700), 0);
	assert_int_equal(symlink("d", in("link")), 0);
	start("link", NULL);
	put("d/old.json", "{ }");
	assert_int_equal(settle(), 1);
	assert_int_equal(symlink("e", in("next")), 0);
	assert_int_equal(rename(in("next"), in("link")), 0);
	assert_int_equal(settle(), 1);
	put("e/new.json", "{}");
	assert_int_equal(settle(), 1);
	put("d/old.json", "{}");
	assert_int_equal(settle(), 0);
}

static void test_one_above_the_other(void **state)
{
	(void)state;
	assert_int_equal(mkdir(in("d/inner"), 0700), 0);
	start("d", "d/inner");
	put("d/old.json", "{ }");
	assert_int_equal(settle(), 1);
	put("d/inner/x.json", "{ }");
	assert_int_equal(settle(), 1);
	assert_int_equal(rename(in("d/inner"), in("gone")), 0);
	assert_int_equal(settle(), 1);
	put("d/old.json", "{}");
	assert_int_equal(settle(), 1);
}

/* Each event puts the call off, but not for ever. */
static void test_a_burst(void **state)
{
	int64_t passed = 0;

	(void)state;
	start("d", NULL);
	changes = 0;
	for (int i = 0; i < 3; i++) {
		put("d/old.json", "{}");
		read_events();
		pass(DIRECTORY_WATCH_QUIET_MS - 1);
	}
	assert_int_equal(changes, 0);
	pass(1);
	assert_int_equal(changes, 1);
	for (; changes == 1 && passed < 10 * DIRECTORY_WATCH_LATE_MS; passed += 100) {
		put("d/old.json", "{}");
		read_events();
		pass(100);
	}
	assert_int_equal(changes, 2);
	assert_true(passed <= DIRECTORY_WATCH_LATE_MS);
}

static void test_overflow(void **state)
{
	(void)state;
	start("d", NULL);
	for (int i = 0; i < OVERFLOW_EVENTS; i += 2) {
		assert_int_equal(rename(in("d/old.json"), in("d/new.json")), 0);
		assert_int_equal(rename(in("d/new.json"), in("d/old.json")), 0);
	}
	for (int i = 0; i < 1000; i++)
		read_events();
	pass(DIRECTORY_WATCH_LATE_MS);
	assert_true(settle() <= 1);
	put("d/old.json", "{}");
	assert_int_equal(settle(), 1);
}

static void test_no_watches_left(void **state)
{
	(void)state;
	refusal = ENOSPC;
	start("d", NULL);
	assert_non_null(strstr(directory_watch_fault(watch), "/d: changes are not noticed"));
	assert_non_null(strstr(directory_watch_fault(watch), "max_user_watches"));
	put("d/old.json", "{}");
	assert_int_equal(settle(), 0);
}

static void test_no_inotify(void **state)
{
	char *directories[] = {root, NULL};
	struct err err;

	(void)state;
	refusal = EMFILE;
	assert_null(directory_watch_new(loop, directories, changed, NULL, &err));
	assert_non_null(strstr(err.text, "max_user_instances"));
}

static void test_too_many(void **state)
{
	char *directories[DIRECTORY_WATCH_MAX + 2] = {NULL};
	struct err err;

	(void)state;
	for (size_t i = 0; i <= DIRECTORY_WATCH_MAX; i++)
		directories[i] = mem_format("%s/%zu", root, i);
	watch = directory_watch_new(loop, directories, changed, NULL, &err);
	assert_non_null(watch);
	assert_non_null(strstr(directory_watch_fault(watch), directories[DIRECTORY_WATCH_MAX]));
	for (size_t i = 0; i <= DIRECTORY_WATCH_MAX; i++)
		free(directories[i]);
	assert_int_equal(mkdir(in("7"), 0700), 0);
	assert_int_equal(settle(), 1);
}

/* A relative one, with a slash at its end. */
static void test_relative(void **state)
{
	char *directories[] = {(char *)"d/", NULL};
	char before[4096];
	struct err err;

	(void)state;
	assert_non_null(getcwd(before, sizeof(before)));
	assert_int_equal(chdir(root), 0);
	watch = directory_watch_new(loop, directories, changed, NULL, &err);
	assert_non_null(watch);
	replace_it();
	assert_int_equal(settle(), 1);
	put("d/new.json", "{}");
	assert_int_equal(settle(), 1);
	assert_int_equal(chdir(before), 0);
}

#define WITH_WATCH(test) cmocka_unit_test_setup_teardown(test, open_watch, close_watch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WATCH(test_acts),
		WITH_WATCH(test_reading_is_no_change),
		WITH_WATCH(test_a_directory_that_comes),
		WITH_WATCH(test_a_directory_that_goes_and_comes),
		WITH_WATCH(test_a_link_that_is_replaced),
		WITH_WATCH(test_one_above_the_other),
		WITH_WATCH(test_a_burst),
		WITH_WATCH(test_overflow),
		WITH_WATCH(test_no_watches_left),
		WITH_WATCH(test_no_inotify),
		WITH_WATCH(test_too_many),
		WITH_WATCH(test_relative),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
