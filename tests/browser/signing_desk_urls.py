"""The product's addresses, and a desk that signs: what any page that signs has to do, and no more.

The reading room does the same with a case; here nothing but the proof is looked at.
"""

from pathlib import Path

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template import engines
from django.urls import path

from accounts.services import SigningProofRequired, require_signing_proof, spend_signing_proof
from accounts.views.signing import signing_address
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

TEMPLATE = Path(__file__).with_name("signing_desk.html")
SIGNED: list[tuple[str, str]] = []
SCRIPT = """
import { proveForSigning } from "/static/js/signing.js";

const form = document.getElementById("desk");
const outcome = document.getElementById("outcome");
window.pagesOwnKeys = [];
document.addEventListener("keydown", (event) => window.pagesOwnKeys.push(event.key));
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  outcome.textContent = "";
  const what = ["Lesion 1, left forearm: melanocytic naevus, discharge.",
                "Lesion 2, upper back: melanoma, excise within two weeks."];
  const proved = await proveForSigning({ what, action: "Sign and next" });
  if (!proved) { outcome.textContent = "Nothing was signed."; return; }
  const response = await fetch(form.action, {
    method: "POST", body: new FormData(form), headers: { Accept: "application/json" } });
  const body = await response.json();
  outcome.textContent = response.ok ? `Signed by ${body.method}.` : body.code;
});
"""


@login_required
def desk(request: HttpRequest) -> HttpResponse:
    """Sign with the proof of this session, or lead to where it is given."""
    if request.method == "POST":
        try:
            proof = require_signing_proof(request=request)
        except SigningProofRequired as refusal:
            if request.accepts("text/html"):
                return redirect(signing_address("/desk/"))
            return JsonResponse({"code": refusal.code}, status=refusal.status)
        SIGNED.append((proof.method, request.POST["comment"]))
        spend_signing_proof(request=request)
        return JsonResponse({"method": proof.method})
    context = {"dark": "dark" in request.GET}
    return HttpResponse(
        engines["django"].from_string(TEMPLATE.read_text()).render(context, request)
    )


def script(request: HttpRequest) -> HttpResponse:
    """What the page that signs does."""
    return HttpResponse(SCRIPT, content_type="text/javascript")


urlpatterns = [path("desk/", desk), path("desk.js", script), *product]
