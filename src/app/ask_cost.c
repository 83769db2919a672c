/* SPDX-License-Identifier: MIT */
/* Each answer is recorded when it came: a run that is killed has cost what it has cost. */
#include "config.h"

#include "app/ask_cost.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/money.h"
#include "base/paths.h"
#include "trust/spending.h"

#define COST_MIN_USD 1e-9 /* less is the error of a sum */

/* A person who set a limit for the day must know when it cannot be kept. */
static void tell_no_record(struct program *program, const struct err *err)
{
	if (program->settings.cost_per_day > 0)
		program_fail(program, err);
	else
		log_detail("%s", err->text);
}

void ask_cost_record(struct ask_cost *cost, struct program *program, double usd)
{
	char *dir = usd > COST_MIN_USD ? paths_state("spending") : NULL;
	struct err err;

	cost->recorded += usd;
	if (dir && spending_add(dir, usd, &err))
		tell_no_record(program, &err);
	free(dir);
}

int ask_cost_begin(struct ask_cost *cost, const struct settings *settings, struct err *err)
{
	double limit = settings->cost_per_day;
	char *dir = limit > 0 ? paths_state("spending") : NULL;
	struct buf text = BUF_INIT;
	int status = 0;

	if (dir)
		status = spending_today(dir, &cost->spent_today, err);
	if (status == 0 && limit > 0 && cost->spent_today >= limit) {
		money_append(&text, cost->spent_today);
		buf_append_text(&text, " were spent today: the limit of ");
		money_append(&text, limit);
		buf_append_text(&text, " a day is reached (\"cost_per_day\" in settings.json)");
		status = err_set(err, ERR_INCOMPLETE, "%s", buf_text(&text));
	}
	buf_clear(&text);
	free(dir);
	return status;
}

double ask_cost_limit(const struct ask_cost *cost, const struct settings *settings)
{
	double left = settings->cost_per_day - cost->spent_today;

	return settings->cost_per_day > 0 && left < settings->cost ? left : settings->cost;
}

void ask_cost_record_all(struct ask_cost *cost, struct program *program, double usd)
{
	ask_cost_record(cost, program, usd - cost->recorded);
}
