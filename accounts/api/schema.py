"""What the OpenAPI description says of every operation, so that no view has to repeat it."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension

DESCRIPTION = """
Submit skin-lesion cases, follow the model's answers and collect signed reads.

**Credentials.** A program sends `Authorization: Bearer …` with a token from `/oauth/token/` (OAuth2
client credentials; an administrator creates the client). A person uses the session of the screens.

**Pages.** Lists are newest first. Follow `next` until it is null; rows that are written meanwhile
move nothing. A filter that is unknown or wrong is refused, never ignored.

**Errors.** Every error is a problem (RFC 9457, `application/problem+json`). `detail` is for people,
`code` for programs, `errors` says which field or parameter.

**Repeating.** Send an `Idempotency-Key` with every POST. When the line breaks, send the same
request with the same key again: it gets the first answer and does nothing twice.
"""
TAGS = {
    "organisations": "Sites. They share nothing with each other.",
    "patients": "People in care.",
    "lesions": "Places on their skin, seen once or many times.",
    "cases": "One question about one patient, from the draft to the signed answer.",
    "images": "Pictures of lesions, de-identified when they are stored.",
    "predictions": "The models' answers to images: decision support, not a diagnosis.",
    "readings": "A dermatologist's turn at a case, from the assignment to the signature.",
    "reads": "What a dermatologist says of one lesion.",
    "annotations": "Regions that readers drew on images.",
    "pathology-results": "What a lesion turned out to be.",
    "diagnoses": "The taxonomy that reads choose from.",
    "models": "What answers the images.",
    "datasets": "What is to be learned from: signed images of patients who consented. For "
    "administrators.",
    "dataset-versions": "What was frozen from a data set, and its rows under pseudonyms.",
    "training-runs": "From a frozen version to a candidate model. For administrators who operate "
    "models.",
    "dataset-exports": "Frozen versions in the formats of the field, each download noted.",
}
TEXT = {"type": "string"}
PROBLEM_SCHEMA = {
    "type": "object",
    "description": "Problem details (RFC 9457): the shape of every error.",
    "required": ["type", "title", "status", "detail", "code"],
    "additionalProperties": False,
    "properties": {
        "type": TEXT | {"format": "uri", "description": "Names the kind of problem."},
        "title": TEXT | {"description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": TEXT | {"description": "What is wrong and what to do, in a sentence."},
        "code": TEXT | {"description": "Stable for programs."},
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["detail", "code"],
                "additionalProperties": False,
                "properties": {
                    "pointer": TEXT
                    | {"description": "JSON pointer to the field of the body, as a fragment."},
                    "parameter": TEXT | {"description": "Name of the query parameter."},
                    "detail": TEXT | {"description": "What is wrong with it, in a sentence."},
                    "code": TEXT | {"description": "Stable for programs."},
                },
            },
        },
    },
}
PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
RESPONSES = {
    "400": ("BadRequest", "Something that was sent is not right; `errors` says where."),
    "401": ("Unauthorized", "No access token and no session, or one that is no longer valid."),
    "403": ("Forbidden", "The role or the token's scope does not include this."),
    "404": ("NotFound", "There is none with this id, or it belongs to another organisation."),
    "409": ("Conflict", "The record has moved on, or the first request of this key still runs."),
    "413": ("TooLarge", "The body is longer than this address takes."),
    "415": ("UnsupportedMediaType", "The body is of another kind than this address takes."),
    "422": ("KeyReused", "The Idempotency-Key was used for another request."),
    "429": ("TooManyRequests", "Wait as long as `Retry-After` says."),
    "default": ("Problem", "Any other error."),
}
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": (
        "A value of your own for this request, such as a UUID. The same request sent again with "
        "the same key within a day gets the first answer and does nothing twice."
    ),
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
METHODS = ("get", "post", "put", "patch", "delete")


class ClientScheme(OpenApiAuthenticationExtension):
    """OAuth2 client credentials."""

    target_class = "accounts.api.authentication.ClientAuthentication"
    name = "clientCredentials"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Where tokens come from."""
        return {
            "type": "oauth2",
            "description": "For programs. An administrator creates the client.",
            "flows": {
                "clientCredentials": {
                    "tokenUrl": "/oauth/token/",
                    "scopes": {
                        "read": "Read the clinical record",
                        "write": "Change the clinical record",
                    },
                }
            },
        }

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[str]]:
        """The scope follows from the method."""
        return {self.name: ["read" if auto_schema.method == "GET" else "write"]}


class PersonScheme(OpenApiAuthenticationExtension):
    """A browser session."""

    target_class = "accounts.api.authentication.PersonAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The cookie."""
        return {
            "type": "apiKey",
            "in": "cookie",
            "name": "sessionid",
            "description": "For people signed in to the screens. Unsafe requests need X-CSRFToken.",
        }


def describe_whole(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What a reader should know first, and the resources in the order of the work."""
    result["info"]["description"] = DESCRIPTION.strip()
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    return result


def describe_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add to every operation the problems it can answer with."""
    result["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
    result["components"]["responses"] = {
        name: {"description": text, "content": PROBLEM} for name, text in RESPONSES.values()
    }
    for path, item in result["paths"].items():
        for method in METHODS:
            if method in item:
                operation = item[method]
                for status in _statuses(path, method, operation):
                    reference = f"#/components/responses/{RESPONSES[status][0]}"
                    operation["responses"].setdefault(status, {"$ref": reference})
    return result


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    statuses = ["401", "403", "429", "default"]
    if method != "get" or any(p["in"] == "query" for p in operation.get("parameters", [])):
        statuses.append("400")
    if "{" in path:
        statuses.append("404")
    if method != "get":
        statuses += ["409", "413"]
    if "requestBody" in operation:
        statuses.append("415")
    if method == "post":
        statuses.append("422")
    return sorted(statuses)


def describe_queries(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say that a query parameter is never empty."""
    for item in result["paths"].values():
        for parameter in item.get("get", {}).get("parameters", []):
            if parameter["in"] == "query" and parameter["schema"].get("type") == "string":
                parameter["schema"].setdefault("minLength", 1)
    return result


def describe_idempotency(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Add the header to every POST."""
    for item in result["paths"].values():
        if "post" in item:
            item["post"].setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    return result


def close_requests(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Say that a body with a field of another name is refused."""
    for name, schema in result["components"]["schemas"].items():
        if name.endswith("Request"):
            schema["additionalProperties"] = False
    return result
