/* fuzz_record.c - any bytes as a DMARC record: what is said of it points into
 * it, and written well it means the same to a receiver of RFC 9989. */
#include "fuzz.h"
#include <stdlib.h>
#include <string.h>
#include "record.h"

static struct ruad_dmarc_record *
read_record(const char *text, size_t len)
{
	struct ruad_dmarc_record *r;
	struct ruad_err err;

	if (ruad_record_read(text, len, &r, &err) != RUAD_OK)
		abort();
	return r;
}

static size_t
count_valid(const struct ruad_dmarc_record *r, enum ruad_record_tag tag)
{
	const struct ruad_uri *u;
	size_t n = 0;

	for (size_t i = 0; (u = ruad_record_uri(r, tag, i)) != NULL; i++)
		n += u->valid;
	return n;
}

static void
check_remarks(const struct ruad_dmarc_record *r, size_t len)
{
	const struct ruad_remarks *list = ruad_record_remarks(r);

	for (size_t i = 0; i < list->count; i++) {
		const struct ruad_remark *m = &list->item[i];

		if (m->at > len || m->len > len - m->at || m->text[0] == '\0')
			abort();
	}
}

static void
check_same(const struct ruad_dmarc_record *r, const struct ruad_dmarc_record *w)
{
	const struct ruad_reading *a = ruad_record_reading(r, RUAD_RFC_9989);
	const struct ruad_reading *b = ruad_record_reading(w, RUAD_RFC_9989);

	if (b->state != RUAD_RECORD_OK || a->p != b->p || a->sp != b->sp ||
	    a->np != b->np || a->adkim != b->adkim || a->aspf != b->aspf ||
	    a->testing != b->testing || a->psd != b->psd)
		abort();
	if (count_valid(r, RUAD_TAG_RUA) != count_valid(w, RUAD_TAG_RUA) ||
	    count_valid(r, RUAD_TAG_RUF) != count_valid(w, RUAD_TAG_RUF))
		abort();
	if (ruad_record_reading(w, RUAD_RFC_7489)->state != RUAD_RECORD_OK)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruad_dmarc_record *r = read_record((const char *)data, size);
	struct ruad_dmarc_record *w;
	char *text = ruad_record_canonical(r), *again;

	check_remarks(r, size);
	(void)ruad_record_authorises((const char *)data, size);
	if (text != NULL) {
		w = read_record(text, strlen(text));
		check_same(r, w);
		again = ruad_record_canonical(w);
		if (again == NULL || strcmp(again, text) != 0)
			abort();
		free(again);
		ruad_record_free(&w);
	}
	free(text);
	ruad_record_free(&r);
	return 0;
}
