"""Errors in the product's own look, or as problem details under /api/.

The pages carry their own words; a refusal's sentence is added by whoever raised it.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader

from accounts.api.problems import problem_page


def _answer(request: HttpRequest, status: int) -> HttpResponse:
    if request.path.startswith("/api/"):
        return problem_page(status)
    return render(request, f"{status}.html", status=status)


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
    """500, without the frame around the page: it asks the database, which may be what failed."""
    if request.path.startswith("/api/"):
        return problem_page(500)
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 with the way on: the page was open since before the last sign-in."""
    return render(request, "403_csrf.html", status=403)
