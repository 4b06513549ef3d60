#!/usr/bin/python3 -B
"""Report mails and ordinary ones through a real Postfix."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import mta
import ruadtest
import smtp

ruadtest.need_root()
ruadtest.need_programs("postfix")

RUA = "rua@reports.test.example"
OTHER = "other@test.example"
ANNA = "anna@sender.example"
LINE = re.compile(
    r"\b(?P<queue>[0-9A-Za-z]+): report=(?P<outcome>[a-z-]+) org=<(?P<org>.*)>"
    r" id=<(?P<id>.*)> domain=<(?P<domain>.*)> records=(?P<records>\d+)"
    r" messages=(?P<messages>\d+) trust=(?P<trust>[a-z_-]+) ms=(?P<ms>\d+)$")

GARBAGE = (b"From: Bob <bob@sender.example>\r\nTo: rua\r\n"
           b"Subject: Report Domain: shop.example\r\n"
           b"Message-ID: <garbage@sender.example>\r\nMIME-Version: 1.0\r\n"
           b"Content-Type: application/xml\r\n\r\n"
           b"<feedback><report_metadata></feedback>\r\n")
LETTER = (b"From: Bob <bob@sender.example>\r\nTo: rua\r\nSubject: Hello\r\n"
          b"Message-ID: <letter@sender.example>\r\n\r\nNo report here.\r\n")


def log_lines(ruad, outcome):
    found = [LINE.search(line) for line in ruad.report_lines()]
    return [m for m in found if m and m["outcome"] == outcome]


def test_load(tap, box):
    """500 reports and 60 ordinary mails over 20 parallel sessions, twice."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("load", 500)
    plain = gen.ordinary("load", 60)
    jobs = [smtp.job(m) for m in mails]
    for n, data in enumerate(plain):
        jobs.insert(n * 9, (ANNA, [OTHER], data))
    out = smtp.send_all(pf.port, jobs, sessions=20)
    tap.equal((len(out.accepted), out.deferred, out.refused), (560, [], {}),
              "all mails accepted at the first try")
    tap.equal(ruadtest.store_totals(ruad.store), gen.totals(mails),
              "totals in the store")
    ruadtest.check_store(tap, ruad.store, mails, "after the first run")

    got = pf.delivered(560)
    bodies = [d for d in got if d.recipient == OTHER]
    tap.equal((len(got), len(bodies)), (560, 60), "every mail is delivered")
    tap.equal([n for n, p in enumerate(plain)
               if not any(d.ends_with(p) for d in bodies)], [],
              "ordinary mail arrives byte for byte")
    tap.equal([m.message_id for m in mails if not any(
        d.ends_with(m.data) for d in got)], [],
        "report mail arrives byte for byte")

    lines = log_lines(ruad, "stored")
    tap.equal((len(lines), sum(int(m["records"]) for m in lines),
               sum(int(m["messages"]) for m in lines)),
              gen.totals(mails)[:3], "a log line for each report mail")
    tap.equal(len(ruad.report_lines()), 500, "and none for other mail")
    queue_ids = set(re.findall(r": ([0-9A-Za-z]+): ", pf.log()))
    tap.equal({m["queue"] for m in lines} - queue_ids, set(),
              "log lines carry the queue id of Postfix")
    tap.equal({(m["id"], m["domain"]) for m in lines},
              {(m.facts.report_id, m.facts.domain) for m in mails},
              "log lines name report and domain")

    before = ruadtest.dump(ruad.store)
    out = smtp.send_all(pf.port, jobs, sessions=20)
    tap.equal((len(out.accepted), out.deferred, out.refused), (560, [], {}),
              "the same mails again are accepted")
    tap.ok(ruadtest.dump(ruad.store) == before,
           "and change no byte of the store's content")
    tap.equal(len(log_lines(ruad, "duplicate")), 500,
              "the log calls them duplicates")
    tap.equal(ruad.stop(), 0, "ruad ends with 0")


def test_recipients(tap, box):
    """Which recipients are ours."""
    pf, ruad = mta.pair(box, recipients=[RUA, "*@all.test.example"])
    mails = gen.reports("recipients", 10)
    cases = (
        ("the exact address", RUA, True),
        ("another case", "Rua@Reports.TEST.example", True),
        ("an extension", "rua+shop.example@reports.test.example", True),
        ("any user of a domain", "anyone@all.test.example", True),
        ("that with an extension", "any+one@all.test.example", True),
        ("another user", "rub@reports.test.example", False),
        ("a longer user", "rua-x@reports.test.example", False),
        ("the user at another domain", "rua@test.example", False),
        ("a domain below", "rua@x.all.test.example", False),
        ("a longer domain", "x@notall.test.example", False),
    )
    want = []
    for (name, rcpt, ours), mail in zip(cases, mails):
        reply = smtp.send_one(pf.port, mail.data, [rcpt], mail.sender)
        want += [mail] if ours else []
        have = mail.facts.key in ruadtest.store_reports(ruad.store)
        tap.equal((reply[0], have), (250, ours), name + ": " + rcpt)
    ruadtest.check_store(tap, ruad.store, want, "recipients")
    tap.equal(len(ruad.report_lines()), len(want), "a log line for ours only")


def test_quoted_recipient(tap, box):
    """Forms of an address that mean the same."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("quoted", 4)
    for mail, to in zip(mails, ("<@hop.example:%s>" % RUA,
                                '<"rua"@reports.test.example>',
                                "<%s> NOTIFY=NEVER ORCPT=rfc822;x@y.example" %
                                RUA, "<rua@reports.test.example.>")):
        with smtp.Session(pf.port) as s:
            s.command("MAIL FROM:<> SIZE=%d" % len(mail.data))
            reply = s.command("RCPT TO:" + to)
            if reply[0] != 250:
                tap.skip(to, "Postfix says %s %s" % reply)
                continue
            s.command("DATA")
            s.sock.sendall(smtp.stuff(mail.data) + b".\r\n")
            tap.equal((s.read()[0], mail.facts.key in
                       ruadtest.store_reports(ruad.store)), (250, True), to)


def test_discard(tap, box):
    """after_store = discard takes the mail from our recipients only."""
    pf, ruad = mta.pair(box, after_store="discard")
    mails = gen.reports("discard", 6)
    cases = (
        ([RUA], []),
        ([RUA, OTHER], [OTHER]),
        ([OTHER, "rua+a@reports.test.example", RUA, "third@test.example"],
         [OTHER, "third@test.example"]),
        ([OTHER], [OTHER]),
    )
    with smtp.Session(pf.port) as s:
        for (to, left), mail in zip(cases, mails):
            reply = s.mail(mail.sender, to, mail.data)
            got = sorted(d.recipient for d in pf.delivered(len(left)))
            tap.equal((reply[0], got), (250, left), "to " + ", ".join(to))
            pf.empty_mailbox()
        reply = s.mail(mails[0].sender, [RUA, OTHER], mails[0].data)
        got = [d.recipient for d in pf.delivered(1)]
        tap.equal((reply[0], got), (250, [OTHER]), "a duplicate likewise")
        pf.empty_mailbox()
        reply = s.mail(ANNA, [RUA], GARBAGE)
        got = [d.recipient for d in pf.delivered(1)]
        tap.equal((reply[0], got), (250, [RUA]),
                  "what is refused is delivered all the same")
    ruadtest.check_store(tap, ruad.store, mails[:3], "discard")


def test_several_recipients(tap, box):
    """With the default, nobody loses a mail, and it is stored once."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("several", 1)
    to = [OTHER, RUA, "rua+x@reports.test.example", "third@test.example"]
    reply = smtp.send_one(pf.port, mails[0].data, to, mails[0].sender)
    got = sorted(d.recipient for d in pf.delivered(4))
    tap.equal((reply[0], got), (250, sorted(to)), "all four get it")
    ruadtest.check_store(tap, ruad.store, mails, "several recipients")


def test_refuse(tap, box):
    """on_refuse: what becomes of mail that gives no report."""
    for word, code, left in (("deliver", 250, [OTHER, RUA]),
                             ("discard", 250, [OTHER]),
                             ("reject", 554, [OTHER, RUA])):
        pf, ruad = mta.pair(box.enter_context(ruadtest.Box()),
                            on_refuse=word)
        with smtp.Session(pf.port) as s:
            reply = s.mail(ANNA, [RUA, OTHER], GARBAGE)
            got = sorted(d.recipient for d in pf.delivered(len(left)))
            tap.equal((reply[0], got), (250, left),
                      word + ": a broken report, not for us alone")
            pf.empty_mailbox()
            reply = s.mail(ANNA, [RUA], LETTER)
            left = [RUA] if word == "deliver" else []
            got = [d.recipient for d in pf.delivered(len(left))]
            tap.equal((reply[0], got), (code, left),
                      word + ": a mail without a report")
            tap.ok("%" not in reply[1], word + ": no % in the reply")
            mail = gen.reports("refuse", 1)[0]
            reply = s.mail(mail.sender, [RUA], mail.data)
            tap.equal(reply[0], 250, word + ": the next mail is taken")
        kept = ruadtest.query(ruad.store, "SELECT outcome, code, queue_id IS "
                              "NOT NULL, message_id FROM v_quarantine "
                              "ORDER BY quarantine_key")
        tap.equal([(k[0], k[2], (k[3] or "").strip("<>")) for k in kept],
                  [("refused", 1, "garbage@sender.example"),
                   ("not-a-report", 1, "letter@sender.example")],
                  word + ": both are in quarantine")
        tap.ok(all(k[1] for k in kept), word + ": with a code")
        tap.equal([re.search(r"report=([a-z-]+)", line)[1]
                   for line in ruad.report_lines()],
                  ["refused", "not-a-report", "stored"],
                  word + ": three log lines")
        ruadtest.check_store(tap, ruad.store, [mail], word)


def test_oversize(tap, box):
    """max_message_bytes: larger mails are refused, each with its own row."""
    pf, ruad = mta.pair(box, max_message_bytes="1k")
    mails = gen.reports("oversize", 3)
    with smtp.Session(pf.port) as s:
        replies = [s.mail(m.sender, [RUA], m.data)[0] for m in mails]
    tap.equal(replies, [250] * 3, "accepted, since nobody reads a bounce")
    tap.equal(len(pf.delivered(3)), 3, "and delivered")
    kept = ruadtest.query(ruad.store, "SELECT outcome, code, message_id FROM "
                          "v_quarantine ORDER BY quarantine_key")
    tap.equal([(k[0], k[1], k[2].strip("<>")) for k in kept],
              [("refused", "LIMIT_SIZE", m.message_id.strip("<>"))
               for m in mails], "three rows in quarantine")


def test_one_connection(tap, box):
    """Mails of all kinds, and resets between them, in one session."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("connection", 8)
    with smtp.Session(pf.port) as s:
        codes = [s.mail(ANNA, [OTHER], LETTER)[0],
                 s.mail(mails[0].sender, [RUA], mails[0].data)[0]]
        s.envelope(ANNA, [RUA])
        codes += [s.command("RSET")[0],
                  s.mail(mails[1].sender, [RUA], mails[1].data)[0],
                  s.mail(ANNA, [RUA], GARBAGE)[0]]
        s.envelope(ANNA, [OTHER])
        codes += [s.command("RSET")[0],
                  s.mail("", [RUA, OTHER], mails[2].data)[0],
                  s.mail(ANNA, [OTHER], mails[3].data)[0]]
        s.command("NOOP")
        for mail in mails[4:]:
            codes.append(s.mail(mail.sender, [RUA], mail.data)[0])
    tap.equal(codes, [250] * len(codes), "every command is accepted")
    want = mails[:3] + mails[4:]
    ruadtest.check_store(tap, ruad.store, want, "one connection")
    # A client that is lost in the middle of a mail leaves nothing behind.
    s = smtp.Session(pf.port)
    s.envelope(ANNA, [RUA])
    s.command("DATA")
    s.sock.sendall(mails[3].data[:400])
    s.close()
    reply = smtp.send_one(pf.port, mails[3].data, [RUA])
    tap.equal(reply[0], 250, "after a lost client the next mail is taken")
    ruadtest.check_store(tap, ruad.store, mails, "lost client")


def eight_bit(mail):
    """The same mail with its base64 part as raw 8-bit text around it."""
    return mail.data.replace(
        b"Subject:", b"X-Note: gr\xc3\xbc\xc3\x9fe \xff\r\nSubject:", 1)


def test_extensions(tap, box):
    """8BITMIME, SMTPUTF8 and CHUNKING."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("extensions", 9)
    with smtp.Session(pf.port) as s:
        for word in ("8BITMIME", "SMTPUTF8", "CHUNKING"):
            tap.ok(word in s.features.split(), "Postfix offers " + word)
        data = eight_bit(mails[0])
        reply = s.mail(mails[0].sender, [RUA], data, ["BODY=8BITMIME"])
        tap.equal(reply[0], 250, "8BITMIME")
        tap.ok(any(d.ends_with(data) for d in pf.delivered(1)),
               "8-bit mail arrives byte for byte")
        reply = s.mail(mails[1].sender, [RUA], eight_bit(mails[1]))
        tap.equal(reply[0], 250, "8-bit bytes without saying so")
        reply = s.mail("b\u00fccher@sender.example", [RUA], mails[2].data,
                       ["SMTPUTF8", "BODY=8BITMIME"])
        tap.equal(reply[0], 250, "SMTPUTF8: sender")
        reply = s.mail(mails[3].sender, [RUA, "\u00fcber@test.example"],
                       mails[3].data, ["SMTPUTF8"])
        tap.equal(reply[0], 250, "SMTPUTF8: another recipient")
        d = mails[4].data
        reply = s.bdat(mails[4].sender, [RUA], [d])
        tap.equal(reply[0], 250, "BDAT in one chunk")
        d = mails[5].data
        at = d.index(b"\r\n") + 1  # between CR and LF
        reply = s.bdat(mails[5].sender, [RUA],
                       [d[:at], d[at:500], d[500:501], d[501:], b""])
        tap.equal(reply[0], 250, "BDAT in five chunks")
        d = mails[6].data.rstrip(b"\r\n")
        reply = s.bdat(mails[6].sender, [RUA], [d[:300], d[300:]])
        tap.equal(reply[0], 250, "BDAT without a final line end")
        reply = s.mail(mails[7].sender, [RUA], mails[7].data)
        tap.equal(reply[0], 250, "DATA after BDAT")
        s.envelope(ANNA, [RUA])
        s.sock.sendall(b"BDAT 10\r\nFrom: a@b\r")
        s.read()
        s.command("RSET")
        reply = s.bdat(mails[8].sender, [RUA], [mails[8].data])
        tap.equal(reply[0], 250, "BDAT after one that was reset")
    ruadtest.check_store(tap, ruad.store, mails, "extensions")
    senders = ruadtest.query(ruad.store, "SELECT mail_from FROM mail")
    tap.ok(("b\u00fccher@sender.example",) in senders,
           "the UTF-8 sender is in the store", senders)


def test_sockets(tap, box):
    """A chrooted smtpd, an inet socket, an old protocol version."""
    mails = gen.reports("sockets", 10)
    pf, ruad = mta.pair(box.enter_context(ruadtest.Box()), chroot=True)
    out = smtp.send_all(pf.port, [smtp.job(m) for m in mails], sessions=3)
    tap.equal((len(out.accepted), out.deferred), (10, []), "chrooted smtpd")
    ruadtest.check_store(tap, ruad.store, mails, "chrooted smtpd")

    port = ruadtest.free_port()
    ruad = ruadtest.Ruad(box, socket="inet:%d@127.0.0.1" % port).start()
    pf = mta.Postfix(box, milters="inet:127.0.0.1:%d" % port).start()
    out = smtp.send_all(pf.port, [smtp.job(m) for m in mails], sessions=3)
    tap.equal((len(out.accepted), out.deferred), (10, []), "inet socket")
    ruadtest.check_store(tap, ruad.store, mails, "inet socket")
    pf.stop()

    old = ruadtest.Ruad(box, "old", after_store="discard").start()
    pf = mta.Postfix(box, "postfix-old", milters=old.socket,
                     milter_protocol="2").start()
    jobs = [smtp.job(m, RUA, OTHER) for m in mails] + \
        [(ANNA, [OTHER], LETTER)]
    out = smtp.send_all(pf.port, jobs, sessions=3)
    tap.equal((len(out.accepted), out.deferred), (11, []), "protocol 2")
    tap.equal([d.recipient for d in pf.delivered(11)], [OTHER] * 11,
              "protocol 2: discarded for ours only")
    ruadtest.check_store(tap, old.store, mails, "protocol 2")


def test_several_hosts(tap, box):
    """Several mail hosts with one ruad: each report counts once, whichever of
    them it came to, and however often."""
    port = ruadtest.free_port()
    ruad = ruadtest.Ruad(box, socket="inet:%d@127.0.0.1" % port).start()
    hosts = [mta.Postfix(box, "mx%d" % n,
                         milters="inet:127.0.0.1:%d" % port).start()
             for n in (1, 2)]
    mails = gen.reports("hosts", 60)
    jobs = ([smtp.job(m) for m in mails[:40]], [smtp.job(m) for m in mails[20:]])
    sending = [ruadtest.in_thread(smtp.send_all, pf.port, j, sessions=5)
               for pf, j in zip(hosts, jobs)]
    out = [join() for join in sending]
    tap.equal([(len(o.accepted), o.deferred) for o in out], [(40, [])] * 2,
              "both hosts accept what they are sent")
    ruadtest.check_store(tap, ruad.store, mails, "two hosts")
    tap.equal((len(log_lines(ruad, "stored")), len(log_lines(ruad,
              "duplicate"))), (60, 20), "what came to both is stored once")

    tap.equal(ruad.stop(), 0, "ruad is stopped")
    reply = [smtp.send_one(pf.port, mails[0].data, [RUA])[0] // 100
             for pf in hosts]
    tap.equal(reply, [4, 4], "then mail waits before both hosts")


def test_absent(tap, box):
    """Without ruad, mail waits at its sender; nothing is lost or passed by."""
    pf, ruad = mta.pair(box)
    mails = gen.reports("absent", 3)
    tap.equal(ruad.stop(), 0, "ruad is stopped")
    reply = smtp.send_one(pf.port, mails[0].data, [RUA])
    tap.equal(reply[0] // 100, 4, "a report mail is answered with 4xx")
    ruad.start()
    out = smtp.send_all(pf.port, [smtp.job(m) for m in mails], sessions=1)
    tap.equal(len(out.accepted), 3, "and taken when ruad is back")
    ruadtest.check_store(tap, ruad.store, mails, "back again")


ruadtest.main(test_load, test_recipients, test_quoted_recipient, test_discard,
              test_several_recipients, test_refuse, test_oversize,
              test_one_connection, test_extensions, test_sockets,
              test_several_hosts, test_absent)
