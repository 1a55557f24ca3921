"""What a page tells the browser to fetch, against what its scripts import."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from accounts.templatetags.modules import imported_by

ROOT = Path(settings.BASE_DIR) / "static"


def test_everything_that_the_reading_room_imports_is_named_once() -> None:
    named = list(imported_by("js/review.js"))
    assert {"js/panel.js", "js/csrf.js", "js/stage/stage.js"} <= set(named)
    assert "js/review.js" not in named
    assert len(named) == len(set(named))
    # Whoever is named is there, and whatever it imports is named as well.
    for name in [*named, "js/review.js"]:
        folder = (ROOT / name).parent
        for one in re.findall(
            r'(?m)^(?:} from|import .*?from|import) "(\.[^"]+)"', (ROOT / name).read_text()
        ):
            found = (folder / one).resolve().relative_to(ROOT.resolve())
            assert str(found) in named


def test_what_is_imported_late_is_not_fetched_early() -> None:
    assert "js/stage/surface.js" not in set(imported_by("js/review.js"))


@pytest.mark.parametrize("name", ["js/nowhere.js", "js/theme.js"])
def test_a_script_without_imports_has_no_links(name: str) -> None:
    template = Template('{% load modules %}{% preload_modules "' + name + '" %}')
    assert template.render(Context()) == ""


def test_a_link_has_the_address_that_the_import_asks_for() -> None:
    template = Template('{% load modules %}{% preload_modules "js/review.js" %}')
    assert '<link rel="modulepreload" href="/static/js/panel.js">' in template.render(Context())
