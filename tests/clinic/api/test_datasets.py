"""Data sets by API: described, looked at, frozen, read row by row."""

from datetime import date
from typing import Any

import pytest

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.models import Dataset, DatasetVersion, SealedTestSet
from clinic.services.datasets import record_research_consent, seal_test_set
from tests.api.senders import Sender, person, program
from tests.clinic.dataset_record import a_reader, a_record, signed_image

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(ada: User) -> Sender:
    return person(ada)


def body(organisation: Organisation, **description: Any) -> dict[str, Any]:
    return {
        "name": "Nevi of spring",
        "purpose": "To train the next model.",
        "organisations": [str(organisation.pk)],
        "description": description,
    }


def frozen(organisation: Organisation, ada: User, sender: Sender) -> dict[str, Any]:
    """A first version, as the API shows it."""
    a_record(organisation, 24)
    seal_test_set(organisation=organisation, share=0.2, seed=1, actor=ada)
    dataset = sender.post("/datasets/", body(organisation)).json()
    answer = sender.post(f"/datasets/{dataset['id']}/freeze/")
    assert answer.status_code == 201, answer.content
    version: dict[str, Any] = answer.json()
    return version


def test_what_is_left_out_of_a_description_has_its_default(
    northside: Organisation, administrator: Sender
) -> None:
    sent = body(northside, classes=["nv", "mel"], signed_from="2026-01-01", seed=7)
    answer = administrator.post("/datasets/", sent)
    assert answer.status_code == 201
    made = answer.json()
    assert answer["Location"].endswith(f"/api/v1/datasets/{made['id']}/")
    assert made["description"] == {
        "signed_from": "2026-01-01",
        "signed_to": None,
        "classes": ["mel", "nv"],
        "image_kinds": ["dermoscopic"],
        "label_sources": ["adjudication", "concordant", "pathology", "single"],
        "minimum_agreement": 0.0,
        "consent": "training",
        "train_share": 0.7,
        "validation_share": 0.15,
        "seed": 7,
    }
    assert administrator.get(f"/datasets/{made['id']}/").json() == made


def test_a_change_leaves_the_rest_as_it_is(northside: Organisation, administrator: Sender) -> None:
    made = administrator.post("/datasets/", body(northside, seed=7)).json()
    change = {"description": {"consent": "sharing", "signed_to": "2026-03-31"}}
    changed = administrator.patch(f"/datasets/{made['id']}/", change).json()
    expected = made["description"] | {"consent": "sharing", "signed_to": "2026-03-31"}
    assert changed["description"] == expected
    assert (changed["name"], changed["organisations"]) == (made["name"], made["organisations"])


@pytest.mark.parametrize(
    ("description", "field"),
    [
        ({"classes": ["measles"]}, "classes"),
        ({"signed_from": "2026-02-02", "signed_to": "2026-02-01"}, "signed_to"),
        ({"signed_from": "yesterday"}, "signed_from"),
        ({"label_sources": []}, "label_sources"),
        ({"label_sources": ["rumour"]}, "label_sources/0"),
        ({"minimum_agreement": 1.01}, "minimum_agreement"),
        ({"minimum_agreement": "1"}, "minimum_agreement"),
        ({"train_share": 0}, "train_share"),
        ({"train_share": 0.8, "validation_share": 0.3}, "validation_share"),
        ({"consent": "not_asked"}, "consent"),
        ({"seed": 2**31}, "seed"),
        ({"seed": True}, "seed"),
        ({"sseed": 1}, "sseed"),
    ],
)
def test_what_cannot_be_meant_is_pointed_at(
    description: dict[str, Any], field: str, northside: Organisation, administrator: Sender
) -> None:
    for path in ("/datasets/", "/datasets/preview/"):
        sent = body(northside, **description)
        if path.endswith("preview/"):
            sent = {name: sent[name] for name in ("organisations", "description")}
        answer = administrator.post(path, sent)
        assert answer.status_code == 400
        pointers = [entry["pointer"] for entry in answer.json()["errors"]]
        assert pointers == [f"#/description/{field}"]
    assert not Dataset.objects.exists()


def test_a_preview_counts_and_writes_nothing(
    northside: Organisation, administrator: Sender
) -> None:
    reader = a_reader(northside)
    for code, consent in (("nevus", "sharing"), ("nevus", "training"), ("melanoma", "refused")):
        signed_image(northside, code, reader=reader, consent=consent)
    sent = {"organisations": [str(northside.pk)], "description": {"consent": "training"}}
    answer = administrator.post("/datasets/preview/", sent).json()
    assert (answer["images"], answer["patients"]) == (2, 2)
    assert answer["by"]["label"] == {"nv": 2}
    assert answer["left_out"] == {"no_consent": 1}
    assert answer["imbalance"] is None
    assert not Dataset.objects.exists()


def test_freezing_twice_gives_the_version_that_is_there(
    northside: Organisation, ada: User, administrator: Sender
) -> None:
    version = frozen(northside, ada, administrator)
    again = administrator.post(f"/datasets/{version['dataset']}/freeze/")
    assert again.status_code == 200
    assert again.json() == version
    assert version["number"] == 1
    assert version["frozen_by"] == "Ada Adeyemi"
    assert len(version["digest"]) == 64
    (listed,) = administrator.get("/dataset-versions/").json()["results"]
    assert listed == version
    for name, value in (("digest", version["digest"]), ("dataset", version["dataset"])):
        assert administrator.get("/dataset-versions/", **{name: value}).json()["results"] == [
            version
        ]
    assert administrator.get("/dataset-versions/", digest="0" * 64).json()["results"] == []


def test_freezing_needs_a_sealed_test_set_and_something_to_freeze(
    northside: Organisation, ada: User, administrator: Sender
) -> None:
    a_record(northside, 12)
    made = administrator.post("/datasets/", body(northside, signed_to="1999-12-31")).json()
    answer = administrator.post(f"/datasets/{made['id']}/freeze/")
    assert (answer.status_code, answer.json()["code"]) == (409, "no_sealed_test_set")
    seal_test_set(organisation=northside, share=0.2, seed=1, actor=ada)
    answer = administrator.post(f"/datasets/{made['id']}/freeze/")
    assert (answer.status_code, answer.json()["code"]) == (409, "nothing_to_freeze")


def test_rows_follow_the_manifest_page_by_page(
    northside: Organisation, ada: User, administrator: Sender
) -> None:
    version = frozen(northside, ada, administrator)
    address, rows = f"/dataset-versions/{version['id']}/rows/", []
    page = administrator.get(address, page_size=7).json()
    rows += page["results"]
    while page["next"]:
        page = administrator.get(page["next"].split("/api/v1", 1)[1]).json()
        rows += page["results"]
    assert [entry["number"] for entry in rows] == list(range(1, version["image_count"] + 1))
    stored = DatasetVersion.objects.get(pk=version["id"]).rows.order_by("number")
    assert [entry["row"]["image"] for entry in rows] == [row.image for row in stored]
    assert all(entry["row"]["number"] == entry["number"] for entry in rows)
    assert administrator.get(address, split="test").status_code == 400


def test_a_withdrawn_row_is_its_number_and_the_day(
    northside: Organisation, ada: User, alice: User, administrator: Sender
) -> None:
    version = frozen(northside, ada, administrator)
    row = DatasetVersion.objects.get(pk=version["id"]).rows.get(number=2)
    record_research_consent(patient=row.source.case.patient, consent="withdrawn", actor=alice)
    answer = administrator.get(f"/dataset-versions/{version['id']}/rows/")
    entry = answer.json()["results"][1]
    assert entry["number"] == 2
    assert entry["row"] is None
    assert date.fromisoformat(entry["withdrawn_on"])
    assert row.image not in answer.content.decode()
    assert row.patient not in answer.content.decode()


def test_the_sealed_test_set_is_on_no_list_and_its_rows_are_nowhere(
    northside: Organisation, ada: User, administrator: Sender
) -> None:
    frozen(northside, ada, administrator)
    sealed = SealedTestSet.objects.get().version
    listed = administrator.get("/dataset-versions/").json()["results"]
    assert str(sealed.pk) not in {entry["id"] for entry in listed}
    for path in (f"/dataset-versions/{sealed.pk}/", f"/dataset-versions/{sealed.pk}/rows/"):
        assert administrator.get(path).status_code == 404


def test_who_does_not_administer_finds_nothing(
    northside: Organisation,
    southside: Organisation,
    ada: User,
    bob: User,
    dana: User,
    administrator: Sender,
) -> None:
    version = frozen(northside, ada, administrator)
    grant_role(user=bob, organisation=southside, role=Role.ADMINISTRATOR)
    for sender in (person(bob), person(dana), program(northside)):
        for path in ("/datasets/", "/dataset-versions/"):
            assert sender.get(path).json()["results"] == []
        for path in (
            f"/datasets/{version['dataset']}/",
            f"/dataset-versions/{version['id']}/",
            f"/dataset-versions/{version['id']}/rows/",
        ):
            assert sender.get(path).status_code == 404
        assert sender.post(f"/datasets/{version['dataset']}/freeze/").status_code == 404
        refused = sender.post("/datasets/preview/", {"organisations": [str(northside.pk)]})
        assert refused.status_code in {400, 403}
        assert "images" not in refused.json()


def test_a_data_set_moves_to_no_organisation_that_somebody_does_not_administer(
    northside: Organisation, southside: Organisation, ada: User, administrator: Sender
) -> None:
    made = administrator.post("/datasets/", body(northside)).json()
    grant_role(user=ada, organisation=southside, role=Role.CLINICIAN)
    change = {"organisations": [str(northside.pk), str(southside.pk)]}
    answer = person(ada).patch(f"/datasets/{made['id']}/", change)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert Dataset.objects.get().organisations.get() == northside
