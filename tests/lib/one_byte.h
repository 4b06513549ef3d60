/* one_byte.h - reads that give one byte each. A program that links one_byte.c
 * is linked with -Wl,--wrap for the four functions below; then each of these
 * stages of the pipeline can be made to see its input in the smallest steps
 * there are, and nothing else about the pipeline changes:
 *   ruad_feedback_new ruad_normal_new ruad_repair_new ruad_xml_parse */
#ifndef ONE_BYTE_H
#define ONE_BYTE_H
#include <stdbool.h>

/* For one thread. Switched on, the sources of all stages are wrapped; switched
 * off, nothing is, and what the wrapping took is freed: nothing may be open. */
void one_byte_reads(bool on);

#endif
