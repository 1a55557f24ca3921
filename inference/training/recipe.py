"""A recipe: everything that decides a training run, in one flat record."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from inference.training.records import DataError

HAM10000 = ("akiec", "bcc", "bkl", "df", "mel", "nv", "vasc")
IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Stage:
    """Some epochs at one image size: small and fast first, larger to finish."""

    epochs: int
    size: int


@dataclass(frozen=True)
class Augmentation:
    """Random changes of shape and colour, as ranges; see ``augmentation.py`` for their meaning."""

    smallest_crop: float = 0.6  # side of the crop as a share of the image's side
    aspect: float = 0.12  # log of the largest ratio of the sides
    degrees: float = 20.0  # rotation beside the eight turns and reflections
    brightness: float = 0.2
    contrast: float = 0.2
    saturation: float = 0.25
    hue: float = 0.06  # radians about the grey axis
    erase: float = 0.0  # share of images with a grey rectangle
    shades_of_gray: float = 0.0  # share of images seen under neutral light (colour constancy)
    hair: float = 0.0  # share of images with hair drawn over them
    vignette: float = 0.0  # share of images with the dark ring of a dermatoscope


@dataclass(frozen=True, kw_only=True)
class DataRecipe:
    """What every recipe says of its images, whatever is trained on them."""

    name: str
    evaluation_size: int  # pixels, in service as well
    classes: tuple[str, ...] = HAM10000
    cache_size: int = 256  # pixels, of the decoded images
    test_time_augmentation: str = "none"  # none, d4: what the package will do in service
    seed: int = 7
    split_seed: int = 7  # apart from the seed: runs of several seeds keep the same images apart
    folds: int = 0  # 0: one hold-out split; k: the test part is fold ``fold`` of k
    fold: int = 0
    # From the CSV's labels to classes; an empty class leaves the label's images out.
    label_map: dict[str, str] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Recipe(DataRecipe):
    """How one network is trained. ``--set key=value`` changes any plain field.

    ``evaluation_size`` lies a little above the last stage's, see FixRes (Touvron 2019).
    """

    architecture: str
    stages: tuple[Stage, ...]
    arguments: dict[str, Any] = field(default_factory=dict)
    mean: tuple[float, float, float] = IMAGENET_MEAN
    std: tuple[float, float, float] = IMAGENET_STD
    batch_size: int = 32
    learning_rate: float = 1e-3
    pretrained_learning_rate: float = 4e-4  # for layers that came with the starting weights
    weight_decay: float = 0.05
    warmup_epochs: float = 1.0
    schedule: str = "cosine"  # cosine, step, warm_restarts, plateau
    # The first stage (frozen_backbone.py), and what validation decides (callbacks.py).
    frozen_epochs: int = 0  # at the start, in which only what had no starting weights learns
    watched: str = "balanced_accuracy"  # balanced_accuracy, macro_auc, validation_loss
    keep: str = "last"  # last, best: the validated epoch whose weights are packaged
    early_stopping: int = 0  # validations without a better one that end the run; 0: never
    plateau_patience: int = 3  # validations without a better one that reduce the rate
    plateau_factor: float = 0.3
    dropout: float = 0.2
    label_smoothing: float = 0.0
    sampling_exponent: float = 0.5  # classes are drawn as count ** exponent: 1 natural, 0 balanced
    logit_adjustment: float = 1.0  # 0 turns it off
    # The loss (losses.py) and what is mixed into an image (mixing.py).
    loss: str = "cross_entropy"  # cross_entropy, focal, ldam
    focal_gamma: float = 2.0
    ldam_margin: float = 2.0  # of the rarest class, in logits
    class_weighting: str = "none"  # none, effective_number
    reweight_after: float = 0.0  # share of the epochs before class weights count; 0.8: deferred
    mixing: str = "none"  # none, mixup, cutmix
    mixing_alpha: float = 1.0  # the kept share is Beta(alpha, alpha)
    mixing_share: float = 0.5  # of the images
    ema_decay: float = 0.998
    validate_every: int = 4
    augmentation: Augmentation = field(default_factory=Augmentation)

    @property
    def epochs(self) -> int:
        return sum(stage.epochs for stage in self.stages)

    def size_of_epoch(self, epoch: int) -> int:
        """The image size in pixels of the epoch counted from 0."""
        for stage in self.stages:
            if epoch < stage.epochs:
                return stage.size
            epoch -= stage.epochs
        return self.stages[-1].size

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Recipe":
        plain = dict(values)
        plain["stages"] = tuple(Stage(**stage) for stage in plain["stages"])
        plain["augmentation"] = Augmentation(**plain["augmentation"])
        plain["mean"], plain["std"] = tuple(plain["mean"]), tuple(plain["std"])
        plain["classes"] = tuple(plain["classes"])
        return cls(**plain)


def refuse_other_settings(begun: DataRecipe, recipe: DataRecipe, folder: Path) -> None:
    """Raise DataError where the unfinished run in ``folder`` was begun with another recipe."""
    differ = [
        each.name
        for each in fields(recipe)
        if getattr(begun, each.name, None) != getattr(recipe, each.name)
    ]
    if differ:
        raise DataError(
            f"{folder.name} holds a run with another {', '.join(differ)}: repeat its settings to "
            f"go on with it, or choose another --out."
        )


RecordT = TypeVar("RecordT", bound=DataRecipe | Augmentation)


def recipe_names() -> list[str]:
    """The recipes there are, in alphabetical order."""
    folder = Path(__file__).parent / "recipes"
    return sorted(path.stem for path in folder.glob("*.py") if path.stem != "__init__")


def load_recipe(name: str, changes: Iterable[str] = ()) -> DataRecipe:
    """The recipe of ``recipes/<name>.py`` with ``key=value`` changes. Raises DataError."""
    if name not in recipe_names():
        raise DataError(f"There is no recipe called {name}.")
    module = import_module(f"inference.training.recipes.{name}")
    recipe: DataRecipe = module.RECIPE
    for change in changes:
        recipe = _changed(recipe, change)
    return recipe


def _changed(recipe: DataRecipe, change: str) -> DataRecipe:
    """Apply one ``key=value``; values are JSON, a bare word counts as text.

    ``stages`` is written as epochs at size: ``stages=2@96,1@128``; ``augmentation.erase=0.2``
    reaches inside the augmentation.
    """
    key, _, text = change.partition("=")
    if not isinstance(recipe, Recipe):
        return _with_field(recipe, key, text)
    if key.startswith("augmentation."):
        inner = _with_field(recipe.augmentation, key.removeprefix("augmentation."), text)
        return replace(recipe, augmentation=inner)
    if key == "stages":
        return replace(recipe, stages=_stages(text))
    return _with_field(recipe, key, text)


def _stages(text: str) -> tuple[Stage, ...]:
    try:
        pairs = [part.split("@") for part in text.split(",")]
        stages = tuple(Stage(epochs=int(epochs), size=int(size)) for epochs, size in pairs)
    except ValueError:
        stages = ()
    if not stages or any(stage.epochs < 1 or stage.size < 1 for stage in stages):
        raise DataError(f"The setting stages takes epochs at size, such as 2@96,1@128: not {text}.")
    return stages


def _with_field(record: RecordT, key: str, text: str) -> RecordT:
    if key not in {known.name for known in fields(record)}:
        raise DataError(f"A recipe has no setting called {key}.")
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    current = getattr(record, key)
    if isinstance(current, float) and isinstance(value, int):
        value = float(value)
    if isinstance(current, tuple) and isinstance(value, list):
        value = tuple(value)
    if not isinstance(value, type(current)):
        raise DataError(f"The setting {key} takes a {type(current).__name__}, not {text!r}.")
    return replace(record, **{key: value})
