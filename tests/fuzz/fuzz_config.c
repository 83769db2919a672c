/* SPDX-License-Identifier: MIT */
/* A file of servers.d, of any dialect: positions stay, every entry is good or says why not. */
#include "config.h"

#include "base/mem.h"
#include "config/dialect.h"
#include "config/entry_read.h"
#include "fuzz.h"

static void on_fault(void *arg, const struct err *fault)
{
	(void)arg;
	MUST(*fault->text);
}

static void read_entry(const char *text, struct json_span object)
{
	const struct entry_source source = {
		.file = "fuzz.json",
		.text = text,
		.on_fault = on_fault,
	};
	struct entry_reading reading = {0};
	enum entry_outcome outcome = entry_read(&source, "it", object, &reading);

	MUST(outcome != ENTRY_GOOD || reading.config);
	MUST((outcome != ENTRY_BROKEN && outcome != ENTRY_UNRESOLVED) || reading.why);
	server_config_free(&reading.config);
	free(reading.why);
}

static void read_root(const char *text, size_t len)
{
	struct json_span root = {text, len}, map, name = {NULL, 0}, entry = {NULL, 0};

	while (root.len > 0 && strchr(" \t\r\n", *root.at)) {
		root.at++;
		root.len--;
	}
	if (json_span_kind(root) != JSON_OBJECT)
		return;
	if (dialect_of(root, &map) == DIALECT_ENTRY) {
		read_entry(text, root);
		return;
	}
	(void)dialect_nearest_root(root);
	while (json_span_kind(map) == JSON_OBJECT && json_span_next_member(map, &name, &entry))
		if (json_span_kind(entry) == JSON_OBJECT)
			read_entry(text, entry);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	char *text = mem_string_len((const char *)bytes, len);
	struct json_fault fault;

	dialect_to_json(text, len);
	for (size_t i = 0; i < len; i++)
		MUST((text[i] == '\n') == (bytes[i] == '\n'));
	if (json_check(text, len, &json_limits_default, NULL, &fault) == 0)
		read_root(text, len);
	free(text);
	return 0;
}
