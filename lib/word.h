/* word.h - the canonical words of RFC 7489, RFC 9990 and RFC 8601 for the
 * enumerations of report.h. "" stands for "the report does not say". */
#ifndef RUAD_WORD_H
#define RUAD_WORD_H
#include "report.h"

const char *ruad_policy_word(enum ruad_policy v);
const char *ruad_mode_word(enum ruad_mode v);
const char *ruad_testing_word(enum ruad_testing v);
const char *ruad_discovery_word(enum ruad_discovery v);
const char *ruad_disposition_word(enum ruad_disposition v);
const char *ruad_verdict_word(enum ruad_verdict v);
const char *ruad_alignment_word(enum ruad_alignment v);
const char *ruad_method_word(enum ruad_method v);
const char *ruad_result_word(enum ruad_result v);
const char *ruad_scope_word(enum ruad_scope v);
const char *ruad_reason_word(enum ruad_reason_type v);
const char *ruad_dialect_word(enum ruad_dialect v);

#endif
