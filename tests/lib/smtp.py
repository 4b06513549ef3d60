"""smtp - mail clients for the tests: parallel senders that try again as real
ones do, and a session by hand for what smtplib does not offer."""
import collections
import queue
import smtplib
import socket
import threading
import time

import ruadtest

Outcome = collections.namedtuple("Outcome", "accepted deferred refused tries")


class Sender:
    """Send (sender, recipients, bytes) jobs over parallel SMTP sessions.

    After a 4xx reply or a lost connection a job is tried again later over a
    new session, until `deadline` seconds have passed; retry=False: never."""

    def __init__(self, port, jobs, sessions=20, per_session=10, retry=True,
                 pause=0.2, deadline=240, options=(), timeout=90):
        self.port, self.sessions, self.per_session = port, sessions, per_session
        self.retry, self.pause, self.options = retry, pause, list(options)
        self.timeout = timeout * ruadtest.SLOW
        self.end = time.monotonic() + deadline * ruadtest.SLOW
        self.todo = queue.Queue()
        for n, job in enumerate(jobs):
            self.todo.put((0.0, n, job))
        self.open = self.todo.qsize()
        self.lock = threading.Lock()
        self.accepted, self.refused = set(), {}
        self.deferred = []  # every temporary failure: (job number, reply)
        self.tries = 0

    def settle(self, n, store):
        with self.lock:
            store(n)
            self.open -= 1

    def defer(self, n, job, reply):
        with self.lock:
            self.deferred.append((n, reply))
            again = self.retry and time.monotonic() < self.end
            self.open -= not again
        if again:
            self.todo.put((time.monotonic() + self.pause, n, job))

    def take(self):
        """The next job that is due, or None when all are settled."""
        while True:
            with self.lock:
                if self.open <= 0:
                    return None
            try:
                due, n, job = self.todo.get(timeout=0.1)
            except queue.Empty:
                continue
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(min(wait, 1))
            return n, job

    def send(self, client, n, job):
        """True when the session can go on."""
        sender, recipients, data = job
        with self.lock:
            self.tries += 1
        try:
            client.sendmail(sender, recipients, data, self.options)
        except smtplib.SMTPRecipientsRefused as e:
            reply = list(e.recipients.values())[0]
        except smtplib.SMTPResponseException as e:
            reply = (e.smtp_code, e.smtp_error)
        except (smtplib.SMTPServerDisconnected, OSError) as e:
            self.defer(n, job, (0, str(e).encode()))
            return False
        else:
            self.settle(n, self.accepted.add)
            return True
        if reply[0] >= 500:
            self.settle(n, lambda n: self.refused.update({n: reply}))
            return True
        self.defer(n, job, reply)
        return False

    def session(self):
        while (first := self.take()) is not None:
            try:
                client = smtplib.SMTP("127.0.0.1", self.port,
                                      "client.example", self.timeout)
            except (smtplib.SMTPException, OSError) as e:
                self.defer(*first, (0, str(e).encode()))
                time.sleep(self.pause)
                continue
            job, left = first, self.per_session
            while job is not None:
                left -= 1
                if not self.send(client, *job) or left == 0:
                    break
                job = self.take()
            try:
                client.quit()
            except (smtplib.SMTPException, OSError):
                client.close()

    def run(self):
        threads = [threading.Thread(target=self.session, daemon=True)
                   for _ in range(self.sessions)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        return Outcome(self.accepted, self.deferred, self.refused, self.tries)


def send_all(port, jobs, **kw):
    return Sender(port, jobs, **kw).run()


def job(mail, *recipients):
    """A report mail of gen.py as a job."""
    return (mail.sender, list(recipients) or ["rua@reports.test.example"],
            mail.data)


def send_one(port, data, recipients, sender="anna@sender.example",
             options=()):
    """(code, text) of the last reply to one mail, sent once."""
    with Session(port) as s:
        return s.mail(sender, recipients, data, options)


class Session:
    """An SMTP session by hand."""

    def __init__(self, port, timeout=90, host="127.0.0.1"):
        self.sock = socket.create_connection((host, port),
                                             timeout * ruadtest.SLOW)
        self.file = self.sock.makefile("rb")
        self.read()
        self.features = self.command("EHLO client.example")[1]

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        try:
            self.command("QUIT")
        except OSError:
            pass
        self.close()

    def close(self):
        self.file.close()
        self.sock.close()

    def read(self):
        """(code, text) of one reply; code 0 when the peer hung up."""
        text = []
        while True:
            line = self.file.readline()
            if not line:
                return 0, "connection closed"
            text.append(line[4:].decode("utf-8", "replace").strip())
            if line[3:4] != b"-":
                return int(line[:3]), "\n".join(text)

    def command(self, line):
        if isinstance(line, str):
            line = line.encode()
        self.sock.sendall(line + b"\r\n")
        return self.read()

    def envelope(self, sender, recipients, options=()):
        """The first reply that is no 2xx, else None."""
        words = "".join(" " + o for o in options)
        reply = self.command("MAIL FROM:<%s>%s" % (sender, words))
        if reply[0] // 100 != 2:
            return reply
        for r in recipients:
            reply = self.command("RCPT TO:<%s>" % r)
            if reply[0] // 100 != 2:
                return reply
        return None

    def mail(self, sender, recipients, data, options=()):
        """One mail by DATA; the reply that settles it."""
        reply = self.envelope(sender, recipients, options)
        if reply is None:
            reply = self.command("DATA")
            if reply[0] == 354:
                self.sock.sendall(stuff(data) + b".\r\n")
                return self.read()
        if reply[0]:
            self.command("RSET")
        return reply

    def bdat(self, sender, recipients, chunks, options=()):
        """One mail by BDAT (RFC 3030), in the given chunks."""
        reply = self.envelope(sender, recipients, options)
        if reply is not None:
            self.command("RSET")
            return reply
        for n, chunk in enumerate(chunks, 1):
            last = b" LAST" if n == len(chunks) else b""
            self.sock.sendall(b"BDAT %d%s\r\n" % (len(chunk), last) + chunk)
            reply = self.read()
            if reply[0] // 100 != 2:
                break
        return reply


def stuff(data):
    """Double the dots at line starts; end with CRLF (RFC 5321 4.5.2)."""
    if not data.endswith(b"\r\n"):
        data += b"\r\n"
    if data.startswith(b"."):
        data = b"." + data
    return data.replace(b"\r\n.", b"\r\n..")
