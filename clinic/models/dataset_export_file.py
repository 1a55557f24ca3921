"""A file that a job has written and that lies in storage whole."""

from django.db import models

from accounts.models.record import Record


class DatasetExportFile(Record):
    """`path` is its name inside the export; it lies in storage below the export's prefix.

    There is a row only for what lies there whole: a new try writes nothing of it again. `step` is
    0 for a document over the whole version, otherwise the number of the last row of the step that
    wrote it. `row` is the row whose image this is.
    """

    export = models.ForeignKey(
        "clinic.DatasetExport", on_delete=models.CASCADE, related_name="files"
    )
    path = models.CharField(max_length=200)
    media_type = models.CharField(max_length=60)
    size_bytes = models.PositiveBigIntegerField()
    step = models.PositiveIntegerField(default=0)
    row = models.ForeignKey(
        "clinic.DatasetRow", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        ordering = ["export", "path"]
        constraints = [
            models.UniqueConstraint(fields=["export", "path"], name="export_file_path_once"),
        ]
        indexes = [models.Index(fields=["export", "step"], name="export_file_step")]

    def __str__(self) -> str:
        return self.path
