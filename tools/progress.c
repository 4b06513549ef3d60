/* progress.c - one line, drawn over itself. */
#include "progress.h"
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define REDRAW_MSECS 200
/* The time that is left is told once the rate means something. */
#define ETA_MSECS 2000

enum { BAR_CELLS = 20, LINE_BYTES = 256 };

struct ruad_progress {
	const char *what; /* borrowed */
	uint64_t bytes, bytes_done;
	uint64_t count;
	int64_t start_msecs, drawn_msecs;
	bool shown;
};

static int64_t
now_msecs(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

struct ruad_progress *
ruad_progress_begin(const char *what, uint64_t bytes)
{
	struct ruad_progress *p;

	if (!isatty(STDERR_FILENO))
		return NULL;
	p = calloc(1, sizeof(*p));
	if (p == NULL)
		return NULL;
	p->what = what;
	p->bytes = bytes;
	p->start_msecs = now_msecs();
	return p;
}

/* Columns that the line may take. */
static int
columns(void)
{
	struct winsize w;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &w) != 0 || w.ws_col < 20)
		return 79;
	return w.ws_col - 1;
}

/* "[####----]  40%" */
static int
put_bar(char *line, size_t cap, double share)
{
	char bar[BAR_CELLS + 1];

	for (int i = 0; i < BAR_CELLS; i++)
		bar[i] = i < (int)(share * BAR_CELLS) ? '#' : '-';
	bar[BAR_CELLS] = '\0';
	return snprintf(line, cap, "[%s] %3d%%  ", bar, (int)(100 * share));
}

/* "  3:07 left" */
static int
put_eta(char *line, size_t cap, int64_t msecs, double share)
{
	int64_t left = (int64_t)((double)msecs * (1 - share) / share) / 1000;

	return snprintf(line, cap, "  %" PRId64 ":%02" PRId64 " left",
	    left / 60, left % 60);
}

static void
draw(const struct ruad_progress *p, int64_t msecs, const char *note)
{
	double share =
	    p->bytes == 0 ? 0 : (double)p->bytes_done / (double)p->bytes;
	char line[LINE_BYTES];
	int n = 0;

	if (share > 1)
		share = 1;
	if (p->bytes > 0)
		n += put_bar(line, sizeof(line), share);
	n += snprintf(line + n, sizeof(line) - (size_t)n,
	    "%" PRIu64 " %s  %.0f/s", p->count, p->what,
	    msecs > 0 ? 1000.0 * (double)p->count / (double)msecs : 0.0);
	if (share > 0 && msecs >= ETA_MSECS)
		n += put_eta(line + n, sizeof(line) - (size_t)n, msecs, share);
	snprintf(line + n, sizeof(line) - (size_t)n, "  %s", note);
	fprintf(stderr, "\r%.*s\033[K", columns(), line);
	fflush(stderr);
}

void
ruad_progress_step(struct ruad_progress *p, uint64_t bytes, const char *note)
{
	int64_t now;

	if (p == NULL)
		return;
	p->count++;
	p->bytes_done += bytes;
	now = now_msecs();
	if (p->shown && now - p->drawn_msecs < REDRAW_MSECS)
		return;
	draw(p, now - p->start_msecs, note);
	p->drawn_msecs = now;
	p->shown = true;
}

void
ruad_progress_hide(struct ruad_progress *p)
{
	if (p == NULL || !p->shown)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->shown = false;
}

void
ruad_progress_end(struct ruad_progress **p)
{
	ruad_progress_hide(*p);
	free(*p);
	*p = NULL;
}
