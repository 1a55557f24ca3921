"""Data sets that a person may see: those of organisations that the person administers."""

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Organisation, User
from accounts.selectors import administered_organisations
from clinic.models import Dataset, DatasetVersion, SealedTestSet, VersionKind


def visible_datasets(user: User | AnonymousUser) -> QuerySet[Dataset]:
    """Those whose every organisation the person administers; all for the operator."""
    return Dataset.objects.filter(_within_reach(Dataset, user))


def visible_dataset_versions(user: User | AnonymousUser) -> QuerySet[DatasetVersion]:
    """Frozen versions for training, by the same rule; sealed test sets are not among them."""
    return DatasetVersion.objects.filter(
        _within_reach(DatasetVersion, user), kind=VersionKind.TRAINING
    )


def sealed_test_sets(user: User | AnonymousUser) -> QuerySet[SealedTestSet]:
    """Of the organisations that the person administers."""
    return SealedTestSet.objects.filter(
        organisation__in=administered_organisations(user)
    ).select_related("version", "organisation", "sealed_by")


def _within_reach(
    model: type[Dataset] | type[DatasetVersion], user: User | AnonymousUser
) -> Exists:
    """Some organisation, and none that the person does not administer."""
    of_row = Organisation.objects.filter(
        **{
            "datasets" if model is Dataset else "dataset_versions": OuterRef("pk"),
        }
    ).order_by()
    beyond = of_row.exclude(pk__in=administered_organisations(user).values("pk"))
    return Exists(of_row) & ~Exists(beyond)  # type: ignore[return-value]
