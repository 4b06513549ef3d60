/* role.h - what a user of the console may do. Each role includes those before
 * it. Pure. */
#ifndef RUAD_ROLE_H
#define RUAD_ROLE_H

enum ruad_role {
	RUAD_ROLE_NONE, /* nobody in particular */
	RUAD_ROLE_VIEWER, /* reads */
	RUAD_ROLE_EDITOR, /* and changes domains, labels, records */
	RUAD_ROLE_ADMIN /* and users and settings */
};

/* "viewer", "editor", "admin"; "none". Never NULL. */
const char *ruad_role_word(enum ruad_role role);

/* The role of this word; RUAD_ROLE_NONE: it is none of the three. */
enum ruad_role ruad_role_find(const char *word);

#endif
