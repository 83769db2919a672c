/* SPDX-License-Identifier: MIT */
/* fake_features: resources and prompts of the fake server. */
#ifndef CORDPAIR_TESTS_FAKE_FEATURES_H
#define CORDPAIR_TESTS_FAKE_FEATURES_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/json_check.h"

#define FAKE_FEATURES_CAPABILITIES "\"resources\":{},\"prompts\":{},\"logging\":{},"

/* false: it is no method of a feature. An empty result: there is no such thing (-32602). */
bool fake_features_answer(struct json_span method, struct json_span params, struct buf *result);

#endif
