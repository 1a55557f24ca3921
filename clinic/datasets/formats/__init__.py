"""Export formats: one frozen version, many writers.

`FORMATS` has them by key. `writer` says what a format is and how a job writes one; `version` what
it is written from. Plain Python, and quick to import: the web process lists the formats.
"""

from clinic.datasets.formats.annotations import ANNOTATIONS
from clinic.datasets.formats.coco import COCO
from clinic.datasets.formats.croissant import CROISSANT
from clinic.datasets.formats.huggingface import HUGGING_FACE
from clinic.datasets.formats.isic import ISIC
from clinic.datasets.formats.manifest import MANIFEST
from clinic.datasets.formats.masks import MASKS
from clinic.datasets.formats.monai import MONAI
from clinic.datasets.formats.streams import CHUNK, UnsafeValue
from clinic.datasets.formats.version import DrawnRegion, FrozenVersion, Tally
from clinic.datasets.formats.writer import STEP, ExportFile, ExportFormat, Step, steps

FORMATS = {
    form.key: form
    for form in (MANIFEST, MONAI, ISIC, COCO, HUGGING_FACE, CROISSANT, ANNOTATIONS, MASKS)
}

__all__ = [
    "CHUNK",
    "FORMATS",
    "STEP",
    "DrawnRegion",
    "ExportFile",
    "ExportFormat",
    "FrozenVersion",
    "Step",
    "Tally",
    "UnsafeValue",
    "steps",
]
