/* cmd_status.c - how the store is, at a glance: for people, for Nagios and for
 * Prometheus. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "cmd.h"
#include "lock.h"
#include "metrics.h"

#define DAY_SECS INT64_C(86400)

/* The age of the last report at which one should worry; most report daily. */
#define WARNING_SECS (2 * DAY_SECS)
#define CRITICAL_SECS (4 * DAY_SECS)

/* What Nagios makes of the exit status of a plugin. */
enum nagios { NAGIOS_OK, NAGIOS_WARNING, NAGIOS_CRITICAL, NAGIOS_UNKNOWN };

static const struct ruad_column facts[] = {
	{ .name = "store", .title = "Store" },
	{ .name = "schema_version",
	    .title = "Schema version",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "bytes", .title = "Bytes", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "free_bytes",
	    .title = "Of these free",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "wal_bytes",
	    .title = "Bytes of the log",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "reports", .title = "Reports", .kind = RUAD_COLUMN_INTEGER },
	{ .name = "quarantine",
	    .title = "In quarantine",
	    .kind = RUAD_COLUMN_INTEGER },
	{ .name = "last_received_utc",
	    .title = "Last report (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "last_end_utc",
	    .title = "Latest end (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "last_refused_utc",
	    .title = "Last refusal (UTC)",
	    .kind = RUAD_COLUMN_TIME },
	{ .name = "pid",
	    .title = "ruad, process",
	    .kind = RUAD_COLUMN_INTEGER },
};

/* The process of the daemon whose store it is; null: none runs. */
static json_t *
pid_json(struct ruad_ctl *ctl)
{
	pid_t pid = 0;
	int why;

	if (ruad_ctl_conf(ctl) == RUAD_EXIT_OK &&
	    strcmp(ruad_ctl_store(ctl), ctl->conf->store) == 0)
		pid = ruad_lock_pid(ctl->conf->lock_file, &why);
	return pid != 0 ? json_integer(pid) : json_null();
}

static json_t *
row_of(struct ruad_ctl *ctl, const struct ruad_metrics *m)
{
	return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:o,"
			 " s:o, s:o}",
	    "store", ruad_output_text(ruad_ctl_store(ctl)), "schema_version",
	    (json_int_t)m->schema_version, "bytes", (json_int_t)m->bytes,
	    "free_bytes", (json_int_t)m->free_bytes, "wal_bytes",
	    (json_int_t)m->wal_bytes, "reports", (json_int_t)m->reports,
	    "quarantine", (json_int_t)m->quarantine, "last_received_utc",
	    ruad_ctl_time(m->last_received), "last_end_utc",
	    ruad_ctl_time(m->last_end), "last_refused_utc",
	    ruad_ctl_time(m->last_refused), "pid", pid_json(ctl));
}

static enum nagios
judge(const struct ruad_ctl *ctl, int64_t age)
{
	const struct ruad_options *o = &ctl->options;
	int64_t warning = o->warning_secs != 0 ? o->warning_secs : WARNING_SECS;
	int64_t critical =
	    o->critical_secs != 0 ? o->critical_secs : CRITICAL_SECS;

	return age > critical ? NAGIOS_CRITICAL
	    : age > warning   ? NAGIOS_WARNING
			      : NAGIOS_OK;
}

/* One line, and performance data behind a bar. */
static enum nagios
nagios(struct ruad_ctl *ctl, const struct ruad_metrics *m)
{
	static const char *const words[] = { [NAGIOS_OK] = "OK",
		[NAGIOS_WARNING] = "WARNING",
		[NAGIOS_CRITICAL] = "CRITICAL" };
	int64_t age = (int64_t)time(NULL) - m->last_received;
	enum nagios n = NAGIOS_WARNING;

	if (m->last_received == 0) {
		printf("RUAD WARNING - no report has come yet");
	} else {
		n = judge(ctl, age);
		printf("RUAD %s - last report %" PRId64 " h ago", words[n],
		    age / 3600);
	}
	printf(", %" PRId64 " in quarantine, %" PRId64 " MB | reports=%" PRId64
	       " quarantine=%" PRId64 " size=%" PRId64 "B",
	    m->quarantine, m->bytes / 1000000, m->reports, m->quarantine,
	    m->bytes);
	if (m->last_received != 0)
		printf(" age=%" PRId64 "s", age);
	putchar('\n');
	return n;
}

static enum ruad_exit
run_nagios(struct ruad_ctl *ctl)
{
	struct ruad_metrics m;
	struct ruad_err err;

	if (ruad_ctl_query(ctl) != RUAD_EXIT_OK) {
		puts("RUAD UNKNOWN - the store cannot be read");
		return (enum ruad_exit)NAGIOS_UNKNOWN;
	}
	if (ruad_metrics_read(ruad_query_handle(ctl->query), &m, &err) !=
	    RUAD_OK) {
		ruad_message_failure(&err);
		puts("RUAD UNKNOWN - the store cannot be read");
		return (enum ruad_exit)NAGIOS_UNKNOWN;
	}
	return (enum ruad_exit)nagios(ctl, &m);
}

enum ruad_exit
ruad_cmd_status(struct ruad_ctl *ctl)
{
	struct ruad_metrics m;
	enum ruad_exit status;
	struct ruad_err err;

	if ((ctl->options.given & RUAD_OPTION(NAGIOS)) != 0)
		return run_nagios(ctl);
	status = ruad_ctl_query(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_metrics_read(ruad_query_handle(ctl->query), &m, &err) !=
	    RUAD_OK)
		return ruad_message_failure(&err);
	return ruad_ctl_facts(ctl, facts, sizeof(facts) / sizeof(facts[0]),
	    row_of(ctl, &m));
}

static enum ruad_exit
write_stats(struct ruad_ctl *ctl, FILE *to, const char *name)
{
	struct ruad_err err;

	if (ruad_metrics_write(ruad_query_handle(ctl->query), to, &err) !=
	    RUAD_OK)
		return ruad_message_failure(&err);
	return ruad_output_flush(to, name);
}

/* Under another name until it is complete: node_exporter reads at any time. */
static enum ruad_exit
write_textfile(struct ruad_ctl *ctl, const char *path)
{
	char temp[PATH_MAX];
	enum ruad_exit status;
	FILE *to;
	int fd;

	if ((size_t)snprintf(temp, sizeof(temp), "%s.XXXXXX", path) >=
	    sizeof(temp))
		return ruad_message_usage("%s: too long a name", path);
	fd = mkostemp(temp, O_CLOEXEC);
	to = fd != -1 ? fdopen(fd, "w") : NULL;
	if (to == NULL) {
		status = errno == ENOENT || errno == ENOTDIR ? RUAD_EXIT_USAGE
							     : RUAD_EXIT_TEMP;
		ruad_message("%s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
		return status;
	}
	status = write_stats(ctl, to, temp);
	/* Others read it, too. */
	if (status == RUAD_EXIT_OK &&
	    (fchmod(fd, 0644) != 0 || fsync(fd) != 0)) {
		ruad_message("%s: %s", temp, strerror(errno));
		status = RUAD_EXIT_TEMP;
	}
	if (fclose(to) != 0 && status == RUAD_EXIT_OK)
		status = RUAD_EXIT_TEMP;
	if (status == RUAD_EXIT_OK && rename(temp, path) != 0) {
		ruad_message("%s: %s", path, strerror(errno));
		status = RUAD_EXIT_TEMP;
	}
	if (status != RUAD_EXIT_OK)
		unlink(temp);
	return status;
}

enum ruad_exit
ruad_cmd_stats(struct ruad_ctl *ctl)
{
	enum ruad_exit status = ruad_ctl_query(ctl);

	if (status != RUAD_EXIT_OK)
		return status;
	if (ctl->options.textfile != NULL)
		return write_textfile(ctl, ctl->options.textfile);
	return write_stats(ctl, stdout, "standard output");
}
