"""measure - what a process took: time, processor, memory, disk, and how often
it waited for the disk."""
import dataclasses
import os
import struct
import subprocess
import tempfile

import ruadtest

TICKS = os.sysconf("SC_CLK_TCK")
LAUNCH = os.path.join(ruadtest.BUILDDIR, "tests/bench/launch")
COUNTER = os.path.join(ruadtest.BUILDDIR, "tests/bench/count_sync.so")


@dataclasses.dataclass
class Sample:
    """One run of one contestant. None: does not apply."""
    secs: float
    reports: int
    records: int
    cpu_secs: float = None  # of the program that is measured
    rss_mb: float = None
    stored_bytes: int = None  # without originals
    original_bytes: int = None
    syncs: int = None
    wait_ms: dict = None  # of one mail: {"50": ..., "95": ..., "max": ...}


class Failed(Exception):
    """A contestant did not do what it is measured at."""


class SyncCounter:
    """Counts fsync and fdatasync of the processes that get its environment."""

    def __init__(self, box):
        self.path = os.path.join(box.dir, "syncs")
        with open(self.path, "wb") as f:
            f.write(bytes(8))
        os.chmod(self.path, 0o666)
        self.env = {"LD_PRELOAD": COUNTER, "COUNT_SYNC_FILE": self.path}

    def take(self):
        """How many since the last call."""
        with open(self.path, "r+b") as f:
            count, = struct.unpack("=Q", f.read(8))
            f.seek(0)
            f.write(bytes(8))
        return count


def run(command, env=None, ok=(0,)):
    """Run to the end: (seconds, CPU seconds, peak MB, standard output)."""
    with tempfile.TemporaryDirectory(prefix="ruad-bench-") as d:
        told = os.path.join(d, "told")
        done = subprocess.run(
            [LAUNCH, told, *command], stdin=subprocess.DEVNULL,
            capture_output=True, env=dict(os.environ, **(env or {})))
        if done.returncode == 0:
            with open(told) as f:
                secs, cpu, kib, status = map(float, f.read().split())
            if status in ok:
                return (secs, cpu, kib / 1024,
                        done.stdout.decode(errors="replace"))
        raise Failed("%s: %s" % (
            " ".join(command), done.stderr[-500:].decode(errors="replace")))


class Background:
    """A program that runs until it is stopped."""

    def __init__(self, box, *command):
        self.log = box.path(os.path.basename(command[0]) + ".log")
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.pid = self.process.pid
        box.callback(self.stop)

    def wait_for(self, what):
        if not ruadtest.wait_for(what):
            with open(self.log) as f:
                raise Failed("it does not begin: " + f.read()[-500:])

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


def cpu_secs(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_mb(pid, what="VmHWM"):
    """Peak of the resident memory, or VmRSS: what it is now."""
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith(what + ":"):
                return int(line.split()[1]) / 1024
    return 0


def open_files(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def store_bytes(path):
    """(bytes without originals, bytes of originals) of a store of ruad."""
    sql = "SELECT sum(pgsize) FROM dbstat(?, 1) WHERE name %s 'raw'"
    return tuple(ruadtest.query(path, sql % how, "main")[0][0] or 0
                 for how in ("<>", "="))


def check_store(path, data):
    """A rate counts only when every row is there."""
    got = ruadtest.query(path, "SELECT count(*), coalesce(sum(records), 0)"
                               " FROM v_report")[0]
    if got != (data.mails, data.records):
        raise Failed("the store has %d reports with %d records instead of "
                     "%d with %d" % (*got, data.mails, data.records))
