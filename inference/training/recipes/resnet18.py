"""MONAI ResNet-18, small images first, larger to finish; trained in about an hour on one core.

After a thesis platform of eight models (its best test AUC: 0.892), which compared learning-rate
schedules and answered with test-time augmentation. Its settings are here to be chosen:
``--set schedule=step``, ``cosine`` or ``warm_restarts``; ``--set dropout=0.5``; ``--set
test_time_augmentation=d4``, in validation as in service; and every range of ``augmentation``.
"""

from inference.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="resnet18",
    architecture="resnet18",
    stages=(Stage(epochs=8, size=128), Stage(epochs=4, size=160)),
    evaluation_size=192,
)
