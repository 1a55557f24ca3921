"""Who may install models and put them into service."""

from accounts.errors import NotAllowed
from accounts.models import User

PERMISSION = "inference.operate_models"
GROUP = "Model operators"


def is_operator(user: User) -> bool:
    """Whether the person may install, activate and retire models."""
    return user.has_perm(PERMISSION)


def require_operator(actor: User | None) -> None:
    """Raise NotAllowed for anybody else. None is the installation's own command line."""
    if actor is not None and not is_operator(actor):
        msg = f"Only people of the group “{GROUP}” can install models and put them into service."
        raise NotAllowed(msg)
