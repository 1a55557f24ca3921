"""What beat asks for every minute."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Organisation, User
from clinic.models import Reading
from clinic.services import assign_case
from clinic.tasks import release_expired_readings_task
from tests.clinic.reading_cases import waiting_case


def test_the_desk_of_a_reader_who_is_gone_is_given_back_and_that_of_one_who_reads_is_not(
    northside: Organisation, dana: User
) -> None:
    gone, here = waiting_case(northside), waiting_case(northside)
    left = assign_case(case=gone, reader=dana)
    assign_case(case=here, reader=dana)
    Reading.objects.filter(pk=left.pk).update(lock_expires_at=timezone.now() - timedelta(seconds=1))
    assert release_expired_readings_task() == 1
    gone.refresh_from_db()
    here.refresh_from_db()
    assert (gone.state, here.state) == ("submitted", "first_read")
    assert release_expired_readings_task() == 0
