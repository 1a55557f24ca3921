"""The shapes of Annotorious, through the stage's own scripts, to the server and back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from accounts.models import Organisation, User
from clinic.models import Annotation
from tests.browser.watch import PageWatch
from tests.clinic.annotated import on_the_desk
from tests.clinic.reading_cases import waiting_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

THERE_AND_BACK = """async (address) => {
  const [{ Server }, { selectorOf, shapeOf }, { fromBounds, polygon }] = await Promise.all(
    ["server", "w3c", "shapes"].map((name) => import(`/static/js/stage/${name}.js`)),
  );
  const box = { minX: 100.4, minY: 80.2, maxX: 300.6, maxY: 200.8 };
  const around = Array.from({ length: 500 }, (_, step) => [
    320 + 150 * Math.cos((step * Math.PI) / 250), 240 + 90 * Math.sin((step * Math.PI) / 250),
  ]);
  const drawn = {
    lesion_border: polygon(around),
    globules: fromBounds("ELLIPSE", box),
    streaks: fromBounds("RECTANGLE", box),
    // At the edge: the server moves what lies less than a pixel outside.
    pigment_network: polygon([[-0.6, 10], [640.4, 10], [320, 480.9]]),
  };
  const server = new Server(address);
  for (const [label, shape] of Object.entries(drawn)) {
    const content = { label, text: "", selector: selectorOf(shape) };
    const key = crypto.randomUUID();
    await server.put(key, 0, content);
    await server.put(key, 1, { ...content, text: "Again." });
  }
  const { entries, mayAnnotate } = await server.list();
  const back = entries.map(({ content }) => [content.label, shapeOf(content.selector)]);
  const shapes = Object.fromEntries(back);
  return { drawn, shapes, mayAnnotate, versions: entries.map((one) => one.version) };
}"""


def _numbers(shape: dict[str, object]) -> list[float]:
    geometry = {name: value for name, value in shape["geometry"].items() if name != "bounds"}  # type: ignore[attr-defined]
    points = geometry.pop("points", [])
    return [*map(float, geometry.values()), *(number for point in points for number in point)]


def test_what_was_drawn_comes_back_to_a_tenth_of_a_pixel(
    northside: Organisation, dana: User, signed_in: Callable[..., Page]
) -> None:
    image = on_the_desk(waiting_case(northside, answer="none"), dana)
    page = signed_in(dana)
    page.goto("/cases/")
    found = page.evaluate(THERE_AND_BACK, f"/images/{image.pk}/annotations/")
    assert found["mayAnnotate"] is True
    assert found["versions"] == [2, 2, 2, 2]
    assert set(found["shapes"]) == set(found["drawn"])
    for label, shape in found["drawn"].items():
        back = found["shapes"][label]
        assert back is not None, f"Annotorious cannot read the {label}"
        assert back["type"] == shape["type"]
        allowed = 1.0 if label == "pigment_network" else 0.11
        assert _numbers(back) == pytest.approx(_numbers(shape), abs=allowed), label
    assert Annotation.objects.filter(image=image, creator=dana).count() == 8
    edge = Annotation.objects.filter(label="pigment_network").first()
    assert edge is not None
    assert edge.points == [[0, 10], [640, 10], [320, 480]]


def test_a_second_window_gets_the_newest_version_with_its_conflict(
    northside: Organisation,
    dana: User,
    signed_in: Callable[..., Page],
    watch: PageWatch,
) -> None:
    watch.allow("status of 409")
    image = on_the_desk(waiting_case(northside, answer="none"), dana)
    page = signed_in(dana)
    page.goto("/cases/")
    kind, version = page.evaluate(
        """async (address) => {
          const { Server } = await import("/static/js/stage/server.js");
          const [one, other] = [new Server(address), new Server(address)];
          const selector = { type: "FragmentSelector", value: "xywh=pixel:1,2,30,40" };
          const key = crypto.randomUUID();
          await one.put(key, 0, { label: "globules", text: "", selector });
          await one.put(key, 1, { label: "streaks", text: "", selector });
          return other
            .put(key, 1, { label: "pigment_network", text: "", selector })
            .then(() => ["stored", 0], (refusal) => [refusal.kind, refusal.current.version]);
        }""",
        f"/images/{image.pk}/annotations/",
    )
    assert (kind, version) == ("conflict", 2)
    labels = Annotation.objects.order_by("version").values_list("label", flat=True)
    assert list(labels) == ["globules", "streaks"]
