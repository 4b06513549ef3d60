"""targets - what ruad is meant to reach, and what a run of the benchmark says
of it. A target whose rows were not measured is left out."""
import dataclasses

import table

SMALL = "small reports from files"
LARGE = "large reports from files"
DAEMON = "small reports through the daemon"
HUGE = "a huge report"
BESIDE = "small reports beside a huge one"
REPORTS = "report mail through Postfix"
ORDINARY = "ordinary mail through Postfix"
ONE, TWO = "ruadctl ingest, 1 job", "ruadctl ingest, 2 jobs"
PLAIN = "ruadctl ingest, 1 job, no originals"
EARLY, ALL = "a filter that lets go at once", "a filter that reads all"


@dataclasses.dataclass
class Target:
    """`most` or `least` is the bound of `value`, None where not measured."""
    text: str
    value: float
    most: float = None
    least: float = None

    @property
    def wanted(self):
        if self.most is not None:
            return "at most " + table.number(self.most)
        return "at least " + table.number(self.least)

    @property
    def verdict(self):
        if self.most is not None:
            if self.value <= self.most:
                return "reached"
            return "missed by %.0f %%" % (100 * (self.value / self.most - 1))
        if self.value >= self.least:
            return "reached"
        return "missed by %.0f %%" % (100 * (1 - self.value / self.least))


class Figures:
    """What was measured, by group and row."""

    def __init__(self, done):
        self.rows = {(group.name, r.name): r for group, results in done
                     for r in results}

    def ratio(self, what, group, name, base):
        """Median of the ratios of two rows of a group."""
        a, b = self.rows.get((group, name)), self.rows.get((group, base))
        return a and b and table.paired(a, b, what)

    def rate(self, group, name, base):
        return self.ratio(lambda s: s.reports / s.secs, group, name, base)

    def cpu(self, group, name, base):
        return self.ratio(lambda s: s.cpu_secs / s.records if s.cpu_secs and
                          s.records else None, group, name, base)

    def syncs(self, group, name):
        row = self.rows.get((group, name))
        return row and row.syncs

    def median(self, what, group, name):
        row = self.rows.get((group, name))
        return row and row.median(what)


def work(f):
    """What reading and storing costs."""
    for group, floors, most in (
            (SMALL, "floor, 64 in a transaction", 1.6),
            (LARGE, "floor, 1 in a transaction", 1.4)):
        for base in (floors, floors + ", results as rows"):
            yield Target("%s, no originals kept: CPU / %s" % (group, base),
                         f.cpu(group, PLAIN, base), most=most)
    for group in (SMALL, LARGE):
        yield Target("%s: rate of 2 jobs / 1 job" % group,
                     f.rate(group, TWO, ONE), least=1.6)
    peer = [n for g, n in f.rows if g == SMALL and n.startswith("Mail::")]
    for name in peer:
        yield Target("small reports: rate of 2 jobs / Mail::DMARC",
                     f.rate(SMALL, TWO, name), least=100)
    yield Target("small reports: bytes stored per record, without originals",
                 f.median(lambda s: s.stored_bytes and s.stored_bytes /
                          s.records, SMALL, ONE), most=120)


def daemon(f):
    """The daemon alone."""
    for connections, base in ((1, ONE), (20, TWO)):
        name = "ruad, %d connection%s" % (connections,
                                          "s" * (connections > 1))
        yield Target("daemon, %s: rate / %s" % (name[6:], base),
                     f.rate(DAEMON, name, base), least=0.6)
    yield Target("daemon, 20 connections: fsyncs per report",
                 f.syncs(DAEMON, "ruad, 20 connections"), most=0.25)
    yield Target("daemon, 1 connection: fsyncs per report",
                 f.syncs(DAEMON, "ruad, 1 connection"), most=1)
    yield Target("daemon, 50 connections: peak MB",
                 f.median(lambda s: s.rss_mb, DAEMON, "ruad, 50 connections"),
                 most=64)
    yield Target("daemon, a huge report: peak MB",
                 f.median(lambda s: s.rss_mb, HUGE, "ruad, 1 connection"),
                 most=128)


def fairness(f):
    """What a huge report does to small ones."""
    alone, beside = (f.median(lambda s: s.wait_ms["max"], BESIDE, name)
                     for name in ("ruad, 5 connections, nothing beside",
                                  "ruad, 5 connections, a huge report beside"))
    yield Target("small reports beside a huge one: longest wait, ms more than "
                 "without it", alone and beside and max(0, beside - alone),
                 most=250)


def postfix(f):
    """The daemon behind Postfix."""
    for base in (EARLY, ALL):
        yield Target("Postfix, 20 sessions, report mail: rate / " + base,
                     f.rate(REPORTS, "ruad, 20 sessions",
                            base + ", 20 sessions"), least=0.8)
    yield Target("Postfix, 20 sessions, ordinary mail: rate / " + EARLY,
                 f.rate(ORDINARY, "ruad, 20 sessions",
                        EARLY + ", 20 sessions"), least=0.97)


def judge(done):
    f = Figures(done)
    return [t for part in (work, daemon, fairness, postfix) for t in part(f)
            if t.value is not None]


def text_lines(targets):
    for t in targets:
        yield "%-74s %8s, wanted %-12s %s" % (
            t.text, table.number(t.value), t.wanted, t.verdict)
    yield ""


def markdown_lines(targets):
    yield "| target | wanted | measured | |"
    yield "|---|---|---:|---|"
    for t in targets:
        yield "| %s | %s | %s | %s |" % (t.text, t.wanted,
                                         table.number(t.value), t.verdict)
    yield ""
