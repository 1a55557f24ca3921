"""The command lines and the environment of the demo's web server, worker and one-off commands."""

import os
import socket
import sys
from pathlib import Path

import celery
import kombu.exceptions
import redis.exceptions

from config.embedded.postgres import EmbeddedPostgres
from config.embedded.valkey import EmbeddedValkey

ROLE = DATABASE = "second_look"
HOST = "127.0.0.1"
WORKER_NAME = f"demo@{socket.gethostname()}"
TRAINER_NAME = f"training@{socket.gethostname()}"


def environment(
    *, data: Path, postgres: EmbeddedPostgres, valkey: EmbeddedValkey
) -> dict[str, str]:
    """The settings that the demo's own servers make true."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings.demo",
        "DATABASE_URL": postgres.url(role=ROLE, database=DATABASE),
        "BROKER_URL": valkey.broker_url,
        "CACHE_URL": valkey.cache_url,
        "MEDIA_ROOT": str(data / "media"),
        "INFERENCE_CACHE_DIR": str(data / "models"),
        "TRAINING_FOLDER": str(data / "training"),
    }


def inherited(settings: dict[str, str]) -> dict[str, str]:
    """The caller's environment under the demo's settings, without its PostgreSQL variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"PYTHONUNBUFFERED": "1"} | settings


def worker_environment(settings: dict[str, str]) -> dict[str, str]:
    """For a process that computes: glibc keeps freed memory (its largest allowed thresholds).

    Returning each batch's memory to the system and asking for it again costs torch a third of its
    speed on a CPU.
    """
    malloc = {"MALLOC_MMAP_THRESHOLD_": str(32 * 2**20), "MALLOC_TRIM_THRESHOLD_": str(2**30)}
    return inherited(settings) | malloc


def trainer_environment(settings: dict[str, str]) -> dict[str, str]:
    """For the process that starts trainings: it answers no images."""
    return inherited(settings) | {"INFERENCE_LOAD_EARLY": "false"}


def manage(*arguments: str) -> list[str]:
    """A Django management command."""
    return [sys.executable, "manage.py", *arguments]


def web_server(port: int) -> list[str]:
    """gunicorn: two processes of four threads."""
    return [
        *(sys.executable, "-m", "gunicorn", "config.wsgi:application"),
        *("--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2"),
        *("--threads", "4", "--graceful-timeout", "5", "--no-control-socket"),
        *("--access-logfile", "-", "--access-logformat", "%(s)s %(m)s %(U)s %(M)s ms"),
    ]


def worker(data: Path) -> list[str]:
    """Celery: a parent that answers and rings the bell (beat), and one child that computes.

    One child, because each would hold the model; a child of its own (prefork), because only there
    do a task's time limits hold, and a crash in native code costs one task and no more.
    """
    return [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "config.celery", "worker", "--beat"),
        *("--schedule", str(data / "beat-schedule"), "--hostname", WORKER_NAME),
        *("--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    ]


def trainer() -> list[str]:
    """Celery again, for the queue of trainings alone: one takes minutes, and images do not wait.

    It holds no model and computes nothing itself; the training command is a process of its own.
    """
    return [
        *(sys.executable, "-m", "celery", "--quiet", "--app", "config.celery", "worker"),
        *("--queues", "training", "--hostname", TRAINER_NAME),
        *("--pool", "prefork", "--concurrency", "1", "--loglevel", "INFO"),
        *("--without-gossip", "--without-mingle"),
    ]


def worker_answers(broker_url: str) -> bool:
    """Whether the worker answers a ping through the broker."""
    app = celery.Celery(broker=broker_url)
    try:
        return bool(app.control.ping(destination=[WORKER_NAME], timeout=0.5))
    except (OSError, kombu.exceptions.KombuError, redis.exceptions.RedisError):
        return False
    finally:
        app.close()
