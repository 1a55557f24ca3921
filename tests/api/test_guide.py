"""Every command of docs/api.md, run by a shell with curl against a running server."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from accounts.models import Organisation, User
from accounts.services import create_api_client
from clinic.models import Case, CaseState, PathologyResult, Read
from clinic.services import load_taxonomy
from clinic.services.taxonomy import TAXONOMY_DIR
from tests.api.routes import api_routes
from tests.api.senders import picture
from tests.factories import PASSWORD, ModelVersionFactory

GUIDE = Path(settings.BASE_DIR) / "docs/api.md"
SIGNING = "## Reading and signing by API"
WAITING = "# a dermatologist signs\n"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl on this machine"),
]


def _commands(text: str) -> list[str]:
    return re.findall(r"^```sh\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def _script() -> str:
    """The guide's commands in the order of its story: signing comes where it is waited for."""
    story, signing = GUIDE.read_text().split(SIGNING)
    (sign,) = _commands(signing)
    script = "\n".join(_commands(story))
    assert WAITING in script
    return "set -euo pipefail\n" + script.replace(WAITING, f"{WAITING}{sign}\n")


def test_every_command_of_the_guide_does_what_it_says(
    northside: Organisation, dana: User, live_server: Any, tmp_path: Path
) -> None:
    load_taxonomy(path=TAXONOMY_DIR / "2026.1.json")
    ModelVersionFactory()
    client = create_api_client(organisation=northside, name="Records system")
    (tmp_path / "lesion.jpg").write_bytes(picture().read())

    run = subprocess.run(
        ["bash", "-c", _script()],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "NO_PROXY": "*",
            "BASE": live_server.url,
            "CLIENT_ID": client.client_id,
            "CLIENT_SECRET": client.client_secret,
            "EMAIL": dana.email,
            "PASSWORD": PASSWORD,
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert run.returncode == 0, run.stdout + run.stderr
    case = Case.objects.get()
    assert (case.state, case.patient.medical_record_number) == (CaseState.FINAL, "4711")
    assert Read.objects.get().reader == dana
    assert PathologyResult.objects.get().diagnosis.code == "melanoma"
    with case.images.get().file.open() as stored:
        assert (tmp_path / "stored.jpg").read_bytes() == stored.read()
    assert run.stdout.count('"state":"signed"') == 2


def test_the_guide_names_every_list_and_filter() -> None:
    text = GUIDE.read_text()
    for path, route in api_routes():
        if path.startswith("api/v1/") and "<" not in path:
            view: Any = route.callback.cls  # type: ignore[attr-defined]
            row = re.search(rf"^\| {path.split('/')[2]} \| (.*) \|$", text, flags=re.MULTILINE)
            assert row, path
            named = set(re.findall(r"`(\w+)`", row[1]))
            filters = set(view.filterset_class.base_filters)
            assert named == filters - {"created_from", "created_before"}, path
