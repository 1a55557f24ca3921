"""The whole loop as code: import, read, sign, seal, freeze, export, retrain, compare, promote.

Everything goes through the product's services and tasks; only the people are simulated. A test
walks it with generated images, `benchmarks.whole_loop` with a folder of real ones.
"""

import csv
import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from accounts.models import Organisation, User
    from clinic.models import Case, DatasetVersion
    from inference.models import Comparison, ModelVersion

READERS = 3
# How often a simulated dermatologist calls what the file says; a colleague who decides, more often.
RIGHT, RIGHT_IN_ADJUDICATION = 0.85, 0.95
OVERRIDE = "The walk puts it into service to show the gate, the override and the way back."


@dataclass
class Walk:
    """One organisation, its people, and the figures so far. `truth` is the class by lesion."""

    organisation: "Organisation"
    administrator: "User"
    readers: Sequence["User"]
    truth: Mapping[str, str]
    seed: int = 1
    figures: dict[str, Any] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def begin(cls, metadata: Path, *, second_reads: int) -> "Walk":
        """An empty clinic with three dermatologists and an administrator who operates models."""
        from accounts.models import Role, User
        from accounts.services import create_organisation, grant_role
        from clinic.services import change_reading_policy

        organisation = create_organisation(name="Walk", slug="walk")

        def person(name: str, role: Role, **flags: Any) -> User:
            user = User.objects.create_user(f"{name}@walk.example", full_name=name.title(), **flags)
            grant_role(user=user, organisation=organisation, role=role)
            return User.objects.get(pk=user.pk)

        administrator = person("ada", Role.ADMINISTRATOR, is_superuser=True)
        readers = [person(f"reader{n}", Role.DERMATOLOGIST) for n in range(READERS)]
        change_reading_policy(
            organisation=organisation, actor=administrator, second_read_share=second_reads
        )
        with metadata.open(newline="") as file:
            truth = {row["lesion_id"]: row["dx"] for row in csv.DictReader(file)}
        return cls(organisation, administrator, readers, truth)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step and say that it is done."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 1)
        print(f"{name}: {self.seconds[name]} s", flush=True)

    # ---- From files to signed cases ------------------------------------------------------------

    def bring_in(self, images: Path, metadata: Path, *, limit: int) -> None:
        """Import up to `limit` images; what only people decided is left to the readers."""
        from django.core.management import call_command

        call_command(
            "import_isic", images=images, metadata=metadata, organisation=self.organisation.slug,
            limit=limit, consent="sharing", results=["histo", "confocal"], verbosity=0,
        )  # fmt: skip

    def answer(self) -> None:
        """Have the workers answer everything that waits."""
        from inference.tasks import drain_task

        drain_task()

    def read_everything(self) -> None:
        """Read, commit, reveal and sign until no case waits for anybody."""
        from clinic.models import WAITING_STATES, Case
        from clinic.selectors.diagnoses import taxonomy

        nodes = taxonomy().by_class
        draw = random.Random(self.seed)
        waiting = Case.objects.filter(organisation=self.organisation, state__in=WAITING_STATES)
        for case in waiting.order_by("pk"):
            for reader in self.readers:
                self._read(case, reader, nodes, draw)
                case.refresh_from_db()
                if case.state not in WAITING_STATES:
                    break

    def _read(
        self, case: "Case", reader: "User", nodes: Mapping[str, Any], draw: random.Random
    ) -> None:
        from clinic.models import Lesion
        from clinic.services import commit_reading, reveal_opinion, save_read, sign_reading

        decides = reader == self.readers[-1]
        for lesion in Lesion.objects.filter(images__case=case).distinct():
            true = self.truth[lesion.source_reference]
            is_right = draw.random() < (RIGHT_IN_ADJUDICATION if decides else RIGHT)
            called = true if is_right else draw.choice([code for code in nodes if code != true])
            save_read(
                case=case, lesion=lesion, reader=reader, diagnosis=nodes[called],
                management="discharge" if called in {"nv", "bkl", "df", "vasc"} else "excise",
            )  # fmt: skip
        commit_reading(case=case, reader=reader)
        reveal_opinion(case=case, reader=reader)
        sign_reading(case=case, reader=reader)

    # ---- From signed cases to a candidate ------------------------------------------------------

    def seal(self, share: float) -> None:
        """Set patients aside, once."""
        from clinic.services.datasets import seal_test_set

        sealed = seal_test_set(
            organisation=self.organisation, share=share, seed=self.seed, actor=self.administrator
        )
        self.figures["sealed"] = _sizes(sealed.version)

    def freeze(self) -> "DatasetVersion":
        """Freeze the one data set of this walk."""
        from clinic.datasets.description import Description
        from clinic.models import Dataset
        from clinic.services.datasets import describe_dataset, freeze_dataset

        dataset = Dataset.objects.first() or describe_dataset(
            name="Signed lesions",
            purpose="To train the next model.",
            organisations=[self.organisation],
            description=Description(minimum_agreement=0.5, seed=self.seed),
            actor=self.administrator,
        )
        frozen = freeze_dataset(dataset=dataset, actor=self.administrator)
        again = freeze_dataset(dataset=dataset, actor=self.administrator)
        assert frozen.is_new
        assert (again.version, again.is_new) == (frozen.version, False)
        self.figures[f"version {frozen.version.number}"] = _sizes(frozen.version)
        return frozen.version

    def export(self, version: "DatasetVersion", name: str, zip_file: Path) -> None:
        """Write an export and fetch it as its zip."""
        from clinic.models import ExportState
        from clinic.services.dataset_exports import archive_pieces, request_export
        from clinic.tasks import write_exports_task

        export = request_export(
            version=version, format=name, delivery="zip", actor=self.administrator
        )
        while export.state in {ExportState.QUEUED, ExportState.RUNNING}:
            write_exports_task()
            export.refresh_from_db()
        assert export.state == ExportState.SUCCEEDED, export.reason
        with zip_file.open("wb") as file:
            for piece in archive_pieces(export):
                file.write(piece)
        self.figures[f"export {name}, MB"] = round(zip_file.stat().st_size / 1e6, 1)

    def retrain(
        self,
        version: "DatasetVersion",
        *,
        recipe: str,
        settings: Sequence[str],
        start_from: "ModelVersion | None" = None,
    ) -> "ModelVersion":
        """Train on a version as a training machine does; returns the prepared candidate."""
        from inference.models import RunState
        from inference.services.training import request_training
        from inference.tasks import prepare_model_task, train_task

        run = request_training(
            version=version, recipe=recipe, settings=settings, seed=self.seed,
            start_from=start_from, actor=self.administrator,
        )  # fmt: skip
        train_task()
        run.refresh_from_db()
        assert run.state == RunState.SUCCEEDED, f"{run.reason}\n{run.log}"
        assert run.candidate is not None
        prepare_model_task(str(run.candidate.pk))
        run.candidate.refresh_from_db()
        self.figures[f"run of {run.candidate}"] = run.epochs[-1]
        return run.candidate

    # ---- From a candidate to the model in service ----------------------------------------------

    def compare(self, candidate: "ModelVersion") -> "Comparison":
        """Both models on the sealed test set."""
        from inference.models import ComparisonState
        from inference.services.comparisons import compare_models
        from inference.tasks import promotion_task

        comparison = compare_models(candidate=candidate, actor=self.administrator)
        self.answer()
        promotion_task()
        comparison.refresh_from_db()
        assert comparison.state == ComparisonState.FINISHED, comparison.note
        self.figures["comparison"] = {
            "not worse": comparison.is_not_worse,
            "note": comparison.note,
            "report": comparison.report,
        }
        return comparison

    def shadow(self, candidate: "ModelVersion", images: Path, metadata: Path, limit: int) -> None:
        """New images come while the candidate is the shadow: it answers them unseen."""
        from inference.models import Prediction
        from inference.selectors import visible_predictions
        from inference.services import shadow_model

        shadow_model(version=candidate, actor=self.administrator)
        before = Prediction.objects.filter(model_version=candidate).count()
        self.bring_in(images, metadata, limit=limit)
        self.answer()
        answered = Prediction.objects.filter(model_version=candidate, state="succeeded").count()
        self.figures["answered as shadow"] = answered - before
        assert answered > before
        assert not visible_predictions(self.administrator).filter(model_version=candidate).exists()

    def promote_and_roll_back(self, candidate: "ModelVersion", comparison: "Comparison") -> None:
        """Activate through the gate, or past it with a reason; then take it back in one action."""
        from accounts.errors import Conflict
        from inference.models import ModelState
        from inference.services import activate_model, roll_back_model

        champion = comparison.champion
        if comparison.is_not_worse:
            activate_model(version=candidate, actor=self.administrator)
        else:
            try:
                activate_model(version=candidate, actor=self.administrator)
            except Conflict as closed:
                self.figures["gate"] = str(closed)
            else:
                raise AssertionError(
                    "The gate let a candidate pass that was not shown to be no worse."
                )
            activate_model(version=candidate, actor=self.administrator, override_reason=OVERRIDE)
        candidate.refresh_from_db()
        assert candidate.state == ModelState.ACTIVE
        self.answer()
        back = roll_back_model(version=candidate, actor=self.administrator)
        assert back == champion
        candidate.refresh_from_db()
        champion.refresh_from_db()
        assert (candidate.state, champion.state) == (ModelState.RETIRED, ModelState.ACTIVE)

    # ---- What must not have changed ------------------------------------------------------------

    def what_was_shown(self) -> dict[str, Any]:
        """The model's opinion under every signed reading."""
        from clinic.models import Reading

        signed = Reading.objects.filter(state="signed").order_by("pk")
        return {str(key): shown for key, shown in signed.values_list("pk", "model_opinion")}

    def count_labels(self) -> None:
        """How the cases were settled, and how often the label is what the file says."""
        from clinic.models import DatasetVersion

        version = DatasetVersion.objects.filter(kind="training").first()
        assert version is not None
        rows = version.rows.values_list("label", "source__lesion__source_reference", "label_source")
        right = Counter(source for label, key, source in rows if label == self.truth[key])
        total = Counter(source for _, _, source in rows)
        self.figures["labels as in the file"] = {
            source: f"{right[source]} of {count}" for source, count in sorted(total.items())
        }


def _sizes(version: "DatasetVersion") -> dict[str, Any]:
    return {
        "images": version.image_count,
        "lesions": version.lesion_count,
        "patients": version.patient_count,
        "labels": version.counts["label"],
        "sources": version.counts["label_source"],
        "split": version.counts["split"],
        "left out": version.left_out,
        "digest": version.digest,
    }
