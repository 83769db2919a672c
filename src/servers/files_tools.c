/* SPDX-License-Identifier: MIT */
/* What the model is told of the tools: names, parameters, shapes of replies. */
#include "config.h"

#include "servers/files_tools.h"

#include "servers/files_walk.h"

#define PATH_HELP   "; relative, as list_files shows it"
#define DEPTH_TEXT  "how many levels of folders to go down; 1 is the folder itself only"
#define HIDDEN_TEXT "also names that begin with a dot"

static const struct mcp_param list_params[] = {
	{"path", MCP_STRING, .min = 1, .description = "the folder" PATH_HELP " (default \".\")"},
	{"depth", MCP_INTEGER, .min = 1, .max = WALK_DEPTH_MAX,
	 .description = DEPTH_TEXT " (default 1)"},
	{"hidden", MCP_BOOLEAN, .description = HIDDEN_TEXT " (default false)"},
	{"max_entries", MCP_INTEGER, .min = 1, .max = FILES_ENTRIES_MAX,
	 .description = "most entries to show (default 1000)"},
	{0},
};

static const struct mcp_param read_params[] = {
	{"path", MCP_STRING, .required = true, .min = 1, .description = "the file" PATH_HELP},
	{"offset", MCP_INTEGER, .max = INT64_C(1) << 53,
	 .description = "byte to begin at (default 0); search_files gives offsets of lines"},
	{"max_bytes", MCP_INTEGER, .min = 4, .max = FILES_READ_MAX,
	 .description = "most bytes to read (default 65536)"},
	{0},
};

static const struct mcp_param search_params[] = {
	{"text", MCP_STRING, .min = 1,
	 .description = "literal text to find in files (no expression), within one line"},
	{"glob", MCP_STRING, .min = 1,
	 .description = "only files whose name fits, such as \"*.c\"; without text, the names "
			"that fit are the result"},
	{"path", MCP_STRING, .min = 1,
	 .description = "the folder or file to search" PATH_HELP " (default \".\")"},
	{"ignore_case", MCP_BOOLEAN, .description = "a is A, for ASCII letters (default false)"},
	{"hidden", MCP_BOOLEAN, .description = HIDDEN_TEXT " (default false)"},
	{"depth", MCP_INTEGER, .min = 1, .max = WALK_DEPTH_MAX,
	 .description = DEPTH_TEXT " (default 32)"},
	{"max_matches", MCP_INTEGER, .min = 1, .max = FILES_MATCHES_MAX,
	 .description = "most matching lines to show (default 100)"},
	{0},
};

static const struct mcp_param info_params[] = {
	{"path", MCP_STRING, .required = true, .min = 1,
	 .description = "the file or folder" PATH_HELP},
	{0},
};

#define STRING_SCHEMA  "{\"type\":\"string\"}"
#define INTEGER_SCHEMA "{\"type\":\"integer\"}"
#define CUT_SCHEMA     "\"complete\":{\"type\":\"boolean\"},\"cut_by\":" STRING_SCHEMA
#define ENTRY_SCHEMA                                                                     \
	"\"path\":" STRING_SCHEMA ",\"type\":" STRING_SCHEMA ",\"size\":" INTEGER_SCHEMA \
	",\"modified\":" STRING_SCHEMA

static const char list_output[] =
	"{\"type\":\"object\",\"properties\":{\"entries\":{\"type\":\"array\",\"items\":"
	"{\"type\":\"object\",\"properties\":{" ENTRY_SCHEMA
	"},\"required\":[\"path\",\"type\"]}}," CUT_SCHEMA
	"},\"required\":[\"entries\",\"complete\"]}";

static const char search_output[] =
	"{\"type\":\"object\",\"properties\":{\"matches\":{\"type\":\"array\",\"items\":"
	"{\"type\":\"object\",\"properties\":{\"path\":" STRING_SCHEMA ",\"line\":" INTEGER_SCHEMA
	",\"offset\":" INTEGER_SCHEMA ",\"text\":" STRING_SCHEMA "},\"required\":[\"path\"]}},"
	"\"files_searched\":" INTEGER_SCHEMA ",\"binary_skipped\":" INTEGER_SCHEMA "," CUT_SCHEMA
	"},\"required\":[\"matches\",\"files_searched\",\"binary_skipped\",\"complete\"]}";

static const char info_output[] =
	"{\"type\":\"object\",\"properties\":{" ENTRY_SCHEMA ",\"mode\":" STRING_SCHEMA
	",\"target\":" STRING_SCHEMA "},\"required\":[\"path\",\"type\",\"mode\"]}";

const struct mcp_tool files_tools[] = {
	{
		.name = "list_files",
		.title = "List files",
		.description = "List what is in a folder, with types and sizes. Symbolic links are "
			       "shown but not followed.",
		.params = list_params,
		.output_schema = list_output,
		.fn = files_list,
	},
	{
		.name = "read_file",
		.title = "Read a text file",
		.description = "Read a text file, or a part of it. Binary files are only said to "
			       "be binary.",
		.params = read_params,
		.fn = files_read,
	},
	{
		.name = "search_files",
		.title = "Search files",
		.description = "Find lines that hold a text, in all text files below a folder, or "
			       "find files by name.",
		.params = search_params,
		.output_schema = search_output,
		.fn = files_find,
	},
	{
		.name = "file_info",
		.title = "File information",
		.description = "Type, size, permissions and time of one file or folder; of a "
			       "symbolic link, where it points.",
		.params = info_params,
		.output_schema = info_output,
		.fn = files_info,
	},
	{0},
};
