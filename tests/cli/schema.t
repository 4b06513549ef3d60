#!/usr/bin/python3 -B
"""The store as sysadmins see it: views and queries are as ruad-schema(5) says,
and the queries go by indexes."""
import glob
import os
import re
import sqlite3
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest

PAGE = os.path.join(ruadtest.SRCDIR, "doc/ruad-schema.5")
QUERIES = sorted(glob.glob(os.path.join(ruadtest.SRCDIR, "sql/query/*.sql")))
# Of millions of rows; the names that the queries give them are here too.
LARGE = re.compile(r"SCAN (record|daily|c|x|y|e)\b")

# Generated reports have nothing for these.
MAY_BE_EMPTY = ("new-sources.sql", "quiet-reporters.sql", "refused.sql")


def read(path):
    with open(path) as f:
        return f.read()


def section(name):
    """The lines of a section of the page."""
    text = re.split(r"^\.Sh ", read(PAGE), flags=re.M)
    return next(t for t in text if t.startswith(name + "\n"))


def store_with(box, mails):
    store = box.path("%d.db" % len(mails))
    files = box.subdir("mails%d" % len(mails))
    for n, mail in enumerate(mails):
        with open(os.path.join(files, "%d" % n), "wb") as f:
            f.write(mail.data)
    run = ruadtest.ruadctl("ingest", files, store=store)
    if run.returncode != 0:
        raise RuntimeError(run.stdout + run.stderr)
    return store


def documented_views():
    """{view: [column, ...]} of the page."""
    views = {}
    for part in re.split(r"^\.Ss ", section("THE VIEWS"), flags=re.M)[1:]:
        columns = []
        for names in re.findall(r"^\.It Va (.*)$", part, re.M):
            columns += names.replace(",", " ").split()
        views[part.split("\n")[0]] = columns
    return views


def test_views(tap, box):
    """Each view and column is documented, and nothing else."""
    with ruadtest.open_store(store_with(box, [])) as con:
        names = [r[0] for r in con.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'view'")]
        views = {n: [r[1] for r in con.execute("PRAGMA table_info(%s)" % n)]
                 for n in names}
    documented = documented_views()
    tap.equal(sorted(documented), sorted(views), "all views")
    for name, columns in views.items():
        tap.equal(sorted(documented.get(name, [])), sorted(columns),
                  name + ": all columns")


def test_codes(tap, box):
    """Each code is documented."""
    codes = re.findall(r"^\tX\((\w+), ", read(os.path.join(
        ruadtest.SRCDIR, "lib/code.h")), re.M)
    tap.ok(len(codes) > 50, "codes are found")
    documented = re.findall(r"^\.It Er (\w+)$", section("CODES"), re.M)
    tap.equal([c for c in codes if c not in documented], [], "all codes")


def statement(path):
    """The query without the lines that are for the shell."""
    return re.sub(r"^\..*\n", "", read(path), flags=re.M)


def run_query(store, path):
    with open(path) as f:
        return subprocess.run(["sqlite3", "-readonly", "-bail", store],
                              stdin=f, capture_output=True, text=True)


def columns_of(store, sql):
    with ruadtest.open_store(store) as con:
        return con.execute(sql).description


def test_queries(tap, box):
    """Each query runs on an empty and on a filled store, by indexes."""
    listed = re.findall(r"^\.It Pa (\S+\.sql)$", section("QUERIES"), re.M)
    names = [os.path.basename(p) for p in QUERIES]
    tap.ok(len(names) >= 12, "there are a dozen queries")
    tap.equal(sorted(listed), names, "the page lists them")
    empty = store_with(box, [])
    filled = store_with(box, gen.reports("schema", 80))
    for path, name in zip(QUERIES, names):
        tap.match(r"\A-- [A-Z].*\?", read(path), name + ": says what it asks")
        for store in (empty, filled):
            run = run_query(store, path)
            tap.equal((run.returncode, run.stderr), (0, ""), "%s: runs (%s)" %
                      (name, os.path.basename(store)))
        tap.ok(run.stdout or name in MAY_BE_EMPTY, name + ": finds something")
        with ruadtest.open_store(filled) as con:
            plan = [r["detail"] for r in con.execute(
                "EXPLAIN QUERY PLAN " + statement(path))]
        tap.equal([p for p in plan if LARGE.match(p)], [],
                  name + ": no table is read whole")
        tap.ok([p for p in plan if re.match(r"SEARCH .* USING", p)] or [
            p for p in plan if "USING COVERING INDEX" in p],
            name + ": by indexes", "\n".join(plan))
        columns = [c[0] for c in columns_of(filled, statement(path))]
        tap.ok(not run.stdout or run.stdout.split()[:len(columns)] == columns,
               name + ": has headings", run.stdout[:300])


def test_examples(tap, box):
    """The examples of the page run."""
    examples = re.findall(r"^\.Bd -literal.*?\n(.*?)^\.Ed", section("EXAMPLES"),
                          re.M | re.S)
    tap.ok(len(examples) >= 8, "there are examples")
    store = store_with(box, gen.reports("schema", 3))
    for sql in examples:
        if "writefile" in sql:  # a function of the shell
            continue
        with ruadtest.open_store(store) as con:
            try:
                con.execute(sql).fetchall()
                tap.ok(True, sql.split("\n")[0])
            except sqlite3.Error as e:
                tap.ok(False, sql.split("\n")[0], e)


# HELO counts where the reverse-path is null.
HELO = """<feedback><report_metadata><org_name>helo.example</org_name>
<email>a@helo.example</email><report_id>helo</report_id><date_range>
<begin>1735689600</begin><end>1735775999</end></date_range></report_metadata>
<policy_published><domain>shop.example</domain><p>none</p></policy_published>
%s</feedback>""" % "".join("""<record><row><source_ip>192.0.2.%d</source_ip>
<count>1</count><policy_evaluated><disposition>none</disposition>
<dkim>fail</dkim><spf>%s</spf></policy_evaluated></row><identifiers>
<envelope_from>%s</envelope_from><header_from>shop.example</header_from>
</identifiers><auth_results><spf><domain>shop.example</domain>
<scope>helo</scope><result>pass</result></spf></auth_results></record>""" % row
                           for row in ((1, "pass", ""),
                                       (2, "fail", "shop.example")))


def test_alignment(tap, box):
    """v_auth agrees with the alignment of the records."""
    store = store_with(box, gen.reports("schema", 80))
    path = box.path("helo.xml")
    with open(path, "w") as f:
        f.write(HELO)
    ruadtest.ruadctl("ingest", path, store=store)
    tap.equal(ruadtest.query(store, """
        SELECT spf_alignment FROM v_record WHERE org_name = 'helo.example'
        ORDER BY row_no"""), [("strict",), ("none",)],
        "HELO counts for the null reverse-path alone")
    tap.equal(ruadtest.query(store, """
        SELECT c.report_key, c.row_no, c.dkim_alignment, c.spf_alignment
        FROM v_record AS c
        WHERE c.dkim_alignment <> coalesce((
            SELECT max(a.alignment) FROM v_auth AS a
            WHERE a.report_key = c.report_key AND a.row_no = c.row_no
              AND a.method = 'dkim' AND a.alignment <> 'none'), 'none')
          OR c.spf_alignment <> coalesce((
            SELECT max(a.alignment) FROM v_auth AS a
            WHERE a.report_key = c.report_key AND a.row_no = c.row_no
              AND a.method = 'spf' AND a.alignment <> 'none'), 'none')"""),
        [], "in each record of 81 reports")


ruadtest.need_programs("sqlite3")
ruadtest.main(test_views, test_codes, test_queries, test_examples,
              test_alignment)
