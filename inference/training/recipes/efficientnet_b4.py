"""EfficientNet-B4 in two stages: a frozen backbone first, then fine-tuning, with three callbacks.

After an ISIC 2019 project (accuracy 65.8 %): early stopping, the best epoch kept, and a rate that
is reduced on a plateau. The backbone is frozen only where it has starting weights; from scratch
all of the epochs train everything. B4 was made for 380 px: cache larger originals with
``--set cache_size=416 --set stages=45@380 --set evaluation_size=416``. What one CPU core can
afford in two hours (it trains about 26 images/s at 64 px): ``--set stages=20@64 --set
evaluation_size=80``.
"""

from inference.training.recipe import Recipe, Stage

RECIPE = Recipe(
    name="efficientnet_b4",
    architecture="efficientnet_b4",
    stages=(Stage(epochs=45, size=224),),
    evaluation_size=256,
    pretrained_learning_rate=2e-4,
    schedule="plateau",
    dropout=0.4,
    frozen_epochs=4,
    validate_every=1,
    watched="balanced_accuracy",
    keep="best",
    early_stopping=8,
    plateau_patience=3,
)
