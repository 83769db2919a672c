/* SPDX-License-Identifier: MIT */
/* Ranking: what a question's words find, and in which order. */
#include "unit.h"

#include "base/bm25.h"

static struct bm25 *index_of(const char *const documents[], size_t count)
{
	struct bm25 *index = bm25_new();

	for (size_t i = 0; i < count; i++) {
		bm25_add_document(index);
		bm25_add_text(index, documents[i], strlen(documents[i]), 1);
	}
	assert_int_equal(bm25_count(index), count);
	return index;
}

/* Does a document of this one text fit the question? */
static bool fits(const char *document, const char *question)
{
	struct bm25 *index = index_of(&document, 1);
	double score = -1;

	bm25_score(index, question, strlen(question), &score);
	bm25_free(&index);
	assert_null(index);
	return score > 0;
}

static void words_are_split_as_they_are_joined(void **state)
{
	(void)state;
	assert_true(fits("git__create_branch", "branch"));
	assert_true(fits("git__create_branch", "CREATE"));
	assert_true(fits("createPullRequest", "pull"));
	assert_true(fits("createPullRequest", "request"));
	assert_true(fits("getHTTPServer", "http"));
	assert_true(fits("getHTTPServer", "server"));
	assert_true(fits("a.b/c-d:e", "c"));
	assert_true(fits("sha256 of a file", "SHA256"));
	assert_true(fits("S3Upload", "s3"));
	assert_false(fits("createPullRequest", "pullrequest"));
	assert_false(fits("branch", "ranch"));
	assert_false(fits("branch", "bran"));
}

static void endings_do_not_matter(void **state)
{
	static const char *const same[][2] = {
		{"file", "files"},	   {"directory", "directories"},
		{"list", "listing"},	   {"create", "created"},
		{"create", "creating"},	   {"create", "creates"},
		{"stop", "stopped"},	   {"stop", "stopping"},
		{"search", "searches"},	   {"class", "classes"},
		{"box", "boxes"},	   {"push", "pushes"},
		{"message", "messages"},   {"commit", "committed"},
		{"install", "installing"}, {"process", "processing"},
		{"query", "queries"},
	};
	static const char *const other[][2] = {
		{"status", "stat"}, {"bus", "bu"}, {"need", "ne"}, {"string", "str"}, {"is", "i"}};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++)
		if (!fits(same[i][0], same[i][1]) || !fits(same[i][1], same[i][0]))
			fail_msg("%s is not %s", same[i][0], same[i][1]);
	for (size_t i = 0; i < COUNT(other); i++)
		if (fits(other[i][0], other[i][1]))
			fail_msg("%s is %s", other[i][0], other[i][1]);
}

static void other_alphabets_are_words(void **state)
{
	(void)state;
	assert_true(fits("größe ändern", "größe"));
	assert_true(fits("поиск файлов", "файлов"));
	assert_false(fits("größe", "gr"));
	assert_false(fits("поиск", "файлов"));
}

static void a_rare_word_outweighs_common_ones(void **state)
{
	static const char *const documents[] = {
		"read the file and show it",
		"write the file and close it",
		"the branch of the repository and the file of it",
		"show the weather",
	};
	double score[COUNT(documents)];
	struct bm25 *index = index_of(documents, COUNT(documents));
	const char *question = "show me the branch";

	(void)state;
	bm25_score(index, question, strlen(question), score);
	for (size_t i = 0; i < COUNT(documents); i++)
		assert_true(i == 2 || score[i] < score[2]);
	assert_true(score[3] > score[1]); /* shorter, and "show" is rarer than "the" */
	bm25_free(&index);
}

static void weight_and_repetition(void **state)
{
	struct bm25 *index = bm25_new();
	double score[3], again[3];

	(void)state;
	bm25_add_document(index); /* in the title */
	bm25_add_text(index, "branch", 6, 3);
	bm25_add_text(index, "makes a new thing here", 22, 1);
	bm25_add_document(index); /* in the text */
	bm25_add_text(index, "thing", 5, 3);
	bm25_add_text(index, "makes a new branch here", 23, 1);
	bm25_add_document(index);
	bm25_score(index, "branch", 6, score);
	assert_true(score[0] > score[1]);
	assert_true(score[1] > 0);
	assert_true(score[2] == 0);
	bm25_score(index, "branch branch Branches", 22, again);
	assert_memory_equal(score, again, sizeof(score));
	bm25_free(&index);
}

static void nothing_to_find(void **state)
{
	static const char *const documents[] = {"", "...", "a"};
	char *words = test_malloc(100000);
	struct bm25 *index = index_of(documents, COUNT(documents));
	double score[COUNT(documents)];

	(void)state;
	bm25_score(index, "", 0, score);
	assert_true(score[0] == 0 && score[1] == 0 && score[2] == 0);
	memset(words, 'x', 100000); /* one word of a strange length */
	bm25_score(index, words, 100000, score);
	assert_true(score[2] == 0);
	bm25_add_text(index, words, 100000, 1);
	bm25_score(index, words, BM25_WORD_MAX_BYTES, score);
	assert_true(score[2] > 0);
	bm25_free(&index);
	bm25_free(&index);
	index = bm25_new(); /* without a document */
	bm25_score(index, "a", 1, score);
	bm25_free(&index);
	test_free(words);
}

/* As many words as make the table grow several times. */
static void many_words(void **state)
{
	struct bm25 *index = bm25_new();
	double *score = test_malloc(5000 * sizeof(*score));
	char word[32];

	(void)state;
	for (int i = 0; i < 5000; i++) {
		snprintf(word, sizeof(word), "w%dq all", i);
		bm25_add_document(index);
		bm25_add_text(index, word, strlen(word), 1);
	}
	bm25_score(index, "W4711Q", 6, score);
	for (int i = 0; i < 5000; i++)
		assert_true((score[i] > 0) == (i == 4711));
	bm25_score(index, "all", 3, score);
	for (int i = 0; i < 5000; i++)
		assert_true(score[i] > 0);
	bm25_free(&index);
	test_free(score);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_split_as_they_are_joined),
		cmocka_unit_test(endings_do_not_matter),
		cmocka_unit_test(other_alphabets_are_words),
		cmocka_unit_test(a_rare_word_outweighs_common_ones),
		cmocka_unit_test(weight_and_repetition),
		cmocka_unit_test(nothing_to_find),
		cmocka_unit_test(many_words),
	};

	return cmocka_run_group_tests_name("bm25", tests, NULL, NULL);
}
