"""What a network that never saw a skin lesion sees in labelled images: features to learn on.

ImageNet's ResNet-18 up to its third stage: of the second and the third stage's maps the mean and
the standard deviation over the image, (N, 768). Kept in a file, because they take minutes.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image

from inference.engine.architectures import build_classifier
from inference.engine.package import Architecture
from inference.engine.preprocess import load_image
from inference.training.duplicates import find_near_duplicates
from inference.training.records import find_images, read_records

SIZE = 224
THUMBNAIL = 64
MEAN, SPREAD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's
BATCH = 32


class Lesions(NamedTuple):
    """L lesions: the images' features (N, F), each image's lesion (N,), and by lesion the rest.

    ``groups`` (L,) are alike where lesions share (nearly) the same picture.
    """

    features: np.ndarray
    lesion_of: np.ndarray
    labels: np.ndarray
    classes: list[str]
    subgroups: list[dict[str, str]]
    keys: list[str]
    groups: np.ndarray


def read_lesions(images: Path, metadata: Path, weights: Path, cache: Path) -> Lesions:
    """The lesions of a folder of images with a CSV as HAM10000 has it."""
    records = read_records(metadata)
    paths = find_images(images, [record.image_id for record in records])
    if not cache.exists():
        features, pairs = look_at([paths[record.image_id] for record in records], weights)
        np.savez(cache, ids=[record.image_id for record in records], features=features, pairs=pairs)
    kept = np.load(cache)
    if kept["ids"].tolist() != [record.image_id for record in records]:
        raise SystemExit(f"{cache} is of other images: delete it, or name another file.")
    keys = sorted({record.lesion_id for record in records})
    place = {key: index for index, key in enumerate(keys)}
    lesion_of = np.array([place[record.lesion_id] for record in records])
    first = {record.lesion_id: record for record in reversed(records)}
    classes = sorted({record.label for record in records})
    return Lesions(
        features=standardised(kept["features"]),
        lesion_of=lesion_of,
        labels=np.array([classes.index(first[key].label) for key in keys]),
        classes=classes,
        subgroups=[{"sex": first[key].sex, "site": first[key].site} for key in keys],
        keys=keys,
        groups=joined(len(keys), lesion_of[kept["pairs"]]),
    )


def standardised(features: np.ndarray) -> np.ndarray:
    """Each column with mean 0 and variance 1 over all images: that takes no label."""
    return (features - features.mean(axis=0)) / features.std(axis=0)


def joined(count: int, pairs: np.ndarray) -> np.ndarray:
    """A group's number for each lesion: the smallest of those that it is joined with."""
    groups = np.arange(count)
    for first, second in pairs:
        low, high = sorted((groups[first], groups[second]))
        groups[groups == high] = low
    return groups


@torch.inference_mode()
def look_at(paths: list[Path], weights: Path) -> tuple[np.ndarray, np.ndarray]:
    """Features (N, 768), and the pairs of images that are (nearly) the same picture, (P, 2)."""
    model = build_classifier(Architecture("resnet18", {}), classes=2)
    network = model.network.eval()
    given = torch.load(weights, map_location="cpu", weights_only=True)
    stages = {name: value for name, value in given.items() if not name.startswith("layer4.")}
    network.load_state_dict(stages, strict=False)
    mean, spread = (torch.tensor(values)[:, None, None] for values in (MEAN, SPREAD))
    features, thumbnails = [], []
    for start in range(0, len(paths), BATCH):
        pixels = [load_image(path, SIZE) for path in paths[start : start + BATCH]]
        small = (THUMBNAIL, THUMBNAIL)
        thumbnails += [
            np.asarray(Image.fromarray(each).resize(small, Image.Resampling.BOX)) for each in pixels
        ]
        batch = torch.from_numpy(np.stack(pixels)).permute(0, 3, 1, 2) / 255
        features.append(seen_by(network, (batch - mean) / spread).numpy())
    pairs = find_near_duplicates(np.stack(thumbnails))
    return np.concatenate(features), np.array(pairs, dtype=np.int64).reshape(-1, 2)


def seen_by(network: Any, batch: torch.Tensor) -> torch.Tensor:
    """Mean and standard deviation over the image of the second and third stage's maps."""
    hidden = network.maxpool(network.act(network.bn1(network.conv1(batch))))
    second = network.layer2(network.layer1(hidden))
    maps = (second, network.layer3(second))
    return torch.cat([part for m in maps for part in (m.mean((2, 3)), m.std((2, 3)))], dim=1)
