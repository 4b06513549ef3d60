/* parse.h - values of the command line: numbers, times, words, networks. Each
 * function is false where the text is no such value. */
#ifndef RUAD_TOOLS_PARSE_H
#define RUAD_TOOLS_PARSE_H
#include "report.h"
#include <stdbool.h>
#include <stdint.h>

/* Digits alone, up to `max`. */
bool ruad_parse_number(const char *text, int64_t max, int64_t *out);

/* A day, 2024-05-31, or a time of RFC 3339 section 5.6 without fractions of a
 * second, as seconds since the epoch. */
bool ruad_parse_time(const char *s, bool *is_day_out, int64_t *epoch_out);

/* The place of a word in a list that ends with NULL; -1: it is not there. */
int ruad_parse_word(const char *const *words, const char *text);

/* Words of such a list with commas between, as bits 1 << place. */
bool ruad_parse_words(const char *const *words, const char *text,
    int64_t *set_out);

/* A policy and a mode of alignment as a record has them (RFC 9989 section
 * 4.7). */
bool ruad_parse_policy(const char *text, enum ruad_policy *out);
bool ruad_parse_mode(const char *text, enum ruad_mode *out);

/* An address, or a network as RFC 4632 section 3.1 and RFC 4291 section 2.3
 * write it, as its first and last address, IPv4 as ::ffff:a.b.c.d. */
bool ruad_parse_network(const char *text, unsigned char first[16],
    unsigned char last[16]);

#endif
