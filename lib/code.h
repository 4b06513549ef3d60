/* code.h - the stable identifiers of everything that can be wrong with a mail,
 * a report or a row. They appear in the log, in the store and in the output of
 * ruadctl; once released, a name is never reused with another meaning. */
#ifndef RUAD_CODE_H
#define RUAD_CODE_H
#include <stdbool.h>
#include <stdint.h>

/* X(name, class, "what it means, for people") - the one list of codes. */
#define RUAD_CODES(X) \
	X(MAIL_NO_REPORT, MAIL, "the mail holds no report") \
	X(MAIL_ERROR_REPORT, MAIL, "RFC 7489 error report, nothing to store") \
	X(MAIL_FAILURE_REPORT, MAIL, "failure report (ruf), not aggregate") \
	X(MAIL_TLSRPT, MAIL, "SMTP TLS report, not a DMARC report") \
	X(MAIL_BOUNCE, MAIL, "bounce or automatic reply") \
	X(MIME_NO_BOUNDARY, PART, "multipart without a usable boundary") \
	X(MIME_ENCRYPTED, PART, "encrypted or opaquely signed content") \
	X(MIME_TNEF, PART, "winmail.dat (TNEF) content") \
	X(MIME_OLE, PART, "Outlook .msg (OLE) content") \
	X(MIME_PARTIAL, PART, "message/partial is not reassembled") \
	X(BLOB_EMPTY, PART, "the attachment or file is empty") \
	X(ARC_EMPTY, PART, "the archive is empty") \
	X(ARC_UNSUPPORTED, PART, "compressed in a form no reporter may use") \
	X(ARC_ENCRYPTED, PART, "the archive is protected by a password") \
	X(ARC_METHOD, PART, "unknown compression method in the archive") \
	X(ARC_TRUNCATED, PART, "the archive is cut off") \
	X(ARC_CRC, PART, "the archive is damaged") \
	X(LIMIT_SIZE, PART, "larger than the configured limit of bytes") \
	X(LIMIT_LAYERS, PART, "too many archives inside each other") \
	X(LIMIT_ENTRIES, PART, "too many entries in the archive") \
	X(LIMIT_PARTS, PART, "too many MIME parts, or nested too deeply") \
	X(LIMIT_TIME, PART, "reading took longer than the configured time") \
	X(XML_NO_MARKUP, PART, "not XML") \
	X(XML_NOT_FEEDBACK, PART, "XML, but not a DMARC aggregate report") \
	X(XML_DTD, PART, "the XML has a document type declaration") \
	X(XML_TRUNCATED, PART, "the XML ends before the report does") \
	X(XML_MALFORMED, PART, "the XML is not well-formed") \
	X(XML_LIMIT, PART, "the XML exceeds a limit on its structure") \
	X(REP_NO_METADATA, REPORT, "no report_metadata") \
	X(REP_NO_DOMAIN, REPORT, "no policy domain") \
	X(REP_NO_ORG, REPORT, "no reporting organisation") \
	X(REP_NO_RANGE, REPORT, "no usable date range") \
	X(REP_RANGE_FUTURE, REPORT, "the date range lies in the future") \
	X(REP_SPAN_HUGE, REPORT, "the date range is too long") \
	X(REP_NO_ROWS, REPORT, "every row was refused") \
	X(REP_FOREIGN_DOMAIN, REPORT, "the policy domain is not registered") \
	X(REP_DUP_EXACT, REPORT, "the same report is already stored") \
	X(REP_DUP_CONFLICT, REPORT, \
	    "a report of this identity with other content is already stored") \
	X(REP_UNAUTHENTICATED, REPORT, "the report mail did not pass DMARC") \
	X(ROW_IP, ROW, "source_ip is not an address") \
	X(ROW_IP_MISSING, ROW, "source_ip is missing") \
	X(ROW_COUNT, ROW, "count is not a number of messages") \
	X(ROW_COUNT_HUGE, ROW, "count is implausibly large") \
	X(OUR_MEMORY, OURS, "out of memory") \
	X(OUR_STORE, OURS, "the store cannot be written") \
	X(OUR_BUSY, OURS, "the store is locked or the queue is full") \
	X(OUR_IO, OURS, "reading or writing a file failed") \
	X(OUR_CLOCK, OURS, "the clock of this host is behind") \
	X(MIME_INLINE, WARNING, "report found in the text of the mail") \
	X(MIME_RECOVERED, WARNING, "damaged MIME structure recovered") \
	X(ARC_RECOVERED, WARNING, "oddly framed archive read all the same") \
	X(XML_LEADING_JUNK, WARNING, "bytes before the XML") \
	X(XML_TRAILING_JUNK, WARNING, "bytes after the report") \
	X(XML_BAD_UTF8, WARNING, "wrong or mixed character encoding") \
	X(XML_REPAIRED, WARNING, "markup repaired") \
	X(XML_NAME_CASE, WARNING, "element name in other case or misspelt") \
	X(XML_STRAY_TEXT, WARNING, "text between elements") \
	X(XML_DUP_ELEMENT, WARNING, \
	    "an element occurs twice, the first counts") \
	X(XML_CONCATENATED, WARNING, "several documents in one file") \
	X(REP_VERSION, WARNING, "unexpected version") \
	X(REP_POLICY_VALUE, WARNING, "unknown word in policy_published") \
	X(REP_ID_SYNTH, WARNING, "report_id missing or too long, replaced") \
	X(REP_FALLBACK, WARNING, \
	    "organisation, domain or range taken from the mail") \
	X(REP_TIME_FORMAT, WARNING, "date range in an unusual form") \
	X(REP_RANGE_REVERSED, WARNING, "end before begin") \
	X(REP_RANGE_ODD, WARNING, "date range before 2012 or ending ahead") \
	X(REP_SPAN, WARNING, "date range longer than a day") \
	X(REP_OVERLAP, WARNING, "overlaps another report of this reporter") \
	X(REP_MANY_BAD_ROWS, WARNING, "more than a tenth of the rows refused") \
	X(REP_MISMATCH, WARNING, "file name or Subject disagree with the XML") \
	X(REP_TEXT_CUT, WARNING, "a text was too long and has been cut") \
	X(REP_EMAIL, WARNING, "the reporter's address is not one") \
	X(REP_PIN, WARNING, \
	    "the report mail is not from a domain pinned for this" \
	    " organisation") \
	X(ROW_COUNT_ZERO, WARNING, "a row for no message dropped") \
	X(ROW_IP_SPECIAL, WARNING, "source_ip from a special range") \
	X(ROW_DISPOSITION, WARNING, "unknown disposition") \
	X(ROW_ALIGN_VALUE, WARNING, "unknown word in policy_evaluated") \
	X(ROW_REASON, WARNING, "unknown override reason") \
	X(ROW_DKIM_RESULT, WARNING, "unknown DKIM result") \
	X(ROW_SPF_RESULT, WARNING, "unknown SPF result") \
	X(ROW_ADDR_AS_DOMAIN, WARNING, "mail address where a domain is due") \
	X(ROW_DOMAIN, WARNING, "not a domain name") \
	X(ROW_NO_FROM, WARNING, "no header_from") \
	X(ROW_FROM_OUTSIDE, WARNING, "header_from outside the policy domain") \
	X(ROW_ODD_VERDICT, WARNING, "verdict and results contradict") \
	X(ROW_LIST_CUT, WARNING, "too many DKIM results or reasons in a row")

enum ruad_code {
	RUAD_CODE_NONE,
#define RUAD_CODE_ENUM(name, class, help) RUAD_##name,
	RUAD_CODES(RUAD_CODE_ENUM)
#undef RUAD_CODE_ENUM
	    RUAD_CODE_COUNT
};

/* What a code speaks of; only warnings leave the thing they speak of stored. */
enum ruad_code_class {
	RUAD_CLASS_MAIL, /* the whole mail is no report */
	RUAD_CLASS_PART, /* a part or file of the mail is refused */
	RUAD_CLASS_REPORT, /* a report is refused */
	RUAD_CLASS_ROW, /* a row is refused */
	RUAD_CLASS_OURS, /* trouble of this host: try again */
	RUAD_CLASS_WARNING /* stored, with this remark */
};

/* A set of warnings. */
struct ruad_warnings {
	uint64_t bits;
};

/* The stable name, "XML_DTD"; "" for RUAD_CODE_NONE. Never NULL. */
const char *ruad_code_name(enum ruad_code code);

/* The code of this name, in any case; RUAD_CODE_NONE: there is none. */
enum ruad_code ruad_code_find(const char *name);

/* One sentence for people. Never NULL. */
const char *ruad_code_help(enum ruad_code code);

enum ruad_code_class ruad_code_class(enum ruad_code code);

/* Add a code of class WARNING; any other class is a programming error. */
void ruad_warn(struct ruad_warnings *set, enum ruad_code code);

bool ruad_warned(const struct ruad_warnings *set, enum ruad_code code);

/* The n-th warning of the set in the order of the list above, from 0;
 * RUAD_CODE_NONE when there are no more. */
enum ruad_code ruad_warnings_at(const struct ruad_warnings *set, unsigned n);

/* Names joined by blanks, cut to fit; returns buf. */
char *ruad_warnings_text(const struct ruad_warnings *set, char *buf,
    unsigned cap);

#endif
