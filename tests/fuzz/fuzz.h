/* fuzz.h - what a harness defines: libFuzzer and AFL++ call it, and so does
 * replay_main.c. */
#ifndef FUZZ_H
#define FUZZ_H
#include <stddef.h>
#include <stdint.h>

/* Always 0; what is wrong ends the program. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
