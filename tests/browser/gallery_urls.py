"""The product's addresses, and a page that shows every component with difficult content."""

import time
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.utils import timezone

from accounts.errors import Conflict
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

TEMPLATE = Path(__file__).with_name("gallery.html")
LONG_NAME = "Maria-Magdalena Wilhelmina Featherstonehaugh-Cholmondeley de la Peña"
POSTED: list[str] = []
ANSWER_AFTER_S = 1.0  # long enough for an impatient second click


class Registration(forms.Form):
    name = forms.CharField(help_text="As it stands on the insurance card.")
    born = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    sex = forms.ChoiceField(
        choices=[("f", "female"), ("m", "male")], widget=forms.RadioSelect, required=False
    )
    skin_type = forms.ChoiceField(choices=[("", ""), ("1", "I")], required=False)
    question = forms.CharField(widget=forms.Textarea, required=False)
    consent = forms.BooleanField(required=False)
    picture = forms.FileField(required=False)


class Filters(forms.Form):
    q = forms.CharField(label="Name or number", required=False)
    state = forms.ChoiceField(choices=[("", "All"), ("open", "Open")], required=False)


@login_required
def gallery(request: HttpRequest) -> HttpResponse:
    """Every component; a post answers 422 with the form while the name is missing."""
    form = Registration(request.POST or None)
    if request.method == "POST":
        POSTED.append(request.POST.get("name", ""))
        time.sleep(ANSWER_AFTER_S)
    for level in (messages.SUCCESS, messages.INFO, messages.WARNING, messages.ERROR):
        messages.add_message(request, level, "IMG_2041.jpg is not an image: nothing was stored.")
    rows = [
        {"name": "Melanoma", "code": "mel", "malignancy": "malignant", "probability": 0.62},
        {"name": "Actinic keratosis", "malignancy": "indeterminate", "probability": 0.29},
        {"name": "Melanocytic naevus", "malignancy": "benign", "probability": 0.086},
        {"name": "Other", "malignancy": None, "probability": 0.004},
    ]
    context = {
        "form": form,
        "filters": Filters(request.GET),
        "rows": rows,
        "page": SimpleNamespace(newer_url="?newer", older_url="?older"),
        "meanings": ["benign", "indeterminate", "malignant", "unknown"],
        "states": ["draft", "waiting", "working", "done", "attention", "failed"],
        "kinds": ["info", "success", "warning", "error"],
        "long_name": LONG_NAME,
        "submitted_at": timezone.now() - timedelta(minutes=12),
    }
    html = engines["django"].from_string(TEMPLATE.read_text()).render(context, request)
    return HttpResponse(html, status=200 if form.is_valid() or not form.is_bound else 422)


def refusal(request: HttpRequest) -> HttpResponse:
    """A service that says no."""
    raise Conflict("This case was closed by Dana Demir at 14:05. Open it again to see her answer.")


urlpatterns = [
    path("gallery/", gallery, name="gallery"),
    path("gallery/refusal/", refusal, name="gallery-refusal"),
    *product,
]
