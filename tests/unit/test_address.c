/* SPDX-License-Identifier: MIT */
/* Which addresses a stranger's document may send us to. */
#include "unit.h"

#include <arpa/inet.h>
#include <string.h>

#include "io/address.h"

static bool judge(const char *text, bool (*judge_fn)(const struct sockaddr *))
{
	struct sockaddr_in four = {.sin_family = AF_INET};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6};

	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		return judge_fn((struct sockaddr *)&four);
	assert_int_equal(inet_pton(AF_INET6, text, &six.sin6_addr), 1);
	return judge_fn((struct sockaddr *)&six);
}

static void public_addresses(void **state)
{
	static const char *const good[] = {
		"1.1.1.1",	    "8.8.8.8",	      "172.15.0.1",	 "172.32.0.1",
		"100.63.0.1",	    "100.128.0.1",    "192.167.255.255", "2606:4700::1",
		"64:ff9b::808:808", "::ffff:1.1.1.1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!judge(good[i], address_is_public))
			fail_msg("%s is public", good[i]);
}

static void private_addresses(void **state)
{
	static const char *const bad[] = {
		"0.0.0.0",
		"10.0.0.1",
		"100.64.0.1",
		"127.0.0.1",
		"127.255.255.255",
		"169.254.169.254",
		"172.16.0.1",
		"172.31.255.255",
		"192.0.0.1",
		"192.168.1.1",
		"198.18.0.1",
		"224.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"::ffff:127.0.0.1",
		"::ffff:a9fe:a9fe",
		"::7f00:1",
		"64:ff9b::7f00:1",
		"64:ff9b::a9fe:a9fe",
		"64:ff9b:1::1",
		"2002:7f00:1::",
		"2001::1",
		"2001:db8::1",
		"fc00::1",
		"fdff::1",
		"fe80::1",
		"fec0::1",
		"ff02::1",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (judge(bad[i], address_is_public))
			fail_msg("%s is not public", bad[i]);
}

static void loopback(void **state)
{
	(void)state;
	assert_true(judge("127.0.0.1", address_is_loopback));
	assert_true(judge("::1", address_is_loopback));
	assert_true(judge("::ffff:127.1.2.3", address_is_loopback));
	assert_false(judge("10.0.0.1", address_is_loopback));
	assert_false(judge("64:ff9b::7f00:1", address_is_loopback));
	assert_true(judge("127.0.0.1", address_is_public_or_loopback));
	assert_false(judge("169.254.169.254", address_is_public_or_loopback));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(public_addresses),
		cmocka_unit_test(private_addresses),
		cmocka_unit_test(loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
