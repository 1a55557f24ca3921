"""Three classes from the labels of any data set, begun from weights that know other classes."""

import csv
from collections import Counter
from pathlib import Path

import pytest
import torch

from inference.engine.architectures import LesionClassifier, build_classifier
from inference.engine.package import Architecture
from inference.training.initial_weights import load_initial_weights
from inference.training.outputs import OUTPUTS, read_outputs
from inference.training.recipe import Recipe, load_recipe
from inference.training.records import DataError
from inference.training.run import train
from inference.training.taxonomy import model_classes
from inference.training.training_data import Source, TrainingData, prepare
from tests.inference.conftest import write_untrained_package
from tests.inference.training.generated import make_data_set

ISIC_2017_NAMES = {"mel": "melanoma", "nv": "nevus", "bkl": "seborrheic_keratosis"}
TINY = (
    "stages=1@32", "cache_size=32", "evaluation_size=32", "batch_size=8", "warmup_epochs=0.3",
)  # fmt: skip


def three_class(*changes: str) -> Recipe:
    recipe = load_recipe("three_class", [*TINY, *changes])
    assert isinstance(recipe, Recipe)
    return recipe


@pytest.fixture(scope="module")
def seven(tmp_path_factory: pytest.TempPathFactory) -> Source:
    return Source(*make_data_set(tmp_path_factory.mktemp("seven"), lesions_a_class=8))


@pytest.fixture(scope="module")
def isic_2017(seven: Source, tmp_path_factory: pytest.TempPathFactory) -> Source:
    """The images of three diagnoses with ISIC 2017's names for them, and no lesions."""
    metadata = tmp_path_factory.mktemp("isic2017") / "metadata.csv"
    rows = [row for row in csv.DictReader(seven.metadata.open()) if row["dx"] in ISIC_2017_NAMES]
    with metadata.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["image_id", "dx"])
        writer.writerows([row["image_id"], ISIC_2017_NAMES[row["dx"]]] for row in rows)
    return Source(seven.images, metadata)


def prepared(source: Source, out: Path) -> TrainingData:
    return prepare(three_class(), source, out=out, cache=out / "cache")


def test_ham10000_gives_three_classes_and_says_what_is_left_out(
    seven: Source, tmp_path: Path
) -> None:
    data = prepared(seven, tmp_path)
    counts = Counter(row["dx"] for row in csv.DictReader(seven.metadata.open()))
    assert Counter(record.label for record in data.records) == {
        "mel": counts["mel"],
        "nv": counts["nv"],
        "sk": counts["bkl"],
    }
    assert data.left_out == {code: counts[code] for code in ("akiec", "bcc", "df", "vasc")}


def test_the_names_of_isic_2017_give_the_same_three(
    seven: Source, isic_2017: Source, tmp_path: Path
) -> None:
    ours, theirs = prepared(isic_2017, tmp_path / "a"), prepared(seven, tmp_path / "b")
    labels = [{each.image_id: each.label for each in data.records} for data in (ours, theirs)]
    assert labels[0] == labels[1]
    assert not ours.left_out


def test_a_label_that_nobody_mapped_is_refused_not_guessed(seven: Source, tmp_path: Path) -> None:
    text = seven.metadata.read_text().replace(",df,", ",dermatofibroma,")
    metadata = tmp_path / "metadata.csv"
    metadata.write_text(text)
    with pytest.raises(DataError, match="does not know the label dermatofibroma: give it a class"):
        prepared(Source(seven.images, metadata), tmp_path)


def test_the_classes_are_described_for_a_package() -> None:
    classes = model_classes(three_class().classes)
    assert [entry.name for entry in classes] == [
        "Melanoma",
        "Melanocytic nevus",
        "Seborrhoeic keratosis",
    ]
    assert [entry.counts_as_malignant for entry in classes] == [True, False, False]


def three_class_network() -> LesionClassifier:
    torch.manual_seed(0)
    return build_classifier(Architecture("resnet18"), classes=3)


def test_a_network_of_seven_classes_gives_all_but_its_last_layer(tmp_path: Path) -> None:
    package = write_untrained_package(tmp_path / "seven.zip")
    model, fresh = three_class_network(), three_class_network()
    loaded = load_initial_weights(model, package, three_class())
    expected = {f"network.{name}" for name in model.network.state_dict()}
    assert expected - loaded == {"network.fc.weight", "network.fc.bias"}
    assert torch.equal(model.classifier.weight, fresh.classifier.weight)
    assert not torch.equal(model.network.conv1.weight, fresh.network.conv1.weight)


def test_a_run_from_an_imagenet_start_answers_with_three_classes(
    isic_2017: Source, tmp_path: Path
) -> None:
    """The start holds stem to layer3 and a classifier of a thousand classes, as ImageNet's do."""
    start = tmp_path / "imagenet.pt"
    tensors = build_classifier(Architecture("resnet18"), classes=1000).network.state_dict()
    torch.save({name: v for name, v in tensors.items() if not name.startswith("layer4")}, start)
    out = tmp_path / "run"
    train(
        three_class(),
        images=isic_2017.images,
        metadata=isic_2017.metadata,
        out=out,
        initial_weights=start,
    )
    part = read_outputs(out / OUTPUTS)["validation"]
    assert part.logits_with("none").shape == (len(part.records), 3)
    state = torch.load(out / "checkpoint.pt", weights_only=True)
    assert {"network.conv1.weight", "network.layer3.0.conv1.weight"} <= set(state["loaded"])
    assert not [
        name for name in state["loaded"] if name.startswith(("network.fc", "network.layer4"))
    ]
