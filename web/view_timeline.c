/* view_timeline.c - messages by day, week or month, in columns. Days without a
 * message are there, too, from the first that has any. */
#include "view.h"
#include "rows.h"

const char *
ruad_view_bucket_sql(enum ruad_view_bucket bucket)
{
	/* Day 4 was a Monday. */
	static const char *const sql[] = {
		[RUAD_VIEW_DAY] = "day",
		[RUAD_VIEW_WEEK] = "(day - (day + 3) % 7)",
		[RUAD_VIEW_MONTH] = "(unixepoch(day * 86400, 'unixepoch',"
				    " 'start of month') / 86400)",
	};

	return sql[bucket];
}

static const char *const sums[] = {
	[RUAD_VIEW_CLASS] = RUAD_VIEW_CLASSES,
	[RUAD_VIEW_DISPOSITION] =
	    "coalesce(sum(n), 0) AS messages,"
	    " coalesce(sum(iif(disposition IN (1, 2), n, 0)), 0) AS none,"
	    " coalesce(sum(iif(disposition = 3, n, 0)), 0) AS quarantine,"
	    " coalesce(sum(iif(disposition = 4, n, 0)), 0) AS reject,"
	    " coalesce(sum(iif(disposition = 0, n, 0)), 0) AS not_known",
	[RUAD_VIEW_ALIGNED] =
	    "coalesce(sum(n), 0) AS messages,"
	    " coalesce(sum(iif(dkim = 1 AND spf = 1, n, 0)), 0)"
	    "  AS dkim_and_spf,"
	    " coalesce(sum(iif(dkim = 1 AND spf <> 1, n, 0)), 0) AS dkim_only,"
	    " coalesce(sum(iif(spf = 1 AND dkim <> 1, n, 0)), 0) AS spf_only,"
	    " coalesce(sum(iif(spf <> 1 AND dkim <> 1, n, 0)), 0) AS neither",
};

static const char *const columns[] = {
	[RUAD_VIEW_CLASS] = "day messages mine_pass forwarded mine_fail"
			    " unknown undecided",
	[RUAD_VIEW_DISPOSITION] = "day messages none quarantine reject"
				  " not_known",
	[RUAD_VIEW_ALIGNED] = "day messages dkim_and_spf dkim_only spf_only"
			      " neither",
};

static const char *const bucket_words[] = { "day", "week", "month" };
static const char *const by_words[] = { "class", "disposition", "alignment" };

/* The words of a text. */
static json_t *
words_json(const char *text)
{
	json_t *list = json_array();

	while (*text != '\0') {
		size_t len = 0;

		while (text[len] != '\0' && text[len] != ' ')
			len++;
		json_array_append_new(list, json_stringn(text, len));
		text += len + (text[len] == ' ');
	}
	return list;
}

static enum ruad_status
read_rows(const struct ruad_view *v, enum ruad_view_bucket bucket,
    enum ruad_view_by by, json_t **out, struct ruad_err *err)
{
	json_t *args;
	char *sql;
	enum ruad_status st = ruad_view_args(v, &args, err);

	if (st != RUAD_OK)
		return st;
	sql = sqlite3_mprintf(
	    "WITH RECURSIVE here AS (SELECT day, class, disposition, dkim, spf,"
	    "  messages AS n FROM roll_day WHERE domain_key = :k"
	    "  AND day BETWEEN :from AND :to),"
	    " span (day) AS (SELECT max(:from, (SELECT min(day) FROM roll_day"
	    "   WHERE domain_key = :k)) UNION ALL SELECT day + 1 FROM span"
	    "  WHERE day < :to)"
	    " SELECT "
	    "date((bucket) * 86400, 'unixepoch')"
	    " AS day, %s FROM ("
	    "  SELECT %s AS bucket, class, disposition, dkim, spf, n FROM ("
	    "   SELECT * FROM here UNION ALL"
	    "   SELECT day, -1, -1, 1, 1, 0 FROM span WHERE day IS NOT NULL))"
	    " GROUP BY bucket ORDER BY bucket",
	    sums[by], ruad_view_bucket_sql(bucket));
	st = sql != NULL ? ruad_json_arrays(v->db, sql, args, out, err)
			 : ruad_fail_memory(err, "view");
	sqlite3_free(sql);
	json_decref(args);
	return st;
}

enum ruad_status
ruad_view_timeline(const struct ruad_view *v, enum ruad_view_bucket bucket,
    enum ruad_view_by by, json_t **out, struct ruad_err *err)
{
	json_t *rows = NULL, *markers = NULL;
	enum ruad_status st = read_rows(v, bucket, by, &rows, err);

	*out = NULL;
	if (st == RUAD_OK)
		st = ruad_view_markers(v, &markers, err);
	if (st != RUAD_OK) {
		json_decref(rows);
		return st;
	}
	*out = json_pack("{s:o, s:o, s:s, s:s, s:o, s:o, s:o}", "from",
	    ruad_view_day(v->first_day), "to", ruad_view_day(v->last_day),
	    "bucket", bucket_words[bucket], "by", by_words[by], "columns",
	    words_json(columns[by]), "rows", rows, "markers", markers);
	return *out != NULL ? RUAD_OK : ruad_fail_memory(err, "view");
}
