/* SPDX-License-Identifier: MIT */
/*
 * The lock decides who may bind, so a socket that is found without its lock being held is a dead
 * one's. The lock file stays: were it removed, two could each hold a lock on a file of that name.
 */
#include "config.h"

#include "io/local_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "io/file.h"

#define INHERITED_FD   3 /* SD_LISTEN_FDS_START */
#define PID_TEXT_BYTES 32

struct local_listener {
	struct loop *loop;
	local_accept_fn *fn;
	void *arg;
	char *path;
	int fd, lock_fd;
	bool inherited;
	struct loop_watch watch;
	struct loop_timer retry;
};

/* Addresses */

/* A path that is too long for an address is reached by its directory. Then *dir_fd is to be closed
 * afterwards, else it is -1. */
static int make_address(const char *path, struct sockaddr_un *address, int *dir_fd, struct err *err)
{
	const char *slash = strrchr(path, '/');
	struct buf name = BUF_INIT;
	char *dir;
	int status = 0;

	*address = (struct sockaddr_un){.sun_family = AF_UNIX};
	*dir_fd = -1;
	buf_append_text(&name, path);
	if (slash && name.len >= sizeof(address->sun_path)) {
		dir = mem_string_len(path, (size_t)(slash - path) + 1);
		*dir_fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (*dir_fd < 0)
			status = err_set_os(err, ERR_UNAVAILABLE, errno, "%.150s", path);
		free(dir);
		buf_truncate(&name, 0);
		buf_format(&name, "/proc/self/fd/%d%s", *dir_fd, slash);
	}
	if (!status && name.len >= sizeof(address->sun_path))
		status = err_set_os(err, ERR_UNAVAILABLE, ENAMETOOLONG, "%.150s", path);
	if (!status)
		memcpy(address->sun_path, buf_text(&name), name.len);
	buf_clear(&name);
	return status;
}

static void close_if_open(int fd)
{
	if (fd >= 0)
		close(fd);
}

static int new_socket(void)
{
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
}

/* The lock */

static int check_directory(const char *path, struct err *err)
{
	char *dir = mem_string_len(path, (size_t)(strrchr(path, '/') - path));
	struct stat info;
	int status = 0;

	if (lstat(dir, &info))
		status = err_set_os(err, ERR_UNAVAILABLE, errno, "%.150s", dir);
	else if (!S_ISDIR(info.st_mode) || info.st_uid != geteuid() || (info.st_mode & 077))
		status = err_set(err, ERR_PERMISSION,
				 "%.150s has to be a directory of your own, closed to all others: "
				 "`chmod 700` closes it",
				 dir);
	free(dir);
	return status;
}

static void say_who_holds(int fd, const char *path, struct err *err)
{
	char text[PID_TEXT_BYTES];
	const ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	text[strspn(text, "0123456789")] = '\0';
	err_set(err, ERR_UNAVAILABLE, "a daemon runs already%s%s, at %.150s",
		*text ? ", process " : "", text, path);
	err->os_errno = EADDRINUSE;
}

/* A lock of the open file: it can be asked for without being taken. */
static struct flock whole_file(void)
{
	return (struct flock){.l_type = F_WRLCK, .l_whence = SEEK_SET};
}

bool local_socket_is_served(const char *path)
{
	char *name = mem_format("%s.lock", path);
	int fd = open(name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct flock lock = whole_file();
	const bool served = fd >= 0 && fcntl(fd, F_OFD_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;

	free(name);
	close_if_open(fd);
	return served;
}

static int take_lock(const char *path, struct err *err)
{
	char *name = mem_format("%s.lock", path), *pid = mem_format("%ld\n", (long)getpid());
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	struct flock lock = whole_file();

	if (fd < 0)
		err_set_os(err, ERR_UNAVAILABLE, errno, "%.150s", name);
	else if (fcntl(fd, F_OFD_SETLK, &lock) && (errno == EAGAIN || errno == EACCES))
		say_who_holds(fd, path, err);
	else if (ftruncate(fd, 0) || pwrite(fd, pid, strlen(pid), 0) < 0)
		err_set_os(err, ERR_UNAVAILABLE, errno, "%.150s", name);
	else
		goto taken;
	close_if_open(fd);
	fd = -1;
taken:
	free(name);
	free(pid);
	return fd;
}

/* Listening */

static bool is_listening_socket(int fd)
{
	int family = 0, listening = 0;
	socklen_t len = sizeof(int);

	return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == 0 && family == AF_UNIX &&
	       getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening;
}

/* sd_listen_fds(3): -1 when there is none. */
static int take_inherited(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	const bool ours =
		pid && fds && strtol(pid, NULL, 10) == (long)getpid() && strtol(fds, NULL, 10) >= 1;

	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	if (!ours || !is_listening_socket(INHERITED_FD))
		return -1;
	fcntl(INHERITED_FD, F_SETFD, FD_CLOEXEC);
	fcntl(INHERITED_FD, F_SETFL, fcntl(INHERITED_FD, F_GETFL) | O_NONBLOCK);
	return INHERITED_FD;
}

static int bind_and_listen(const char *path, struct err *err)
{
	struct sockaddr_un address;
	const mode_t mask = umask(0177);
	int fd, dir_fd, status = -1;

	fd = new_socket();
	if (make_address(path, &address, &dir_fd, err) == 0) {
		(void)!unlink(path);
		if (fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 &&
		    listen(fd, LOCAL_SOCKET_BACKLOG) == 0)
			status = 0;
		else
			err_set_os(err, ERR_UNAVAILABLE, errno, "cannot listen at %.150s", path);
	}
	umask(mask);
	close_if_open(dir_fd);
	if (status == 0)
		return fd;
	close_if_open(fd);
	return -1;
}

static bool is_our_own(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && len == sizeof(peer) &&
	       peer.uid == geteuid();
}

static void retry(void *arg)
{
	struct local_listener *listener = arg;

	loop_watch_change(&listener->watch, POLLIN);
}

static void acceptable(void *arg, short revents)
{
	struct local_listener *listener = arg;

	(void)revents;
	for (int i = 0; i < LOCAL_SOCKET_ACCEPTS && listener->fd >= 0; i++) {
		int fd = accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 &&
		    (errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS)) {
			loop_watch_pause(&listener->watch);
			loop_timer_start(listener->loop, &listener->retry, LOCAL_SOCKET_RETRY_MS,
					 retry, listener);
		}
		if (fd < 0)
			return;
		if (is_our_own(fd)) {
			listener->fn(listener->arg, fd);
		} else {
			log_warning("another user's process connected to %s: refused",
				    listener->path);
			close(fd);
		}
	}
}

struct local_listener *local_listener_new(struct loop *loop, const char *path, local_accept_fn *fn,
					  void *arg, struct err *err)
{
	struct local_listener *listener;
	int lock_fd, fd, inherited;

	if (file_make_parents(path, err) || check_directory(path, err))
		return NULL;
	lock_fd = take_lock(path, err);
	if (lock_fd < 0)
		return NULL;
	inherited = take_inherited();
	fd = inherited >= 0 ? inherited : bind_and_listen(path, err);
	if (fd < 0) {
		close(lock_fd);
		return NULL;
	}
	listener = mem_new(sizeof(*listener));
	*listener = (struct local_listener){
		.loop = loop,
		.fn = fn,
		.arg = arg,
		.path = mem_string(path),
		.fd = fd,
		.lock_fd = lock_fd,
		.inherited = inherited >= 0,
	};
	loop_watch_start(loop, &listener->watch, fd, POLLIN, acceptable, listener);
	return listener;
}

void local_listener_free(struct local_listener **listener_p)
{
	struct local_listener *listener = *listener_p;

	if (!listener)
		return;
	*listener_p = NULL;
	loop_watch_stop(&listener->watch);
	loop_timer_stop(&listener->retry);
	if (!listener->inherited)
		(void)!unlink(listener->path);
	close(listener->fd);
	close(listener->lock_fd);
	free(listener->path);
	listener->path = NULL;
	listener->fd = -1;
	loop_free_later(listener->loop, listener, free);
}

/* Connecting */

int local_socket_connect(const char *path, struct err *err)
{
	struct sockaddr_un address;
	int fd, dir_fd, status;

	if (make_address(path, &address, &dir_fd, err))
		return -1;
	fd = new_socket();
	status = fd < 0 ? -1 : connect(fd, (struct sockaddr *)&address, sizeof(address));
	if (status)
		err_set_os(err, ERR_UNAVAILABLE, errno, "%.150s", path);
	close_if_open(dir_fd);
	if (status == 0)
		return fd;
	close_if_open(fd);
	return -1;
}
