"""What a clinician does in the browser, and the files they have on their desktop."""

import base64
import re

from playwright.sync_api import FilePayload, Locator, Page, expect

from accounts.models import User
from tests.clinic.imaging.pictures import photograph, saved
from tests.factories import PASSWORD


def picture(name: str = "mole.jpg", *, seed: int = 1) -> FilePayload:
    content = saved(photograph(640, 480, seed=seed), "JPEG", quality=90)
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def not_a_picture(name: str = "letter.jpg") -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": b"Dear colleague, " * 40}


def drop(page: Page, target: Locator, *files: FilePayload) -> None:
    """Drop files on an element, as a person does from the desktop."""
    described = [
        {
            "name": file["name"],
            "type": file["mimeType"],
            "content": base64.b64encode(file["buffer"]).decode(),
        }
        for file in files
    ]
    transfer = page.evaluate_handle(
        """files => {
            const transfer = new DataTransfer();
            for (const { name, type, content } of files) {
                const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
                transfer.items.add(new File([bytes], name, { type }));
            }
            return transfer;
        }""",
        described,
    )
    for event in ("dragenter", "dragover", "drop"):
        target.dispatch_event(event, {"dataTransfer": transfer})


def mark_by_click(page: Page, place: str) -> None:
    """Click a region of the body map and confirm."""
    region = page.locator(f'[data-place="{place}"]')
    box = region.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.get_by_role("button", name=re.compile("Mark lesion")).click()


def sign_in_in_a_new_tab(page: Page, person: User) -> None:
    """Follow the page's own link, sign in there, and come back."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Sign in in a new tab").click()
    tab = opened.value
    tab.get_by_label("Email").fill(person.email)
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("heading", level=1)).to_contain_text("Good to see you")
    tab.close()
