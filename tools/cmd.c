/* cmd.c - see cmd.h. */
#include "cmd.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "utc.h"

/* A person waits; but a writer's transaction is never long. */
#define BUSY_MSECS 5000u
#define TABLE_ROWS 50
/* Who changes things has time: the daemon beside is in more of a hurry. */
#define STORE_BUSY_MSECS 30000u

enum ruad_exit
ruad_ctl_conf(struct ruad_ctl *ctl)
{
	const char *path = ctl->options.config;
	struct ruad_err err;

	if (ctl->conf != NULL)
		return RUAD_EXIT_OK;
	if (path == NULL &&
	    (access(RUAD_CONF_DEFAULT, F_OK) == 0 || errno != ENOENT))
		path = RUAD_CONF_DEFAULT;
	if (ruad_conf_read(path, &ctl->conf, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}

const char *
ruad_ctl_store(const struct ruad_ctl *ctl)
{
	return ctl->options.store != NULL ? ctl->options.store
					  : ctl->conf->store;
}

struct action_list {
	const struct ruad_action *action;
	size_t count;
};

static const char *
action_name(size_t n, const void *arg)
{
	const struct action_list *list = arg;

	return n < list->count ? list->action[n].name : NULL;
}

enum ruad_exit
ruad_ctl_act(struct ruad_ctl *ctl, const char *command,
    const struct ruad_action *actions, size_t count)
{
	const char *name = ctl->args[0];
	const struct action_list list = { actions, count };
	const struct ruad_action *a = actions;
	enum ruad_exit status;
	char full[60], guess[80];

	while (a < actions + count && strcmp(a->name, name) != 0)
		a++;
	if (a == actions + count) {
		ruad_message_guess(name, action_name, &list, guess);
		return ruad_message_usage("%s cannot \"%s\": %s%ssee ruadctl "
					  "help %s",
		    command, name, guess, guess[0] != '\0' ? " " : "", command);
	}
	snprintf(full, sizeof(full), "%s %s", command, name);
	status = ruad_options_check(&ctl->options, a->options, full);
	if (status != RUAD_EXIT_OK)
		return status;
	ctl->args++;
	ctl->arg_count--;
	if (ctl->arg_count < a->args_min ||
	    (a->args_max >= 0 && ctl->arg_count > a->args_max))
		return ruad_message_usage("usage: ruadctl %s%s%s: see ruadctl "
					  "help %s",
		    full, a->usage[0] != '\0' ? " " : "", a->usage, command);
	return a->run(ctl);
}

bool
ruad_ctl_key(const char *text, const char *what, int64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoll(text, &end, 10);
	if (errno == 0 && text[0] != '\0' && *end == '\0' && *out > 0)
		return true;
	ruad_message("bad %s \"%s\": allowed is a number above 0", what, text);
	return false;
}

/* The directory of a file, which the caller frees. */
static char *
dir_of(const char *store)
{
	const char *slash = strrchr(store, '/');

	if (slash == NULL)
		return strdup(".");
	if (slash == store)
		return strdup("/");
	return strndup(store, (size_t)(slash - store));
}

char *
ruad_ctl_spool_dir(const struct ruad_ctl *ctl)
{
	if (ctl->options.store == NULL || ctl->options.config != NULL)
		return strdup(ctl->conf->spool_dir);
	return dir_of(ruad_ctl_store(ctl));
}

enum ruad_status
ruad_ctl_check_store(const struct ruad_ctl *ctl, struct ruad_err *err)
{
	const char *store = ruad_ctl_store(ctl);
	char *dir = dir_of(store);
	bool good = dir != NULL;
	enum ruad_status st = RUAD_OK;

	/* SQLite makes files beside the store, too. */
	if (good && faccessat(AT_FDCWD, store, F_OK, AT_EACCESS) == 0)
		good = faccessat(AT_FDCWD, store, R_OK | W_OK, AT_EACCESS) == 0;
	good = good && faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) == 0;
	if (dir == NULL)
		st = ruad_fail_memory(err, "store");
	else if (!good)
		st = ruad_fail(err, RUAD_BAD, RUAD_OUR_STORE,
		    "store: %s: not writable, or its directory is not (%s):"
		    " check owner and mode of both",
		    store, strerror(errno));
	free(dir);
	return st;
}

enum ruad_exit
ruad_ctl_open_store(struct ruad_ctl *ctl, struct ruad_store **out)
{
	enum ruad_exit status = ruad_ctl_conf(ctl);
	struct ruad_store_settings set = { .busy_msecs = STORE_BUSY_MSECS };
	struct ruad_err err;

	*out = NULL;
	if (status != RUAD_EXIT_OK)
		return status;
	/* Created here, it might not belong to the user that ruad runs as. */
	if (access(ruad_ctl_store(ctl), F_OK) != 0)
		return ruad_message_usage("%s: %s; ruad creates it when it is "
					  "started",
		    ruad_ctl_store(ctl), strerror(errno));
	set.conflict_last = ctl->conf->on_conflict == 1;
	if (ruad_ctl_check_store(ctl, &err) != RUAD_OK ||
	    ruad_store_open(ruad_ctl_store(ctl), &set, out, &err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}

bool
ruad_ctl_confirm(const struct ruad_ctl *ctl)
{
	char line[40] = "";

	if ((ctl->options.given & RUAD_OPTION(YES)) != 0)
		return true;
	ruad_message("type delete to go on:");
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (strcmp(line, "delete") == 0)
		return true;
	ruad_message("nothing has been changed");
	return false;
}

enum ruad_exit
ruad_ctl_query(struct ruad_ctl *ctl)
{
	enum ruad_exit status = RUAD_EXIT_OK;
	struct ruad_err err;

	/* The file is of no concern to who names the store; but one that is
	 * named must be good. */
	if (ctl->options.store == NULL || ctl->options.config != NULL)
		status = ruad_ctl_conf(ctl);
	if (status != RUAD_EXIT_OK)
		return status;
	if (ruad_query_open(ruad_ctl_store(ctl), BUSY_MSECS, &ctl->query,
		&err) != RUAD_OK)
		return ruad_message_failure(&err);
	return RUAD_EXIT_OK;
}

/* An array of the words of a blank-separated list. */
static json_t *
words_json(const char *text)
{
	json_t *array = json_array();

	while (array != NULL && text != NULL && *text != '\0') {
		size_t len = strcspn(text, " ");

		if (len > 0 &&
		    json_array_append_new(array, json_stringn(text, len)) !=
			0) {
			json_decref(array);
			return NULL;
		}
		text += len + (text[len] == ' ');
	}
	return array;
}

static json_t *
value_json(const struct ruad_rows *rows, const struct ruad_column *c)
{
	const char *text;

	if (ruad_rows_is_null(rows, c->name))
		return c->kind == RUAD_COLUMN_WORDS ||
			c->kind == RUAD_COLUMN_NAMES
		    ? json_array()
		    : json_null();
	switch (c->kind) {
	case RUAD_COLUMN_INTEGER:
		return json_integer(ruad_rows_int(rows, c->name));
	case RUAD_COLUMN_PERCENT:
	case RUAD_COLUMN_REAL:
	case RUAD_COLUMN_CHANGE:
		return json_real(ruad_rows_real(rows, c->name));
	case RUAD_COLUMN_TEXT:
	case RUAD_COLUMN_TIME:
		return ruad_output_text(ruad_rows_text(rows, c->name));
	case RUAD_COLUMN_WORDS:
	case RUAD_COLUMN_NAMES:
		return words_json(ruad_rows_text(rows, c->name));
	case RUAD_COLUMN_AUTH:
	case RUAD_COLUMN_LIST:
		text = ruad_rows_text(rows, c->name);
		return text != NULL ? json_loads(text, 0, NULL) : NULL;
	}
	return NULL;
}

json_t *
ruad_ctl_time(int64_t epoch)
{
	char text[RUAD_UTC_BYTES];

	return ruad_output_text(ruad_utc_print(epoch, text));
}

json_t *
ruad_ctl_row(const struct ruad_rows *rows, const struct ruad_column *columns,
    size_t count)
{
	json_t *row = json_object();

	for (size_t i = 0; row != NULL && i < count; i++) {
		if (!ruad_rows_has(rows, columns[i].name))
			continue;
		if (json_object_set_new(row, columns[i].name,
			value_json(rows, &columns[i])) != 0) {
			json_decref(row);
			row = NULL;
		}
	}
	return row;
}

enum ruad_exit
ruad_ctl_facts(struct ruad_ctl *ctl, const struct ruad_column *facts,
    size_t count, json_t *row)
{
	bool table = ctl->options.format == RUAD_FORMAT_TABLE;
	const struct ruad_layout lines = { .facts = facts,
		.fact_count = count,
		.rows_name = "rows" };
	const struct ruad_layout one = { .columns = facts,
		.column_count = count };
	struct ruad_output *o = NULL;
	enum ruad_exit status;

	if (row != NULL)
		o = ruad_output_open(ctl->options.format, table ? &lines : &one,
		    table ? row : NULL);
	if (o == NULL) {
		json_decref(row);
		ruad_message("out of memory");
		return RUAD_EXIT_TEMP;
	}
	if (!table) {
		ruad_output_row(o, row);
		row = NULL;
	}
	status = ruad_output_close(&o);
	json_decref(row);
	return status;
}

enum ruad_exit
ruad_ctl_list(struct ruad_ctl *ctl, enum ruad_question question,
    const struct ruad_layout *layout, const json_t *facts,
    ruad_ctl_finish *finish, int64_t *rows_out)
{
	struct ruad_output *o = NULL;
	enum ruad_exit status = RUAD_EXIT_OK, end;
	struct ruad_rows *rows;
	enum ruad_status st;
	struct ruad_err err;
	int64_t count = 0;

	st = ruad_query_ask(ctl->query, question, &ctl->options.filter, &rows,
	    &err);
	if (st == RUAD_OK)
		st = ruad_rows_next(rows, &err);
	if (st == RUAD_OK || st == RUAD_END)
		o = ruad_output_open(ctl->options.format, layout, facts);
	if (o == NULL && (st == RUAD_OK || st == RUAD_END))
		st = ruad_fail_memory(&err, "output");
	for (; st == RUAD_OK; st = ruad_rows_next(rows, &err)) {
		json_t *row =
		    ruad_ctl_row(rows, layout->columns, layout->column_count);

		count++;
		if (row != NULL && finish != NULL)
			status = finish(ctl, rows, row);
		if (!ruad_output_row(o, row) || status != RUAD_EXIT_OK)
			break;
	}
	end = ruad_output_close(&o);
	if (st != RUAD_OK && st != RUAD_END)
		status = ruad_message_failure(&err);
	if (rows_out != NULL)
		*rows_out = count;
	return status != RUAD_EXIT_OK ? status : end;
}

void
ruad_ctl_limit_table(struct ruad_ctl *ctl)
{
	if (ctl->options.format == RUAD_FORMAT_TABLE &&
	    (ctl->options.given & RUAD_OPTION(LIMIT)) == 0)
		ctl->options.filter.limit = TABLE_ROWS;
}

void
ruad_ctl_tell_limit(const struct ruad_ctl *ctl, int64_t rows)
{
	if (rows > 0 && rows == ctl->options.filter.limit &&
	    (ctl->options.given & RUAD_OPTION(LIMIT)) == 0)
		ruad_message("these are the first %" PRId64
			     ", there may be more: see --limit",
		    rows);
}

enum ruad_exit
ruad_ctl_domain(struct ruad_ctl *ctl)
{
	if (ctl->arg_count > 0)
		return ruad_options_set_domain(&ctl->options, ctl->args[0]);
	return RUAD_EXIT_OK;
}

enum ruad_exit
ruad_ctl_list_top(struct ruad_ctl *ctl, enum ruad_question question,
    const struct ruad_layout *layout, ruad_ctl_finish *finish,
    const char *nothing)
{
	enum ruad_exit status = ruad_ctl_query(ctl);
	const char *domain = ctl->options.domain;
	int64_t rows = 0;

	if (status != RUAD_EXIT_OK)
		return status;
	ruad_ctl_limit_table(ctl);
	status = ruad_ctl_list(ctl, question, layout, NULL, finish, &rows);
	if (status != RUAD_EXIT_OK)
		return status;
	if (rows == 0)
		ruad_message("no %s%s%s in this store with these filters",
		    nothing, domain != NULL ? " about " : "",
		    domain != NULL ? domain : "");
	ruad_ctl_tell_limit(ctl, rows);
	return RUAD_EXIT_OK;
}

const char *
ruad_ctl_tint_percent(const json_t *row)
{
	const json_t *percent = json_object_get(row, "pass_percent");
	double p = json_real_value(percent);

	if (!json_is_real(percent))
		return NULL;
	return p >= 98.0 ? "green" : p >= 90.0 ? "yellow" : "red";
}

const char *
ruad_ctl_tint_fail(const json_t *row)
{
	return json_integer_value(json_object_get(row, "messages_fail")) > 0
	    ? "red"
	    : NULL;
}
