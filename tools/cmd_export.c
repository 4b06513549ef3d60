/* cmd_export.c - stored reports as XML again, and the originals that they came
 * with. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cmd.h"
#include "hand_out.h"
#include "keys.h"
#include "report_load.h"
#include "report_write.h"

/* A part of a file name: what no shell and no file system minds. */
static void
put_safe(char *to, size_t cap, const char *text)
{
	size_t len = 0;

	for (; *text != '\0' && len + 1 < cap; text++) {
		char c = *text;
		bool safe = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
		    (c >= 'A' && c <= 'Z') || c == '-' || (c == '.' && len > 0);

		to[len++] = safe ? c : '_';
	}
	to[len] = '\0';
}

/* RFC 9990 section 3.5.1, with the key, which is unique, as the unique id. */
static FILE *
open_file(const char *dir, const struct ruad_report *r, int64_t report_key,
    char path[PATH_MAX])
{
	char org[80], domain[80];
	FILE *to;
	int fd;

	put_safe(org, sizeof(org), r->org_key);
	put_safe(domain, sizeof(domain), ruad_report_text(r, r->policy_domain));
	snprintf(path, PATH_MAX,
	    "%s/%s!%s!%" PRId64 "!%" PRId64 "!%" PRId64 ".xml", dir, org,
	    domain, r->begin, r->end, report_key);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW,
	    0640);
	to = fd != -1 ? fdopen(fd, "w") : NULL;
	if (to == NULL) {
		ruad_message("%s: %s", path, strerror(errno));
		if (fd != -1)
			close(fd);
	}
	return to;
}

static enum ruad_exit
write_to(FILE *to, const char *name, const struct ruad_report *r,
    enum ruad_report_form form)
{
	struct ruad_err err;
	enum ruad_status st;

	errno = 0;
	st = ruad_report_write(r, form, false, to, &err);
	if (st == RUAD_OK || ferror(to) != 0)
		return ruad_output_flush(to, name);
	ruad_message("%s: %s", name, err.text);
	return RUAD_EXIT_TEMP;
}

static enum ruad_exit
write_report(struct ruad_ctl *ctl, const struct ruad_report *r,
    int64_t report_key)
{
	const char *dir = ctl->options.directory;
	enum ruad_report_form form =
	    ctl->options.as_7489 ? RUAD_REPORT_RFC7489 : RUAD_REPORT_RFC9990;
	enum ruad_exit status;
	char path[PATH_MAX];
	FILE *to;

	if (dir == NULL)
		return write_to(stdout, "standard output", r, form);
	to = open_file(dir, r, report_key, path);
	if (to == NULL)
		return RUAD_EXIT_USAGE;
	status = write_to(to, path, r, form);
	if (fclose(to) != 0 && status == RUAD_EXIT_OK) {
		ruad_message("%s: %s", path, strerror(errno));
		status = RUAD_EXIT_TEMP;
	}
	if (status != RUAD_EXIT_OK)
		unlink(path);
	return status;
}

/* The failure has been told. */
static enum ruad_exit
load(struct ruad_ctl *ctl, int64_t report_key, struct ruad_loaded *out)
{
	enum ruad_status st;
	struct ruad_err err;

	st = ruad_report_load(ruad_query_handle(ctl->query), report_key, NULL,
	    out, &err);
	if (st == RUAD_END)
		return ruad_message_usage("there is no report %" PRId64
					  ": see ruadctl reports",
		    report_key);
	return st == RUAD_OK ? RUAD_EXIT_OK : ruad_message_failure(&err);
}

/* One report. What cannot be written as it came is named, and a finding. */
static enum ruad_exit
export_one(struct ruad_ctl *ctl, int64_t report_key)
{
	struct ruad_loaded l;
	enum ruad_exit status = load(ctl, report_key, &l);

	if (status != RUAD_EXIT_OK)
		return status;
	if (!l.intact) {
		ruad_message("report %" PRId64 ": left out: its records have "
			     "been expired, or changed by others",
		    report_key);
		status = RUAD_EXIT_FINDINGS;
	} else {
		if (l.report->rows_refused > 0)
			ruad_message("report %" PRId64 ": %" PRIu32
				     " rows were refused when it came, and are "
				     "not written",
			    report_key, l.report->rows_refused);
		status = write_report(ctl, l.report, report_key);
	}
	ruad_loaded_free(&l);
	return status;
}

static enum ruad_exit
export_all(struct ruad_ctl *ctl, const struct ruad_keys *keys)
{
	enum ruad_exit status = RUAD_EXIT_OK, one;

	for (size_t i = 0; i < keys->count; i++) {
		one = export_one(ctl, keys->key[i].key);
		if (one > RUAD_EXIT_FINDINGS)
			return one;
		if (one != RUAD_EXIT_OK)
			status = one;
	}
	return status;
}

enum ruad_exit
ruad_cmd_export(struct ruad_ctl *ctl)
{
	const struct ruad_options *o = &ctl->options;
	bool filtered = (o->given &
			    (RUAD_OPTIONS_TIME | RUAD_OPTION(DOMAIN) |
				RUAD_OPTION(REPORTER) | RUAD_OPTION(ALL))) != 0;
	struct ruad_keys keys = { 0 };
	enum ruad_exit status;
	struct stat st;

	if (filtered == (ctl->arg_count > 0))
		return ruad_message_usage("name either REPORT_KEYs, or --all, "
					  "--domain, --reporter or a time");
	if ((o->given & RUAD_OPTION(FORMAT)) != 0 && !o->xml)
		return ruad_message_usage("export writes --format xml only");
	if (o->directory != NULL && stat(o->directory, &st) != 0)
		return ruad_message_usage("%s: %s", o->directory,
		    strerror(errno));
	if (o->directory != NULL && !S_ISDIR(st.st_mode))
		return ruad_message_usage("%s: not a directory", o->directory);
	status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = ruad_keys_of_reports(ctl, &keys);
	if (status == RUAD_EXIT_OK && keys.count == 0)
		ruad_message("no such report in this store");
	if (status == RUAD_EXIT_OK && keys.count > 1 && o->directory == NULL)
		status = ruad_message_usage("%zu reports are no document: name "
					    "a --directory",
		    keys.count);
	if (status == RUAD_EXIT_OK)
		status = export_all(ctl, &keys);
	ruad_keys_free(&keys);
	return status;
}

enum ruad_exit
ruad_cmd_raw(struct ruad_ctl *ctl)
{
	const char *path = ctl->arg_count > 1 ? ctl->args[1] : NULL;
	bool force = (ctl->options.given & RUAD_OPTION(FORCE)) != 0;
	struct ruad_mail *mail = NULL;
	struct ruad_loaded l = { .report = NULL };
	int64_t report_key;
	enum ruad_exit status;

	if (!ruad_ctl_key(ctl->args[0], "REPORT_KEY", &report_key))
		return RUAD_EXIT_USAGE;
	status = ruad_ctl_query(ctl);
	if (status == RUAD_EXIT_OK)
		status = load(ctl, report_key, &l);
	if (status == RUAD_EXIT_OK)
		status = ruad_hand_out_read(ctl, l.place.mail_key, &mail);
	ruad_loaded_free(&l);
	if (status == RUAD_EXIT_OK && mail == NULL) {
		ruad_message("the original of report %s was not kept, or has "
			     "been expired",
		    ctl->args[0]);
		status = RUAD_EXIT_FINDINGS;
	}
	if (mail != NULL)
		status = ruad_hand_out(mail, path, force);
	ruad_mail_free(&mail);
	return status;
}
