"""The rules of accounts. Nobody is signed in yet, so no method takes an actor first."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chatapp.auth import passwords
from chatapp.auth.entities import Session, User, Workspace
from chatapp.auth.errors import (
    AlreadySetUp,
    DisplayNameInvalid,
    InviteInvalid,
    SiteAdminOnly,
    UsernameInvalid,
    UsernameTaken,
    WorkspaceNameInvalid,
    WrongPassword,
)
from chatapp.auth.events import SignedOut, SignedUp, WorkspaceCreated
from chatapp.auth.passwords import Passwords
from chatapp.auth.repository import SessionRepository, UserRepository, WorkspaceRepository
from chatapp.core.events import Event, session_channel, user_channel
from chatapp.core.text import clean_line, clean_name
from chatapp.memory.memory import Memory

SESSION_LIFETIME = timedelta(days=30)
MAX_NAME_LENGTH = 64
MAX_SUGGESTIONS = 8
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person, and the session they came in with."""

    user: User
    session: Session


class AccountService:
    def __init__(
        self,
        workspaces: WorkspaceRepository,
        users: UserRepository,
        sessions: SessionRepository,
        memory: Memory,
        publish: Callable[[Event], None],
        now: Callable[[], datetime],
        *,
        secret_key: str,
        is_open: bool,
    ) -> None:
        self._workspaces = workspaces
        self._users = users
        self._sessions = sessions
        self._memory = memory
        self._publish = publish
        self._now = now
        self._secret_key = secret_key.encode()
        self._is_open = is_open
        self._passwords = Passwords()
        self._is_set_up = False

    # The workspace

    def is_set_up(self) -> bool:
        """Return whether the first account exists. Once true it stays true, so it is asked once."""
        self._is_set_up = self._is_set_up or self._users.has_founder()
        return self._is_set_up

    def set_up(self, workspace_name: str, username: str, password: str) -> User:
        """Make the first account, a site admin, and the workspace around it; only once."""
        if self.is_set_up():
            raise AlreadySetUp()
        workspace_name = clean_name(workspace_name, MAX_NAME_LENGTH, WorkspaceNameInvalid)
        # There is no field for it: who types "Ana" is called Ana and signs in as ana.
        founder = replace(self._new_user(username, username, password), is_site_admin=True)
        if not self._users.save_founder(founder):
            raise AlreadySetUp()
        self._workspaces.save_workspace(Workspace(name=workspace_name, invite_nonce=_nonce()))
        self._publish(WorkspaceCreated(founder=founder))
        return founder

    def workspace(self) -> Workspace:
        """Return the workspace; a set-up that was cut short leaves one with a plain name."""
        found = self._workspaces.get_workspace()
        return found or Workspace(name="Workspace", invite_nonce="")

    def invite(self, actor: User) -> str:
        """Return the token of the invite link, which opens sign-up until it is renewed."""
        if not actor.is_site_admin:
            raise SiteAdminOnly()
        return self._invite_token(self.workspace())

    def renew_invite(self, actor: User) -> str:
        """Return a new token; the old link stops working at once."""
        if not actor.is_site_admin:
            raise SiteAdminOnly()
        workspace = replace(self.workspace(), invite_nonce=_nonce())
        self._workspaces.save_workspace(workspace)
        return self._invite_token(workspace)

    def may_sign_up(self, invite: str | None) -> bool:
        if not self.is_set_up():
            return False
        return self._is_open or self._is_invite(invite)

    def _is_invite(self, invite: str | None) -> bool:
        expected = self._invite_token(self.workspace())
        return hmac.compare_digest((invite or "").encode("utf-8", "replace"), expected.encode())

    def _invite_token(self, workspace: Workspace) -> str:
        # Derived, so that the link can be shown again and the database alone opens nothing.
        said = f"invite:{workspace.invite_nonce}".encode()
        return hmac.new(self._secret_key, said, hashlib.sha256).hexdigest()[:32]

    # Accounts

    def sign_up(
        self, username: str, display_name: str, password: str, invite: str | None = None
    ) -> User:
        if not self.may_sign_up(invite):
            raise InviteInvalid()
        user = self._new_user(username, display_name, password)
        if not self._users.save_user(user):
            raise UsernameTaken(username=user.username)
        self._publish(SignedUp(user=user))
        return user

    def _new_user(self, username: str, display_name: str, password: str) -> User:
        username = username.strip().lower()
        if not _USERNAME.fullmatch(username):
            raise UsernameInvalid()
        display_name = clean_name(display_name, MAX_NAME_LENGTH, DisplayNameInvalid)
        passwords.check_new(password, username)
        if self._users.get_user(username):
            raise UsernameTaken(username=username)
        return User(
            username=username,
            display_name=display_name,
            password_hash=self._passwords.hash(password),
            created_at=self._now(),
        )

    def find(self, username: str) -> User | None:
        return self._users.get_user(username)

    def suggest(self, actor: User, typed: str) -> list[User]:
        """Return at most eight people whose names start with what `actor` has typed."""
        typed = clean_line(typed[:MAX_NAME_LENGTH])
        return self._users.find_users(typed, MAX_SUGGESTIONS) if typed else []

    def names(self, usernames: Iterable[str]) -> dict[str, str]:
        """Return display names by username, in one query."""
        return {user.username: user.display_name for user in self._users.get_users(usernames)}

    # Sessions

    def sign_in(self, username: str, password: str) -> str:
        """Return the id of a new session, for the browser alone to keep."""
        user = self._users.get_user(username.strip().lower())
        if not self._passwords.verify(password, user.password_hash if user else None):
            raise WrongPassword()
        if user is None or not user.is_active:
            raise WrongPassword()
        if passwords.needs_rehash(user.password_hash):
            self._users.update_password_hash(user.username, self._passwords.hash(password))
        return self.start_session(user)

    def start_session(self, user: User) -> str:
        session_id = secrets.token_urlsafe(32)
        session = Session(
            key=_key(session_id),
            username=user.username,
            created_at=self._now(),
            expires_at=self._now() + SESSION_LIFETIME,
        )
        self._sessions.save_session(session)
        return session_id

    def find_signed_in(self, session_id: str) -> SignedIn | None:
        """Return who holds `session_id`, or None if it ended or the account is closed."""
        session = self._session(_key(session_id))
        user = self._user(session.username) if session else None
        if session is None or user is None or not user.is_active:
            return None
        return SignedIn(user, session)

    def _session(self, key: str) -> Session | None:
        session = self._memory.recall(
            session_channel(key), "session", lambda: self._sessions.get_session(key)
        )
        return session if session and session.expires_at > self._now() else None

    def _user(self, username: str) -> User | None:
        return self._memory.recall(
            user_channel(username), "user", lambda: self._users.get_user(username)
        )

    def sign_out(self, session: Session) -> None:
        self._sessions.remove_session(session.key)
        self._memory.changed(session_channel(session.key))
        self._publish(SignedOut(session_key=session.key))


def _key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode("utf-8", "replace")).hexdigest()


def _nonce() -> str:
    return secrets.token_hex(16)
