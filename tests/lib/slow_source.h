/* slow_source.h - a source over another that gives one byte at a time: what
 * depends on where a read ends shows. */
#ifndef SLOW_SOURCE_H
#define SLOW_SOURCE_H
#include "source.h"

struct slow_source {
	struct ruad_source source;
	struct ruad_source *in; /* borrowed */
};

/* Lay it over `in`, from where that stands. */
void slow_source_init(struct slow_source *s, struct ruad_source *in);

#endif
