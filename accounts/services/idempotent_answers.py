"""Remembering the first answer to a request, in the transaction of the request itself."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.utils import timezone

from accounts.models import IdempotentAnswer, User

KEPT_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Answer:
    """An HTTP answer as bytes."""

    status: int
    body: bytes
    headers: dict[str, str]


def lock_idempotency_key(*, user: User, key: str) -> bool:
    """Take the key until the transaction ends; False while another request holds it.

    A PostgreSQL advisory lock: it vanishes with its transaction, so a crash blocks nothing.
    """
    digest = hashlib.sha256(f"{user.pk}:{key}".encode()).digest()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)]
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def find_answer(*, user: User, key: str) -> IdempotentAnswer | None:
    """The remembered answer, unless it is older than a day."""
    answer = IdempotentAnswer.objects.filter(user=user, key=key).first()
    if answer is not None and answer.created_at < timezone.now() - KEPT_FOR:
        answer.delete()
        return None
    return answer


def remember_answer(*, user: User, key: str, fingerprint: str, answer: Answer) -> IdempotentAnswer:
    """Keep an answer for a day. The key must be locked by this transaction."""
    return IdempotentAnswer.objects.create(
        user=user,
        key=key,
        fingerprint=fingerprint,
        status=answer.status,
        body=answer.body,
        headers=answer.headers,
    )
