/* check_sniff.c - magic bytes: every row of the table of kinds, and the names
 * that refusals have (F.2.1 of tests/corpus/rows). */
#include <string.h>
#include "check_main.h"
#include "sniff.h"

#define B(text) text, sizeof(text) - 1
#define BLANKS256 \
	BLANKS16 BLANKS16 BLANKS16 BLANKS16 BLANKS16 BLANKS16 BLANKS16 \
	    BLANKS16 BLANKS16 BLANKS16 BLANKS16 BLANKS16 BLANKS16 BLANKS16 \
		BLANKS16 BLANKS16
#define BLANKS16 "\r\n \t\r\n \t\r\n \t\r\n \t"

static const struct row {
	const char *bytes;
	size_t len;
	enum ruad_kind kind;
	size_t skip;
} rows[] = {
	{ B("\x1f\x8b\x08\0\0\0\0\0"), RUAD_KIND_GZIP, 0 },
	{ B("\x1f\x8b\x07"), RUAD_KIND_OTHER, 0 },
	{ B("\x1f\x8b"), RUAD_KIND_OTHER, 0 },
	{ B("PK\3\4...."), RUAD_KIND_ZIP, 0 },
	{ B("PK\7\10PK\3\4"), RUAD_KIND_ZIP, 0 },
	{ B("PK\5\6"), RUAD_KIND_ZIP_EMPTY, 0 },
	{ B("PK\1\2"), RUAD_KIND_OTHER, 0 },
	{ B("<?xml version=\"1.0\"?>"), RUAD_KIND_XML, 0 },
	{ B("<feedback>"), RUAD_KIND_XML, 0 },
	{ B("<"), RUAD_KIND_XML, 0 },
	{ B("\xef\xbb\xbf<feedback>"), RUAD_KIND_XML, 0 },
	{ B("\xef\xbb\xbf \r\n\t<feedback>"), RUAD_KIND_XML, 0 },
	{ B(" \n<feedback>"), RUAD_KIND_XML, 0 },
	{ B(BLANKS16 BLANKS16 "<feedback>"), RUAD_KIND_XML, 0 },
	{ B("\0\0 \0<feedback>"), RUAD_KIND_XML, 0 },
	{ B("\xef\xbb\xbfx<"), RUAD_KIND_OTHER, 0 },
	{ B("\xff\xfe<\0f\0"), RUAD_KIND_XML, 0 },
	{ B("\xfe\xff\0<\0f"), RUAD_KIND_XML, 0 },
	{ B("<\0f\0"), RUAD_KIND_XML, 0 },
	{ B("\0<\0f"), RUAD_KIND_XML, 0 },
	/* X20: a page is no report, and nobody needs to hear of it */
	{ B("<html><body>"), RUAD_KIND_HTML, 0 },
	{ B("<HTML"), RUAD_KIND_HTML, 0 },
	{ B("\xef\xbb\xbf\r\n<!DOCTYPE html>"), RUAD_KIND_HTML, 0 },
	{ B("<!doctype HTML PUBLIC"), RUAD_KIND_HTML, 0 },
	{ B("<?xml version=\"1.0\"?>\n<!DOCTYPE html>"), RUAD_KIND_HTML, 0 },
	{ B("<?xml version=\"1.0\"?><html>"), RUAD_KIND_HTML, 0 },
	{ B("<!DOCTYPE feedback>"), RUAD_KIND_XML, 0 },
	{ B("{\"a\": 1}"), RUAD_KIND_JSON, 0 },
	{ B("\xef\xbb\xbf\n {"), RUAD_KIND_JSON, 0 },
	{ B("{\"policies\": []}"), RUAD_KIND_TLS_REPORT, 0 },
	{ B(" {\"x\": 1, \"policies\": []}"), RUAD_KIND_TLS_REPORT, 0 },
	{ B("{\"policies_\": []}"), RUAD_KIND_JSON, 0 },
	{ B("[\"policies\"]"), RUAD_KIND_OTHER, 0 },
	{ B("BZh91AY"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\xfd"
	    "7zXZ\0\0"),
	    RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x5d\0\0\x80"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("LZIP\1"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("7z\xbc\xaf\x27\x1c"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x28\xb5\x2f\xfd"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("Rar!\x1a\7\0"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x1f\x9d\x90"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x1f\xa0"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x78\x01"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x78\x5e"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x78\x9c"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x78\xda"), RUAD_KIND_UNSUPPORTED, 0 },
	{ B("\x78\x9f\x3e\x22"), RUAD_KIND_TNEF, 0 },
	{ B("\x78\x9f"), RUAD_KIND_OTHER, 0 },
	{ B("\xd0\xcf\x11\xe0"), RUAD_KIND_OLE, 0 },
	{ B("\x30\x80\6"), RUAD_KIND_PKCS7, 0 },
	{ B("\x30\x82\6"), RUAD_KIND_PKCS7, 0 },
	{ B("%PDF-1.7"), RUAD_KIND_PDF, 0 },
	{ B("unused"), RUAD_KIND_OTHER, 0 },
	{ B("x<feedback>"), RUAD_KIND_OTHER, 0 },
	{ B(""), RUAD_KIND_EMPTY, 0 },
	{ B("\r\n\0"), RUAD_KIND_EMPTY, 0 },
	{ B(BLANKS16), RUAD_KIND_EMPTY, 0 },
	/* 16 leading blanks are dropped before a magic number, not more */
	{ B("\r\n\x1f\x8b\x08"), RUAD_KIND_GZIP, 2 },
	{ B(BLANKS16 "\x1f\x8b\x08"), RUAD_KIND_GZIP, 16 },
	{ B(BLANKS16 " \x1f\x8b\x08"), RUAD_KIND_OTHER, 16 },
	{ B("\0PK\3\4"), RUAD_KIND_ZIP, 1 },
};

START_TEST(kind)
{
	const struct row *row = &rows[_i];
	size_t skip = 99;
	enum ruad_kind k =
	    ruad_sniff((const unsigned char *)row->bytes, row->len, &skip);

	ck_assert_msg(k == row->kind && skip == row->skip,
	    "F.2.1 row %d: kind %d skip %zu", _i, (int)k, skip);
}
END_TEST

START_TEST(tar)
{
	unsigned char block[512] = "r.xml";
	size_t skip;

	ck_assert_int_eq(ruad_sniff(block, sizeof(block), &skip),
	    RUAD_KIND_OTHER);
	memcpy(block + 257, "ustar", 5);
	ck_assert_int_eq(ruad_sniff(block, sizeof(block), &skip),
	    RUAD_KIND_UNSUPPORTED);
	ck_assert_int_eq(ruad_sniff(block, 262, &skip), RUAD_KIND_UNSUPPORTED);
	ck_assert_int_eq(ruad_sniff(block, 261, &skip), RUAD_KIND_OTHER);
}
END_TEST

static enum ruad_kind
behind(const void *data, size_t len)
{
	size_t skip;

	return ruad_sniff_behind(data, len, &skip);
}

/* F.3.1 step 1: at most 256 bytes of junk. */
START_TEST(xml_behind)
{
	static const char *const starts[] = { "<?xml version", "<feedback>",
		"<feedback xmlns" };
	static const char *const others[] = { "<feedbacks>", "<feedback@x>",
		"<?xmlversion", "<Error>", "" };
	unsigned char buf[400];
	size_t i;

	for (i = 0; i < COUNT(starts); i++) {
		memset(buf, 'x', sizeof(buf));
		memcpy(buf + 256, starts[i], strlen(starts[i]));
		ck_assert(behind(buf, sizeof(buf)) == RUAD_KIND_XML);
		memset(buf, 'x', sizeof(buf));
		memcpy(buf + 257, starts[i], strlen(starts[i]));
		/* a report will be refused; anything else is passed over */
		ck_assert(behind(buf, sizeof(buf)) ==
		    (i == 0 ? RUAD_KIND_OTHER : RUAD_KIND_XML));
	}
	for (i = 0; i < COUNT(others); i++) {
		memset(buf, 'x', sizeof(buf));
		memcpy(buf + 10, others[i], strlen(others[i]));
		ck_assert_msg(behind(buf, sizeof(buf)) == RUAD_KIND_OTHER, "%s",
		    others[i]);
	}
	ck_assert(behind("<feedback", 9) == RUAD_KIND_OTHER);
}
END_TEST

#define END_RECORD "PK\5\6\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"

static const struct end_row {
	const char *bytes;
	size_t len;
	bool found, whole;
} end_rows[] = {
	{ B("PK\3\4data" END_RECORD "\0\0"), true, true },
	{ B("PK\3\4data" END_RECORD "\3\0abc"), true, true },
	{ B("PK\3\4data" END_RECORD "\0\0\r\n"), true, false },
	{ B("junkPK\3\4data" END_RECORD "\0\0"), true, false },
	{ B("PK\3\4PK\5\6" END_RECORD "\0\0"), true, true },
	{ B("PK\3\4data"), false, false },
	{ B("PK\5\6"), false, false },
	{ B(""), false, false },
};

START_TEST(zip_end)
{
	const struct end_row *row = &end_rows[_i];
	bool whole;
	bool found = ruad_sniff_zip_end((const unsigned char *)row->bytes,
	    row->len, &whole);

	ck_assert_msg(found == row->found && whole == row->whole,
	    "C18 row %d: found %d whole %d", _i, found, whole);
}
END_TEST

/* A zip whose data is not compressed is no markup behind junk. */
START_TEST(zip_behind)
{
	static const struct {
		const char *bytes;
		size_t len, skip;
		enum ruad_kind kind;
	} blobs[] = {
		{ B("xPK\3\4<feedback>" END_RECORD "\0\0"), 0, RUAD_KIND_ZIP },
		{ B("x<feedback>" END_RECORD "\0\0"), 0, RUAD_KIND_ZIP },
		{ B("xPK\3\4<feedback>"), 1, RUAD_KIND_ZIP },
		{ B("x<feedback>PK\3\4"), 0, RUAD_KIND_XML },
		{ B("xy\x1f\x8b\x08\0PK\3\4"), 2, RUAD_KIND_GZIP },
		{ B("xyPK\3\4\x1f\x8b\x08\0"), 2, RUAD_KIND_ZIP },
		{ B("x\x1f\x8b\x08\0\0\0\0\0<feedback>" END_RECORD), 0,
		    RUAD_KIND_ZIP },
		{ B("x<feedback>\x1f\x8b\x08\0"), 0, RUAD_KIND_XML },
		/* no flags of a gzip, or none any more */
		{ B("x\x1f\x8b\x08\x20"), 0, RUAD_KIND_OTHER },
		{ B("x\x1f\x8b\x08"), 0, RUAD_KIND_OTHER },
		{ B(BLANKS256 "\x1f\x8b\x08\0"), 256, RUAD_KIND_GZIP },
		{ B("x" BLANKS256 "\x1f\x8b\x08\0"), 0, RUAD_KIND_OTHER },
		{ B("xPK\3"), 0, RUAD_KIND_OTHER },
	};
	size_t i, skip;

	for (i = 0; i < COUNT(blobs); i++) {
		ck_assert(
		    ruad_sniff_behind((const unsigned char *)blobs[i].bytes,
			blobs[i].len, &skip) == blobs[i].kind);
		ck_assert_uint_eq(skip, blobs[i].skip);
	}
}
END_TEST

static const struct refusal_row {
	enum ruad_kind kind;
	enum ruad_code code;
} refusal_rows[] = {
	{ RUAD_KIND_OTHER, RUAD_CODE_NONE },
	{ RUAD_KIND_EMPTY, RUAD_BLOB_EMPTY },
	{ RUAD_KIND_GZIP, RUAD_CODE_NONE },
	{ RUAD_KIND_ZIP, RUAD_CODE_NONE },
	{ RUAD_KIND_ZIP_EMPTY, RUAD_ARC_EMPTY },
	{ RUAD_KIND_XML, RUAD_CODE_NONE },
	{ RUAD_KIND_HTML, RUAD_CODE_NONE },
	{ RUAD_KIND_JSON, RUAD_CODE_NONE },
	{ RUAD_KIND_TLS_REPORT, RUAD_CODE_NONE },
	{ RUAD_KIND_UNSUPPORTED, RUAD_ARC_UNSUPPORTED },
	{ RUAD_KIND_TNEF, RUAD_MIME_TNEF },
	{ RUAD_KIND_OLE, RUAD_MIME_OLE },
	{ RUAD_KIND_PKCS7, RUAD_MIME_ENCRYPTED },
	{ RUAD_KIND_PDF, RUAD_CODE_NONE },
};

START_TEST(refusal)
{
	ck_assert_str_eq(ruad_code_name(
			     ruad_kind_refusal(refusal_rows[_i].kind)),
	    ruad_code_name(refusal_rows[_i].code));
}
END_TEST

static Suite *
sniff_suite(void)
{
	Suite *s = suite_create("sniff");
	TCase *tc = tcase_create("sniff");

	suite_add_tcase(s, tc);
	add_rows(tc, kind, rows);
	tcase_add_test(tc, tar);
	tcase_add_test(tc, xml_behind);
	add_rows(tc, zip_end, end_rows);
	tcase_add_test(tc, zip_behind);
	add_rows(tc, refusal, refusal_rows);
	return s;
}

int
main(void)
{
	return run_suite(sniff_suite());
}
