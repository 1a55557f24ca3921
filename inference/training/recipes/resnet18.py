"""MONAI ResNet-18, small images first, larger to finish; trained in about an hour on two cores."""

from inference.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="resnet18",
    architecture="resnet18",
    stages=(Stage(epochs=14, size=128), Stage(epochs=12, size=176)),
    evaluation_size=208,
)
