/* Which paths and descriptors are followed, and the journal. */
#define _GNU_SOURCE
#include "power-cut.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST_DESCRIPTORS 65536

/* A descriptor is known by its file as well: should one be closed behind our back, its number is another file's next. */
static struct {
  uint64_t handle;
  dev_t device;
  ino_t inode;
} followed[MOST_DESCRIPTORS];

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static uint64_t handles, syncs;
static int journal = -1;

long kernel(long number, ...) {
  static long (*real)(long, ...);
  if (!real) real = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  va_list arguments;
  va_start(arguments, number);
  long a = va_arg(arguments, long), b = va_arg(arguments, long), c = va_arg(arguments, long);
  long d = va_arg(arguments, long), e = va_arg(arguments, long), f = va_arg(arguments, long);
  va_end(arguments);
  return real(number, a, b, c, d, e, f);
}

void lock(void) { pthread_mutex_lock(&mutex); }
void unlock(void) { pthread_mutex_unlock(&mutex); }

/* The journal must be whole, or there is no judging by it. */
static void give_up(const char *why) {
  fprintf(stderr, "power-cut shim: %s: %s\n", why, strerror(errno));
  abort();
}

static const char *root(void) {
  static const char *directory;
  if (!directory) {
    directory = getenv("POWER_CUT_DIRECTORY");
    if (!directory) directory = "";
  }
  return directory;
}

/* Takes "//", "/." and "/.." out of an absolute path, in place. Symbolic links are not looked at. */
static void straighten(char *path) {
  char *to = path;
  for (const char *from = path; *from;) {
    while (*from == '/') from++;
    size_t length = strcspn(from, "/");
    if (length == 2 && from[0] == '.' && from[1] == '.') {
      while (to > path && *--to != '/') {
      }
    } else if (length > 0 && !(length == 1 && from[0] == '.')) {
      *to++ = '/';
      memmove(to, from, length);
      to += length;
    }
    from += length;
  }
  *to = 0;
}

const char *followed_path(int directory, const char *path, char *buffer, size_t size) {
  const char *top = root();
  size_t length = strlen(top);
  if (length == 0 || !path) return NULL;
  char base[4096] = "";
  if (path[0] != '/') {
    char link[64];
    snprintf(link, sizeof link, directory == AT_FDCWD ? "/proc/self/cwd" : "/proc/self/fd/%d", directory);
    ssize_t got = kernel(SYS_readlinkat, AT_FDCWD, link, base, sizeof base - 1);
    if (got < 0) return NULL;
    base[got] = 0;
  }
  if ((size_t)snprintf(buffer, size, "%s/%s", base, path) >= size) return NULL;
  straighten(buffer);
  if (strncmp(buffer, top, length) != 0) return NULL;
  if (buffer[length] == 0) return "";
  return buffer[length] == '/' ? buffer + length + 1 : NULL;
}

static void open_journal(void) {
  const char *file = getenv("POWER_CUT_JOURNAL");
  if (!file) give_up("POWER_CUT_JOURNAL is not set");
  journal = (int)kernel(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (journal < 0) give_up(file);
}

void tell(enum kind kind, uint64_t handle, uint64_t offset, const char *path, size_t path_length, const void *data,
          size_t data_length) {
  if (journal < 0) open_journal();
  struct head head = {kind, (uint32_t)path_length, data_length, handle, offset};
  struct iovec parts[] = {{&head, sizeof head}, {(void *)path, path_length}, {(void *)data, data_length}};
  int saved = errno;
  ssize_t written = kernel(SYS_writev, journal, parts, 3);
  if (written != (ssize_t)(sizeof head + path_length + data_length)) give_up("the journal cannot be written");
  errno = saved;
}

void tell_two_paths(enum kind kind, const char *from, const char *to) {
  char both[8192];
  int length = snprintf(both, sizeof both, "%s%c%s", from, 0, to);
  tell(kind, 0, 0, both, (size_t)length, NULL, 0);
}

void tell_beyond(const char *deed, const char *path) {
  char text[8192];
  int length = snprintf(text, sizeof text, "%s %s", deed, path);
  tell(BEYOND, 0, 0, text, (size_t)length, NULL, 0);
}

uint64_t follow(int descriptor) {
  struct stat status;
  if (descriptor >= MOST_DESCRIPTORS || fstat(descriptor, &status) != 0) give_up("a descriptor cannot be followed");
  uint64_t handle = ((uint64_t)getpid() << 32) | ++handles;
  followed[descriptor].handle = handle;
  followed[descriptor].device = status.st_dev;
  followed[descriptor].inode = status.st_ino;
  return handle;
}

void forget(int descriptor) {
  if (descriptor >= 0 && descriptor < MOST_DESCRIPTORS) followed[descriptor].handle = 0;
}

uint64_t handle_of(int descriptor) {
  if (descriptor < 0 || descriptor >= MOST_DESCRIPTORS || !followed[descriptor].handle) return 0;
  int saved = errno;
  struct stat status;
  int same = fstat(descriptor, &status) == 0 && status.st_dev == followed[descriptor].device &&
             status.st_ino == followed[descriptor].inode;
  if (!same) forget(descriptor);
  errno = saved;
  return same ? followed[descriptor].handle : 0;
}

void follow_copy(int from, int to) {
  forget(to);
  if (to >= 0 && to < MOST_DESCRIPTORS && handle_of(from)) followed[to] = followed[from];
}

uint64_t next_sync(void) { return ++syncs; }
