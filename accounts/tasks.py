"""Housekeeping of accounts."""

from datetime import timedelta

from celery import shared_task
from django.utils import timezone
from oauth2_provider.models import clear_expired

from accounts.models import IdempotentAnswer


@shared_task(time_limit=300, soft_time_limit=240)
def forget_idempotent_answers_task() -> int:
    """Delete remembered answers older than a day. Returns how many."""
    day_ago = timezone.now() - timedelta(days=1)
    count, _ = IdempotentAnswer.objects.filter(created_at__lt=day_ago).delete()
    return count


@shared_task(time_limit=300, soft_time_limit=240)
def forget_expired_tokens_task() -> None:
    """Delete access tokens that have expired: every client asks for a new one each hour."""
    clear_expired()
