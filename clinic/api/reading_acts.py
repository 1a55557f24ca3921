"""What a dermatologist does with a case by API: assign, commit, reveal, sign, amend."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.serializers import LONG_TEXT, RequestSerializer, VisibleKeyField
from accounts.api.views import ApiViewSet
from accounts.services import check_signing_password, require_role
from clinic.api.fields import DiagnosisCodeField
from clinic.api.readings import ReadingSerializer
from clinic.models import Confidence, Management, Reading
from clinic.roles import READERS
from clinic.selectors import visible_lesions, visible_readings
from clinic.services import (
    amend_answer,
    assign_case,
    commit_reading,
    release_case,
    reveal_opinion,
    sign_reading,
)


class PasswordSerializer(RequestSerializer):
    """A signature proves again who signs."""

    password = serializers.CharField(
        max_length=1000,
        trim_whitespace=False,
        write_only=True,
        style={"input_type": "password"},
        help_text="The signer's own password. It is checked and not kept.",
    )


class OpinionSerializer(RequestSerializer):
    """What is said of one lesion."""

    diagnosis = DiagnosisCodeField(
        required=False, allow_null=True, help_text="Code of a selectable diagnosis."
    )
    management = serializers.ChoiceField(
        choices=Management.choices, allow_blank=True, required=False
    )
    monitor_months = serializers.IntegerField(
        min_value=1, max_value=36, allow_null=True, required=False
    )
    confidence = serializers.ChoiceField(
        choices=Confidence.choices, allow_null=True, required=False
    )
    criteria = serializers.DictField(
        required=False, help_text="`seven_point`, `abcd`: docs/criteria.md. Scores are computed."
    )
    comment = serializers.CharField(max_length=LONG_TEXT, allow_blank=True, required=False)


class AmendedOpinionSerializer(OpinionSerializer):
    """The same, naming its lesion."""

    lesion = VisibleKeyField(selector=visible_lesions)


class AmendSerializer(PasswordSerializer):
    """A new version of a signed answer."""

    based_on = VisibleKeyField(
        selector=visible_readings, help_text="The reading that is the answer now."
    )
    reason = serializers.CharField(max_length=LONG_TEXT)
    opinions = AmendedOpinionSerializer(many=True)


class ReadingActs(ApiViewSet):
    """Mixed into the cases: the acts of a reader. Programs get 403, people with the role act."""

    def _reading(self, reading: Reading, status: int = 200) -> Response:
        reading = visible_readings(self.actor).select_related("reader", "case").get(pk=reading.pk)
        return Response(ReadingSerializer(reading).data, status=status)

    @extend_schema(summary="Take a case", request=None, responses=ReadingSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, **key: Any) -> Response:
        """Put it on one's own desk for half an hour; each saving lengthens that. Twice is once."""
        return self._reading(assign_case(case=self.get_object(), reader=self.actor))

    @extend_schema(summary="Give a case back", request=None, responses={204: None})
    @action(detail=True, methods=["post"])
    def release(self, request: Request, **key: Any) -> Response:
        """A colleague may take it. The draft stays."""
        release_case(case=self.get_object(), reader=self.actor)
        return Response(status=204)

    @extend_schema(summary="Commit the own opinion", request=None, responses=ReadingSerializer)
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, **key: Any) -> Response:
        """Make the drafts on every lesion final, before the model's answer is shown."""
        return self._reading(commit_reading(case=self.get_object(), reader=self.actor))

    @extend_schema(summary="See the model's answer", request=None, responses=ReadingSerializer)
    @action(detail=True, methods=["post"])
    def reveal(self, request: Request, **key: Any) -> Response:
        """After the commit: what the model says, kept with the time at which it was shown."""
        return self._reading(reveal_opinion(case=self.get_object(), reader=self.actor))

    @extend_schema(summary="Sign a case", request=PasswordSerializer, responses=ReadingSerializer)
    @action(detail=True, methods=["post"])
    def sign(self, request: Request, **key: Any) -> Response:
        """Sign the own reading, for ever. The case closes, or goes to a second reader."""
        case = self.get_object()
        require_role(self.actor, case.organisation_id, *READERS)
        proof = check_signing_password(
            user=self.actor, password=self.checked(PasswordSerializer)["password"]
        )
        reading = sign_reading(case=case, reader=self.actor, proof=proof)
        return self._reading(reading)

    @extend_schema(
        summary="Amend a signed answer",
        request=AmendSerializer,
        responses={201: ReadingSerializer},
    )
    @action(detail=True, methods=["post"])
    def amend(self, request: Request, **key: Any) -> Response:
        """Sign a new version with a reason. The one before it stays readable."""
        case = self.get_object()
        require_role(self.actor, case.organisation_id, *READERS)
        fields = self.checked(AmendSerializer)
        proof = check_signing_password(user=self.actor, password=fields["password"])
        opinions: dict[UUID, dict[str, Any]] = {
            opinion.pop("lesion").pk: opinion for opinion in map(dict, fields["opinions"])
        }
        reading = amend_answer(
            case=case,
            reader=self.actor,
            reason=fields["reason"],
            opinions=opinions,
            based_on=fields["based_on"],
            proof=proof,
        )
        return self._reading(reading, status=201)
