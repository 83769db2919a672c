/* SPDX-License-Identifier: MIT */
/*
 * terminal_asker: asks the person at /dev/tty, showing the complete arguments. The default is No.
 */
#ifndef CORDPAIR_APP_TERMINAL_ASKER_H
#define CORDPAIR_APP_TERMINAL_ASKER_H

#include "io/loop.h"
#include "trust/asker.h"

/* NULL when there is no terminal to ask at, or we are not in its foreground. */
struct asker *terminal_asker_new(struct loop *loop);
void terminal_asker_free(struct asker **asker);

#endif
