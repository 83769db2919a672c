/* SPDX-License-Identifier: MIT */
/* {"type":"function","function":{…}}; nothing in it depends on the other tools. */
#include "config.h"

#include "agent/tool_definition.h"

#include <string.h>

#include "base/json_write.h"

void tool_definition_write(struct buf *out, const char *name, const char *description,
			   const char *schema, enum schema_family family, struct schema_key **key,
			   size_t *keys)
{
	struct schema_lowered lowered;

	schema_lower(schema, family, &lowered);
	buf_append_text(out, "{\"type\":\"function\",\"function\":{");
	json_write_member(out, "name", name);
	/* Bedrock refuses an empty description, so an empty one is left out. */
	if (description && *description)
		json_write_member(out, "description", description);
	json_write_member_json(out, "parameters", lowered.parameters, strlen(lowered.parameters));
	buf_append_text(out, "}}");
	if (key) {
		*key = lowered.key;
		*keys = lowered.keys;
		lowered.key = NULL;
		lowered.keys = 0;
	}
	schema_lowered_clear(&lowered);
}
