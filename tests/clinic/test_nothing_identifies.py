"""Trying to get out of every export what would say who somebody is, and failing to.

One patient of a very telling record goes the whole way: uploaded through the real service, read,
signed, frozen, exported in every format and both ways. Then every byte of every file is searched
for every secret, as it is and in each way in which it could hide.
"""

import base64
import contextlib
import gzip
import io
import json
import zlib
from collections.abc import Iterator
from datetime import date
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from accounts.models import Organisation, Role, User
from accounts.services import grant_role
from clinic.datasets.description import Description
from clinic.datasets.formats import FORMATS
from clinic.models import DatasetVersion, LesionImage, Patient
from clinic.services import (
    record_pathology,
    register_lesion,
    register_patient,
    start_case,
    submit_case,
)
from clinic.services.dataset_exports import archive_pieces
from clinic.services.datasets import (
    describe_dataset,
    freeze_dataset,
    record_research_consent,
    seal_test_set,
)
from tests.cast import signed_in
from tests.clinic.annotated import draw, ellipse, on_the_desk
from tests.clinic.exported import files_in, written
from tests.clinic.imaging.pictures import icc_profile, jpeg_segment, photograph, with_segments
from tests.clinic.reading_cases import sign_as
from tests.factories import OrganisationFactory, UserFactory, diagnosis

pytestmark = pytest.mark.django_db

BORN = date(1937, 11, 23)
TELLING = {
    "given name": "Theodolinde",
    "family name": "Quastenflosser",
    "record number": "KX-4471-0932",
    "birth date": "1937-11-23",
    "birth date as in EXIF": "1937:11:23",
    "birth date as in Germany": "23.11.1937",
    "birth date, short": "19371123",
    "file name": "Quastenflosser_links_Bauch_Mai",
    "camera owner": "Dr. Xaverl Ohnegleichen",
    "serial number": "SN-88231-ZZ",
    "camera": "Leica Zwergnase 9",
    "GPS date": "2019:08:07",
    "caption": "tattoo says Rosalinde",
    "comment": "belongs to ward 7 bed 3",
    "XMP": "xmp-creator-Wunibald",
    "question": "Sister Notburga noticed it first",
    "history": "since the wedding with Ottokar",
    "remark": "as I told Frau Kunigunde",
    "region's remark": "scar from Doktor Eisenbart",
    "clinician": "Alberich Fernspecher",
    "clinician's e-mail": "fernspecher@rautenhof.example",
    "dermatologist": "Brunhilde Zirbelnuss",
    "dermatologist's e-mail": "zirbelnuss@rautenhof.example",
    "administrator": "Chlodwig Haselhuhn",
    "administrator's e-mail": "haselhuhn@rautenhof.example",
    "organisation": "Klinikum Rautenhof",
    "organisation's address": "rautenhof",
}


def telling_jpeg(seed: int) -> bytes:
    """A picture full of what cameras, programs and people write into pictures."""
    exif = Image.Exif()
    exif[0x010E] = TELLING["caption"]
    exif[0x010F] = TELLING["camera"]
    exif[0x013B] = TELLING["camera owner"]
    exif[0x0132] = f"{TELLING['birth date as in EXIF']} 10:11:12"
    exif[0x9C9F] = f"{TELLING['family name']}".encode("utf-16-le")
    details = exif.get_ifd(0x8769)
    details[0xA431] = TELLING["serial number"]
    details[0x9286] = b"UNICODE\0" + TELLING["given name"].encode("utf-16-le")
    places = exif.get_ifd(0x8825)
    places[0x001D] = TELLING["GPS date"]
    places[0x0002] = (48.0, 8.0, 7.0)
    thumbnail = io.BytesIO()
    photograph(32, 24).save(thumbnail, "JPEG", comment=TELLING["comment"].encode())
    content = io.BytesIO()
    photograph(320, 240, seed=seed).save(
        content, "JPEG", exif=exif, comment=TELLING["comment"].encode(), icc_profile=icc_profile()
    )
    xmp = f"<x:xmpmeta><dc:creator>{TELLING['XMP']}</dc:creator></x:xmpmeta>"
    return with_segments(
        content.getvalue(),
        jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp.encode()),
        jpeg_segment(0xED, b"Photoshop 3.0\x008BIM" + TELLING["record number"].encode()),
        jpeg_segment(0xEC, thumbnail.getvalue()),
    )


@pytest.fixture
def rautenhof(db: None) -> Organisation:
    return OrganisationFactory(name=TELLING["organisation"], slug="rautenhof")


def member(organisation: Organisation, role: Role, what: str) -> User:
    user = UserFactory(full_name=TELLING[what], email=TELLING[f"{what}'s e-mail"])
    grant_role(user=user, organisation=organisation, role=role)
    return user


@pytest.fixture
def clinician(rautenhof: Organisation) -> User:
    return member(rautenhof, Role.CLINICIAN, "clinician")


@pytest.fixture
def dermatologist(rautenhof: Organisation) -> User:
    return member(rautenhof, Role.DERMATOLOGIST, "dermatologist")


@pytest.fixture
def administrator(rautenhof: Organisation) -> User:
    return member(rautenhof, Role.ADMINISTRATOR, "administrator")


def read_patient(
    organisation: Organisation, clinician: User, dermatologist: User, number: int
) -> Patient:
    """A patient whose case was uploaded on the screen, drawn on, signed, and proved."""
    patient = register_patient(
        organisation=organisation, actor=clinician, given_name=TELLING["given name"],
        family_name=TELLING["family name"], birth_date=BORN, sex="female",
        medical_record_number=f"{TELLING['record number']}-{number}",
    )  # fmt: skip
    record_research_consent(patient=patient, consent="sharing", actor=clinician)
    lesion = register_lesion(
        patient=patient, actor=clinician, body_site="back", history=TELLING["history"]
    )
    case = start_case(patient=patient, actor=clinician, clinical_question=TELLING["question"])
    picture = SimpleUploadedFile(
        f"{TELLING['file name']}.jpg", telling_jpeg(number), content_type="image/jpeg"
    )
    answer = signed_in(clinician).post(
        f"/cases/{case.pk}/images/", {"files": picture, "lesion": str(lesion.pk)}
    )
    assert answer.status_code in {200, 201, 302}, answer.content
    submit_case(case=case, actor=clinician)
    image = on_the_desk(case, dermatologist)
    for label, shape in (("lesion_border", ellipse(160, 120, 60, 40)), ("globules", None)):
        draw(image, dermatologist, label=label, target=shape, text=TELLING["region's remark"])
    sign_as(dermatologist, case, "nevus", comment=TELLING["remark"])
    record_pathology(
        lesion=lesion, diagnosis=diagnosis("nevus"), method="histo", actor=dermatologist
    )
    return patient


@pytest.fixture
def version(
    rautenhof: Organisation, clinician: User, dermatologist: User, administrator: User
) -> DatasetVersion:
    for number in range(6):
        read_patient(rautenhof, clinician, dermatologist, number)
    seal_test_set(organisation=rautenhof, share=0.2, seed=1, actor=administrator)
    dataset = describe_dataset(
        name="Nevi of spring", purpose="The next model.", organisations=[rautenhof],
        description=Description(consent="sharing"), actor=administrator,
    )  # fmt: skip
    return freeze_dataset(dataset=dataset, actor=administrator).version


def secrets() -> dict[str, list[bytes]]:
    """What is searched for, by what it is: in the ways in which texts are written down."""
    found = {}
    for what, text in TELLING.items():
        spelt = {text, text.lower(), text.upper(), text.replace(" ", "_"), quote(text)}
        ways = {each.encode(code) for each in spelt for code in ("utf-8", "utf-16-le", "utf-16-be")}
        ways |= {base64.b64encode(text.encode()).rstrip(b"=")[:-2], text.encode().hex().encode()}
        found[what] = sorted(ways)
    return found


def keys_of_the_record() -> dict[str, list[bytes]]:
    """The primary keys: whoever had them could ask the record."""
    from clinic.models import Annotation, Case, Lesion, Reading

    found = {}
    for model in (Patient, Lesion, Case, LesionImage, Reading, Annotation, User, Organisation):
        keys = list(model.objects.values_list("pk", flat=True))
        found[f"key of {model.__name__}"] = [
            way for key in keys for way in (str(key).encode(), key.hex.encode(), key.bytes)
        ]
    names = LesionImage.objects.values_list("file", flat=True)
    found["place in storage"] = [name.rsplit("/", 1)[1][:32].encode() for name in names]
    return found


def unpacked(name: str, content: bytes) -> Iterator[bytes]:
    """A file as it is, and everything that a program would find in it."""
    yield name.encode()
    yield content
    if name.endswith((".jpg", ".png")):
        with Image.open(io.BytesIO(content)) as picture:
            yield repr(picture.info).encode()
            yield repr(dict(picture.getexif())).encode()
            yield from (repr(picture.getexif().get_ifd(place)).encode()
                        for place in (0x8769, 0x8825, 0xA005))  # fmt: skip
    if name.endswith(".parquet"):
        import pyarrow.parquet as pq

        table = pq.read_table(io.BytesIO(content))
        yield repr(table.schema.metadata).encode() + str(table.to_pylist()).encode()
    if name.endswith((".json", ".jsonl")):
        for line in [content] if name.endswith(".json") else content.splitlines():
            yield json.dumps(json.loads(line), ensure_ascii=False).encode()
    if name.endswith(".zip"):
        with ZipFile(io.BytesIO(content)) as archive:
            yield archive.comment
            for entry in archive.infolist():
                yield entry.comment + entry.extra
                yield from unpacked(entry.filename, archive.read(entry))
    if name.endswith(".gz"):
        yield gzip.decompress(content)
    for start in _all_places(content, b"\x78\x9c"):
        yield _inflated(content[start:])


def _all_places(content: bytes, what: bytes) -> Iterator[int]:
    place = content.find(what)
    while place >= 0:
        yield place
        place = content.find(what, place + 1)


def _inflated(content: bytes) -> bytes:
    """What a zlib stream that begins here holds, as far as it is one."""
    with contextlib.suppress(zlib.error):
        return zlib.decompressobj().decompress(content, 1 << 20)
    return b""


def leaks(name: str, content: bytes, hidden: dict[str, list[bytes]]) -> set[str]:
    """Which secrets are in a file."""
    haystacks = list(unpacked(name, content))
    return {
        what
        for what, ways in hidden.items()
        if any(way in haystack for way in ways for haystack in haystacks)
    }


def test_the_search_finds_every_secret_wherever_it_is_put() -> None:
    """Without this the test below could look past them."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    hidden = secrets()
    for what, text in TELLING.items():
        table = io.BytesIO()
        pq.write_table(pa.table({"a": [text] * 50}), table, compression="zstd")
        picture = io.BytesIO()
        photograph(32, 24).save(picture, "PNG", exif=_exif(text))
        archive = io.BytesIO()
        with ZipFile(archive, "w", compression=8) as zipped:
            zipped.writestr("a.txt", text * 20)
        planted = {
            "a.txt": text.encode(), "b.txt": text.encode("utf-16"), "c.csv": text.upper().encode(),
            "d.json": json.dumps({"a": text}).encode(), "e.parquet": table.getvalue(),
            "f.png": picture.getvalue(), "g.zip": archive.getvalue(), f"{text}.txt": b"",
            "h.bin": b"..." + zlib.compress(text.encode()),
            "i.txt": base64.b64encode(text.encode()), "j.gz": gzip.compress(text.encode()),
        }  # fmt: skip
        for name, content in planted.items():
            assert what in leaks(name, content, hidden), f"{what} in {name}"


def _exif(text: str) -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = text
    return exif


def test_what_is_uploaded_says_it_all() -> None:
    """The control: most secrets are in the picture before the guard has seen it."""
    told = leaks("a.jpg", telling_jpeg(1), secrets())
    assert told >= {"caption", "camera", "camera owner", "serial number", "comment", "XMP",
                    "GPS date", "given name", "family name", "record number",
                    "birth date as in EXIF"}  # fmt: skip


@pytest.mark.parametrize("delivery", ["zip", "files"])
@pytest.mark.parametrize("form", FORMATS)
def test_no_export_says_who_somebody_is(
    form: str, delivery: str, version: DatasetVersion, administrator: User
) -> None:
    export = written(version, administrator, form, delivery)
    files = files_in(export)
    if delivery == "zip":
        files["the.zip"] = b"".join(archive_pieces(export))
    hidden = secrets() | keys_of_the_record()
    told = {name: found for name, content in files.items()
            if (found := leaks(name, content, hidden))}  # fmt: skip
    assert told == {}
    if FORMATS[form].has_images:
        pictures = [name for name in files if name.endswith(".jpg")]
        assert len(pictures) == version.image_count, "there was something to look into"
    everything = b"".join(name.encode() + content for name, content in files.items())
    images = version.rows.values_list("image", flat=True)
    assert all(image.encode() in everything for image in images), "an export of nothing tells none"
