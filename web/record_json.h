/* record_json.h - records, remarks and answers of DNS as JSON, as the schemas
 * of web/openapi.json have them. Each gives a value that the caller owns; NULL:
 * no memory. */
#ifndef RUAD_WEB_RECORD_JSON_H
#define RUAD_WEB_RECORD_JSON_H
#include "discover.h"
#include "draft.h"
#include "inspect.h"
#include "remark.h"
#include "resolver.h"
#include <jansson.h>

/* "found", "no_data"; "valid". Never NULL. */
const char *ruad_json_outcome(enum ruad_dns_outcome outcome);
const char *ruad_json_proof(enum ruad_dns_proof proof);

/* null for a policy or mode that is not known. */
json_t *ruad_json_policy(enum ruad_policy policy);

/* Those that are at least so bad, as an array of schema Remark. */
json_t *ruad_json_remarks(const struct ruad_remarks *list,
    enum ruad_severity least);

/* Schema Reading. */
json_t *ruad_json_reading(const struct ruad_found *f, enum ruad_rfc rfc);

/* Member "tags" of schema Record. */
json_t *ruad_json_tags(const char *record);

/* Schema RecordTags. */
json_t *ruad_json_draft(const struct ruad_draft *d);

/* The texts of all records that are TXT, joined; of MX, the hosts. */
json_t *ruad_json_data(const struct ruad_dns_answer *a,
    enum ruad_dns_type type);

/* Schema Instructions. */
json_t *ruad_json_instructions(const struct ruad_publish_record *r);

#endif
