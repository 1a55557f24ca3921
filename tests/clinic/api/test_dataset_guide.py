"""Every command of docs/data-sets.md, run by a shell with curl against a running server."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Organisation, User
from clinic.models import Dataset, DatasetVersion
from clinic.services import load_taxonomy
from clinic.services.datasets import seal_test_set
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.clinic.dataset_record import a_record
from tests.factories import PASSWORD

GUIDE = Path(settings.BASE_DIR) / "docs/data-sets.md"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine"),
]


def test_every_command_of_the_guide_does_what_it_says(
    northside: Organisation, ada: User, live_server: Any, tmp_path: Path
) -> None:
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    a_record(northside, 30)
    seal_test_set(organisation=northside, share=0.2, seed=1, actor=ada)
    commands = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    assert len(commands) > 3

    run = subprocess.run(
        ["bash", "-c", "set -euo pipefail\n" + "\n".join(commands)],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "NO_PROXY": "*",
            "BASE": live_server.url,
            "EMAIL": ada.email,
            "PASSWORD": PASSWORD,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    version = DatasetVersion.objects.get(kind="training")
    assert f"The digest is right: {version.digest}" in run.stdout
    assert Dataset.objects.get().description["minimum_agreement"] == 0.5
    assert set(version.counts["label"]) == {"mel", "nv"}


def test_the_guide_names_every_column_and_every_reason() -> None:
    from clinic.datasets.manifest import ManifestRow
    from clinic.selectors.datasets import LEFT_OUT_REASONS

    text = GUIDE.read_text()
    section = text.split("## What a row says")[1].split("##")[0]
    assert set(ManifestRow._fields) <= set(re.findall(r"`(\w+)`", section))
    reasons = text.split("## Which images are in it")[1].split("###")[0]
    assert reasons.count("\n| ") - 2 == len(LEFT_OUT_REASONS)
