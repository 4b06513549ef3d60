/* view_why.c - why messages of a sender fail, and what would mend it, from what
 * reports say of their authentication. */
#include "view.h"
#include <string.h>
#include "rows.h"

enum ruad_status
ruad_view_auth(const struct ruad_view *v, int64_t sender_id, json_t **out,
    struct ruad_err *err)
{
	json_t *args;
	enum ruad_status st = ruad_view_args(v, &args, err);

	*out = NULL;
	if (st != RUAD_OK)
		return st;
	json_object_set_new(args, "id", json_integer(sender_id));
	st = ruad_json_all(v->db,
	    "SELECT CASE a.method WHEN 1 THEN 'dkim' ELSE 'spf' END AS method,"
	    " d.name AS domain, a.selector, CASE a.result WHEN 0 THEN 'other'"
	    "  WHEN 1 THEN 'none' WHEN 2 THEN 'pass' WHEN 3 THEN 'fail'"
	    "  WHEN 4 THEN 'policy' WHEN 5 THEN 'neutral' WHEN 6 THEN "
	    "'softfail'"
	    "  WHEN 7 THEN 'temperror' WHEN 8 THEN 'permerror' END AS result,"
	    " CASE a.alignment WHEN 0 THEN 'none' WHEN 1 THEN 'relaxed'"
	    "  ELSE 'strict' END AS aligned, sum(a.messages) AS messages,"
	    " sum(a.failed) AS failed, coalesce(d.org_domain = (SELECT"
	    "  o.org_domain FROM domain AS o WHERE o.name = :d), 0) AS \"own?\""
	    " FROM roll_auth AS a"
	    " LEFT JOIN domain AS d ON d.domain_key = a.auth_domain_key"
	    " WHERE a.domain_key = :k AND a.sender_id = :id"
	    " AND a.day BETWEEN :from AND :to"
	    " GROUP BY a.method, a.auth_domain_key, a.selector, a.result,"
	    "  a.alignment"
	    " ORDER BY failed DESC, messages DESC, 1, 2, 3 LIMIT 100",
	    args, out, err);
	json_decref(args);
	return st;
}

static const char *
text(const json_t *row, const char *name)
{
	const char *value = json_string_value(json_object_get(row, name));

	return value != NULL ? value : "";
}

/* The result of a method that most failing messages have, which is not aligned:
 * an aligned pass does not explain why they fail. */
static const json_t *
main_result(const json_t *auth, const char *method)
{
	const json_t *row;
	size_t i;

	json_array_foreach(auth, i, row)
	{
		if (strcmp(text(row, "method"), method) == 0 &&
		    strcmp(text(row, "aligned"), "none") == 0 &&
		    json_integer_value(json_object_get(row, "failed")) > 0)
			return row;
	}
	return NULL;
}

static bool
is_own(const json_t *row)
{
	return json_is_true(json_object_get(row, "own"));
}

static json_t *
say(const struct ruad_view *v, const json_t *row, const char *code,
    json_t *detail)
{
	return ruad_view_say(code,
	    json_pack("{s:s, s:O?, s:O?, s:O?}", "author", v->domain, "domain",
		json_object_get(row, "domain"), "selector",
		json_object_get(row, "selector"), "result",
		json_object_get(row, "result")),
	    detail);
}

static json_t *
why_dkim(const struct ruad_view *v, const json_t *row)
{
	const char *domain = text(row, "domain"), *result = text(row, "result");

	if (domain[0] == '\0')
		return say(v, row, "dkim_none",
		    json_string("no DKIM signature"));
	if (strcmp(result, "pass") == 0)
		return say(v, row, "dkim_not_aligned",
		    json_sprintf("DKIM passes for %s, which is not aligned "
				 "with %s",
			domain, v->domain));
	return say(v, row, is_own(row) ? "dkim_broken" : "dkim_foreign_broken",
	    json_sprintf("the DKIM signature of %s is not good: %s", domain,
		result));
}

static json_t *
why_spf(const struct ruad_view *v, const json_t *row)
{
	const char *domain = text(row, "domain"), *result = text(row, "result");

	if (domain[0] == '\0')
		return say(v, row, "spf_none",
		    json_string("no result of SPF is reported"));
	if (strcmp(result, "pass") == 0)
		return say(v, row, "spf_not_aligned",
		    json_sprintf("SPF passes for %s, which is not aligned "
				 "with %s",
			domain, v->domain));
	return say(v, row, is_own(row) ? "spf_fail" : "spf_foreign_fail",
	    json_sprintf("SPF does not pass for %s: %s", domain, result));
}

json_t *
ruad_view_why(const struct ruad_view *v, const json_t *auth)
{
	const json_t *dkim = main_result(auth, "dkim");
	const json_t *spf = main_result(auth, "spf");
	json_t *list = json_array();

	if (spf != NULL)
		json_array_append_new(list, why_spf(v, spf));
	if (dkim != NULL)
		json_array_append_new(list, why_dkim(v, dkim));
	return list;
}

json_t *
ruad_view_brief_why(const struct ruad_view *v, const json_t *auth)
{
	const json_t *dkim = main_result(auth, "dkim");
	const json_t *spf = main_result(auth, "spf");
	bool dkim_none = dkim == NULL || text(dkim, "domain")[0] == '\0';

	if (dkim == NULL && spf == NULL)
		return NULL;
	if (dkim_none &&
	    (spf == NULL || strcmp(text(spf, "result"), "pass") != 0))
		return say(v, NULL, "no_alignment",
		    json_string("neither DKIM nor SPF passes"));
	return dkim_none && spf != NULL ? why_spf(v, spf) : why_dkim(v, dkim);
}

/* What the operator of a sender of ours can do. */
static void
add_own_fixes(const struct ruad_view *v, const json_t *auth, json_t *list)
{
	const json_t *dkim = main_result(auth, "dkim");
	const json_t *spf = main_result(auth, "spf");

	if (dkim != NULL && is_own(dkim))
		json_array_append_new(list,
		    say(v, dkim, "dkim_key",
			json_sprintf("see whether the key %s._domainkey.%s is "
				     "published and is the one that it signs "
				     "with, and whether something changes "
				     "messages after they were signed",
			    text(dkim, "selector"), text(dkim, "domain"))));
	else if (dkim != NULL)
		json_array_append_new(list,
		    say(v, dkim, "custom_dkim",
			json_sprintf("have it sign with a domain of yours: a "
				     "key, or a CNAME to one, below "
				     "_domainkey.%s",
			    v->domain)));
	if (spf != NULL && is_own(spf) &&
	    strcmp(text(spf, "result"), "pass") != 0)
		json_array_append_new(list,
		    say(v, spf, "spf_include",
			json_sprintf("or add its addresses to the SPF record "
				     "of %s",
			    text(spf, "domain"))));
	else if (spf != NULL)
		json_array_append_new(list,
		    say(v, spf, "custom_return_path",
			json_sprintf("or have it use an envelope domain below "
				     "%s",
			    v->domain)));
}

json_t *
ruad_view_fix(const struct ruad_view *v, const json_t *auth, const char *class)
{
	json_t *list = json_array();

	if (strcmp(class, "mine_fail") == 0)
		add_own_fixes(v, auth, list);
	else if (strcmp(class, "forwarded") == 0)
		json_array_append_new(list,
		    say(v, NULL, "forwarded",
			json_string("forwarding breaks SPF, and lists break "
				    "signatures: sign all mail with DKIM; the "
				    "rest is up to the forwarder (ARC)")));
	else if (strcmp(class, "unknown") == 0)
		json_array_append_new(list,
		    say(v, NULL, "find_out",
			json_string("find out whose it is, and label it: if "
				    "it is yours, it must sign with your "
				    "domain; if not, a stricter policy stops "
				    "it")));
	return list;
}
