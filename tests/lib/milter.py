"""milter - the mail server's side of the milter protocol, for what no mail
server can be brought to do: other protocol versions, odd macros, aborts and
lost connections at any point, bodies cut anywhere.

A packet is a 32-bit length, a command letter and data (strings end in NUL).
Version 6 is spoken by Postfix and by Sendmail since 8.14, version 2 by older
ones: it knows no DATA command and no wish to go without replies."""
import collections
import struct

import ruadtest

NOCONNECT, NOHELO, NOMAIL, NORCPT, NOBODY, NOHDRS, NOEOH = (
    1 << n for n in range(7))
NR_HDR, NOUNKNOWN, NODATA, SKIP, RCPT_REJ = (1 << n for n in range(7, 12))
NR_CONN, NR_HELO, NR_MAIL, NR_RCPT, NR_DATA, NR_UNKN, NR_EOH, NR_BODY, \
    HDR_LEADSPC = (1 << n for n in range(12, 21))

ALL_ACTIONS, ALL_STEPS = 0x1ff, 0x1fffff
V2_ACTIONS, V2_STEPS = 0x3f, 0x7f
CHUNK = 65535

# verdict: accept, continue, reject, tempfail, discard, skip, reply
# code: the SMTP code that a client would see, text: that of a reply
# actions: what was asked for before it, as (letter, data)
Verdict = collections.namedtuple("Verdict", "verdict code text actions")

LETTERS = {b"c": ("continue", 250), b"a": ("accept", 250),
           b"r": ("reject", 550), b"t": ("tempfail", 451),
           b"d": ("discard", 250), b"s": ("skip", 250)}
STAGES = {"connect": b"C", "helo": b"H", "mail": b"M", "rcpt": b"R",
          "data": b"T", "header": b"L", "eoh": b"N", "body": b"B",
          "eom": b"E"}


class Gone(Exception):
    """The milter closed the connection."""


def zstr(*words):
    return b"".join((w if isinstance(w, bytes) else w.encode()) + b"\0"
                    for w in words)


class MilterClient:
    def __init__(self, spec, version=6, actions=None, steps=None, timeout=90):
        self.sock = ruadtest.connect(spec, timeout * ruadtest.SLOW)
        self.version = version
        old = version < 6
        self.offered = (
            (V2_ACTIONS if old else ALL_ACTIONS) if actions is None
            else actions,
            (V2_STEPS if old else ALL_STEPS) if steps is None else steps)
        self.actions = self.steps = 0
        self.macro_lists = {}
        self.done = False  # the milter has settled this message

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.close()

    def close(self):
        self.sock.close()

    # packets

    def raw(self, data):
        self.sock.sendall(data)

    def packet(self, letter, data=b""):
        self.raw(struct.pack(">I", len(data) + 1) + letter + data)

    def exactly(self, count):
        data = b""
        while len(data) < count:
            try:
                more = self.sock.recv(count - len(data))
            except ConnectionError:
                more = b""
            if not more:
                raise Gone()
            data += more
        return data

    def receive(self):
        size, = struct.unpack(">I", self.exactly(4))
        data = self.exactly(size)
        return data[:1], data[1:]

    def verdict(self):
        actions = []
        while True:
            letter, data = self.receive()
            if letter in LETTERS:
                word, code = LETTERS[letter]
                return Verdict(word, code, "", actions)
            if letter == b"y":
                text = data.rstrip(b"\0").decode("latin-1")
                return Verdict("reply", int(text[:3]), text, actions)
            if letter != b"p":
                actions.append((letter, data))

    # stages

    def negotiate(self):
        self.packet(b"O", struct.pack(">III", self.version, *self.offered))
        letter, data = self.receive()
        if letter != b"O":
            raise AssertionError("no answer to the negotiation")
        version, self.actions, self.steps = struct.unpack(">III", data[:12])
        rest = data[12:]
        while len(rest) > 4:
            stage, = struct.unpack(">I", rest[:4])
            names, _, rest = rest[4:].partition(b"\0")
            self.macro_lists[stage] = names.decode()
        if self.actions & ~self.offered[0] or self.steps & ~self.offered[1]:
            raise AssertionError("asks for what was not offered: %x %x" %
                                 (self.actions, self.steps))
        return version

    def macros(self, stage, values):
        if values:
            flat = [w for pair in values.items() for w in pair]
            self.packet(b"D", STAGES[stage] + zstr(*flat))

    def step(self, stage, data, no=0, nr=0, macros=None):
        """One command, unless the milter does not want it; its verdict, None
        when there is none to wait for."""
        self.macros(stage, macros)
        if self.steps & no or self.done:
            return None
        self.packet(STAGES[stage], data)
        if self.steps & nr:
            return None
        v = self.verdict()
        # These end a message; after connect they end the whole session.
        if v.verdict in ("accept", "discard") or (
                v.code >= 400 and stage != "rcpt"):
            self.done = True
        return v

    def connect(self, host="client.example", address="192.0.2.7", port=2525,
                macros=None):
        data = zstr(host) + b"4" + struct.pack(">H", port) + zstr(address)
        return self.step("connect", data, NOCONNECT, NR_CONN, macros or
                         {"j": "mx.test.example", "{daemon_name}": "MTA"})

    def helo(self, name="client.example"):
        return self.step("helo", zstr(name), NOHELO, NR_HELO)

    def mail(self, *argv, macros=None):
        self.done = False
        return self.step("mail", zstr(*argv), NOMAIL, NR_MAIL, macros)

    def rcpt(self, *argv, macros=None):
        return self.step("rcpt", zstr(*argv), NORCPT, NR_RCPT, macros)

    def data(self, macros=None):
        if self.version < 4:
            return None
        return self.step("data", b"", NODATA, NR_DATA, macros)

    def header(self, name, value):
        if not self.steps & HDR_LEADSPC and value[:1] == b" ":
            value = value[1:]
        return self.step("header", zstr(name, value), NOHDRS, NR_HDR)

    def eoh(self, macros=None):
        return self.step("eoh", b"", NOEOH, NR_EOH, macros)

    def body(self, chunk):
        return self.step("body", chunk, NOBODY, NR_BODY)

    def eom(self, data=b"", macros=None):
        """End of message; `data` is a last piece of body sent along, as the
        protocol allows."""
        return self.step("eom", data, macros=macros)

    def abort(self):
        self.packet(b"A")
        self.done = False

    def quit(self):
        try:
            self.packet(b"Q")
        except OSError:
            pass
        self.close()

    # whole messages

    def open(self):
        self.negotiate()
        self.connect()
        self.helo()
        return self

    def head(self, sender, recipients, queue_id="4TEST1"):
        """MAIL to DATA; a verdict that settles the message, or None."""
        self.mail("<%s>" % sender, "SIZE=1000",
                  macros={"i": queue_id, "{mail_addr}": sender})
        for r in recipients:
            if self.done:
                return None
            self.rcpt("<%s>" % r, macros={"{rcpt_addr}": r, "i": queue_id})
        return self.data(macros={"i": queue_id})

    def content(self, message, chunk=CHUNK):
        """Header fields, as Postfix and Sendmail hand them over, and body."""
        for name, value in split_header(message):
            if self.done:
                return
            self.header(name, value)
        if not self.done:
            self.eoh()
        body = message.partition(b"\r\n\r\n")[2]
        for at in range(0, len(body), chunk):
            v = None if self.done else self.body(body[at:at + chunk])
            if self.done or (v is not None and v.verdict == "skip"):
                return

    def send(self, message, recipients=("rua@reports.test.example",),
             sender="dmarc-reports@bigmail.example", queue_id="4TEST1",
             chunk=CHUNK):
        """A whole message; the verdict that settles it."""
        v = self.head(sender, recipients, queue_id)
        if self.done:
            return v or Verdict("accept", 250, "", [])
        self.content(message, chunk)
        if self.done and self.version < 4:  # no DATA to settle it at
            return Verdict("accept", 250, "", [])
        if self.done:
            raise AssertionError("settled between DATA and end of message")
        v = self.eom(macros={"i": queue_id})
        self.done = False
        return v


def split_header(message):
    """[(name, value)]: lines of a folded value joined by LF, its first blank
    still there."""
    fields = []
    for line in message.partition(b"\r\n\r\n")[0].split(b"\r\n"):
        if line[:1] in (b" ", b"\t") and fields:
            name, value = fields[-1]
            fields[-1] = (name, value + b"\n" + line)
        elif line:
            name, _, value = line.partition(b":")
            fields.append((name, value))
    return fields


def deleted_recipients(verdict):
    return sorted(data.rstrip(b"\0").decode()
                  for letter, data in verdict.actions if letter == b"-")

