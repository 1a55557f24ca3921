"""Every write to people, organisations and API clients."""

from accounts.services.api_clients import create_api_client
from accounts.services.memberships import end_membership, grant_role
from accounts.services.organisations import create_organisation
from accounts.services.permissions import require_role
from accounts.services.signing import (
    ProofMethod,
    SigningProof,
    SigningProofRequired,
    current_signing_proof,
    has_signing_proof,
    require_signing_proof,
    spend_signing_proof,
)
from accounts.services.signing_passkeys import prove_with_passkey, start_passkey_proof
from accounts.services.signing_passwords import check_signing_password, prove_with_password

__all__ = [
    "ProofMethod",
    "SigningProof",
    "SigningProofRequired",
    "check_signing_password",
    "create_api_client",
    "create_organisation",
    "current_signing_proof",
    "end_membership",
    "grant_role",
    "has_signing_proof",
    "prove_with_passkey",
    "prove_with_password",
    "require_role",
    "require_signing_proof",
    "spend_signing_proof",
    "start_passkey_proof",
]
