/* word.c - enumerations to words. Rows stand at the number of their value. */
#include "word.h"
#include <stddef.h>

#define WORD(table, v) word_at(table, sizeof(table) / sizeof(*(table)), v)

static const char *
word_at(const char *const *table, size_t count, unsigned v)
{
	return v < count && table[v] != NULL ? table[v] : "";
}

const char *
ruad_policy_word(enum ruad_policy v)
{
	static const char *const words[] = {
		[RUAD_POLICY_NONE] = "none",
		[RUAD_POLICY_QUARANTINE] = "quarantine",
		[RUAD_POLICY_REJECT] = "reject",
	};

	return WORD(words, v);
}

const char *
ruad_mode_word(enum ruad_mode v)
{
	static const char *const words[] = {
		[RUAD_MODE_RELAXED] = "r",
		[RUAD_MODE_STRICT] = "s",
	};

	return WORD(words, v);
}

const char *
ruad_testing_word(enum ruad_testing v)
{
	static const char *const words[] = {
		[RUAD_TESTING_NO] = "n",
		[RUAD_TESTING_YES] = "y",
	};

	return WORD(words, v);
}

const char *
ruad_discovery_word(enum ruad_discovery v)
{
	static const char *const words[] = {
		[RUAD_DISCOVERY_PSL] = "psl",
		[RUAD_DISCOVERY_TREEWALK] = "treewalk",
	};

	return WORD(words, v);
}

const char *
ruad_disposition_word(enum ruad_disposition v)
{
	static const char *const words[] = {
		[RUAD_DISPOSITION_NONE] = "none",
		[RUAD_DISPOSITION_PASS] = "pass",
		[RUAD_DISPOSITION_QUARANTINE] = "quarantine",
		[RUAD_DISPOSITION_REJECT] = "reject",
	};

	return WORD(words, v);
}

const char *
ruad_verdict_word(enum ruad_verdict v)
{
	static const char *const words[] = {
		[RUAD_VERDICT_PASS] = "pass",
		[RUAD_VERDICT_FAIL] = "fail",
	};

	return WORD(words, v);
}

const char *
ruad_alignment_word(enum ruad_alignment v)
{
	static const char *const words[] = {
		[RUAD_ALIGNMENT_NONE] = "none",
		[RUAD_ALIGNMENT_RELAXED] = "relaxed",
		[RUAD_ALIGNMENT_STRICT] = "strict",
	};

	return WORD(words, v);
}

const char *
ruad_method_word(enum ruad_method v)
{
	static const char *const words[] = {
		[RUAD_METHOD_DKIM] = "dkim",
		[RUAD_METHOD_SPF] = "spf",
	};

	return WORD(words, v);
}

const char *
ruad_result_word(enum ruad_result v)
{
	static const char *const words[] = {
		[RUAD_RESULT_OTHER] = "other",
		[RUAD_RESULT_NONE] = "none",
		[RUAD_RESULT_PASS] = "pass",
		[RUAD_RESULT_FAIL] = "fail",
		[RUAD_RESULT_POLICY] = "policy",
		[RUAD_RESULT_NEUTRAL] = "neutral",
		[RUAD_RESULT_SOFTFAIL] = "softfail",
		[RUAD_RESULT_TEMPERROR] = "temperror",
		[RUAD_RESULT_PERMERROR] = "permerror",
	};

	return WORD(words, v);
}

const char *
ruad_scope_word(enum ruad_scope v)
{
	static const char *const words[] = {
		[RUAD_SCOPE_MFROM] = "mfrom",
		[RUAD_SCOPE_HELO] = "helo",
	};

	return WORD(words, v);
}

const char *
ruad_reason_word(enum ruad_reason_type v)
{
	static const char *const words[] = {
		[RUAD_REASON_OTHER] = "other",
		[RUAD_REASON_FORWARDED] = "forwarded",
		[RUAD_REASON_SAMPLED_OUT] = "sampled_out",
		[RUAD_REASON_TRUSTED_FORWARDER] = "trusted_forwarder",
		[RUAD_REASON_MAILING_LIST] = "mailing_list",
		[RUAD_REASON_LOCAL_POLICY] = "local_policy",
		[RUAD_REASON_POLICY_TEST_MODE] = "policy_test_mode",
	};

	return WORD(words, v);
}

const char *
ruad_dialect_word(enum ruad_dialect v)
{
	static const char *const words[] = {
		[RUAD_DIALECT_D0] = "D0",
		[RUAD_DIALECT_D1] = "D1",
		[RUAD_DIALECT_D2_LIKE] = "D2?",
		[RUAD_DIALECT_D2] = "D2",
	};

	return WORD(words, v);
}
