"""EfficientNet-B0 in two stages, as EfficientNet-B4: its small sibling.

What one CPU core can afford in an hour or so (it trains about 46 images/s at 96 px):
``--set stages=18@96 --set evaluation_size=112``.
"""

from dataclasses import replace

from inference.training.recipe import Stage
from inference.training.recipes.efficientnet_b4 import RECIPE as B4

RECIPE = replace(
    B4,
    name="efficientnet_b0",
    architecture="efficientnet_b0",
    stages=(Stage(epochs=45, size=192),),
    evaluation_size=224,  # what B0 was made for
    dropout=0.2,
)
