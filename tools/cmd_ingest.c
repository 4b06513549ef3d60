/* cmd_ingest.c - reports from files into the store. */
#include "cmd.h"
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "describe.h"
#include "feed.h"
#include "pipeline.h"
#include "progress.h"
#include "recall.h"
#include "setup.h"
#include "stop.h"
#include "take_in.h"

enum {
	/* Each thread gets an arena of address space of its own by default. */
	ARENAS = 2,
	JOBS_MAX = 64,
	/* Who reads files has time: the daemon beside is in more of a hurry. */
	BUSY_MSECS = 30000,
	/* How long a transaction waits to be full. */
	GATHER_MSECS = 250,
	/* From how much on there is a bar. */
	BAR_FILES = 50,
	BAR_BYTES = 64 * 1024 * 1024
};

/* Of CSV; JSON has what describe() says. */
static const struct ruad_column columns[] = {
	{ .name = "path" },
	{ .name = "message", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "outcome" },
	{ .name = "code" },
	{ .name = "text" },
	{ .name = "report_key", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "org_name" },
	{ .name = "report_id" },
	{ .name = "policy_domain" },
	{ .name = "begin", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "end", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "records", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "rows_refused", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "messages", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "warnings", .kind = RUAD_COLUMN_WORDS },
};

static const struct ruad_layout layout = {
	.columns = columns,
	.column_count = sizeof(columns) / sizeof(columns[0]),
};

enum { OUTCOMES = RUAD_ERROR + 1 };

struct run {
	struct ruad_ctl *ctl; /* borrowed */
	const volatile sig_atomic_t *stop;
	struct ruad_budget budget;
	struct ruad_setup *setup;
	struct ruad_ingest *ingest;
	struct ruad_writer *writer;
	struct ruad_recall *recall;
	const struct ruad_supply *supply; /* borrowed; NULL: the feed */
	struct ruad_feed *feed;
	struct ruad_pipeline *pipeline;
	struct ruad_output *output; /* NULL: a table */
	struct ruad_progress *progress;
	bool fed; /* the feed is at its end */
	bool closed; /* nobody reads the output any more */
	/* results so far */
	uint64_t mails[OUTCOMES];
	uint64_t reports, records, messages; /* stored */
	bool has_refused, has_error, has_missing;
	char last[500]; /* the last one: its file, and its number there */
};

/* The line of JSON for a mail, or for a place where none could be read. */
static json_t *
describe(const struct ruad_feed_item *item, const struct ruad_delivery *d,
    const struct ruad_err *err)
{
	json_t *line = json_pack("{s:o}", "path", ruad_output_text(item->path));

	if (line == NULL || !ruad_describe_delivery(line, d, err)) {
		json_decref(line);
		return NULL;
	}
	if (item->number > 0)
		json_object_set_new(line, "message",
		    json_integer(item->number));
	return line;
}

/* The same for a mail that is in the store as it stands; NULL: it is not, or
 * that could not be found out, and reading it tells. */
static json_t *
known(void *arg, const struct ruad_feed_item *item, struct ruad_mail *mail)
{
	struct run *run = arg;
	json_t *line = json_pack("{s:o}", "path", ruad_output_text(item->path));
	struct ruad_err ignored;
	bool found = false;

	if (line == NULL || !ruad_describe_duplicate(line) ||
	    ruad_recall_find(run->recall, mail, ruad_describe_seen, line,
		&found, &ignored) != RUAD_OK ||
	    !found) {
		json_decref(line);
		return NULL;
	}
	if (item->number > 0)
		json_object_set_new(line, "message",
		    json_integer(item->number));
	return line;
}

static enum ruad_outcome
outcome_of(const json_t *object)
{
	const char *word =
	    json_string_value(json_object_get(object, "outcome"));
	int n = RUAD_ERROR;

	while (n > 0 && word != NULL &&
	    strcmp(word, ruad_outcome_word((enum ruad_outcome)n)) != 0)
		n--;
	return (enum ruad_outcome)n;
}

static uint64_t
count_of(const json_t *object, const char *name)
{
	return (uint64_t)json_integer_value(json_object_get(object, name));
}

static void
tally(struct run *run, const json_t *line)
{
	enum ruad_outcome outcome = outcome_of(line);
	const json_t *report;
	size_t i;

	run->mails[outcome]++;
	run->has_error |= outcome == RUAD_ERROR;
	run->has_refused |= outcome == RUAD_REFUSED;
	json_array_foreach(json_object_get(line, "reports"), i, report)
	{
		run->has_refused |= outcome_of(report) == RUAD_REFUSED;
		if (outcome_of(report) != RUAD_STORED)
			continue;
		run->reports++;
		run->records += count_of(report, "records");
		run->messages += count_of(report, "messages");
	}
}

/* A text without the path of a bare report, which stands before it anyway. */
static const char *
behind_path(const char *path, const char *text)
{
	size_t n = strlen(path);

	return text != NULL && strncmp(text, path, n) == 0 &&
		strncmp(text + n, ": ", 2) == 0
	    ? text + n + 2
	    : text;
}

/* Text is printed as it comes from reports and file names: escaped. */
static void
print_finding(const json_t *line, const json_t *finding)
{
	const char *path = json_string_value(json_object_get(line, "path"));
	const char *code = json_string_value(json_object_get(finding, "code"));
	const char *text = behind_path(path,
	    json_string_value(json_object_get(finding, "text")));
	uint64_t number = count_of(line, "message");
	char buf[2000];

	if (number > 0)
		snprintf(buf, sizeof(buf), "%s: mail %" PRIu64 ": %s: %s: %s",
		    path, number, ruad_outcome_word(outcome_of(finding)),
		    code != NULL ? code : "", text != NULL ? text : "");
	else
		snprintf(buf, sizeof(buf), "%s: %s: %s: %s", path,
		    ruad_outcome_word(outcome_of(finding)),
		    code != NULL ? code : "", text != NULL ? text : "");
	ruad_output_line(buf);
}

/* What a person must see: each report that is refused, each error. */
static void
print_findings(struct run *run, const json_t *line)
{
	enum ruad_outcome outcome = outcome_of(line);
	const json_t *report;
	bool told = false;
	size_t i;

	json_array_foreach(json_object_get(line, "reports"), i, report)
	{
		if (outcome_of(report) != RUAD_REFUSED)
			continue;
		ruad_progress_hide(run->progress);
		print_finding(line, report);
		told = true;
	}
	if (outcome == RUAD_ERROR || (outcome == RUAD_REFUSED && !told)) {
		ruad_progress_hide(run->progress);
		print_finding(line, line);
	}
}

/* A row for each report, or one for a mail that has none. */
static bool
write_csv(struct ruad_output *o, const json_t *line)
{
	const json_t *reports = json_object_get(line, "reports");
	size_t count = json_array_size(reports);

	for (size_t i = 0; i < count || (i == 0 && count == 0); i++) {
		json_t *row = json_copy((json_t *)line);

		if (row != NULL)
			json_object_update(row, json_array_get(reports, i));
		if (!ruad_output_row(o, row))
			return false;
	}
	return true;
}

static void
note_last(struct run *run, const json_t *line)
{
	const char *path = json_string_value(json_object_get(line, "path"));
	uint64_t number = count_of(line, "message");

	if (number > 0)
		snprintf(run->last, sizeof(run->last), "%s, %" PRIu64, path,
		    number);
	else
		snprintf(run->last, sizeof(run->last), "%s", path);
}

/* Write what came of a mail, and count it. */
static void
report(struct run *run, json_t *line)
{
	bool more;

	tally(run, line);
	note_last(run, line);
	if (run->closed) {
		json_decref(line);
		return;
	}
	if (run->output == NULL) {
		print_findings(run, line);
		more = ferror(stdout) == 0;
		json_decref(line);
	} else if (run->ctl->options.format == RUAD_FORMAT_CSV) {
		more = write_csv(run->output, line);
		json_decref(line);
	} else {
		more = ruad_output_row(run->output, line);
	}
	/* What is to be stored is stored, whether anyone looks or not. */
	run->closed = !more;
}

/* "12 stored, 3 duplicate" */
static void
counts_text(const struct run *run, char *buf, size_t cap)
{
	size_t len = 0;

	buf[0] = '\0';
	for (int i = RUAD_STORED; i < OUTCOMES && len < cap; i++) {
		if (run->mails[i] > 0)
			len += (size_t)snprintf(buf + len, cap - len,
			    "%s%" PRIu64 " %s", len > 0 ? ", " : "",
			    run->mails[i],
			    ruad_outcome_word((enum ruad_outcome)i));
	}
}

static const char *
plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* The last lines of the table. */
static void
print_totals(const struct run *run)
{
	const char *what = run->supply != NULL ? run->supply->what : "mails";
	uint64_t mails = 0;
	char counts[200];

	for (int i = 0; i < OUTCOMES; i++)
		mails += run->mails[i];
	counts_text(run, counts, sizeof(counts));
	printf("%" PRIu64 " %.*s%s%s\n", mails,
	    (int)(strlen(what) - (mails == 1)), what, mails > 0 ? ": " : "",
	    counts);
	printf("%" PRIu64 " report%s stored, with %" PRIu64
	       " record%s of %" PRIu64 " message%s\n",
	    run->reports, plural(run->reports), run->records,
	    plural(run->records), run->messages, plural(run->messages));
}

static enum ruad_status
next_item(struct run *run, struct ruad_feed_item *out, struct ruad_err *err)
{
	const struct ruad_supply *s = run->supply;

	return s != NULL ? s->next(s->arg, &run->setup->mail, out, err)
			 : ruad_feed_next(run->feed, out, err);
}

/* Push until there is no room. */
static enum ruad_status
feed(struct run *run, struct ruad_err *err)
{
	struct ruad_feed_item item;
	enum ruad_status st = RUAD_OK;

	while (!run->fed && ruad_pipeline_has_room(run->pipeline)) {
		st = next_item(run, &item, err);
		if (st != RUAD_OK) {
			run->fed = true;
			break;
		}
		if (item.err.status == RUAD_BAD) {
			ruad_progress_hide(run->progress);
			ruad_message("%s", item.err.text);
			run->has_missing = true;
			ruad_feed_item_free(&item);
			continue;
		}
		ruad_pipeline_push(run->pipeline, &item);
	}
	if (run->fed)
		ruad_writer_hurry(run->writer);
	return st == RUAD_END ? RUAD_OK : st;
}

/* All mails through the pipeline. */
static enum ruad_status
pump(struct run *run, struct ruad_err *err)
{
	enum ruad_status st = feed(run, err);
	char counts[200];
	uint64_t bytes;
	json_t *line;

	while (ruad_pipeline_pop(run->pipeline, &line, &bytes)) {
		if (line == NULL) {
			run->fed = true;
			st = ruad_fail_memory(err, "ingest");
			continue;
		}
		report(run, line);
		counts_text(run, counts, sizeof(counts));
		ruad_progress_step(run->progress, bytes, counts);
		if (st == RUAD_OK)
			st = feed(run, err);
	}
	return st;
}

static unsigned
job_count(const struct ruad_options *o)
{
	long cpus = sysconf(_SC_NPROCESSORS_ONLN);

	if (o->jobs > 0)
		return o->jobs;
	return cpus < 1 ? 1 : cpus > JOBS_MAX ? JOBS_MAX : (unsigned)cpus;
}

static enum ruad_status
start_writer(struct run *run, struct ruad_err *err)
{
	struct ruad_store *store = NULL;
	enum ruad_status st;

	if (run->setup->store.busy_msecs < BUSY_MSECS)
		run->setup->store.busy_msecs = BUSY_MSECS;
	run->setup->writer.gather_msecs = GATHER_MSECS;
	st = ruad_ctl_check_store(run->ctl, err);
	if (st == RUAD_OK)
		st = ruad_store_open(ruad_ctl_store(run->ctl),
		    &run->setup->store, &store, err);
	if (st == RUAD_OK)
		st = ruad_writer_start(&store, &run->setup->writer,
		    &run->writer, err);
	ruad_store_close(&store);
	return st;
}

static enum ruad_status
start_pipeline(struct run *run, struct ruad_err *err)
{
	unsigned jobs = job_count(&run->ctl->options);
	struct ruad_pipeline_settings set = {
		.ingest = run->ingest,
		.writer = run->writer,
		.mail = &run->setup->mail,
		.budget = &run->budget,
		.describe = describe,
		.known = known,
		.known_arg = run,
		.jobs = jobs,
		/* A batch that is written, and one that is read meanwhile. */
		.in_flight =
		    2 * (jobs + (unsigned)run->setup->writer.batch_max),
	};

	return ruad_pipeline_new(&set, &run->pipeline, err);
}

static void
start_progress(struct run *run)
{
	uint64_t files, bytes;

	if (!isatty(STDERR_FILENO))
		return;
	if (run->supply != NULL) {
		run->progress =
		    ruad_progress_begin(run->supply->what, run->supply->bytes);
		return;
	}
	ruad_feed_measure(run->ctl->args, run->ctl->arg_count, &files, &bytes);
	if (files > BAR_FILES || bytes > BAR_BYTES)
		run->progress = ruad_progress_begin("mails", bytes);
}

static enum ruad_status
ingest(struct run *run, struct ruad_err *err)
{
	struct ruad_ctl *ctl = run->ctl;
	char *spool_dir = NULL;
	enum ruad_status st;

	st = ruad_setup_new(ctl->conf, &run->budget, &run->setup, err);
	if (st == RUAD_OK) {
		spool_dir = ruad_ctl_spool_dir(ctl);
		run->setup->mail.spool_dir = spool_dir;
		if (spool_dir == NULL)
			st = ruad_fail_memory(err, "ingest");
	}
	if (run->supply != NULL && !run->supply->originals && st == RUAD_OK)
		run->setup->ingest.keep_raw = false;
	if (st == RUAD_OK)
		st = ruad_ingest_new(&run->setup->ingest, &run->ingest, err);
	if (st == RUAD_OK)
		st = start_writer(run, err);
	if (st == RUAD_OK)
		st = ruad_recall_open(ruad_ctl_store(ctl), &run->recall, err);
	if (st == RUAD_OK)
		st = start_pipeline(run, err);
	if (st == RUAD_OK && run->supply == NULL)
		st = ruad_feed_new(ctl->args, ctl->arg_count, &run->setup->mail,
		    run->stop, &run->feed, err);
	if (st == RUAD_OK) {
		start_progress(run);
		st = pump(run, err);
	}
	ruad_feed_free(&run->feed);
	/* Nothing is under way, and who writes has to be the last to close the
	 * store: others could not move its log into it. */
	ruad_recall_close(&run->recall);
	ruad_writer_stop(&run->writer);
	ruad_pipeline_free(&run->pipeline);
	ruad_ingest_free(&run->ingest);
	ruad_setup_free(&run->setup);
	free(spool_dir);
	return st;
}

/* Errors of ours first: they are what to do something about. */
static enum ruad_exit
status_of(const struct run *run)
{
	if (run->has_error)
		return RUAD_EXIT_TEMP;
	if (run->has_missing)
		return RUAD_EXIT_USAGE;
	return run->has_refused ? RUAD_EXIT_FINDINGS : RUAD_EXIT_OK;
}

enum ruad_exit
ruad_take_in(struct ruad_ctl *ctl, const struct ruad_supply *supply)
{
	struct run run = { .ctl = ctl, .supply = supply };
	enum ruad_exit status = ruad_ctl_conf(ctl), end = RUAD_EXIT_OK;
	struct ruad_err err;
	enum ruad_status st;

	if (status != RUAD_EXIT_OK)
		return status;
	mallopt(M_ARENA_MAX, ARENAS);
	/* Before there are threads: the seed of its hash tables. */
	json_object_seed(0);
	run.stop = ruad_stop_catch();
	ruad_setup_budget(ctl->conf, &run.budget);
	if (ctl->options.format != RUAD_FORMAT_TABLE) {
		run.output =
		    ruad_output_open(ctl->options.format, &layout, NULL);
		if (run.output == NULL) {
			ruad_message("out of memory");
			return RUAD_EXIT_TEMP;
		}
	}
	st = ingest(&run, &err);
	ruad_progress_end(&run.progress);
	status = status_of(&run);
	if (run.output == NULL && st == RUAD_OK && !run.closed)
		print_totals(&run);
	end = ruad_output_close(&run.output);
	if (st != RUAD_OK)
		status = ruad_message_failure(&err);
	if (*run.stop) {
		ruad_message("stopped%s%s. What was read is stored; the same "
			     "command goes on there, and passes over what is "
			     "in the store",
		    run.last[0] != '\0' ? " after " : "", run.last);
		status = RUAD_EXIT_TEMP;
	}
	return status != RUAD_EXIT_OK ? status : end;
}

enum ruad_exit
ruad_cmd_ingest(struct ruad_ctl *ctl)
{
	return ruad_take_in(ctl, NULL);
}
