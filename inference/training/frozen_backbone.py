"""Two-stage training: first the classifier on a frozen backbone, then everything."""

from torch import nn
from torch.nn.modules.batchnorm import _BatchNorm

from inference.engine.architectures import LesionClassifier


def freeze_backbone(model: LesionClassifier, loaded: frozenset[str], *, frozen: bool) -> None:
    """Hold the ``loaded`` parameters (or let all of them learn again); call it after ``train()``.

    The classifier always learns, and so does what had no starting weights: a random backbone is
    not worth holding. Held batch norms keep their statistics as well, or the held weights would
    see other activations than they were made for.
    """
    classifier: nn.Module = model.classifier
    always = {id(parameter) for parameter in classifier.parameters()}
    for name, parameter in model.named_parameters():
        held = frozen and name in loaded and id(parameter) not in always
        parameter.requires_grad_(not held)
    for layer in model.modules():
        if isinstance(layer, _BatchNorm) and not layer.weight.requires_grad:
            layer.eval()
