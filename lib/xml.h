/* xml.h - one XML document out of a stream of clean UTF-8, as events. libxml2's
 * SAX2 push parser is fed in steps, so memory does not follow the size of the
 * document; no DTD, no entity but the five of XML, no network. */
#ifndef RUAD_XML_H
#define RUAD_XML_H
#include "limit.h"
#include "source.h"
#include <stdbool.h>
#include <stdint.h>

/* What the reader of the events says after each. */
enum ruad_xml_next {
	RUAD_XML_ON,
	RUAD_XML_DONE, /* the document is complete */
	RUAD_XML_STOP /* no use: the handler keeps the reason */
};

struct ruad_xml_handler {
	/* `name` is the local name, `uri` its namespace or NULL. */
	enum ruad_xml_next (
	    *start)(void *arg, const char *name, const char *uri);
	enum ruad_xml_next (*text)(void *arg, const char *text, size_t len);
	enum ruad_xml_next (*end)(void *arg);
	void *arg;
};

struct ruad_xml_result {
	uint64_t read; /* bytes that the parser has been given */
	uint64_t consumed; /* of these, up to the end of the document */
	bool clean_end; /* nothing but blanks followed */
	bool cut; /* it failed because the input ended inside an element */
};

/* Parse from where `in` stands until the handler says DONE or STOP, or the
 * input ends. RUAD_OK: the handler said DONE. RUAD_END: it said STOP, or the
 * document ended without DONE. RUAD_BAD: XML_DTD, XML_MALFORMED, XML_TRUNCATED,
 * XML_NO_MARKUP, with line and column in the text. RUAD_LIMIT: XML_LIMIT.
 * Other failures are those of `in`. */
RUAD_NODISCARD enum ruad_status ruad_xml_parse(struct ruad_source *in,
    const struct ruad_limits *lim, const struct ruad_xml_handler *handler,
    struct ruad_xml_result *result, struct ruad_err *err);

/* Once in each program, before any thread parses. */
void ruad_xml_global_init(void);

#endif
