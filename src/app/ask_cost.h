/* SPDX-License-Identifier: MIT */
/*
 * ask_cost: what runs cost, kept so that a limit of the day holds over all of them.
 */
#ifndef CORDPAIR_APP_ASK_COST_H
#define CORDPAIR_APP_ASK_COST_H

#include "app/program.h"

struct ask_cost {	    /* USD; zero it */
	double spent_today; /* by earlier runs */
	double recorded;    /* of this one */
};

/* -1: the day's limit is reached (ERR_INCOMPLETE). */
int ask_cost_begin(struct ask_cost *cost, const struct settings *settings, struct err *err)
	__attribute__((warn_unused_result));
/* Of the run: its own, or what the day has left. */
double ask_cost_limit(const struct ask_cost *cost, const struct settings *settings);
/* So much more. Where there is a limit of the day, a failure to keep it is the program's. */
void ask_cost_record(struct ask_cost *cost, struct program *program, double usd);
/* The whole run: what of it is not recorded yet. */
void ask_cost_record_all(struct ask_cost *cost, struct program *program, double usd);

#endif
