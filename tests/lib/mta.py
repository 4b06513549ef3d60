"""mta - private, throw-away mail servers on 127.0.0.1: Postfix as installed,
Sendmail unpacked from its Debian packages. Nothing they take leaves the host,
and no file outside the box is written but the cache of the packages."""
import email.parser
import functools
import glob
import os
import pwd
import shutil
import subprocess
import time

import ruadtest

HERE = os.path.dirname(os.path.abspath(__file__))

MAIN_CF = """\
compatibility_level = 3.6
config_directory = {dir}/etc
queue_directory = {dir}/queue
data_directory = {dir}/data
maillog_file = {dir}/mail.log
maillog_file_prefixes = {dir}
mail_owner = postfix
setgid_group = postdrop
myhostname = mx.test.example
mydomain = test.example
myorigin = test.example
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
mydestination =
relay_domains =
local_recipient_maps =
local_header_rewrite_clients =
alias_maps =
alias_database =
append_dot_mydomain = no
biff = no
disable_dns_lookups = yes
smtpd_peername_lookup = no
virtual_mailbox_domains = test.example, reports.test.example, \
all.test.example, xn--bcher-kva.example
virtual_mailbox_base = {dir}/mail
virtual_mailbox_maps = static:all/
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
virtual_mailbox_limit = 0
message_size_limit = 60000000
default_transport = discard:
relay_transport = discard:
local_transport = discard:
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_error_sleep_time = 0
smtpd_soft_error_limit = 1000
smtpd_hard_error_limit = 1000
in_flow_delay = 0
queue_minfree = 0
smtpd_milters = {milters}
non_smtpd_milters =
milter_default_action = tempfail
milter_connect_timeout = 10s
milter_command_timeout = 30s
milter_content_timeout = 300s
"""

MASTER_CF = """\
127.0.0.1:{port} inet n - {chroot} - 60 smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""


class Delivered:
    """A mail in a mailbox."""

    def __init__(self, path):
        with open(path, "rb") as f:
            self.data = f.read().replace(b"\r\n", b"\n")
        self.header = email.parser.BytesHeaderParser().parsebytes(self.data)

    @property
    def recipient(self):
        return str(self.header["Delivered-To"] or "")

    def ends_with(self, sent):
        """What was sent follows the fields that the server put in front."""
        return self.data.endswith(b"\n" + sent.replace(b"\r\n", b"\n"))


class Postfix:
    """A whole Postfix: mail for its domains is put into one mailbox, one file
    for each recipient; all other mail is discarded."""

    def __init__(self, box, name="postfix", milters="", chroot=False,
                 **settings):
        self.box, self.dir = box, box.subdir(name)
        self.conf = os.path.join(self.dir, "etc")
        self.chroot, self.settings = chroot, settings
        self.milters, self.port = milters, 0
        nobody = pwd.getpwnam("nobody")
        for sub, owner, mode in (
                ("etc", "root", 0o755), ("queue", "root", 0o755),
                ("data", "postfix", 0o700), ("mail", "nobody", 0o700)):
            os.makedirs(os.path.join(self.dir, sub))
            shutil.chown(os.path.join(self.dir, sub), owner)
            os.chmod(os.path.join(self.dir, sub), mode)
        # Postfix gets at a socket in here by the group, in a chroot or not.
        self.socket_dir = os.path.join(self.dir, "queue", "ruad")
        os.makedirs(self.socket_dir)
        shutil.chown(self.socket_dir, "nobody", "postfix")
        os.chmod(self.socket_dir, 0o2750)
        self.uid, self.gid = nobody.pw_uid, nobody.pw_gid
        box.logs.append(os.path.join(self.dir, "mail.log"))
        box.callback(self.stop)

    def run(self, *command, check=True):
        env = dict(os.environ, LC_ALL="C",
                   PATH="/usr/sbin:/usr/bin:/sbin:/bin")
        run = subprocess.run([command[0], "-c", self.conf, *command[1:]],
                             env=env, stdin=subprocess.DEVNULL,
                             capture_output=True, text=True)
        if check and run.returncode != 0:
            raise RuntimeError("%s: %s%s" % (" ".join(command), run.stderr,
                                             self.log()[-500:]))
        return run

    def configure(self):
        with open(os.path.join(self.conf, "main.cf"), "w") as f:
            f.write(MAIN_CF.format(dir=self.dir, milters=self.milters,
                                   uid=self.uid, gid=self.gid))
        with open(os.path.join(self.conf, "master.cf"), "w") as f:
            f.write(MASTER_CF.format(port=self.port,
                                     chroot="y" if self.chroot else "n"))
        if self.chroot:
            etc = os.path.join(self.dir, "queue", "etc")
            os.makedirs(etc, exist_ok=True)
            for name in ("services", "hosts", "nsswitch.conf"):
                if os.path.exists("/etc/" + name):
                    shutil.copy("/etc/" + name, etc)
        for name, value in self.settings.items():
            self.run("postconf", "-e", "%s=%s" % (name, value))

    def start(self):
        """Returns when the socket listens: postfix start waits for that."""
        for attempt in range(3):
            self.port = ruadtest.free_port()
            self.configure()
            try:
                self.run("postfix", "start")
                return self
            except RuntimeError:
                if attempt == 2:
                    raise
                self.stop()
        return self

    def stop(self):
        pid = self.master_pid()
        if pid is None:
            return
        self.run("postfix", "stop", check=False)
        if not ruadtest.wait_for(lambda: not alive(pid), 10, 0.1):
            os.kill(pid, 9)

    def master_pid(self):
        try:
            with open(os.path.join(self.dir, "queue/pid/master.pid")) as f:
                pid = int(f.read())
            return pid if alive(pid) else None
        except (OSError, ValueError):
            return None

    def set_milters(self, milters):
        """Running smtpd processes keep the old value: start anew."""
        self.stop()
        self.milters = milters
        self.start()

    def log(self):
        try:
            with open(os.path.join(self.dir, "mail.log"),
                      errors="replace") as f:
                return f.read()
        except FileNotFoundError:
            return ""

    def delivered(self, count=0):
        """The mails in the mailbox, once there are `count` and the queue is
        empty."""
        new = os.path.join(self.dir, "mail/all/new")
        ruadtest.wait_for(lambda: len(glob.glob(new + "/*")) >= count and
                          self.queue_empty(), 60, 0.1)
        return [Delivered(p) for p in sorted(glob.glob(new + "/*"))]

    def empty_mailbox(self):
        self.delivered()
        shutil.rmtree(os.path.join(self.dir, "mail/all"), ignore_errors=True)

    def queue_empty(self):
        for sub in ("incoming", "active", "maildrop", "deferred"):
            for _, _, files in os.walk(os.path.join(self.dir, "queue", sub)):
                if files:
                    return False
        return True


def pair(box, chroot=False, name="ruad", **options):
    """A Postfix and a ruad joined by a unix socket in the queue directory,
    reached through its group as the manual recommends."""
    postfix = Postfix(box, milters="unix:ruad/sock", chroot=chroot)
    ruad = ruadtest.Ruad(
        box, name, socket="unix:" + os.path.join(postfix.socket_dir, "sock"),
        socket_group="postfix", socket_mode="0660", **options)
    ruad.start()
    return postfix.start(), ruad


def alive(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


SENDMAIL_MC = """\
divert(0)dnl
VERSIONID(`private test')dnl
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `mx.test.example')dnl
define(`QUEUE_DIR', `{dir}/queue')dnl
define(`confPID_FILE', `{dir}/sendmail.pid')dnl
define(`STATUS_FILE', `{dir}/statistics')dnl
define(`ALIAS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`confSERVICE_SWITCH_FILE', `{dir}/switch')dnl
define(`confHOSTS_FILE', `/etc/hosts')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`confTO_IDENT', `0')dnl
define(`confTO_ICONNECT', `5s')dnl
define(`confDONT_BLAME_SENDMAIL', `GroupWritableDirPathSafe,\
RunProgramInUnsafeDirPath,NonRootSafeAddr,TrustStickyBit')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confMILTER_LOG_LEVEL', `9')dnl
define(`confDELIVERY_MODE', `background')dnl
define(`confPRIVACY_FLAGS', `')dnl
define(`confMAX_MESSAGE_SIZE', `60000000')dnl
define(`confREFUSE_LA', `500')dnl
define(`confQUEUE_LA', `500')dnl
define(`confDELAY_LA', `0')dnl
define(`confMAX_DAEMON_CHILDREN', `0')dnl
FEATURE(`nocanonify')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`promiscuous_relay')dnl
DAEMON_OPTIONS(`Port={port}, Addr=127.0.0.1, Family=inet, Name=MTA')dnl
INPUT_MAIL_FILTER(`ruad', `S={socket}, F=T, T=C:10s;S:30s;R:30s;E:5m')dnl
MAILER_DEFINITIONS
Mbox, P={dir}/deliver, F=lsDFMqSPhn9, S=0, R=0, T=DNS/RFC822/X-Unix, \
U=65534:65534, A=deliver $u
Msink, P=/bin/true, F=lsDFMqSPhn9, S=0, R=0, T=DNS/RFC822/X-Unix, \
U=65534:65534, A=true
LOCAL_RULE_0
R$+ < @ $+ . test . example . >\t$#box $@ box $: $1@$2
R$+ < @ $+ . test . example >\t$#box $@ box $: $1@$2
R$*\t$#sink $@ sink $: $1
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

DELIVER = """\
#!/bin/sh
umask 022
{{ printf 'Delivered-To: %s.test.example\\n' "$1"; cat; }} \\
    > "{dir}/mail/$(date +%s.%N).$$"
"""


def sendmail_cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "ruad-tests", "sendmail")


@functools.lru_cache(maxsize=1)
def fetch_sendmail():
    """The directory of the unpacked packages, or (None, why not). They cannot
    be installed beside Postfix, but run from where they are unpacked."""
    root = sendmail_cache()
    program = os.path.join(root, "usr/libexec/sendmail/sendmail")
    if os.path.exists(os.path.join(root, "complete")):
        return root, ""
    shutil.rmtree(root, ignore_errors=True)
    try:
        os.makedirs(root)
        for command in (
                ["apt-get", "download", "sendmail-bin", "sendmail-cf",
                 "libwrap0", "libdb5.3", "libldap-2.5-0", "libsasl2-2",
                 "libnsl2", "liblockfile1", "libtirpc3"],
                ["sh", "-c", "for d in *.deb; do dpkg -x $d . || exit 1;"
                 " rm $d; done"],
                ["cc", "-shared", "-fPIC", "-O2", "-o", "logpre.so",
                 os.path.join(HERE, "logpre.c")]):
            run = subprocess.run(command, cwd=root, capture_output=True,
                                 text=True, timeout=120)
            if run.returncode != 0:
                return None, " ".join(command[:2]) + ": " + \
                    (run.stderr.strip().splitlines() or ["failed"])[-1]
        # The loader ignores LD_PRELOAD for a program that is setgid.
        os.chmod(program, 0o755)
        run = subprocess.run(["ldd", program], capture_output=True,
                             text=True, env=library_env(root))
        if "not found" in run.stdout:
            return None, "a library of sendmail is missing"
        open(os.path.join(root, "complete"), "w").close()
        return root, ""
    except (OSError, subprocess.TimeoutExpired) as e:
        return None, str(e)


def library_env(root, **more):
    dirs = glob.glob(root + "/lib/*-linux-gnu") + \
        glob.glob(root + "/usr/lib/*-linux-gnu")
    return dict(os.environ, LD_LIBRARY_PATH=":".join(dirs), LC_ALL="C",
                **more)


class Sendmail:
    """A private Sendmail, with its filter set to fail temporarily (F=T)."""

    def __init__(self, box, root, socket, name="sendmail"):
        self.root, self.dir, self.port = root, box.subdir(name), 0
        self.socket = socket
        for sub, owner, mode in (("queue", "root", 0o700),
                                 ("mail", "nobody", 0o755)):
            os.makedirs(os.path.join(self.dir, sub))
            shutil.chown(os.path.join(self.dir, sub), owner)
            os.chmod(os.path.join(self.dir, sub), mode)
        self.log_path = os.path.join(self.dir, "mail.log")
        open(self.log_path, "w").close()
        os.chmod(self.log_path, 0o666)
        box.logs.append(self.log_path)
        box.callback(self.stop)

    def configure(self):
        self.port = ruadtest.free_port()
        deliver = os.path.join(self.dir, "deliver")
        with open(deliver, "w") as f:
            f.write(DELIVER.format(dir=self.dir))
        os.chmod(deliver, 0o755)
        with open(os.path.join(self.dir, "switch"), "w") as f:
            f.write("hosts\tfiles\naliases\tfiles\npasswd\tfiles\n")
        mc = os.path.join(self.dir, "test.mc")
        with open(mc, "w") as f:
            text = SENDMAIL_MC
            for name in ("dir", "port", "socket"):
                text = text.replace("{%s}" % name, str(getattr(self, name)))
            f.write(text)
        macros = os.path.join(self.root, "usr/share/sendmail/cf")
        with open(os.path.join(self.dir, "test.cf"), "w") as f:
            subprocess.run(["m4", "-D_CF_DIR_=%s/" % macros, "m4/cf.m4", mc],
                           cwd=macros, stdout=f, stderr=subprocess.DEVNULL,
                           check=True)

    def start(self):
        self.configure()
        env = library_env(self.root, LOGPRE=self.log_path,
                          LD_PRELOAD=os.path.join(self.root, "logpre.so"))
        run = subprocess.run(
            [os.path.join(self.root, "usr/libexec/sendmail/sendmail"), "-C",
             os.path.join(self.dir, "test.cf"), "-bd", "-q1h", "-L", "smtest"],
            env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        if run.returncode != 0:
            raise RuntimeError("sendmail: " + run.stdout)
        if not ruadtest.wait_for(lambda: ruadtest.can_connect(
                "inet:%d@127.0.0.1" % self.port), 20):
            raise RuntimeError("sendmail does not listen")
        return self

    def stop(self):
        try:
            with open(os.path.join(self.dir, "sendmail.pid")) as f:
                pid = int(f.readline())
        except (OSError, ValueError):
            return
        if alive(pid):
            os.kill(pid, 15)
            if not ruadtest.wait_for(lambda: not alive(pid), 10, 0.1):
                os.kill(pid, 9)

    def delivered(self, count=0):
        pattern = os.path.join(self.dir, "mail/*")
        ruadtest.wait_for(lambda: len(glob.glob(pattern)) >= count, 30, 0.1)
        time.sleep(0.2)
        return [Delivered(p) for p in sorted(glob.glob(pattern))]
