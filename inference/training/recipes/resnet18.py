"""MONAI ResNet-18, small images first, larger to finish; trained in about an hour on one core."""

from inference.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="resnet18",
    architecture="resnet18",
    stages=(Stage(epochs=8, size=128), Stage(epochs=4, size=160)),
    evaluation_size=192,
)
