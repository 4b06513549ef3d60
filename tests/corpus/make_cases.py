#!/usr/bin/python3 -B
"""make_cases - write in.* and why of every case of tests/corpus/cases.

    make_cases.py [DIR]

The same program gives the same files. What is `want`ed is not made: it is
written, or looked at line by line, by whoever adds a case; for a first draft
see replay --print. Names of owners are reserved ones, addresses come from the
documentation ranges where they may.
"""
import os
import sys

from making import containers, markup, mime, values
from making.parts import bytes_of

KINDS = ("eml", "xml", "gz", "zip")


class Cases:
    """Writes the files of one case after the other."""

    def __init__(self, base):
        self.base = base
        self.seen = set()

    def write(self, name, file, data):
        """Write a file of a case; None: there is none."""
        path = os.path.join(self.base, name, file)
        if data is None and os.path.exists(path):
            os.remove(path)
        elif data is not None:
            with open(path, "wb") as f:
                f.write(bytes_of(data))

    def __call__(self, name, why, kind, data, uncut=None):
        """uncut: why a part of it may give another report than the whole."""
        assert name not in self.seen and kind in KINDS, name
        assert " -> " in why and "\n" not in why, name
        self.seen.add(name)
        os.makedirs(os.path.join(self.base, name), exist_ok=True)
        for other in KINDS:
            self.write(name, "in." + other, data if other == kind else None)
        self.write(name, "why", why + "\n")
        self.write(name, "uncut", uncut and uncut + "\n")


def main():
    base = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
        os.path.dirname(os.path.abspath(__file__)), "cases")
    cases = Cases(base)
    for group in (mime, containers, markup, values):
        group.make(cases)
    for name in sorted(set(os.listdir(base)) - cases.seen):
        print("%s: not made here" % name, file=sys.stderr)


main()
