/* record_cmd.h - the actions of the command record, one file each. */
#ifndef RUAD_TOOLS_RECORD_CMD_H
#define RUAD_TOOLS_RECORD_CMD_H
#include "cmd.h"
#include "record.h"

enum ruad_exit ruad_record_check(struct ruad_ctl *ctl);
enum ruad_exit ruad_record_generate(struct ruad_ctl *ctl);
enum ruad_exit ruad_record_watch(struct ruad_ctl *ctl);
enum ruad_exit ruad_record_list(struct ruad_ctl *ctl);
enum ruad_exit ruad_record_lint(struct ruad_ctl *ctl);

/* What receivers of one generation take from a record, in one line. Returns
 * buf. */
const char *ruad_record_describe(const struct ruad_dmarc_record *r,
    enum ruad_rfc rfc, char buf[200]);

#endif
