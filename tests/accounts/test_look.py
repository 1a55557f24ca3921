"""How times, per cents, sizes, people and meanings are written."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms

from accounts.models import User
from accounts.templatetags import look

NOW = datetime(2026, 3, 14, 15, 9, 26, tzinfo=UTC)


def plain(text: str) -> str:
    return text.replace(look.NBSP, " ")


@pytest.mark.parametrize(
    ("probability", "written"),
    [
        (0.0, "< 1 %"),
        (0.0099, "< 1 %"),
        (0.01, "1 %"),
        (0.374, "37 %"),
        (0.99, "99 %"),
        (0.9949, "> 99 %"),
        (1.0, "> 99 %"),
        (None, "unknown"),
    ],
)
def test_a_probability_is_never_more_precise_than_the_model(
    probability: float | None, written: str
) -> None:
    assert plain(look.percent(probability)) == written


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1_000, "1.0 kB"),
        (12_345, "12 kB"),
        (999_600, "1.0 MB"),
        (3_400_000, "3.4 MB"),
        (31_457_280, "31 MB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_a_size_has_its_unit(amount: int, written: str) -> None:
    assert plain(look.size(amount)) == written


@pytest.mark.parametrize(
    ("passed", "written"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=12, seconds=40), "12 min ago"),
        (timedelta(minutes=59, seconds=59), "59 min ago"),
        (timedelta(hours=1), "1 h ago"),
        (timedelta(hours=23, minutes=59), "23 h ago"),
        (timedelta(hours=24), "1 day ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=7), "7 Mar 2026"),
        (-timedelta(seconds=20), "just now"),
        (-timedelta(hours=2), "14 Mar 2026, 17:09"),
    ],
)
def test_a_time_says_how_long_ago_it_was_and_after_a_week_the_date(
    passed: timedelta, written: str
) -> None:
    assert plain(look.ago(NOW - passed, NOW)) == written


def test_the_exact_time_stands_on_hover_and_for_machines() -> None:
    element = look.time_ago(datetime(2026, 3, 7, 9, 5, tzinfo=UTC))
    assert 'datetime="2026-03-07T09:05:00+00:00"' in element
    assert 'title="Saturday 7 March 2026, 09:05"' in element
    assert ">7 Mar 2026</time>" in element


def test_a_date_is_written_as_a_date() -> None:
    assert look.ago(date(1971, 3, 14)) == "14 Mar 1971"


def test_a_waiting_time_has_no_ago() -> None:
    assert plain(look.waiting(NOW - timedelta(hours=3, minutes=50), NOW)) == "3 h"


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("benign", "Benign"),
        ("INDETERMINATE", "Indeterminate"),
        ("malignant", "Malignant"),
        ("unknown", "Unknown"),
        (None, "Unknown"),
        ("", "Unknown"),
        ("pre-malignant", "Unknown"),
    ],
)
def test_a_meaning_nobody_knows_is_unknown_and_never_benign(value: str | None, word: str) -> None:
    assert look.known_meaning(value).word == word


def test_no_two_meanings_share_an_icon() -> None:
    icons = [meaning.icon for meaning in look.MEANINGS.values()]
    assert len(set(icons)) == len(icons)


@pytest.mark.parametrize(
    ("name", "email", "letters"),
    [
        ("Dana Demir", "dana@northside.example", "DD"),
        ("Maria da Silva Éluard", "", "MÉ"),
        ("Plato", "", "P"),
        ("", "alice.ashdown@northside.example", "AA"),
        ("فاطمة الزهراء", "", "فا"),
        ("  ", "", "?"),
    ],
)
def test_initials_come_from_the_name_or_else_the_address(
    name: str, email: str, letters: str
) -> None:
    assert look.initials(User(full_name=name.strip(), email=email)) == letters


def test_a_control_keeps_its_own_classes_and_drops_a_placeholder_that_repeats_the_label() -> None:
    class Signing(forms.Form):
        code = forms.CharField(
            label="Code",
            help_text="Six digits.",
            widget=forms.TextInput(attrs={"class": "mono", "placeholder": "Code"}),
        )
        site = forms.ChoiceField(choices=[("back", "Back")])

    form = Signing()
    code = look.control(form["code"])
    assert 'class="mono form-control"' in code
    assert 'placeholder="Code"' not in code
    assert 'aria-describedby="id_code_helptext"' in code
    assert 'class="form-select"' in look.control(form["site"])
