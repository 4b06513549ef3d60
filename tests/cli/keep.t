#!/usr/bin/python3 -B
"""ruadctl expire, backup, restore, check, status and stats: the commands that
keep a store going for years."""
import contextlib
import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import RUADCTL, query, ruadctl

DOMAINS = ("shop.example", "bank.example")
DAY = 86400
# Each on a store that is there.
COMMANDS = (["expire", "--keep", "400d"], ["check"], ["backup", "BACKUP"],
            ["status"], ["stats"])


def write(path, data):
    with open(path, "wb") as f:
        f.write(data)
    return path


def fill(box, name="site", count=40, rows=(1, 40), start=None, days=14):
    """A store with reports, the last of them of yesterday, or begun at
    `start`; (path, mails)."""
    store = box.path(name + ".db")
    if start is None:
        start = (int(time.time()) // DAY - days - 1) * DAY
    mails = gen.reports(name, count, DOMAINS, rows=rows, start=start,
                        days=days)
    files = box.subdir(name + ".mails")
    for n, mail in enumerate(mails):
        write(os.path.join(files, "%03d.eml" % n), mail.data)
    run = ruadctl("ingest", files, store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stdout + run.stderr)
    return store, mails


def empty_store(box, name="empty"):
    store = box.path(name + ".db")
    run = ruadctl("ingest", box.subdir("nothing"), store=store)
    if run.returncode != 0:
        raise RuntimeError("ingest: " + run.stderr)
    return store


def sql(store, *statements):
    with contextlib.closing(sqlite3.connect(store, timeout=30)) as con:
        for s in statements:
            con.execute(s)
        con.commit()


def rows_of(*args, store):
    """(status, objects, what standard error says)"""
    run = ruadctl("-o", "jsonl", *args, store=store)
    return (run.returncode, [json.loads(x) for x in run.stdout.splitlines()],
            run.stderr)


def refused(tap, args, pattern, name, store=None, code=2, **kw):
    """The command fails with this status, says why, and prints no data."""
    run = ruadctl(*args, store=store, **kw)
    tap.equal((run.returncode, run.stdout), (code, ""), name + ": status %d" %
              code)
    tap.match(pattern, run.stderr, name + ": says why")


def named(box, args):
    """The command, with a new name where it makes a file."""
    return [box.path("%x" % time.monotonic_ns()) if a == "BACKUP" else a
            for a in args]


def daily(store):
    return query(store, "SELECT * FROM v_daily ORDER BY 1, 2, 3, 4, 5, 6, 7, "
                        "8, 9")


def test_no_store(tap, box):
    """Where there is no store of ours, that is said, and nothing is made."""
    missing, garbage, other = (box.path(n) for n in ("missing.db", "garbage",
                                                     "other"))
    write(garbage, b"this is no database\n" * 400)
    with contextlib.closing(sqlite3.connect(other)) as con:
        con.execute("CREATE TABLE t (x)")
    for args in COMMANDS:
        name = args[0] + ": "
        args = named(box, args)
        refused(tap, args, r"missing\.db: No such file", name + "missing",
                store=missing)
        refused(tap, args, r"garbage: not a store", name + "garbage",
                store=garbage)
        refused(tap, args, r"other: not a store of ours",
                name + "another program's", store=other)
    tap.ok(not os.path.exists(missing), "nothing is made")


def test_locked(tap, box):
    """A store that somebody keeps for himself: try again."""
    store = empty_store(box)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("PRAGMA locking_mode = EXCLUSIVE")
        con.execute("BEGIN EXCLUSIVE")
        con.execute("DELETE FROM raw")
        jobs = [(args, subprocess.Popen(
            [RUADCTL, "-d", store, *named(box, args)], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)) for args in COMMANDS]
        for args, job in jobs:
            out, err = job.communicate(timeout=120 * ruadtest.SLOW)
            tap.equal((job.returncode, out), (75, ""), args[0] +
                      ": locked: status 75")
            tap.match("locked by another program", err, args[0] +
                      ": says so")


def test_read_only(tap, box):
    """A store that may not be written."""
    store = empty_store(box)
    os.chmod(store, 0o444)
    as_user = []
    if ruadtest.ROOT:
        as_user = ["setpriv", "--reuid=nobody", "--regid=nogroup",
                   "--clear-groups"]
        os.chmod(box.dir, 0o755)
    run = subprocess.run([*as_user, RUADCTL, "-d", store, "expire", "--keep",
                          "400d"], capture_output=True, text=True)
    tap.equal((run.returncode, run.stdout), (2, ""), "expire: status 2")
    tap.match(r"not writable", run.stderr,
              "expire: says why")
    os.chmod(store, 0o644)
    out = box.subdir("out", 0o777)
    for args in (["check"], ["status"], ["stats"],
                 ["backup", os.path.join(out, "copy.db")]):
        run = subprocess.run([*as_user, RUADCTL, "-d", store, *args],
                             capture_output=True, text=True)
        tap.equal(run.returncode, 0, args[0] + ": reading is enough")


def test_empty(tap, box):
    """On an empty store there is nothing to do."""
    store = empty_store(box)
    status, rows, _ = rows_of("check", store=store)
    tap.equal((status, {r["result"] for r in rows}), (0, {"good"}), "check")
    copy = box.path("copy.db")
    tap.equal(ruadctl("backup", copy, store=store).returncode, 0, "backup")
    tap.equal(ruadtest.dump(copy), ruadtest.dump(store), "the copy")
    status, rows, _ = rows_of("status", store=store)
    tap.equal((status, rows[0]["reports"], rows[0]["last_received_utc"]),
              (0, 0, None), "status")
    run = ruadctl("stats", store=store)
    tap.equal(run.returncode, 0, "stats")
    tap.match(r"^ruad_quarantine 0$", run.stdout, "stats: nothing refused")
    status, rows, _ = rows_of("expire", "--keep", "400d", "--keep-daily", "5y",
                              store=store)
    tap.equal((status, {r["expired"] for r in rows}), (0, {0}), "expire")


def test_closed_pipe(tap, box):
    """A reader that goes away is no failure."""
    store, _ = fill(box, count=3)
    for args in COMMANDS:
        read, to = os.pipe()
        os.close(read)
        with os.fdopen(to, "wb") as out:
            run = subprocess.run([RUADCTL, "-d", store, *named(box, args)],
                                 stdout=out, stderr=subprocess.PIPE, text=True)
        tap.equal(run.returncode, 0, args[0])


def test_expire_usage(tap, box):
    """What is kept has to be said, and to make sense."""
    store = empty_store(box)
    for args, pattern in (
            ([], "say how long"),
            (["--keep", "0"], "at least a day"),
            (["--keep", "12h"], "at least a day"),
            (["--keep", "y"], "at least a day"),
            (["--keep", "1001y"], "at least a day"),
            (["--keep-daily", "5y"], "--keep-daily needs --keep"),
            (["--keep", "400d", "--keep-daily", "1y"], "must not be shorter"),
            (["--keep", "400d", "x"], "usage: ruadctl expire")):
        refused(tap, ["expire", *args], pattern, " ".join(["expire"] + args),
                store=store)
    refused(tap, ["expire", "--keep", "400d", "--domain", "none.example"],
            "nothing about none.example", "an unknown domain", store=store)


def test_expire(tap, box):
    """Records go by the day, sums stay, a copy is still a duplicate; a dry run
    says the same and does nothing."""
    store, mails = fill(box, days=14)
    sums = daily(store)
    day = int(time.time()) // DAY - 7
    mid = "(begin_epoch + end_epoch) / 2 / 86400"
    old = query(store, "SELECT count(*) FROM v_record JOIN v_report USING "
                "(report_key) WHERE %s < ?" % mid, day)[0][0]
    total = query(store, "SELECT count(*) FROM record")[0][0]
    tap.ok(0 < old < total, "some are older than a week")
    before = ruadtest.dump(store)
    args = ["expire", "--keep", "7d"]
    status, dry, _ = rows_of(*args, "--dry-run", store=store)
    tap.equal((status, {r["what"]: r["expired"] for r in dry}),
              (0, {"records": old, "quarantine": 0, "originals": 0,
                   "daily sums": 0, "reports": 0}), "--dry-run")
    tap.equal(ruadtest.dump(store), before, "--dry-run changes nothing")
    status, done, _ = rows_of(*args, store=store)
    tap.equal((status, done), (0, dry), "the same is done")
    tap.equal(query(store, "SELECT count(*) FROM record")[0][0], total - old,
              "these records have gone")
    tap.equal(query(store, "SELECT count(*) FROM v_record JOIN v_report USING "
                    "(report_key) WHERE %s < ?" % mid, day), [(0,)],
              "all that were too old")
    tap.equal(daily(store), sums, "the sums are as they were")
    run = ruadctl("-o", "jsonl", "ingest", box.path("site.mails"), store=store)
    tap.equal({json.loads(x)["outcome"] for x in run.stdout.splitlines()},
              {"duplicate"}, "every mail is still a duplicate")
    tap.equal(daily(store), sums, "and is not counted again")
    tap.equal(rows_of(*args, store=store)[1][0]["expired"], 0,
              "nothing is left to do")
    key = query(store, "SELECT report_key FROM v_report WHERE %s < ?"
                " AND records > 0" % mid, day)[0][0]
    run = ruadctl("show", str(key), store=store)
    tap.equal(run.returncode, 0, "show")
    tap.match("have been expired", run.stderr, "show says so")
    run = ruadctl("reparse", "--all", store=store)
    tap.equal(run.returncode, 0, "reparse leaves them alone")


def test_expire_everything(tap, box):
    """Old reports, sums and mails go as well, and the space is given back."""
    store, mails = fill(box, count=120, rows=(20, 60),
                        start=gen.START, days=30)
    size = os.path.getsize(store)
    status, rows, said = rows_of("expire", "--keep", "30d", "--keep-daily",
                                 "60d", store=store)
    tap.equal(status, 0, "status 0")
    tap.equal({r["what"]: r["expired"] for r in rows}["reports"], 120,
              "all reports are too old")
    for table in ("report", "record", "daily", "mail", "raw"):
        tap.equal(query(store, "SELECT count(*) FROM " + table), [(0,)],
                  "%s is empty" % table)
    tap.match("pages of the file have been given back", said, "says so")
    tap.ok(os.path.getsize(store) < size / 2, "the file is smaller",
           "%d -> %d" % (size, os.path.getsize(store)))
    with ruadtest.open_store(store) as con:
        tap.equal([r[0] for r in con.execute("PRAGMA integrity_check")],
                  ["ok"], "and sound")
    ruadctl("ingest", box.path("site.mails"), store=store)
    ruadtest.check_store(tap, store, mails, "taken in again")


def test_expire_raw(tap, box):
    """Originals have a time of their own; --domain keeps to a domain."""
    store, _ = fill(box)
    sql(store, "UPDATE mail SET received_epoch = received_epoch - 100 * 86400"
        " WHERE mail_key % 2 = 0")
    kept = query(store, "SELECT count(*) FROM mail WHERE mail_key % 2 = 1")
    status, rows, _ = rows_of("expire", "--keep-raw", "90d", "--domain",
                              DOMAINS[0], store=store)
    shop = "SELECT count(*) FROM v_report AS v JOIN report AS r USING " \
        "(report_key) JOIN raw AS x USING (mail_key) WHERE policy_domain = ?" \
        " AND mail_key % 2 = 0"
    tap.equal(query(store, shop, DOMAINS[0]), [(0,)], "those of the domain")
    tap.ok(query(store, shop, DOMAINS[1])[0][0] > 0, "and no others")
    raw = {r["what"]: r for r in rows}["originals"]
    tap.ok(raw["expired"] > 0 and raw["bytes"] > 0, "counted", raw)
    tap.equal(rows_of("expire", "--keep-raw", "90d", store=store)[0], 0,
              "the others")
    tap.equal(query(store, "SELECT count(*) FROM raw"), kept, "have gone")


def test_expire_beside(tap, box):
    """Mail is taken in during an expiry, and one that is interrupted says so
    and can be gone on with."""
    store, mails = fill(box, count=60, rows=(60, 120), start=gen.START)
    total = query(store, "SELECT count(*) FROM record")[0][0]
    sums = query(store, "SELECT sum(messages) FROM v_daily")[0][0]
    new = gen.reports("beside", 20, DOMAINS)
    job = subprocess.Popen([RUADCTL, "-d", store, "expire", "--keep", "30d"],
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                           text=True)
    taken = 0
    for n, mail in enumerate(new):
        path = write(box.path("new%d.eml" % n), mail.data)
        taken += ruadctl("ingest", path, store=store).returncode == 0
        if n == 2:
            job.send_signal(signal.SIGINT)
    out, err = job.communicate(timeout=300)
    tap.equal(taken, len(new), "all mails are taken in")
    tap.ok(job.returncode in (0, 75), "the expiry ends", err)
    if job.returncode == 75:
        tap.match("stopped", err, "it says that it was stopped")
    run = ruadctl("expire", "--keep", "30d", store=store)
    tap.equal(run.returncode, 0, "and goes on")
    tap.equal(query(store, "SELECT count(*) FROM record"), [(0,)],
              "to the end")
    tap.equal(query(store, "SELECT sum(messages) FROM v_daily"),
              [(sums + sum(m.facts.messages for m in new),)],
              "all is still counted")
    tap.ok(total > 3000, "there was something to do")


def files(box):
    return sorted(os.listdir(box.dir))


def test_backup(tap, box):
    """A copy of what is there, made while others write; never over a file."""
    store, mails = fill(box, count=200)
    new = gen.reports("meanwhile", 30, DOMAINS)
    writes = [write(box.path("new%d.eml" % n), m.data)
              for n, m in enumerate(new)]
    copy = box.path("copy.db")
    taker = ruadtest.in_thread(
        lambda: [ruadctl("ingest", w, store=store) for w in writes])
    run = ruadctl("backup", copy, store=store)
    taker()
    tap.equal((run.returncode, run.stdout), (0, ""), "status 0")
    tap.match("found to be sound", run.stderr, "says so")
    tap.equal(ruadctl("check", store=copy).returncode, 0, "it is sound")
    have = ruadtest.store_reports(copy)
    wanted = ruadtest.wanted_reports(mails)
    tap.ok(all(have.get(k) == v for k, v in wanted.items()),
           "it holds what was there before")
    more = ruadtest.wanted_reports(new)
    tap.ok(all(more.get(k) == v for k, v in have.items() if k not in wanted),
           "and of what came meanwhile, whole reports")
    before = ruadtest.dump(copy)
    run = ruadctl("backup", copy, store=store)
    tap.equal(run.returncode, 2, "a file that is there: status 2")
    tap.match("is not overwritten", run.stderr, "says so")
    tap.equal(ruadtest.dump(copy), before, "and it is as it was")
    refused(tap, ["backup", box.path("none", "x.db")],
            "no such directory", "no such directory", store=store)
    refused(tap, ["backup"], "usage: ruadctl backup FILE", "no name",
            store=store)
    tap.equal([f for f in files(box) if ".part" in f], [],
              "nothing half-made is left")


def test_backup_damaged(tap, box):
    """What is damaged is not passed off as a backup."""
    store, _ = fill(box, count=60)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        pages = con.execute("PRAGMA page_count").fetchone()[0]
    with open(store, "r+b") as f:
        f.seek(4096 * (pages * 2 // 3))
        f.write(b"\xa5" * 4096 * 8)
    copy = box.path("copy.db")
    run = ruadctl("backup", copy, store=store)
    tap.equal((run.returncode, run.stdout), (2, ""), "status 2")
    tap.ok(run.stderr and not os.path.exists(copy), "there is no such file")
    tap.equal([f for f in files(box) if ".part" in f], [],
              "nothing half-made is left")
    status, rows, _ = rows_of("check", store=store)
    tap.equal((status, rows[0]["result"]), (1, "bad"), "check finds it")


def test_restore(tap, box):
    """The store is what the backup was; what it was is kept aside."""
    store, mails = fill(box)
    copy = box.path("copy.db")
    ruadctl("backup", copy, store=store)
    at_backup = ruadtest.dump(store)
    late = gen.reports("late", 1, DOMAINS)[0]
    ruadctl("ingest", write(box.path("late.eml"), late.data), store=store)
    later = ruadtest.dump(store)
    os.chmod(store, 0o600)
    run = ruadctl("restore", copy, store=store)
    tap.equal(run.returncode, 0, "status 0")
    tap.equal(ruadtest.dump(store), at_backup, "the store is the backup")
    tap.equal(os.stat(store).st_mode & 0o777, 0o600, "with the old mode")
    aside = [f for f in files(box) if ".replaced-" in f]
    tap.equal(len(aside), 1, "the old store is kept")
    tap.match(aside[0].replace(".", r"\."), run.stderr, "and its name told")
    tap.equal(ruadtest.dump(box.path(aside[0])), later, "with all it had")
    tap.ok(os.path.exists(copy), "the backup stays")
    run = ruadctl("ingest", box.path("late.eml"), store=store)
    tap.equal(run.returncode, 0, "mail is taken in")
    ruadtest.check_store(tap, store, mails + [late], "afterwards")
    new = box.path("new.db")
    tap.equal(ruadctl("restore", copy, store=new).returncode, 0,
              "where there was no store")
    tap.equal(ruadtest.dump(new), at_backup, "it is the backup, too")


def test_restore_refused(tap, box):
    """Nothing is put in the place of a store that is in use, and nothing that
    is no store."""
    store, _ = fill(box, count=3)
    copy = box.path("copy.db")
    ruadctl("backup", copy, store=store)
    before = ruadtest.dump(store)
    garbage = write(box.path("garbage"), b"no store" * 1000)
    damaged = box.path("damaged")
    with open(copy, "rb") as f:
        data = bytearray(f.read())
    data[8192:16384] = b"\xa5" * 8192
    write(damaged, data)
    for path, pattern in ((garbage, "not a store"), (damaged, "damaged|backup"),
                          (box.path("missing"), "No such file")):
        refused(tap, ["restore", path], pattern, "restore " +
                os.path.basename(path), store=store)
    with contextlib.closing(sqlite3.connect(store)) as con:
        con.execute("SELECT count(*) FROM report").fetchone()
        refused(tap, ["restore", copy], "locked by another program",
                "somebody has it open", store=store, code=75)
    tap.equal(ruadtest.dump(store), before, "the store is as it was")
    tap.equal([f for f in files(box) if ".part" in f or "replaced" in f], [],
              "nothing is left")


def test_restore_daemon(tap, box):
    """While the daemon runs, its store cannot be replaced."""
    daemon = ruadtest.Ruad(box).start()
    copy = box.path("copy.db")
    run = ruadctl("-c", daemon.conf, "backup", copy)
    tap.equal(run.returncode, 0, "backup beside the daemon")
    refused(tap, ["-c", daemon.conf, "restore", copy],
            r"ruad, process %d, uses .*systemctl stop ruad" %
            daemon.process.pid, "while it runs", code=75)
    tap.equal(daemon.stop(), 0, "it stops")
    run = ruadctl("-c", daemon.conf, "restore", copy)
    tap.equal(run.returncode, 0, "afterwards")
    daemon.start()
    tap.equal(daemon.stop(), 0, "and it runs on what was restored")


def test_check(tap, box):
    """What is wrong with the data is found, each by its own."""
    store, _ = fill(box, count=20)
    pristine = box.path("pristine.db")
    ruadctl("backup", pristine, store=store)
    status, rows, _ = rows_of("check", store=store)
    tap.equal((status, [r["check"] for r in rows], {r["result"]
                                                   for r in rows}),
              (0, ["file", "foreign keys", "reports", "roll-up",
                   "sums of days", "expired days", "mails", "dictionaries"],
               {"good"}),
              "a good one")
    for check, statement, result in (
            ("foreign keys", "DELETE FROM source WHERE source_key = 1", 1),
            ("reports", "UPDATE record SET messages = messages + 1"
             " WHERE report_key = 1 AND row_no = 1", 1),
            ("roll-up", "UPDATE daily SET messages = messages + 1"
             " WHERE day = (SELECT min(day) FROM daily)", 1),
            ("roll-up", "DELETE FROM daily WHERE day ="
             " (SELECT max(day) FROM daily)", 1),
            ("sums of days", "UPDATE domain_day SET messages_pass ="
             " messages_pass + 1 WHERE day ="
             " (SELECT min(day) FROM domain_day)", 1),
            ("sums of days", "UPDATE domain_day SET reports = reports + 1",
             1),
            ("sums of days", "DELETE FROM domain_day", 1),
            ("expired days", "DELETE FROM record WHERE report_key = 1;"
             "UPDATE daily SET messages = messages + 1000000", 1),
            ("mails", "INSERT INTO mail (digest, is_mail, received_epoch,"
             " bytes, trust) VALUES (zeroblob(32), 1, 1, 1, 'none')", 1),
            ("dictionaries", "INSERT INTO domain (name) VALUES ('x.example')",
             0)):
        bad = box.path("bad.db")
        with open(pristine, "rb") as f:
            write(bad, f.read())
        with contextlib.closing(sqlite3.connect(bad)) as con:
            con.executescript(statement)
        status, rows, _ = rows_of("check", store=bad)
        found = {r["check"]: r["result"] for r in rows if r["count"]}
        tap.equal((status, found.get(check)),
                  (result, "bad" if result else "note"), check)
    ruadctl("expire", "--keep", "7d", store=store)
    tap.equal(rows_of("check", store=store)[0], 0, "an expiry is nothing bad")


def test_status(tap, box):
    """What is in the store, and what Nagios is told."""
    store, mails = fill(box, count=5)
    ruadctl("ingest", write(box.path("junk.eml"), b"From: a@b\n\nno\n"),
            store=store)
    status, rows, _ = rows_of("status", store=store)
    row = rows[0]
    tap.equal((status, row["reports"], row["quarantine"],
               row["bytes"], row["pid"], row["schema_version"]),
              (0, 5, 1, os.path.getsize(store), None,
               query(store, "PRAGMA user_version")[0][0]), "the numbers")
    tap.equal(row["last_end_utc"], query(
        store, "SELECT max(end_utc) FROM v_report")[0][0], "the latest end")
    run = ruadctl("status", store=store)
    tap.match(r"^Reports +5$", run.stdout, "as a table")
    for days, status, word in ((0, 0, "OK"), (3, 1, "WARNING"),
                               (5, 2, "CRITICAL")):
        sql(store, "UPDATE domain_day SET last_received = %d" %
            (time.time() - days * DAY - 60))
        run = ruadctl("status", "--nagios", store=store)
        tap.equal((run.returncode, run.stderr), (status, ""),
                  "--nagios after %d days" % days)
        tap.match(r"\ARUAD %s - last report %d h ago, 1 in quarantine, .*"
                  r" \| reports=5 quarantine=1 size=\d+B age=\d+s\n\Z" %
                  (word, days * 24), run.stdout, word)
    run = ruadctl("status", "--nagios", "--warning", "6d", "--critical", "7d",
                  store=store)
    tap.equal(run.returncode, 0, "--warning and --critical")
    run = ruadctl("status", "--nagios", store=empty_store(box))
    tap.equal(run.returncode, 1, "no report at all: a warning")
    run = ruadctl("status", "--nagios", store=box.path("missing.db"))
    tap.equal(run.returncode, 3, "no store: unknown")
    tap.match(r"\ARUAD UNKNOWN - .*\n\Z", run.stdout, "in one line")


def test_stats(tap, box):
    """Every line is one of Prometheus' text format; a file is complete."""
    store, mails = fill(box, count=12)
    fill(box, name="odd", count=1)
    sql(store, "UPDATE domain SET name = 'a\"b\\c' || char(10) WHERE name = "
        "'%s'" % DOMAINS[0])
    ruadctl("ingest", write(box.path("junk.eml"), b"From: a@b\n\nno\n"),
            store=store)
    run = ruadctl("stats", store=store)
    tap.equal((run.returncode, run.stderr), (0, ""), "status 0")
    odd = [x for x in run.stdout.splitlines() if not re.match(
        r'(# HELP [a-z_]+ \S.*|# TYPE [a-z_]+ (gauge|counter)|'
        r'[a-z_]+({[a-z_]+="([^"\\]|\\["\\n])*"})? \d+)\Z', x)]
    tap.equal(odd, [], "every line is of the format")
    tap.equal(len(set(re.findall(r"^# TYPE (\S+)", run.stdout, re.M))),
              len(re.findall(r"^# TYPE ", run.stdout, re.M)),
              "every metric stands once")
    count = query(store, "SELECT count(*), sum(messages) FROM v_report WHERE"
                  " policy_domain = ?", DOMAINS[1])[0]
    for name, value in (("ruad_reports", count[0]),
                        ("ruad_report_messages", count[1])):
        tap.match(r'^%s{policy_domain="%s"} %d$' % (name, DOMAINS[1], value),
                  run.stdout, name)
    tap.match(r'^ruad_reports{policy_domain="a\\"b\\\\c\\n"} ', run.stdout,
              "labels are escaped")
    tap.match(r'^ruad_quarantine_by_code{code="MAIL_NO_REPORT"} 1$',
              run.stdout, "the quarantine by code")
    text = write(box.path("ruad.prom"), b"old\n")
    inode = os.stat(text).st_ino
    run = ruadctl("stats", "--textfile", text, store=store)
    tap.equal((run.returncode, run.stdout, run.stderr), (0, "", ""),
              "--textfile")
    with open(text) as f:
        tap.match(r"^ruad_reports{", f.read(), "it is written")
    tap.ok(os.stat(text).st_ino != inode, "in one step: another file")
    tap.equal(os.stat(text).st_mode & 0o777, 0o644, "for all to read")
    tap.equal([f for f in files(box) if f.startswith("ruad.prom.")], [],
              "nothing half-made is left")
    refused(tap, ["stats", "--textfile", box.path("none", "x")], "No such",
            "no such directory", store=store)


ruadtest.main(test_no_store, test_locked, test_read_only, test_empty,
              test_closed_pipe, test_expire_usage, test_expire,
              test_expire_everything, test_expire_raw, test_expire_beside,
              test_backup, test_backup_damaged, test_restore,
              test_restore_refused, test_restore_daemon, test_check, test_status,
              test_stats)
