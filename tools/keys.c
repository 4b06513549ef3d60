/* keys.c - see keys.h. */
#include "keys.h"
#include <stdlib.h>
#include <string.h>

enum { FIRST_KEYS = 64 };

static bool
add(struct ruad_keys *k, struct ruad_key key)
{
	size_t cap = k->cap == 0 ? FIRST_KEYS : 2 * k->cap;
	void *p;

	if (k->count == k->cap) {
		p = realloc(k->key, cap * sizeof(*k->key));
		if (p == NULL)
			return false;
		k->key = p;
		k->cap = cap;
	}
	k->key[k->count++] = key;
	return true;
}

/* Add all that the question finds with the current filter. */
static enum ruad_exit
ask(struct ruad_ctl *ctl, enum ruad_question question, const char *name,
    struct ruad_keys *out)
{
	enum ruad_status st;
	struct ruad_rows *rows;
	struct ruad_err err;

	st = ruad_query_ask(ctl->query, question, &ctl->options.filter, &rows,
	    &err);
	if (st == RUAD_OK)
		st = ruad_rows_next(rows, &err);
	for (; st == RUAD_OK; st = ruad_rows_next(rows, &err)) {
		struct ruad_key key = { .key = ruad_rows_int(rows, name),
			.mail_key = ruad_rows_int(rows, "mail_key") };

		if (ruad_rows_has(rows, "outcome"))
			key.report = strcmp(ruad_rows_text(rows, "outcome"),
					 "not-a-report") != 0;
		if (!add(out, key)) {
			st = ruad_fail_memory(&err, "keys");
			break;
		}
	}
	return st == RUAD_END ? RUAD_EXIT_OK : ruad_message_failure(&err);
}

static int
order(const void *left, const void *right)
{
	const struct ruad_key *a = left, *b = right;

	if (a->mail_key != b->mail_key)
		return a->mail_key < b->mail_key ? -1 : 1;
	return a->key < b->key ? -1 : a->key > b->key;
}

/* Sort, and leave out what was named twice. */
static void
sort(struct ruad_keys *k)
{
	size_t kept = 0;

	if (k->count > 0)
		qsort(k->key, k->count, sizeof(*k->key), order);
	for (size_t i = 0; i < k->count; i++)
		if (kept == 0 || k->key[kept - 1].key != k->key[i].key)
			k->key[kept++] = k->key[i];
	k->count = kept;
}

enum ruad_exit
ruad_keys_of_quarantine(struct ruad_ctl *ctl, struct ruad_keys *out)
{
	enum ruad_exit status = RUAD_EXIT_OK;
	size_t before;

	if (ctl->arg_count == 0)
		status = ask(ctl, RUAD_ASK_QUARANTINE, "quarantine_key", out);
	for (int i = 0; i < ctl->arg_count && status == RUAD_EXIT_OK; i++) {
		before = out->count;
		if (!ruad_ctl_key(ctl->args[i], "KEY",
			&ctl->options.filter.quarantine_key))
			return RUAD_EXIT_USAGE;
		status = ask(ctl, RUAD_ASK_QUARANTINE, "quarantine_key", out);
		if (status == RUAD_EXIT_OK && out->count == before)
			return ruad_message_usage("nothing in quarantine has "
						  "the key %s: see ruadctl "
						  "quarantine list",
			    ctl->args[i]);
	}
	sort(out);
	return status;
}

enum ruad_exit
ruad_keys_of_reports(struct ruad_ctl *ctl, struct ruad_keys *out)
{
	enum ruad_exit status = RUAD_EXIT_OK;
	struct ruad_key key = { 0 };

	if (ctl->arg_count == 0)
		status = ask(ctl, RUAD_ASK_REPORT_KEYS, "report_key", out);
	for (int i = 0; i < ctl->arg_count && status == RUAD_EXIT_OK; i++) {
		if (!ruad_ctl_key(ctl->args[i], "REPORT_KEY", &key.key))
			return RUAD_EXIT_USAGE;
		if (!add(out, key)) {
			ruad_message("out of memory");
			status = RUAD_EXIT_TEMP;
		}
	}
	sort(out);
	return status;
}

void
ruad_keys_free(struct ruad_keys *k)
{
	free(k->key);
	memset(k, 0, sizeof(*k));
}
