/* Files that are opened, written, resized, synced and closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interposed.h"

/* Opening. */

static mode_t mode_argument(int flags, va_list arguments) {
  return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(arguments, mode_t) : 0;
}

int open_followed(int directory, const char *path, int flags, mode_t mode) {
  path_buffer buffer;
  const char *known = followed_path(directory, path, buffer, sizeof buffer);
  if (!known) return (int)kernel(SYS_openat, directory, path, flags, mode);
  lock();
  struct stat status;
  int was_there = fstatat(directory, path, &status, 0) == 0;
  errno = 0;
  int descriptor = (int)kernel(SYS_openat, directory, path, flags, mode);
  if (descriptor >= 0) {
    int writes = (flags & O_ACCMODE) != O_RDONLY;
    if ((flags & O_TMPFILE) == O_TMPFILE || (writes && (flags & (O_SYNC | O_DSYNC)))) tell_beyond("open", known);
    fstat(descriptor, &status);
    if (S_ISREG(status.st_mode) || S_ISDIR(status.st_mode)) {
      uint32_t permissions = status.st_mode & 07777;
      uint64_t what = !was_there ? 1 : (flags & O_TRUNC) && writes ? 2 : 0;
      tell(OPENED, follow(descriptor), what, known, strlen(known), &permissions, sizeof permissions);
    }
  }
  unlock();
  return descriptor;
}

#define OPEN_AS(name, ...)                                     \
  va_list arguments;                                           \
  va_start(arguments, flags);                                  \
  mode_t mode = mode_argument(flags, arguments);               \
  va_end(arguments);                                           \
  return open_followed(__VA_ARGS__, flags, mode)

int open(const char *path, int flags, ...) { OPEN_AS(open, AT_FDCWD, path); }
int open64(const char *path, int flags, ...) { OPEN_AS(open64, AT_FDCWD, path); }
int openat(int directory, const char *path, int flags, ...) { OPEN_AS(openat, directory, path); }
int openat64(int directory, const char *path, int flags, ...) { OPEN_AS(openat64, directory, path); }
int creat(const char *path, mode_t mode) { return open_followed(AT_FDCWD, path, O_CREAT | O_WRONLY | O_TRUNC, mode); }
int creat64(const char *path, mode_t mode) { return creat(path, mode); }

int close_followed(int descriptor) {
  lock();
  forget(descriptor);
  int result = (int)kernel(SYS_close, descriptor);
  unlock();
  return result;
}

int close(int descriptor) { return close_followed(descriptor); }

int dup(int descriptor) {
  REAL(dup);
  lock();
  int copy = real(descriptor);
  if (copy >= 0) follow_copy(descriptor, copy);
  unlock();
  return copy;
}

int dup2(int descriptor, int copy) {
  REAL(dup2);
  lock();
  int result = real(descriptor, copy);
  if (result >= 0 && descriptor != copy) follow_copy(descriptor, copy);
  unlock();
  return result;
}

int dup3(int descriptor, int copy, int flags) {
  REAL(dup3);
  lock();
  int result = real(descriptor, copy, flags);
  if (result >= 0) follow_copy(descriptor, copy);
  unlock();
  return result;
}

/* Writing. */

static int told_descriptor(void) {
  static int descriptor = -2;
  if (descriptor == -2) {
    const char *text = getenv("POWER_CUT_TOLD");
    descriptor = text ? atoi(text) : -1;
  }
  return descriptor;
}

ssize_t write_followed(int descriptor, const void *data, size_t length, off_t offset) {
  lock();
  int is_followed = handle_of(descriptor) != 0;
  unlock();
  if (is_followed) wait_for_disk(0);
  lock();
  uint64_t handle = handle_of(descriptor);
  if (handle) {
    ssize_t taken = disk_takes(length);
    if (taken < 0) {
      unlock();
      return -1;
    }
    length = (size_t)taken;
  } else {
    /* Sockets and pipes may block for long. */
    unlock();
  }
  ssize_t written = offset < 0 ? kernel(SYS_write, descriptor, data, length)
                               : kernel(SYS_pwrite64, descriptor, data, length, offset);
  if (!handle) {
    if (written > 0 && descriptor == told_descriptor()) {
      lock();
      tell(TOLD, 0, 0, NULL, 0, data, (size_t)written);
      unlock();
    }
    return written;
  }
  if (written > 0) {
    if (offset < 0) offset = lseek(descriptor, 0, SEEK_CUR) - written;
    tell(WRITTEN, handle, (uint64_t)offset, NULL, 0, data, (size_t)written);
  }
  unlock();
  return written;
}

ssize_t write(int descriptor, const void *data, size_t length) { return write_followed(descriptor, data, length, -1); }
ssize_t pwrite(int descriptor, const void *data, size_t length, off_t offset) {
  return write_followed(descriptor, data, length, offset);
}
ssize_t pwrite64(int descriptor, const void *data, size_t length, off64_t offset) {
  return write_followed(descriptor, data, length, offset);
}

/* Several buffers: one by one where they go to a followed file, which may end in a short write, as any write may. */
ssize_t writev_followed(int descriptor, const struct iovec *parts, int count, off_t offset) {
  lock();
  int is_followed = handle_of(descriptor) != 0;
  unlock();
  if (!is_followed) {
    return offset < 0 ? kernel(SYS_writev, descriptor, parts, count)
                      : kernel(SYS_pwritev, descriptor, parts, count, (long)offset, 0L);
  }
  ssize_t sum = 0;
  for (int i = 0; i < count; i++) {
    ssize_t written = write_followed(descriptor, parts[i].iov_base, parts[i].iov_len, offset < 0 ? -1 : offset + sum);
    if (written < 0) return sum > 0 ? sum : -1;
    sum += written;
    if ((size_t)written < parts[i].iov_len) break;
  }
  return sum;
}

ssize_t writev(int descriptor, const struct iovec *parts, int count) {
  return writev_followed(descriptor, parts, count, -1);
}
ssize_t pwritev(int descriptor, const struct iovec *parts, int count, off_t offset) {
  return writev_followed(descriptor, parts, count, offset);
}
ssize_t pwritev64(int descriptor, const struct iovec *parts, int count, off64_t offset) {
  return writev_followed(descriptor, parts, count, offset);
}

int ftruncate(int descriptor, off_t size) {
  lock();
  int result = (int)kernel(SYS_ftruncate, descriptor, size);
  uint64_t handle = handle_of(descriptor);
  if (result == 0 && handle) tell(RESIZED, handle, (uint64_t)size, NULL, 0, NULL, 0);
  unlock();
  return result;
}
int ftruncate64(int descriptor, off64_t size) { return ftruncate(descriptor, size); }

int fallocate(int descriptor, int mode, off_t offset, off_t length) {
  REAL(fallocate);
  lock();
  uint64_t handle = handle_of(descriptor);
  if (handle && disk_takes(0) < 0) {
    unlock();
    return -1;
  }
  int result = real(descriptor, mode, offset, length);
  struct stat status;
  if (result == 0 && handle) {
    if (mode != 0 && mode != FALLOC_FL_KEEP_SIZE) tell_beyond("fallocate", "");
    fstat(descriptor, &status);
    tell(RESIZED, handle, (uint64_t)status.st_size, NULL, 0, NULL, 0);
  }
  unlock();
  return result;
}
int fallocate64(int descriptor, int mode, off64_t offset, off64_t length) {
  return fallocate(descriptor, mode, offset, length);
}
int posix_fallocate(int descriptor, off_t offset, off_t length) {
  return fallocate(descriptor, 0, offset, length) == 0 ? 0 : errno;
}
int posix_fallocate64(int descriptor, off64_t offset, off64_t length) {
  return posix_fallocate(descriptor, offset, length);
}

/* Syncing. fdatasync answers for the size as well, as far as it is needed to read what was written. */

int sync_followed(int descriptor, long call) {
  lock();
  uint64_t handle = handle_of(descriptor);
  uint64_t number = 0;
  if (handle && disk_lies(descriptor)) {
    unlock();
    return 0;
  }
  if (handle) {
    number = next_sync();
    tell(SYNC_BEGUN, handle, number, NULL, 0, NULL, 0);
  }
  unlock();
  if (handle) wait_for_disk(1);
  int result = handle && disk_syncs() != 0 ? -1 : (int)kernel(call, descriptor);
  if (!handle) return result;
  lock();
  tell(result == 0 ? SYNC_ENDED : SYNC_FAILED, handle, number, NULL, 0, NULL, 0);
  unlock();
  return result;
}

int fsync(int descriptor) { return sync_followed(descriptor, SYS_fsync); }
int fdatasync(int descriptor) { return sync_followed(descriptor, SYS_fdatasync); }
