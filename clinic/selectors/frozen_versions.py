"""A frozen version as the writers of export formats take it: streams, pseudonyms, no remark."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from uuid import UUID

from django.utils import timezone

from clinic.datasets.formats import DrawnRegion, FrozenVersion
from clinic.datasets.manifest import ManifestRow
from clinic.datasets.pseudonyms import Pseudonyms
from clinic.models import Annotation, DatasetVersion, Diagnosis, PseudonymKey, ReadingState
from clinic.selectors.datasets import manifest_rows
from clinic.selectors.diagnoses import with_parents


def frozen_version(version: DatasetVersion) -> FrozenVersion:
    """What an export is written from. `version.dataset` should be loaded."""
    nodes = with_parents(Diagnosis.objects.filter(taxonomy_version=version.taxonomy_version))
    classes = [node for node in nodes if node.class_node in {node, None}]
    return FrozenVersion(
        name=version.dataset.name if version.dataset else "Sealed test set",
        number=version.number,
        digest=version.digest,
        split_digest=version.split_digest,
        seed=version.seed,
        frozen_on=timezone.localdate(version.created_at).isoformat(),
        header=version.header,
        rows=partial(manifest_rows, version),
        regions=signed_regions(version),
        isic2019={node.kind: node.isic2019 for node in classes if node.isic2019},
        class_names={node.kind: node.name for node in classes},
    )


def signed_regions(
    version: DatasetVersion,
) -> Callable[[Sequence[ManifestRow]], Iterator[DrawnRegion]]:
    """What had been drawn and signed on the images of a version when it was frozen.

    Of each region the newest version counts, unless that one takes it away. Two queries for each
    call of what is returned. Never a reader's name or remark, nor a time.
    """

    @cache
    def names() -> dict[UUID, Pseudonyms]:
        # Not before a region is asked for: what needs none has no business with the keys.
        keys = PseudonymKey.objects.filter(organisation__in=version.organisations.all())
        return {key.organisation_id: Pseudonyms(bytes(key.key)) for key in keys}

    return partial(_regions, version, names)


def _regions(
    version: DatasetVersion,
    names: Callable[[], dict[UUID, Pseudonyms]],
    rows: Sequence[ManifestRow],
) -> Iterator[DrawnRegion]:
    images = dict(
        version.rows.filter(number__in=[row.number for row in rows]).values_list(
            "source_id", "image"
        )
    )
    newest = (
        Annotation.objects.filter(
            image__in=images,
            reading__state=ReadingState.SIGNED,
            reading__signed_at__lte=version.created_at,
        )
        .order_by("image_id", "key", "-version")
        .distinct("image_id", "key")
        .values_list(
            "key", "image_id", "creator_id", "label", "target", "points", "is_deleted",
            "image__case__organisation_id",
        )
    )  # fmt: skip
    for key, image, creator, label, target, points, is_deleted, organisation in newest:
        if not is_deleted:
            yield DrawnRegion(
                key=names()[organisation].region(key),
                image=images[image],
                reader=names()[organisation].reader(creator),
                label=label,
                selector=target,
                points=[(x, y) for x, y in points],
            )
