/* xml.c - feeds the push parser and turns its callbacks into the handler's.
 * Once a callback has ended the parse, `over` is set and every later callback
 * that libxml2 still makes is ignored. */
#include "xml.h"
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>
#include <string.h>

#define STEP 65536u
/* libxml2 compares every attribute of a tag with every other, and looks up
 * names in a table that stops growing: both are quadratic, and happen before
 * the handler hears of a tag. So it is fed in pieces, and a tag or another
 * token that does not end is not waited for. */
#define PIECE 16384u
#define TAG_BYTES 16384u
#define TOKEN_BYTES 262144u
#define NAMES_MAX 4096 /* a report has some sixty */

struct parse {
	const struct ruad_limits *lim;
	const struct ruad_xml_handler *handler;
	struct ruad_err *err;
	xmlParserCtxtPtr ctxt; /* owned */
	struct ruad_xml_result *result;
	enum ruad_status status; /* why it is over */
	bool over;
	bool no_memory;
	bool blank_rest; /* what was fed behind the document is blank */
	uint64_t depth;
	uint64_t fed; /* bytes */
};

static bool
is_blank(const char *p, size_t len)
{
	while (len > 0 && (*p == ' ' || (*p >= '\t' && *p <= '\r'))) {
		p++;
		len--;
	}
	return len == 0;
}

static void
finish(struct parse *p, enum ruad_status status)
{
	const char *rest = (const char *)p->ctxt->input->cur;
	size_t len = (size_t)(p->ctxt->input->end - p->ctxt->input->cur);

	if (p->over)
		return;
	p->over = true;
	p->status = status;
	/* What the parser has not taken yet belongs to the next document. */
	p->result->consumed = p->fed - len;
	p->blank_rest = is_blank(rest, len);
	xmlStopParser(p->ctxt);
}

static void
follow(struct parse *p, enum ruad_xml_next next)
{
	if (next == RUAD_XML_DONE)
		finish(p, RUAD_OK);
	else if (next == RUAD_XML_STOP)
		finish(p, RUAD_END);
}

static void
over_limit(struct parse *p, const char *what, uint64_t limit)
{
	if (!p->over)
		ruad_fail(p->err, RUAD_LIMIT, RUAD_XML_LIMIT,
		    "xml: line %d: more than %llu %s", p->ctxt->input->line,
		    (unsigned long long)limit, what);
	finish(p, RUAD_LIMIT);
}

static void
on_start(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri, int namespaces, const xmlChar **namespace_list,
    int attributes, int defaulted, const xmlChar **attribute_list)
{
	struct parse *p = ctx;

	(void)prefix;
	(void)namespace_list;
	(void)defaulted;
	(void)attribute_list;
	if (p->over)
		return;
	if (xmlDictSize(p->ctxt->dict) > NAMES_MAX) {
		over_limit(p, "different names", NAMES_MAX);
		return;
	}
	if (++p->depth > p->lim->xml_depth) {
		over_limit(p, "nested elements", p->lim->xml_depth);
		return;
	}
	if ((uint64_t)attributes + (uint64_t)namespaces >
	    p->lim->xml_attributes) {
		over_limit(p, "attributes", p->lim->xml_attributes);
		return;
	}
	follow(p,
	    p->handler->start(p->handler->arg, (const char *)name,
		(const char *)uri));
}

static void
on_end(void *ctx, const xmlChar *name, const xmlChar *prefix,
    const xmlChar *uri)
{
	struct parse *p = ctx;

	(void)name;
	(void)prefix;
	(void)uri;
	if (p->over)
		return;
	p->depth--;
	follow(p, p->handler->end(p->handler->arg));
}

static void
on_text(void *ctx, const xmlChar *text, int len)
{
	struct parse *p = ctx;

	if (p->over || len <= 0)
		return;
	follow(p,
	    p->handler->text(p->handler->arg, (const char *)text, (size_t)len));
}

static void
on_dtd(void *ctx, const xmlChar *name, const xmlChar *external,
    const xmlChar *system)
{
	struct parse *p = ctx;

	(void)name;
	(void)external;
	(void)system;
	if (!p->over)
		ruad_fail(p->err, RUAD_BAD, RUAD_XML_DTD,
		    "xml: line %d: document type declaration",
		    p->ctxt->input->line);
	finish(p, RUAD_BAD);
}

/* What is wrong with the document is read from the context when a step has
 * failed. A lack of memory would show nowhere else: the parser just stops. */
static void
on_error(void *ctx, xmlErrorPtr error)
{
	struct parse *p = ctx;

	if (error->code == XML_ERR_NO_MEMORY)
		p->no_memory = true;
}

static const xmlSAXHandler sax = {
	.initialized = XML_SAX2_MAGIC,
	.startElementNs = on_start,
	.endElementNs = on_end,
	.characters = on_text,
	.ignorableWhitespace = on_text,
	.cdataBlock = on_text,
	.internalSubset = on_dtd,
	.serror = on_error,
};

/* Not well-formed: say where, and whether the input just ended too early. */
static enum ruad_status
malformed(struct parse *p, bool at_end)
{
	const xmlError *e = xmlCtxtGetLastError(p->ctxt);
	const char *text = e != NULL && e->message != NULL ? e->message : "";
	int line = e != NULL ? e->line : 0;
	int n = (int)strcspn(text, "\n");

	if (p->fed == 0 || (e != NULL && e->code == XML_ERR_DOCUMENT_EMPTY))
		return ruad_fail(p->err, RUAD_BAD, RUAD_XML_NO_MARKUP,
		    "xml: no markup");
	p->result->cut = at_end && p->depth > 0;
	if (p->result->cut)
		return ruad_fail(p->err, RUAD_BAD, RUAD_XML_TRUNCATED,
		    "xml: ends in line %d with %llu open elements", line,
		    (unsigned long long)p->depth);
	return ruad_fail(p->err, RUAD_BAD, RUAD_XML_MALFORMED,
	    "xml: line %d: %.*s", line, n, text);
}

/* The document is complete: see whether only blanks are left behind it. */
static enum ruad_status
look_behind(struct parse *p, struct ruad_source *in, char *buf)
{
	enum ruad_status st = RUAD_OK;
	size_t n = 0;

	if (!p->blank_rest)
		return RUAD_OK;
	while (is_blank(buf, n))
		if ((st = ruad_source_read(in, buf, STEP, &n, p->err)) !=
		    RUAD_OK)
			break;
	p->result->clean_end = st == RUAD_END;
	return st == RUAD_END ? RUAD_OK : st;
}

static size_t
name_length(const xmlChar *s, size_t len)
{
	size_t n = 0;

	while (n < len &&
	    (s[n] >= 0x80 || strchr(" \t\r\n<>&/='\"", s[n]) == NULL))
		n++;
	return n;
}

static size_t
blank_length(const xmlChar *s, size_t len)
{
	size_t n = 0;

	while (n < len && is_blank((const char *)s + n, 1))
		n++;
	return n;
}

/* Whether the "<" at s begins a tag with an attribute. */
static bool
begins_tag(const xmlChar *s, size_t len)
{
	size_t at = 1, n;

	if ((n = name_length(s + at, len - at)) == 0)
		return false;
	at += n;
	if ((n = blank_length(s + at, len - at)) == 0)
		return false;
	at += n;
	if ((n = name_length(s + at, len - at)) == 0)
		return false;
	at += n;
	at += blank_length(s + at, len - at);
	return at < len && s[at] == '=';
}

/* End the parse where the parser waits for the end of something too long. Text
 * with a bare "<" or "&" makes it wait as well: that may be repaired. */
static void
check_waiting(struct parse *p)
{
	const xmlChar *at = p->ctxt->input->cur;
	size_t waiting = (size_t)(p->ctxt->input->end - at);
	bool tag = p->ctxt->instate == XML_PARSER_START_TAG;

	if (waiting <= (tag ? TAG_BYTES : TOKEN_BYTES))
		return;
	if (tag && begins_tag(at, waiting)) {
		over_limit(p, "bytes of a tag", TAG_BYTES);
	} else if (tag || *at == '&') {
		ruad_fail(p->err, RUAD_BAD, RUAD_XML_MALFORMED,
		    "xml: line %d: '%c' that begins no markup",
		    p->ctxt->input->line, *at);
		finish(p, RUAD_BAD);
	} else {
		over_limit(p, "bytes of a comment or the like", TOKEN_BYTES);
	}
}

/* Hand bytes to the parser. False: it says that they are not well-formed. */
static bool
feed(struct parse *p, const char *buf, size_t len)
{
	size_t n;
	int rc;

	for (; len > 0 && !p->over; len -= n, buf += n) {
		n = len < PIECE ? len : PIECE;
		p->fed += n;
		rc = xmlParseChunk(p->ctxt, buf, (int)n, 0);
		if (!p->over && rc != 0 && !p->ctxt->wellFormed)
			return false;
		if (!p->over)
			check_waiting(p);
	}
	if (!is_blank(buf, len))
		p->blank_rest = false;
	return true;
}

static enum ruad_status
run(struct parse *p, struct ruad_source *in, char *buf)
{
	enum ruad_status st;
	size_t n;
	bool good;
	int rc;

	while ((st = ruad_source_read(in, buf, STEP, &n, p->err)) == RUAD_OK) {
		good = feed(p, buf, n);
		if (p->no_memory)
			return ruad_fail_memory(p->err, "xml");
		if (p->over)
			return p->status != RUAD_OK ? p->status
						    : look_behind(p, in, buf);
		if (!good)
			return malformed(p, false);
	}
	if (st != RUAD_END)
		return st;
	rc = xmlParseChunk(p->ctxt, "", 0, 1);
	if (p->no_memory)
		return ruad_fail_memory(p->err, "xml");
	if (p->over) {
		p->result->clean_end = p->blank_rest;
		return p->status;
	}
	if (rc != 0 && !p->ctxt->wellFormed)
		return malformed(p, true);
	return RUAD_END;
}

enum ruad_status
ruad_xml_parse(struct ruad_source *in, const struct ruad_limits *lim,
    const struct ruad_xml_handler *handler, struct ruad_xml_result *result,
    struct ruad_err *err)
{
	struct parse p = { .lim = lim,
		.handler = handler,
		.err = err,
		.result = result };
	char *buf = malloc(STEP);
	enum ruad_status st;

	memset(result, 0, sizeof(*result));
	/* Of this thread: for what has no parser around it. */
	xmlSetStructuredErrorFunc(&p, on_error);
	if (buf != NULL)
		p.ctxt = xmlCreatePushParserCtxt((xmlSAXHandlerPtr)&sax, &p,
		    NULL, 0, NULL);
	if (p.ctxt == NULL) {
		st = ruad_fail_memory(err, "xml");
		goto out;
	}
	xmlCtxtUseOptions(p.ctxt,
	    XML_PARSE_NONET | XML_PARSE_COMPACT | XML_PARSE_IGNORE_ENC);
	st = run(&p, in, buf);
	result->read = p.fed;
	if (p.ctxt->myDoc != NULL)
		xmlFreeDoc(p.ctxt->myDoc);
	xmlFreeParserCtxt(p.ctxt);
out:
	xmlSetStructuredErrorFunc(NULL, NULL);
	free(buf);
	return st;
}

void
ruad_xml_global_init(void)
{
	xmlInitParser();
}
