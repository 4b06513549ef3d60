#!/usr/bin/python3 -B
"""What bash completes for ruadctl: all that the program takes, and nothing
else."""
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import gen
import ruadtest
from ruadtest import ruadctl

SCRIPT = os.path.join(ruadtest.SRCDIR, "etc/ruadctl.bash")
# $1 is the script, $2 the program; behind them the words of the line, of which
# the last is the one to complete.
DRIVER = """
set -u
source "$1"; program=$2; shift 2
complete -p ruadctl >/dev/null || exit 9
COMP_WORDS=(ruadctl "$@")
COMP_CWORD=$#
_ruadctl "$program" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


def complete(*words, cwd=None, program=ruadtest.RUADCTL):
    run = subprocess.run(["bash", "--norc", "-c", DRIVER, "bash", SCRIPT,
                          program, *words], text=True, cwd=cwd,
                         capture_output=True)
    if run.returncode != 0 or run.stderr:
        raise RuntimeError("%s: %d %s" % (words, run.returncode, run.stderr))
    return sorted(w for w in run.stdout.split("\n") if w)


def commands():
    text = ruadctl("help").stdout.split("Commands:\n")[1].split("\n\n")[0]
    return re.findall(r"^  ([a-z]+) ", text, re.M)


def options(command):
    text = ruadctl("help", command).stdout.split("\nOptions:\n")[1]
    text = text.split("\n\n")[0]
    found = re.findall(r"(?<!\S)(--?[a-z-]+)", "\n".join(
        line[:26] for line in text.split("\n")), re.I)
    return sorted(set(found))


def test_commands(tap, box):
    """Commands, also behind options."""
    names = commands()
    tap.ok(len(names) > 15, "there are commands")
    tap.equal(complete(""), sorted(names), "all")
    tap.equal(complete("su"), ["summary"], "by its beginning")
    tap.equal(complete("report"), ["reporter", "reporters", "reports"],
              "several")
    tap.equal(complete("-d", "x.db", "-o", "json", "summ"), ["summary"],
              "behind options with values")
    tap.equal(complete("help", "time"), ["timeline"], "behind help")
    tap.equal(complete("nonsen"), [], "none")


def test_options(tap, box):
    """The options of each command, which it takes."""
    for name in commands():
        tap.equal(complete(name, "-"), options(name), name + ": options")
    tap.equal(complete("-"), options("version"), "the global ones")
    tap.equal(complete("summary", "--sou"), ["--source-ip"], "a beginning")


def test_values(tap, box):
    """Words that the program takes; a wrong one beside them it does not."""
    for command, option in (("summary", "--output"), ("summary", "-o"),
                            ("sources", "--by"), ("summary", "--disposition"),
                            ("summary", "--spf"), ("summary", "--dkim"),
                            ("summary", "--dmarc"), ("user", "--role")):
        words = complete(command, option, "")
        tap.ok(len(words) >= 3, option + " has words")
        for word in words + ["nonsense"]:
            run = ruadctl(command, option, word, "--help")
            tap.equal(run.returncode, 2 if word == "nonsense" else 0,
                      "%s %s" % (option, word))
        usage = ruadctl(command, option, "nonsense").stderr
        tap.equal([w for w in words if w not in usage], [],
                  option + ": those that the program names")
    with open(box.path("a store.db"), "w"):
        tap.equal(complete("-d", "a s", cwd=box.dir), ["a store.db"],
                  "names of files")
    tap.equal(complete("export", "--format", ""), ["xml"], "a report is xml")
    tap.equal(complete("summary", "--since", ""), [], "nothing for a time")
    # Where the value of an option counts as a word, all behind it is wrong.
    for name in commands():
        text = ruadctl("help", name).stdout.split("\nOptions:\n")[1]
        for option in re.findall(r"(?<!\S)(--?[a-z-]+),? (?:--[a-z-]+ )?"
                                 r"[A-Z]+  ", text):
            tap.equal(complete(name, option, "x", ""), complete(name, ""),
                      "%s: %s takes a value" % (name, option))


def test_actions(tap, box):
    """What stands behind the commands that have several."""
    tap.equal(complete("quarantine", ""),
              ["drop", "export", "list", "retry", "show"], "quarantine")
    tap.ok("reset-2fa" in complete("user", ""), "user")
    tap.equal(complete("reporter", ""), ["list", "pin", "unpin"], "reporter")
    tap.ok("list" in complete("domain", "--limit", "3", ""), "domain")
    with open(box.path("mail.eml"), "w"):
        tap.equal(complete("ingest", "", cwd=box.dir), ["mail.eml"],
                  "files for ingest")


def test_domains(tap, box):
    """Domains of the store that the line names, where a domain is wanted."""
    store, mails = box.path("a.db"), gen.reports("completion", 12)
    with open(box.path("mbox"), "wb") as f:
        for mail in mails:
            f.write(b"From x@y.example Mon Jan  1 00:00:00 2024\n" +
                    mail.data.replace(b"\r\n", b"\n") + b"\n")
    tap.equal(ruadctl("ingest", box.path("mbox"), store=store).returncode, 0,
              "a store with reports")
    names = sorted({m.facts.domain for m in mails})
    tap.ok(len(names) > 1, "there are domains")
    for words in (["summary"], ["sources", "--days", "3"], ["record", "check"],
                  ["domain", "add"], ["senders"], ["reports", "--domain"]):
        found = complete("-d", store, *words, "")
        tap.equal([n for n in names if n not in found], [], " ".join(words))
    tap.equal(complete("-d", store, "sources", names[0][:3]),
              [n for n in names if n.startswith(names[0][:3])], "a beginning")
    for words in (["reporter", "pin"], ["record", "lint"],
                  ["show"], ["sources", names[0]]):
        tap.equal([n for n in complete("-d", store, *words, "",
                                       cwd=box.dir) if n in names], [],
                  "none behind " + " ".join(words))
    tap.equal(complete("-d", box.path("none.db"), "sources", ""), [],
              "without a store")
    with open(box.path("program"), "w") as f:
        f.write("""#!/bin/sh
case $* in
*summary) printf 'd\\n$(touch %s)\\n`id`\\ngood.example\\n' ;;
*) exec %s "$@" ;;
esac
""" % (box.path("touched"), ruadtest.RUADCTL))
    os.chmod(box.path("program"), 0o755)
    tap.equal((complete("reports", "--domain", "", program=box.path("program")),
               os.path.exists(box.path("touched"))), (["good.example"], False),
              "what could be a command is left out")


ruadtest.need_programs("bash")
ruadtest.main(test_commands, test_options, test_values, test_actions,
              test_domains)
