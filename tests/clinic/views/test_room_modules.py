"""The reading room names its modules at once, so that no browser finds them round by round."""

import re
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

SCRIPTS = Path(settings.BASE_DIR) / "static/js"
IMPORT = re.compile(r'^(?:import|export)\s[^;]*?from\s+"(\.[^"]+)"', re.MULTILINE)
PRELOADED = re.compile(r'rel="modulepreload"\s+href="/static/js/([^"]+)"')


def imported_by(script: Path) -> set[Path]:
    """What a module imports, and what that imports; imports made later do not count."""
    found: set[Path] = set()
    waiting = [script]
    while waiting:
        module = waiting.pop()
        for name in IMPORT.findall(module.read_text()):
            path = (module.parent / name).resolve()
            if path not in found:
                found.add(path)
                waiting.append(path)
    return found


def test_every_module_of_the_room_is_named_and_no_other() -> None:
    imported = {
        path.relative_to(SCRIPTS.resolve()).as_posix()
        for path in imported_by((SCRIPTS / "review.js").resolve())
    }
    named = PRELOADED.findall(render_to_string("clinic/reading/_modules.html"))
    assert len(imported) > 20
    assert set(named) == imported
    assert len(named) == len(set(named))
