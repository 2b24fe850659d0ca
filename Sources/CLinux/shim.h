// What Swift's Glibc module lacks. _GNU_SOURCE is never defined here: it changes the members of fd_set, and
// Clang then refuses this module beside Glibc's, in whichever order a clean build happens to load them.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <pthread.h>
#include <spawn.h>

// Declared by glibc under _GNU_SOURCE only.
extern int pthread_setname_np(pthread_t thread, const char *name);
extern int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *actions, int from);

static inline int clinux_accept4(int fd, struct sockaddr *address, socklen_t *length) {
  return (int)syscall(SYS_accept4, fd, address, length, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
#endif
