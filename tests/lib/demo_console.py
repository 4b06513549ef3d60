"""demo_console - what ./demo --console runs as root once the programs are built:
the console with 90 days of sample reports, on a free port of 127.0.0.1."""
import os
import signal
import sys

import demo
import gen
import ruadtest
import sample
import sample_dns
import webtest

LOGIN = "admin"


def start(box):
    """The console with its sample data, and a client that is root to it."""
    store = box.path("ruad.db")
    demo.say("%d days of sample reports about %s" % (
        sample.DAYS, ", ".join(d.name for d in sample.domains())))
    print("%d mails" % sample.fill(store), flush=True)
    options = {"recipients": [gen.RUA], "log_level": "info",
               "dns_trust_anchor": ""}
    dns = sample_dns.serve(box)
    if dns is not None:
        options["dns_servers"] = [dns.address]
    web = webtest.Web(box, store=store, **options).start()
    root = web.peer()
    for domain, change in sample.PATCHES:
        root.patch("domains/" + domain, change)
    return web, root


def add_user(root, login, role):
    """Its one-time password."""
    reply = root.post("users", {"login": login, "role": role,
                                "all_domains": True, "domains": []})
    if reply.status != 201:
        raise RuntimeError("no user could be made: %r" % reply)
    return reply["password"]


def run(box, keep):
    web, root = start(box)
    password = add_user(root, LOGIN, "admin")
    demo.say("The console")
    print("Address    http://127.0.0.1:%d/\n"
          "Login      %s\n"
          "Password   %s   (for once: you choose your own)\n"
          "API        http://127.0.0.1:%d/api/v1/openapi.json" %
          (web.port, LOGIN, password, web.port), flush=True)
    if keep:
        with open(box.path(demo.MARK), "w") as f:
            f.write("%d\n" % web.process.pid)
        print("\nIt keeps running. Stop it: ./demo --stop %s" % box.dir)
        box.pop_all()  # nothing of it is undone
        return
    print("\nCtrl-C ends it, and nothing of it stays.", flush=True)
    try:
        web.process.wait()
        raise RuntimeError("the console ended by itself: " + web.log()[-500:])
    except KeyboardInterrupt:
        print("\nStopped.")


def main():
    signal.signal(signal.SIGTERM, lambda *a: sys.exit(1))
    os.umask(0o022)
    with ruadtest.Box("ruad-demo-") as box:
        try:
            run(box, "--keep" in sys.argv[1:])
        except (RuntimeError, OSError) as e:
            sys.exit("demo: %s" % e)


if __name__ == "__main__":
    main()
