// Runs the cases of fsverity.digest from index.tsv, without a JSON parser.
// Build and run: cc -o run run.c -lcrypto && ./run VECTORS
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 4096, COLUMNS = 12 };

// The value of the item "NAME=VALUE" in a column, in a buffer that the next call overwrites.
static const char *item(const char *column, const char *name) {
  static char value[8192];
  size_t length = strlen(name);
  for (const char *at = column; at && *at; at = strchr(at, ' ') ? strchr(at, ' ') + 1 : NULL) {
    if (strncmp(at, name, length) || at[length] != '=') continue;
    snprintf(value, sizeof value, "%.*s", (int)strcspn(at + length + 1, " "), at + length + 1);
    return value;
  }
  return NULL;
}

// The bytes of an input, a path or "generate:PATTERN:SIZE:SHA256", with room for a hash behind them.
static unsigned char *input(const char *folder, const char *source, size_t *size) {
  char pattern[4096], path[8192];
  if (sscanf(source, "generate:%4095[0-9a-f]:%zu", pattern, size) == 2) {
    unsigned char *bytes = calloc(*size + 64, 1);
    size_t period = strlen(pattern) / 2;
    for (size_t i = 0; i < *size; i++)
      if (i < period) sscanf(pattern + 2 * i, "%2hhx", bytes + i);
      else bytes[i] = bytes[i - period];
    return bytes;
  }
  snprintf(path, sizeof path, "%s/%s", folder, source);
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  fseek(file, 0, SEEK_END);
  *size = ftell(file);
  rewind(file);
  unsigned char *bytes = calloc(*size + 64, 1);
  if (fread(bytes, 1, *size, file) != *size) *size = 0;
  fclose(file);
  return bytes;
}

// The implementation: spec/fsverity.md. Overwrites `data` with hashes.
static void digest(const EVP_MD *hash, unsigned char number, unsigned char *data, size_t size, char *hex) {
  unsigned char descriptor[256] = {1, number, 12, 0}, block[BLOCK], out[64] = {0};
  unsigned width = EVP_MD_get_size(hash);
  for (int i = 0; i < 8; i++) descriptor[8 + i] = (unsigned long long)size >> (8 * i);
  for (size_t level = size, blocks; level > 0; level = blocks * width) {
    blocks = (level + BLOCK - 1) / BLOCK;
    for (size_t i = 0; i < blocks; i++) {
      size_t used = level - i * BLOCK < BLOCK ? level - i * BLOCK : BLOCK;
      memset(block, 0, BLOCK);
      memcpy(block, data + i * BLOCK, used);
      EVP_Digest(block, BLOCK, out, NULL, hash, NULL);
      memcpy(data + i * width, out, width);
    }
    if (blocks == 1) break;
  }
  if (size > 0) memcpy(descriptor + 16, out, width);
  EVP_Digest(descriptor, sizeof descriptor, out, NULL, hash, NULL);
  for (unsigned i = 0; i < width; i++) sprintf(hex + 2 * i, "%02x", out[i]);
}

int main(int count, char **arguments) {
  if (count != 2) return 2;
  char path[4096];
  snprintf(path, sizeof path, "%s/index.tsv", arguments[1]);
  FILE *index = fopen(path, "r");
  if (!index) return 2;
  static char line[1 << 20];
  int passed = 0, failed = 0, left_out = 0;
  while (fgets(line, sizeof line, index)) {
    line[strcspn(line, "\n")] = 0;
    char *rest = line, *column[COLUMNS] = {0};
    for (int i = 0; i < COLUMNS && rest; i++) column[i] = strsep(&rest, "\t");
    if (!column[COLUMNS - 1] || strcmp(column[1], "fsverity.digest")) continue;
    const char *needs = column[8], *algorithm = item(column[6], "algorithm");
    int is_256 = algorithm && !strcmp(algorithm, "fsverity-sha256-12");
    int is_512 = algorithm && !strcmp(algorithm, "fsverity-sha512-12");
    if (*needs && strcmp(needs, "digest.sha256-12") && strcmp(needs, "digest.sha512-12")) {
      left_out++;
      continue;
    }
    int ok;
    if (is_256 || is_512) {
      size_t size;
      char hex[129] = "";
      const char *source = item(column[5], "data");
      unsigned char *data = source ? input(arguments[1], source, &size) : NULL;
      if (data) digest(is_256 ? EVP_sha256() : EVP_sha512(), is_256 ? 1 : 2, data, size, hex);
      free(data);
      const char *expected = item(column[7], "digest");
      ok = !strcmp(column[3], "accept") && expected && !strcmp(hex, expected);
    } else {
      ok = !strcmp(column[3], "reject") && strstr(column[7], "REQUEST_ALGORITHM");
    }
    if (ok) passed++;
    else failed++, printf("FAIL %s - %s\n", column[0], column[11]);
  }
  printf("%d passed, %d failed, %d left out\n", passed, failed, left_out);
  return failed > 0 || passed == 0;
}
