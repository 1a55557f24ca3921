"""How soon a reader can work on a case of 20 images and 50 annotations, and on the one after it.

`python -m config.embedded python -m benchmarks.reading_desk` (or `make bench`). A real gunicorn
and a real Chromium. "Opened" is an address typed into a browser that has never been here: from the
request until the picture stands on the stage and every key works. "Next" is Ctrl+Enter on a case
that is decided, until the same can be said of the next one, whose pictures were fetched ahead: once
with the signature, and once for "Skip", which has no other work to do.

The server and a browser that paints in software share the processors: what is measured is the
sum of both. BENCH_CPUS=0,1 pins them to these (Linux).
"""

import os
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from uuid import uuid4

from benchmarks._service import clinic_in_a_folder
from benchmarks.first_picture import cookie_of, free_port, web_server, window

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from accounts.models import User
    from clinic.models import Case, Lesion

IMAGES, ANNOTATIONS, LESIONS = 20, 50, 4
WIDTH, HEIGHT = 2400, 1800
TURNS = 7
PATIENCE = 60
PASSWORD = "a-measurement-and-nothing-else"

# When the picture is on the stage and the desk hears every key, on the clock of all pages.
READY = """window.deskReady = 0;
new MutationObserver(() => {
  const isReady = document.querySelector('#room[data-ready="true"] #viewer[data-state="shown"]');
  if (isReady && !window.deskReady) window.deskReady = performance.timeOrigin + performance.now();
}).observe(document, { subtree: true, childList: true, attributes: true });"""
# The moment of the key press outlives the page that heard it.
PRESSED = """window.addEventListener("keydown", (event) => {
  sessionStorage.setItem("pressed", performance.timeOrigin + event.timeStamp);
}, { capture: true });"""


def a_reader() -> "User":
    """Who submits and reads."""
    from accounts.models import Role, User
    from accounts.services import create_organisation, grant_role

    clinic = create_organisation(name="Bench", slug="bench")
    person = User.objects.create_user("bench@example.com", full_name="Bench", password=PASSWORD)
    grant_role(user=person, organisation=clinic, role=Role.DERMATOLOGIST)
    return person


def full_case(person: "User", number: int) -> "Case":
    """20 pictures of four lesions with their renditions, 50 outlines drawn on them."""
    from clinic.models import Case
    from clinic.services import register_lesion, register_patient, start_case, submit_case
    from clinic.tasks import make_renditions_task

    organisation = person.memberships.get().organisation
    patient = register_patient(
        organisation=organisation, actor=person, family_name=f"Bench {number}",
        medical_record_number=str(number),
    )  # fmt: skip
    case: Case = start_case(patient=patient, actor=person)
    for _ in range(LESIONS):
        lesion = register_lesion(patient=patient, actor=person, body_site="forearm")
        add_pictures(case, lesion, person, seed=number)
    make_renditions_task()
    submitted: Case = submit_case(case=case, actor=person)
    draw(submitted, person)
    return submitted


def add_pictures(case: "Case", lesion: "Lesion", person: "User", *, seed: int) -> None:
    from clinic.services import add_image
    from clinic.synthetic.dermoscopy import as_jpeg, make_dermoscopic_image

    for place in range(IMAGES // LESIONS):
        picture = make_dermoscopic_image(
            seed * 1000 + lesion.number * 100 + place, width=WIDTH, height=HEIGHT
        )
        add_image(case=case, lesion=lesion, content=as_jpeg(picture, quality=90), actor=person)


def draw(case: "Case", person: "User") -> None:
    """Polygons of 24 corners, spread over the images; the case goes back to the list."""
    import math

    from clinic.services import assign_case, release_case
    from clinic.services.annotations import save_annotation

    assign_case(case=case, reader=person)
    images = list(case.images.all())
    for number in range(ANNOTATIONS):
        corners = " ".join(
            f"{900 + 20 * number + 300 * math.cos(corner * math.tau / 24):.1f},"
            f"{900 + 300 * math.sin(corner * math.tau / 24):.1f}"
            for corner in range(24)
        )
        selector = {"type": "SvgSelector", "value": f'<svg><polygon points="{corners}"/></svg>'}
        save_annotation(
            image=images[number % len(images)], actor=person, key=uuid4(), version=0,
            label="globules", text="", target={"selector": selector},
        )  # fmt: skip
    release_case(case=case, reader=person)


def ready_at(page: "Page") -> float:
    """Milliseconds since 1970. The page's own policy forbids `wait_for_function`."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := float(page.evaluate("window.deskReady || 0")):
            return found
        page.wait_for_timeout(10)
    raise SystemExit(f"Not ready in {PATIENCE} s; the page: {page.title()}")


def opened(browser: "Browser", cookie: dict[str, str], case: "Case") -> dict[str, float]:
    """Milliseconds with a cold cache: to the first byte, to the whole page, to the desk."""
    with window(browser, cookie) as context:
        page = context.new_page()
        page.add_init_script(READY)
        page.goto(f"{cookie['url']}/cases/{case.pk}/review/")
        ready = ready_at(page)
        times: dict[str, float] = page.evaluate(
            """() => {
                const [page] = performance.getEntriesByType("navigation");
                return {server: page.responseStart, page: page.domContentLoadedEventEnd,
                        origin: performance.timeOrigin};
            }"""
        )
        return {"server": times["server"], "page": times["page"], "desk": ready - times["origin"]}


def next_case(browser: "Browser", cookie: dict[str, str], *, sign: bool) -> float:
    """Milliseconds from the key to the next desk. Each turn signs, or skips, one case."""
    with window(browser, cookie) as context:
        page = context.new_page()
        page.add_init_script(READY)
        page.add_init_script(PRESSED)
        page.goto(f"{cookie['url']}/worklist/")
        page.keyboard.press("n")
        page.wait_for_url("**/review/")
        ready_at(page)
        if sign:
            decide(page, cookie["url"])
        fetched_ahead(page)
        before = page.url
        page.keyboard.press("Control+Enter" if sign else "n")
        page.wait_for_url(lambda address: address != before and "/review/" in address)
        arrived = ready_at(page)
        return arrived - float(page.evaluate("sessionStorage.getItem('pressed')"))


def decide(page: "Page", address: str) -> None:
    """Everything said, committed and proved, so that one key is left."""
    token = next(one["value"] for one in page.context.cookies() if one["name"] == "csrftoken")
    headers = {"X-CSRFToken": token, "Accept": "application/json", "Referer": page.url}
    page.context.request.post(
        f"{address}/account/signing/", form={"password": PASSWORD}, headers=headers
    )
    for _ in range(LESIONS):
        for key in ("1", "g", "l"):
            page.keyboard.press(key)
    page.keyboard.press("Control+Enter")
    page.locator("#decide-title").wait_for()


def fetched_ahead(page: "Page") -> None:
    """A reader looks at a case for longer than this takes."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1_500)


def measure(browser: "Browser", cookie: dict[str, str], cases: "list[Case]") -> None:
    """Print medians and the best."""
    turns = [opened(browser, cookie, cases[0]) for _ in range(TURNS + 1)][1:]
    for name in ("server", "page", "desk"):
        print(f"opened, {name}: {words([turn[name] for turn in turns])}")
    print(f"next, skipped: {words([next_case(browser, cookie, sign=False) for _ in range(TURNS)])}")
    signed = [next_case(browser, cookie, sign=True) for _ in range(len(cases) - 1)]
    print(f"next, signed: {words(signed)}")


def words(times: list[float]) -> str:
    few, many = min(times), max(times)
    return f"{median(times):.0f} ms (median of {len(times)}; best {few:.0f}, worst {many:.0f})"


def main() -> None:
    """Four cases of 20 images; opened again and again, skipped, signed one after the other."""
    from playwright.sync_api import sync_playwright

    program = os.environ.get("CHROMIUM", "/usr/bin/chromium")
    if not Path(program).exists():
        print("There is no Chromium: nothing was measured. Name one: CHROMIUM=/path/to/chromium")
        return
    if cpus := os.environ.get("BENCH_CPUS"):
        os.sched_setaffinity(0, {int(cpu) for cpu in cpus.split(",")})
    with clinic_in_a_folder() as folder:
        os.environ["STATIC_ROOT"] = str(folder / "static")
        os.environ["SECRET_KEY"] = "only-for-this-measurement"
        from django.conf import settings
        from django.core.management import call_command

        settings.STATIC_ROOT, settings.SECRET_KEY = folder / "static", os.environ["SECRET_KEY"]
        call_command("collectstatic", interactive=False, verbosity=0)
        person = a_reader()
        cases = [full_case(person, number) for number in range(1, 5)]
        port = free_port()
        cookie = cookie_of(cases[0], f"http://127.0.0.1:{port}")
        sandbox = [] if os.geteuid() else ["--no-sandbox"]
        with web_server(folder, port), sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=program, args=["--disable-gpu", "--disable-dev-shm-usage", *sandbox]
            )
            print(f"load average at the start: {os.getloadavg()[0]:.1f}")
            measure(browser, cookie, cases)
            browser.close()


if __name__ == "__main__":
    main()
