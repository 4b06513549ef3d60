/* answers.h - answers that are kept until the data change, within a bound. Any
 * thread may call. */
#ifndef RUAD_WEB_ANSWERS_H
#define RUAD_WEB_ANSWERS_H
#include <stddef.h>
#include <stdint.h>

struct ruad_answers;

struct ruad_answers *ruad_answers_new(void); /* NULL: no memory */

/* As ruad_data_find() and ruad_data_keep(). */
char *ruad_answers_find(struct ruad_answers *a, const char *key,
    int64_t version, size_t *len_out);
void ruad_answers_keep(struct ruad_answers *a, const char *key, int64_t version,
    const char *bytes, size_t len);

void ruad_answers_free(struct ruad_answers **a);

#endif
