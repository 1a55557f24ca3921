"""Figures of a shadow's page.

{% load shadow %}
{{ figure.estimate.value|per_cent }}   "72 %"
{{ period.apart|signed_points }}       "+1.2 points"
{{ figure.estimate.low|kappa }}        "−0.39"
"""

from django import template

register = template.Library()


@register.filter
def per_cent(share: float) -> str:
    """A whole per cent."""
    return f"{100 * share:.0f}\u00a0%"


@register.filter
def signed_points(difference: float | None) -> str:
    """A difference of two probabilities, in hundredths."""
    if difference is None:
        return "–"
    return f"{100 * difference:+.1f}\u00a0points".replace("-", "\u2212")


@register.filter
def kappa(value: float) -> str:
    """Two places, with a real minus."""
    return f"{value:.2f}".replace("-", "\u2212")
