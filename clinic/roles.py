"""Who may do what to the record."""

from accounts.models import Role

# Who submits cases and registers patients. A dermatologist sees patients of their own too.
SUBMITTERS = (Role.CLINICIAN, Role.DERMATOLOGIST)
# Who reads and signs.
READERS = (Role.DERMATOLOGIST,)
