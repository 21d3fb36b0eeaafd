/*
 * The power-cut shim: preloaded into a program (LD_PRELOAD), it writes down what the program does to the files below one
 * directory, in order, so that another program can work out afterwards which states of that directory a power cut may
 * leave behind. It changes nothing about what the program does, unless a switch says that the disk is at fault.
 *
 *   POWER_CUT_DIRECTORY  the directory that is followed: absolute, without symbolic links
 *   POWER_CUT_JOURNAL    the file that is written; must stand outside of that directory
 *   POWER_CUT_TOLD       optional: a descriptor; what the program writes to it is told as well, in its place among the
 *                        deeds, so that whoever judges a cut knows what the program had said by then
 *   POWER_CUT_SWITCHES   optional: a file of struct switches, shared with whoever turns them
 *
 * The journal is written with plain writes, which the kernel keeps when the program is killed. Each record is written
 * right after what it tells of, under one lock, so records stand in the order of the deeds. A deed whose record the kill
 * prevented was under way at the cut: whatever it did may not have reached the medium, which is what its absence says.
 * A sync is told at its beginning and at its end: it answers for what was written before it began, once it has ended.
 */
#pragma once
#include <stdint.h>
#include <sys/types.h>

/* What a record tells. The path is relative to the directory; where there are two, a NUL stands between them. */
enum kind {
  OPENED = 1,      /* handle, path; offset: 1 created, 2 emptied; data: 4 bytes of permission bits */
  WRITTEN = 2,     /* handle, offset, data */
  RESIZED = 3,     /* handle; offset: new size */
  SYNC_BEGUN = 4,  /* handle; offset: number of this sync */
  SYNC_ENDED = 5,  /* handle; offset: number of the sync that was successful */
  RENAMED = 6,     /* path: old NUL new */
  LINKED = 7,      /* path: old NUL new */
  REMOVED = 8,     /* path of a file, a socket or an empty directory */
  DIRECTORY = 9,   /* path of a new directory; data: 4 bytes of permission bits */
  SOCKET = 10,     /* path of a new socket */
  MAPPED = 11,     /* handle: mapped for shared writing; what is written through the mapping is not seen */
  SYNC_FAILED = 12,/* handle; offset: number of the sync that was refused */
  BEYOND = 13,     /* path: what the program did that this shim does not follow; the journal is of no use from here on */
  TOLD = 14        /* data: written to the descriptor of POWER_CUT_TOLD */
};

/* Head of a record, little endian; the path and the data follow. */
struct head {
  uint32_t kind;
  uint32_t path_length;
  uint64_t data_length;
  uint64_t handle;
  uint64_t offset;
};

/* Faults of the disk, for writes and syncs below the directory. All zero, and room -1: a sound disk. */
struct switches {
  int32_t write_error;   /* errno that every write fails with */
  int32_t sync_error;    /* errno that every sync fails with */
  int32_t write_delay;   /* milliseconds before every write */
  int32_t sync_delay;    /* milliseconds before every sync */
  int64_t room;          /* bytes that may still be written before ENOSPC; the write that reaches it is cut short */
  int64_t refused;       /* counts writes and syncs that were made to fail */
  int32_t lies;          /* 1: syncs of files are answered and not done; 2: syncs of directories; 3: both */
  int32_t padding;
};

/* The library's own syscall(2): the function of that name is ours. */
long kernel(long number, ...);

/* Path below the directory of what `path`, taken from `directory` (a descriptor or AT_FDCWD), names; NULL: not below. */
const char *followed_path(int directory, const char *path, char *buffer, size_t size);

void lock(void);
void unlock(void);

/* All of these are called with the lock held. */
void tell(enum kind kind, uint64_t handle, uint64_t offset, const char *path, size_t path_length, const void *data,
          size_t data_length);
void tell_two_paths(enum kind kind, const char *from, const char *to);
void tell_beyond(const char *deed, const char *path);
/* Follows an open descriptor from now on; returns its handle. */
uint64_t follow(int descriptor);
void forget(int descriptor);
/* Handle of a followed descriptor, 0 for any other one. */
uint64_t handle_of(int descriptor);
/* Another descriptor for the same open file. */
void follow_copy(int from, int to);
uint64_t next_sync(void);

/* Waits as a slow disk does. Called without the lock. */
void wait_for_disk(int is_sync);
/* How many of `length` bytes the disk takes; -1 and errno when it refuses. */
ssize_t disk_takes(size_t length);
/* 0, or -1 and errno when the disk refuses to sync. */
int disk_syncs(void);
/* Whether the disk says that it has synced this descriptor's file and has not. */
int disk_lies(int descriptor);
