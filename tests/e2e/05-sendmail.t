#!/usr/bin/python3 -B
"""The same mail through Sendmail's filter interface. Sendmail cannot be
installed beside Postfix and is run from its unpacked packages; where these
cannot be had, a client that speaks as Sendmail does takes its place."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import milter
import mta
import ruadtest
import smtp

ruadtest.need_root()

RUA = "rua@reports.test.example"
OTHER = "other@reports.test.example"
ANNA = "anna@sender.example"


class LikeSendmail:
    """Speaks to the filter as Sendmail 8.17 does: macros from MAIL on, {i}
    there already, the mailer's form of the address in {rcpt_addr}."""

    def __init__(self, ruad):
        self.ruad, self.got = ruad, []

    def send(self, sender, to, data):
        with milter.MilterClient(self.ruad.socket) as c:
            c.negotiate()
            c.connect(macros={"j": "mx.test.example", "_": "localhost "
                              "[127.0.0.1]", "{daemon_name}": "MTA",
                              "{if_name}": "localhost"})
            c.helo()
            c.mail("<%s>" % sender, macros={
                "i": "6AP3OlPQ009256", "{mail_mailer}": "box",
                "{mail_host}": "", "{mail_addr}": sender})
            for r in to:
                c.rcpt("<%s>" % r, macros={"{rcpt_mailer}": "box",
                                           "{rcpt_addr}": r.split("@")[0],
                                           "{rcpt_host}": r.split("@")[1]})
            v = c.data()
            if c.done:
                self.got += to
                return v.code if v else 250
            c.content(data)
            v = c.eom(macros={"{msg_id}": "<x@y.example>"})
            gone = [r.strip("<>") for r in milter.deleted_recipients(v)]
            if v.code == 250 and v.verdict != "discard":
                self.got += [r for r in to if r not in gone]
            return v.code

    def recipients(self, count):
        return self.got


class Real:
    def __init__(self, box, root, ruad):
        self.server = mta.Sendmail(
            box, root, "local:" + ruad.socket.partition(":")[2]).start()

    def send(self, sender, to, data):
        return smtp.send_one(self.server.port, data, to, sender)[0]

    def recipients(self, count):
        return [d.recipient for d in self.server.delivered(count)]


def server(tap, box, ruad):
    root, why = mta.fetch_sendmail()
    if root is not None:
        return Real(box, root, ruad)
    tap.note("Sendmail is not at hand (%s), a client takes its place" % why)
    return LikeSendmail(ruad)


def test_deliver(tap, box):
    """Reports are stored and delivered, other mail is delivered."""
    ruad = ruadtest.Ruad(box).start()
    mails = gen.reports("sendmail", 40)
    mail_server = server(tap, box, ruad)
    codes = [mail_server.send(m.sender, [RUA], m.data) for m in mails]
    tap.equal(codes, [250] * 40, "40 reports are accepted")
    tap.equal(mail_server.send(ANNA, [OTHER], gen.ordinary(1, 1)[0]), 250,
              "an ordinary mail is accepted")
    ruadtest.check_store(tap, ruad.store, mails, "sendmail")
    tap.equal(sorted(mail_server.recipients(41)), [OTHER] + [RUA] * 40,
              "all are delivered")
    before = ruadtest.dump(ruad.store)
    codes = [mail_server.send(m.sender, [RUA], m.data) for m in mails[:9]]
    tap.equal(codes, [250] * 9, "again: accepted")
    tap.ok(ruadtest.dump(ruad.store) == before, "again: nothing changes")
    lines = ruad.report_lines()
    tap.equal(len([x for x in lines if "report=stored" in x]), 40,
              "a log line for each")
    tap.ok(all(x.partition(": report=")[0].split()[-1].isalnum()
               for x in lines), "with a queue id", lines[:1])


def test_discard(tap, box):
    """Only our recipients lose the mail."""
    ruad = ruadtest.Ruad(box, after_store="discard").start()
    mail_server = server(tap, box, ruad)
    mails = gen.reports("sendmail-discard", 3)
    tap.equal([mail_server.send(mails[0].sender, [RUA], mails[0].data),
               mail_server.send(mails[1].sender, [OTHER, RUA], mails[1].data),
               mail_server.send("", [RUA, OTHER], mails[2].data)],
              [250] * 3, "three mails are accepted")
    tap.equal(mail_server.recipients(2), [OTHER, OTHER],
              "the other recipient gets two")
    ruadtest.check_store(tap, ruad.store, mails, "discard")


def test_trouble(tap, box):
    """4xx must stay 4xx: Sendmail makes a 554 of a reply with a percent sign
    in it."""
    ruad = ruadtest.Ruad(box, busy_timeout="300ms").start()
    mail_server = server(tap, box, ruad)
    mails = gen.reports("sendmail-trouble", 3)
    tap.equal(mail_server.send(ANNA, [RUA], mails[0].data), 250, "before")
    with ruadtest.Locker(ruad.store):
        code = mail_server.send(ANNA, [RUA], mails[1].data)
        tap.equal(code, 451, "a locked store: 451")
    tap.equal(mail_server.send(ANNA, [RUA], mails[1].data), 250, "after it")
    if isinstance(mail_server, Real):
        ruad.kill()
        code = mail_server.send(ANNA, [RUA], mails[2].data)
        tap.equal(code // 100, 4, "ruad is gone: 4xx")
        ruad.start()
    tap.equal(mail_server.send(ANNA, [RUA], mails[2].data), 250, "back again")
    ruadtest.check_store(tap, ruad.store, mails, "trouble")


def test_protocol_2(tap, box):
    """A Sendmail from before 8.14: no DATA command, every step has a reply."""
    ruad = ruadtest.Ruad(box, after_store="discard").start()
    mails = gen.reports("sendmail-old", 3)
    with milter.MilterClient(ruad.socket, version=2, actions=0x1f) as c:
        c.open()
        tap.equal(c.send(mails[0].data).code, 250, "a report")
        v = c.send(mails[1].data, [RUA, OTHER])
        tap.equal((v.code, v.verdict != "discard",
                   [r.strip("<>") for r in milter.deleted_recipients(v)]),
                  (250, True, [RUA]), "two recipients: ours is deleted")
        v = c.send(gen.ordinary(1, 1)[0], [OTHER])
        tap.equal((v.code, v.actions), (250, []), "an ordinary mail")
        c.head("a@b.example", [RUA])
        c.content(mails[2].data)
        tap.equal(c.eom(b"\r\nlast piece").code, 250,
                  "a piece of body with the end of message")
    ruadtest.check_store(tap, ruad.store, mails, "protocol 2")


ruadtest.main(test_deliver, test_discard, test_trouble, test_protocol_2)
