"""growth - a store that grows through the daemon: does a report cost more in a
large one, do memory and file descriptors stay flat, how fast does it answer.
The mails are made in passing by tests/bench/synth.c."""
import dataclasses
import glob
import os
import shutil
import statistics
import subprocess
import time

import contest
import measure
import ruadtest

CHUNK = 10000
CONNECTIONS = 20
ROUNDS = 3
BESIDE = 20  # mails at a time, during an expiry


@dataclasses.dataclass
class Step:
    """What the daemon took for some reports, and what it holds then."""
    reports: int
    secs: float
    cpu_secs: float
    rss_mb: float
    files: int
    wait_ms: dict


def one_step(ruad, first, count):
    pid = ruad.process.pid
    before = measure.cpu_secs(pid)
    out = contest.send("milter_client", "-c", CONNECTIONS, "-s", first, "-n",
                       count, contest.socket_path(ruad))
    # A connection that was closed is let go a moment later.
    time.sleep(0.5)
    return Step(count, out["secs"], measure.cpu_secs(pid) - before,
                measure.memory_mb(pid, "VmRSS"), measure.open_files(pid),
                out["wait_ms"])


def grow(ruad, reports, tell):
    """Reports in steps of CHUNK; tell(reports so far, step)."""
    steps, done = [], 0
    while done < reports:
        steps.append(one_step(ruad, done, min(CHUNK, reports - done)))
        done += steps[-1].reports
        tell(done, steps[-1])
    return steps


def line(done, step):
    return ("%10s reports  %6.0f reports/s  %6.2f CPU ms/report  "
            "%6.1f MB  %4d files  longest wait %.0f ms" % (
                format(done, ","), step.reports / step.secs,
                step.cpu_secs / step.reports * 1e3, step.rss_mb, step.files,
                step.wait_ms["max"]))


def is_shown(done, reports):
    """The first and the last steps, and twenty between."""
    return done <= CHUNK or done + CHUNK >= reports or \
        done // CHUNK % max(1, reports // CHUNK // 20) == 0


def timed(name, *command, runs=5):
    """A line on a command, from start to end."""
    times = [measure.run(command)[:3] for _ in range(runs)]
    secs, cpu, peak = (statistics.median(t) for t in zip(*times))
    return "%-40s %8.1f ms %8.1f ms of CPU %6.1f MB" % (
        name, secs * 1e3, cpu * 1e3, peak)


def questions(store):
    """Lines on what is asked of a large store, medians of five."""
    domain, = ruadtest.query(
        store, "SELECT policy_domain FROM v_domain LIMIT 1")[0]
    for words in (["summary"], ["summary", "--days", "30"],
                  ["sources", domain], ["failures", domain],
                  ["timeline", domain], ["reporters"],
                  ["reports", "--domain", domain], ["status"], ["stats"]):
        yield timed("ruadctl " + " ".join(words), ruadtest.RUADCTL, "-d",
                    store, *words)
    for path in sorted(glob.glob(os.path.join(ruadtest.SRCDIR,
                                              "sql/query/*.sql"))):
        yield timed("query/" + os.path.basename(path),
                    shutil.which("sqlite3"), "-readonly", store,
                    ".read " + path)


def beside_fresh(box, ruad, done, count):
    """Pairs of steps: the first of a new store, and the next of the large one
    right after it. What else runs on the machine weighs on both alike."""
    pairs = []
    for n in range(ROUNDS):
        fresh = ruadtest.Ruad(box, "fresh%d" % n, log_level="notice").start()
        first = one_step(fresh, 0, count)
        fresh.stop()
        pairs.append((first, one_step(ruad, done + n * count, count)))
    return pairs


def compare(pairs):
    """A line on the large store beside a new one."""
    def median(what):
        return statistics.median(what(last) / what(first)
                                 for first, last in pairs)
    return "large store beside a new one, %d pairs: rate x %.2f, CPU of a " \
        "report x %.2f" % (len(pairs), median(lambda s: s.reports / s.secs),
                           median(lambda s: max(s.cpu_secs, 1 / measure.TICKS)
                                  / s.reports))


def flat(steps):
    """A line on what the daemon held: after the second step its caches are
    warm."""
    second, last = steps[min(1, len(steps) - 1)], steps[-1]
    return "resident memory after the second step %.1f MB, at most %.1f MB, " \
        "after the last %.1f MB; open files %d and %d" % (
            second.rss_mb, max(s.rss_mb for s in steps), last.rss_mb,
            second.files, last.files)


def size(store):
    """A line on the file."""
    records, = ruadtest.query(store, "SELECT sum(records) FROM v_report")[0]
    stored, originals = measure.store_bytes(store)
    return "%s records in %.1f MB, %.0f bytes each, without originals; " \
        "originals %.1f MB" % (format(records, ","), stored / 1e6,
                               stored / records, originals / 1e6)


def expiry(ruad, done):
    """A line on mail that comes in while all records are expired, one at a
    time: how long the slowest had to wait for its answer."""
    count = "SELECT count(*) FROM record"
    before, = ruadtest.query(ruad.store, count)[0]
    waits, start = [], time.monotonic()
    with subprocess.Popen(
            [ruadtest.RUADCTL, "-d", ruad.store, "expire", "--keep", "1d"],
            stdout=subprocess.DEVNULL) as job:
        while job.poll() is None or not waits:
            out = contest.send("milter_client", "-c", 1, "-s", done, "-n",
                               BESIDE, contest.socket_path(ruad))
            waits.append(out["wait_ms"]["max"])
            done += BESIDE
    secs = time.monotonic() - start
    if job.returncode != 0:
        raise measure.Failed("expire ends with %d" % job.returncode)
    return "expiry of %s records in %.0f s, beside %d mails: the longest " \
        "wait %.0f ms" % (format(before, ","), secs, BESIDE * len(waits),
                          max(waits))


def measure_growth(reports):
    """Prints as it goes."""
    with ruadtest.Box("ruad-bench-") as box:
        ruad = ruadtest.Ruad(box, log_level="notice").start()
        steps = grow(ruad, reports, lambda done, step: is_shown(
            done, reports) and print(line(done, step), flush=True))
        print(flat(steps))
        print(compare(beside_fresh(box, ruad, reports, min(CHUNK, reports))),
              flush=True)
        if ruad.stop() != 0:
            raise measure.Failed("ruad does not end with 0")
        wanted = reports + ROUNDS * min(CHUNK, reports)
        got, = ruadtest.query(ruad.store, "SELECT count(*) FROM v_report")[0]
        if got != wanted:
            raise measure.Failed("%d of %d reports stored" % (got, wanted))
        print(size(ruad.store))
        for text in questions(ruad.store):
            print(text, flush=True)
        ruad.start()
        print(expiry(ruad, wanted))
        ruad.stop()
