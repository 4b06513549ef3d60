/* problem.c - the table of problems. */
#include "problem.h"

static const struct ruad_problem_kind kinds[RUAD_PROBLEM_COUNT] = {
#define ROW(name, status, code, title) \
	[RUAD_PROBLEM_##name] = { status, code, title },
	RUAD_PROBLEMS(ROW)
#undef ROW
};

const struct ruad_problem_kind *
ruad_problem_kind(enum ruad_problem_id id)
{
	return &kinds[id];
}
