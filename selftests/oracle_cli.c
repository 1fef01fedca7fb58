// SPDX-License-Identifier: GPL-2.0-only
/* The oracle for scripts: asks one question, prints "ok" and the answer. */
#include <stdio.h>
#include <string.h>

#include "oracle.h"

int main(int argc, char **argv)
{
	char question[512] = "";
	const char *answer;
	int i;

	for (i = 1; i < argc; i++) {
		if (strlen(question) + strlen(argv[i]) + 2 > sizeof(question))
			return 2;
		if (i > 1)
			strcat(question, " ");
		strcat(question, argv[i]);
	}
	answer = oracle_ask("%s", question);
	if (!answer) {
		fprintf(stderr, "oracle: %s\n", oracle_error());
		return 1;
	}
	printf("ok%s%s\n", *answer ? " " : "", answer);
	return 0;
}
