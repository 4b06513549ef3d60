/* migrations.h - the numbered files of sql/ as strings; the .c file is made by
 * build-aux/sql2c. */
#ifndef RUAD_MIGRATIONS_H
#define RUAD_MIGRATIONS_H

/* Migration n of the list leads from schema version n to n + 1. */
extern const char *const ruad_migrations[];
extern const int ruad_migration_count;

/* The same of the database of ruad-web, sql/web/. */
extern const char *const ruad_web_migrations[];
extern const int ruad_web_migration_count;

#endif
