"""What a package must say of the images it was trained on: source and licence."""

from collections.abc import Sequence
from dataclasses import dataclass

NON_COMMERCIAL = "CC BY-NC 4.0"
NOT_STATED = "Not stated: ask who trained this model under which terms its images may be used."


@dataclass(frozen=True)
class DataSet:
    """One source of training images; ``citation`` is a sentence or two."""

    name: str
    citation: str
    licence: str


KNOWN = {
    "ham10000": DataSet(
        "HAM10000",
        "Tschandl, P., Rosendahl, C. and Kittler, H. The HAM10000 dataset, a large collection of "
        "multi-source dermatoscopic images of common pigmented skin lesions. Scientific Data 5, "
        "180161 (2018), https://doi.org/10.1038/sdata.2018.161.",
        NON_COMMERCIAL,
    ),
    "isic2017": DataSet(
        "ISIC 2017, training part",
        "Codella, N. et al. Skin Lesion Analysis Toward Melanoma Detection: A Challenge at the "
        "2017 International Symposium on Biomedical Imaging. https://arxiv.org/abs/1710.05006. "
        "Mostly CC0, treated as a whole as under the stricter licence of its rest.",
        NON_COMMERCIAL,
    ),
}


def named_data_set(text: str) -> DataSet:
    """A known data set by its key, or another as ``NAME=LICENCE``."""
    if text in KNOWN:
        return KNOWN[text]
    name, _, licence = text.partition("=")
    return DataSet(name.strip(), "", licence.strip() or "licence not stated")


def weights_licence(data_sets: Sequence[DataSet]) -> str:
    """The licence that weights inherit from their training images."""
    licences = list(dict.fromkeys(entry.licence for entry in data_sets))
    return f"{', '.join(licences)} (inherited from the training images)" if licences else NOT_STATED


def licence_text(data_sets: Sequence[DataSet]) -> str:
    """The package's LICENSE file."""
    sources = "\n".join(
        f"- {entry.name} ({entry.licence}). {entry.citation}".rstrip() for entry in data_sets
    )
    terms = (
        "CC BY-NC 4.0 (https://creativecommons.org/licenses/by-nc/4.0/) allows use with\n"
        "attribution, and not for commercial purposes.\n\n"
        if any(entry.licence == NON_COMMERCIAL for entry in data_sets)
        else ""
    )
    return (
        f"The weights of this package: {weights_licence(data_sets)}\n\n"
        + (f"Training images:\n{sources}\n\n" if sources else "")
        + terms
        + "Where the card names starting weights: they are torchvision's ImageNet weights\n"
        "(BSD-3-Clause, Copyright (c) Soumith Chintala 2016), trained on ImageNet.\n"
    )
