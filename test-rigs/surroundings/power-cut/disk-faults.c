/* A disk that is slow, full or broken, as the switches say. They may be turned at any time. */
#define _GNU_SOURCE
#include "power-cut.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct switches sound = {.room = -1};
static volatile struct switches *switches = &sound;

__attribute__((constructor)) static void map_switches(void) {
  const char *file = getenv("POWER_CUT_SWITCHES");
  if (!file) return;
  int descriptor = (int)kernel(SYS_openat, AT_FDCWD, file, O_RDWR | O_CLOEXEC);
  if (descriptor < 0) abort();
  void *mapped = (void *)kernel(SYS_mmap, NULL, sizeof(struct switches), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
  if (mapped == MAP_FAILED) abort();
  switches = mapped;
  kernel(SYS_close, descriptor);
}

static int refuse(int error) {
  __atomic_add_fetch(&switches->refused, 1, __ATOMIC_RELAXED);
  errno = error;
  return -1;
}

void wait_for_disk(int is_sync) {
  int milliseconds = is_sync ? switches->sync_delay : switches->write_delay;
  if (milliseconds <= 0) return;
  struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  nanosleep(&pause, NULL);
}

ssize_t disk_takes(size_t length) {
  if (switches->write_error) return refuse(switches->write_error);
  int64_t room = switches->room;
  if (room < 0) return (ssize_t)length;
  if (room == 0 && length > 0) return refuse(ENOSPC);
  if ((uint64_t)room < length) length = (size_t)room;
  switches->room = room - (int64_t)length;
  return (ssize_t)length;
}

int disk_syncs(void) { return switches->sync_error ? refuse(switches->sync_error) : 0; }

int disk_lies(int descriptor) {
  if (!switches->lies) return 0;
  struct stat status;
  return fstat(descriptor, &status) == 0 && (switches->lies & (S_ISDIR(status.st_mode) ? 2 : 1)) != 0;
}
