"""How criteria that cannot be recorded are refused."""

from accounts.errors import InvalidInput


class WrongCriteria(InvalidInput):
    """A value that the checklist or the rule does not know. `str(error)` says which."""

    code = "wrong_criteria"

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence, field="criteria")
