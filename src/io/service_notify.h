/* SPDX-License-Identifier: MIT */
/*
 * service_notify: tells the service manager how the service is (sd_notify(3)).
 */
#ifndef CORDPAIR_IO_SERVICE_NOTIFY_H
#define CORDPAIR_IO_SERVICE_NOTIFY_H

/* "READY=1", "STATUS=…", several by newlines. Does nothing without $NOTIFY_SOCKET. */
void service_notify(const char *state);

#endif
