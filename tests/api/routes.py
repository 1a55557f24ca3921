"""Every address below /api/, as the URL resolver knows them."""

from django.urls import URLPattern, URLResolver, get_resolver


def api_routes() -> list[tuple[str, URLPattern]]:
    """Paths, such as `api/v1/patients/<uuid:pk>/`, and their routes."""
    return [entry for entry in _routes(get_resolver()) if entry[0].startswith("api/")]


def _routes(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for entry in resolver.url_patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            found += _routes(entry, path)
        else:
            found.append((path, entry))
    return found
