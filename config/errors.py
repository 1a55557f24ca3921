"""Errors in the product's own look, or as problem details under /api/."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.response import TemplateResponse

from accounts.api.problems import problem_page

SENTENCES = {
    400: "The request could not be understood.",
    403: "You may not do that.",
    404: "There is nothing at this address, or you may not see it.",
    500: "Something went wrong on our side. Nothing you stored is lost; it has been logged.",
}


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_page(status)
    return render(request, f"{status}.html", {"sentence": SENTENCES[status]}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400."""
    return _answer(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answer(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: also for what exists but belongs to somebody else."""
    return _answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _answer(request, 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with the way on: the page was open since before the last sign-in."""
    sentence = "This page is older than your sign-in. Reload it and try again; nothing was changed."
    return TemplateResponse(request, "403.html", {"sentence": sentence}, status=403).render()
