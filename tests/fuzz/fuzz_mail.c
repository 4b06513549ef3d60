/* fuzz_mail.c - any bytes as a mail or bare report, through the whole of it. */
#include "fuzz.h"
#include <stdlib.h>
#include "corpus.h"
#include "invariant.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruad_delivery *d;
	struct ruad_err err;

	if (corpus_read(data, size, &d, &err) != RUAD_OK)
		abort();
	invariant_delivery(d);
	ruad_delivery_free(&d);
	return 0;
}
