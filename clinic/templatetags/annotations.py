"""The vocabulary of annotations on a page."""

from django import template

from clinic.annotation.vocabulary import menu

register = template.Library()


@register.simple_tag
def annotation_vocabulary() -> list[dict[str, str | bool]]:
    """The labels for a script: `{% annotation_vocabulary as labels %}{{ labels|json_script:"…" }}`.

    Each has code, name, group, group_name and needs_text.
    """
    return menu()
