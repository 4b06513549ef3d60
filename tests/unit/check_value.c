/* check_value.c - words, numbers, times, addresses and domain names of reports:
 * every row of the tables that say how they are normalised. */
#include <stdio.h>
#include <string.h>
#include "check_main.h"
#include "value.h"

/* ---- words ---- */

typedef struct ruad_word_value (*reader)(const char *s, size_t len);

#define EXACT RUAD_FIT_EXACT
#define SYNONYM RUAD_FIT_SYNONYM
#define ODD RUAD_FIT_ODD
#define UNKNOWN RUAD_FIT_UNKNOWN

static const struct word_row {
	const char *name; /* of the field */
	reader read;
	const char *word;
	int value;
	enum ruad_fit fit;
} word_rows[] = {
#define P(word, value, fit) \
	{ \
		"p, sp, np", ruad_value_policy, word, value, fit \
	}
	P("none", RUAD_POLICY_NONE, EXACT),
	P("quarantine", RUAD_POLICY_QUARANTINE, EXACT),
	P("reject", RUAD_POLICY_REJECT, EXACT),
	P("Reject", RUAD_POLICY_REJECT, EXACT),
	P("NONE", RUAD_POLICY_NONE, EXACT),
	P("monitor", RUAD_POLICY_NONE, SYNONYM),
	P("unknown", RUAD_POLICY_UNKNOWN, ODD),
	P("pass", RUAD_POLICY_UNKNOWN, UNKNOWN),
	P("quarantined", RUAD_POLICY_UNKNOWN, UNKNOWN),
	P("rej", RUAD_POLICY_UNKNOWN, UNKNOWN),
	P("n\303\266ne", RUAD_POLICY_UNKNOWN, UNKNOWN),
	P("nonenonenonenonenonenonenonenonenonenonenonenone",
	    RUAD_POLICY_UNKNOWN, UNKNOWN),
#define MODE(word, value, fit) \
	{ \
		"adkim, aspf", ruad_value_mode, word, value, fit \
	}
	MODE("r", RUAD_MODE_RELAXED, EXACT),
	MODE("s", RUAD_MODE_STRICT, EXACT),
	MODE("S", RUAD_MODE_STRICT, EXACT),
	MODE("relaxed", RUAD_MODE_RELAXED, SYNONYM),
	MODE("Strict", RUAD_MODE_STRICT, SYNONYM),
	MODE("unknown", RUAD_MODE_UNKNOWN, ODD),
	MODE("x", RUAD_MODE_UNKNOWN, UNKNOWN),
	MODE("r s", RUAD_MODE_UNKNOWN, UNKNOWN),
#define TESTING(word, value, fit) \
	{ \
		"testing", ruad_value_testing, word, value, fit \
	}
	TESTING("n", RUAD_TESTING_NO, EXACT),
	TESTING("y", RUAD_TESTING_YES, EXACT),
	TESTING("Y", RUAD_TESTING_YES, EXACT),
	TESTING("yes", RUAD_TESTING_YES, SYNONYM),
	TESTING("true", RUAD_TESTING_YES, SYNONYM),
	TESTING("1", RUAD_TESTING_YES, SYNONYM),
	TESTING("no", RUAD_TESTING_NO, SYNONYM),
	TESTING("false", RUAD_TESTING_NO, SYNONYM),
	TESTING("0", RUAD_TESTING_NO, SYNONYM),
	TESTING("2", RUAD_TESTING_UNKNOWN, UNKNOWN),
	TESTING("on", RUAD_TESTING_UNKNOWN, UNKNOWN),
#define DISCOVERY(word, value, fit) \
	{ \
		"discovery_method", ruad_value_discovery, word, value, fit \
	}
	DISCOVERY("psl", RUAD_DISCOVERY_PSL, EXACT),
	DISCOVERY("PSL", RUAD_DISCOVERY_PSL, EXACT),
	DISCOVERY("treewalk", RUAD_DISCOVERY_TREEWALK, EXACT),
	DISCOVERY("tree_walk", RUAD_DISCOVERY_TREEWALK, SYNONYM),
	DISCOVERY("tree-walk", RUAD_DISCOVERY_TREEWALK, SYNONYM),
	DISCOVERY("walk", RUAD_DISCOVERY_UNKNOWN, UNKNOWN),
#define PCT(word, value, fit) \
	{ \
		"pct", ruad_value_pct, word, value, fit \
	}
	PCT("0", 0, EXACT),
	PCT("100", 100, EXACT),
	PCT("+050", 50, EXACT),
	PCT("50%", 50, SYNONYM),
	PCT("50.0", 50, EXACT),
	PCT("50.5", 50, ODD),
	PCT("50 percent", 50, ODD),
	PCT("50%%", 50, ODD),
	PCT("101", -1, UNKNOWN),
	PCT("99999999999999999999", -1, UNKNOWN),
	PCT("-1", -1, UNKNOWN),
	PCT("%", -1, UNKNOWN),
	PCT("all", -1, UNKNOWN),
	PCT(".5", -1, UNKNOWN),
#define DISPOSITION(word, value, fit) \
	{ \
		"disposition", ruad_value_disposition, word, value, fit \
	}
	DISPOSITION("none", RUAD_DISPOSITION_NONE, EXACT),
	DISPOSITION("pass", RUAD_DISPOSITION_PASS, EXACT),
	DISPOSITION("quarantine", RUAD_DISPOSITION_QUARANTINE, EXACT),
	DISPOSITION("reject", RUAD_DISPOSITION_REJECT, EXACT),
	DISPOSITION("QuaranTine", RUAD_DISPOSITION_QUARANTINE, EXACT),
	DISPOSITION("accept", RUAD_DISPOSITION_NONE, SYNONYM),
	DISPOSITION("delivered", RUAD_DISPOSITION_NONE, SYNONYM),
	DISPOSITION("unknown", RUAD_DISPOSITION_UNKNOWN, SYNONYM),
	DISPOSITION("spam", RUAD_DISPOSITION_UNKNOWN, UNKNOWN),
	DISPOSITION("fail", RUAD_DISPOSITION_UNKNOWN, UNKNOWN),
#define VERDICT(word, value, fit) \
	{ \
		"policy_evaluated dkim, spf", ruad_value_verdict, word, value, \
		    fit \
	}
	VERDICT("pass", RUAD_VERDICT_PASS, EXACT),
	VERDICT("fail", RUAD_VERDICT_FAIL, EXACT),
	VERDICT("Pass", RUAD_VERDICT_PASS, EXACT),
	VERDICT("PASS", RUAD_VERDICT_PASS, EXACT),
	VERDICT("none", RUAD_VERDICT_FAIL, ODD),
	VERDICT("neutral", RUAD_VERDICT_FAIL, ODD),
	VERDICT("softfail", RUAD_VERDICT_FAIL, ODD),
	VERDICT("hardfail", RUAD_VERDICT_FAIL, ODD),
	VERDICT("temperror", RUAD_VERDICT_FAIL, ODD),
	VERDICT("PermError", RUAD_VERDICT_FAIL, ODD),
	VERDICT("policy", RUAD_VERDICT_FAIL, ODD),
	VERDICT("unknown", RUAD_VERDICT_UNKNOWN, SYNONYM),
	VERDICT("not.evaluated", RUAD_VERDICT_UNKNOWN, SYNONYM),
	VERDICT("passed", RUAD_VERDICT_UNKNOWN, UNKNOWN),
	VERDICT("pass fail", RUAD_VERDICT_UNKNOWN, UNKNOWN),
#define REASON(word, value, fit) \
	{ \
		"reason type", ruad_value_reason, word, value, fit \
	}
	REASON("forwarded", RUAD_REASON_FORWARDED, EXACT),
	REASON("sampled_out", RUAD_REASON_SAMPLED_OUT, EXACT),
	REASON("trusted_forwarder", RUAD_REASON_TRUSTED_FORWARDER, EXACT),
	REASON("mailing_list", RUAD_REASON_MAILING_LIST, EXACT),
	REASON("local_policy", RUAD_REASON_LOCAL_POLICY, EXACT),
	REASON("other", RUAD_REASON_OTHER, EXACT),
	REASON("policy_test_mode", RUAD_REASON_POLICY_TEST_MODE, EXACT),
	REASON("Mailing_List", RUAD_REASON_MAILING_LIST, EXACT),
	REASON("mailing-list", RUAD_REASON_MAILING_LIST, SYNONYM),
	REASON("mailing list", RUAD_REASON_MAILING_LIST, SYNONYM),
	REASON("local\n\t  policy", RUAD_REASON_LOCAL_POLICY, SYNONYM),
	REASON("arc", 0, UNKNOWN),
	REASON("mailing__list", 0, UNKNOWN),
#define DKIM(word, value, fit) \
	{ \
		"dkim result", ruad_value_dkim_result, word, value, fit \
	}
	DKIM("none", RUAD_RESULT_NONE, EXACT),
	DKIM("pass", RUAD_RESULT_PASS, EXACT),
	DKIM("fail", RUAD_RESULT_FAIL, EXACT),
	DKIM("policy", RUAD_RESULT_POLICY, EXACT),
	DKIM("neutral", RUAD_RESULT_NEUTRAL, EXACT),
	DKIM("temperror", RUAD_RESULT_TEMPERROR, EXACT),
	DKIM("PermError", RUAD_RESULT_PERMERROR, EXACT),
	DKIM("softfail", RUAD_RESULT_FAIL, SYNONYM),
	DKIM("hardfail", RUAD_RESULT_FAIL, SYNONYM),
	DKIM("invalid", RUAD_RESULT_PERMERROR, SYNONYM),
	DKIM("temp_error", RUAD_RESULT_TEMPERROR, SYNONYM),
	DKIM("perm-error", RUAD_RESULT_PERMERROR, SYNONYM),
	DKIM("error", RUAD_RESULT_PERMERROR, SYNONYM),
	DKIM("unknown", RUAD_RESULT_TEMPERROR, SYNONYM),
	DKIM("discard", RUAD_RESULT_PERMERROR, SYNONYM),
	DKIM("nxdomain", RUAD_RESULT_PERMERROR, SYNONYM),
	DKIM("signed", RUAD_RESULT_NEUTRAL, SYNONYM),
	DKIM("neutral (bad version)", RUAD_RESULT_NEUTRAL, SYNONYM),
	DKIM("fail(body hash)", RUAD_RESULT_FAIL, SYNONYM),
	DKIM("pass\n  (good)", RUAD_RESULT_PASS, SYNONYM),
	DKIM("verified", RUAD_RESULT_OTHER, UNKNOWN),
	DKIM("pa-ss", RUAD_RESULT_OTHER, UNKNOWN),
	DKIM("_pass", RUAD_RESULT_OTHER, UNKNOWN),
	DKIM("(pass)", RUAD_RESULT_OTHER, UNKNOWN),
	DKIM("passpasspasspasspasspasspasspasspasspasspass", RUAD_RESULT_OTHER,
	    UNKNOWN),
#define SPF(word, value, fit) \
	{ \
		"spf result", ruad_value_spf_result, word, value, fit \
	}
	SPF("none", RUAD_RESULT_NONE, EXACT),
	SPF("neutral", RUAD_RESULT_NEUTRAL, EXACT),
	SPF("pass", RUAD_RESULT_PASS, EXACT),
	SPF("fail", RUAD_RESULT_FAIL, EXACT),
	SPF("softfail", RUAD_RESULT_SOFTFAIL, EXACT),
	SPF("temperror", RUAD_RESULT_TEMPERROR, EXACT),
	SPF("permerror", RUAD_RESULT_PERMERROR, EXACT),
	SPF("policy", RUAD_RESULT_POLICY, EXACT),
	SPF("TempError", RUAD_RESULT_TEMPERROR, EXACT),
	SPF("SoftFail", RUAD_RESULT_SOFTFAIL, EXACT),
	SPF("hardfail", RUAD_RESULT_FAIL, SYNONYM),
	SPF("unknown", RUAD_RESULT_TEMPERROR, SYNONYM),
	SPF("error", RUAD_RESULT_PERMERROR, SYNONYM),
	SPF("nxdomain", RUAD_RESULT_PERMERROR, SYNONYM),
	SPF("discard", RUAD_RESULT_PERMERROR, SYNONYM),
	SPF("invalid", RUAD_RESULT_OTHER, UNKNOWN),
	SPF("ok", RUAD_RESULT_OTHER, UNKNOWN),
#define SCOPE(word, value, fit) \
	{ \
		"spf scope", ruad_value_scope, word, value, fit \
	}
	SCOPE("mfrom", RUAD_SCOPE_MFROM, EXACT),
	SCOPE("helo", RUAD_SCOPE_HELO, EXACT),
	SCOPE("HELO", RUAD_SCOPE_HELO, EXACT),
	SCOPE("mailfrom", RUAD_SCOPE_MFROM, SYNONYM),
	SCOPE("mail_from", RUAD_SCOPE_MFROM, SYNONYM),
	SCOPE("envelope", RUAD_SCOPE_MFROM, SYNONYM),
	SCOPE("ehlo", RUAD_SCOPE_HELO, SYNONYM),
	SCOPE("pra", 0, UNKNOWN),
};

START_TEST(word)
{
	const struct word_row *row = &word_rows[_i];
	struct ruad_word_value v = row->read(row->word, strlen(row->word));

	ck_assert_msg(v.value == row->value && v.fit == row->fit,
	    "%s \"%s\": value %d fit %d", row->name, row->word, v.value,
	    (int)v.fit);
}
END_TEST

/* Nothing behind the given length is looked at. */
START_TEST(word_ends)
{
	ck_assert_int_eq(ruad_value_policy("rejected", 6).value,
	    RUAD_POLICY_REJECT);
	ck_assert_int_eq(ruad_value_dkim_result("passing", 4).value,
	    RUAD_RESULT_PASS);
	ck_assert_int_eq(ruad_value_pct("1000", 3).value, 100);
}
END_TEST

/* ---- times ---- */

static const struct time_row {
	const char *text;
	int64_t epoch;
	enum ruad_fit fit;
} time_rows[] = {
	{ "1700000000", 1700000000, EXACT },
	/* decimals: the floor */
	{ "1700000000.0", 1700000000, EXACT },
	{ "1700000000.123456", 1700000000, EXACT },
	{ "1700000000.999", 1700000000, EXACT },
	{ "1700000000.", 1700000000, EXACT },
	/* sign, leading zeros */
	{ "+1700000000", 1700000000, EXACT },
	{ "0001700000000", 1700000000, EXACT },
	{ "00000000000000000000000000000000000000000000001700000000",
	    1700000000, EXACT },
	/* milliseconds, microseconds */
	{ "1700000000000", 1700000000, ODD },
	{ "1700000000123", 1700000000, ODD },
	{ "1700000000123456", 1700000000, ODD },
	{ "99999999999", INT64_C(99999999999), EXACT },
	{ "100000000000", 100000000, ODD },
	{ "100000000000000", 100000000, ODD },
	/* beyond any unit: judged as a time far ahead */
	{ "10000000000000000", INT64_C(10000000000000000), EXACT },
	{ "99999999999999999999999999", INT64_MAX, EXACT },
	/* calendar dates */
	{ "2023-11-14T22:13:20Z", 1700000000, ODD },
	{ "2023-11-14t22:13:20z", 1700000000, ODD },
	{ "2023-11-14 22:13:20", 1700000000, ODD },
	{ "2023-11-14T22:13:20", 1700000000, ODD },
	{ "2023-11-14\n\t 22:13:20", 1700000000, ODD },
	{ "2023-11-14T22:13:20.5Z", 1700000000, ODD },
	{ "2023-11-14T23:13:20+01:00", 1700000000, ODD },
	{ "2023-11-14T23:13:20 +0100", 1700000000, ODD },
	{ "2023-11-14T16:43:20-05:30", 1700000000, ODD },
	{ "2023-11-14 22:13:20 UTC", 1700000000, ODD },
	{ "2023-11-14 22:13:20 GMT", 1700000000, ODD },
	{ "2023-11-14T22:13", 1699999980, ODD },
	{ "2023-11-14", 1699920000, ODD },
	{ "2024-02-29", 1709164800, ODD },
	/* the basic format of ISO 8601 */
	{ "20231114T221320Z", 1700000000, ODD },
	{ "20231114 221320", 1700000000, ODD },
	{ "20231114T231320.9+0100", 1700000000, ODD },
	{ "20231114T2213", 1699999980, ODD },
	{ "20231114T22:13:20Z", 1700000000, ODD },
	/* none of them */
	{ "", 0, UNKNOWN },
	{ "0", 0, UNKNOWN },
	{ "0.9", 0, UNKNOWN },
	{ "-1", 0, UNKNOWN },
	{ "-1700000000", 0, UNKNOWN },
	{ "-0.5", 0, UNKNOWN },
	{ "integer", 0, UNKNOWN },
	{ "1700000000s", 0, UNKNOWN },
	{ "1700000000 1", 0, UNKNOWN },
	{ "1.7e9", 0, UNKNOWN },
	{ "0x6553f100", 0, UNKNOWN },
	{ "+", 0, UNKNOWN },
	{ ".5", 0, UNKNOWN },
	{ "2023-02-29", 0, UNKNOWN },
	{ "2023-13-01", 0, UNKNOWN },
	{ "2023-11-32", 0, UNKNOWN },
	{ "20230229T000000Z", 0, UNKNOWN },
	{ "2023111T000000Z", 0, UNKNOWN },
	{ "20231114T", 0, UNKNOWN },
	{ "20231114Z", 0, UNKNOWN },
	{ "20231114T22Z", 0, UNKNOWN },
	{ "2023-11-14T24:00:00Z", 0, UNKNOWN },
	{ "2023-11-14T22:60:00Z", 0, UNKNOWN },
	{ "2023-11-14T-1:30", 0, UNKNOWN },
	{ "2023-11-14T22:13:20 CET", 0, UNKNOWN },
	{ "2023-11-14T22:13:20Z tail", 0, UNKNOWN },
	{ "1969-12-31", 0, UNKNOWN },
	{ "14.11.2023", 0, UNKNOWN },
};

START_TEST(time_value)
{
	const struct time_row *row = &time_rows[_i];
	int64_t epoch = -1;
	enum ruad_fit fit =
	    ruad_value_time(row->text, strlen(row->text), &epoch);

	ck_assert_msg(fit == row->fit && epoch == row->epoch,
	    "F.4.3 \"%s\": %lld fit %d", row->text, (long long)epoch, (int)fit);
}
END_TEST

/* ---- counts ---- */

static const struct count_row {
	const char *text;
	enum ruad_code code;
	int64_t count;
} count_rows[] = {
	{ "1", RUAD_CODE_NONE, 1 },
	{ "+12", RUAD_CODE_NONE, 12 },
	{ "007", RUAD_CODE_NONE, 7 },
	{ "12.0", RUAD_CODE_NONE, 12 },
	{ "12.000", RUAD_CODE_NONE, 12 },
	{ "0", RUAD_CODE_NONE, 0 },
	{ "-0", RUAD_CODE_NONE, 0 },
	{ "4294967296", RUAD_CODE_NONE, INT64_C(4294967296) },
	{ "1000000000000", RUAD_CODE_NONE, INT64_C(1000000000000) },
	{ "1000000000001", RUAD_ROW_COUNT_HUGE, 0 },
	{ "9223372036854775808", RUAD_ROW_COUNT_HUGE, 0 },
	{ "99999999999999999999999999999999999999999999999999",
	    RUAD_ROW_COUNT_HUGE, 0 },
	{ "-1", RUAD_ROW_COUNT, 0 },
	{ "-99999999999999999999", RUAD_ROW_COUNT, 0 },
	{ "1,000", RUAD_ROW_COUNT, 0 },
	{ "1 000", RUAD_ROW_COUNT, 0 },
	{ "1.5", RUAD_ROW_COUNT, 0 },
	{ "1.0.0", RUAD_ROW_COUNT, 0 },
	{ "1e3", RUAD_ROW_COUNT, 0 },
	{ "0x10", RUAD_ROW_COUNT, 0 },
	{ "12abc", RUAD_ROW_COUNT, 0 },
	{ "one", RUAD_ROW_COUNT, 0 },
	{ "+", RUAD_ROW_COUNT, 0 },
	{ "", RUAD_ROW_COUNT, 0 },
};

START_TEST(count)
{
	const struct count_row *row = &count_rows[_i];
	int64_t n = -1;
	enum ruad_code code =
	    ruad_value_count(row->text, strlen(row->text), &n);

	ck_assert_msg(code == row->code, "F.6.3 \"%s\": %s", row->text,
	    ruad_code_name(code));
	if (code == RUAD_CODE_NONE)
		ck_assert_int_eq(n, row->count);
}
END_TEST

/* ---- addresses ---- */

static const struct ip_row {
	const char *text;
	const char *want; /* NULL: none */
	bool special;
} ip_rows[] = {
	{ "203.0.114.1", "203.0.114.1", false },
	{ "2001:DB9:0:0:0:0:0:1", "2001:db9::1", false },
	{ "2a00:1450::1", "2a00:1450::1", false },
	{ "::ffff:cb00:7201", "203.0.114.1", false },
	{ "::FFFF:203.0.114.1", "203.0.114.1", false },
	{ "0:0:0:0:0:ffff:203.0.114.1", "203.0.114.1", false },
	{ "[2a00::1]", "2a00::1", false },
	{ "[203.0.114.1]", "203.0.114.1", false },
	{ "IPv6:2a00::1", "2a00::1", false },
	{ "ipV6:2a00::1", "2a00::1", false },
	{ "[IPv6:2a00::1]", "2a00::1", false },
	/* a zone is taken off with a warning */
	{ "2a00::1%eth0", "2a00::1", true },
	{ "fe80::1%eth0", "fe80::1", true },
	/* ranges that no sender has */
	{ "192.0.2.1", "192.0.2.1", true },
	{ "198.51.100.255", "198.51.100.255", true },
	{ "203.0.113.0", "203.0.113.0", true },
	{ "0.0.0.0", "0.0.0.0", true },
	{ "::", "::", true },
	{ "127.0.0.1", "127.0.0.1", true },
	{ "127.255.255.255", "127.255.255.255", true },
	{ "::1", "::1", true },
	{ "10.0.0.1", "10.0.0.1", true },
	{ "172.16.0.1", "172.16.0.1", true },
	{ "172.31.255.255", "172.31.255.255", true },
	{ "192.168.1.1", "192.168.1.1", true },
	{ "169.254.1.1", "169.254.1.1", true },
	{ "100.64.0.1", "100.64.0.1", true },
	{ "fd00::1", "fd00::1", true },
	{ "2001:db8::1", "2001:db8::1", true },
	{ "3fff::1", "3fff::1", true },
	/* and their neighbours */
	{ "11.0.0.0", "11.0.0.0", false },
	{ "126.255.255.255", "126.255.255.255", false },
	{ "128.0.0.1", "128.0.0.1", false },
	{ "172.15.255.255", "172.15.255.255", false },
	{ "172.32.0.0", "172.32.0.0", false },
	{ "192.0.3.0", "192.0.3.0", false },
	{ "100.63.255.255", "100.63.255.255", false },
	{ "100.128.0.0", "100.128.0.0", false },
	{ "192.169.0.0", "192.169.0.0", false },
	{ "::2", "::2", false },
	{ "2001:db9::1", "2001:db9::1", false },
	{ "3fff:1000::1", "3fff:1000::1", false },
	/* no addresses */
	{ "192.0.2.01", NULL, false },
	{ "0xc0.0.2.1", NULL, false },
	{ "3221225985", NULL, false },
	{ "192.0.2", NULL, false },
	{ "192.0.2.256", NULL, false },
	{ "192.0.2.1/32", NULL, false },
	{ "192.0.2.1:25", NULL, false },
	{ "[192.0.2.1]:25", NULL, false },
	{ "[2001:db8::1", NULL, false },
	{ "[[2001:db8::1]]", NULL, false },
	{ "2001:db8::1%", NULL, false },
	{ "2001:db8::1::2", NULL, false },
	{ "12345::1", NULL, false },
	{ "mail.example.com", NULL, false },
	{ "unknown", NULL, false },
	{ "192.0.2.1 192.0.2.2", NULL, false },
	{ "192.0.2.1,192.0.2.2", NULL, false },
	{ "", NULL, false },
	{ "[]", NULL, false },
	{ "111111111111111111111111111111111111111111111111111111111111111111"
	  "11111111111111111111111111111111",
	    NULL, false },
};

START_TEST(ip)
{
	const struct ip_row *row = &ip_rows[_i];
	unsigned char bytes[16];
	bool special;
	char text[46];
	bool ok = ruad_value_ip(row->text, strlen(row->text), bytes, &special);

	ck_assert_msg(ok == (row->want != NULL), "F.6.2 \"%s\": %d", row->text,
	    ok);
	if (!ok)
		return;
	ck_assert_str_eq(ruad_value_ip_text(bytes, text, sizeof(text)),
	    row->want);
	ck_assert_msg(special == row->special, "F.6.2 \"%s\": special %d",
	    row->text, special);
}
END_TEST

/* IPv4 and its mapped spellings have one form. */
START_TEST(ip_bytes)
{
	static const unsigned char want[16] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
		0xff, 0xff, 192, 0, 2, 1 };
	unsigned char bytes[16];
	bool special;

	ck_assert(ruad_value_ip("192.0.2.1", 9, bytes, &special));
	ck_assert_mem_eq(bytes, want, 16);
	ck_assert(ruad_value_ip("::ffff:c000:201", 15, bytes, &special));
	ck_assert_mem_eq(bytes, want, 16);
}
END_TEST

START_TEST(network)
{
	static const struct {
		const char *ip, *want;
	} networks[] = {
		{ "192.0.2.77", "192.0.2.0/24" },
		{ "2001:db8:1:2::3", "2001:db8:1::/48" },
		{ "::", "::/48" },
	};
	unsigned char bytes[16];
	bool special;
	char text[50];
	size_t i;

	for (i = 0; i < COUNT(networks); i++) {
		ck_assert(ruad_value_ip(networks[i].ip, strlen(networks[i].ip),
		    bytes, &special));
		ruad_value_network_text(bytes, text, sizeof(text));
		ck_assert_str_eq(text, networks[i].want);
	}
}
END_TEST

/* ---- domain names ---- */

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define L61 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct domain_row {
	const char *text;
	enum ruad_domain_form form;
	const char *want;
	bool address;
} domain_rows[] = {
#define OK RUAD_DOMAIN_OK
#define BAD RUAD_DOMAIN_BAD
#define ABSENT RUAD_DOMAIN_ABSENT
	{ "example.com", OK, "example.com", false },
	{ "EXAMPLE.Com", OK, "example.com", false },
	{ "<example.com>", OK, "example.com", false },
	{ "\"example.com\"", OK, "example.com", false },
	{ "'example.com'", OK, "example.com", false },
	{ "<<example.com>>", BAD, "<example.com>", false },
	{ "example.com.", OK, "example.com", false },
	{ "example.com...", OK, "example.com", false },
	/* a mail address: the local-part goes */
	{ "someone@example.com", OK, "example.com", true },
	{ "<someone@example.com>", OK, "example.com", true },
	{ "a@b@Example.com.", OK, "example.com", true },
	{ "@example.com", OK, "example.com", true },
	{ "someone@", ABSENT, "", true },
	{ "someone@not a name", BAD, "not a name", true },
	/* letters beyond ASCII */
	{ "b\303\274cher.example", OK, "xn--bcher-kva.example", false },
	{ "B\303\234CHER.example", OK, "xn--bcher-kva.example", false },
	{ "XN--BCHER-KVA.example", OK, "xn--bcher-kva.example", false },
	{ "_dmarc.b\303\274cher.example", OK, "_dmarc.xn--bcher-kva.example",
	    false },
	{ "\346\227\245\346\234\254.example", OK, "xn--wgv71a.example", false },
	{ "b\303\274 cher.example", BAD, "b\303\274 cher.example", false },
	{ "exa\357\277\275mple.com", BAD, "exa\357\277\275mple.com", false },
	/* form */
	{ "localhost", OK, "localhost", false },
	{ "_spf.example.com", OK, "_spf.example.com", false },
	{ "a-b.1.example", OK, "a-b.1.example", false },
	{ L63 ".example", OK, L63 ".example", false },
	{ L63 "a.example", BAD, L63 "a.example", false },
	{ L63 "." L63 "." L63 "." L61, OK, L63 "." L63 "." L63 "." L61,
	    false }, /* 253 */
	{ L63 "." L63 "." L63 "." L61 "a", BAD, L63 "." L63 "." L63 "." L61 "a",
	    false },
	{ L63 "." L63 "." L63 "." L63 "." L63 "." L63, BAD,
	    L63 "." L63 "." L63 "." L63, false }, /* 255 are kept */
	{ "*.example.com", BAD, "*.example.com", false },
	{ ".example.com", BAD, ".example.com", false },
	{ "example..com", BAD, "example..com", false },
	{ "exa mple.com", BAD, "exa mple.com", false },
	{ "example.com/x", BAD, "example.com/x", false },
	{ "http://example.com", BAD, "http://example.com", false },
	{ "bad<xml.net", BAD, "bad<xml.net", false },
	{ "192.0.2.1", BAD, "192.0.2.1", false },
	{ "[192.0.2.1]", BAD, "[192.0.2.1]", false },
	{ "2001:db8::1", BAD, "2001:db8::1", false },
	{ "exa\001mple.com", BAD, "exa\\x01mple.com", false },
	/* what cannot be seen must not make it another name */
	{ "exa\342\200\256mple.com", BAD, "exa\\xe2\\x80\\xaemple.com", false },
	{ "exa\nmple.com", BAD, "exa\\x0ample.com", false },
	/* placeholders */
	{ "", ABSENT, "", false },
	{ "...", ABSENT, "", false },
	{ "<>", ABSENT, "", false },
	{ "not.evaluated", ABSENT, "", false },
	{ "unknown", ABSENT, "", false },
	{ "Unknown", ABSENT, "", false },
	{ "none", ABSENT, "", false },
	{ "n/a", ABSENT, "", false },
	{ "N/A", ABSENT, "", false },
	{ "-", ABSENT, "", false },
	{ "null", ABSENT, "", false },
	{ "(null)", ABSENT, "", false },
	{ "undefined", ABSENT, "", false },
	{ "unknown.example", OK, "unknown.example", false },
	{ "nulls", OK, "nulls", false },
};

START_TEST(domain)
{
	const struct domain_row *row = &domain_rows[_i];
	char name[256];
	bool address;
	enum ruad_domain_form form = ruad_value_domain(row->text,
	    strlen(row->text), name, sizeof(name), &address);

	ck_assert_msg(form == row->form, "F.6.4 \"%s\": form %d", row->text,
	    (int)form);
	ck_assert_msg(address == row->address, "F.6.4 \"%s\": address %d",
	    row->text, address);
	if (form != RUAD_DOMAIN_ABSENT)
		ck_assert_str_eq(name, row->want);
}
END_TEST

static Suite *
value_suite(void)
{
	Suite *s = suite_create("value");
	TCase *tc = tcase_create("value");

	suite_add_tcase(s, tc);
	add_rows(tc, word, word_rows);
	tcase_add_test(tc, word_ends);
	add_rows(tc, time_value, time_rows);
	add_rows(tc, count, count_rows);
	add_rows(tc, ip, ip_rows);
	tcase_add_test(tc, ip_bytes);
	tcase_add_test(tc, network);
	add_rows(tc, domain, domain_rows);
	return s;
}

int
main(void)
{
	return run_suite(value_suite());
}
