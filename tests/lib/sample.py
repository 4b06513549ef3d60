#!/usr/bin/python3 -B
"""sample - 90 days of reports about a few domains, as the console shows them:
one that is not ready for a stricter policy and is being spoofed, one that is
ready, one that is done, one that sends nothing, and one that nobody registered.

    sample.py DIR                  the mails, one file each
    sample.py --store FILE         a store with all of it, made by ruadctl

Days are counted back from today; on one day the same mails come each time.
Domains are reserved names, addresses come from the documentation ranges."""
import argparse
import os
import random
import sqlite3
import subprocess
import tempfile
import time

import gen
import ruadtest

DAYS = 90
# Who reports: how many of a hundred messages each of them sees, and since when
# it is silent, in days before today.
REPORTERS = tuple(zip(gen.STYLES, (34, 18, 14, 9, 8, 6, 5, 4, 2)))
QUIET = {"Slow Mail & Co": 5}
OLD = "old.example"  # that nobody registered


def own(name, selector="s1"):
    return (("dkim", name, selector, "pass"), ("spf", name, "", "pass"))


class Stream:
    """One sender: `daily(back)` is how much it sends on a day, counted back
    from today."""

    def __init__(self, ips, daily, dkim, spf, envelope, results, reason="",
                 header=None, refused=False):
        self.ips, self.daily, self.dkim, self.spf = ips, daily, dkim, spf
        self.envelope, self.results, self.reason = envelope, results, reason
        self.header, self.refused = header, refused

    def rows(self, rng, domain, policy, back, share):
        count = rng.gauss(1, .12) * self.daily(back) * share / 100
        whole = int(count) + (rng.random() < count % 1)
        if whole <= 0:
            return
        passes = "pass" in (self.dkim, self.spf)
        disposition = "none" if passes or self.reason else policy
        for n, ip in enumerate(self.ips):
            part = whole * (n + 1) // len(self.ips) - \
                whole * n // len(self.ips)
            if part:
                yield gen.Row(ip, part, disposition, self.dkim, self.spf,
                              self.header or domain, self.envelope,
                              self.results, self.reason)


def steady(count):
    return lambda back: count


def between(first, last, count):
    """From `first` to `last` days before today."""
    return lambda back: count if last <= back <= first else 0


def weekdays(count, weekend=.3):
    today = int(time.time()) // gen.DAY
    return lambda back: count * (
        weekend if (today - back + 3) % 7 >= 5 else 1)


def net(prefix, *hosts):
    return ["%s.%d" % (prefix, h) for h in hosts]


def example_com():
    d = "example.com"
    crm = net("198.51.100", 20, 21)
    crm_spf = ("spf", "bounce.crmhost.example", "", "pass")
    flood = lambda back: {4: 6000, 3: 11000, 2: 12000, 1: 7200}.get(back, 150)
    return [
        Stream(net("192.0.2", 10, 11), weekdays(9000), "pass", "pass", d,
               own(d)),
        Stream(["2001:db8:10::25"], weekdays(1500), "pass", "pass", d, own(d)),
        Stream(net("198.51.100", 60, 61, 62), weekdays(2500), "pass", "fail",
               "em.sendgrid.net",
               (("dkim", "sendgrid.net", "smtpapi", "pass"),
                ("dkim", d, "sg", "pass"),
                ("spf", "em.sendgrid.net", "", "pass")), header="news." + d),
        # Signed with our domain until 18 days ago, with its own since then.
        Stream(crm, between(DAYS, 18, 110), "pass", "fail",
               "bounce.crmhost.example",
               (("dkim", d, "crm", "pass"), crm_spf)),
        Stream(crm, between(17, 0, 110), "fail", "fail",
               "bounce.crmhost.example",
               (("dkim", "crmhost.example", "k1", "pass"), crm_spf)),
        # A machine of ours whose signature something breaks.
        Stream(net("192.0.2", 77), weekdays(70, 0), "fail", "fail",
               "erp.internal.example",
               (("dkim", d, "erp", "fail"),
                ("spf", "erp.internal.example", "", "none"))),
        # Forwarders keep signatures; lists break them.
        Stream(net("203.0.113", 130, 131), steady(140), "pass", "fail",
               "forwardemail.net",
               (("dkim", d, "s1", "pass"),
                ("spf", "forwardemail.net", "", "pass"))),
        Stream(net("203.0.113", 140), steady(26), "fail", "fail",
               "lists.club.example",
               (("dkim", d, "s1", "fail"), ("dkim", "club.example", "l", "pass"),
                ("spf", "lists.club.example", "", "pass")), "mailing_list"),
        # New this week, and nobody has said whose it is.
        Stream(net("198.51.100", 90, 91, 92), between(3, 0, 400), "fail",
               "fail", "bounce.mailerx.example",
               (("dkim", "mailerx.example", "k1", "pass"),
                ("spf", "bounce.mailerx.example", "", "pass"))),
        # Others who use the name: a little always, a lot these days.
        Stream(net("203.0.113", 5, 6, 7, 8, 9), flood, "fail", "fail",
               "vps.stranger.example",
               (("spf", "vps.stranger.example", "", "softfail"),)),
        Stream(["2001:db8:bad::%x" % n for n in range(1, 8)], steady(12),
               "fail", "fail", d, (("spf", d, "", "fail"),)),
    ]


def example_it():
    d = "example.it"
    return [
        Stream(net("192.0.2", 30, 31), weekdays(2400), "pass", "pass", d,
               own(d, "a")),
        Stream(net("198.51.100", 70), weekdays(300), "pass", "fail",
               "mail.mcsv.net", (("dkim", d, "k2", "pass"),
                                 ("spf", "mail.mcsv.net", "", "pass"))),
        Stream(net("203.0.113", 150), steady(30), "pass", "fail",
               "forwardemail.net", (("dkim", d, "a", "pass"),
                                    ("spf", "forwardemail.net", "", "pass"))),
        Stream(net("203.0.113", 40, 41), steady(.7), "fail", "fail",
               "spam.stranger.example",
               (("spf", "spam.stranger.example", "", "fail"),)),
    ]


def example_jp():
    d = "example.jp"
    return [
        Stream(net("192.0.2", 50, 51, 52), weekdays(5200), "pass", "pass", d,
               own(d, "jp")),
        Stream(net("203.0.113", 160), steady(90), "pass", "fail",
               "forwardemail.net", (("dkim", d, "jp", "pass"),
                                    ("spf", "forwardemail.net", "", "pass"))),
        Stream(net("203.0.113", 60, 61, 62), steady(140), "fail", "fail",
               "host.stranger.example",
               (("spf", "host.stranger.example", "", "fail"),)),
    ]


def strangers(name, count, prefix, *hosts):
    return [Stream(net(prefix, *hosts), steady(count), "fail", "fail",
                   "x.stranger.example", (("spf", name, "", "fail"),))]


class Domain:
    def __init__(self, name, policy, streams, reporters=len(REPORTERS),
                 days=DAYS):
        self.name, self.policy, self.streams = name, policy, streams
        self.reporters, self.days = reporters, days


def domains():
    return [
        Domain("example.com", "none", example_com()),
        Domain("example.it", "quarantine", example_it(), 6),
        Domain("example.jp", "reject", example_jp(), 7),
        Domain("parked.example", "reject",
               strangers("parked.example", 5, "203.0.113", 200, 201), 3),
        Domain(OLD, "none", strangers(OLD, 9, "203.0.113", 210), 1, 23),
    ]


def mails(today=None):
    """All mails, the oldest first."""
    today = int(time.time()) // gen.DAY if today is None else today
    found = []
    for domain in domains():
        rng = random.Random("sample/" + domain.name)
        for back in range(domain.days, 0, -1):
            for style, share in REPORTERS[:domain.reporters]:
                rows = [row for s in domain.streams
                        for row in s.rows(rng, domain.name, domain.policy,
                                          back, share)]
                if rows and back > QUIET.get(style.org, 0):
                    found.append(mail(style, domain, today - back, rows))
    return sorted(found, key=lambda m: (m.facts.begin, m.message_id))


def mail(style, domain, day, rows):
    begin = day * gen.DAY
    report_id = "%d.%s" % (day, domain.name)
    facts = gen.count_rows(style, report_id, domain.name, begin, rows)
    stem = "%s!%s!%d!%d" % (style.domain, domain.name, begin, facts.end)
    xml = gen.document(style, facts, domain.policy, rows)
    blob, name = gen.pack(style, stem, xml, facts.end)
    message_id = "%s@%s" % (report_id, style.domain)
    return gen.Mail(gen.wrap(style, facts, gen.RUA, message_id, blob, name),
                    message_id, "dmarc-reports@" + style.domain, facts)


RUA_TAG = "; rua=mailto:" + gen.RUA
# (domain, days before today, record)
RECORDS = (
    ("example.com", 96, "v=DMARC1; p=none" + RUA_TAG),
    ("example.com", 41, "v=DMARC1; p=none; adkim=r; np=reject" + RUA_TAG),
    ("example.com", 4, "v=DMARC1; p=none; np=reject; aspf=r" + RUA_TAG),
    ("example.it", 96, "v=DMARC1; p=none" + RUA_TAG),
    ("example.it", 90, "v=DMARC1; p=quarantine" + RUA_TAG),
    ("example.jp", 96, "v=DMARC1; p=reject; adkim=s" + RUA_TAG),
    ("parked.example", 96, "v=DMARC1; p=reject; np=reject" + RUA_TAG),
)
LABELS = (("example.com", "crmhost.example", "mine", "our CRM"),
          ("example.com", "192.0.2.0/24", "mine", "the ERP machine"))
# What only the API can say: PATCH /api/v1/domains/NAME.
PATCHES = (("parked.example", {"parked": True}),
           ("example.com", {"label": "Main domain"}))


# When reports came: the morning after.
ARRIVALS = (
    "UPDATE report SET received_epoch = min(?1,"
    " end_epoch + 3600 * (2 + reporter_key % 9))",
    "UPDATE mail SET received_epoch = (SELECT max(r.received_epoch)"
    " FROM report AS r WHERE r.mail_key = mail.mail_key)")


def write_past(store):
    """What only a store has that was there in these days: when reports came,
    and what ruadctl record watch saw in DNS."""
    now = int(time.time())
    rows = []
    for n, (domain, back, record) in enumerate(RECORDS):
        follows = RECORDS[n + 1:n + 2]
        last = now - 7200
        if follows and follows[0][0] == domain:
            last = now - follows[0][1] * gen.DAY - 3600
        rows.append((domain, now - back * gen.DAY, last, "verified",
                     "_dmarc." + domain, record, 3600))
    db = sqlite3.connect(store)
    with db:
        db.execute(ARRIVALS[0], (now - 60,))
        db.execute(ARRIVALS[1])
        db.executemany(
            "INSERT INTO record_history (domain, first_epoch, last_epoch,"
            " state, record_name, record, ttl) VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows)
    db.close()


def ctl(store, *args):
    subprocess.run([ruadtest.RUADCTL, "-d", store, *args], check=True,
                   stdout=subprocess.DEVNULL)


def write_mails(directory):
    count = 0
    for m in mails():
        path = os.path.join(directory, "%05d.eml" % count)
        with open(path, "wb") as f:
            f.write(m.data)
        count += 1
    return count


def fill(store):
    """Make the store; the number of mails."""
    with tempfile.TemporaryDirectory(prefix="ruad-sample-") as directory:
        count = write_mails(directory)
        ctl(store, "ingest", "--jobs", "2", directory)
    for domain in domains():
        if domain.name != OLD:
            ctl(store, "domain", "add", domain.name)
    for domain, sender, label, note in LABELS:
        ctl(store, "senders", "label", domain, sender, label, "--note", note)
    write_past(store)
    return count


def main():
    ap = argparse.ArgumentParser(description=__doc__)
    ap.add_argument("--store", metavar="FILE")
    ap.add_argument("dir", nargs="?")
    a = ap.parse_args()
    if (a.store is None) == (a.dir is None):
        ap.error("either DIR or --store FILE")
    if a.store:
        print("%d mails" % fill(a.store))
    else:
        os.makedirs(a.dir, exist_ok=True)
        print("%d mails" % write_mails(a.dir))


if __name__ == "__main__":
    main()
