"""Several networks in one package answer as one, and only in ways that the engine knows."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inference.engine.ensembles import Ensemble
from inference.engine.forward_pass import ForwardPass
from inference.engine.onnx_export import write_onnx
from inference.engine.onnx_runtime import OnnxRuntime
from inference.engine.package import PackageError, open_package
from inference.engine.runtime import choose_runtime
from tests.inference.engine.networks import package_of, untrained_tensors
from tests.inference.engine.packages import contents, zipped

MEMBER = {"name": "resnet18", "arguments": {}, "weight": 0.5}
WEIGHTS = (0.25, 0.75)


class SmallNetwork(nn.Module):
    """One convolution, averaged and classified as the real networks are."""

    def __init__(self, *, stride: int, features: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(3, features, 3, stride=stride)
        self.classifier = nn.Linear(features, 2)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        feature_map = self.convolution(images).relu()
        features = feature_map.mean(dim=(2, 3))
        class_maps = nn.functional.conv2d(feature_map, self.classifier.weight[:, :, None, None])
        return self.classifier(features), class_maps, features


@pytest.fixture(scope="module")
def networks() -> tuple[SmallNetwork, SmallNetwork, Ensemble]:
    """Two networks whose class maps differ in size, and both together."""
    torch.manual_seed(0)
    first, second = SmallNetwork(stride=3, features=4), SmallNetwork(stride=2, features=6)
    return first, second, Ensemble([first, second], WEIGHTS).eval()


@pytest.fixture(scope="module")
def answers(networks: tuple[nn.Module, ...]) -> list[ForwardPass]:
    images = torch.randn(3, 3, 20, 20, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        return [ForwardPass(*(out.numpy() for out in network(images))) for network in networks]


def test_an_ensemble_answers_with_the_weighted_mean_of_its_members(
    answers: list[ForwardPass],
) -> None:
    first, second, both = answers
    expected = WEIGHTS[0] * first.logits + WEIGHTS[1] * second.logits
    np.testing.assert_allclose(both.logits, expected, atol=1e-5)
    assert np.abs(both.logits - first.logits).max() > 1e-3


def test_its_features_are_the_first_members(answers: list[ForwardPass]) -> None:
    first, second, both = answers
    np.testing.assert_allclose(both.features, first.features, atol=1e-5)
    assert both.features.shape != second.features.shape


def test_the_mean_of_a_class_map_and_the_biases_are_still_the_logit(
    networks: tuple[SmallNetwork, SmallNetwork, Ensemble], answers: list[ForwardPass]
) -> None:
    first, second, both = answers
    assert first.class_maps.shape != second.class_maps.shape
    assert both.class_maps.shape == first.class_maps.shape
    biases = [network.classifier.bias.detach().numpy() for network in networks[:2]]
    found = both.class_maps.mean(axis=(2, 3)) + WEIGHTS[0] * biases[0] + WEIGHTS[1] * biases[1]
    np.testing.assert_allclose(found, both.logits, atol=1e-5)


@pytest.mark.model
def test_it_is_exported_as_one_network_that_answers_the_same(
    networks: tuple[SmallNetwork, SmallNetwork, Ensemble], tmp_path: Path
) -> None:
    path = tmp_path / "network.onnx"
    write_onnx(networks[-1], path, size=20)
    assert [file.name for file in tmp_path.iterdir()] == ["network.onnx"]
    served = OnnxRuntime(path.read_bytes())
    for count in (1, 5):
        images = torch.randn(count, 3, 20, 20)
        with torch.no_grad():
            expected = networks[-1](images)
        for mine, reference in zip(
            vars(served.forward(images.numpy())).values(), expected, strict=True
        ):
            np.testing.assert_allclose(mine, reference.numpy(), atol=1e-5)


def test_a_package_of_two_networks_answers_as_the_two_packages_do(tmp_path: Path) -> None:
    parts = [untrained_tensors({"name": "resnet18"}, seed=seed) for seed in (0, 1)]
    joined = {
        f"members.{index}.{name}": value
        for index, part in enumerate(parts)
        for name, value in part.items()
    }
    members = [MEMBER | {"weight": weight} for weight in WEIGHTS]
    packages = [
        package_of(tmp_path / "first", {"name": "resnet18"}, parts[0]),
        package_of(tmp_path / "second.zip", {"name": "resnet18"}, parts[1]),
        package_of(tmp_path / "both.zip", {"name": "ensemble", "members": members}, joined),
    ]
    batch = np.random.default_rng(0).normal(size=(2, 3, 64, 64)).astype(np.float32)
    first, second, both = (
        choose_runtime(package, device="torch-cpu").forward(batch).logits for package in packages
    )
    np.testing.assert_allclose(both, WEIGHTS[0] * first + WEIGHTS[1] * second, atol=1e-5)


def test_a_person_reads_what_an_ensemble_is_made_of() -> None:
    members = [MEMBER | {"weight": 0.25}] * 2 + [MEMBER | {"name": "densenet121"}]
    package = open_package(zipped(contents(architecture={"name": "ensemble", "members": members})))
    assert str(package.architecture) == "ensemble of 2 resnet18, densenet121"
    assert [member.weight for member in package.architecture.members] == [0.25, 0.25, 0.5]


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ([], "from 2 to 20 members; this one has 0"),
        ([MEMBER | {"weight": 1}], "from 2 to 20 members"),
        ([MEMBER | {"weight": 0.0001}] * 10_000, "this one has 10000"),
        ([MEMBER, MEMBER | {"weight": 0.4}], "do not sum to 1"),
        ([MEMBER, MEMBER | {"weight": 0.5 + 1e-4}], "do not sum to 1"),
        ([MEMBER | {"weight": 1.5}, MEMBER | {"weight": -0.5}], "weight must be a number"),
        ([MEMBER | {"weight": 1}, MEMBER | {"weight": 0}], "members[1].weight must be a number"),
        ([MEMBER | {"weight": float("nan")}, MEMBER], "members[0].weight must be a number"),
        ([MEMBER | {"weight": 10**400}, MEMBER], "members[0].weight must be a number"),
        ([MEMBER, {"name": "resnet18"}], "members[1].weight must be a number"),
        ([MEMBER, {"name": "ensemble", "members": [MEMBER, MEMBER], "weight": 0.5}], "one of"),
        ([MEMBER, MEMBER | {"name": "pixel_trees"}], "members[1].name must be one of"),
        ([MEMBER, MEMBER | {"name": "os.system"}], "members[1].name must be one of"),
        ([MEMBER, MEMBER | {"arguments": {"widen_factor": 9}}], "widen_factor"),
        ([MEMBER, "resnet18"], "members[1] must be an object"),
        ("resnet18", "members must be a list"),
        (None, "members must be a list"),
    ],
)
def test_an_ensemble_of_anything_else_is_refused(members: Any, words: str) -> None:
    with pytest.raises(PackageError) as refused:
        open_package(zipped(contents(architecture={"name": "ensemble", "members": members})))
    assert words in str(refused.value)
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"members.1.fc.bias": None}, "members.1.fc.bias should be 2 and is absent"),
        ({"members.2.fc.bias": "members.1.fc.bias"}, "members.2.fc.bias should be absent and is 2"),
        ({"fc.bias": "members.1.fc.bias"}, "fc.bias should be absent"),
        ({"members.0.fc.bias": "members.1.fc.weight"}, "should be 2 and is 2 x 512"),
    ],
)
def test_every_members_tensors_must_fit(
    change: dict[str, str | None], words: str, tmp_path: Path
) -> None:
    architecture = {"name": "ensemble", "members": [MEMBER, MEMBER]}
    tensors = untrained_tensors(architecture)
    for name, source in change.items():
        if source is None:
            del tensors[name]
        else:
            tensors[name] = tensors[source].clone()
    package = package_of(tmp_path / "bent", architecture, tensors)
    with pytest.raises(PackageError, match="do not fit ensemble of 2 resnet18") as refused:
        choose_runtime(package, device="torch-cpu")
    assert words in str(refused.value)


def test_one_member_without_a_finite_answer_spoils_the_ensemble(tmp_path: Path) -> None:
    architecture = {"name": "ensemble", "members": [MEMBER, MEMBER]}
    tensors = untrained_tensors(architecture)
    tensors["members.1.bn1.running_var"].fill_(-1)
    with pytest.raises(PackageError, match="no finite answer"):
        choose_runtime(package_of(tmp_path / "bent", architecture, tensors), device="torch-cpu")
