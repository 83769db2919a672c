/* SPDX-License-Identifier: MIT */
/*
 * JSON: what the check takes json-c parses; what is printed is good, is read as the same, and is
 * printed the same again; a compact copy keeps the meaning.
 */
#include "config.h"

#include "base/json.h"
#include "base/json_equal.h"
#include "base/json_write.h"
#include "fuzz.h"

static void check_again(const struct buf *text)
{
	struct json_object *again = NULL;
	struct buf second = BUF_INIT;
	struct err err;

	MUST(json_parse(buf_text(text), text->len, &json_limits_default, &again, &err) == 0);
	json_print(again, &second);
	MUST(second.len == text->len && memcmp(second.data, text->data, text->len) == 0);
	json_put(&again);
	buf_clear(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
	const char *text = (const char *)bytes;
	struct json_object *value = NULL;
	struct buf printed = BUF_INIT, compact = BUF_INIT;
	struct json_fault fault;
	struct err err;
	size_t nodes;
	const int good = json_check(text, len, &json_limits_default, &nodes, &fault) == 0;

	MUST(good || (fault.what && fault.offset <= len));
	if (json_parse(text, len, &json_limits_default, &value, &err) == 0) {
		MUST(good && nodes > 0);
		json_print(value, &printed);
		check_again(&printed);
		json_write_compact(&compact, text, len);
		MUST(json_check(buf_text(&compact), compact.len, &json_limits_default, NULL,
				&fault) == 0);
		MUST(!memchr(compact.data, '\n', compact.len));
	}
	json_put(&value);
	buf_clear(&printed);
	buf_clear(&compact);
	return 0;
}
