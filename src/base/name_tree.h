/* SPDX-License-Identifier: MIT */
/*
 * name_tree: names that must not come twice, found in logarithmic time whatever a peer chooses them
 * to be (tsearch(3) of the C library, so there is nothing to collide). Names are borrowed.
 */
#ifndef CORDPAIR_BASE_NAME_TREE_H
#define CORDPAIR_BASE_NAME_TREE_H

#include <stdbool.h>

struct name_tree {
	void *root; /* zero it before the first use */
};

/* False: it is there already, and the one of before stays. */
bool name_tree_add(struct name_tree *tree, const char *name);
/* The pointer that was added, or NULL. */
const char *name_tree_find(const struct name_tree *tree, const char *name);
void name_tree_clear(struct name_tree *tree);

#endif
