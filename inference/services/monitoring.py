"""Alerts about models in service: opened and closed by what is counted, acknowledged by people."""

from django.db import connection, transaction
from django.utils import timezone

from accounts.errors import InvalidInput, NotAllowed
from accounts.models import Organisation, User
from clinic.selectors.statistics.period import last_weeks
from inference.models import ModelVersion, ServiceAlert
from inference.monitoring.thresholds import Finding
from inference.selectors.models import active_model
from inference.selectors.monitoring.alerts import visible_alerts
from inference.selectors.monitoring.picture import findings_of, thresholds
from inference.selectors.monitoring.scope import Scope

LONGEST_NOTE = 500


def watch_models() -> int:
    """Look at the active model, in each organisation and in all; returns how many alerts are open.

    Safe to run as often as one likes: the same counts leave the same rows. Alerts about models
    that are no longer active are closed, because nobody is answered by them.
    """
    limits, active = thresholds(), active_model()
    _close_others(active)
    if active is None:
        return 0
    count = 0
    for organisation in (None, *Organisation.objects.order_by("name")):
        scope = Scope(active, last_weeks(limits.drift_weeks), organisation)
        findings = findings_of(scope, limits)
        record_findings(version=active, organisation=organisation, findings=findings)
        count += len(findings)
    return count


@transaction.atomic
def record_findings(
    *, version: ModelVersion, organisation: Organisation | None, findings: list[Finding]
) -> None:
    """Open, renew and close alerts so that those open are exactly what was found now."""
    with connection.cursor() as cursor:
        # Two runs at once would open the same alert twice, and one of them would break.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('watch_models'))")
    now = timezone.now()
    rows = ServiceAlert.objects.filter(
        model_version=version, organisation=organisation, closed_at__isnull=True
    )
    known = {(row.measure, row.subgroup): row for row in rows.select_for_update(of=("self",))}
    for finding in findings:
        alert = known.pop((finding.measure, finding.subgroup), None) or ServiceAlert(
            model_version=version, organisation=organisation, measure=finding.measure,
            subgroup=finding.subgroup, opened_at=now,
        )  # fmt: skip
        alert.sentence, alert.value, alert.n = finding.sentence, finding.value, finding.n
        alert.low, alert.high, alert.threshold = finding.low, finding.high, finding.threshold
        alert.seen_at = now
        alert.save()
    rows.filter(pk__in=[row.pk for row in known.values()]).update(closed_at=now)


@transaction.atomic
def acknowledge_alert(*, alert: ServiceAlert, actor: User, note: str) -> ServiceAlert:
    """Say that somebody knows, and what is being done.

    Raises NotAllowed for whoever may not see the alert, InvalidInput without a note. Said again, it
    replaces what was said before.
    """
    if not visible_alerts(actor).filter(pk=alert.pk).exists():
        raise NotAllowed("Only administrators and model operators acknowledge alerts.")
    words = note.strip()
    if not words:
        raise InvalidInput("Write in a few words what is being done about it.", field="note")
    if len(words) > LONGEST_NOTE:
        raise InvalidInput(f"A note has at most {LONGEST_NOTE} characters.", field="note")
    alert = ServiceAlert.objects.select_for_update().get(pk=alert.pk)
    alert.acknowledged_at, alert.acknowledged_by, alert.note = timezone.now(), actor, words
    alert.save(update_fields=["acknowledged_at", "acknowledged_by", "note"])
    return alert


def _close_others(active: ModelVersion | None) -> None:
    others = ServiceAlert.objects.filter(closed_at__isnull=True)
    if active is not None:
        others = others.exclude(model_version=active)
    others.update(closed_at=timezone.now())
