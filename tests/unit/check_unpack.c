/* check_unpack.c - containers: every row of the catalogue C1 to C23, made in
 * memory. Each case is a blob and the trace of what comes out of it. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "make_archive.h"
#include "slow_source.h"
#include "unpack.h"

static const char doc[] = "<feedback/>";

static struct make_entry
entry(const char *name, const char *text)
{
	return (struct make_entry){ .name = name,
		.data = text,
		.len = strlen(text) };
}

/* ---- blobs ---- */

static struct bytes
text_bytes(const char *text)
{
	struct bytes b = { NULL, 0 };

	bytes_add_text(&b, text);
	return b;
}

static struct bytes
gzip_text(const char *text)
{
	return make_gzip(text, strlen(text), NULL);
}

/* Replace b by a gzip, or a zip with one entry, of it. */
static void
wrap_gzip(struct bytes *b)
{
	struct bytes outer = make_gzip(b->data, b->len, NULL);

	bytes_free(b);
	*b = outer;
}

static void
wrap_zip(struct bytes *b, const char *name)
{
	struct make_entry e = { .name = name, .data = b->data, .len = b->len };
	struct bytes outer = make_zip(&e, 1);

	bytes_free(b);
	*b = outer;
}

/* Bytes that deflate cannot shorten, behind an opening tag. */
static struct bytes
noise(size_t len)
{
	struct bytes b = text_bytes("<x>");
	uint32_t state = 1;
	char piece[4096];
	size_t i;

	while (b.len < len) {
		for (i = 0; i < sizeof(piece); i++) {
			state = state * 1664525 + 1013904223;
			piece[i] = (char)(state >> 24);
		}
		bytes_add(&b, piece, sizeof(piece));
	}
	return b;
}

static struct bytes
plain(void)
{
	return text_bytes(doc);
}

static struct bytes
gzip(void)
{
	return gzip_text(doc);
}

static struct bytes
gzip_named(void)
{
	return make_gzip(doc, sizeof(doc) - 1, "a!b!1!2\xff.xml");
}

static struct bytes
zip(void)
{
	struct bytes b = plain();

	wrap_zip(&b, "r.gz");
	return b;
}

static struct bytes
gzip_crlf(void)
{
	struct bytes b = gzip();

	bytes_add_text(&b, "\r\n");
	return b;
}

static struct bytes
gzip_garbage(void)
{
	struct bytes b = gzip();

	bytes_add_text(&b, "and more of what is no gzip");
	return b;
}

static struct bytes
gzip_short_tail(void)
{
	struct bytes b = gzip();

	bytes_add_text(&b, "\x1f\x8b\x08");
	return b;
}

static struct bytes
gzip_zeros(void)
{
	struct bytes b = gzip();

	bytes_add(&b, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16);
	return b;
}

static struct bytes
gzip_members(void)
{
	struct bytes a = gzip_text("<a/>"), b = gzip_text("<b/>");

	bytes_add(&a, b.data, b.len);
	bytes_free(&b);
	return a;
}

static struct bytes
gzip_cut(void)
{
	struct bytes b = gzip();

	b.len -= 12;
	return b;
}

static struct bytes
gzip_cut_large(void)
{
	struct bytes b = noise(200000);

	wrap_gzip(&b);
	b.len -= 1000;
	return b;
}

static struct bytes
gzip_header_only(void)
{
	struct bytes b = gzip();

	b.len = 10;
	return b;
}

static struct bytes
gzip_no_trailer(void)
{
	struct bytes b = gzip();

	b.len -= 8;
	return b;
}

static struct bytes
gzip_no_trailer_large(void)
{
	struct bytes b = noise(200000);

	wrap_gzip(&b);
	b.len -= 8;
	return b;
}

static struct bytes
gzip_half_trailer(void)
{
	struct bytes b = gzip();

	b.len -= 4;
	return b;
}

static struct bytes
gzip_crc(void)
{
	struct bytes b = gzip();

	b.data[b.len - 8] ^= 1;
	return b;
}

static struct bytes
gzip_length(void)
{
	struct bytes b = gzip();

	b.data[b.len - 1] ^= 1;
	return b;
}

/* In stored blocks a flipped bit is no error of the format. */
static struct bytes
gzip_flipped(void)
{
	struct bytes b = noise(100000);

	wrap_gzip(&b);
	b.data[b.len / 2] ^= 4;
	return b;
}

static struct bytes
gzip_second_bad(void)
{
	struct bytes b = gzip_members();

	b.data[b.len - 5] ^= 1;
	return b;
}

static struct bytes
gzip_2(void)
{
	struct bytes b = gzip();

	wrap_gzip(&b);
	return b;
}

static struct bytes
gzip_3(void)
{
	struct bytes b = gzip_2();

	wrap_gzip(&b);
	return b;
}

static struct bytes
gzip_4(void)
{
	struct bytes b = gzip_3();

	wrap_gzip(&b);
	return b;
}

static struct bytes
gzip_in_zip(void)
{
	struct bytes b = gzip();

	wrap_zip(&b, "r.xml.gz");
	return b;
}

static struct bytes
zip_in_zip(void)
{
	struct bytes b = zip();

	wrap_zip(&b, "inner.zip");
	return b;
}

static struct bytes
zip_in_gzip(void)
{
	struct bytes b = zip();

	wrap_gzip(&b);
	return b;
}

static struct bytes
tar_in_gzip(void)
{
	unsigned char block[1024] = "r.xml";
	struct bytes b = { NULL, 0 };

	memcpy(block + 257, "ustar", 5);
	bytes_add(&b, block, sizeof(block));
	wrap_gzip(&b);
	return b;
}

static struct bytes
zip_names(void)
{
	struct make_entry e[] = { entry("d/", ""), entry("d/r.xml", "<a/>"),
		entry("../../r.xml", "<b/>"), entry("/etc/r.xml", "<c/>"),
		entry("\x1b[2J", "<d/>") };

	return make_zip(e, COUNT(e));
}

static struct bytes
zip_several(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("__MACOSX/1.xml", "<no/>"), entry("._1.xml", "<no/>"),
		entry("d/._1.xml", "<no/>"), entry(".DS_Store", "<no/>"),
		entry("d/.DS_Store", "\0\0\0\1Bud1"), entry("2.xml", "<b/>"),
		entry("readme.txt", "hello"), entry("x.pdf", "%PDF-1.4"),
		entry("i.html", "<html></html>"), entry("3", "<c/>") };

	return make_zip(e, COUNT(e));
}

static struct bytes
zip_password(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>") };

	return make_real_zip(e, COUNT(e), "secret");
}

static struct bytes
zip_password_some(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<no/>"), entry("3.xml", "<c/>") };

	e[1].flags = MAKE_ENCRYPTED;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_stored(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>") };

	e[0].method = MAKE_STORED;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_bzip2(void)
{
	struct make_entry e = { .name = "r.xml",
		.data = doc,
		.len = sizeof(doc) - 1,
		.method = 12,
		.packed = "BZh91AY&SY~\x12\x98k\0\0\0\x99\0\0\0\x80\x05?\x08"
			  " \0\"\0"
			  "6\xa1\0"
			  "0*s\xb5"
			  "0\x8f\x17rE8P\x90~\x12"
			  "\x98k",
		.packed_len = 48 };

	return make_zip(&e, 1);
}

static struct bytes
zip_lzma(void)
{
	struct make_entry e = { .name = "r.xml",
		.data = doc,
		.len = sizeof(doc) - 1,
		.method = 14,
		.packed = "\x09\x04\x05\0]\0\0\x80\0\0\x1e\x19\x88\xb8"
			  "d1\xb1\x1e\x82"
			  "7\xa1\xfbT\xdb#\xff\xfc\xd6\xb0\0",
		.packed_len = 30 };

	return make_zip(&e, 1);
}

static struct bytes
zip_unknown_method(void)
{
	struct make_entry e[] = { entry("1.xml", "<no/>"),
		entry("2.xml", "<b/>") };

	e[0].method = 77;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_crc(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>"), entry("3.xml", "<c/>") };

	e[1].crc_change = 1;
	return make_zip(e, COUNT(e));
}

/* Damage inside of one entry's data leaves the next ones readable. */
static struct bytes
zip_damaged(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<feedback>aaaaaaaaaaaaaaaaaaa</feedback>"),
		entry("3.xml", "<c/>") };

	e[1].flip_at = 1;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_no_directory(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>") };
	size_t directory;
	struct bytes b = make_zip_at(e, COUNT(e), &directory);

	b.len = directory;
	return b;
}

static struct bytes
zip_half_directory(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>") };
	size_t directory;
	struct bytes b = make_zip_at(e, COUNT(e), &directory);

	b.len = directory + 30;
	return b;
}

static struct bytes
zip_cut(void)
{
	struct bytes b = noise(100000);

	wrap_zip(&b, "r.xml");
	b.len /= 2;
	return b;
}

static struct bytes
zip_cut_second(void)
{
	struct bytes b = noise(100000);
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		{ .name = "2.xml", .data = b.data, .len = b.len } };
	struct bytes z = make_zip(e, COUNT(e));

	bytes_free(&b);
	z.len /= 2;
	return z;
}

static struct bytes
zip_junk_before(void)
{
	struct bytes b = text_bytes("some text:\r\n\r\n"), z = zip();

	bytes_add(&b, z.data, z.len);
	bytes_free(&z);
	return b;
}

static struct bytes
zip_crlf(void)
{
	struct bytes b = zip();

	bytes_add_text(&b, "\r\n");
	return b;
}

static struct bytes
zip_blanks_before(void)
{
	struct bytes b = text_bytes("\r\n"), z = zip();

	bytes_add(&b, z.data, z.len);
	bytes_free(&z);
	return b;
}

static struct bytes
zip_streamed(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>") };

	e[0].flags = e[1].flags = MAKE_STREAMED;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_streamed_real(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>") };

	return make_real_zip(e, COUNT(e), NULL);
}

static struct bytes
zip_claims_more(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<b/>") };

	e[0].claimed_bytes = 0x7fffffff;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_claims_less(void)
{
	struct make_entry e[] = { entry("1.xml", "<feedback></feedback>"),
		entry("2.xml", "<b/>") };

	e[0].claimed_bytes = 1;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_overlapping(void)
{
	struct make_entry e[] = { entry("1.xml", "<a/>"),
		entry("2.xml", "<a/>"), entry("3.xml", "<a/>") };

	e[1].flags = e[2].flags = MAKE_OVERLAPPING;
	return make_zip(e, COUNT(e));
}

static struct bytes
zip_none(void)
{
	return make_zip(NULL, 0);
}

static struct bytes
zip_directories(void)
{
	struct make_entry e[] = { entry("d/", "") };

	return make_zip(e, COUNT(e));
}

static struct bytes
zip_empty_entry(void)
{
	struct make_entry e[] = { entry("1.xml", ""), entry("2.xml", "<b/>") };

	return make_zip(e, COUNT(e));
}

static struct bytes
gzip_nothing(void)
{
	return gzip_text("");
}

static struct bytes
nothing(void)
{
	return text_bytes("");
}

static struct bytes
gzip_bzip2(void)
{
	return gzip_text("BZh91AY&SY");
}

static struct bytes
gzip_xz(void)
{
	return make_gzip("\xfd"
			 "7zXZ\0",
	    6, NULL);
}

static struct bytes
gzip_zlib(void)
{
	return gzip_text("\x78\x9c\x03");
}

static struct bytes
gzip_ole(void)
{
	return gzip_text("\xd0\xcf\x11\xe0");
}

static struct bytes
bare_zlib(void)
{
	return text_bytes("\x78\x9c\x03");
}

static struct bytes
bare_ole(void)
{
	return text_bytes("\xd0\xcf\x11\xe0");
}

static struct bytes
zip_no_extension(void)
{
	struct make_entry e[] = { entry("report", "<a/>"),
		entry("r.txt", "<b/>"), entry("", "<c/>") };

	return make_zip(e, COUNT(e));
}

static struct bytes
gzip_unused(void)
{
	/* H4sIAKImTmQAAyvNKy1OTQEA+UgslAYAAAA= */
	struct bytes b = { NULL, 0 };

	bytes_add(&b,
	    "\x1f\x8b\x08\0\xa2&Nd\0\x03+\xcd+-NM\x01\0\xf9H,\x94"
	    "\x06\0\0\0",
	    26);
	return b;
}

static struct bytes
gzip_json(void)
{
	return gzip_text("{\"a\": 1}");
}

static struct bytes
gzip_tls(void)
{
	return gzip_text("{\"policies\": []}");
}

static struct bytes
gzip_html(void)
{
	return gzip_text("<!DOCTYPE html><html>");
}

static struct bytes
gzip_junk(void)
{
	return gzip_text("junk <report/>");
}

static struct bytes
gzip_junk_xml(void)
{
	return gzip_text("junk <feedback></feedback>");
}

static struct bytes
other(void)
{
	return text_bytes("unused");
}

static struct bytes
html(void)
{
	return text_bytes("<html></html>");
}

/* ---- what comes out ---- */

static const struct row {
	const char *name;
	struct bytes (*make)(void);
	/* Of each document "name=content;", "name!CODE;" where reading it
	 * fails, and of each refused entry "!CODE;". */
	const char *want;
	bool recovered; /* ARC_RECOVERED */
} rows[] = {
	{ "plain XML", plain, "=<feedback/>;", false },
	{ "C1: zip, whatever it is called", zip, "r.gz=<feedback/>;", false },
	{ "C1: gzip", gzip, "=<feedback/>;", false },
	{ "B.3: the name in a gzip", gzip_named,
	    "a!b!1!2\\xff.xml=<feedback/>;", false },
	{ "C2: gzip, then CR LF", gzip_crlf, "=<feedback/>;", false },
	{ "C2: gzip, then garbage", gzip_garbage, "=<feedback/>;", false },
	{ "C2: gzip, then less than a header", gzip_short_tail, "=<feedback/>;",
	    false },
	{ "C2: gzip, then zeros", gzip_zeros, "=<feedback/>;", false },
	{ "C3: several members", gzip_members, "=<a/><b/>;", false },
	{ "C4: gzip cut", gzip_cut, "!ARC_TRUNCATED;", false },
	{ "C4: gzip cut, large", gzip_cut_large, "!ARC_TRUNCATED;", false },
	{ "C4: nothing but a header", gzip_header_only, "!ARC_TRUNCATED;",
	    false },
	{ "C5: no trailer", gzip_no_trailer, "!ARC_TRUNCATED;", false },
	{ "C5: half of the trailer", gzip_half_trailer, "!ARC_TRUNCATED;",
	    false },
	{ "C5: no trailer, large", gzip_no_trailer_large, "!ARC_TRUNCATED;",
	    false },
	{ "C6: wrong CRC", gzip_crc, "!ARC_CRC;", false },
	{ "C6: wrong length", gzip_length, "!ARC_CRC;", false },
	{ "C6: a flipped bit", gzip_flipped, "!ARC_CRC;", false },
	{ "C6: in the second member", gzip_second_bad, "!ARC_CRC;", false },
	{ "C7: gzip in gzip", gzip_2, "=<feedback/>;", false },
	{ "C7: three gzips", gzip_3, "=<feedback/>;", false },
	{ "C7: four gzips", gzip_4, "!LIMIT_LAYERS;", false },
	{ "C8: gzip in zip", gzip_in_zip, "r.xml.gz=<feedback/>;", false },
	{ "C8: zip in zip", zip_in_zip, "r.gz=<feedback/>;", false },
	{ "C9: zip in gzip", zip_in_gzip, "r.gz=<feedback/>;", false },
	{ "C10: tar in gzip", tar_in_gzip, "!ARC_UNSUPPORTED;", false },
	{ "C11: directories and names", zip_names,
	    "d/r.xml=<a/>;../../r.xml=<b/>;/etc/r.xml=<c/>;\\x1b[2J=<d/>;",
	    false },
	{ "C12: several entries", zip_several, "1.xml=<a/>;2.xml=<b/>;3=<c/>;",
	    false },
	{ "C13: password", zip_password, "!ARC_ENCRYPTED;", false },
	{ "C13: password on one entry", zip_password_some,
	    "1.xml=<a/>;!ARC_ENCRYPTED;3.xml=<c/>;", false },
	{ "C14: stored", zip_stored, "1.xml=<a/>;2.xml=<b/>;", false },
	{ "C14: bzip2", zip_bzip2, "r.xml=<feedback/>;", false },
	{ "C14: lzma", zip_lzma, "r.xml=<feedback/>;", false },
	{ "C14: an unknown method", zip_unknown_method,
	    "!ARC_METHOD;2.xml=<b/>;", false },
	{ "C15: wrong CRC of an entry", zip_crc,
	    "1.xml=<a/>;!ARC_CRC;3.xml=<c/>;", false },
	{ "C15: damage in an entry", zip_damaged,
	    "1.xml=<a/>;!ARC_CRC;3.xml=<c/>;", false },
	{ "C16: no directory", zip_no_directory, "1.xml=<a/>;2.xml=<b/>;",
	    true },
	{ "C16: half of the directory", zip_half_directory,
	    "1.xml=<a/>;2.xml=<b/>;", true },
	{ "C17: data cut", zip_cut, "r.xml!ARC_TRUNCATED;", true },
	{ "C17: data of the second cut", zip_cut_second,
	    "1.xml=<a/>;2.xml!ARC_TRUNCATED;", true },
	{ "C18: junk before", zip_junk_before, "r.gz=<feedback/>;", true },
	{ "C18: CR LF behind", zip_crlf, "r.gz=<feedback/>;", true },
	{ "F.2.1: blanks before", zip_blanks_before, "r.gz=<feedback/>;",
	    true },
	{ "C19: streamed", zip_streamed, "1.xml=<a/>;2.xml=<b/>;", false },
	{ "C19: streamed by libarchive", zip_streamed_real,
	    "1.xml=<a/>;2.xml=<b/>;", false },
	{ "C20: claims to be longer", zip_claims_more, "!ARC_CRC;2.xml=<b/>;",
	    false },
	{ "C20: claims to be shorter", zip_claims_less, "!ARC_CRC;2.xml=<b/>;",
	    false },
	/* libarchive takes data once */
	{ "C20: overlapping", zip_overlapping, "1.xml=<a/>;", false },
	{ "C21: empty zip", zip_none, "!ARC_EMPTY;", false },
	{ "C21: zip of directories", zip_directories, "", false },
	{ "C21: empty entry", zip_empty_entry, "!ARC_EMPTY;2.xml=<b/>;",
	    false },
	{ "C21: gzip of nothing", gzip_nothing, "!ARC_EMPTY;", false },
	{ "C21: no bytes", nothing, "!BLOB_EMPTY;", false },
	{ "C22: bzip2 in gzip", gzip_bzip2, "!ARC_UNSUPPORTED;", false },
	{ "C22: xz in gzip", gzip_xz, "!ARC_UNSUPPORTED;", false },
	{ "C22: zlib in gzip", gzip_zlib, "!ARC_UNSUPPORTED;", false },
	{ "F.2.1: OLE in gzip", gzip_ole, "!MIME_OLE;", false },
	{ "F.2.1: zlib", bare_zlib, "!ARC_UNSUPPORTED;", false },
	{ "F.2.1: OLE", bare_ole, "!MIME_OLE;", false },
	{ "C23: no extension", zip_no_extension,
	    "report=<a/>;r.txt=<b/>;=<c/>;", false },
	{ "M28: \"unused\"", gzip_unused, "!XML_NO_MARKUP;", false },
	{ "X24: JSON in gzip", gzip_json, "!XML_NO_MARKUP;", false },
	{ "B.8: TLS report in gzip", gzip_tls, "", false },
	{ "X20: a page in gzip", gzip_html, "", false },
	{ "X20: a page", html, "", false },
	{ "F.3.1: no junk before that", gzip_junk, "!XML_NO_MARKUP;", false },
	{ "F.3.1: junk before XML", gzip_junk_xml,
	    "=junk <feedback></feedback>;", false },
	{ "F.2.1: something else", other, "", false },
};

/* Read a document to its end; its content, or why it failed, goes to `to`. */
static enum ruad_status
read_all(struct ruad_source *in, struct bytes *to, struct ruad_err *err)
{
	char buf[700];
	enum ruad_status st;
	size_t n;

	do {
		st = ruad_source_fill(in, buf, sizeof(buf), &n, err);
		bytes_add(to, buf, st == RUAD_OK ? n : 0);
	} while (st == RUAD_OK && n == sizeof(buf));
	return st == RUAD_OK ? RUAD_END : st;
}

/* Take one blob apart; `slow` reads a byte at a time. */
static void
trace(const struct bytes *blob, const struct ruad_limits *lim, bool slow,
    struct bytes *out, struct ruad_warnings *warnings)
{
	struct ruad_budget budget = { 0, 1 << 26 };
	struct ruad_quota quota;
	struct ruad_unpack *u;
	struct ruad_document d;
	struct ruad_err err;
	struct slow_source s;
	enum ruad_status st;

	bytes_add_text(out, "");
	memset(warnings, 0, sizeof(*warnings));
	ruad_quota_start(&quota, lim, blob->len);
	ck_assert_int_eq(ruad_unpack_new(blob->data, blob->len, &quota, &budget,
			     &u, &err),
	    RUAD_OK);
	while ((st = ruad_unpack_next(u, &d, &err)) != RUAD_END) {
		struct bytes content = { NULL, 0 };

		ck_assert_int_ne(st, RUAD_TEMP);
		warnings->bits |= d.warnings.bits;
		if (st == RUAD_OK) {
			bytes_add_text(out, d.name);
			slow_source_init(&s, d.xml);
			st = read_all(slow ? &s.source : d.xml, &content, &err);
			if (st == RUAD_END) {
				bytes_add_text(out, "=");
				bytes_add(out, content.data, content.len);
			}
		}
		if (st != RUAD_END) {
			bytes_add_text(out, "!");
			bytes_add_text(out, ruad_code_name(err.code));
		}
		bytes_add_text(out, ";");
		bytes_free(&content);
	}
	ruad_unpack_free(&u);
	ck_assert_uint_eq(budget.used, 0);
}

START_TEST(container)
{
	const struct row *row = &rows[_i / 2];
	struct bytes blob = row->make(), out = { NULL, 0 };
	struct ruad_limits lim;
	struct ruad_warnings w;

	ruad_limits_default(&lim);
	trace(&blob, &lim, _i % 2 == 1, &out, &w);
	ck_assert_msg(strcmp((char *)out.data, row->want) == 0, "%s: %.300s",
	    row->name, (char *)out.data);
	ck_assert_msg(ruad_warned(&w, RUAD_ARC_RECOVERED) == row->recovered,
	    "%s: warned %d", row->name, ruad_warned(&w, RUAD_ARC_RECOVERED));
	bytes_free(&blob);
	bytes_free(&out);
}
END_TEST

/* A document can be read again, also out of an inner archive. */
START_TEST(again)
{
	struct bytes (*const makes[])(void) = { plain, gzip, zip, gzip_in_zip,
		zip_in_gzip, zip_streamed };
	struct bytes blob = makes[_i](), one = { NULL, 0 }, two = { NULL, 0 };
	struct ruad_limits lim;
	struct ruad_quota quota;
	struct ruad_unpack *u;
	struct ruad_document d;
	struct ruad_err err;
	char c;
	size_t n;

	ruad_limits_default(&lim);
	lim.total_bytes = 2 * (sizeof(doc) - 1) + 400;
	ruad_quota_start(&quota, &lim, blob.len);
	ck_assert_int_eq(ruad_unpack_new(blob.data, blob.len, &quota, NULL, &u,
			     &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_unpack_next(u, &d, &err), RUAD_OK);
	ck_assert_int_eq(ruad_source_read(d.xml, &c, 1, &n, &err), RUAD_OK);
	ck_assert_int_eq(ruad_source_rewind(d.xml, &err), RUAD_OK);
	ck_assert_int_eq(read_all(d.xml, &one, &err), RUAD_END);
	/* The quota counts what is read again only once. */
	for (n = 0; n < 100; n++) {
		bytes_free(&two);
		ck_assert_int_eq(ruad_source_rewind(d.xml, &err), RUAD_OK);
		ck_assert_int_eq(read_all(d.xml, &two, &err), RUAD_END);
	}
	ck_assert_str_eq((char *)one.data, (char *)two.data);
	ruad_unpack_free(&u);
	bytes_free(&blob);
	bytes_free(&one);
	bytes_free(&two);
}
END_TEST

START_TEST(tls_report)
{
	static const struct {
		struct bytes (*make)(void);
		bool tls;
	} cases[] = { { gzip_tls, true }, { gzip_json, false },
		{ plain, false } };
	struct bytes blob = cases[_i].make();
	struct ruad_limits lim;
	struct ruad_quota quota;
	struct ruad_unpack *u;
	struct ruad_document d;
	struct ruad_err err;

	ruad_limits_default(&lim);
	ruad_quota_start(&quota, &lim, blob.len);
	ck_assert_int_eq(ruad_unpack_new(blob.data, blob.len, &quota, NULL, &u,
			     &err),
	    RUAD_OK);
	while (ruad_unpack_next(u, &d, &err) != RUAD_END)
		;
	ck_assert_int_eq(ruad_unpack_tls_report(u), cases[_i].tls);
	ruad_unpack_free(&u);
	bytes_free(&blob);
}
END_TEST

/* C20: a bomb is stopped by what it makes, in one entry or in all of them. */
START_TEST(bomb)
{
	struct bytes big = text_bytes("<x>"), blob, out = { NULL, 0 };
	struct make_entry e[5];
	char blanks[65536];
	struct ruad_limits lim;
	struct ruad_warnings w;
	size_t i;

	memset(blanks, ' ', sizeof(blanks));
	for (i = 0; i < 16; i++)
		bytes_add(&big, blanks, sizeof(blanks));
	ruad_limits_default(&lim);
	lim.xml_bytes = big.len - 1;
	blob = make_gzip(big.data, big.len, NULL);
	trace(&blob, &lim, false, &out, &w);
	ck_assert_str_eq((char *)out.data, "!LIMIT_SIZE;");
	bytes_free(&blob);
	bytes_free(&out);
	lim.xml_bytes = big.len;
	lim.total_bytes = 2 * big.len;
	for (i = 0; i < COUNT(e); i++)
		e[i] = (struct make_entry){ .name = "r.xml",
			.data = big.data,
			.len = big.len };
	blob = make_zip(e, COUNT(e));
	trace(&blob, &lim, false, &out, &w);
	ck_assert_uint_lt(out.len, 2 * big.len + 100);
	ck_assert_ptr_nonnull(strstr((char *)out.data, ";!LIMIT_SIZE;"));
	bytes_free(&blob);
	bytes_free(&out);
	bytes_free(&big);
}
END_TEST

/* The budget of all mails together is respected, and given back. */
START_TEST(budget)
{
	struct bytes blob = gzip_2();
	struct ruad_budget none = { 0, 1000 };
	struct ruad_limits lim;
	struct ruad_quota quota;
	struct ruad_unpack *u;
	struct ruad_document d;
	struct ruad_err err;

	ruad_limits_default(&lim);
	ruad_quota_start(&quota, &lim, blob.len);
	ck_assert_int_eq(ruad_unpack_new(blob.data, blob.len, &quota, &none, &u,
			     &err),
	    RUAD_OK);
	ck_assert_int_eq(ruad_unpack_next(u, &d, &err), RUAD_TEMP);
	ck_assert_int_eq(err.code, RUAD_OUR_MEMORY);
	ruad_unpack_free(&u);
	ck_assert_uint_eq(none.used, 0);
	bytes_free(&blob);
}
END_TEST

static Suite *
unpack_suite(void)
{
	Suite *s = suite_create("unpack");
	TCase *tc = tcase_create("unpack");

	suite_add_tcase(s, tc);
	tcase_add_loop_test(tc, container, 0, 2 * (int)COUNT(rows));
	tcase_add_loop_test(tc, again, 0, 6);
	tcase_add_loop_test(tc, tls_report, 0, 3);
	tcase_add_test(tc, bomb);
	tcase_add_test(tc, budget);
	return s;
}

int
main(void)
{
	return run_suite(unpack_suite());
}
