"""The tests run where they think they run."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import connection

from config.embedded.throwaway import CHECKOUT


def test_the_settings_are_the_tests_own() -> None:
    assert settings.ENVIRONMENT == "test"
    assert settings.SETTINGS_MODULE == "config.settings.test"


def test_no_file_of_a_test_reaches_the_demos_folder() -> None:
    for folder in (settings.MEDIA_ROOT, settings.INFERENCE_CACHE_DIR):
        assert Path(folder).is_dir()
        assert not Path(folder).is_relative_to(CHECKOUT / "var/demo")
        assert Path(folder) not in (CHECKOUT / "var/media", CHECKOUT / "var/models")


def test_the_database_is_one_that_nobody_misses(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SHOW fsync")
        assert cursor.fetchone() == ("off",)
    assert connection.settings_dict["NAME"].startswith("test_")


def test_the_cache_answers() -> None:
    cache.set("lesion", "left forearm", timeout=5)
    assert cache.get("lesion") == "left forearm"


def test_a_web_server_that_is_told_nothing_runs_as_production() -> None:
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    environment |= {"SECRET_KEY": "k" * 50, "ALLOWED_HOSTS": "clinic.example"}
    code = "import config.wsgi; from django.conf import settings; print(settings.SETTINGS_MODULE)"
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=environment, cwd=CHECKOUT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert answer.stdout.strip() == "config.settings.production"
