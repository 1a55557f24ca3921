"""`{% load modules %}`: a script's imports, named before the script has been read.

A browser finds what a module imports only when the module has arrived, then what those import, and
so on: five ways to the server and back for the reading room. Told beforehand, it fetches them all
at once.
"""

import posixpath
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from django import template
from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

register = template.Library()

IMPORTED = re.compile(r"""^(?:import|export)\b[^;"']*["'](\.{1,2}/[^"']+)["']""", re.MULTILINE)


@register.simple_tag
def preload_modules(name: str) -> SafeString:
    """Links for whatever this module imports, and those import in turn; `import()` stays late."""
    names = tuple(imported_by(name)) if settings.DEBUG else _remembered(name)
    return format_html_join(
        "\n", '<link rel="modulepreload" href="{}">', ((static(one),) for one in names)
    )


def imported_by(name: str) -> Iterator[str]:
    """Static names of everything that a module imports, the nearest first, each once."""
    found, level = {name}, [name]
    while level:
        imports = dict.fromkeys(one for module in level for one in _imports(module))
        level = [one for one in imports if one not in found]
        found.update(level)
        yield from level


@lru_cache
def _remembered(name: str) -> tuple[str, ...]:
    return tuple(imported_by(name))


def _imports(name: str) -> list[str]:
    path = finders.find(name)
    if not path:
        return []
    folder = posixpath.dirname(name)
    return [
        posixpath.normpath(posixpath.join(folder, one))
        for one in IMPORTED.findall(Path(path).read_text())
    ]
