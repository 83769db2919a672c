/* SPDX-License-Identifier: MIT */
/*
 * paths: where files live, by the XDG Base Directory Specification.
 *
 * Every function returns a new string (free()), or NULL where the location does not exist because
 * neither the variable nor HOME is set. Relative XDG values are ignored, as the specification says.
 */
#ifndef CORDPAIR_BASE_PATHS_H
#define CORDPAIR_BASE_PATHS_H

char *paths_config(const char *relative); /* $XDG_CONFIG_HOME/cordpair/relative */
char *paths_state(const char *relative);  /* $XDG_STATE_HOME/cordpair/relative */
char *paths_cache(const char *relative);  /* $XDG_CACHE_HOME/cordpair/relative */
/* $XDG_RUNTIME_DIR/cordpair/relative; without it paths_state("run/relative"). */
char *paths_runtime(const char *relative);

/*
 * A program that ships with cordpair ("keeper", "engine", "demo-endpoint", "cordpair-files"):
 * beside the running executable in the build tree, else in the place that was configured. Never
 * NULL.
 */
char *paths_program(const char *name);
/* The vendor's data directory: the source tree's when run from the build tree. Never NULL. */
char *paths_vendor(const char *relative);

#endif
