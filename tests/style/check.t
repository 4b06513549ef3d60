#!/usr/bin/python3 -B
"""What is true of the source as text: layers, sizes, layout, lint."""
import glob
import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest

SRC = ruadtest.SRCDIR
DIRS = ("build-aux", "daemon", "doc", "etc", "lib", "sql", "tests", "tools",
        "web")
# Written by the autotools, or mails as they were sent.
FOREIGN = re.compile(r"/(compile|config\.guess|config\.sub|depcomp|ar-lib|"
                     r"install-sh|missing|tap-driver\.sh|test-driver|"
                     r"__pycache__/.*|corpus/(public|quirks)/.*|"
                     r"corpus/cases/[^/]*/in\..*|"
                     r"fuzz/(seeds|regress)/.*|"
                     r"web/ui/(dist|node_modules)/.*|"
                     r"web/ui/package-lock\.json)$")


def files(*dirs):
    """Our own files, relative to the source directory."""
    found = [n for n in os.listdir(SRC)
             if re.search(r"(^[A-Z]+\.md|\.ac|\.am|^demo|^test)$", n)
             and os.path.isfile(os.path.join(SRC, n))] if not dirs else []
    if os.path.exists(os.path.join(SRC, ".ci/run")) and not dirs:
        found.append(".ci/run")
    for d in dirs or DIRS:
        for base, _, names in os.walk(os.path.join(SRC, d)):
            found += [os.path.relpath(os.path.join(base, n), SRC)
                      for n in names]
    # What was built may lie beside its source: programs, objects.
    return sorted(f for f in found if not FOREIGN.search("/" + f) and
                  b"\0" not in first_bytes(f))


def first_bytes(name):
    with open(os.path.join(SRC, name), "rb") as f:
        return f.read(512)


def read(name):
    with open(os.path.join(SRC, name), errors="replace") as f:
        return f.read()


def grep(pattern, names):
    """name:line: text of every hit."""
    hits = []
    for name in names:
        for n, line in enumerate(read(name).splitlines(), 1):
            if re.search(pattern, line):
                hits.append("%s:%d: %s" % (name, n, line.strip()[:100]))
    return hits


def tool(tap, name, command, paths=(), needs=None, ignore="$^"):
    """One test point: the command finds nothing to say but what is ignored."""
    if shutil.which(needs or command[0]) is None:
        tap.skip(name, (needs or command[0]) + " is not installed")
        return
    run = subprocess.run([*command, *paths], cwd=SRC, text=True,
                         capture_output=True)
    said = [line for line in (run.stdout + run.stderr).splitlines()
            if not re.search(ignore, line)]
    tap.ok(run.returncode == 0 or not said, name, "\n".join(said)[:4000])


def c_files():
    return [f for f in files("daemon", "lib", "tools", "tests", "web")
            if f.endswith((".c", ".h"))]


def scripts(*interpreters):
    return [f for f in files() if re.match(
        r"#! ?/bin/(%s)\b" % "|".join(interpreters), read(f)[:40])]


def test_tools(tap, box):
    """What tools of the project and of Debian say."""
    aux = os.path.join(SRC, "build-aux")
    tool(tap, "includes follow lib/LAYERS",
         [os.path.join(aux, "check-layers"), SRC])
    tool(tap, "no function over 150 lines, no file over 700",
         [os.path.join(aux, "check-size"), SRC], needs="ctags")
    tool(tap, "clang-format", ["clang-format", "--dry-run", "-Werror",
                               "--style=file"], c_files(),
         ignore=r"^(?!.*: error: )")
    tool(tap, "shellcheck", ["shellcheck"], scripts("sh", "bash", "dash"))
    pages = [f for f in files("doc") if re.search(r"\.[158]$", f)]
    tap.ok(pages, "there are manual pages")
    # Our own pages and those of other packages need not be installed.
    tool(tap, "mandoc -T lint", ["mandoc", "-T", "lint", "-W", "style"],
         pages, ignore="referenced manual not found|outdated mandoc.db")


def functions(dirs):
    """(name, file, is static) of each function defined."""
    names = [f for f in files(*dirs) if f.endswith(".c")]
    run = subprocess.run(
        ["ctags", "-x", "--_xformat=%N\t%F\t%{file}", "--kinds-C=f",
         "--fields=+f", *names], cwd=SRC, capture_output=True, text=True,
        check=True)
    for line in run.stdout.splitlines():
        name, path, static = line.split("\t")
        yield name, path, static == "file"


def test_names(tap, box):
    """Every function is static, or public with a declaration."""
    if shutil.which("ctags") is None:
        tap.skip("public functions", "ctags is not installed")
        return
    dirs = ("lib", "daemon", "tools", "web")
    headers = "\n".join(read(f) for f in files(*dirs) if f.endswith(".h"))
    headers = re.sub(r"/\*.*?\*/", "", headers, flags=re.S)
    undeclared, unnamed = [], []
    seen = 0
    for name, path, static in functions(dirs):
        if static or name == "main":
            continue
        seen += 1
        if path.startswith("lib/") and not name.startswith("ruad_"):
            unnamed.append("%s: %s" % (path, name))
        if not re.search(r"\b%s\b" % name, headers):
            undeclared.append("%s: %s" % (path, name))
    tap.ok(seen > 20, "public functions are found")
    tap.equal(unnamed, [], "those of lib/ begin with ruad_")
    tap.equal(undeclared, [], "all are declared in a header")


def test_text(tap, box):
    """What no file may hold."""
    mine = files()
    text = [f for f in mine if not f.endswith((".eml", ".gz", ".zip"))]
    tap.ok(len(text) > 50, "files are found")
    tap.equal(grep(r"(?<![\w.])/(?:home|work|Users|root)/\w", text), [],
              "no paths of a developer's machine")
    tap.equal(grep(r"\b(?:TO" r"DO|FIX" r"ME|X{3}|HA" r"CK)\b",
                   [f for f in text if not f.endswith(".jsonl")]), [],
              "nothing left to do")
    tap.equal(grep("\u2014|\u2013", text), [], "no dashes but ASCII ones")
    tap.equal(grep(r"[ \t]+$", [f for f in text if not
                                f.endswith(".md")]), [],
              "no blanks at the end of a line")
    tap.equal(grep(r"^ {8}", [f for f in text if f.endswith((".c", ".h"))]),
              [], "C is indented with tabs")
    tap.equal([f for f in text if read(f) and not read(f).endswith("\n")],
              [], "every file ends with a line end")


def test_modes(tap, box):
    """Scripts can be run, and nothing else."""
    wrong = [f for f in files() if (read(f)[:2] == "#!") != os.access(
        os.path.join(SRC, f), os.X_OK)]
    tap.equal(wrong, [], "executable if and only if it is a script")


def test_queries(tap, box):
    """Each query of sql/query runs against an empty store."""
    store = box.path("empty.db")
    schema = "".join(read(f) for f in files("sql")
                     if re.match(r"sql/\d{4}_.*\.sql$", f))
    subprocess.run(["sqlite3", store], input=schema, text=True, check=True)
    for path in glob.glob(os.path.join(SRC, "sql/query/*.sql")):
        with open(path) as f:
            run = subprocess.run(["sqlite3", "-bail", store], stdin=f,
                                 capture_output=True, text=True)
        tap.equal((run.returncode, run.stderr), (0, ""),
                  os.path.relpath(path, SRC))


def test_rows(tap):
    """Each row of the catalogue has a test that names it, each code one."""
    wrong, count = [], 0
    for line in read("tests/corpus/rows").splitlines():
        if line.startswith("#") or not line:
            continue
        section, row, names = line.split(" | ")
        named = False
        for name in names.split():
            path, _, test = name.partition(":")
            path = ("tests/unit/%s.c" % path if test else
                    "tests/corpus/cases/%s/why" % path)
            text = read(path) if os.path.exists(
                os.path.join(SRC, path)) else ""
            if not text or test and "START_TEST(%s)" % test not in text:
                wrong.append("%s, %s: there is no %s" % (section, row, name))
            named = named or section in re.findall(
                r"[A-Z][\d.]*\d", text if test else text.split(": ")[0])
        if not named:
            wrong.append("%s, %s: no test names it" % (section, row))
        count += 1
    tap.ok(count > 100, "rows without a number are found")
    tap.equal(wrong, [], "each has a test that names its section")
    codes = re.findall(r"\tX\((\w+), ", read("lib/code.h"))
    said = "\n".join(read(f) for f in files("tests")
                     if f.endswith(("/want", ".c", ".t")))
    tap.ok(len(codes) > 70, "codes are found")
    tap.equal([c for c in codes
               if not re.search(r"\b(RUAD_)?%s\b" % c, said)], [],
              "each occurs in what a test wants")


def test_quirks(tap, box):
    """The page of oddities is what the corpus says, and the corpus is what
    its program makes, but for what compressors may do otherwise."""
    run = subprocess.run([os.path.join(SRC, "build-aux/quirks-page"), SRC],
                         capture_output=True, text=True)
    tap.equal((run.returncode, run.stderr), (0, ""), "quirks-page runs")
    tap.ok(run.stdout == read("doc/QUIRKS.md"), "doc/QUIRKS.md is current",
           "build-aux/quirks-page > doc/QUIRKS.md")
    rows = set(re.findall(r"^\| (\S+) \|", run.stdout, re.M))
    tap.equal([r for r in ["M%d" % i for i in range(1, 31)] +
               ["C%d" % i for i in range(1, 24)] +
               ["X%d" % i for i in range(1, 28)] if r not in rows], [],
              "every row of mails, archives and XML has a case")
    test_rows(tap)
    cases = box.subdir("cases")
    run = subprocess.run([os.path.join(SRC, "tests/corpus/make_cases.py"),
                          cases], capture_output=True, text=True)
    tap.equal((run.returncode, run.stderr), (0, ""), "make_cases.py runs")
    kept = os.path.join(SRC, "tests/corpus/cases")
    tap.equal(sorted(os.listdir(cases)), sorted(os.listdir(kept)),
              "make_cases.py makes the cases that there are")
    other = []
    for name in glob.glob("*/why", root_dir=kept) + glob.glob(
            "*/in.xml", root_dir=kept):
        with open(os.path.join(cases, name), "rb") as a, open(
                os.path.join(kept, name), "rb") as b:
            if a.read() != b.read():
                other.append(name)
    tap.equal(other, [], "make_cases.py makes them as they are")


ruadtest.main(test_tools, test_names, test_text, test_modes, test_queries,
              test_quirks)
