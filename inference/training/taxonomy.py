"""The classes that recipes train, as packages describe them."""

from collections.abc import Sequence

from inference.engine.package import ModelClass
from inference.training.records import DataError

HAM10000_CLASSES = (
    # akiec joins actinic keratosis, a precursor, and Bowen's disease, a carcinoma in situ: neither
    # benign nor malignant describes both, but both want a clinician's attention.
    ModelClass(
        "akiec",
        "Actinic keratosis or Bowen's disease",
        "indeterminate",
        counts_as_malignant=True,
        codes={"ham10000": "akiec"},
    ),
    ModelClass(
        "bcc",
        "Basal cell carcinoma",
        "malignant",
        counts_as_malignant=True,
        codes={"ham10000": "bcc", "isic2019": "BCC", "icd10": "C44"},
    ),
    # bkl joins seborrhoeic keratosis, solar lentigo and lichen planus-like keratosis.
    ModelClass(
        "bkl",
        "Benign keratosis-like lesion",
        "benign",
        counts_as_malignant=False,
        codes={"ham10000": "bkl", "isic2019": "BKL"},
    ),
    ModelClass(
        "df",
        "Dermatofibroma",
        "benign",
        counts_as_malignant=False,
        codes={"ham10000": "df", "isic2019": "DF", "icd10": "D23"},
    ),
    ModelClass(
        "mel",
        "Melanoma",
        "malignant",
        counts_as_malignant=True,
        codes={"ham10000": "mel", "isic2019": "MEL", "icd10": "C43"},
    ),
    ModelClass(
        "nv",
        "Melanocytic nevus",
        "benign",
        counts_as_malignant=False,
        codes={"ham10000": "nv", "isic2019": "NV", "icd10": "D22"},
    ),
    # vasc joins angioma, angiokeratoma, pyogenic granuloma and haemorrhage.
    ModelClass(
        "vasc",
        "Vascular lesion",
        "benign",
        counts_as_malignant=False,
        codes={"ham10000": "vasc", "isic2019": "VASC"},
    ),
)

# Classes that other data sets tell apart. ISIC 2017 has no other benign keratosis than this one.
FURTHER_CLASSES = (
    ModelClass(
        "sk",
        "Seborrhoeic keratosis",
        "benign",
        counts_as_malignant=False,
        codes={"isic2017": "seborrheic_keratosis", "icd10": "L82"},
    ),
)


def model_classes(codes: Sequence[str]) -> tuple[ModelClass, ...]:
    """The described classes in the order of ``codes``. Raises DataError for an unknown code."""
    known = {entry.code: entry for entry in (*HAM10000_CLASSES, *FURTHER_CLASSES)}
    unknown = [code for code in codes if code not in known]
    if unknown:
        raise DataError(f"No class with the code {unknown[0]} is described in taxonomy.py.")
    return tuple(known[code] for code in codes)
