"""The pages of statistics: whose figures stand there, for which weeks, by how many queries."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Case
from clinic.services import change_reading_policy
from tests.cast import signed_in
from tests.clinic.reading_cases import second_dermatologist
from tests.clinic.statistics_record import MELANOMA, NEVUS, Turn, closed_case
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
MOST_QUERIES = 12
OWN, ORGANISATION = reverse("statistics"), reverse("statistics-organisation")


@pytest.fixture
def erin(northside: Organisation) -> User:
    return second_dermatologist(northside)


def text(client: Client, url: str) -> str:
    """What stands on a page, without tags and with single blanks."""
    response = client.get(url)
    assert response.status_code == 200
    body = re.sub(r"<[^>]*>", " ", response.content.decode())
    return re.sub(r"\s+", " ", body.replace("&nbsp;", " "))


def read_twice(
    organisation: Organisation, first: User, second: User, times: int = 1, **turn: object
) -> None:
    for _ in range(times):
        for code, model in (("nevus", NEVUS), ("melanoma", MELANOMA)):
            closed_case(organisation, Turn(first, code, model=model, **turn),  # type: ignore[arg-type]
                        Turn(second, code, role="second", model=model, **turn),  # type: ignore[arg-type]
                        pathology=code)  # fmt: skip


def test_ones_own_figures_stand_beside_those_of_all(
    northside: Organisation, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin, 10)
    closed_case(northside, Turn(dana, seconds=3000))
    page = text(signed_in(dana), OWN)
    assert "You signed 21 of 41" in page
    assert "You 1 min 0 s 1 min 0 s to 1 min 0 s 21 0" in page
    assert "Diagnosis 1.00 1.00 to 1.00 20 pairs" in page
    assert "mean recall of 2 classes 100 % 85 to 100 % 20 reads" in page
    assert "20 of 21 lesion reads by first and second readers are compared." in page
    assert (
        "Left out: 0 not blind, 0 without an answer of the model, 1 without pathology." not in page
    )
    assert "Left out: 0 not blind, 1 without an answer of the model, 0 without pathology." in page


def test_no_colleague_stands_there_by_name(
    northside: Organisation, ada: User, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin)
    page = text(signed_in(dana), OWN)
    assert "Eriksen" not in page
    assert "All readers" in page
    whole = text(signed_in(ada), ORGANISATION)
    assert "Erin Eriksen" in whole
    assert "Dana Demir" in whole


def test_a_reader_who_has_left_is_still_named_to_administrators(
    northside: Organisation, ada: User, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin)
    erin.memberships.all().delete()
    assert "Erin Eriksen" in text(signed_in(ada), ORGANISATION)


def test_the_period_is_in_the_address_and_nonsense_is_ignored(
    northside: Organisation, dana: User
) -> None:
    client, now = signed_in(dana), timezone.now()
    for weeks in (1, 8, 30):
        closed_case(northside, Turn(dana, signed_at=now - timedelta(weeks=weeks)))
    signed = {
        query: re.search(r"You signed (\d+) of", text(client, OWN + query)).group(1)  # type: ignore[union-attr]
        for query in ("", "?weeks=4", "?weeks=12", "?weeks=52", "?weeks=9999", "?weeks=x")
    }
    assert signed == {
        "": "2", "?weeks=4": "1", "?weeks=12": "2", "?weeks=52": "3", "?weeks=9999": "2",
        "?weeks=x": "2",
    }  # fmt: skip


def test_every_week_stands_in_the_table_also_those_without_a_read(
    northside: Organisation, dana: User
) -> None:
    closed_case(northside, Turn(dana))
    page = signed_in(dana).get(OWN + "?weeks=52").content.decode()
    table = page[page.index('id="reads-table"') : page.index("</table>")]
    assert table.count('<th scope="row"') == 52


def test_choices_keep_each_other(northside: Organisation, dana: User) -> None:
    closed_case(northside, Turn(dana))
    page = signed_in(dana).get(OWN + "?weeks=4&truth=consensus&other=1").content.decode()
    assert 'href="?weeks=52&amp;truth=consensus"' in page
    assert 'href="?weeks=4#comparison-heading"' in page
    assert "other=1" not in re.findall(r'href="(\?[^"]*)"', page)


def test_consensus_is_a_switch_that_says_it_flatters(
    northside: Organisation, dana: User, erin: User
) -> None:
    closed_case(northside, Turn(dana, model=NEVUS), Turn(erin, role="second", model=NEVUS))
    plain, agreed = (text(signed_in(dana), OWN + query) for query in ("", "?truth=consensus"))
    assert "Consensus flatters" not in plain
    assert "0 of 1 lesion read by first and second readers are compared" in plain
    assert "Consensus flatters" in agreed
    assert "1 of 1 lesion read by first and second readers is compared" in agreed


def test_few_pairs_are_said_to_be_too_few(northside: Organisation, dana: User, erin: User) -> None:
    read_twice(northside, dana, erin)
    page = text(signed_in(dana), OWN)
    assert "Diagnosis too few 2 pairs" in page
    assert "Shown from 20 pairs on" in page


def test_readings_without_a_time_are_counted_apart(northside: Organisation, dana: User) -> None:
    for seconds in (0, 130):
        closed_case(northside, Turn(dana, seconds=seconds))
    assert "You 2 min 10 s 2 min 10 s to 2 min 10 s 1 1" in text(signed_in(dana), OWN)


def test_an_empty_record_says_what_to_do(northside: Organisation, dana: User, ada: User) -> None:
    for person, url in ((dana, OWN), (ada, ORGANISATION)):
        page = text(signed_in(person), url)
        assert "Nothing was signed in these weeks" in page
        assert "Nobody has changed this." in page


def test_the_policy_stands_there_with_who_changed_it_and_when(
    northside: Organisation, ada: User, dana: User
) -> None:
    client = signed_in(ada)
    closed_case(northside, Turn(dana))
    client.post(
        reverse("admin:clinic_readingpolicy_add"),
        {"organisation": northside.pk, "second_read_share": "20"},
    )
    for page in (text(client, ORGANISATION), text(signed_in(dana), OWN)):
        assert "This organisation does not read blind" in page
        assert "Ada Adeyemi Blind first reads switched off; Second read of 20 % at random" in page
    change_reading_policy(organisation=northside, actor=ada, blind=True)
    page = text(client, ORGANISATION)
    assert "This organisation does not read blind" not in page
    assert "Blind first reads switched off" in page


def test_an_open_case_changes_nothing_on_either_page(
    northside: Organisation, ada: User, dana: User, erin: User
) -> None:
    read_twice(northside, dana, erin, 10)
    pages = [(signed_in(person), url + query) for person, url in ((dana, OWN), (ada, ORGANISATION))
             for query in ("", "?truth=consensus")]  # fmt: skip
    before = [text(*page) for page in pages]
    case = closed_case(
        northside, Turn(erin, "melanoma", "nevus", model=NEVUS, seconds=999), pathology="melanoma"
    )
    assert [text(*page) for page in pages] != before
    Case.objects.filter(pk=case.pk).update(state="second_read", answer=None, finalised_at=None)
    now = [text(*page) for page in pages]
    # The worklist's count in the frame is one more: that a case waits is no opinion.
    assert [page[page.index("Readings per week"):] for page in now] == [
        page[page.index("Readings per week"):] for page in before
    ]  # fmt: skip


def test_nothing_of_another_organisation_is_counted(
    northside: Organisation, southside: Organisation, dana: User, erin: User
) -> None:
    bea = UserFactory(full_name="Bea Berg")
    grant_role(user=bea, organisation=southside, role=Role.DERMATOLOGIST)
    read_twice(northside, dana, erin, 10)
    assert "Nothing was signed in these weeks" in text(signed_in(bea), OWN)


def test_the_queries_are_few_and_as_many_for_a_long_record(
    northside: Organisation, ada: User, dana: User, erin: User
) -> None:
    # With a person in the history of the policy: that is a query too.
    signed_in(ada).post(
        reverse("admin:clinic_readingpolicy_add"),
        {"organisation": northside.pk, "blind": "on", "second_read_share": "10"},
    )
    counts: dict[str, list[int]] = {OWN: [], ORGANISATION: []}
    for times in (1, 12):
        read_twice(northside, dana, erin, times)
        for person, url in ((dana, OWN), (ada, ORGANISATION)):
            client = signed_in(person)
            client.get(url)
            with CaptureQueriesContext(connection) as queries:
                client.get(url + "?weeks=52&truth=consensus")
            counts[url].append(len(queries))
    for few, many in counts.values():
        assert few == many <= MOST_QUERIES
