/*
 * The functions of the C library that stand between a program and its files, with the journal behind them. Node and the
 * SQLite inside it call these (`nm -D --undefined-only node`); libuv closes files, and writes several buffers at once,
 * by syscall(2), which is a function of the library too. What could pass by unseen ends the journal with BEYOND.
 */
#pragma once
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/uio.h>

#include "power-cut.h"

/* The library's own function of that name. */
#define REAL(name)                                             \
  static __typeof__(name) *real;                               \
  if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

/* Ends the journal when the path is below the directory. */
#define BEYOND_AT(deed, directory, path)                                        \
  path_buffer buffer;                                                           \
  const char *known = followed_path(directory, path, buffer, sizeof buffer);    \
  if (known) {                                                                  \
    lock();                                                                     \
    tell_beyond(deed, known);                                                   \
    unlock();                                                                   \
  }

typedef char path_buffer[8192];

int open_followed(int directory, const char *path, int flags, mode_t mode);
int close_followed(int descriptor);
/* `offset` -1: where the descriptor stands. */
ssize_t write_followed(int descriptor, const void *data, size_t length, off_t offset);
ssize_t writev_followed(int descriptor, const struct iovec *parts, int count, off_t offset);
/* `call`: SYS_fsync or SYS_fdatasync. */
int sync_followed(int descriptor, long call);
int rename_followed(int old_directory, const char *from, int new_directory, const char *to, unsigned flags);
/* Ends the journal when the descriptor is followed. */
void beyond_descriptor(const char *deed, int descriptor);
