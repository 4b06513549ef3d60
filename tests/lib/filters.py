"""filters - OpenDKIM and OpenDMARC as installed, in front of the filter under
test: they verify what arrives and add Authentication-Results. What they would
ask of DNS stands in a file, so that nothing leaves the host. Mails are signed
with OpenDKIM's own tool."""
import os
import shutil
import subprocess

import ruadtest

PROGRAMS = ("opendkim", "opendkim-testmsg", "opendmarc", "openssl")
AUTHSERV_ID = "mx.test.example"
SELECTOR = "s1"

# Clients on 127.0.0.1 are nobody special here.
OPENDKIM_CONF = """\
AuthservID {id}
Mode v
Socket local:{dir}/opendkim
UMask 000
InternalHosts 192.0.2.1
On-BadSignature accept
TestDNSData file:{home}/dkim.dns
Syslog no
"""

OPENDMARC_CONF = """\
AuthservID {id}
TrustedAuthservIDs {id}
Socket local:{dir}/opendmarc
UMask 000
IgnoreHosts {home}/ignored
RejectFailures false
SPFSelfValidate false
PublicSuffixList /usr/share/publicsuffix/public_suffix_list.dat
TestDNSData {home}/dmarc.dns
Syslog no
"""


class Filters:
    """Both filters, with sockets below the queue directory of a Postfix.

    `keys` are the domains that have a key to sign with; `policies` gives the
    DMARC record of those domains that have one."""

    def __init__(self, box, postfix, keys, policies):
        self.home = box.subdir("filters", 0o700)
        self.sockets = os.path.join(postfix.dir, "queue", "filters")
        os.makedirs(self.sockets)
        os.chmod(self.sockets, 0o755)
        self.processes = []
        box.callback(self.stop)
        self.key = os.path.join(self.home, "key.pem")
        public = self.make_key()
        self.write("dkim.dns", "".join(
            "%s._domainkey.%s v=DKIM1; k=rsa; p=%s\n" % (SELECTOR, d, public)
            for d in keys))
        self.write("dmarc.dns", "".join(
            "_dmarc.%s %s\n" % item for item in policies.items()))
        self.write("ignored", "192.0.2.1\n")
        for name, text in (("opendkim", OPENDKIM_CONF),
                           ("opendmarc", OPENDMARC_CONF)):
            self.write(name + ".conf", text.format(
                id=AUTHSERV_ID, dir=self.sockets, home=self.home))
        self.start("opendkim", "-f", "-x")
        self.start("opendmarc", "-f", "-c")

    def write(self, name, text):
        with open(os.path.join(self.home, name), "w") as f:
            f.write(text)

    def make_key(self):
        """The public half, as it stands in DNS."""
        for command in (["genrsa", "-out", self.key, "2048"],
                        ["rsa", "-in", self.key, "-pubout",
                         "-out", self.key + ".pub"]):
            subprocess.run(["openssl", *command], check=True,
                           capture_output=True)
        with open(self.key + ".pub") as f:
            return "".join(line.strip() for line in f if line[0] != "-")

    def start(self, name, *options):
        path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
        command = [shutil.which(name, path=path), *options,
                   os.path.join(self.home, name + ".conf")]
        self.processes.append(subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, text=True))
        if not ruadtest.wait_for(lambda: ruadtest.can_connect(
                "unix:%s/%s" % (self.sockets, name)), 20):
            self.stop()
            raise RuntimeError("%s does not listen: %s" % (
                name, self.processes[-1].stderr.read()))

    def stop(self):
        """At once: asked to end, they would wait some seconds for mail."""
        for process in self.processes:
            process.kill()
            process.wait()

    def sign(self, data, domain):
        """The mail, with a signature of `domain` on top."""
        run = subprocess.run(
            ["opendkim-testmsg", "-C", "-d", domain, "-s", SELECTOR, "-k",
             self.key, "-t", self.home], input=data, capture_output=True)
        if run.returncode != 0 or not run.stdout.startswith(b"DKIM-Sig"):
            raise RuntimeError("opendkim-testmsg: %r" % run.stderr)
        return run.stdout
