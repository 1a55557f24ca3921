"""MONAI ResNet-18 over melanoma, nevus and seborrhoeic keratosis, from any taxonomy's labels.

After a project that trained these three on a Spark cluster and reached an accuracy of 48 %. The map
takes the names of ISIC 2017 and of the ISIC Archive, and the codes of HAM10000 and ISIC 2019. Their
``bkl`` is wider: HAM10000 joins solar lentigo and lichen planus-like keratosis to seborrhoeic
keratosis, and does not say which is which. Other diagnoses are left out, and counted; for a CSV
with more of them, set ``label_map`` with ``--set``. Best begun from the weights of a network that
has seen skin, or ImageNet (``--init-weights``): there are few images.
"""

from inference.training.recipe import Recipe, Stage

SAME = {
    "mel": ("melanoma", "MEL"),
    "nv": ("nevus", "NV"),
    "sk": ("seborrheic_keratosis", "seborrheic keratosis", "SK", "bkl", "BKL"),
}
OTHERS = ("akiec", "bcc", "df", "vasc", "AK", "BCC", "DF", "VASC", "SCC", "UNK")

RECIPE = Recipe(
    name="three_class",
    architecture="resnet18",
    classes=tuple(SAME),
    label_map={name: code for code, names in SAME.items() for name in names}
    | dict.fromkeys(OTHERS, ""),
    stages=(Stage(epochs=12, size=128),),
    evaluation_size=160,
    ema_decay=0.99,  # a run has some hundred steps
)
