/* recipient.h - is a recipient of a mail one of the addresses that get reports?
 * Pure functions over the argument of RCPT TO as the client typed it: aliases
 * are not applied yet when a milter sees it. */
#ifndef RUAD_RECIPIENT_H
#define RUAD_RECIPIENT_H
#include "conf.h"
#include <stdbool.h>

/* Whether `argument` (the first of RCPT TO: "<a@b>", "a@b", "<@hop:a@b>",
 * "<\"a\"@b>", UTF-8 or not) is one of `patterns` ("a@b", "*@b"; domains in
 * A-labels). Letters compare without case, in the local-part beyond RFC 5321
 * section 2.4 as all mail servers do. Any of `delimiters` begins an extension
 * of the local-part that a pattern without it matches as well. */
bool ruad_recipient_match(const struct ruad_strings *patterns,
    const char *delimiters, const char *argument);

/* The address in the argument of MAIL FROM or RCPT TO, without its brackets and
 * without a source route, which Postfix does not know again when it is asked to
 * delete a recipient. Cuts `argument` and returns a pointer into it. */
char *ruad_recipient_bare(char *argument);

#endif
