/* advice.c - see advice.h. */
#include "advice.h"
#include <stddef.h>

static const struct {
	enum ruad_code code;
	const char *text;
} table[] = {
	{ RUAD_LIMIT_SIZE,
	    "Raise max_message_bytes, max_xml_bytes or max_total_bytes in "
	    "ruad.conf(5), then retry." },
	{ RUAD_LIMIT_LAYERS, "Raise max_layers in ruad.conf(5), then retry." },
	{ RUAD_LIMIT_ENTRIES,
	    "Raise max_entries in ruad.conf(5), then retry." },
	{ RUAD_LIMIT_PARTS,
	    "Raise max_mime_parts or max_mime_depth in ruad.conf(5), then "
	    "retry." },
	{ RUAD_LIMIT_TIME,
	    "Retry when the machine is less busy, or raise max_read_time in "
	    "ruad.conf(5)." },
	{ RUAD_XML_LIMIT,
	    "Raise the limit that the text names in ruad.conf(5), such as "
	    "max_records or max_text_bytes, then retry." },
	{ RUAD_REP_SPAN_HUGE, "Raise max_span in ruad.conf(5), then retry." },
	{ RUAD_REP_RANGE_FUTURE,
	    "Check the clock of this host. If it is right, that of the "
	    "reporter is not." },
	{ RUAD_REP_FOREIGN_DOMAIN,
	    "If the domain is yours, register it (ruadctl domain add, or "
	    "domains in ruad.conf(5)), then retry. If not, drop it." },
	{ RUAD_REP_UNAUTHENTICATED,
	    "If the mail is genuine, check authserv_ids and the filters in "
	    "front of ruad, or relax require_auth, then retry. If not, drop "
	    "it." },
	{ RUAD_ARC_ENCRYPTED, "Ask the reporter to send without a password." },
	{ RUAD_MIME_ENCRYPTED, "Ask the reporter to send without encryption." },
	{ RUAD_MAIL_NO_REPORT,
	    "If there is no report in it, drop it. If there is, ask the "
	    "reporter to attach it, or retry after an upgrade of ruad." },
	{ RUAD_MAIL_TLSRPT,
	    "Have SMTP TLS reports sent to another address, and drop it." },
	{ RUAD_MAIL_FAILURE_REPORT,
	    "Have failure reports (ruf) sent to another address, and drop "
	    "it." },
};

const char *
ruad_advice(enum ruad_code code)
{
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		if (table[i].code == code)
			return table[i].text;
	}
	if (ruad_code_class(code) == RUAD_CLASS_MAIL)
		return "There is nothing to store: drop it.";
	return "Retry after an upgrade of ruad, which may read it; or ask the "
	       "reporter to send a sound one.";
}
