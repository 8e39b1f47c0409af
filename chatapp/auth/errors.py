"""Refusals of sign-up and sign-in."""

from chatapp.core.errors import Conflict, Forbidden, Invalid, NotFound


class AlreadySetUp(Conflict):
    code = "already_set_up"
    sentence = "This workspace is set up already. Please sign in."


class SiteAdminOnly(Forbidden):
    code = "site_admin_only"
    sentence = "Only a site admin can do that."


class InviteInvalid(Forbidden):
    code = "invite_invalid"
    sentence = "This invite link is not valid any more. Ask for a new one."


class WorkspaceNameInvalid(Invalid):
    code = "workspace_name_invalid"
    sentence = "A workspace name has 1 to {limit} characters."
    field = "workspace"


class UsernameInvalid(Invalid):
    code = "username_invalid"
    sentence = (
        "A username has 2 to 32 of a-z, 0-9, dot, dash and underscore, "
        "and starts with a letter or digit."
    )
    field = "username"


class UsernameTaken(Conflict):
    code = "username_taken"
    sentence = "The username {username} is taken."
    field = "username"


class DisplayNameInvalid(Invalid):
    code = "display_name_invalid"
    sentence = "A display name has 1 to {limit} characters."
    field = "display_name"


class PasswordInvalid(Invalid):
    code = "password_invalid"
    sentence = "A password has {minimum} to {maximum} characters."
    field = "password"


class PasswordTooCommon(Invalid):
    code = "password_too_common"
    sentence = "That password is among the first anybody would try. Please choose another."
    field = "password"


class NameLooksAlike(Conflict):
    code = "name_looks_alike"
    sentence = "That name looks like the name of a site admin. Please choose another."
    field = "display_name"


class UserNotFound(NotFound):
    code = "user_not_found"
    sentence = "There is nobody called {username}."


class SessionNotFound(NotFound):
    code = "session_not_found"
    sentence = "That sign-in has ended already."


class LastSiteAdmin(Conflict):
    code = "last_site_admin"
    sentence = "Somebody has to run this workspace. Make another person a site admin first."


class WrongPassword(Invalid):
    """One answer for an unknown username and for a wrong password."""

    code = "wrong_password"
    sentence = "The username or the password is not right."


class WrongCurrentPassword(WrongPassword):
    code = "wrong_current_password"
    sentence = "That is not your present password."
    field = "current"
