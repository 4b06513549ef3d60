/* fault.h - calls that fail when told. A program that links fault.c is linked
 * with -Wl,--wrap for the functions in FAULT_WRAPPED of the makefile: those by
 * which libruad allocates memory, reads a source, and asks SQLite. What GLib
 * and zlib allocate is not reached; what libxml2 and SQLite allocate is. */
#ifndef FAULT_H
#define FAULT_H

enum fault_kind {
	FAULT_MEMORY, /* malloc, calloc, realloc, strdup; libxml2's too */
	FAULT_READ, /* ruad_source_read, ruad_source_fill */
	FAULT_SQL, /* calls of SQLite that may fail */
	FAULT_SQL_MEMORY /* what SQLite allocates */
};

/* Once, before libxml2 or SQLite is used. */
void fault_install(void);

/* The nth call from now fails, counted from 1, and only that one. For one
 * thread. */
void fault_arm(enum fault_kind kind, unsigned nth);

/* Nothing fails any more. Returns the calls counted: below nth, none failed. */
unsigned fault_disarm(void);

#endif
