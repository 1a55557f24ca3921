"""The REST API, its schema and its documentation."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

import accounts.api.schema  # noqa: F401 - says how the senders are authenticated
from accounts.api.routes import register as register_accounts
from clinic.api.routes import register as register_clinic
from inference.api.routes import register as register_inference

router = SimpleRouter(use_regex_path=False)
register_accounts(router)
register_clinic(router)
register_inference(router)

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
]
