"""Trees answer like the rules they hold, and trees that cannot be trusted are refused."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inference.engine.package import PackageError, open_package
from inference.engine.preprocess import to_batch
from inference.engine.runtime import choose_runtime
from inference.engine.trees import block_sums, load_pixel_trees
from tests.inference.engine.test_imports import loaded_after
from tests.inference.engine.tree_packages import (
    ARGUMENTS,
    DEPTH,
    ROUNDS,
    SIDE,
    random_trees,
    write_tree_package,
)


def pictures(count: int = 20, size: int = 32) -> list[np.ndarray]:
    random = np.random.default_rng(1)
    return list(random.integers(0, 256, (count, size, size, 3), dtype=np.uint8))


def walked_by_hand(tensors: dict[str, Any], image: np.ndarray, tree: tuple[int, int]) -> float:
    """One tree, one image, one step after the other; pixels are sums over 2 x 2 blocks."""
    node = 0
    for _ in range(DEPTH):
        colour, place = divmod(int(tensors["feature"][tree][node]), SIDE**2)
        y, x = divmod(place, SIDE)
        pixel = int(image[2 * y : 2 * y + 2, 2 * x : 2 * x + 2, colour].sum())
        node = 2 * node + (2 if pixel >= tensors["threshold"][tree][node] else 1)
    return float(tensors["value"][tree][node])


def test_a_logit_is_the_sum_of_what_the_class_s_trees_say(tmp_path: Path) -> None:
    tensors = random_trees(2)
    package = write_tree_package(tmp_path / "trees.zip", tensors)
    images = pictures()
    found = load_pixel_trees(package).forward(to_batch(images, package.preprocessing))
    expected = [
        [sum(walked_by_hand(tensors, image, (r, c)) for r in range(ROUNDS)) for c in range(2)]
        for image in images
    ]
    assert found.logits.dtype == found.class_maps.dtype == found.features.dtype == np.float32
    np.testing.assert_allclose(found.logits, expected, atol=1e-6)
    assert found.class_maps.shape == (20, 2, 8, 8)
    bias = tensors["value"][:, :, 0].sum(axis=0)
    np.testing.assert_allclose(found.class_maps.mean(axis=(2, 3)) + bias, expected, atol=1e-5)


def test_a_map_lights_up_where_the_tree_looked(tmp_path: Path) -> None:
    """One split on the green pixel in row 4, column 14 of 16: place 2, 7 of the 8 x 8 map."""
    tensors = {
        "feature": np.full((1, 2, 1), SIDE**2 + 4 * SIDE + 14),
        "threshold": np.full((1, 2, 1), 4 * 100.0, dtype=np.float32),
        "value": np.array([[[0, -1, 1], [0, 1, -1]]], dtype=np.float32),
    }
    arguments = {"side": SIDE, "depth": 1, "rounds": 1}
    package = write_tree_package(tmp_path / "trees.zip", tensors, arguments=arguments)
    dark, light = np.zeros((2, 32, 32, 3), dtype=np.uint8)
    light[8:10, 28:30, 1] = 100  # exactly the threshold: to the right
    answer = load_pixel_trees(package).forward(to_batch([dark, light], package.preprocessing))
    np.testing.assert_array_equal(answer.logits, [[-1, 1], [1, -1]])
    lit = np.zeros((8, 8))
    lit[2, 7] = 64
    np.testing.assert_array_equal(answer.class_maps, [[-lit, lit], [lit, -lit]])


def test_normalisation_cannot_move_a_pixel_across_a_threshold(tmp_path: Path) -> None:
    plain = write_tree_package(tmp_path / "plain.zip")
    normalised = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}
    other = write_tree_package(
        tmp_path / "other.zip",
        preprocessing={"size": 32, "crop": "centre_square", **normalised},
    )
    answers = [
        load_pixel_trees(package).forward(to_batch(pictures(), package.preprocessing)).logits
        for package in (plain, other)
    ]
    np.testing.assert_array_equal(*answers)


def test_blocks_are_summed_without_loss() -> None:
    images = np.stack(pictures(3)).transpose(0, 3, 1, 2)
    sums = block_sums(images, 8).reshape(3, 3, 8, 8)
    assert sums[1, 2, 3, 4] == int(images[1, 2, 12:16, 16:20].sum())
    assert block_sums(np.full((1, 3, 512, 512), 255, np.uint8), 16).max() == 255 * 32 * 32


def test_any_device_gives_numpy_and_loads_neither_torch_nor_onnx(tmp_path: Path) -> None:
    write_tree_package(tmp_path / "trees.zip")
    loaded = loaded_after(
        "from pathlib import Path\n"
        "from inference.engine.package import open_package\n"
        "from inference.engine.runtime import choose_runtime\n"
        f"package = open_package(Path({str(tmp_path / 'trees.zip')!r}))\n"
        "assert {choose_runtime(package, device=device).name"
        " for device in ('auto', 'cpu', 'cuda', 'torch-cpu')} == {'numpy-cpu'}"
    )
    assert not loaded & {"torch", "onnxruntime", "monai", "xgboost", "django"}


@pytest.mark.parametrize(
    "arguments",
    [
        {"side": 16, "depth": 3},
        {"side": 16, "depth": 3, "rounds": 10**9},
        {"side": 16, "depth": 40, "rounds": 4},
        {"side": 10**6, "depth": 3, "rounds": 4},
        {"side": 16, "depth": 3.0, "rounds": 4},
        {"side": True, "depth": 3, "rounds": 4},
        {"side": 16, "depth": 0, "rounds": 4},
        {"side": 16, "depth": 3, "rounds": 4, "code": "import os"},
    ],
)
def test_arguments_out_of_bounds_are_refused_before_anything_is_built(
    tmp_path: Path, arguments: dict[str, Any]
) -> None:
    with pytest.raises(PackageError, match=r"must be a whole number|takes no argument called"):
        write_tree_package(tmp_path / "trees.zip", arguments=arguments)


def bent(name: str, change: Any) -> dict[str, Any]:
    tensors = random_trees(2)
    tensors[name] = change(tensors[name])
    return tensors


def with_one(index: tuple[int, ...], value: float) -> Any:
    def change(array: np.ndarray) -> np.ndarray:
        array[index] = value
        return array

    return change


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        (bent("feature", with_one((0, 0, 0), 3 * SIDE**2)), "a pixel that the image does not"),
        (bent("feature", with_one((3, 1, 6), -1)), "a pixel that the image does not have"),
        (bent("feature", lambda a: a.astype(np.float32)), "feature should be 4 x 2 x 7 I64"),
        (bent("feature", lambda a: a[:, :, :3]), "feature should be 4 x 2 x 7 I64"),
        (bent("threshold", lambda a: a[:3]), "threshold should be 4 x 2 x 7 F16 or F32"),
        (bent("value", lambda a: a[:, :1]), "value should be 4 x 2 x 15"),
        (bent("value", lambda a: a * np.float32(1e30)), "add up to more than 10000"),
        (random_trees(2) | {"code": np.zeros(3)[:1].astype(np.float32)}, "code should be absent"),
        ({k: v for k, v in random_trees(2).items() if k != "value"}, "value should be 4 x 2 x 15"),
    ],
)
def test_trees_that_do_not_fit_are_refused_in_a_sentence(
    tmp_path: Path, tensors: dict[str, Any], sentence: str
) -> None:
    write_tree_package(tmp_path / "trees.zip", tensors)
    with pytest.raises(PackageError, match=sentence):
        choose_runtime(open_package(tmp_path / "trees.zip"))


@pytest.mark.parametrize(("side", "size"), [(16, 40), (24, 32), (20, 40)])
def test_a_side_that_does_not_divide_the_image_is_refused(
    tmp_path: Path, side: int, size: int
) -> None:
    package = write_tree_package(
        tmp_path / "trees.zip", arguments=ARGUMENTS | {"side": side}, size=size
    )
    with pytest.raises(PackageError, match=f"want {side} pixels a side"):
        load_pixel_trees(package)
