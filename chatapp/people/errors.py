"""Refusals about profiles and preferences."""

from chatapp.core.errors import Invalid


class StatusInvalid(Invalid):
    code = "status_invalid"
    sentence = "A status has at most {limit} characters."
    field = "text"


class PictureTooLarge(Invalid):
    code = "picture_too_large"
    sentence = "A picture has at most 5 MB and 25 million pixels."


class NotAPicture(Invalid):
    code = "not_a_picture"
    sentence = "That is no PNG, JPEG, WebP or GIF that can be read."


class UnknownZone(Invalid):
    code = "unknown_zone"
    sentence = "There is no such time zone."


class UnknownChoice(Invalid):
    code = "unknown_choice"
    sentence = "That is none of the choices there are."
