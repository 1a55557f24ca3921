"""Static files with a digest in their name, so that browsers may keep them for ever."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ForgivingManifestStorage(CompressedManifestStaticFilesStorage):
    """As whitenoise's, but a vendor file may name a source map that its package does not ship."""

    manifest_strict = False
    support_js_module_import_aggregation = True

    def hashed_name(self, name, content=None, filename=None):  # type: ignore[no-untyped-def]
        """Leave a missing source map's name alone instead of failing the build."""
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            return name
