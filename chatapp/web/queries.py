"""What the query string of an address asks."""

from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from chatapp.core.errors import BadRequest

Schema = TypeVar("Schema", bound=BaseModel)


def asked(schema: type[Schema], typed: Mapping[str, object]) -> Schema:
    """Return what was `typed`, or refuse. Nobody typed it by hand, so no part of it is named."""
    try:
        return schema.model_validate(typed)
    except ValidationError as error:
        raise BadRequest() from error
