/* fuzz_report.c - any bytes as an XML file: its reports add up, can be stored
 * and read back, and are the same when they are written again. */
#include "fuzz.h"
#include "invariant.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ruad_delivery *d = invariant_read(data, size);
	const struct ruad_item *it;

	for (it = d->items; it != NULL; it = it->next) {
		invariant_report(it->report);
		invariant_again(it->report);
	}
	if (d->items != NULL)
		invariant_stored(d);
	ruad_delivery_free(&d);
	return 0;
}
