/* fuzz_unpack.c - any bytes as an archive: no more comes out than is allowed,
 * and what is read to its end is the same when it is read again. */
#include "fuzz.h"
#include <stdlib.h>
#include "unpack.h"

#define ALLOWED 65536u
#define STEP 4096u

/* Read as far as it goes. */
static enum ruad_status
drain(struct ruad_source *s, size_t *sum_out, struct ruad_err *err)
{
	static char buf[STEP];
	enum ruad_status st;
	size_t n;

	*sum_out = 0;
	while ((st = ruad_source_read(s, buf, sizeof(buf), &n, err)) == RUAD_OK)
		*sum_out += n;
	return st;
}

static void
check(struct ruad_source *s)
{
	struct ruad_err err;
	size_t n, again;
	enum ruad_status st = drain(s, &n, &err);

	if (st == RUAD_TEMP || n > ALLOWED)
		abort();
	if (st == RUAD_END &&
	    (ruad_source_rewind(s, &err) != RUAD_OK ||
		drain(s, &again, &err) != RUAD_END || again != n))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruad_limits lim;
	struct ruad_quota quota;
	struct ruad_unpack *u;
	struct ruad_document doc;
	struct ruad_err err;
	enum ruad_status st;

	ruad_limits_default(&lim);
	lim.xml_bytes = ALLOWED;
	lim.total_bytes = 4 * ALLOWED;
	ruad_quota_start(&quota, &lim, size);
	if (ruad_unpack_new(data, size, &quota, NULL, &u, &err) != 0)
		abort();
	while ((st = ruad_unpack_next(u, &doc, &err)) != RUAD_END) {
		if (st == RUAD_TEMP)
			abort();
		if (st == RUAD_OK)
			check(doc.xml);
	}
	ruad_unpack_free(&u);
	return 0;
}
