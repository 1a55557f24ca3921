"""The product's addresses, and a page with the form of criteria as it stands in the panel."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from clinic.criteria import Criteria
from clinic.forms.criteria import CriteriaForm
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]

PREFIX = "lesion-7-criteria"
TEMPLATE = """{% extends "base.html" %}
{% load static %}
{% block title %}Criteria{% endblock title %}
{% block page_title %}Criteria{% endblock page_title %}
{% block body_class %}narrow{% endblock body_class %}
{% block head %}
  <link rel="stylesheet" href="{% static 'css/reading.css' %}">
  <link rel="stylesheet" href="{% static 'css/opinion.css' %}">
  <link rel="stylesheet" href="{% static 'css/criteria.css' %}">
{% endblock head %}
{% block content %}
  <form method="post" class="panel" data-bs-theme="{{ theme }}">
    <div class="panel-body stack">
      {% csrf_token %}
      {% include "clinic/reading/_criteria.html" with form=form only %}
      <button class="btn btn-primary" type="submit">Save draft</button>
      <div id="words">
        {% include "clinic/reading/_criteria_words.html" with criteria=kept only %}
      </div>
    </div>
  </form>
{% endblock content %}
{% block scripts %}
  <script src="{% static 'js/criteria.js' %}" type="module"></script>
{% endblock scripts %}
"""
KEPT: dict[str, object] = {}


@login_required
def panel(request: HttpRequest) -> HttpResponse:
    """The form; a post keeps what it says, as a read would."""
    form = CriteriaForm(
        request.POST if request.method == "POST" else None, prefix=PREFIX, initial=KEPT
    )
    kept = form.criteria()
    KEPT.clear()
    KEPT.update(Criteria.from_json(kept).to_json())
    context = {"form": form, "kept": KEPT, "theme": request.GET.get("theme", "dark")}
    return HttpResponse(engines["django"].from_string(TEMPLATE).render(context, request))


urlpatterns = [path("panel/", panel), *product]
