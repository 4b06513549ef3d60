/* field.h - a header field of a mail, as one stage hands it to another. */
#ifndef RUAD_FIELD_H
#define RUAD_FIELD_H

/* One header field of the outermost header, as it stands there. */
struct ruad_field {
	const char *name;
	const char *value; /* unfolded or not; without the line end */
};

#endif
