/*
 * look_up_labels FILE: looks up the labels of paths with libselinux in the file of contexts FILE, and in the files
 * that libselinux reads beside it.
 *
 * Each record of the input is one byte for the file type (- d l c b p), the path, and a NUL. Each line of the output
 * answers one record: "=" and the label, "-" if libselinux finds none, or "!" and the error of the lookup.
 *
 * Exits with 1 if libselinux rejects the files, and with 2 if the input is not as above.
 */
#include <errno.h>
#include <selinux/label.h>
#include <selinux/selinux.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>

static int log_to_stderr(int type, const char *format, ...)
{
  va_list arguments;
  (void)type;
  va_start(arguments, format);
  vfprintf(stderr, format, arguments);
  va_end(arguments);
  return 0;
}

static int mode_of(char letter)
{
  switch (letter) {
  case '-':
    return S_IFREG;
  case 'd':
    return S_IFDIR;
  case 'l':
    return S_IFLNK;
  case 'c':
    return S_IFCHR;
  case 'b':
    return S_IFBLK;
  case 'p':
    return S_IFIFO;
  default:
    return 0;
  }
}

int main(int count, char **arguments)
{
  union selinux_callback callback = {.func_log = log_to_stderr};
  struct selinux_opt options[] = {{SELABEL_OPT_PATH, count == 2 ? arguments[1] : NULL}};
  struct selabel_handle *handle;
  char *record = NULL;
  size_t room = 0;
  ssize_t length;

  if (count != 2)
    return 2;
  selinux_set_callback(SELINUX_CB_LOG, callback);
  handle = selabel_open(SELABEL_CTX_FILE, options, 1);
  if (handle == NULL) {
    fprintf(stderr, "selabel_open: %s\n", strerror(errno));
    return 1;
  }
  while ((length = getdelim(&record, &room, 0, stdin)) > 0) {
    char *label = NULL;
    int mode = mode_of(record[0]);

    if (mode == 0 || length < 3 || record[length - 1] != 0)
      return 2;
    /* Raw: a translated label would depend on a daemon of the machine. */
    if (selabel_lookup_raw(handle, &label, record + 1, mode) == 0)
      printf("=%s\n", label);
    else if (errno == ENOENT)
      puts("-");
    else
      printf("!%s\n", strerror(errno));
    freecon(label);
  }
  free(record);
  selabel_close(handle);
  return ferror(stdin) != 0 || fflush(stdout) != 0 ? 2 : 0;
}
