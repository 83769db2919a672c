/* SPDX-License-Identifier: MIT */
/* An entry's keys in every dialect's words: what they set, and what each fault says. */
#include "unit.h"

#include "config/entry_read.h"

static char first_fault[ERR_TEXT_BYTES];

static void on_fault(void *arg, const struct err *fault)
{
	(void)arg;
	if (!*first_fault)
		memcpy(first_fault, fault->text, sizeof(first_fault));
}

/* The entry's text is a JSON object in single quotes. */
static enum entry_outcome read_text(const char *single, struct entry_reading *reading)
{
	static char text[4096];
	const struct entry_source source = {.file = "e.json", .text = text, .on_fault = on_fault};
	struct json_fault fault;

	snprintf(text, sizeof(text), "%s", single);
	for (char *quote = text; (quote = strchr(quote, '\''));)
		*quote = '"';
	assert_int_equal(json_check(text, strlen(text), &json_limits_default, NULL, &fault), 0);
	*first_fault = '\0';
	return entry_read(&source, "it", (struct json_span){text, strlen(text)}, reading);
}

static void reading_clear(struct entry_reading *reading)
{
	server_config_free(&reading->config);
	free(reading->why);
}

static const struct {
	const char *entry, *fault;
} faults[] = {
	{"{'command': ''}", "\"command\" is an empty text"},
	{"{'command': []}", "\"command\" is empty"},
	{"{'command': 7}", "\"command\" is not a string"},
	{"{'args': ['a']}", "\"command\" is missing"},
	{"{'command': 'a', 'args': 'b'}", "\"args\" is not an array of strings"},
	{"{'command': 'a', 'args': [1]}", "\"args\" is not a string"},
	{"{'command': 'a', 'env': []}", "\"env\" is not an object of strings"},
	{"{'command': 'a', 'env': {'': 'x'}}",
	 "\"env\": a variable's name is empty or has a \"=\""},
	{"{'command': 'a', 'env': {'a=b': 'x'}}",
	 "\"env\": a variable's name is empty or has a \"=\""},
	{"{'command': 'a', 'enabled': 1}", "\"enabled\" is not true or false"},
	{"{'command': 'a', 'required': 'yes'}", "\"required\" is not true or false"},
	{"{'command': 'a', 'timeout_s': -1}",
	 "\"timeout_s\" is not a number of seconds from 0 to 86400"},
	{"{'command': 'a', 'timeout_s': 1e999}",
	 "\"timeout_s\" is not a number of seconds from 0 to 86400"},
	{"{'command': 'a', 'timeout': 'soon'}", "\"timeout\" is not a number of milliseconds"},
	{"{'command': 'a', 'type': 'pipe'}", "\"type\" is none of \"stdio\", \"call\", \"http\""},
	{"{'command': 'a', 'protocol': '1999'}", "\"protocol\" is none of \"auto\""},
	{"{'command': 'a', 'policy': 'maybe'}",
	 "\"policy\" is none of \"allow\", \"ask\", \"deny\""},
	{"{'command': 'a', 'policy': {'never': []}}",
	 "\"policy\" knows default, allow, ask and deny only"},
	{"{'command': 'a', 'policy': {'default': 'maybe'}}",
	 "\"policy.default\" is none of \"allow\", \"ask\", \"deny\""},
	{"{'command': 'a', 'tools': {}}", "\"tools\" is not an array"},
	{"{'command': 'a', 'roots': ['here']}", "\"roots\": \"here\" is no absolute path"},
	{"{'command': 'a', 'sandbox': true}", "\"sandbox\" is not supported"},
	{"{'command': 'a', 'envFile': '.env'}", "\"envFile\" is not supported"},
	{"{'command': 'a', 'sampling': 3}", "\"sampling\" is not true, false or an object"},
	{"{'command': 'a', 'sampling': {'requests': 0}}",
	 "\"requests\" is not a whole number, 1 to 1000000"},
	{"{'command': 'a', 'sampling': {'request': 1}}",
	 "\"sampling\": \"request\" is not known; did you mean \"requests\"?"},
	{"{'type': 'http'}", "\"url\" is missing"},
	{"{'url': 'ftp://x'}", "\"url\" begins neither with http:// nor https://"},
	{"{'type': 'call', 'url': 'https://x'}",
	 "a \"call\" server needs \"tools\" or \"tools_url\""},
	{"{'url': 'https://x', 'headers': ['A b']}", "a header has no colon, or a line break"},
	{"{'url': 'https://x', 'headers': {'A': 'b\\r\\nc: d'}}",
	 "a header has no colon, or a line break"},
	{"{'url': 'https://x', 'oauth': 7}", "\"oauth\" is not an object, or false"},
	{"{'url': 'https://x', 'oauth': {'grant': 'password'}}",
	 "\"grant\" is none of \"authorization_code\""},
	{"{'url': 'https://x', 'oauth': {'auth_method': 'magic'}}",
	 "\"auth_method\" is none of \"client_secret_basic\""},
	{"{'url': 'https://x', 'oauth': {'redirect_port': 70000}}",
	 "\"redirect_port\" is not a port, 0 to 65535"},
	{"{'url': 'https://x', 'oauth': {'client_secret': 7}}",
	 "\"client_secret\" is not a string"},
};

static void tells_faults(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(faults); i++) {
		struct entry_reading reading;

		if (read_text(faults[i].entry, &reading) != ENTRY_BROKEN ||
		    !strstr(reading.why, faults[i].fault))
			fail_msg("%s: \"%s\" instead of \"%s\"", faults[i].entry, first_fault,
				 faults[i].fault);
		assert_string_equal(reading.why, first_fault);
		reading_clear(&reading);
	}
}

/* They change nothing, and are told. */
static void tells_what_has_no_effect(void **state)
{
	static const struct {
		const char *entry, *told;
	} cases[] = {
		{"{'command': 'a', 'x-mine': 1}", "\"x-mine\" is not known and has no effect"},
		{"{'command': 'a', 'trust': true}", "\"policy\" says what is allowed"},
		{"{'url': 'https://x', 'oauth': {'x-mine': 1}}",
		 "\"oauth\": \"x-mine\" is not known and has no effect"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct entry_reading reading;

		assert_int_equal(read_text(cases[i].entry, &reading), ENTRY_GOOD);
		if (!strstr(first_fault, cases[i].told))
			fail_msg("%s: %s", cases[i].entry, first_fault);
		reading_clear(&reading);
	}
}

static void lists_are(char *const *list, const char *const wanted[])
{
	for (; *wanted; wanted++, list++) {
		assert_non_null(*list);
		assert_string_equal(*list, *wanted);
	}
	assert_null(*list);
}
#define LIST_IS(list, ...) lists_are(list, (const char *const[]){__VA_ARGS__, NULL})

static void reads_commands(void **state)
{
	struct entry_reading reading;
	struct server_config *config;

	(void)state;
	assert_int_equal(read_text("{'args': ['b'], 'command': ['a', '-x'], 'timeout': 500,"
				   "'env': {'N': 1.5, 'B': true, 'S': 's'}, 'max_timeout_s': 2.5,"
				   "'roots': ['/a b', 'file:///c'], 'tools': ['*'], 'title': 7}",
				   &reading),
			 ENTRY_GOOD);
	config = reading.config;
	LIST_IS(config->argv, "a", "-x", "b");
	LIST_IS(config->env, "N=1.5", "B=true", "S=s");
	LIST_IS(config->roots, "file:///a%20b", "file:///c");
	LIST_IS(config->include_tools, "*");
	assert_int_equal(config->timeout_ms, SERVER_TIMEOUT_MS);
	assert_int_equal(config->max_timeout_ms, 2500);
	assert_int_equal(config->start_timeout_ms, SERVER_START_TIMEOUT_MS);
	reading_clear(&reading);
	/* Zed's; what downloads before it starts has longer for that, unless the entry says. */
	assert_int_equal(
		read_text("{'command': {'path': '/usr/bin/npx', 'args': ['-y'], 'env': {'A': 'b'}},"
			  "'policy': {'default': 'deny', 'ask': ['x*'], 'allow': ['y']}}",
			  &reading),
		ENTRY_GOOD);
	config = reading.config;
	LIST_IS(config->argv, "/usr/bin/npx", "-y");
	LIST_IS(config->env, "A=b");
	LIST_IS(config->policy.ask, "x*");
	LIST_IS(config->policy.allow, "y");
	assert_int_equal(config->policy.fallback, POLICY_DENY);
	assert_int_equal(config->start_timeout_ms, SERVER_START_TIMEOUT_FETCH_MS);
	reading_clear(&reading);
	assert_int_equal(read_text("{'command': 'npx', 'start_timeout_s': 5}", &reading),
			 ENTRY_GOOD);
	assert_int_equal(reading.config->start_timeout_ms, 5000);
	reading_clear(&reading);
}

static void reads_remote_servers(void **state)
{
	struct entry_reading reading;
	struct server_config *config;

	(void)state;
	assert_int_equal(
		read_text("{'serverUrl': 'https://x', 'headers': {'A': 'b', 'N': 1}, 'oauth':"
			  "{'clientId': 'me', 'clientSecret': 's', 'auth_method': "
			  "'client_secret_post', 'grant': 'client_credentials', 'scope': 'a b',"
			  "'callbackPort': 8765, 'private_network': true},"
			  "'sampling': {'requests': 3, 'max_tokens': 100, 'model': 'm'}}",
			  &reading),
		ENTRY_GOOD);
	config = reading.config;
	assert_int_equal(config->type, SERVER_TYPE_HTTP);
	LIST_IS(config->headers, "A: b", "N: 1");
	assert_string_equal(config->oauth.client_id, "me");
	assert_string_equal(config->oauth.client_secret, "s");
	assert_string_equal(config->oauth.auth_method, "client_secret_post");
	assert_int_equal(config->oauth.grant, OAUTH_CLIENT_CREDENTIALS);
	LIST_IS(config->oauth.scopes, "a", "b");
	assert_int_equal(config->oauth.redirect_port, 8765);
	assert_true(config->oauth.private_network);
	assert_true(config->sampling.on);
	assert_int_equal(config->sampling.requests, 3);
	assert_int_equal(config->sampling.max_tokens, 100);
	assert_string_equal(config->sampling.model, "m");
	reading_clear(&reading);
	assert_int_equal(
		read_text("{'url': 'http://x', 'oauth': false, 'sampling': false}", &reading),
		ENTRY_GOOD);
	assert_true(reading.config->oauth.off);
	assert_false(reading.config->sampling.on);
	reading_clear(&reading);
	assert_int_equal(
		read_text("{'url': 'http://x', 'oauth': {'scopes': ['a', 'b c']}}", &reading),
		ENTRY_GOOD);
	LIST_IS(reading.config->oauth.scopes, "a", "b c");
	reading_clear(&reading);
	assert_int_equal(
		read_text("{'type': 'call', 'url': 'http://x', 'tools': [ {'name': 'a'} ]}",
			  &reading),
		ENTRY_GOOD);
	assert_string_equal(reading.config->tools, "[{\"name\":\"a\"}]");
	reading_clear(&reading);
}

static void tells_switches_and_unset_variables(void **state)
{
	struct entry_reading reading;

	(void)state;
	assert_int_equal(read_text("{'disabled': true, 'description': 'x'}", &reading),
			 ENTRY_SWITCH);
	assert_false(reading.enabled);
	reading_clear(&reading);
	unsetenv("UNIT_UNSET");
	assert_int_equal(read_text("{'command': 'a', 'env': {'A': '${UNIT_UNSET}'}}", &reading),
			 ENTRY_UNRESOLVED);
	assert_string_equal(first_fault, "");
	assert_non_null(strstr(reading.why, "e.json:1: ${UNIT_UNSET} is not set"));
	reading_clear(&reading);
	assert_int_equal(read_text("[]", &reading), ENTRY_BROKEN);
	assert_string_equal(reading.why, "e.json:1:1: server \"it\" is not an object");
	reading_clear(&reading);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_faults),
		cmocka_unit_test(tells_what_has_no_effect),
		cmocka_unit_test(reads_commands),
		cmocka_unit_test(reads_remote_servers),
		cmocka_unit_test(tells_switches_and_unset_variables),
	};

	return cmocka_run_group_tests_name("entry_read", tests, NULL, NULL);
}
