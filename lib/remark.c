/* remark.c - see remark.h. */
#include "remark.h"
#include <stdarg.h>
#include <stdlib.h>
#include "text.h"

#define REMARKS_MAX 1000u

/* A place at the end of the list, or NULL. */
static struct ruad_remark *
grow(struct ruad_remarks *list)
{
	size_t room = list->room == 0 ? 16 : list->room * 2;
	struct ruad_remark *item;

	if (list->count >= REMARKS_MAX)
		return NULL;
	if (list->count < list->room)
		return &list->item[list->count++];
	item = realloc(list->item, room * sizeof(*item));
	if (item == NULL) {
		list->failed = true;
		return NULL;
	}
	list->item = item;
	list->room = room;
	return &list->item[list->count++];
}

void
ruad_remark(struct ruad_remarks *list, enum ruad_remark_code code,
    enum ruad_severity severity, unsigned of, size_t at, size_t len,
    const char *fmt, ...)
{
	struct ruad_remark *r = grow(list);
	va_list ap;

	if (r == NULL)
		return;
	va_start(ap, fmt);
	ruad_text_format(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	r->code = code;
	r->severity = severity;
	r->of = of;
	r->at = at;
	r->len = len;
}

enum ruad_severity
ruad_remarks_worst(const struct ruad_remarks *list)
{
	enum ruad_severity worst = RUAD_REMARK_INFO;

	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i].severity > worst)
			worst = list->item[i].severity;
	}
	return worst;
}

bool
ruad_remarked(const struct ruad_remarks *list, enum ruad_remark_code code)
{
	for (size_t i = 0; i < list->count; i++) {
		if (list->item[i].code == code)
			return true;
	}
	return false;
}

const char *
ruad_remark_name(enum ruad_remark_code code)
{
	static const char *const names[] = {
#define REMARK_NAME(name) [RUAD_##name] = #name,
		RUAD_REMARKS(REMARK_NAME)
#undef REMARK_NAME
	};

	return names[code];
}

const char *
ruad_severity_word(enum ruad_severity severity)
{
	static const char *const words[] = { [RUAD_REMARK_INFO] = "info",
		[RUAD_REMARK_WARNING] = "warning",
		[RUAD_REMARK_ERROR] = "error",
		[RUAD_REMARK_UNKNOWN] = "unknown" };

	return words[severity];
}

const char *
ruad_remark_of(unsigned of)
{
	return of == RUAD_OF_7489 ? "7489"
	    : of == RUAD_OF_9989  ? "9989"
				  : "both";
}

void
ruad_remarks_free(struct ruad_remarks *list)
{
	free(list->item);
	*list = (struct ruad_remarks){ 0 };
}
