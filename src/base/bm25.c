/* SPDX-License-Identifier: MIT */
/*
 * An inverted index in memory: a hash table of words, each with the documents that have it. A
 * word's endings are cut by a few rules, not by a dictionary: both sides of a comparison are cut in
 * the same way, so what is left need not be a word.
 */
#include "config.h"

#include "base/bm25.h"

#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define K1		 1.2  /* how soon more of the same word stops to count */
#define B		 0.75 /* how much a long document's words count less */
#define SLOTS_FIRST	 256
#define STEM_MIN_LETTERS 3

struct posting {
	size_t document;
	unsigned count;
};

struct word {
	char *text; /* NULL: the slot is free */
	struct posting *posting;
	size_t postings, room;
};

struct bm25 {
	struct word *slot;
	size_t slots; /* a power of two */
	size_t words;
	size_t *length; /* of each document, in words */
	size_t count, room, total_length;
};

/* Words out of a text */

enum byte_kind { KIND_NONE, KIND_SMALL, KIND_BIG, KIND_DIGIT };

static enum byte_kind kind_of(char byte)
{
	unsigned char c = (unsigned char)byte;

	if (c >= 'A' && c <= 'Z')
		return KIND_BIG;
	if (c >= '0' && c <= '9')
		return KIND_DIGIT;
	return (c >= 'a' && c <= 'z') || c > 127 ? KIND_SMALL : KIND_NONE;
}

/* Does a new word begin at text[i], which follows a letter or digit? */
static bool begins_word(const char *text, size_t len, size_t i)
{
	enum byte_kind before = kind_of(text[i - 1]), here = kind_of(text[i]);

	if (here != KIND_BIG)
		return false;
	/* list|Files; HTTP|Server, S3|Upload */
	return before == KIND_SMALL || (i + 1 < len && kind_of(text[i + 1]) == KIND_SMALL);
}

static bool ends_with(const char *word, size_t len, const char *end)
{
	size_t end_len = strlen(end);

	return len >= end_len && memcmp(word + len - end_len, end, end_len) == 0;
}

static bool has_vowel(const char *word, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (strchr("aeiouy", word[i]))
			return true;
	return false;
}

static size_t cut_plural(char *word, size_t len)
{
	if (len <= STEM_MIN_LETTERS || !ends_with(word, len, "s"))
		return len;
	if (ends_with(word, len, "ies")) {
		word[len - 3] = 'y';
		return len - 2;
	}
	if (ends_with(word, len, "sses") || ends_with(word, len, "xes") ||
	    ends_with(word, len, "ches") || ends_with(word, len, "shes"))
		return len - 2;
	return ends_with(word, len, "ss") || ends_with(word, len, "us") ||
			       ends_with(word, len, "is")
		       ? len
		       : len - 1;
}

/* "stopped", "stopping" as "stop"; "created", "creating" as "create" once its e is cut too. */
static size_t cut_verb(const char *word, size_t len)
{
	static const char *const ends[] = {"ing", "ed"};

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		size_t left = len - strlen(ends[i]);

		if (!ends_with(word, len, ends[i]) || left < STEM_MIN_LETTERS ||
		    !has_vowel(word, left))
			continue;
		if (word[left - 1] == word[left - 2] && !strchr("lsz", word[left - 1]))
			left--;
		return left;
	}
	return len;
}

static size_t stem(char *word, size_t len)
{
	len = cut_plural(word, len);
	len = cut_verb(word, len);
	if (len > STEM_MIN_LETTERS && word[len - 1] == 'e')
		len--;
	return len;
}

/* The next word at or behind *at, lowered and cut. 0: there is none. */
static size_t next_word(const char *text, size_t len, size_t *at, char word[BM25_WORD_MAX_BYTES])
{
	size_t count = 0, i = *at;

	while (i < len && kind_of(text[i]) == KIND_NONE)
		i++;
	for (size_t first = i; i < len && kind_of(text[i]) != KIND_NONE; i++) {
		if (i > first && begins_word(text, len, i))
			break;
		if (count < BM25_WORD_MAX_BYTES)
			word[count++] = kind_of(text[i]) == KIND_BIG ? (char)(text[i] - 'A' + 'a')
								     : text[i];
	}
	*at = i;
	return stem(word, count);
}

/* The table of words */

static uint64_t hash_of(const char *word, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325; /* FNV-1a */

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)word[i]) * 0x100000001b3;
	return hash;
}

/* The word's slot, or the free one where it belongs. */
static struct word *slot_of(const struct bm25 *index, const char *word, size_t len)
{
	size_t i = hash_of(word, len) & (index->slots - 1);

	while (index->slot[i].text &&
	       (strncmp(index->slot[i].text, word, len) != 0 || index->slot[i].text[len]))
		i = (i + 1) & (index->slots - 1);
	return &index->slot[i];
}

static void make_room(struct bm25 *index)
{
	struct word *old = index->slot;
	size_t slots = index->slots;

	if (index->words * 2 < slots)
		return;
	index->slots = slots ? slots * 2 : SLOTS_FIRST;
	index->slot = mem_new_array(index->slots, sizeof(*index->slot));
	for (size_t i = 0; i < slots; i++)
		if (old[i].text)
			*slot_of(index, old[i].text, strlen(old[i].text)) = old[i];
	free(old);
}

static struct word *take_word(struct bm25 *index, const char *text, size_t len)
{
	struct word *word;

	make_room(index);
	word = slot_of(index, text, len);
	if (!word->text) {
		word->text = mem_string_len(text, len);
		index->words++;
	}
	return word;
}

struct bm25 *bm25_new(void)
{
	return mem_new(sizeof(struct bm25));
}

void bm25_free(struct bm25 **index_p)
{
	struct bm25 *index = *index_p;

	if (!index)
		return;
	*index_p = NULL;
	for (size_t i = 0; i < index->slots; i++) {
		free(index->slot[i].text);
		free(index->slot[i].posting);
	}
	free(index->slot);
	free(index->length);
	free(index);
}

/* Documents */

void bm25_add_document(struct bm25 *index)
{
	if (index->count == index->room) {
		index->room = index->room ? index->room * 2 : 64;
		index->length =
			mem_resize_array(index->length, index->room, sizeof(*index->length));
	}
	index->length[index->count++] = 0;
}

static void count_word(struct word *word, size_t document, unsigned weight)
{
	if (word->postings == 0 || word->posting[word->postings - 1].document != document) {
		if (word->postings == word->room) {
			word->room = word->room ? word->room * 2 : 4;
			word->posting =
				mem_resize_array(word->posting, word->room, sizeof(*word->posting));
		}
		word->posting[word->postings++] = (struct posting){document, 0};
	}
	word->posting[word->postings - 1].count += weight;
}

void bm25_add_text(struct bm25 *index, const char *text, size_t len, unsigned weight)
{
	char word[BM25_WORD_MAX_BYTES];
	size_t at = 0, word_len;

	while ((word_len = next_word(text, len, &at, word)) > 0) {
		count_word(take_word(index, word, word_len), index->count - 1, weight);
		index->length[index->count - 1] += weight;
		index->total_length += weight;
	}
}

size_t bm25_count(const struct bm25 *index)
{
	return index->count;
}

/* Questions */

static void score_word(const struct bm25 *index, const struct word *word, double *score)
{
	const double has = (double)word->postings, count = (double)index->count;
	const double rarity = log(1 + (count - has + 0.5) / (has + 0.5));
	const double mean = (double)index->total_length / count;

	for (size_t i = 0; i < word->postings; i++) {
		const struct posting *posting = &word->posting[i];
		const double times = posting->count;
		const double length = (double)index->length[posting->document] / mean;

		score[posting->document] +=
			rarity * times * (K1 + 1) / (times + K1 * (1 - B + B * length));
	}
}

void bm25_score(const struct bm25 *index, const char *question, size_t len, double *score)
{
	bool *asked = mem_new_array(index->slots + 1, sizeof(*asked));
	char text[BM25_WORD_MAX_BYTES];
	size_t at = 0, text_len;

	for (size_t i = 0; i < index->count; i++)
		score[i] = 0;
	while (index->slots > 0 && (text_len = next_word(question, len, &at, text)) > 0) {
		const struct word *word = slot_of(index, text, text_len);

		/* A long prompt says "the" often: a word counts once. */
		if (!word->text || asked[word - index->slot])
			continue;
		asked[word - index->slot] = true;
		score_word(index, word, score);
	}
	free(asked);
}
