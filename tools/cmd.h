/* cmd.h - what the commands share: their table, and how to get at the
 * configuration and the store. One file per command: cmd_NAME.c. */
#ifndef RUAD_TOOLS_CMD_H
#define RUAD_TOOLS_CMD_H
#include "conf.h"
#include "message.h"
#include "options.h"
#include "output.h"
#include "query.h"
#include "store.h"

struct ruad_ctl {
	struct ruad_options options;
	/* What stands behind the command. */
	char **args;
	int arg_count;
	struct ruad_conf *conf; /* owned; NULL: not read yet */
	struct ruad_query *query; /* owned; NULL: not open yet */
};

struct ruad_command {
	const char *name;
	enum ruad_exit (*run)(struct ruad_ctl *ctl);
	const char *summary; /* one line */
	const char *usage; /* what stands behind the name */
	const char *help; /* paragraphs, each line with its end */
	const char *examples[2]; /* what stands behind "ruadctl " */
	uint64_t options; /* set of those beside the global ones */
	int args_min, args_max; /* -1: any number */
};

enum ruad_exit ruad_cmd_backup(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_check(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_domain(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_export(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_enrich(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_expire(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_failures(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_import(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_ingest(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_quarantine(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_record(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_raw(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_rehearse(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_reload(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_reparse(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_reporter(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_reporters(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_reports(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_restore(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_senders(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_show(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_sources(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_stats(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_status(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_summary(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_timeline(struct ruad_ctl *ctl);
enum ruad_exit ruad_cmd_user(struct ruad_ctl *ctl);

/* Read the configuration into ctl->conf: -c, or the default file, or the
 * defaults where there is no such file. The failure has been told. */
enum ruad_exit ruad_ctl_conf(struct ruad_ctl *ctl);

/* The path of the store, after ruad_ctl_conf() or with -d. */
const char *ruad_ctl_store(const struct ruad_ctl *ctl);

/* A word behind a command that says what to do. */
struct ruad_action {
	const char *name;
	enum ruad_exit (*run)(struct ruad_ctl *ctl);
	const char *usage; /* what stands behind the name */
	uint64_t options; /* set of those beside the global ones */
	int args_min, args_max; /* -1: any number */
};

/* Run the action that the first argument names; the others are its arguments
 * then. `command` is what it belongs to. */
enum ruad_exit ruad_ctl_act(struct ruad_ctl *ctl, const char *command,
    const struct ruad_action *actions, size_t count);

/* A key of the command line, such as that of a report. Tells what is wrong. */
bool ruad_ctl_key(const char *text, const char *what, int64_t *out);

/* The directory for the files of this run, which the caller frees: the
 * configured one, or where -d alone names the store, that of the store. NULL:
 * out of memory. */
char *ruad_ctl_spool_dir(const struct ruad_ctl *ctl);

/* Whether the store may be written, or made, by who runs this. RUAD_BAD: no, and
 * trying again would not help. RUAD_TEMP: no memory. */
enum ruad_status ruad_ctl_check_store(const struct ruad_ctl *ctl,
    struct ruad_err *err);

/* Open the store for changes; one that is not there is not created. The failure
 * has been told. */
enum ruad_exit ruad_ctl_open_store(struct ruad_ctl *ctl,
    struct ruad_store **out);

/* Have the user confirm by typing "delete", unless --yes was given. What is
 * going to happen has been told. False: nothing may be done. */
bool ruad_ctl_confirm(const struct ruad_ctl *ctl);

/* Open the store for reading into ctl->query. The failure has been told. */
enum ruad_exit ruad_ctl_query(struct ruad_ctl *ctl);

/* The current row as an object with all columns that the question has. NULL:
 * out of memory. */
json_t *ruad_ctl_row(const struct ruad_rows *rows,
    const struct ruad_column *columns, size_t count);

/* A time, for a column of kind TIME; null for 0. NULL: out of memory. */
json_t *ruad_ctl_time(int64_t epoch);

/* Write facts that are no list, taking over the row that holds them (NULL: out
 * of memory): in a table, a line for each; else one row. */
enum ruad_exit ruad_ctl_facts(struct ruad_ctl *ctl,
    const struct ruad_column *facts, size_t count, json_t *row);

/* Ask the question with the filter of the options and write all rows. `finish`
 * (may be NULL) completes each row before it is written; it gives another
 * status than OK after it has told of a failure. *rows_out (may be NULL) counts
 * them. */
typedef enum ruad_exit ruad_ctl_finish(struct ruad_ctl *ctl,
    const struct ruad_rows *rows, json_t *row);
enum ruad_exit ruad_ctl_list(struct ruad_ctl *ctl, enum ruad_question question,
    const struct ruad_layout *layout, const json_t *facts,
    ruad_ctl_finish *finish, int64_t *rows_out);

/* For lists that people look at the top of: where --limit says nothing, a table
 * ends after a screen or two; afterwards tell that it may have. */
void ruad_ctl_limit_table(struct ruad_ctl *ctl);
void ruad_ctl_tell_limit(const struct ruad_ctl *ctl, int64_t rows);

/* Take the DOMAIN that may be the first argument. */
enum ruad_exit ruad_ctl_domain(struct ruad_ctl *ctl);

/* All that a command does whose answer is such a list: `nothing` is what there
 * is none of where there are no rows. */
enum ruad_exit ruad_ctl_list_top(struct ruad_ctl *ctl,
    enum ruad_question question, const struct ruad_layout *layout,
    ruad_ctl_finish *finish, const char *nothing);

/* The share of a row that passes DMARC. */
#define RUAD_PASS_PERCENT \
	{ \
		.name = "pass_percent", .title = "PASS%", \
		.kind = RUAD_COLUMN_PERCENT, .tint = ruad_ctl_tint_percent \
	}

/* Colours for shares and counts that an operator must see, see output.h. */
const char *ruad_ctl_tint_percent(const json_t *row);
const char *ruad_ctl_tint_fail(const json_t *row);

#endif
