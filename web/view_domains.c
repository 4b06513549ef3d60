/* view_domains.c - the domains of the list: those that are registered, and the
 * policy domains below them that have reports of their own. */
#include "view.h"
#include <string.h>
#include "rows.h"
#include "word.h"

enum { SPARK_DAYS = 30, SILENT_HOURS = 72 };

#define ABOVE \
	"(SELECT r.name FROM registered_domain AS r WHERE r.name <> d.name" \
	" AND substr(d.name, -length(r.name) - 1) = '.' || r.name" \
	" ORDER BY length(r.name) DESC LIMIT 1)"

enum ruad_status
ruad_view_domain_names(const struct ruad_view *v, json_t **out,
    struct ruad_err *err)
{
	json_t *rows = NULL;
	const json_t *row;
	enum ruad_status st = ruad_json_all(v->db,
	    "SELECT name FROM registered_domain UNION"
	    " SELECT d.name FROM (SELECT DISTINCT domain_key FROM roll_name)"
	    " AS k"
	    " JOIN domain AS d ON d.domain_key = k.domain_key"
	    " WHERE " ABOVE " IS NOT NULL ORDER BY name",
	    NULL, &rows, err);
	size_t i;

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	*out = json_array();
	json_array_foreach(rows, i, row)
	{
		json_array_append(*out, json_object_get(row, "name"));
	}
	json_decref(rows);
	return RUAD_OK;
}

static const char head_sql[] =
    "SELECT d.name AS domain, g.name IS NOT NULL AS \"registered?\", "
    "strftime('%Y-%m-%dT%H:%M:%SZ', g.since_epoch, 'unixepoch')"
    " AS since, m.label, g.note,"
    " coalesce(m.parked, 0) AS \"parked?\", " ABOVE " AS under"
    " FROM (SELECT :d AS name) AS d"
    " LEFT JOIN registered_domain AS g ON g.name = d.name"
    " LEFT JOIN domain_mark AS m ON m.domain = d.name"
    " WHERE g.name IS NOT NULL"
    " OR EXISTS (SELECT 1 FROM roll_day WHERE domain_key = :k)";

enum ruad_status
ruad_view_domain_exists(const struct ruad_view *v, bool *out,
    struct ruad_err *err)
{
	json_t *args, *row = NULL;
	enum ruad_status st = ruad_view_args(v, &args, err);

	*out = false;
	if (st == RUAD_OK)
		st = ruad_json_first(v->db, head_sql, args, &row, err);
	json_decref(args);
	*out = json_object_size(row) > 0;
	json_decref(row);
	return st;
}

static const char month_sql[] =
    "SELECT coalesce(sum(messages), 0) AS messages, "
    "1000 * coalesce(sum(iif(class = 0, messages, 0)), 0) / "
    "nullif(sum(messages), 0) / 10.0"
    " AS pass_percent,"
    " coalesce(sum(iif(class = 2, messages, 0)), 0) AS mine_fail,"
    " coalesce(sum(iif(class = 3, messages, 0)), 0) AS unknown"
    " FROM roll_day WHERE domain_key = :k AND day BETWEEN :today - 29"
    "  AND :today";

static const char spark_sql[] =
    "SELECT day, "
    "1000 * coalesce(sum(iif(class = 0, messages, 0)), 0) / "
    "nullif(sum(messages), 0) / 10.0"
    " FROM roll_day WHERE domain_key = :k"
    " AND day BETWEEN :today - 29 AND :today GROUP BY day";

static const char last_sql[] =
    "SELECT max(last_received) AS last, "
    "strftime('%Y-%m-%dT%H:%M:%SZ', max(last_received), 'unixepoch')"
    " AS last_report"
    " FROM roll_report WHERE domain_key = :k AND day >= coalesce((SELECT"
    "  max(day) FROM roll_report WHERE domain_key = :k), 0) - 14";

static const char ready_sql[] =
    "SELECT target, verdict, blockers FROM roll_ready WHERE domain_key = :k";

static json_int_t
number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

/* A value for each of the days, null where there was no message. */
static json_t *
sparkline(const struct ruad_view *v, const json_t *rows)
{
	int64_t first = v->now_epoch / 86400 - SPARK_DAYS + 1;
	json_t *list = json_array();
	size_t at = 0;

	for (int64_t day = first; day < first + SPARK_DAYS; day++) {
		const json_t *row = json_array_get(rows, at);

		if (row == NULL ||
		    json_integer_value(json_array_get(row, 0)) != day) {
			json_array_append_new(list, json_null());
			continue;
		}
		json_array_append(list, json_array_get(row, 1));
		at++;
	}
	return list;
}

/* What the roll-up says of the next step. */
static json_t *
next_step(const json_t *ready, const json_t *standing,
    const struct ruad_roll_published *published)
{
	static const char *const answers[] = { "yes", "no", "no_data", "done" };
	json_int_t verdict = number(ready, "verdict");
	const char *state =
	    json_string_value(json_object_get(standing, "state"));
	bool failing = state != NULL && strcmp(state, "failing") == 0;
	enum ruad_policy target = (enum ruad_policy)number(ready, "target");

	if (json_object_size(ready) == 0) {
		verdict = published->policy.p == RUAD_POLICY_REJECT ? 3 : 2;
		target = RUAD_POLICY_UNKNOWN;
	}
	if (verdict == 0 && failing)
		verdict = 1;
	return json_pack("{s:s, s:s?, s:I}", "answer",
	    answers[verdict >= 0 && verdict <= 3 ? verdict : 2], "target",
	    verdict == 3 || target == RUAD_POLICY_UNKNOWN
		? NULL
		: ruad_policy_word(target),
	    "blockers",
	    verdict == 3 ? (json_int_t)0
			 : number(ready, "blockers") + (failing ? 1 : 0));
}

/* What needs a look first; NULL: nothing. */
static json_t *
problem(const struct ruad_view *v, const json_t *o, const json_t *last)
{
	const json_t *standing = json_object_get(o, "standing");
	const char *state =
	    json_string_value(json_object_get(standing, "state"));
	const char *text = json_string_value(json_object_get(standing, "text"));
	json_int_t at = number(last, "last");
	json_int_t hours = (v->now_epoch - at) / 3600;

	if (state != NULL && strcmp(state, "failing") == 0)
		return ruad_view_say("record_failing",
		    json_pack("{s:O?}", "code",
			json_object_get(standing, "code")),
		    json_string(text != NULL
			    ? text
			    : "the record in DNS is not in order"));
	/* A domain that sends nothing may be quiet. */
	if (at != 0 && hours >= SILENT_HOURS &&
	    !json_is_true(json_object_get(o, "parked")))
		return ruad_view_say("silent",
		    json_pack("{s:I}", "hours", hours),
		    json_sprintf("no report for %lld hours", (long long)hours));
	return NULL;
}

static enum ruad_status
add_numbers(const struct ruad_view *v, const json_t *args, json_t *o,
    struct ruad_err *err)
{
	json_t *part = NULL, *ready = NULL;
	struct ruad_roll_published published;
	json_t *why;
	enum ruad_status st =
	    ruad_roll_published(v->db, v->domain, &published, err);

	if (st == RUAD_OK)
		st = ruad_json_first(v->db, month_sql, args, &part, err);
	if (st != RUAD_OK)
		return st;
	ruad_json_merge(o, part);
	json_object_set_new(o, "policy", ruad_view_policy(&published));
	st = ruad_json_arrays(v->db, spark_sql, args, &part, err);
	if (st != RUAD_OK)
		return st;
	json_object_set_new(o, "sparkline", sparkline(v, part));
	json_decref(part);
	st = ruad_json_first(v->db, ready_sql, args, &ready, err);
	if (st == RUAD_OK) {
		json_object_set_new(o, "next_step",
		    next_step(ready, json_object_get(o, "standing"),
			&published));
		st = ruad_json_first(v->db, last_sql, args, &part, err);
	}
	json_decref(ready);
	if (st != RUAD_OK)
		return st;
	why = problem(v, o, part);
	json_object_set_new(o, "problem", why != NULL ? why : json_null());
	json_object_set(o, "last_report", json_object_get(part, "last_report"));
	json_decref(part);
	return RUAD_OK;
}

enum ruad_status
ruad_view_domain(const struct ruad_view *v, json_t **out, struct ruad_err *err)
{
	json_t *args, *o = NULL, *standing = NULL;
	enum ruad_status st = ruad_view_args(v, &args, err);

	*out = NULL;
	if (st == RUAD_OK)
		st = ruad_json_first(v->db, head_sql, args, &o, err);
	if (st == RUAD_OK && json_object_size(o) == 0)
		st = RUAD_END;
	if (st == RUAD_OK)
		st = ruad_view_standing(v, &standing, err);
	if (st == RUAD_OK) {
		json_object_set_new(o, "standing", standing);
		st = add_numbers(v, args, o, err);
	}
	json_decref(args);
	if (st == RUAD_OK)
		*out = o;
	else
		json_decref(o);
	return st;
}
