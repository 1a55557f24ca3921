"""`/organisations/`: the sites that the sender belongs to."""

from django.db.models import QuerySet
from django_filters import CharFilter
from drf_spectacular.utils import extend_schema, extend_schema_view

from accounts.api.filters import RecordFilterSet
from accounts.api.serializers import OrganisationSerializer
from accounts.api.views import ReadableViewSet
from accounts.models import Organisation
from accounts.selectors import visible_organisations


class OrganisationFilterSet(RecordFilterSet):
    """By short name."""

    slug = CharFilter(help_text="Exactly this short name.")


@extend_schema_view(
    list=extend_schema(summary="List organisations"),
    retrieve=extend_schema(summary="One organisation"),
)
class OrganisationViewSet(ReadableViewSet):
    """Sites that share nothing with each other."""

    serializer_class = OrganisationSerializer
    filterset_class = OrganisationFilterSet

    def get_queryset(self) -> QuerySet[Organisation]:
        """Those in which the sender has a role."""
        return visible_organisations(self.request.user)
