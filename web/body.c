/* body.c - members of a body, and values that replies have, too. */
#include "body.h"
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "conf_value.h"
#include "utc.h"

enum { DOMAINS_MAX = 1000 };

static void
complain(struct ruad_response *res, const char *name, const char *code,
    const char *text)
{
	char pointer[80];

	snprintf(pointer, sizeof(pointer), "/%s", name);
	ruad_problem_field(res, pointer, code, "%s", text);
}

bool
ruad_body_has(const struct ruad_request *req, const char *name)
{
	return json_object_get(ruad_request_json(req), name) != NULL;
}

const char *
ruad_body_text(const struct ruad_request *req, struct ruad_response *res,
    const char *name, size_t max)
{
	const json_t *value = json_object_get(ruad_request_json(req), name);

	if (value == NULL) {
		complain(res, name, "required", "it lacks");
	} else if (!json_is_string(value)) {
		complain(res, name, "type", "a text");
	} else if (json_string_length(value) == 0) {
		complain(res, name, "required", "it is empty");
	} else if (json_string_length(value) > max) {
		complain(res, name, "too_long", "it is too long");
	} else {
		return json_string_value(value);
	}
	return NULL;
}

bool
ruad_body_flag(const struct ruad_request *req, struct ruad_response *res,
    const char *name, bool def)
{
	const json_t *value = json_object_get(ruad_request_json(req), name);

	if (value == NULL)
		return def;
	if (!json_is_boolean(value))
		complain(res, name, "type", "true or false");
	return json_is_true(value);
}

int64_t
ruad_body_int(const struct ruad_request *req, struct ruad_response *res,
    const char *name, int64_t min, int64_t max, int64_t def)
{
	const json_t *value = json_object_get(ruad_request_json(req), name);
	char text[80];

	if (value == NULL || json_is_null(value))
		return def;
	if (json_is_integer(value) && json_integer_value(value) >= min &&
	    json_integer_value(value) <= max)
		return json_integer_value(value);
	snprintf(text, sizeof(text), "a number from %" PRId64 " to %" PRId64,
	    min, max);
	complain(res, name, "range", text);
	return def;
}

enum ruad_role
ruad_body_role(const struct ruad_request *req, struct ruad_response *res,
    const char *name)
{
	const json_t *value = json_object_get(ruad_request_json(req), name);
	enum ruad_role role = RUAD_ROLE_NONE;

	if (value == NULL)
		return role;
	if (json_is_string(value))
		role = ruad_role_find(json_string_value(value));
	if (role == RUAD_ROLE_NONE)
		complain(res, name, "enum", "one of viewer, editor, admin");
	return role;
}

enum ruad_status
ruad_body_grants(const struct ruad_request *req, struct ruad_response *res,
    struct ruad_account *out, struct ruad_err *err)
{
	const json_t *list = json_object_get(ruad_request_json(req), "domains");
	const json_t *value;
	const char *allowed;
	char pointer[40], *domain;
	bool kept;
	size_t i;

	*out = (struct ruad_account){ .id = 0 };
	out->all_domains = ruad_body_flag(req, res, "all_domains", false);
	if (list == NULL)
		return RUAD_OK;
	if (!json_is_array(list) || json_array_size(list) > DOMAINS_MAX) {
		complain(res, "domains", "type", "a list of domains");
		return RUAD_OK;
	}
	json_array_foreach(list, i, value)
	{
		snprintf(pointer, sizeof(pointer), "domains/%zu", i);
		domain = json_is_string(value)
		    ? ruad_conf_take_domain(json_string_value(value), &allowed)
		    : NULL;
		if (domain == NULL) {
			complain(res, pointer, "domain", "not a domain name");
			continue;
		}
		kept = ruad_account_grant(out, domain);
		free(domain);
		if (!kept)
			return ruad_fail_memory(err, "body");
	}
	return RUAD_OK;
}

json_t *
ruad_body_time(int64_t epoch)
{
	char buf[RUAD_UTC_BYTES];
	const char *text = ruad_utc_print(epoch, buf);

	return text != NULL ? json_string(text) : json_null();
}

json_t *
ruad_body_texts(char *const *texts, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count && list != NULL; i++) {
		if (json_array_append_new(list, json_string(texts[i])) != 0) {
			json_decref(list);
			list = NULL;
		}
	}
	return list;
}
