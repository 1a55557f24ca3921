"""What every template keeps to: the content security policy, and labels that lead somewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django import forms
from django.conf import settings
from django.template.loader import render_to_string

TEMPLATES = sorted(
    path for folder in settings.TEMPLATES[0]["DIRS"] for path in Path(folder).rglob("*.html")
)
FORBIDDEN = {
    r"<style\b": "a <style> element: put it into static/css",
    r"\sstyle\s*=": "a style attribute: use a class, or an SVG attribute for a length from data",
    r"\son[a-z]+\s*=\s*[\"']": "an event handler attribute: listen in a script",
    r"javascript:": "a javascript: address",
    r"hx-on": "hx-on, which needs eval",
    r"hx-vals\s*=\s*[\"']js:": "hx-vals with js:, which needs eval",
    r"hx-trigger\s*=\s*[\"'][^\"']*\[": "a filter in hx-trigger, which needs eval",
    r"<script(?![^>]*\bsrc=)[^>]*>": "an inline script: put it into static/js",
    r"(src|href)=[\"'](https?:)?//": "something from another host",
}


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_template_keeps_to_the_content_security_policy(path: Path) -> None:
    text = re.sub(r"{% comment .*?endcomment %}", "", path.read_text(), flags=re.DOTALL)
    breaches = [why for pattern, why in FORBIDDEN.items() if re.search(pattern, text)]
    assert not breaches, f"{path.name} has " + " and ".join(breaches)


class Page(HTMLParser):
    """The tags of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def values(self, attribute: str) -> list[str]:
        return [
            attributes[attribute] or "" for _, attributes in self.tags if attribute in attributes
        ]

    def words(self) -> str:
        return " ".join(self.text.split())


def component(template: str, /, **context: Any) -> Page:
    return Page(render_to_string(f"components/{template}.html", context))


class Registration(forms.Form):
    name = forms.CharField(help_text="As it stands on the card.")
    born = forms.DateField(required=False)
    sex = forms.ChoiceField(choices=[("f", "female"), ("m", "male")], widget=forms.RadioSelect)
    consent = forms.BooleanField(help_text="Can be withdrawn.")
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def test_every_control_is_labelled_and_described_by_what_is_on_the_page() -> None:
    page = component("form_fields", form=Registration({"born": "tomorrow"}))
    ids = page.values("id")
    assert len(set(ids)) == len(ids)
    described = " ".join(page.values("aria-describedby")).split()
    assert {"id_name_helptext", "id_name_error", "id_consent_error"} <= set(described)
    assert set(described) <= set(ids)
    assert set(page.values("for")) <= set(ids)


def test_the_error_summary_leads_to_each_refused_field_and_takes_the_focus() -> None:
    page = component("form_errors", form=Registration({"born": "tomorrow"}))
    assert page.values("href") == ["#id_name", "#id_born", "#id_sex", "#id_consent"]
    assert "data-focus-on-arrival" in page.all("div")[0]
    ids = component("form_fields", form=Registration()).values("id")
    assert {address.removeprefix("#") for address in page.values("href")} <= set(ids)


def test_a_form_without_errors_has_no_summary() -> None:
    assert component("form_errors", form=Registration()).tags == []


ROWS = [
    {"name": "Melanoma", "code": "mel", "malignancy": "malignant", "probability": 0.622},
    {"name": "Melanocytic naevus", "code": "nv", "malignancy": "benign", "probability": 0.374},
    {"name": "Other", "malignancy": None, "probability": 0.004},
]


def test_probabilities_are_read_in_words_and_drawn_in_proportion() -> None:
    page = component("probability_bars", rows=ROWS)
    words = page.words().replace("\u00a0", " ")
    assert words.startswith(
        "Melanoma mel (Malignant): 62 % Melanocytic naevus nv (Benign): 37 %"
    ), words
    assert "Other (Unknown): < 1 %" in words
    assert [bar["width"] for bar in page.all("rect")] == [
        "100%",
        "62.2%",
        "100%",
        "37.4%",
        "100%",
        "0.4%",
    ]


@pytest.mark.parametrize(
    ("probability", "meaning", "sentence"),
    [
        (0.119, "benign", "Below the operating point of 12 %"),
        (0.12, "malignant", "At or above the operating point of 12 %"),
    ],
)
def test_the_malignancy_says_on_which_side_of_the_operating_point_it_is(
    probability: float, meaning: str, sentence: str
) -> None:
    page = component("malignancy", probability=probability, operating_point=0.12)
    _track, value, mark = page.all("rect")
    assert (value["class"], mark["x"]) == (f"fill-{meaning}", "12.0%")
    assert sentence in page.words().replace("\u00a0", " ")


def test_a_model_without_an_operating_point_calls_nothing_suspicious() -> None:
    page = component("malignancy", probability=0.9)
    assert page.all("rect")[1]["class"] == "fill-unknown"
    assert "suspicious" not in page.text


@pytest.mark.parametrize("meaning", ["benign", "indeterminate", "malignant", "unknown"])
def test_a_meaning_is_an_icon_and_a_word(meaning: str) -> None:
    page = component("meaning", meaning=meaning)
    assert page.words() == meaning.capitalize()
    assert page.all("i")


def test_a_name_that_is_markup_is_shown_as_text() -> None:
    page = component("patient_head", name="<script>alert(1)</script>", number="7")
    assert not page.all("script")
    assert "<script>alert(1)</script>" in page.text


def test_the_saliency_switch_is_there_only_when_there_is_a_map() -> None:
    picture = {"id": "1", "image_url": "/image/1/", "alt": "Lesion on the left forearm"}
    assert component("saliency_figure", **picture).all("input") == []
    page = component("saliency_figure", map_url="/map/1/", **picture)
    assert page.all("input")[0]["role"] == "switch"
    assert [image["alt"] for image in page.all("img")] == ["Lesion on the left forearm", ""]


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "409", "413", "429", "500"])
def test_an_error_page_needs_no_context_and_shows_the_way_on(code: str) -> None:
    page = Page(render_to_string(f"{code}.html"))
    assert len(page.all("h1")) == 1
    assert any(
        link.get("href") == "/" and "btn" in str(link.get("class")) for link in page.all("a")
    )


def test_an_error_page_says_what_the_refusal_said() -> None:
    page = Page(render_to_string("409.html", {"sentence": "This case was closed at 14:05."}))
    assert "This case was closed at 14:05." in page.text
    assert "decide again" not in page.text
