"""dnszone - an authoritative DNS server, Debian's Knot, with zones of ours on a
free port of 127.0.0.1."""
import os
import shutil
import socket
import subprocess
import time

import ruadtest

PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
KNOTD = shutil.which("knotd", path=PATH)
KEYMGR = shutil.which("keymgr", path=PATH)
HEAD = ("$TTL 3600\n@ SOA ns. host. 1 3600 600 86400 300\n@ NS ns.\n")


def txt(text):
    """A text as the strings of a TXT record in a zone file."""
    parts = [text[i:i + 255] for i in range(0, len(text), 255)] or [""]
    return "TXT " + " ".join('"%s"' % p.replace("\\", "\\\\").replace(
        '"', '\\"') for p in parts)


class Server:
    """Zones: {name: lines}; signed ones and ones that fail are named."""

    def __init__(self, box, zones, signed=(), failing=(), name="knot"):
        self.dir = box.subdir(name)
        self.port = ruadtest.free_port()
        self.process = None
        self.zones = {}
        conf = ['server:\n  rundir: "%s"\n  listen: 127.0.0.1@%d\n'
                '  udp-workers: 1\n  tcp-workers: 1\n'
                '  background-workers: 1\n'
                'log:\n  - target: stderr\n    any: warning\n'
                'database:\n  storage: "%s"\n'
                'policy:\n  - id: ours\n    algorithm: ecdsap256sha256\n'
                '    single-type-signing: on\nzone:\n' %
                (self.dir, self.port, self.dir)]
        for zone, lines in zones.items():
            path = os.path.join(self.dir, "zone-" + zone)
            self.zones[zone] = path
            self.write(zone, lines)
            conf.append('  - domain: "%s"\n    file: "%s"\n' % (zone, path))
            if zone in signed:
                conf.append("    dnssec-signing: on\n"
                            "    dnssec-policy: ours\n"
                            "    zonefile-sync: -1\n"
                            "    journal-content: none\n")
        for zone in failing:  # answers SERVFAIL: it has no file
            conf.append('  - domain: "%s"\n    file: "%s/none"\n' %
                        (zone, self.dir))
        self.conf = os.path.join(self.dir, "knot.conf")
        with open(self.conf, "w") as f:
            f.write("".join(conf))
        self.log = os.path.join(self.dir, "log")
        box.callback(self.stop)
        self.start()

    def write(self, zone, lines):
        with open(self.zones[zone], "w") as f:
            f.write(HEAD + "\n".join(lines) + "\n")

    def change(self, zone, lines):
        """Serve other data from now on."""
        self.stop()
        self.write(zone, lines)
        self.start()

    @property
    def address(self):
        return "127.0.0.1@%d" % self.port

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([KNOTD, "-c", self.conf],
                                            stdout=log, stderr=log)
        if not ruadtest.wait_for(self.answers):
            with open(self.log, errors="replace") as f:
                raise RuntimeError("knotd does not answer: " + f.read())

    def answers(self):
        """Whether the root zone is being served."""
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(0.5)
            # id 1, one question: . SOA IN
            s.sendto(b"\0\1\0\0\0\1\0\0\0\0\0\0\0\0\6\0\1",
                     ("127.0.0.1", self.port))
            try:
                return s.recv(512)[3] & 15 == 0
            except OSError:
                time.sleep(0.1)
                return False

    def key(self, zone):
        """The DNSKEY of a signed zone, without its owner."""
        def ask():
            run = subprocess.run([KEYMGR, "-c", self.conf, zone, "dnskey"],
                                 capture_output=True, text=True)
            return run.stdout.split(" ", 1)[1].strip() \
                if " DNSKEY " in run.stdout else ""
        return ruadtest.wait_for(ask)

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


class Silent:
    """A port that takes queries and never answers."""

    def __init__(self, box):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        box.callback(self.socket.close)
        self.address = "127.0.0.1@%d" % self.socket.getsockname()[1]
