# ruff: noqa: E501  (a value of the dictionary is one line, however long)
"""Our words in those of the ISIC Archive's data dictionary and of HAM10000.

Source: `isic-metadata` 4, which validates what the archive takes in; Tschandl, Rosendahl, Kittler,
Sci Data 5:180161 (2018).
"""

from clinic.datasets.labels import OLDEST
from clinic.datasets.manifest import ManifestRow

_MELANOMA = "Malignant:Malignant melanocytic proliferations (Melanoma)"
_NEVUS = "Benign:Benign melanocytic proliferations:Nevus"
_EPIDERMAL = "Benign:Benign epidermal proliferations"
_VASCULAR = "Benign:Benign soft tissue proliferations - Vascular"
_MALIGNANT_EPIDERMAL = "Malignant:Malignant epidermal proliferations"
_INDETERMINATE_EPIDERMAL = "Indeterminate:Indeterminate epidermal proliferations"

DIAGNOSES = {
    "melanoma": f"{_MELANOMA}:Melanoma, NOS",
    "melanoma-in-situ": f"{_MELANOMA}:Melanoma in situ",
    "lentigo-maligna": f"{_MELANOMA}:Melanoma in situ:Melanoma in situ, Lentigo maligna type",
    "nodular-melanoma": f"{_MELANOMA}:Melanoma Invasive:Melanoma Invasive, Nodular",
    "nevus": _NEVUS,
    "blue-nevus": f"{_NEVUS}:Blue nevus",
    "spitz-nevus": f"{_NEVUS}:Nevus, Spitz",
    "dysplastic-nevus": f"{_NEVUS}:Nevus, Atypical, Dysplastic, or Clark",
    "basal-cell-carcinoma": "Malignant:Malignant adnexal epithelial proliferations - Follicular:Basal cell carcinoma",
    "squamous-cell-carcinoma": f"{_MALIGNANT_EPIDERMAL}:Squamous cell carcinoma, NOS",
    # Keratosis or Bowen's disease: no node of the dictionary has both, so only what both are.
    "actinic-keratosis-bowen": _INDETERMINATE_EPIDERMAL,
    "actinic-keratosis": f"{_INDETERMINATE_EPIDERMAL}:Solar or actinic keratosis",
    "bowen-disease": f"{_MALIGNANT_EPIDERMAL}:Squamous cell carcinoma in situ:Squamous cell carcinoma in situ, Bowens disease",
    "benign-keratosis": f"{_EPIDERMAL}:Pigmented benign keratosis",
    "seborrheic-keratosis": f"{_EPIDERMAL}:Seborrheic keratosis",
    "solar-lentigo": f"{_EPIDERMAL}:Solar lentigo",
    "lichen-planus-like-keratosis": f"{_EPIDERMAL}:Lichen planus like keratosis",
    "vascular": _VASCULAR,
    "angioma": f"{_VASCULAR}:Hemangioma",
    "angiokeratoma": f"{_VASCULAR}:Angiokeratoma",
    "pyogenic-granuloma": f"{_VASCULAR}:Pyogenic granuloma",
    "dermatofibroma": "Benign:Benign soft tissue proliferations - Fibro-histiocytic:Dermatofibroma",
    "other-benign": "Benign:Benign - Other",
    "other-malignant": "Malignant",
    # "Indeterminate" says something of the tissue, not of the reader's doubt.
    "cannot-tell": "",
}
BY_MALIGNANCY = {"benign": "Benign", "indeterminate": "Indeterminate", "malignant": "Malignant"}
"""For a diagnosis that the table does not have: as much as is known of it."""

IMAGE_TYPES = {
    "dermoscopic": "dermoscopic",
    "close_up": "clinical: close-up",
    "overview": "clinical: overview",
}
SKIN_TYPES = dict(enumerate(("I", "II", "III", "IV", "V", "VI"), start=1))
SEXES = frozenset({"female", "male"})
MELANOCYTIC = {"mel": "true", "nv": "true"}
"""By class; what is not here is not melanocytic where its class is one of HAM10000's."""
NOT_MELANOCYTIC = frozenset({"akiec", "bcc", "bkl", "df", "vasc"})

HAM10000_CONFIRMATIONS = frozenset({"histo", "confocal", "follow_up", "consensus"})
CONFIRMATIONS = {
    "histo": "histopathology",
    "confocal": "confocal microscopy with consensus dermoscopy",
    "follow_up": "serial imaging showing no change",
    "consensus": "single image expert consensus",
}
SINGLE_READ = "single contributor clinical assessment"

# Our body site -> HAM10000's localization, the dictionary's site.
BODY_SITES = {
    "scalp": ("scalp", "Head and neck:Head:Scalp"),
    "face": ("face", "Head and neck:Head:Face"),
    "ear": ("ear", "Head and neck:Head:Ear"),
    "neck": ("neck", "Head and neck:Neck"),
    "oral": ("face", "Head and neck:Head:Face:Mouth"),
    "trunk": ("trunk", "Trunk"),
    "chest": ("chest", "Trunk:Anterior trunk:Anterior chest"),
    "abdomen": ("abdomen", "Trunk:Anterior trunk:Anterior abdomen"),
    "back": ("back", "Trunk:Posterior trunk"),
    "shoulder": ("upper extremity", "Upper extremity:Shoulder"),
    "upper_extremity": ("upper extremity", "Upper extremity"),
    "upper_arm": ("upper extremity", "Upper extremity:Upper arm"),
    "forearm": ("upper extremity", "Upper extremity:Forearm"),
    "hand": ("hand", "Upper extremity:Hand"),
    "genital": ("genital", "Anogenital region:Genital region"),
    "buttock": ("lower extremity", "Lower extremity:Buttock"),
    "lower_extremity": ("lower extremity", "Lower extremity"),
    "thigh": ("lower extremity", "Lower extremity:Thigh"),
    "lower_leg": ("lower extremity", "Lower extremity:Lower leg"),
    "foot": ("foot", "Lower extremity:Foot"),
    # Either a palm or a sole: no node of the dictionary has both.
    "palm_sole": ("acral", ""),
    "unknown": ("unknown", ""),
}
# What the dictionary says in a field of its own for the places above that it cannot name.
GENERAL_SITES = {"palm_sole": "palms/soles"}


def isic_diagnosis(row: ManifestRow) -> str:
    """The whole path in the dictionary, or nothing where nothing is known."""
    path = DIAGNOSES.get(row.diagnosis)
    return BY_MALIGNANCY.get(row.malignancy, "") if path is None else path


def ham10000_confirmation(row: ManifestRow) -> str:
    """`dx_type`: how the row was confirmed; several readers who agree are a consensus.

    Empty for one reader alone, whom HAM10000 has no word for.
    """
    if row.confirmation in HAM10000_CONFIRMATIONS:
        return row.confirmation
    return "consensus" if row.label_source in {"adjudication", "concordant"} else ""


def isic_confirmation(row: ManifestRow) -> str:
    """`diagnosis_confirm_type`: the same in the dictionary's words."""
    return CONFIRMATIONS.get(ham10000_confirmation(row), SINGLE_READ)


def isic_melanocytic(row: ManifestRow) -> str:
    """true, false, or empty for a class that is none of HAM10000's."""
    return MELANOCYTIC.get(row.label, "false" if row.label in NOT_MELANOCYTIC else "")


def isic_age(row: ManifestRow) -> int | str:
    """Years, clamped as the dictionary does; rows are clamped already."""
    return "" if row.age is None else min(row.age, OLDEST)
