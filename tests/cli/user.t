#!/usr/bin/python3 -B
"""ruadctl user: who may log in to the console."""
import json
import os
import sqlite3
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "../lib"))
import ruadtest


class Users:
    def __init__(self, box, name="users"):
        self.dir = box.subdir(name)
        self.conf = os.path.join(self.dir, "ruad.conf")
        self.db = os.path.join(self.dir, "web.db")
        with open(self.conf, "w") as f:
            f.write('web_store = "%s"\npassword_memory = 8M\n'
                    'password_passes = 1\n' % self.db)

    def run(self, *args, **kw):
        return ruadtest.ruadctl("-c", self.conf, *args, **kw)

    def user(self, *args, **kw):
        return self.run("user", *args, **kw)

    def rows(self):
        run = self.run("-o", "json", "user", "list")
        return {row["login"]: row for row in json.loads(run.stdout)}

    def ask(self, sql):
        with sqlite3.connect(self.db) as db:
            rows = db.execute(sql).fetchall()
        db.close()
        return rows


def test_users(tap, box):
    """Added, changed, removed."""
    u = Users(box)
    run = u.user("list")
    tap.equal((run.returncode, "user add" in run.stderr), (0, True), "nobody")
    run = u.user("add", "Hanako", "--role", "admin")
    tap.match(r"^[a-z2-9]{4}(-[a-z2-9]{4}){2}\n$", run.stdout, "a password")
    tap.equal(u.user("add", "taro", "--domain", "Example.COM", "--password",
                     input="a long password\n").stdout, "", "or one's own")
    rows = u.rows()
    tap.equal([(r["role"], r["state"], r["domains"]) for r in rows.values()],
              [("admin", "one-time password", ["all"]),
               ("viewer", "ok", ["example.com"])], "so")
    hashes = [r[0] for r in u.ask("SELECT password FROM user")]
    tap.ok(all(h.startswith("$argon2id$v=19$m=8192,t=1,p=1$")
               for h in hashes), "hashed as the configuration says", hashes)
    tap.equal(u.user("grant", "taro", "b.example", "a.example").returncode, 0,
              "grant")
    tap.equal(u.rows()["taro"]["domains"], ["a.example", "b.example"], "those")
    u.user("grant", "taro", "all")
    tap.equal(u.rows()["taro"]["domains"], ["all"], "all")
    tap.equal(u.user("role", "taro", "editor").returncode, 0, "role")
    tap.equal(u.rows()["taro"]["role"], "editor", "is another")
    run = u.user("passwd", "taro")
    tap.equal((run.returncode, len(run.stdout.strip())), (0, 14), "passwd")
    tap.equal(u.rows()["taro"]["state"], "one-time password", "one-time")
    tap.equal(u.user("reset-2fa", "taro").returncode, 0, "reset-2fa")
    tap.equal(u.user("remove", "taro", input="no\n").returncode, 2,
              "remove, not confirmed")
    tap.equal(u.user("remove", "taro", input="delete\n").returncode, 0,
              "remove")
    tap.equal(list(u.rows()), ["hanako"], "one is left")
    tap.equal([r[0] for r in u.ask("SELECT action FROM audit")],
              ["user.add", "user.add", "user.grant", "user.grant", "user.role",
               "user.password", "user.reset_2fa", "user.remove"], "the audit")


def test_refused(tap, box):
    """What is refused, and says so."""
    u = Users(box)
    u.user("add", "hanako", "--role", "admin")
    for args, text in (
            (("add", "hanako"), "there is a user hanako already"),
            (("add", "a b"), "is no login"),
            (("add", "x", "--role", "king"), "viewer, editor or admin"),
            (("role", "hanako", "viewer"), "no administrator would be left"),
            (("remove", "hanako", "--yes"), "no administrator would be left"),
            (("role", "none", "viewer"), "there is no user none"),
            (("role", "hanako", "king"), "is no role"),
            (("grant", "hanako", "a..b"), "is no domain name"),
            (("grant", "hanako", "all", "b.example"), "all stands alone"),
            (("add", "y", "--password"), "10 characters"),
            (("passwd", "hanako", "--role", "admin"), "--role"),
            (("nonsense",), "nonsense")):
        run = u.user(*args, input="short\n")
        tap.equal((run.returncode, text in run.stderr), (2, True),
                  " ".join(args))
    tap.equal(list(u.rows()), ["hanako"], "nothing has changed")
    u.db = u.dir + "/none/web.db"
    with open(u.conf, "w") as f:
        f.write('web_store = "%s"\n' % u.db)
    run = u.user("list")
    tap.equal((run.returncode, "check that its directory is there" in
               run.stderr), (75, True), "no directory")


def test_owner(tap, box):
    """What root makes belongs to the program whose directory it is in."""
    if not ruadtest.ROOT:
        tap.skip("owner", "needs root")
        return
    u = Users(box)
    os.chown(u.dir, 65534, 65534)
    u.user("add", "hanako")
    st = os.stat(u.db)
    tap.equal((st.st_uid, st.st_gid, st.st_mode & 0o007), (65534, 65534, 0),
              "owner and mode")


ruadtest.main(test_users, test_refused, test_owner)
