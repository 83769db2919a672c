/* SPDX-License-Identifier: MIT */
/*
 * address: which network addresses somebody else may send us to.
 *
 * An address out of a document that a stranger wrote must not lead into the user's own machine or
 * network (server-side request forgery). Judged is the address that is connected to, after the name
 * was resolved, with the IPv4 address inside of IPv6 forms that carry one.
 */
#ifndef CORDPAIR_IO_ADDRESS_H
#define CORDPAIR_IO_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* Of the public internet: neither loopback, private, link-local, shared, reserved nor multicast. */
bool address_is_public(const struct sockaddr *address);
/* 127.0.0.0/8, ::1, and 127.0.0.0/8 as ::ffff:…. */
bool address_is_loopback(const struct sockaddr *address);
/* Both of them. */
bool address_is_public_or_loopback(const struct sockaddr *address);

#endif
