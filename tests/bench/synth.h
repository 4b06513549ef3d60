/* synth.h - report mails made in passing, for more of them than a disk should
 * hold: small ones (1 to 9 records, 5 in the mean), a thousand for each day,
 * from 40 reporters about 25 domains with 500 sources each. Number `n` is
 * always the same mail. */
#ifndef BENCH_SYNTH_H
#define BENCH_SYNTH_H
#include "mails.h"

struct synth;

struct synth *bench_synth_new(void);

/* Mail number `n`. Belongs to `s`, valid until the next call. */
const struct mail *bench_synth(struct synth *s, size_t n);

void bench_synth_free(struct synth **s);
#endif
