/* SPDX-License-Identifier: GPL-2.0 */
/* For kp-load: where the tasks of a worker that does not get on are. */
#ifndef KP_LOAD_WHERE_H
#define KP_LOAD_WHERE_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static void print_file(pid_t pid, const char *name)
{
	char path[64], line[256];
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	in = fopen(path, "r");
	if (!in)
		return;
	while (fgets(line, sizeof(line), in))
		printf("  %d: %s: %s%s", (int)pid, name, line,
		       strchr(line, '\n') ? "" : "\n");
	fclose(in);
}

/* print_tasks: where the threads of a process are, io_uring's among them */
static void print_tasks(pid_t pid)
{
	char path[64];
	struct dirent *entry;
	pid_t task;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/task", (int)pid);
	dir = opendir(path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		task = atoi(entry->d_name);
		if (task <= 0)
			continue;
		print_file(task, "comm");
		print_file(task, "patch_state");
		print_file(task, "wchan");
		print_file(task, "stack");
	}
	closedir(dir);
}

/* print_where: the same for @pid and its children */
static void print_where(pid_t pid)
{
	char path[64];
	int child;
	FILE *in;

	print_tasks(pid);
	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid,
		 (int)pid);
	in = fopen(path, "r");
	if (!in)
		return;
	while (fscanf(in, "%d", &child) == 1)
		print_tasks(child);
	fclose(in);
}

#endif /* KP_LOAD_WHERE_H */
