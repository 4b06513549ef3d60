"""table - medians and ratios of the samples, as text, Markdown and JSON."""
import dataclasses
import statistics

import measure


class Group:
    """Rows of one kind on the same data. Ratios are to the row `base`, and
    those of `pairs` to another one. `unit`: what is counted."""

    def __init__(self, name, about, base, rows, pairs=None, unit="report"):
        self.name, self.about, self.base = name, about, base
        self.rows, self.pairs, self.unit = rows, pairs or {}, unit


def columns(group):
    return (group.unit + "s/s", "records/s", "CPU s/M records", "peak MB",
            "bytes/record", "fsyncs/" + group.unit, "ms, median",
            "ms, longest", "rate, x base",
            "CPU, x base")


@dataclasses.dataclass
class Result:
    """What all runs of one contestant came to."""
    group: str
    name: str
    samples: list
    syncs: float = None  # of one report; from a run of its own
    why_not: str = None
    rate_ratio: float = None
    cpu_ratio: float = None

    def median(self, what):
        values = [what(s) for s in self.samples]
        if not values or None in values:
            return None
        return statistics.median(values)

    @property
    def rate(self):
        return self.median(lambda s: s.reports / s.secs)

    @property
    def cpu(self):
        """CPU seconds of one run."""
        return self.median(lambda s: s.cpu_secs)

    def wait(self, which):
        """Milliseconds until a mail was answered for."""
        return self.median(lambda s: s.wait_ms and s.wait_ms[which])

    def cells(self):
        per = self.median(lambda s: s.records) or None
        stored = self.median(lambda s: s.stored_bytes)
        return (self.rate,
                per and self.median(lambda s: s.records / s.secs),
                per and self.cpu and self.cpu / per * 1e6,
                self.median(lambda s: s.rss_mb),
                per and stored and stored / per, self.syncs,
                self.wait("50"), self.wait("max"),
                self.rate_ratio, self.cpu_ratio)


def paired(mine, base, what):
    """The median of the ratios round by round: what disturbs the machine
    disturbs neighbours alike."""
    pairs = [(what(a), what(b)) for a, b in zip(mine.samples, base.samples)]
    if not pairs or any(not b or a is None for a, b in pairs):
        return None
    return statistics.median(a / b for a, b in pairs)


def fill_ratios(group, results):
    by_name = {r.name: r for r in results}
    for r in results:
        base = by_name.get(group.pairs.get(r.name, group.base))
        if base is None or not base.samples or not r.samples:
            continue
        r.rate_ratio = paired(r, base, lambda s: s.reports / s.secs)
        r.cpu_ratio = paired(r, base, lambda s: s.cpu_secs / s.reports
                             if s.cpu_secs is not None else None)


def number(value):
    if value is None:
        return "-"
    if value >= 1000:
        return format(round(value), ",")
    if value >= 100:
        return "%.0f" % value
    if value >= 10:
        return "%.1f" % value
    return "%.2f" % value if value >= 0.1 or not value else "%.2g" % value


def text_lines(group, results):
    """The rows of one group for a terminal."""
    names = columns(group)
    widths = [max(9, len(c)) for c in names]
    first = max([len(group.base) + 8] + [len(r.name) for r in results])
    yield "%s: %s" % (group.name, group.about)
    yield "  ".join(["%-*s" % (first, "(base: %s)" % group.base)] +
                    ["%*s" % pair for pair in zip(widths, names)])
    for r in results:
        cells = [r.why_not] if r.why_not else [
            "%*s" % (w, number(c)) for w, c in zip(widths, r.cells())]
        yield "  ".join(["%-*s" % (first, r.name)] + cells)
    yield ""


def markdown_lines(group, results):
    yield "### %s" % group.name[:1].upper() + group.name[1:]
    yield ""
    yield "%s. Base of the ratios: %s." % (
        group.about[:1].upper() + group.about[1:], group.base)
    yield ""
    names = columns(group)
    yield "| | %s |" % " | ".join(names)
    yield "|---|%s" % ("---:|" * len(names))
    for r in results:
        cells = [r.why_not] + [""] * (len(names) - 1) if r.why_not else [
            number(c) for c in r.cells()]
        yield "| %s | %s |" % (r.name, " | ".join(cells))
    yield ""


def as_json(group, results):
    return {"group": group.name, "about": group.about, "base": group.base,
            "unit": group.unit,
            "rows": [dataclasses.asdict(r) for r in results]}


def from_json(text):
    """A group and its results, as as_json() gave them."""
    group = Group(text["group"], text["about"], text["base"], [],
                  unit=text["unit"])
    return group, [Result(**dict(row, samples=[
        measure.Sample(**s) for s in row["samples"]])) for row in text["rows"]]
