/* api_alerts.c - what changed in a week, of all domains that somebody may see,
 * in one list. */
#include <stdlib.h>
#include <string.h>
#include "answer.h"
#include "api.h"

/* The newest first, then what is worst, then by domain. */
static int
compare(const void *a, const void *b)
{
	static const char *const order[] = { "day", "severity", "domain" };
	static const char *const worst_first[] = { "bad", "warn", "info" };
	const json_t *x = *(json_t *const *)a, *y = *(json_t *const *)b;
	const char *s[3], *t[3];
	int i = 0, k = 0, n;

	for (size_t m = 0; m < 3; m++) {
		s[m] = json_string_value(json_object_get(x, order[m]));
		t[m] = json_string_value(json_object_get(y, order[m]));
	}
	n = strcmp(t[0], s[0]);
	if (n != 0)
		return n;
	while (i < 2 && strcmp(worst_first[i], s[1]) != 0)
		i++;
	while (k < 2 && strcmp(worst_first[k], t[1]) != 0)
		k++;
	return i != k ? i - k : strcmp(s[2], t[2]);
}

/* The items of an array in order, taken over; NULL: no memory. */
static json_t *
sort(json_t *list)
{
	size_t count = json_array_size(list);
	json_t **items = calloc(count + 1, sizeof(json_t *));
	json_t *sorted = json_array();

	for (size_t i = 0; i < count && items != NULL; i++)
		items[i] = json_array_get(list, i);
	if (items != NULL && count > 0)
		qsort(items, count, sizeof(json_t *), compare);
	for (size_t i = 0; i < count && items != NULL; i++)
		json_array_append(sorted, items[i]);
	if (items == NULL) {
		json_decref(sorted);
		sorted = NULL;
	}
	free(items);
	json_decref(list);
	return sorted;
}

/* Add the changes of one domain. */
static enum ruad_status
add_changes(const struct ruad_view *v, json_t *list, struct ruad_err *err)
{
	json_t *changes = NULL, *change;
	enum ruad_status st = ruad_view_changes(v, &changes, err);
	size_t i;

	json_array_foreach(changes, i, change)
	{
		json_object_set_new(change, "domain", json_string(v->domain));
		json_array_append(list, change);
	}
	json_decref(changes);
	return st;
}

static enum ruad_status
make_events(struct ruad_asking *a, json_t **out, struct ruad_err *err)
{
	json_t *names = NULL, *list = json_array(), *name;
	struct ruad_view v = a->view;
	enum ruad_status st = ruad_view_domain_names(&v, &names, err);
	size_t i;

	json_array_foreach(names, i, name)
	{
		v.domain = json_string_value(name);
		if (st == RUAD_OK && ruad_request_sees(a->req, v.domain))
			st = add_changes(&v, list, err);
	}
	json_decref(names);
	if (st == RUAD_OK) {
		list = sort(list);
		if (list == NULL)
			return ruad_fail_memory(err, "alerts");
		*out = ruad_answer_slice(a, list);
		return RUAD_OK;
	}
	json_decref(list);
	return st;
}

enum ruad_status
ruad_api_events(struct ruad_request *req, struct ruad_response *res,
    struct ruad_err *err)
{
	static const char *const columns[] = { "domain", "code", "severity",
		"day", "sender", "params", "detail", "href", NULL };
	static const struct ruad_answer_list list = { "events", columns, NULL,
		NULL };

	return ruad_answer(req, res, make_events, &list, err);
}
