/* SPDX-License-Identifier: MIT */
/* The keys are the names themselves; nothing of them is copied. */
#include "config.h"

#include "base/name_tree.h"

#include <search.h>
#include <string.h>

#include "base/mem.h"

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

bool name_tree_add(struct name_tree *tree, const char *name)
{
	const char *const *node = tsearch(name, &tree->root, compare);

	if (!node)
		mem_exhausted();
	return *node == name;
}

const char *name_tree_find(const struct name_tree *tree, const char *name)
{
	const char *const *node = tfind(name, &tree->root, compare);

	return node ? *node : NULL;
}

static void keep_name(void *name)
{
	(void)name;
}

void name_tree_clear(struct name_tree *tree)
{
	tdestroy(tree->root, keep_name);
	tree->root = NULL;
}
