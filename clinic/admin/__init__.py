"""The clinical record, to be looked at for support; it is written in the clinic's own screens."""

from clinic.admin import access, cases, patients, reading_policies, taxonomy  # noqa: F401
