// SPDX-License-Identifier: GPL-2.0-only
/*
 * Talks to the oracle over its virtio port. Only one process may hold the port
 * open, so it is opened for each question.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "oracle.h"

#define PORT_NAME	"mpam-oracle"

static char answer[16384];
static char error[512];

static bool port_is_ours(const char *port)
{
	char path[300], name[64] = "";
	FILE *f;

	snprintf(path, sizeof(path), "/sys/class/virtio-ports/%s/name", port);
	f = fopen(path, "r");
	if (!f)
		return false;
	if (!fgets(name, sizeof(name), f))
		name[0] = '\0';
	fclose(f);
	return !strncmp(name, PORT_NAME, strlen(PORT_NAME));
}

static bool find_port(char *dev, size_t size)
{
	DIR *dir = opendir("/sys/class/virtio-ports");
	struct dirent *d;
	bool found = false;

	if (!dir)
		return false;
	while (!found && (d = readdir(dir))) {
		found = d->d_name[0] != '.' && port_is_ours(d->d_name);
		if (found)
			snprintf(dev, size, "/dev/%s", d->d_name);
	}
	closedir(dir);
	return found;
}

static int open_port(void)
{
	char dev[300];
	int fd, tries;

	if (!find_port(dev, sizeof(dev))) {
		errno = ENODEV;
		return -1;
	}
	for (tries = 0; tries < 1000; tries++) {
		fd = open(dev, O_RDWR | O_CLOEXEC);
		if (fd >= 0 || errno != EBUSY)
			return fd;
		usleep(5000);
	}
	return -1;
}

bool oracle_present(void)
{
	char dev[300];

	return find_port(dev, sizeof(dev));
}

static bool read_answer(int fd)
{
	size_t n = 0;

	while (n < sizeof(answer) - 1) {
		ssize_t r = read(fd, answer + n, sizeof(answer) - 1 - n);

		if (r <= 0)
			return false;
		n += r;
		if (answer[n - 1] == '\n') {
			answer[n - 1] = '\0';
			return true;
		}
	}
	return false;
}

const char *oracle_ask(const char *fmt, ...)
{
	char question[512];
	const char *result = NULL;
	va_list args;
	int fd, len;

	va_start(args, fmt);
	len = vsnprintf(question, sizeof(question) - 1, fmt, args);
	va_end(args);
	question[len++] = '\n';

	fd = open_port();
	if (fd < 0) {
		snprintf(error, sizeof(error), "no oracle: %s", strerror(errno));
		return NULL;
	}
	if (write(fd, question, len) != len || !read_answer(fd))
		snprintf(error, sizeof(error), "the oracle's port broke: %s", strerror(errno));
	else if (!strncmp(answer, "ok", 2))
		result = answer[2] ? answer + 3 : answer + 2;
	else
		snprintf(error, sizeof(error), "%s", answer);
	close(fd);
	return result;
}

const char *oracle_error(void)
{
	return error;
}
