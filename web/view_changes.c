/* view_changes.c - what changed in a week: each kind of change is a statement
 * and a sentence. Weeks are whole, so that the same weekdays are compared, and
 * end with the last day that is over. */
#include "view.h"
#include <stdio.h>
#include <string.h>
#include "rows.h"

/* Fewer messages in a week are no change that anybody wants to be told of. */
#define FEW "50"

/* The last day that is over, and that has reports. */
#define LAST \
	"(SELECT min(:to, :today - 1, coalesce(max(day), 0))" \
	" FROM roll_day WHERE domain_key = :k)"

#define WEEKS "WITH w (last) AS MATERIALIZED (SELECT " LAST "),"

/* Senders by week: `now` and `before` are the last 7 days and those before
 * them, `past` the 28 before the last 7. */
#define BY_SENDER \
	WEEKS \
	" s AS (SELECT f.sender_id," \
	"  sum(iif(f.day > last - 7, f.messages, 0)) AS now," \
	"  sum(iif(f.day > last - 7 AND f.dkim = 2 AND f.spf = 2," \
	"   f.messages, 0)) AS now_failed," \
	"  sum(iif(f.day BETWEEN last - 13 AND last - 7, f.messages, 0))" \
	"   AS before," \
	"  sum(iif(f.day <= last - 7, f.messages, 0)) AS past," \
	"  sum(iif(f.day <= last - 7 AND f.dkim = 2 AND f.spf = 2," \
	"   f.messages, 0)) AS past_failed, max(iif(f.day > last - 7, " \
	"f.day, 0))" \
	"   AS day, last FROM w JOIN roll_sender AS f ON f.domain_key = " \
	":k" \
	"  AND f.day BETWEEN last - 34 AND last GROUP BY f.sender_id)" \
	" SELECT s.*, n.name AS sender, n.first_day, n.basis" \
	" FROM s JOIN roll_name AS n ON n.sender_id = s.sender_id"

/* The domain must have been looked at for a while, or all is new. */
static const char new_sql[] =
    BY_SENDER " WHERE n.first_day > s.last - 7 AND s.now > 0"
	      " AND n.first_day >= (SELECT min(day) + 7 FROM roll_day"
	      "  WHERE domain_key = :k)"
	      /* Networks come and go: only what is large is news. */
	      " AND (n.basis <> 'network' OR s.now >= " FEW ")"
	      " ORDER BY s.now DESC LIMIT 50";

static const char failing_sql[] =
    BY_SENDER " WHERE s.now_failed >= 10 AND s.now_failed * 2 > s.now"
	      " AND s.past >= 10 AND s.past_failed * 10 < s.past"
	      " ORDER BY s.now_failed DESC LIMIT 50";

static const char volume_sql[] = BY_SENDER
    " WHERE n.first_day <= s.last - 13 AND max(s.now, s.before) >= " FEW
    " AND (s.now >= 2 * s.before OR 2 * s.now <= s.before)"
    " ORDER BY abs(s.now - s.before) DESC LIMIT 20";

/* Reporters of at least 4 of the 14 days before that have not been heard of for
 * three. */
static const char quiet_sql[] =
    "SELECT o.org_name, max(r.day) AS day, count(DISTINCT r.day) AS days,"
    " (:now - max(r.last_received)) / 3600 AS hours"
    " FROM roll_report AS r JOIN reporter AS o"
    "  ON o.reporter_key = r.reporter_key"
    " WHERE r.domain_key = :k AND r.day BETWEEN :to - 20 AND :to"
    " GROUP BY r.reporter_key"
    " HAVING max(r.day) BETWEEN :to - 10 AND :to - 4"
    "  AND count(DISTINCT r.day) >= 4"
    " ORDER BY days DESC, o.org_key LIMIT 20";

static void
add(json_t *list, const char *code, const char *severity, int64_t day,
    json_t *sender, json_t *params, json_t *detail, json_t *href)
{
	json_array_append_new(list,
	    json_pack("{s:s, s:s, s:o, s:o?, s:o, s:o, s:o}", "code", code,
		"severity", severity, "day", ruad_view_day(day), "sender",
		sender, "params", params, "detail", detail, "href", href));
}

static json_int_t
number(const json_t *row, const char *name)
{
	return json_integer_value(json_object_get(row, name));
}

static const char *
text(const json_t *row, const char *name)
{
	const char *value = json_string_value(json_object_get(row, name));

	return value != NULL ? value : "";
}

/* A change of a sender; the detail is taken over. */
static void
add_sender(const struct ruad_view *v, json_t *list, const json_t *row,
    const char *code, const char *severity, int64_t day, json_t *params,
    json_t *detail)
{
	json_int_t id = number(row, "sender_id");

	add(list, code, severity, day,
	    json_pack("{s:I, s:s}", "id", id, "sender", text(row, "sender")),
	    params, detail,
	    json_sprintf("/d/%s/senders/%lld", v->domain, (long long)id));
}

static void
add_new(const struct ruad_view *v, json_t *list, const json_t *row)
{
	json_int_t now = number(row, "now"), failed = number(row, "now_failed");

	add_sender(v, list, row, "sender_new", failed > 0 ? "warn" : "info",
	    number(row, "first_day"),
	    json_pack("{s:s, s:I, s:I}", "sender", text(row, "sender"),
		"messages", now, "failed", failed),
	    json_sprintf("new sender %s: %lld messages, %lld fail",
		text(row, "sender"), (long long)now, (long long)failed));
}

static void
add_failing(const struct ruad_view *v, json_t *list, const json_t *row)
{
	json_int_t now = number(row, "now"), failed = number(row, "now_failed");

	add_sender(v, list, row, "sender_failing", "bad", number(row, "day"),
	    json_pack("{s:s, s:I, s:I}", "sender", text(row, "sender"),
		"messages", now, "failed", failed),
	    json_sprintf("%s has started to fail: %lld of %lld messages",
		text(row, "sender"), (long long)failed, (long long)now));
}

static void
add_volume(const struct ruad_view *v, json_t *list, const json_t *row)
{
	json_int_t now = number(row, "now"), before = number(row, "before");

	add_sender(v, list, row, now > before ? "volume_up" : "volume_down",
	    "info", number(row, "last"),
	    json_pack("{s:s, s:I, s:I}", "sender", text(row, "sender"),
		"messages", now, "before", before),
	    json_sprintf("%s sends %s: %lld messages in 7 days, %lld in the 7 "
			 "before",
		text(row, "sender"), now > before ? "more" : "less",
		(long long)now, (long long)before));
}

static void
add_quiet(const struct ruad_view *v, json_t *list, const json_t *row)
{
	(void)v;
	add(list, "reporter_quiet", "warn", number(row, "day"), NULL,
	    json_pack("{s:s, s:I, s:I}", "org_name", text(row, "org_name"),
		"days", number(row, "days"), "hours", number(row, "hours")),
	    json_sprintf("no report from %s for %lld hours",
		text(row, "org_name"), (long long)number(row, "hours")),
	    json_string("/reporters"));
}

static enum ruad_status
add_rows(const struct ruad_view *v, const json_t *args, json_t *list,
    struct ruad_err *err)
{
	static const struct {
		const char *sql;
		void (*add)(const struct ruad_view *v, json_t *list,
		    const json_t *row);
	} kinds[] = { { new_sql, add_new }, { failing_sql, add_failing },
		{ volume_sql, add_volume }, { quiet_sql, add_quiet } };
	enum ruad_status st = RUAD_OK;

	for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		json_t *rows = NULL;
		const json_t *row;
		size_t i;

		st = ruad_json_all(v->db, kinds[k].sql, args, &rows, err);
		if (st != RUAD_OK)
			break;
		json_array_foreach(rows, i, row)
		{
			kinds[k].add(v, list, row);
		}
		json_decref(rows);
	}
	return st;
}

/* "adkim, p" */
static void
join(const json_t *words, char out[200])
{
	const json_t *word;
	size_t i, len = 0;

	out[0] = '\0';
	json_array_foreach(words, i, word)
	{
		len += (size_t)snprintf(out + len, len < 200 ? 200 - len : 0,
		    "%s%s", i > 0 ? ", " : "", json_string_value(word));
	}
}

static int64_t
day_of(const struct ruad_view *v, const json_t *marker)
{
	json_t *args = json_pack("{s:s}", "t", text(marker, "day")),
	       *row = NULL;
	struct ruad_err ignored;
	int64_t day = v->last_day;

	if (ruad_json_first(v->db, "SELECT unixepoch(:t) / 86400 AS day", args,
		&row, &ignored) == RUAD_OK)
		day = number(row, "day");
	json_decref(row);
	json_decref(args);
	return day;
}

static enum ruad_status
add_records(const struct ruad_view *given, json_t *list, struct ruad_err *err)
{
	struct ruad_view v = *given;
	json_t *markers = NULL;
	const json_t *marker;
	char changed[200];
	enum ruad_status st;
	size_t i;

	v.first_day = v.last_day - 6;
	st = ruad_view_markers(&v, &markers, err);
	if (st != RUAD_OK)
		return st;
	json_array_foreach(markers, i, marker)
	{
		const json_t *tags = json_object_get(marker, "changed");

		if (json_array_size(tags) == 0)
			continue;
		join(tags, changed);
		add(list, "record_changed", "info", day_of(&v, marker), NULL,
		    json_pack("{s:s, s:O}", "changed", changed, "record",
			json_object_get(marker, "record")),
		    json_sprintf("the record in DNS changed: %s", changed),
		    json_sprintf("/d/%s/policy", v.domain));
	}
	json_decref(markers);
	return RUAD_OK;
}

/* What reporters saw last, beside what DNS has. */
static enum ruad_status
add_differs(const struct ruad_view *v, json_t *list, struct ruad_err *err)
{
	struct ruad_roll_published dns;
	struct ruad_rehearsal_seen seen;
	json_t *says, *saw;
	enum ruad_status st = ruad_roll_published(v->db, v->domain, &dns, err);

	if (st == RUAD_OK)
		st = ruad_rehearsal_seen(v->db, v->domain, &seen, err);
	if (st != RUAD_OK || !dns.found || !dns.in_dns || !seen.found ||
	    seen.policy.p == dns.policy.p)
		return st;
	says = ruad_view_policy(&dns);
	dns.policy = seen.policy;
	saw = ruad_view_policy(&dns);
	add(list, "policy_differs", "warn", v->last_day, NULL,
	    json_pack("{s:O?, s:O?}", "dns", json_object_get(says, "p"),
		"reports", json_object_get(saw, "p")),
	    json_sprintf("DNS says p=%s, the newest report has seen p=%s",
		text(says, "p"), text(saw, "p")),
	    json_sprintf("/d/%s/dns", v->domain));
	json_decref(says);
	json_decref(saw);
	return RUAD_OK;
}

/* The newest first; of a day, what is bad first. */
static json_t *
sorted(json_t *list)
{
	static const char *const order[] = { "bad", "warn", "info" };
	json_t *out = json_array();

	while (json_array_size(list) > 0) {
		size_t best = 0, best_rank = 3;
		const char *best_day = "";

		for (size_t i = 0; i < json_array_size(list); i++) {
			const json_t *c = json_array_get(list, i);
			const char *day = text(c, "day");
			size_t rank = 0;
			int by = strcmp(day, best_day);

			while (strcmp(order[rank], text(c, "severity")) != 0)
				rank++;
			if (by > 0 || (by == 0 && rank < best_rank)) {
				best = i;
				best_rank = rank;
				best_day = day;
			}
		}
		json_array_append(out, json_array_get(list, best));
		json_array_remove(list, best);
	}
	json_decref(list);
	return out;
}

enum ruad_status
ruad_view_changes(const struct ruad_view *v, json_t **out, struct ruad_err *err)
{
	json_t *args, *list = json_array();
	enum ruad_status st = ruad_view_args(v, &args, err);

	*out = NULL;
	if (st == RUAD_OK)
		st = add_rows(v, args, list, err);
	if (st == RUAD_OK)
		st = add_records(v, list, err);
	if (st == RUAD_OK)
		st = add_differs(v, list, err);
	json_decref(args);
	if (st != RUAD_OK) {
		json_decref(list);
		return st;
	}
	*out = sorted(list);
	return RUAD_OK;
}
