/* cmd_import.c - what another program has collected, report by report, so that
 * a file of any size can be moved. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include "cmd.h"
#include "parsedmarc.h"
#include "stop.h"
#include "take_in.h"

/* A file of JSON: one report, a list of them, an object with such a list, or
 * any of these one behind the other. */
struct import {
	const volatile sig_atomic_t *stop;
	const char *path;
	FILE *from;
	bool in_list; /* of the file itself */
	json_t *held; /* owned; a list that is being handed out */
	size_t next; /* of it */
	unsigned count; /* reports so far */
	long told; /* bytes of the file that have been told */
};

static enum ruad_status
complain(const struct import *im, const char *what, struct ruad_err *err)
{
	return ruad_fail(err, RUAD_BAD, RUAD_CODE_NONE, "%s: %s, at byte %ld",
	    im->path, what, ftell(im->from));
}

/* Read the next value of the file. RUAD_END: there is none. */
static enum ruad_status
read_value(struct import *im, json_t **out, struct ruad_err *err)
{
	char text[JSON_ERROR_TEXT_LENGTH + 16];
	json_error_t why;
	int c;

	do {
		c = getc(im->from);
		if (c == '[' && !im->in_list) {
			im->in_list = true;
			c = ' ';
		} else if (c == ']' && im->in_list) {
			im->in_list = false;
			c = ' ';
		}
	} while (c != EOF && (isspace(c) || (c == ',' && im->in_list)));
	if (ferror(im->from) != 0)
		return ruad_fail(err, RUAD_TEMP, RUAD_OUR_IO, "%s: %s",
		    im->path, strerror(errno));
	if (c == EOF && im->in_list)
		return complain(im, "ends in the midst of a list", err);
	if (c == EOF)
		return RUAD_END;
	ungetc(c, im->from);
	*out =
	    json_loadf(im->from, JSON_DISABLE_EOF_CHECK | JSON_ALLOW_NUL, &why);
	if (*out != NULL)
		return RUAD_OK;
	if (json_error_code(&why) == json_error_out_of_memory)
		return ruad_fail_memory(err, "import");
	snprintf(text, sizeof(text), "no JSON: %s", why.text);
	return complain(im, text, err);
}

/* The next report, which the caller owns. */
static enum ruad_status
next_report(struct import *im, json_t **out, struct ruad_err *err)
{
	json_t *value = NULL, *list;
	enum ruad_status st;

	for (;;) {
		value = json_array_get(im->held, im->next);
		if (value != NULL) {
			im->next++;
			*out = json_incref(value);
			break;
		}
		json_decref(im->held);
		im->held = NULL;
		st = read_value(im, &value, err);
		if (st != RUAD_OK)
			return st;
		list = json_object_get(value, "aggregate_reports");
		if (!json_is_array(list)) {
			*out = value;
			break;
		}
		im->held = json_incref(list);
		im->next = 0;
		json_decref(value);
	}
	im->count++;
	if (ruad_parsedmarc_is_report(*out))
		return RUAD_OK;
	json_decref(*out);
	return complain(im, "not an aggregate report of parsedmarc", err);
}

static enum ruad_status
make_mail(const json_t *report, const struct ruad_mail_settings *set,
    struct ruad_mail **out, struct ruad_err *err)
{
	size_t len;
	char *xml = ruad_parsedmarc_xml(report, &len);
	enum ruad_status st;

	if (xml == NULL)
		return ruad_fail_memory(err, "import");
	st = ruad_mail_new(set, (int64_t)time(NULL), out, err);
	if (st == RUAD_OK)
		st = ruad_mail_append(*out, xml, len, err);
	if (st != RUAD_OK)
		ruad_mail_free(out);
	free(xml);
	return st;
}

static enum ruad_status
next_item(void *arg, const struct ruad_mail_settings *set,
    struct ruad_feed_item *out, struct ruad_err *err)
{
	struct import *im = arg;
	json_t *report;
	enum ruad_status st;
	long at;

	memset(out, 0, sizeof(*out));
	if (*im->stop)
		return RUAD_END;
	st = next_report(im, &report, err);
	if (st != RUAD_OK)
		return st;
	at = ftell(im->from);
	out->number = im->count;
	out->bytes = at > im->told ? (uint64_t)(at - im->told) : 0;
	im->told = at;
	out->path = strdup(im->path);
	st = out->path != NULL ? make_mail(report, set, &out->mail, err)
			       : ruad_fail_memory(err, "import");
	json_decref(report);
	if (st == RUAD_LIMIT) {
		/* It is told like any other that could not be read. */
		out->err = *err;
		st = RUAD_OK;
	}
	if (st != RUAD_OK)
		ruad_feed_item_free(out);
	return st;
}

static enum ruad_exit
import_parsedmarc(struct ruad_ctl *ctl)
{
	struct import im = { .path = ctl->args[0], .stop = ruad_stop_catch() };
	struct ruad_supply supply = { .next = next_item,
		.arg = &im,
		.what = "reports" };
	enum ruad_exit status;
	struct stat st;

	im.from = fopen(im.path, "re");
	if (im.from == NULL)
		return ruad_message_usage("%s: %s", im.path, strerror(errno));
	if (fstat(fileno(im.from), &st) == 0 && S_ISREG(st.st_mode))
		supply.bytes = (uint64_t)st.st_size;
	status = ruad_take_in(ctl, &supply);
	json_decref(im.held);
	fclose(im.from);
	return status;
}

enum ruad_exit
ruad_cmd_import(struct ruad_ctl *ctl)
{
	static const struct ruad_action actions[] = {
		{ "parsedmarc", import_parsedmarc, "FILE", RUAD_OPTION(JOBS), 1,
		    1 },
	};

	return ruad_ctl_act(ctl, "import", actions,
	    sizeof(actions) / sizeof(actions[0]));
}
