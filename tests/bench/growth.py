"""growth - a store that grows through the daemon: does a report cost more in a
large one, do memory and file descriptors stay flat, how fast does it answer.
The mails are made in passing by tests/bench/synth.c."""
import dataclasses
import statistics
import time

import contest
import measure
import ruadtest

CHUNK = 10000
CONNECTIONS = 20


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
                       count, ruad.socket.partition(":")[2])
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


def summary_ms(store, runs=5):
    """Median time of `ruadctl summary`, from start to end."""
    command = [ruadtest.RUADCTL, "-d", store, "summary"]
    return statistics.median(measure.run(command)[0]
                             for _ in range(runs)) * 1e3


def compare(first, last):
    """Lines on the last step beside the first."""
    def rate(s):
        return s.reports / s.secs

    def cpu(s):
        return s.cpu_secs / s.reports
    yield "last step beside the first: rate x %.2f, CPU of a report x %.2f" \
        % (rate(last) / rate(first), cpu(last) / cpu(first))
    yield "resident memory after the first step %.1f MB, after the last " \
        "%.1f MB; open files %d and %d" % (
            first.rss_mb, last.rss_mb, first.files, last.files)


def measure_growth(reports):
    """Lines of text, as they come."""
    with ruadtest.Box("ruad-bench-") as box:
        ruad = ruadtest.Ruad(box, log_level="notice").start()
        steps = grow(ruad, reports, lambda done, step: is_shown(
            done, reports) and print(line(done, step), flush=True))
        if ruad.stop() != 0:
            raise measure.Failed("ruad does not end with 0")
        got, records = ruadtest.query(
            ruad.store, "SELECT count(*), sum(records) FROM v_report")[0]
        if got != reports:
            raise measure.Failed("%d of %d reports stored" % (got, reports))
        print("\n".join(compare(steps[0], steps[-1])))
        stored, originals = measure.store_bytes(ruad.store)
        print("%s records in %.1f MB, %.0f bytes each, without originals; "
              "originals %.1f MB" % (format(records, ","), stored / 1e6,
                                     stored / records, originals / 1e6))
        print("ruadctl summary: %.1f ms (median of 5)" %
              summary_ms(ruad.store))
    return steps
