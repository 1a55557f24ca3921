"""How an organisation reads: blind or not, and what is read twice."""

from typing import Any

from django.db import transaction

from accounts.errors import InvalidInput
from accounts.models import Organisation, Role, User
from accounts.services import require_role
from clinic.models import BEFORE_COMMIT, Reading, ReadingPolicy

FIELDS = frozenset(
    {"blind", "second_read_share", "second_read_from_malignancy", "second_read_on_disagreement"}
)
PERCENTAGES = {
    "second_read_share": "The share of second reads is a percentage from 0 to 100.",
    "second_read_from_malignancy": "The malignancy is a percentage from 0 to 100, or empty.",
}


@transaction.atomic
def change_reading_policy(
    *, organisation: Organisation, actor: User, **fields: Any
) -> ReadingPolicy:
    """Change some of the policy; the history keeps who did and when.

    Switching blind reading off shows the model's opinion to everybody who reads at this moment:
    their readings stop being blind with it.
    """
    if not actor.is_superuser:
        require_role(actor, organisation.pk, Role.ADMINISTRATOR)
    if unknown := set(fields) - FIELDS:
        msg = f"A reading policy has no {', '.join(sorted(unknown))}."
        raise InvalidInput(msg)
    for name, sentence in PERCENTAGES.items():
        value = fields.get(name, 0)
        if value is not None and not 0 <= value <= 100:
            raise InvalidInput(sentence, field=name)
    policy, _ = ReadingPolicy.objects.select_for_update().get_or_create(organisation=organisation)
    for name, value in fields.items():
        setattr(policy, name, value)
    policy.save()
    if not policy.blind:
        Reading.objects.filter(
            case__organisation=organisation, state__in=BEFORE_COMMIT, is_blind=True
        ).update(is_blind=False)
    return policy
