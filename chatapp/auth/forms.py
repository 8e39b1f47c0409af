"""What people type to set up, sign up and sign in. The rules are the services'."""

from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import HiddenField, PasswordField, StringField

from chatapp.core.errors import BadRequest, ChatError, Conflict, Invalid, TooMany

_STATUSES: dict[type[ChatError], int] = {Invalid: 400, Conflict: 409, TooMany: 429}


FORM_TYPES = ("application/x-www-form-urlencoded", "multipart/form-data")


class ChatForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A form that shows a service's refusal beside the field it is about."""

    status = 200

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.headers: dict[str, str] = {}

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """Refuse what is no form: Flask-WTF would read JSON and files, objects for text."""
            is_form = request.mimetype in FORM_TYPES and not request.files
            if request.method == "POST" and not is_form:
                raise BadRequest()
            return super().wrap_formdata(form, formdata)

    def marking(self) -> "Marking":
        """Run the work that the form asks for; a refusal marks it instead of rising."""
        return Marking(self)

    def mark(self, refusal: ChatError) -> None:
        self.status = next(
            status for kind, status in _STATUSES.items() if isinstance(refusal, kind)
        )
        if isinstance(refusal, TooMany):
            self.headers["Retry-After"] = str(refusal.details["seconds"])
        field = self._fields.get(refusal.field)
        if field is None:
            self.form_errors.append(refusal.message)
        else:
            field.errors = [*field.errors, refusal.message]


class Marking:
    """The inside of `with form.marking():`."""

    def __init__(self, form: ChatForm) -> None:
        self._form = form

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        if not isinstance(error, tuple(_STATUSES)):
            return False
        assert isinstance(error, ChatError)
        self._form.mark(error)
        return True


def text_field(label: str = "") -> StringField:
    return StringField(label, filters=[_never_none])


def password_field(label: str) -> PasswordField:
    return PasswordField(label, filters=[_never_none])


def hidden_field() -> HiddenField:
    return HiddenField(filters=[_never_none])


def _never_none(value: str | None) -> str:
    return value or ""


class SetUpForm(ChatForm):
    workspace = text_field("Workspace name")
    display_name = text_field("Your name")
    username = text_field("Username")
    password = password_field("Password")


class SignUpForm(ChatForm):
    username = text_field("Username")
    display_name = text_field("Your name")
    password = password_field("Password")
    invite = hidden_field()


class SignInForm(ChatForm):
    username = text_field("Username")
    password = password_field("Password")
    next = hidden_field()


class PasswordForm(ChatForm):
    current = password_field("Present password")
    password = password_field("New password")
