/* SPDX-License-Identifier: MIT */
/*
 * bm25: which of some short texts fit the words of a question best (Okapi BM25: Robertson and
 * Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009).
 *
 * Words are split where programmers join them (snake_case, camelCase, HTTPServer, "a-b.c"), small
 * and big letters are the same, and the commonest English endings are cut off ("files", "filing"),
 * so that a question need not be in the words of a name. Bytes above 127 are letters.
 */
#ifndef CORDPAIR_BASE_BM25_H
#define CORDPAIR_BASE_BM25_H

#include <stddef.h>

#define BM25_WORD_MAX_BYTES 40 /* what follows is not compared */

struct bm25;
struct bm25 *bm25_new(void) __attribute__((returns_nonnull, warn_unused_result));
void bm25_free(struct bm25 **index);

/* Begins the next document; their numbers count from 0. */
void bm25_add_document(struct bm25 *index);
/* To the document begun last. A word counts `weight` times: that of a title more than others. */
void bm25_add_text(struct bm25 *index, const char *text, size_t len, unsigned weight);
size_t bm25_count(const struct bm25 *index);

/* score[i] of each document: 0 when it has none of the question's words, else above 0. */
void bm25_score(const struct bm25 *index, const char *question, size_t len, double *score);

#endif
