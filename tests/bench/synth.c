/* synth.c - texts of fixed shape; only what must differ between two reports
 * does. */
#include "synth.h"
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define START 1546300800ULL /* 2019-01-01 */
#define DAY 86400ULL

enum {
	PER_DAY = 1000,
	REPORTERS = 40,
	DOMAINS = 25,
	SOURCES = 500,
	ROWS_MAX = 9,
	XML_MAX = 16384
};

struct synth {
	uint64_t random;
	char xml[XML_MAX];
	size_t used;
	unsigned char packed[XML_MAX];
	char text[2 * XML_MAX];
	z_stream zip;
	struct mail mail;
};

struct synth *
bench_synth_new(void)
{
	struct synth *s = calloc(1, sizeof(*s));

	if (s == NULL ||
	    deflateInit2(&s->zip, 1, Z_DEFLATED, 15 + 16, 8,
		Z_DEFAULT_STRATEGY) != Z_OK)
		bench_die("out of memory");
	s->mail.path = (char *)"synthetic";
	s->mail.data = s->text;
	return s;
}

void
bench_synth_free(struct synth **s)
{
	if (*s == NULL)
		return;
	deflateEnd(&(*s)->zip);
	free(*s);
	*s = NULL;
}

/* The next number below `limit` (SplitMix64). */
static unsigned
pick(struct synth *s, unsigned limit)
{
	uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (unsigned)((z ^ z >> 31) % limit);
}

static void __attribute__((format(printf, 2, 3)))
put(struct synth *s, const char *format, ...)
{
	size_t room = sizeof(s->xml) - s->used;
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(s->xml + s->used, room, format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= room)
		bench_die("a report too large");
	s->used += (size_t)n;
}

/* Few sources send most of the mail; a third of them is the domain's own. */
static void
put_row(struct synth *s, unsigned domain)
{
	unsigned x = pick(s, SOURCES), source = x * x / SOURCES;
	int own = source < SOURCES / 3;
	const char *verdict = own ? "pass" : "fail";

	put(s,
	    "<record><row><source_ip>198.18.%u.%u</source_ip>"
	    "<count>%u</count><policy_evaluated>"
	    "<disposition>%s</disposition><dkim>%s</dkim><spf>%s</spf>"
	    "</policy_evaluated></row><identifiers>",
	    domain * 4 + source / 250, 1 + source % 250, 1 + pick(s, 200),
	    own ? "none" : "quarantine", verdict, verdict);
	put(s,
	    "<header_from>owner%02u.example</header_from></identifiers>"
	    "<auth_results>",
	    domain);
	if (own)
		put(s,
		    "<dkim><domain>owner%02u.example</domain>"
		    "<selector>s%u</selector><result>pass</result></dkim>"
		    "<spf><domain>owner%02u.example</domain>"
		    "<result>pass</result></spf>",
		    domain, source % 3, domain);
	else
		put(s,
		    "<spf><domain>host%u.stranger.example</domain>"
		    "<result>softfail</result></spf>",
		    source);
	put(s, "</auth_results></record>\n");
}

static void
put_report(struct synth *s, size_t n, unsigned reporter, unsigned domain,
    unsigned long long begin)
{
	unsigned rows = 1 + pick(s, ROWS_MAX);

	put(s,
	    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<feedback>"
	    "<report_metadata><org_name>Reporter %02u</org_name>"
	    "<email>dmarc@reporter%02u.example</email>"
	    "<report_id>%zu.%08x</report_id><date_range>",
	    reporter, reporter, n, pick(s, UINT32_MAX));
	put(s,
	    "<begin>%llu</begin><end>%llu</end></date_range>"
	    "</report_metadata><policy_published>"
	    "<domain>owner%02u.example</domain><adkim>r</adkim>"
	    "<aspf>r</aspf><p>quarantine</p><sp>quarantine</sp>"
	    "<pct>100</pct></policy_published>\n",
	    begin, begin + DAY - 1, domain);
	while (rows-- > 0)
		put_row(s, domain);
	put(s, "</feedback>\n");
}

/* Gzip what stands in s->xml; the length in s->packed. */
static size_t
pack(struct synth *s)
{
	deflateReset(&s->zip);
	s->zip.next_in = (unsigned char *)s->xml;
	s->zip.avail_in = (uInt)s->used;
	s->zip.next_out = s->packed;
	s->zip.avail_out = sizeof(s->packed);
	if (deflate(&s->zip, Z_FINISH) != Z_STREAM_END)
		bench_die("a report too large");
	return sizeof(s->packed) - s->zip.avail_out;
}

/* Base64 in lines of 76; returns past the end. */
static char *
encode(char *to, const unsigned char *p, size_t len)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";
	size_t i, left;

	for (i = 0; i < len; i += 3) {
		unsigned v;

		left = len - i;
		v = (unsigned)p[i] << 16 |
		    (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
		    (left > 2 ? p[i + 2] : 0);
		*to++ = digits[v >> 18];
		*to++ = digits[v >> 12 & 63];
		*to++ = left > 1 ? digits[v >> 6 & 63] : '=';
		*to++ = left > 2 ? digits[v & 63] : '=';
		if (i % 57 == 54 || left <= 3) {
			*to++ = '\r';
			*to++ = '\n';
		}
	}
	return to;
}

const struct mail *
bench_synth(struct synth *s, size_t n)
{
	unsigned reporter = (unsigned)(n % REPORTERS);
	unsigned domain = (unsigned)(n / REPORTERS % DOMAINS);
	unsigned long long begin = START + n / PER_DAY * DAY;
	size_t packed;
	int head;

	s->random = n;
	s->used = 0;
	put_report(s, n, reporter, domain, begin);
	packed = pack(s);
	head = snprintf(s->text, sizeof(s->text),
	    "From: DMARC <dmarc@reporter%02u.example>\r\n"
	    "To: rua@reports.test.example\r\n"
	    "Subject: Report Domain: owner%02u.example Submitter:"
	    " reporter%02u.example Report-ID: <%zu>\r\n"
	    "Message-ID: <%zu@reporter%02u.example>\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: application/gzip\r\n"
	    "Content-Disposition: attachment; filename="
	    "\"reporter%02u.example!owner%02u.example!%llu!%llu.xml.gz\"\r\n"
	    "Content-Transfer-Encoding: base64\r\n\r\n",
	    reporter, domain, reporter, n, n, reporter, reporter, domain, begin,
	    begin + DAY - 1);
	if (head < 0 || (size_t)head + packed * 3 / 2 > sizeof(s->text))
		bench_die("a report too large");
	s->mail.len =
	    (size_t)(encode(s->text + head, s->packed, packed) - s->text);
	s->text[s->mail.len] = '\0';
	return &s->mail;
}
