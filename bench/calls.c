/* SPDX-License-Identifier: MIT */
/*
 * tools/call through cordpair's whole path: server, rpc, JSON check, result, loop.
 *
 *   bench-calls calls COUNT WINDOW SERVER…   COUNT calls, WINDOW of them in flight
 *   bench-calls big SERVER…                  one call of `big`, to the text for a person
 *   bench-calls beside SERVER_BIG SERVER     small calls' delay while another server's `big` comes
 *
 * Prints the same JSON as bench-bare, so that the two can be divided.
 */
#include "config.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "bench_clock.h"
#include "io/launcher.h"
#include "mcp/server_pool.h"

struct bench {
	struct mcp_context context;
	struct server_pool *pool;
	struct server *server;
	long count, window, sent, done;
	int64_t *started, *took;
	bool big_done;
};

struct call {
	struct bench *bench;
	long index;
};

static void call_next(struct bench *bench);

static void on_call_done(void *arg, struct tool_result *take_result, const struct err *err)
{
	struct call *call = arg;
	struct bench *bench = call->bench;

	if (err) {
		fprintf(stderr, "bench-calls: %s\n", err->text);
		exit(1);
	}
	tool_result_free(&take_result);
	bench->took[bench->done++] = bench_now_ns() - bench->started[call->index];
	if (bench->done == bench->count)
		loop_stop(bench->context.loop);
	else
		call_next(bench);
}

static const struct server_call_listener call_listener = {.on_done = on_call_done};

static struct call *calls;

static void call_next(struct bench *bench)
{
	static const char arguments[] = "{\"text\":\"hello\"}";
	const struct server_call_options options = {.text_max_bytes = 100000};

	while (bench->sent < bench->count && bench->sent - bench->done < bench->window) {
		struct call *call = &calls[bench->sent];

		*call = (struct call){bench, bench->sent};
		bench->started[bench->sent++] = bench_now_ns();
		if (!server_call_tool(bench->server, "echo", arguments, sizeof(arguments) - 1,
				      &options, &call_listener, call))
			exit(1);
	}
}

static void stop_loop(void *arg)
{
	struct bench *bench = arg;

	loop_stop(bench->context.loop);
}

static struct server_config *config_for(const char *name, char **argv)
{
	struct server_config *config = mem_new(sizeof(*config));
	size_t argc = 0;

	while (argv[argc])
		argc++;
	config->name = mem_string(name);
	config->argv = mem_new_array(argc + 1, sizeof(char *));
	for (size_t i = 0; i < argc; i++)
		config->argv[i] = mem_string(argv[i]);
	config->env = mem_new_array(1, sizeof(char *));
	config->env_vars = mem_new_array(1, sizeof(char *));
	config->headers = mem_new_array(1, sizeof(char *));
	config->roots = mem_new_array(1, sizeof(char *));
	config->include_tools = mem_new_array(1, sizeof(char *));
	config->exclude_tools = mem_new_array(1, sizeof(char *));
	config->policy.allow = mem_new_array(1, sizeof(char *));
	config->policy.ask = mem_new_array(1, sizeof(char *));
	config->policy.deny = mem_new_array(1, sizeof(char *));
	config->file = mem_string("bench");
	config->timeout_ms = 60000;
	config->start_timeout_ms = 30000;
	config->protocol = SERVER_PROTOCOL_LEGACY;
	return config;
}

static void start_pool(struct bench *bench)
{
	server_pool_start(bench->pool, stop_loop, bench);
	loop_run(bench->context.loop);
	for (size_t i = 0; i < server_pool_count(bench->pool); i++) {
		const struct server *server = server_pool_at(bench->pool, i);

		if (server_get_state(server) == SERVER_READY)
			continue;
		fprintf(stderr, "bench-calls: %s\n", server_reason(server));
		exit(1);
	}
}

static int run_calls(struct bench *bench, long count, long window)
{
	int64_t wall, cpu;

	bench->count = count;
	bench->window = window;
	bench->started = mem_new_array((size_t)count, sizeof(*bench->started));
	bench->took = mem_new_array((size_t)count, sizeof(*bench->took));
	calls = mem_new_array((size_t)count, sizeof(*calls));
	wall = bench_now_ns();
	cpu = bench_cpu_ns();
	call_next(bench);
	loop_run(bench->context.loop);
	bench_print_calls(count, bench->took, bench_now_ns() - wall, bench_cpu_ns() - cpu);
	free(calls);
	free(bench->started);
	free(bench->took);
	return 0;
}

static void on_big_done(void *arg, struct tool_result *take_result, const struct err *err)
{
	struct bench *bench = arg;

	if (err) {
		fprintf(stderr, "bench-calls: %s\n", err->text);
		exit(1);
	}
	printf("%s\"bytes\":%zu", bench->big_done ? "" : "{", take_result->text_len);
	tool_result_free(&take_result);
	bench->big_done = true;
	loop_stop(bench->context.loop);
}

static const struct server_call_listener big_listener = {.on_done = on_big_done};

static int run_big(struct bench *bench)
{
	const struct server_call_options options = {.text_max_bytes = 0};
	int64_t start = bench_now_ns();

	if (!server_call_tool(bench->server, "big", "{}", 2, &options, &big_listener, bench))
		return 1;
	loop_run(bench->context.loop);
	printf(",\"ms\":%.3f,\"peak_kib\":%ld}\n", (double)(bench_now_ns() - start) / 1e6,
	       bench_peak_kib());
	return 0;
}

/* The longest a small call waited while the big answer was read, checked and rendered. */
static void on_small_done(void *arg, struct tool_result *take_result, const struct err *err)
{
	struct bench *bench = arg;
	int64_t now = bench_now_ns();
	const struct server_call_options options = {.text_max_bytes = 1000};
	static const struct server_call_listener again = {.on_done = on_small_done};

	if (err)
		exit(1);
	tool_result_free(&take_result);
	if (now - bench->started[0] > bench->took[0])
		bench->took[0] = now - bench->started[0];
	bench->done++;
	if (bench->big_done)
		return;
	bench->started[0] = now;
	if (!server_call_tool(bench->server, "echo", "{}", 2, &options, &again, bench))
		exit(1);
}

static int run_beside(struct bench *bench, struct server *big)
{
	const struct server_call_options options = {.text_max_bytes = 0};
	static const struct server_call_listener small = {.on_done = on_small_done};

	bench->started = mem_new_array(1, sizeof(*bench->started));
	bench->took = mem_new_array(1, sizeof(*bench->took));
	bench->started[0] = bench_now_ns();
	if (!server_call_tool(big, "big", "{}", 2, &options, &big_listener, bench) ||
	    !server_call_tool(bench->server, "echo", "{}", 2, &options, &small, bench))
		return 1;
	loop_run(bench->context.loop);
	printf(",\"small_calls\":%ld,\"longest_ms\":%.3f}\n", bench->done,
	       (double)bench->took[0] / 1e6);
	free(bench->started);
	free(bench->took);
	return 0;
}

int main(int argc, char **argv)
{
	struct bench bench = {.context = {.client_name = "bench", .client_version = "1"}};
	struct server_config *config[2] = {NULL, NULL};
	struct err err;
	int status = 2;

	signal(SIGPIPE, SIG_IGN);
	if (argc < 3) {
		fprintf(stderr, "usage: bench-calls calls COUNT WINDOW SERVER… | big SERVER… | "
				"beside BYTES SERVER\n");
		return 2;
	}
	bench.context.loop = loop_new(&err);
	if (!bench.context.loop) {
		fprintf(stderr, "bench-calls: %s\n", err.text);
		return 1;
	}
	bench.context.workers = worker_pool_new(bench.context.loop);
	bench.pool = server_pool_new(&bench.context, NULL, NULL);
	if (strcmp(argv[1], "calls") == 0 && argc >= 5) {
		config[0] = config_for("echo", argv + 4);
		bench.server = server_pool_add(bench.pool, config[0]);
		start_pool(&bench);
		status = run_calls(&bench, strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10));
	} else if (strcmp(argv[1], "big") == 0) {
		config[0] = config_for("echo", argv + 2);
		bench.server = server_pool_add(bench.pool, config[0]);
		start_pool(&bench);
		status = run_big(&bench);
	} else if (strcmp(argv[1], "beside") == 0 && argc == 4) {
		char *big_argv[] = {argv[3], argv[2], NULL}, *small_argv[] = {argv[3], NULL};

		config[0] = config_for("big", big_argv);
		config[1] = config_for("small", small_argv);
		server_pool_add(bench.pool, config[0]);
		bench.server = server_pool_add(bench.pool, config[1]);
		start_pool(&bench);
		status = run_beside(&bench, server_pool_find(bench.pool, "big"));
	}
	server_pool_free(&bench.pool);
	loop_run_once(bench.context.loop, 0);
	worker_pool_free(&bench.context.workers);
	loop_free(&bench.context.loop);
	launcher_close();
	server_config_free(&config[0]);
	server_config_free(&config[1]);
	return status;
}
