# ruff: noqa: INP001  # a script, no package
"""The web container's health check: ends with 0 where the web server says it is well."""

import os
import sys
import urllib.request

host = os.environ["ALLOWED_HOSTS"].split(",")[0].lstrip(".")
request = urllib.request.Request(  # our own address
    "http://127.0.0.1:8000/healthz/",
    headers={"Host": host.replace("*", "localhost"), "X-Forwarded-Proto": "https"},
)
try:
    with urllib.request.urlopen(request, timeout=4) as answer:  # noqa: S310
        sys.exit(0 if answer.status == 200 else 1)
except OSError as error:
    sys.exit(f"The web server does not answer: {error}")
