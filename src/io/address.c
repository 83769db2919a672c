/* SPDX-License-Identifier: MIT */
/* Two tables of prefixes, from the IANA special-purpose registries (RFC 6890). */
#include "config.h"

#include "io/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct prefix4 {
	uint32_t address;
	unsigned bits;
};

static const struct prefix4 special4[] = {
	{0x00000000, 8},  /* this network */
	{0x0a000000, 8},  /* private */
	{0x64400000, 10}, /* shared: 100.64.0.0 */
	{0x7f000000, 8},  /* loopback */
	{0xa9fe0000, 16}, /* link-local, where clouds keep their metadata */
	{0xac100000, 12}, /* private */
	{0xc0000000, 24}, /* protocol assignments */
	{0xc0000200, 24}, /* documentation */
	{0xc0586300, 24}, /* 6to4 relays */
	{0xc0a80000, 16}, /* private */
	{0xc6120000, 15}, /* benchmarks */
	{0xc6336400, 24}, /* documentation */
	{0xcb007100, 24}, /* documentation */
	{0xe0000000, 3},  /* multicast, reserved, broadcast */
};

static const struct prefix6 {
	unsigned char bytes[8];
	unsigned bits;
} special6[] = {
	{{0x01, 0x00}, 64},		   /* discard */
	{{0x20, 0x01, 0x00, 0x00}, 23},	   /* protocol assignments, Teredo */
	{{0x20, 0x01, 0x0d, 0xb8}, 32},	   /* documentation */
	{{0x20, 0x02}, 16},		   /* 6to4 */
	{{0x3f, 0xff}, 20},		   /* documentation */
	{{0x5f, 0x00}, 16},		   /* segment routing */
	{{0, 0x64, 0xff, 0x9b, 0, 1}, 48}, /* NAT64 of a network's own */
	{{0xfc, 0x00}, 7},		   /* unique local */
	{{0xfe, 0x80}, 9},		   /* link-local, and what was site-local */
	{{0xff, 0x00}, 8},		   /* multicast */
};

static bool is_public4(uint32_t address)
{
	for (size_t i = 0; i < sizeof(special4) / sizeof(special4[0]); i++)
		if ((address ^ special4[i].address) >> (32 - special4[i].bits) == 0)
			return false;
	return true;
}

static bool begins_with(const unsigned char *bytes, const unsigned char *prefix, unsigned bits)
{
	const unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(bytes, prefix, whole) == 0 &&
	       (rest == 0 || (bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

/* The IPv4 address that the last 32 bits are: ::ffff:0:0/96 and NAT64's 64:ff9b::/96. */
static bool carries4(const unsigned char bytes[16], uint32_t *four)
{
	static const unsigned char mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
	static const unsigned char nat64[12] = {0, 0x64, 0xff, 0x9b};

	if (memcmp(bytes, mapped, 12) != 0 && memcmp(bytes, nat64, 12) != 0)
		return false;
	*four = (uint32_t)bytes[12] << 24 | (uint32_t)bytes[13] << 16 | (uint32_t)bytes[14] << 8 |
		bytes[15];
	return true;
}

static bool is_public6(const unsigned char bytes[16])
{
	static const unsigned char zero[12] = {0};
	uint32_t four;

	if (carries4(bytes, &four))
		return is_public4(four);
	if (memcmp(bytes, zero, 12) == 0) /* ::, ::1, and what was once IPv4 in IPv6 */
		return false;
	for (size_t i = 0; i < sizeof(special6) / sizeof(special6[0]); i++)
		if (begins_with(bytes, special6[i].bytes, special6[i].bits))
			return false;
	return true;
}

bool address_is_public(const struct sockaddr *address)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&four, address, sizeof(four));
		return is_public4(ntohl(four.sin_addr.s_addr));
	case AF_INET6:
		memcpy(&six, address, sizeof(six));
		return is_public6(six.sin6_addr.s6_addr);
	default:
		return false;
	}
}

bool address_is_loopback(const struct sockaddr *address)
{
	struct sockaddr_in four;
	struct sockaddr_in6 six;
	uint32_t carried;

	switch (address->sa_family) {
	case AF_INET:
		memcpy(&four, address, sizeof(four));
		return ntohl(four.sin_addr.s_addr) >> 24 == 127;
	case AF_INET6:
		memcpy(&six, address, sizeof(six));
		return IN6_IS_ADDR_LOOPBACK(&six.sin6_addr) ||
		       (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr) &&
			carries4(six.sin6_addr.s6_addr, &carried) && carried >> 24 == 127);
	default:
		return false;
	}
}

bool address_is_public_or_loopback(const struct sockaddr *address)
{
	return address_is_public(address) || address_is_loopback(address);
}
