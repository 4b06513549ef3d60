#!/usr/bin/python3 -B
"""metrics_socket: what the daemon tells Prometheus, over a unix socket and over
the loopback interface."""
import os
import re
import socket
import stat
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import milter
import ruadtest

ruadtest.need_root()


def send(ruad, data):
    with milter.MilterClient(ruad.socket) as c:
        return c.open().send(data)


def ask(spec, path="/metrics", method="GET"):
    """(status, head, body)"""
    with ruadtest.connect(spec) as s:
        s.sendall(("%s %s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n" %
                   (method, path)).encode())
        data = b""
        while True:
            more = s.recv(65536)
            if not more:
                break
            data += more
    head, _, body = data.decode().partition("\r\n\r\n")
    return int(head.split()[1]), head, body


def numbers(spec):
    """{name with label: value}"""
    status, _, body = ask(spec)
    if status != 200:
        raise RuntimeError("status %d" % status)
    return {name: float(value) for name, value in re.findall(
        r"^([a-z_]+(?:{[^}]*})?) (\S+)$", body, re.M)}


def test_numbers(tap, box):
    """What happens to mails is counted."""
    path = box.path("ruad", "metrics")
    spec = "unix:" + path
    ruad = ruadtest.Ruad(box, metrics_socket=spec, max_message_bytes="100k").start()
    tap.equal(stat.S_IMODE(os.stat(path).st_mode), 0o660, "mode of the socket")
    n = numbers(spec)
    tap.equal((n['ruad_mails_total{outcome="stored"}'],
               n["ruad_commits_total"], n["ruad_store_readable"]), (0, 0, 1),
              "nothing yet")
    mails = gen.reports("metrics", 3)
    for mail in mails + mails[:1]:
        send(ruad, mail.data)
    send(ruad, b"From: a@b.example\r\nSubject: x\r\n\r\nno report\r\n")
    send(ruad, b"From: a@b.example\r\nSubject: x\r\n\r\n" + b"x\r\n" * 60000)
    n = numbers(spec)
    for name, value in (
            ('ruad_mails_total{outcome="stored"}', 3),
            ('ruad_mails_total{outcome="duplicate"}', 1),
            ('ruad_mails_total{outcome="error"}', 0),
            ('ruad_mails_refused_total{code="LIMIT_SIZE"}', 1),
            ("ruad_commit_mails_total", 6), ("ruad_queue_length", 0),
            ("ruad_queue_full_total", 0), ("ruad_commits_failed_total", 0),
            ("ruad_mails_at_end", 0), ("ruad_quarantine", 2),
            ("ruad_commit_mails_max", 1)):
        tap.equal(n.get(name), value, name)
    tap.equal(sum(v for k, v in n.items() if k.startswith("ruad_reports{")), 3,
              "and the numbers of the store")
    tap.ok(0 < n["ruad_commit_seconds_max"] <= n["ruad_commit_seconds_total"],
           "the time of commits")
    tap.ok(n["ruad_memory_max_bytes"] > 0, "the bound of memory")
    with ruadtest.Locker(ruad.store):
        tap.equal(numbers(spec)["ruad_store_readable"], 1,
                  "a writer does not keep us from reading")
    tap.equal(ruad.stop(), 0, "it stops")
    tap.ok(not os.path.exists(path), "and removes its socket")


def test_http(tap, box):
    """Only what there is."""
    port = ruadtest.free_port()
    spec = "inet:%d@127.0.0.1" % port
    ruad = ruadtest.Ruad(box, metrics_socket=spec).start()
    status, head, body = ask(spec)
    tap.equal(status, 200, "/metrics")
    tap.match(r"^Content-Type: text/plain; version=0\.0\.4", head, "its type")
    status, _, body = ask(spec, method="HEAD")
    tap.equal((status, body), (200, ""), "HEAD")
    tap.equal(ask(spec, "/")[0], 404, "another path")
    tap.equal(ask(spec, "/metrics", "POST")[0], 405, "another method")
    with ruadtest.connect(spec) as s:
        s.sendall(b"\x00\xff\r\n\r\n" * 100)
    tap.equal(ask(spec)[0], 200, "what is no HTTP does no harm")
    idle = [ruadtest.connect(spec) for _ in range(20)]
    tap.equal(send(ruad, gen.reports("http", 1)[0].data).code, 250,
              "many who ask do not disturb mail")
    for s in idle:
        s.close()
    tap.equal(ruadtest.wait_for(lambda: ask(spec)[0] == 200), True,
              "and when they are gone, others are answered")
    tap.equal(ruad.stop(), 0, "it stops")


def test_sockets(tap, box):
    """A socket of a dead daemon is replaced; one in use, and one that others
    could reach, are refused."""
    path = box.path("ruad", "metrics")
    ruad = ruadtest.Ruad(box, metrics_socket="unix:" + path).start()
    ruad.kill()
    tap.ok(os.path.exists(path), "killed, it leaves its socket")
    ruad.start()
    tap.equal(ask("unix:" + path)[0], 200, "which the next one replaces")
    tap.equal(ruad.stop(), 0, "it stops")
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(path)
        os.chmod(path, 0o777)
        other.listen(1)
        run = subprocess.run(ruad.command(), capture_output=True, text=True,
                             timeout=60 * ruadtest.SLOW)
        tap.equal(run.returncode, 75, "in use: status 75")
        tap.match("metrics_socket .*in use", run.stderr, "says so")
    for bad in ("inet:9100@0.0.0.0", "inet:9100", "inet:9100@192.0.2.1",
                "inet6:9100@::", "unix:metrics", "http://x"):
        ruad.write_conf(metrics_socket=bad)
        run = subprocess.run([*ruad.command(), "-t"], capture_output=True,
                             text=True)
        tap.equal(run.returncode, 2, bad + ": refused")
        tap.match(r"metrics_socket.*127\.0\.0\.1", run.stderr,
                  bad + ": says what is allowed")


ruadtest.main(test_numbers, test_http, test_sockets)
