"""MONAI DenseNet121 over HAM10000's seven classes.

After a MONAI and SageMaker classifier that reported an accuracy of 0.69 and a macro AUC of 0.928,
on a split made after augmentation. Trained from scratch unless weights are given, hence the many
epochs at small images. What one CPU core can afford in an hour or so (it trains about 55 images/s
at 96 px): ``--set stages=14@96,6@112 --set evaluation_size=128``.
"""

from inference.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="densenet121",
    architecture="densenet121",
    stages=(Stage(epochs=30, size=128), Stage(epochs=12, size=176), Stage(epochs=4, size=224)),
    evaluation_size=256,
)
