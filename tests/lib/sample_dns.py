"""sample_dns - what DNS says of the domains of sample.py: the records that the
sample's history ends with, SPF, and keys of the selectors in its reports."""
import dnszone
import gen
import sample

# The other halves have been thrown away.
RSA_2048 = (
    "v=DKIM1; k=rsa; p="
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA5k7WK7cHpyKnumJij68A"
    "/ddSlcvfaCHyD2YHcOE0H3A1sB2SHgyzWP6CBmRN3/VdhLXmHySQBpV9dErMsJCT"
    "RIQWTQselmvnSrXYaWZSHoF+Hg6OHiQued0Y56SZklDs3zooMPwd+LK9z9iwxKOB"
    "a/95/sxjje2j0v3W4dbd4St5fOHm7Ln28MQB+qTfwYBj84kcBTKjhnq8x6HUPlkB"
    "lZP85jjx9VkVeVl7eHoIg7z6r2VVf4Az+9q1MtDGSRvDIkgL/0TG843p9QWX7L4M"
    "q5p0DS3heFunM/UywMtdb/ad3a3+bGYDE+l8JZQDxND66pwU9WBTNBDLKPqKyVLz"
    "KwIDAQAB")
RSA_1024 = (
    "v=DKIM1; k=rsa; p="
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDNt/ZUibJ4s5Jhpfw0V4uixL4O"
    "mqA1zfVeoIrBJDoA1ifzpEBfBJ1Bs7jvCmPfwQm/vOgNLy7BebN9XlDCXlE6c6jh"
    "S1wmJQi1wOOaGR8wXcKFq3e0Ecp/lzqJF1/HjHTIPAxj/qQlIgeFm2T2oN3dtAAG"
    "EpJMC45tvn1cenWgFwIDAQAB")
SELECTORS = (("s1.example.com", RSA_2048), ("sg.example.com", RSA_2048),
             ("crm.example.com", "v=DKIM1; p="), ("erp.example.com", RSA_1024),
             ("a.example.it", RSA_2048), ("k2.example.it", RSA_2048),
             ("jp.example.jp", RSA_2048))
SPF = (("example.com", "v=spf1 ip4:192.0.2.0/25 include:sendgrid.net "
        "include:_spf.crmhost.example -all"),
       ("sendgrid.net", "v=spf1 ip4:198.51.100.60/30 -all"),
       ("_spf.crmhost.example", "v=spf1 ip4:198.51.100.20/30 ~all"),
       ("example.it", "v=spf1 ip4:192.0.2.30/31 -all"),
       ("example.jp", "v=spf1 ip4:192.0.2.50/30 -all"),
       ("parked.example", "v=spf1 -all"))


def lines():
    """One root zone with all of it."""
    records = {domain: record for domain, _, record in sample.RECORDS}
    found = [("_dmarc." + d, r) for d, r in sorted(records.items())]
    host = gen.RUA.partition("@")[2]
    found += [("%s._report._dmarc.%s" % (d, host), "v=DMARC1")
              for d in sorted(records)]
    found += list(SPF)
    found += [("%s._domainkey.%s" % tuple(name.split(".", 1)), key)
              for name, key in SELECTORS]
    return ["%s. %s" % (name, dnszone.txt(text)) for name, text in found] + \
        ["%s. MX 10 mail.%s." % (host, host), "mail.%s. A 127.0.0.1" % host]


def serve(box):
    """A server of them; None where Knot is not installed."""
    return dnszone.Server(box, {".": lines()}) if dnszone.KNOTD else None
