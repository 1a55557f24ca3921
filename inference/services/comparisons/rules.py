"""The rules of the verdict, as the settings have them when a comparison is asked for."""

from typing import Any

from django.conf import settings


def rules_in_force() -> dict[str, Any]:
    """Kept with the comparison, so that a later change of the settings changes no old verdict."""
    return {
        **settings.COMPARISON_MARGINS,
        "fewest_images": settings.COMPARISON_FEWEST_IMAGES,
        "fewest_malignant": settings.COMPARISON_FEWEST_MALIGNANT,
        "subgroup_images": settings.COMPARISON_SUBGROUP_IMAGES,
        "subgroup_patients": settings.COMPARISON_SUBGROUP_PATIENTS,
    }
