/* SPDX-License-Identifier: MIT */
/* A run costs between a thousandth of a cent and a few dollars: fixed digits would hide the one. */
#include "config.h"

#include "base/money.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void money_append(struct buf *out, double usd)
{
	char text[64];
	size_t len;

	snprintf(text, sizeof(text), usd >= 1 || usd <= -1 ? "%.2f" : "%.6f", usd);
	len = strlen(text);
	if (usd < 1 && usd > -1) {
		while (text[len - 1] == '0')
			len--;
		len -= text[len - 1] == '.';
	}
	buf_append(out, text, len);
	buf_append_text(out, " USD");
}

bool money_parse(const char *text, double *usd)
{
	char *end;

	errno = 0;
	*usd = strtod(text, &end);
	return !errno && end != text && !*end && *usd > 0 && *usd <= MONEY_MAX_USD;
}
