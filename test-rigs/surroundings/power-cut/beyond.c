/* Ways around the functions that are followed: told as BEYOND where they touch the directory, or closed. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "interposed.h"

/* A stream writes by the library's inner functions, which cannot be followed. Reading is no matter. */
static void refuse_stream(const char *path, const char *mode) {
  path_buffer buffer;
  const char *known = followed_path(AT_FDCWD, path, buffer, sizeof buffer);
  if (!known || !strpbrk(mode, "wa+")) return;
  lock();
  tell_beyond("fopen", known);
  unlock();
}

FILE *fopen(const char *path, const char *mode) {
  REAL(fopen);
  refuse_stream(path, mode);
  return real(path, mode);
}

FILE *fopen64(const char *path, const char *mode) {
  REAL(fopen64);
  refuse_stream(path, mode);
  return real(path, mode);
}

int truncate(const char *path, off_t size) {
  REAL(truncate);
  BEYOND_AT("truncate", AT_FDCWD, path);
  return real(path, size);
}
int truncate64(const char *path, off64_t size) { return truncate(path, size); }
int symlink(const char *target, const char *path) {
  REAL(symlink);
  BEYOND_AT("symlink", AT_FDCWD, path);
  return real(target, path);
}
char *mkdtemp(char *pattern) {
  REAL(mkdtemp);
  BEYOND_AT("mkdtemp", AT_FDCWD, pattern);
  return real(pattern);
}
int mkstemp64(char *pattern) {
  REAL(mkstemp64);
  BEYOND_AT("mkstemp", AT_FDCWD, pattern);
  return real(pattern);
}

void beyond_descriptor(const char *deed, int descriptor) {
  lock();
  if (handle_of(descriptor)) tell_beyond(deed, "");
  unlock();
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t count) {
  REAL(sendfile64);
  beyond_descriptor("sendfile", out);
  return real(out, in, offset, count);
}
ssize_t sendfile(int out, int in, off_t *offset, size_t count) { return sendfile64(out, in, offset, count); }

static void tell_mapping(int protection, int flags, int descriptor) {
  if (!(protection & PROT_WRITE) || !(flags & MAP_SHARED) || (flags & MAP_ANONYMOUS)) return;
  lock();
  uint64_t handle = handle_of(descriptor);
  if (handle) tell(MAPPED, handle, 0, NULL, 0, NULL, 0);
  unlock();
}

void *mmap64(void *address, size_t length, int protection, int flags, int descriptor, off64_t offset) {
  if (!(flags & MAP_ANONYMOUS)) tell_mapping(protection, flags, descriptor);
  return (void *)kernel(SYS_mmap, address, length, protection, flags, descriptor, offset);
}
void *mmap(void *address, size_t length, int protection, int flags, int descriptor, off_t offset) {
  return mmap64(address, length, protection, flags, descriptor, offset);
}

/*
 * libuv closes files, and writes several buffers at a place, by this function. io_uring would do everything out of sight:
 * the kernel has none, as far as the program can tell.
 */
long syscall(long number, ...) {
  va_list arguments;
  va_start(arguments, number);
  long a = va_arg(arguments, long), b = va_arg(arguments, long), c = va_arg(arguments, long);
  long d = va_arg(arguments, long), e = va_arg(arguments, long), f = va_arg(arguments, long);
  va_end(arguments);
  switch (number) {
    case SYS_close:
      return close_followed((int)a);
    case SYS_write:
      return write_followed((int)a, (const void *)b, (size_t)c, -1);
    case SYS_pwrite64:
      return write_followed((int)a, (const void *)b, (size_t)c, d);
    case SYS_writev:
      return writev_followed((int)a, (const struct iovec *)b, (int)c, -1);
    case SYS_pwritev:
    case SYS_pwritev2:
      return writev_followed((int)a, (const struct iovec *)b, (int)c, d);
    case SYS_fsync:
    case SYS_fdatasync:
      return sync_followed((int)a, number);
    case SYS_ftruncate:
      return ftruncate((int)a, b);
    case SYS_renameat2:
      return rename_followed((int)a, (const char *)b, (int)c, (const char *)d, (unsigned)e);
    case SYS_copy_file_range:
      beyond_descriptor("copy_file_range", (int)c);
      break;
    case SYS_io_uring_setup:
      errno = ENOSYS;
      return -1;
    case SYS_openat:
      return open_followed((int)a, (const char *)b, (int)c, (mode_t)d);
    case SYS_openat2: {
      BEYOND_AT("openat2", (int)a, (const char *)b);
      break;
    }
  }
  return kernel(number, a, b, c, d, e, f);
}
