"""A project with no clinic in it, on which the demo's runner is tested in seconds.

The runner, PostgreSQL, Valkey, gunicorn and Celery are the real ones; what they serve is small.
"""

from pathlib import Path

FILES = {
    "manage.py": """
        import json, os, sys
        import psycopg
        from environ import Env

        url = Env.db_url_config(os.environ["DATABASE_URL"])
        names = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
        connection = psycopg.connect(**{k: url[v] for k, v in names.items()}, autocommit=True)
        if sys.argv[1] == "migrate":
            connection.execute("CREATE TABLE IF NOT EXISTS starts (at timestamptz DEFAULT now())")
        else:
            connection.execute("INSERT INTO starts DEFAULT VALUES")
            count = connection.execute("SELECT count(*) FROM starts").fetchone()[0]
            facts = {
                "base_url": sys.argv[sys.argv.index("--base-url") + 1],
                "users": [{"email": "alice@northside.test", "password": "pw", "role": "clinician"}],
                "api_client": {"client_id": "integrator", "client_secret": "s"},
                "starts": count,
            }
            with open(sys.argv[sys.argv.index("--write") + 1], "w") as file:
                json.dump(facts, file)
    """,
    "config/__init__.py": "",
    "config/settings/__init__.py": "",
    "config/settings/demo.py": "SECRET_KEY = 'small'",
    "config/wsgi.py": """
        def application(environ, start_response):
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [b"open"]
    """,
    "config/celery.py": """
        import os
        from celery import Celery

        app = Celery("small", broker=os.environ["BROKER_URL"])
    """,
}


def write_small_project(folder: Path) -> Path:
    """Write the project's files below `folder`."""
    import textwrap

    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
    return folder
