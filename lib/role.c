/* role.c - the words of roles. */
#include "role.h"
#include <string.h>

const char *
ruad_role_word(enum ruad_role role)
{
	switch (role) {
	case RUAD_ROLE_NONE:
		return "none";
	case RUAD_ROLE_VIEWER:
		return "viewer";
	case RUAD_ROLE_EDITOR:
		return "editor";
	case RUAD_ROLE_ADMIN:
		return "admin";
	}
	return "";
}

enum ruad_role
ruad_role_find(const char *word)
{
	for (int i = RUAD_ROLE_VIEWER; i <= RUAD_ROLE_ADMIN; i++) {
		if (strcmp(word, ruad_role_word((enum ruad_role)i)) == 0)
			return (enum ruad_role)i;
	}
	return RUAD_ROLE_NONE;
}
