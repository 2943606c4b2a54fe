/* An adapter for the composefs-oci conformance suite, in C99 and POSIX.
 *
 * Requests come on stdin, answers go to stdout, one JSON object a line. Text for people goes to stderr.
 * conformance/README.md of the suite describes the protocol. */
#define _POSIX_C_SOURCE 200809L
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

/* Declare only what your implementation can do: everything else is not tested. */
static const char hello[] =
    "{\"type\":\"hello\",\"protocol\":1,"
    "\"implementation\":{\"name\":\"my-tool\",\"version\":\"0.1.0\",\"language\":\"C\"},"
    "\"specVersions\":[\"1.0\"],\"operations\":[\"fsverity.digest\"],\"features\":[\"digest.sha256-12\"]}";

/* Copies the value of one string member of line into value; returns 0 if there is none that fits. This works because
 * the runner writes JSON without spaces, and the values of these members contain no quotes or backslashes. An adapter
 * that needs more should use a JSON parser. */
static int field(const char *line, const char *name, char *value, size_t size)
{
	char start[64];
	const char *from, *end;

	value[0] = '\0';
	snprintf(start, sizeof start, "\"%s\":\"", name);
	from = strstr(line, start);
	if (from == NULL)
		return 0;
	from += strlen(start);
	end = strchr(from, '"');
	if (end == NULL || (size_t)(end - from) >= size)
		return 0;
	memcpy(value, from, (size_t)(end - from));
	value[end - from] = '\0';
	return 1;
}

enum result { ACCEPTED, REJECTED, FAILED };

/* A rejection says that the input is wrong; a failure, that something else went wrong. */
static enum result fsverity_digest(const char *path, const char *algorithm, char digest[65])
{
	if (strcmp(algorithm, "fsverity-sha256-12") != 0)
		return REJECTED;
	/* TODO: the fs-verity digest of the file in hex, with your implementation. */
	(void)path;
	digest[0] = '\0';
	return FAILED;
}

static void answer(const char *line)
{
	char id[64], op[64], algorithm[64], data[4096], digest[65];

	field(line, "id", id, sizeof id);
	field(line, "op", op, sizeof op);
	field(line, "algorithm", algorithm, sizeof algorithm);
	printf("{\"type\":\"done\",\"id\":\"%s\",", id);
	if (strcmp(op, "fsverity.digest") != 0 || !field(line, "data", data, sizeof data)) {
		printf("\"status\":\"error\",\"message\":\"hello does not declare this operation\"}\n");
		return;
	}
	switch (fsverity_digest(data, algorithm, digest)) {
	case ACCEPTED:
		printf("\"status\":\"ok\",\"values\":{\"digest\":\"%s\"}}\n", digest);
		break;
	case REJECTED:
		printf("\"status\":\"rejected\",\"stage\":\"request\",\"reason\":\"REQUEST_ALGORITHM\"}\n");
		break;
	case FAILED:
		printf("\"status\":\"error\",\"message\":\"not implemented yet\"}\n");
		break;
	}
}

int main(void)
{
	char *line = NULL, type[16];
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		field(line, "type", type, sizeof type);
		if (strcmp(type, "hello") == 0)
			printf("%s\n", hello);
		else if (strcmp(type, "run") == 0)
			answer(line);
		else if (strcmp(type, "bye") == 0)
			break;
		if (fflush(stdout) != 0)
			return 1;
	}
	free(line);
	return 0;
}
