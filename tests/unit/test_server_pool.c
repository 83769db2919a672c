/* SPDX-License-Identifier: MIT */
/* A running pool whose entries change under it, with real servers. */
#include "unit.h"

#include <signal.h>

#include "base/log.h"
#include "base/mem.h"
#include "io/launcher.h"
#include "mcp/server_pool.h"

#define WAIT_MAX_MS 60000

static struct loop *loop;
static struct worker_pool *workers;
static struct mcp_context context;
static struct server_pool *pool;
static char *fake;
static bool over; /* what is waited for */
static struct loop_timer patience;

/* One call, and what came of it. */
struct probe {
	struct server_call *call;
	bool done, failed;
	char *text;
};

static void give_up(void *arg)
{
	(void)arg;
	fail_msg("nothing happens");
}

static void wait_for(const bool *done)
{
	loop_timer_start(loop, &patience, WAIT_MAX_MS, give_up, NULL);
	while (!*done)
		loop_run_once(loop, 100);
	loop_timer_stop(&patience);
}

static void is_over(void *arg)
{
	(void)arg;
	over = true;
}

static void wait_until(enum server_state state, const char *name)
{
	loop_timer_start(loop, &patience, WAIT_MAX_MS, give_up, NULL);
	while (server_get_state(server_pool_find(pool, name)) != state)
		loop_run_once(loop, 100);
	loop_timer_stop(&patience);
}

static void wait_until_left(void)
{
	loop_timer_start(loop, &patience, WAIT_MAX_MS, give_up, NULL);
	while (server_pool_leaving(pool) > 0)
		loop_run_once(loop, 100);
	loop_timer_stop(&patience);
}

static void on_done(void *arg, struct tool_result *take_result, const struct err *err)
{
	struct probe *probe = arg;

	probe->done = true;
	probe->failed = err != NULL;
	probe->text = mem_string(take_result->text);
	tool_result_free(&take_result);
}

static const struct server_call_listener call_listener = {.on_done = on_done};

static void call(struct probe *probe, struct server *server, const char *tool,
		 const char *arguments)
{
	static const struct server_call_options options = {0};

	*probe = (struct probe){0};
	probe->call = server_call_tool(server, tool, arguments, strlen(arguments), &options,
				       &call_listener, probe);
}

static void call_is(struct probe *probe, const char *text)
{
	wait_for(&probe->done);
	assert_string_equal(probe->text, text);
	free(probe->text);
}

static struct server_config *entry(const char *name, const char *identity, const char *mode)
{
	struct server_config *config = server_config_new(name);

	string_list_add(&config->argv, mem_string(fake));
	if (mode)
		string_list_add(&config->argv, mem_string(mode));
	config->file = mem_format("%s.json", name);
	snprintf(config->identity, sizeof(config->identity), "%s", identity);
	return config;
}

static struct server *admit(const char *name, const char *identity, const char *mode)
{
	struct server_config *config = entry(name, identity, mode);
	struct server *server = server_pool_admit(pool, config);

	server_config_free(&config);
	return server;
}

/* One step of a diff. */
static void apply(enum servers_change change, struct server *server, struct server_config *after)
{
	struct servers_step step = {
		.change = change,
		.before = server ? server_config(server) : NULL,
		.after = after,
		.why = (char *)"it is gone",
	};
	const struct servers_diff diff = {.step = &step, .steps = 1};

	server_pool_apply(pool, &diff);
	server_config_free(&after);
}

static int open_pool(void **state)
{
	struct err err;

	(void)state;
	loop = loop_new(&err);
	assert_non_null(loop);
	workers = worker_pool_new(loop);
	context = (struct mcp_context){
		.loop = loop, .workers = workers, .client_name = "test", .client_version = "1"};
	pool = server_pool_new(&context, NULL, NULL);
	over = false;
	server_pool_start(pool, is_over, NULL);
	wait_for(&over);
	return 0;
}

static int close_pool(void **state)
{
	(void)state;
	over = false;
	server_pool_stop(pool, is_over, NULL);
	wait_for(&over);
	server_pool_free(&pool);
	loop_run_once(loop, 0);
	worker_pool_free(&workers);
	loop_free(&loop);
	launcher_close();
	return 0;
}

static void test_untouched(void **state)
{
	struct server *server = admit("a", "1", NULL);
	struct server_config *same = entry("a", "1", NULL);
	struct probe probe;
	pid_t pid;

	(void)state;
	wait_until(SERVER_READY, "a");
	pid = server_pid(server);
	assert_true(pid > 0);
	same->line = 7;
	apply(SERVERS_KEPT, server, same);
	apply(SERVERS_HELD, server, NULL);
	apply(SERVERS_ADDED, NULL, entry("b", "1", NULL));
	wait_until(SERVER_READY, "b");
	assert_ptr_equal(server_pool_find(pool, "a"), server);
	assert_int_equal(server_pid(server), pid);
	assert_int_equal(server_config(server)->line, 7);
	call(&probe, server, "echo", "{\"text\":\"x\"}");
	call_is(&probe, "x");
}

static void test_changed_while_called(void **state)
{
	struct server *before = admit("a", "1", NULL), *after, *held;
	struct probe slow, late, next;
	pid_t pid;

	(void)state;
	wait_until(SERVER_READY, "a");
	pid = server_pid(before);
	held = server_ref(before);
	call(&slow, before, "sleep", "{\"ms\":300}");
	apply(SERVERS_CHANGED, before, entry("a", "2", "tools=1"));
	after = server_pool_find(pool, "a");
	assert_ptr_not_equal(after, before);
	assert_int_equal(server_get_state(after), SERVER_STARTING);
	assert_int_equal(server_pool_leaving(pool), 1);
	assert_int_equal(server_pid(held), pid);
	call(&late, held, "echo", "{\"text\":\"x\"}");
	call_is(&late,
		"Error: server \"a\" takes no new calls: its entry in servers.d has changed");
	assert_true(late.failed);
	assert_false(slow.done);
	call(&next, after, "echo", "{\"text\":\"of the new one\"}");
	call_is(&slow, "slept");
	assert_false(slow.failed);
	assert_false(next.done);
	call_is(&next, "of the new one");
	assert_int_equal(server_pool_leaving(pool), 0);
	wait_until(SERVER_READY, "a");
	assert_ptr_equal(server_pool_find(pool, "a"), after);
	assert_int_not_equal(server_pid(after), pid);
	call(&late, held, "echo", "{\"text\":\"x\"}");
	call_is(&late,
		"Error: server \"a\" takes no new calls: its entry in servers.d has changed");
	server_unref(&held);
}

/* A call that waits for the new one is not made where its entry leaves the tool out. */
static void test_changed_to_exclude(void **state)
{
	struct server *before = admit("a", "1", NULL);
	struct server_config *less = entry("a", "2", NULL);
	struct probe late;

	(void)state;
	wait_until(SERVER_READY, "a");
	string_list_add(&less->exclude_tools, mem_string("echo"));
	apply(SERVERS_CHANGED, before, less);
	call(&late, server_pool_find(pool, "a"), "echo", "{\"text\":\"x\"}");
	call_is(&late, "Error: the call was not made: server \"a\" has no tool \"echo\" any more. "
		       "Use the tools that are listed now.");
}

static void test_removed_while_called(void **state)
{
	struct server *server = admit("a", "1", NULL);
	struct probe slow;
	pid_t pid;

	(void)state;
	wait_until(SERVER_READY, "a");
	pid = server_pid(server);
	call(&slow, server, "sleep", "{\"ms\":300}");
	apply(SERVERS_REMOVED, server, NULL);
	assert_null(server_pool_find(pool, "a"));
	assert_int_equal(server_pool_count(pool), 0);
	call_is(&slow, "slept");
	assert_false(slow.failed);
	wait_until_left();
	assert_int_equal(kill(pid, 0), -1);
}

/* It was gone for good, and came back before it was gone: the one after the other. */
static void test_removed_and_back(void **state)
{
	struct server *server = admit("a", "1", NULL);
	struct probe slow;

	(void)state;
	wait_until(SERVER_READY, "a");
	call(&slow, server, "sleep", "{\"ms\":300}");
	apply(SERVERS_REMOVED, server, NULL);
	apply(SERVERS_ADDED, NULL, entry("a", "1", NULL));
	apply(SERVERS_CHANGED, server_pool_find(pool, "a"), entry("a", "2", NULL));
	apply(SERVERS_CHANGED, server_pool_find(pool, "a"), entry("a", "3", NULL));
	assert_int_equal(server_pool_count(pool), 1);
	assert_int_equal(server_pool_leaving(pool), 3);
	assert_false(slow.done);
	call_is(&slow, "slept");
	wait_until_left();
	wait_until(SERVER_READY, "a");
	assert_string_equal(server_config(server_pool_find(pool, "a"))->identity, "3");
}

static void test_dies_while_it_leaves(void **state)
{
	struct server *server = admit("a", "1", NULL);
	struct probe slow;

	(void)state;
	wait_until(SERVER_READY, "a");
	call(&slow, server, "hang", "{}");
	apply(SERVERS_CHANGED, server, entry("a", "2", NULL));
	kill(server_pid(server), SIGKILL);
	wait_for(&slow.done);
	assert_true(slow.failed);
	free(slow.text);
	wait_until_left();
	wait_until(SERVER_READY, "a");
}

static void test_changed_during_start(void **state)
{
	admit("a", "1", "slow-start=60000");
	(void)state;
	loop_run_once(loop, 0);
	apply(SERVERS_CHANGED, server_pool_find(pool, "a"), entry("a", "2", NULL));
	wait_until(SERVER_READY, "a");
}

/* A wrong command is no reason to wait, nor that it failed. */
static void test_changed_after_failure(void **state)
{
	admit("a", "1", "crash-at-start");
	(void)state;
	wait_until(SERVER_FAILED, "a");
	apply(SERVERS_CHANGED, server_pool_find(pool, "a"), entry("a", "2", NULL));
	wait_until(SERVER_READY, "a");
}

/* The end of all does not wait for the calls of those that leave. */
static void test_stopped_while_it_leaves(void **state)
{
	struct server *server = admit("a", "1", NULL);
	struct probe slow;

	wait_until(SERVER_READY, "a");
	call(&slow, server, "hang", "{}");
	apply(SERVERS_CHANGED, server, entry("a", "2", NULL));
	close_pool(state);
	assert_true(slow.done);
	assert_true(slow.failed);
	free(slow.text);
	open_pool(state);
}

static void test_other_tools(void **state)
{
	struct server *server = admit("a", "1", NULL);
	struct server_config *less = entry("a", "1", NULL), *more = entry("a", "1", NULL);
	size_t all;
	pid_t pid;

	(void)state;
	wait_until(SERVER_READY, "a");
	pid = server_pid(server);
	all = server_tools(server)->count;
	string_list_add(&less->include_tools, mem_string("echo"));
	apply(SERVERS_RULES, server, less);
	assert_int_equal(server_tools(server)->count, 1);
	string_list_add(&more->exclude_tools, mem_string("echo"));
	apply(SERVERS_RULES, server, more);
	loop_timer_start(loop, &patience, WAIT_MAX_MS, give_up, NULL);
	while (server_tools(server)->count != all - 1)
		loop_run_once(loop, 100);
	loop_timer_stop(&patience);
	assert_null(tool_list_find(server_tools(server), "echo"));
	assert_int_equal(server_pid(server), pid);
}

/* idle_timeout_s: what it was is forgotten, what it is begins now. */
static void test_other_idleness(void **state)
{
	struct server_config *config = entry("a", "1", NULL);
	struct server_config *none = entry("a", "1", NULL), *again = entry("a", "1", NULL);
	struct loop_timer later = {0};
	const long first_ms = 300;
	struct server *server;

	(void)state;
	config->idle_timeout_ms = first_ms;
	again->idle_timeout_ms = 10;
	server = server_pool_admit(pool, config);
	server_config_free(&config);
	wait_until(SERVER_READY, "a");
	apply(SERVERS_RULES, server, none);
	over = false;
	loop_timer_start(loop, &later, 2 * first_ms, is_over, NULL);
	wait_for(&over);
	assert_int_equal(server_get_state(server), SERVER_READY);
	apply(SERVERS_RULES, server, again);
	wait_until(SERVER_IDLE, "a");
}

static int find_fake(void **state)
{
	const char *build = getenv("TOP_BUILDDIR");

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	log_set_level(LOG_LEVEL_ERROR);
	fake = mem_format("%s/tests/fakes/fake-server", build ? build : ".");
	return 0;
}

static int forget_fake(void **state)
{
	(void)state;
	free(fake);
	return 0;
}

#define WITH_POOL(test) cmocka_unit_test_setup_teardown(test, open_pool, close_pool)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_POOL(test_untouched),
		WITH_POOL(test_changed_while_called),
		WITH_POOL(test_changed_to_exclude),
		WITH_POOL(test_removed_while_called),
		WITH_POOL(test_removed_and_back),
		WITH_POOL(test_dies_while_it_leaves),
		WITH_POOL(test_changed_during_start),
		WITH_POOL(test_changed_after_failure),
		WITH_POOL(test_stopped_while_it_leaves),
		WITH_POOL(test_other_tools),
		WITH_POOL(test_other_idleness),
	};

	return cmocka_run_group_tests(tests, find_fake, forget_fake);
}
