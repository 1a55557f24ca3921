"""The product's addresses, and a page with nothing but the stage: what any page with one has to do.

The opinion beside it is a field and a button, to see that their keys stay theirs.
"""

from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template import engines
from django.urls import path
from PIL import Image

from clinic.selectors import visible_cases
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

TEMPLATE = Path(__file__).with_name("page.html")
SCRIPT = """
import { listen } from "/static/js/reading_keys.js";
import { Stage } from "/static/js/stage/stage.js";

const stage = new Stage(document.getElementById("room"));
window.stage = stage;
window.heard = [];
window.pressed = [];
for (const kind of ["stage:shown", "stage:annotations"]) {
  document.addEventListener(kind, ({ type, detail }) => window.heard.push({ type, ...detail }));
}
const actions = {};
for (const [key, { run }] of Object.entries(stage.keys())) actions[key] = run;
for (const key of ["e", "r", "g"]) actions[key] = () => window.pressed.push(key);
listen(actions);
"""
STYLE = """
.stage-shell .frame { display: block; padding: 0; }
.stage-shell .sections { display: none; }
.stage-room { display: grid; grid-template-columns: minmax(0, 1fr) 28rem; height: 48rem; }
.stage-images { display: grid; grid-template-columns: minmax(0, 1fr);
  grid-template-rows: minmax(0, 1fr) auto; min-height: 0; background: var(--stage); }
@media (max-width: 1023.98px) {
  .stage-room { grid-template-columns: minmax(0, 1fr); height: auto; }
  .stage-images { height: 30rem; }
}
"""


@login_required
def stage(request: HttpRequest, case: UUID) -> HttpResponse:
    """The images of one case."""
    images = list(get_object_or_404(visible_cases(request.user), pk=case).images.all())
    wanted = [image for image in images if str(image.pk) == request.GET.get("image")]
    desk = SimpleNamespace(images=images, image=(wanted or images)[0], reading=None)
    html = engines["django"].from_string(TEMPLATE.read_text()).render({"desk": desk}, request)
    return HttpResponse(html)


def script(request: HttpRequest) -> HttpResponse:
    """What the page runs."""
    return HttpResponse(SCRIPT, content_type="text/javascript")


def style(request: HttpRequest) -> HttpResponse:
    """A frame around the stage: beside the opinion, or above it on a phone."""
    return HttpResponse(STYLE, content_type="text/css")


def saliency(request: HttpRequest) -> HttpResponse:
    """A map as a model leaves it."""
    buffer = BytesIO()
    Image.linear_gradient("L").resize((7, 7)).save(buffer, "PNG")
    return HttpResponse(buffer.getvalue(), content_type="image/png")


urlpatterns = [
    path("stage/page.js", script),
    path("stage/page.css", style),
    path("stage/map.png", saliency),
    path("stage/<uuid:case>/", stage, name="stage"),
    *product,
]
