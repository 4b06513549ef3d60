"""data - the mails of the benchmark, made once and kept: small, large and huge
reports, and ordinary mail. The same scale gives the same bytes.

Addresses come from the ranges for benchmarks (RFC 2544) and documentation."""
import dataclasses
import email
import json
import os
import shutil

import gen

VERSION = 2  # another one makes kept data anew
ORDINARY = 2000
SMALL, LARGE, HUGE = 20000, 20, 500000
SMALL_ROWS, LARGE_ROWS = (1, 60), 20000
DOMAINS, REPORTERS, DAYS, STRANGERS = 25, 40, 90, (60, 180)


def address(rng):
    if rng.random() < 0.2:
        return "2001:db8:%x:%x::%x" % tuple(rng.randrange(1, 0xffff)
                                            for _ in range(3))
    return "198.%d.%d.%d" % (rng.randrange(18, 20), rng.randrange(256),
                             rng.randrange(1, 255))


class Owner(gen.Owner):
    """A domain with more sources than those of the tests; a few of them send
    most of its mail."""

    def __init__(self, rng, name):
        super().__init__(rng, name, STRANGERS, address)

    def pick(self, rng):
        return int(len(self.sources) * rng.random() ** 2)


class WideOwner(Owner):
    """Nearly every row from another address, as in very large reports."""

    def row(self, rng, busy=3):
        return dataclasses.replace(super().row(rng, busy), ip=address(rng))


def owners(kind):
    return lambda rng: [kind(rng, "owner%02d.example" % n)
                        for n in range(DOMAINS)]


def styles():
    """Reporters: of twenty, fourteen send gzip, five zip, one bare XML."""
    found = []
    for n in range(REPORTERS):
        container = ("xml" if n % 20 == 10 else
                     "zip" if n % 4 == 3 else "gzip")
        fit = [s for s in gen.STYLES if s.container == container]
        found.append(dataclasses.replace(
            fit[n % len(fit)], org="Reporter %02d" % n,
            domain="reporter%02d.example" % n))
    return found


@dataclasses.dataclass
class Set:
    """A directory of mails, one file each."""
    name: str
    path: str
    mails: int = 0
    records: int = 0
    messages: int = 0
    bytes: int = 0

    def first(self, count):
        """A set of its first mails. Only the numbers of mails and records
        are known of it."""
        with open(self.path + ".rows") as f:
            rows = [int(line) for line in f][:count]
        return Set(self.name, self.path, len(rows), sum(rows))

    def files(self):
        """Its mails, in the order in which directories are read."""
        names = sorted(os.listdir(self.path))[:self.mails]
        return [os.path.join(self.path, n) for n in names]

    def attachments(self):
        """Files of what is attached to its mails."""
        made = []
        os.makedirs(self.path + ".attached", exist_ok=True)
        for path in self.files():
            with open(path, "rb") as f:
                mail = email.message_from_binary_file(f)
            for part in mail.walk():
                if part.get_filename():
                    made.append(os.path.join(self.path + ".attached",
                                             part.get_filename()))
                    with open(made[-1], "wb") as f:
                        f.write(part.get_payload(decode=True))
        return made


def save(data, rows):
    with open(data.path + ".rows", "w") as f:
        f.writelines("%d\n" % n for n in rows)
    data.bytes = sum(e.stat().st_size for e in os.scandir(data.path))
    with open(data.path + ".json", "w") as f:
        json.dump(dataclasses.asdict(data), f)


def make_reports(data, count, rows, kind):
    lines = []
    for n, mail in enumerate(gen.each_report(
            data.name, count, owners(kind), DAYS, rows=rows,
            styles=styles())):
        with open(os.path.join(data.path, "%06d.eml" % n), "wb") as f:
            f.write(mail.data)
        lines.append(mail.facts.records)
        data.messages += mail.facts.messages
    data.mails, data.records = count, sum(lines)
    return lines


def make_huge(data, records):
    facts, _ = gen.write_huge(os.path.join(data.path, "huge.eml"), records)
    data.mails, data.records, data.messages = 1, records, facts.messages
    return [records]


def make_ordinary(data, count):
    for n, mail in enumerate(gen.ordinary(data.name, count)):
        with open(os.path.join(data.path, "%06d.eml" % n), "wb") as f:
            f.write(mail)
    data.mails = count
    return [0] * count


def scaled(number, scale, least):
    return max(least, round(number * scale))


def make(data, name, scale):
    """At a tenth, large reports are as large as ever, only fewer."""
    if name == "small":
        return make_reports(data, scaled(SMALL, scale, 20), SMALL_ROWS, Owner)
    if name == "large":
        rows = scaled(LARGE_ROWS, min(1, 10 * scale), 200)
        return make_reports(data, scaled(LARGE, scale, 2), (rows, rows),
                            WideOwner)
    if name == "huge":
        return make_huge(data, scaled(HUGE, min(1, 10 * scale), 2000))
    return make_ordinary(data, scaled(ORDINARY, min(1, 5 * scale), 20))


def get(base, name, scale):
    """The set of this name, made below `base` unless it is there."""
    path = os.path.join(base, "%s-%g-%d" % (name, scale, VERSION))
    try:
        with open(path + ".json") as f:
            return dataclasses.replace(Set(**json.load(f)), path=path)
    except FileNotFoundError:
        pass
    shutil.rmtree(path, ignore_errors=True)
    os.makedirs(path)
    data = Set(name, path)
    save(data, make(data, name, scale))
    return data
