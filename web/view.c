/* view.c - what all views share. */
#include "view.h"
#include "rows.h"
#include "sql.h"
#include "utc.h"

#define DAY_SECS INT64_C(86400)

enum ruad_status
ruad_view_args(const struct ruad_view *v, json_t **out, struct ruad_err *err)
{
	json_t *args = json_pack("{s:s?, s:I, s:I, s:I, s:I}", "d", v->domain,
	    "from", (json_int_t)v->first_day, "to", (json_int_t)v->last_day,
	    "now", (json_int_t)v->now_epoch, "today",
	    (json_int_t)(v->now_epoch / DAY_SECS));
	json_t *key = NULL;
	enum ruad_status st;

	*out = args;
	if (args == NULL)
		return ruad_fail_memory(err, "view");
	st = ruad_json_first(v->db,
	    "SELECT domain_key AS k FROM domain WHERE name = :d", args, &key,
	    err);
	if (st == RUAD_OK) {
		ruad_json_merge(args, key);
		return RUAD_OK;
	}
	json_decref(args);
	*out = NULL;
	return st;
}

json_t *
ruad_view_day(int64_t day)
{
	char text[RUAD_UTC_BYTES];

	return ruad_utc_day(day, text) != NULL ? json_string(text)
					       : json_null();
}

json_t *
ruad_view_say(const char *code, json_t *params, json_t *detail)
{
	return json_pack("{s:s, s:o, s:o}", "code", code, "params", params,
	    "detail", detail);
}

void
ruad_view_list_free(struct ruad_view_list *l)
{
	sqlite3_free(l->sql);
	json_decref(l->args);
	*l = (struct ruad_view_list){ NULL, NULL };
}

const char *
ruad_view_class(const json_t *o)
{
	static const char *const words[] = { "mine_pass", "forwarded",
		"unknown", "undecided" };
	const char *most = words[0];

	if (json_integer_value(json_object_get(o, "mine_fail")) > 0)
		return "mine_fail";
	for (size_t i = 1; i < sizeof(words) / sizeof(words[0]); i++) {
		if (json_integer_value(json_object_get(o, words[i])) >
		    json_integer_value(json_object_get(o, most)))
			most = words[i];
	}
	return most;
}
