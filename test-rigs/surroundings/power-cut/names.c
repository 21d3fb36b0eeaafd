/* Names that come, go and change in a directory. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include "interposed.h"

int rename_followed(int old_directory, const char *from, int new_directory, const char *to, unsigned flags) {
  path_buffer from_buffer, to_buffer;
  const char *known_from = followed_path(old_directory, from, from_buffer, sizeof from_buffer);
  const char *known_to = followed_path(new_directory, to, to_buffer, sizeof to_buffer);
  lock();
  int result = (int)kernel(SYS_renameat2, old_directory, from, new_directory, to, flags);
  if (result == 0 && (known_from || known_to)) {
    if (known_from && known_to && (flags & ~1u) == 0) tell_two_paths(RENAMED, known_from, known_to);
    else tell_beyond("rename across the border or exchange", known_from ? known_from : known_to);
  }
  unlock();
  return result;
}

int rename(const char *from, const char *to) { return rename_followed(AT_FDCWD, from, AT_FDCWD, to, 0); }
int renameat(int old_directory, const char *from, int new_directory, const char *to) {
  return rename_followed(old_directory, from, new_directory, to, 0);
}
int renameat2(int old_directory, const char *from, int new_directory, const char *to, unsigned flags) {
  return rename_followed(old_directory, from, new_directory, to, flags);
}

int linkat(int old_directory, const char *from, int new_directory, const char *to, int flags) {
  path_buffer from_buffer, to_buffer;
  const char *known_from = followed_path(old_directory, from, from_buffer, sizeof from_buffer);
  const char *known_to = followed_path(new_directory, to, to_buffer, sizeof to_buffer);
  lock();
  int result = (int)kernel(SYS_linkat, old_directory, from, new_directory, to, flags);
  if (result == 0 && (known_from || known_to)) {
    if (known_from && known_to) tell_two_paths(LINKED, known_from, known_to);
    else tell_beyond("link across the border", known_from ? known_from : known_to);
  }
  unlock();
  return result;
}
int link(const char *from, const char *to) { return linkat(AT_FDCWD, from, AT_FDCWD, to, 0); }

int unlinkat(int directory, const char *path, int flags) {
  path_buffer buffer;
  const char *known = followed_path(directory, path, buffer, sizeof buffer);
  lock();
  int result = (int)kernel(SYS_unlinkat, directory, path, flags);
  if (result == 0 && known) tell(REMOVED, 0, 0, known, strlen(known), NULL, 0);
  unlock();
  return result;
}
int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }
int remove(const char *path) {
  int result = unlink(path);
  return result != 0 && (errno == EISDIR || errno == EPERM) ? rmdir(path) : result;
}

int mkdirat(int directory, const char *path, mode_t mode) {
  path_buffer buffer;
  const char *known = followed_path(directory, path, buffer, sizeof buffer);
  lock();
  int result = (int)kernel(SYS_mkdirat, directory, path, mode);
  struct stat status;
  if (result == 0 && known && fstatat(directory, path, &status, 0) == 0) {
    uint32_t permissions = status.st_mode & 07777;
    tell(DIRECTORY, 0, 0, known, strlen(known), &permissions, sizeof permissions);
  }
  unlock();
  return result;
}
int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

/* A socket leaves a name, which stays when its process does not. */
int bind(int descriptor, const struct sockaddr *address, socklen_t length) {
  REAL(bind);
  int result = real(descriptor, address, length);
  if (result != 0 || address->sa_family != AF_UNIX || length <= offsetof(struct sockaddr_un, sun_path)) return result;
  const char *path = ((const struct sockaddr_un *)address)->sun_path;
  path_buffer buffer;
  const char *known = path[0] ? followed_path(AT_FDCWD, path, buffer, sizeof buffer) : NULL;
  if (!known) return result;
  lock();
  tell(SOCKET, 0, 0, known, strlen(known), NULL, 0);
  unlock();
  return result;
}
