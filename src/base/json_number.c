/* SPDX-License-Identifier: MIT */
/* Decimal arithmetic on the text: a double would call 0.0075 no multiple of 0.0001. */
#include "config.h"

#include "base/json_number.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EXPONENT_MAX 1000000000L /* beyond, a number is as good as 0 or endless */
#define DIGITS_MAX   18		 /* that fit in 64 bits */
#define SHIFT_MAX    1000000L

__extension__ typedef unsigned __int128 wide;

struct decimal { /* digits × 10^exponent; no zeros at either end; no digits: zero */
	bool negative;
	struct buf digits;
	long exponent;
};

static void decimal_read(struct json_span number, struct decimal *decimal)
{
	const char *at = number.at, *end = at + number.len;
	bool fraction = false;
	struct buf *digits = &decimal->digits;

	*decimal = (struct decimal){.digits = BUF_INIT};
	if (at < end && *at == '-') {
		decimal->negative = true;
		at++;
	}
	for (; at < end && *at != 'e' && *at != 'E'; at++) {
		if (*at == '.') {
			fraction = true;
			continue;
		}
		decimal->exponent -= fraction;
		if (digits->len > 0 || *at != '0')
			buf_append_char(digits, *at);
	}
	if (at < end) {
		long exponent = strtol(at + 1, NULL, 10);

		if (exponent > EXPONENT_MAX)
			exponent = EXPONENT_MAX;
		if (exponent < -EXPONENT_MAX)
			exponent = -EXPONENT_MAX;
		decimal->exponent += exponent;
	}
	while (digits->len > 0 && digits->data[digits->len - 1] == '0') {
		buf_truncate(digits, digits->len - 1);
		decimal->exponent++;
	}
	if (digits->len == 0) {
		decimal->exponent = 0;
		decimal->negative = false;
	}
}

bool json_number_is_integer(struct json_span number)
{
	struct decimal decimal;
	bool integer;

	decimal_read(number, &decimal);
	integer = decimal.exponent >= 0;
	buf_clear(&decimal.digits);
	return integer;
}

void json_number_canonical(struct json_span number, struct buf *out)
{
	struct decimal decimal;

	decimal_read(number, &decimal);
	buf_format(out, "%s%se%ld", decimal.negative ? "-" : "", buf_text(&decimal.digits),
		   decimal.exponent);
	buf_clear(&decimal.digits);
}

int json_number_compare(struct json_span a, struct json_span b)
{
	long double first = strtold(a.at, NULL), second = strtold(b.at, NULL);

	return (first > second) - (first < second);
}

/* a × b mod m */
static uint64_t multiply_mod(uint64_t a, uint64_t b, uint64_t m)
{
	return (uint64_t)((wide)a * b % m);
}

static uint64_t digits_mod(const struct buf *digits, uint64_t m)
{
	uint64_t rest = 0;

	for (size_t i = 0; i < digits->len; i++)
		rest = (uint64_t)(((wide)rest * 10 + (wide)(digits->data[i] - '0')) % m);
	return rest;
}

static uint64_t power_mod(long exponent, uint64_t m)
{
	uint64_t result = 1 % m, base = 10 % m;

	for (; exponent > 0; exponent >>= 1) {
		if (exponent & 1)
			result = multiply_mod(result, base, m);
		base = multiply_mod(base, base, m);
	}
	return result;
}

/* Both made whole by the same power of ten. False: the divisor does not fit in 64 bits. */
static bool exact_multiple(const struct decimal *number, const struct decimal *divisor,
			   bool *multiple)
{
	long common = number->exponent < divisor->exponent ? number->exponent : divisor->exponent;
	long number_shift = number->exponent - common, divisor_shift = divisor->exponent - common;
	uint64_t m;

	if (divisor->digits.len + (size_t)(divisor_shift < 99 ? divisor_shift : 99) > DIGITS_MAX)
		return false;
	m = strtoull(buf_text(&divisor->digits), NULL, 10);
	for (long i = 0; i < divisor_shift; i++)
		m *= 10;
	*multiple = m != 0 && multiply_mod(digits_mod(&number->digits, m),
					   power_mod(number_shift, m), m) == 0;
	return true;
}

bool json_number_is_multiple(struct json_span number, struct json_span divisor)
{
	struct decimal a, b;
	bool multiple;

	decimal_read(number, &a);
	decimal_read(divisor, &b);
	if (a.digits.len == 0)
		multiple = true;
	else if (!exact_multiple(&a, &b, &multiple))
		multiple = fmodl(strtold(number.at, NULL), strtold(divisor.at, NULL)) == 0;
	buf_clear(&a.digits);
	buf_clear(&b.digits);
	return multiple;
}
