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
    LastSiteAdmin,
    NameLooksAlike,
    SessionNotFound,
    SiteAdminOnly,
    UsernameInvalid,
    UsernameTaken,
    UserNotFound,
    WorkspaceNameInvalid,
    WrongCurrentPassword,
    WrongPassword,
)
from chatapp.auth.events import (
    InviteRenewed,
    PasswordChanged,
    Renamed,
    SignedIn,
    SignedOut,
    SignedOutEverywhere,
    SignedUp,
    SignInFailed,
    SiteAdminChanged,
    UserActivated,
    UserDeactivated,
    WorkspaceCreated,
)
from chatapp.auth.guard import Guard
from chatapp.auth.passwords import Passwords
from chatapp.auth.repository import SessionRepository, UserRepository, WorkspaceRepository
from chatapp.core.errors import NotSignedIn
from chatapp.core.events import Event, session_channel, user_channel
from chatapp.core.text import clean_line, clean_name, looks_of
from chatapp.memory.memory import Memory

SESSION_LIFETIME = timedelta(days=30)
SESSION_IDLE = timedelta(days=14)  # without a request; a page that is merely open asks for nothing
PROLONGED_EVERY = timedelta(hours=1)  # so that not each request is a write
MAX_NAME_LENGTH = 64
MAX_SUGGESTIONS = 8
PEOPLE_A_PAGE = 100
CONSOLE = "(console)"  # no username has parentheses
WORKSPACE = "workspace"  # what a change is about
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")


@dataclass(frozen=True, slots=True)
class Identity:
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
        guard: Guard,
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
        self._guard = guard
        self._publish = publish
        self._now = now
        self._secret_key = secret_key.encode()
        self._is_open = is_open
        self._passwords = Passwords()
        self._is_set_up = False
        self._found: dict[str, Identity] = {}
        self._known_since: int | None = None

    # The workspace

    def is_set_up(self) -> bool:
        """Return whether the first account exists. Once true it stays true, so it is asked once."""
        self._is_set_up = self._is_set_up or self._users.has_founder()
        return self._is_set_up

    def set_up(
        self, workspace_name: str, username: str, password: str, display_name: str = ""
    ) -> User:
        """Make the first account, a site admin, and the workspace around it; only once."""
        if self.is_set_up():
            raise AlreadySetUp()
        workspace_name = clean_name(workspace_name, MAX_NAME_LENGTH, WorkspaceNameInvalid)
        # Who types no name but "Ana" as username is called Ana and signs in as ana.
        display_name = display_name.strip() or username
        founder = replace(self._new_user(username, display_name, password), is_site_admin=True)
        if not self._users.save_founder(founder):
            raise AlreadySetUp()
        self._save_workspace(Workspace(name=workspace_name, invite_nonce=_nonce()))
        self._workspaces.list_site_admin(founder.username)
        self._publish(WorkspaceCreated(founder=founder))
        return founder

    def workspace(self) -> Workspace:
        """Return the workspace; a set-up that was cut short leaves one with a plain name."""
        found = self._memory.recall(WORKSPACE, "workspace", self._workspaces.get_workspace)
        return found or Workspace(name="Workspace", invite_nonce="")

    def _save_workspace(self, workspace: Workspace) -> None:
        self._workspaces.save_workspace(workspace)
        self._memory.changed(WORKSPACE)

    def invite(self, actor: User) -> str:
        """Return the token of the invite link, which opens sign-up until it is renewed."""
        _require_site_admin(actor)
        return self._invite_token(self.workspace())

    def renew_invite(self, actor: User) -> str:
        """Return a new token; the old link stops working at once."""
        _require_site_admin(actor)
        workspace = replace(self.workspace(), invite_nonce=_nonce())
        self._save_workspace(workspace)
        self._publish(InviteRenewed(by=actor.username))
        return self._invite_token(workspace)

    def check_invite(self, invite: str | None, address: str = "") -> None:
        """Raise unless an account may be made now; wrong tokens from an address are counted."""
        with self._guard.one_invite(address):
            if not self.may_sign_up(invite):
                raise InviteInvalid()

    def may_sign_up(self, invite: str | None) -> bool:
        return self.is_set_up() and (self._is_open or self._is_invite(invite))

    def _is_invite(self, invite: str | None) -> bool:
        expected = self._invite_token(self.workspace())
        return hmac.compare_digest((invite or "").encode("utf-8", "replace"), expected.encode())

    def _invite_token(self, workspace: Workspace) -> str:
        # Derived, so that the link can be shown again and the database alone opens nothing.
        said = f"invite:{workspace.invite_nonce}".encode()
        return hmac.new(self._secret_key, said, hashlib.sha256).hexdigest()[:32]

    # Accounts

    def sign_up(
        self,
        username: str,
        display_name: str,
        password: str,
        invite: str | None = None,
        address: str = "",
    ) -> User:
        self.check_invite(invite, address)
        self._guard.one_sign_up(address)
        user = self._new_user(username, display_name, password)
        self._check_resemblance(user.display_name, user.username)
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

    def rename(self, actor: User, display_name: str) -> User:
        """Give the actor another display name; the same one changes nothing."""
        display_name = clean_name(display_name, MAX_NAME_LENGTH, DisplayNameInvalid)
        if display_name == str(actor.display_name):
            return actor
        self._check_resemblance(display_name, actor.username)
        renamed = self._users.update_display_name(actor.username, display_name)
        if renamed is None:
            raise NotSignedIn()
        self._memory.changed(user_channel(actor.username))
        self._publish(Renamed(username=actor.username, display_name=display_name))
        return renamed

    def set_picture(self, actor: User, picture: str) -> User:
        """Let `picture` stand beside the actor's name from now on; empty is none."""
        changed = self._users.update_picture(actor.username, picture)
        if changed is None:
            raise NotSignedIn()
        self._memory.changed(user_channel(actor.username))
        return changed

    def _check_resemblance(self, display_name: str, username: str) -> None:
        """Nobody borrows the name of a site admin; a site admin may keep to their own."""
        admins = self._users.get_users(self._workspaces.get_site_admins())
        others = [admin for admin in admins if admin.username != username]
        known = {name for admin in others for name in (admin.display_name, admin.username)}
        if looks_of(display_name) in map(looks_of, known):
            raise NameLooksAlike()

    def find(self, username: str) -> User | None:
        return self._users.get_user(username)

    def suggest(self, actor: User, typed: str) -> list[User]:
        """Return at most eight people whose names start with what `actor` has typed."""
        typed = clean_line(typed[:MAX_NAME_LENGTH])
        return self._users.find_users(typed, MAX_SUGGESTIONS) if typed else []

    def names(self, usernames: Iterable[str]) -> dict[str, str]:
        """Return display names by username, in one query at most."""
        by_channel = {user_channel(username): username for username in usernames}

        def ask(channels: list[str]) -> dict[str, str]:
            names = self._users.get_display_names(by_channel[channel] for channel in channels)
            return {user_channel(username): name for username, name in names.items()}

        found = self._memory.recall_each(by_channel, "display name", ask)
        return {by_channel[channel]: name for channel, name in found.items()}

    # Managing people. Without an actor it is whoever runs the server, at its console.

    def list_people(self, actor: User | None, after: str = "") -> list[User]:
        """Return a page of all people, by username, from the one after `after`."""
        _require_site_admin(actor)
        return self._users.list_users(after, PEOPLE_A_PAGE)

    def deactivate(self, actor: User | None, username: str) -> None:
        """Close an account and end its sessions. The last site admin stays."""
        user = self._managed(actor, username)
        if not user.is_active:
            return
        if user.is_site_admin and not self._workspaces.unlist_site_admin(username):
            raise LastSiteAdmin()
        self._users.set_active(username, is_active=False)
        self._workspaces.drop_site_admin(username)  # listed again meanwhile
        self._end_sessions(username)
        self._publish(UserDeactivated(username=username, by=_name_of(actor)))

    def activate(self, actor: User | None, username: str) -> None:
        """Open a closed account again."""
        if self._managed(actor, username).is_active:
            return
        self._relist(self._users.set_active(username, is_active=True))
        self._memory.changed(user_channel(username))
        self._publish(UserActivated(username=username, by=_name_of(actor)))

    def set_site_admin(self, actor: User | None, username: str, *, is_site_admin: bool) -> None:
        """Let a person run the workspace, or no longer; the last site admin stays one."""
        user = self._managed(actor, username)
        if user.is_site_admin == is_site_admin:
            return
        is_leaving = user.is_active and not is_site_admin
        if is_leaving and not self._workspaces.unlist_site_admin(username):
            raise LastSiteAdmin()
        self._relist(self._users.set_site_admin(username, is_site_admin=is_site_admin))
        self._memory.changed(user_channel(username))
        self._publish(
            SiteAdminChanged(username=username, by=_name_of(actor), is_site_admin=is_site_admin)
        )

    def _managed(self, actor: User | None, username: str) -> User:
        _require_site_admin(actor)
        user = self._users.get_user(username)
        if user is None:
            raise UserNotFound(username=username)
        return user

    def _relist(self, user: User | None) -> None:
        """Let the list say what is stored; whoever changes it meanwhile does so after us."""
        if user is not None and user.is_site_admin and user.is_active:
            self._workspaces.list_site_admin(user.username)
            user = self._users.get_user(user.username)
        if user is not None and not (user.is_site_admin and user.is_active):
            self._workspaces.drop_site_admin(user.username)

    # Passwords and sessions

    def sign_in(self, username: str, password: str, address: str = "", device: str = "") -> str:
        """Return the id of a new session, for the browser alone to keep.

        Raise `TooMany` where this account or address has failed too often to try again now.
        """
        username = username.strip().lower()
        try:
            with self._guard.one_try(username, address):
                user = self._verify(username, password)
        except WrongPassword:
            typed = username[:MAX_NAME_LENGTH]
            self._publish(SignInFailed(username=typed, address=address))
            raise
        if passwords.needs_rehash(user.password_hash):
            self._users.update_password_hash(user.username, self._passwords.hash(password))
        session_id = self.start_session(user, device)
        self._publish(SignedIn(username=user.username, address=address))
        return session_id

    def _verify(self, username: str, password: str) -> User:
        user = self._users.get_user(username)
        is_right = self._passwords.verify(password, user.password_hash if user else None)
        if not is_right or user is None or not user.is_active:
            raise WrongPassword()
        return user

    def change_password(
        self, actor: User, current: str, new: str, address: str = "", device: str = ""
    ) -> str:
        """Begin anew: every session of `actor` ends. Return the id of the one that follows."""
        with self._guard.one_try(actor.username, address):
            if not self._passwords.verify(current, actor.password_hash):
                raise WrongCurrentPassword()
        passwords.check_new(new, actor.username)
        changed = self._users.change_password(actor.username, self._passwords.hash(new))
        if changed is None:
            raise NotSignedIn()
        self._end_sessions(actor.username)
        self._publish(PasswordChanged(username=actor.username))
        return self.start_session(changed, device)

    def reset_password(self, username: str) -> str:
        """Give somebody who forgot theirs a new password, at the console, and return it."""
        user = self._managed(None, username)
        password = secrets.token_urlsafe(12)
        self._users.change_password(user.username, self._passwords.hash(password))
        self._end_sessions(username)
        self._publish(PasswordChanged(username=username))
        return password

    def _end_sessions(self, username: str) -> None:
        """Tidy up after a new epoch, which has ended them, and close their sockets."""
        self._sessions.remove_sessions_of(username)
        self._memory.changed(user_channel(username))
        self._publish(SignedOutEverywhere(username=username))

    def start_session(self, user: User, device: str = "") -> str:
        session_id = secrets.token_urlsafe(32)
        session = Session(
            key=_key(session_id),
            username=user.username,
            created_at=self._now(),
            expires_at=self._now() + SESSION_IDLE,
            used_at=self._now(),
            device=device,
            epoch=user.epoch,
        )
        self._sessions.save_session(session)
        return session_id

    def find_signed_in(self, session_id: str) -> Identity | None:
        """Return who holds `session_id` and asks, or None if it ended or the account is closed."""
        return self.find_holder(_key(session_id))

    def find_holder(self, key: str) -> Identity | None:
        """The same by the key of the session. Asked before whatever is asked over a socket."""
        known = self._known()
        found = known.get(key)
        if found and found.session.expires_at - self._now() > SESSION_IDLE - PROLONGED_EVERY:
            return found
        found = self._identity(key)
        if found:
            known[key] = found
            self._prolong(found.session)
        return found

    def _known(self) -> dict[str, Identity]:
        """Return who was found by which key, since anything was forgotten."""
        stamp = self._memory.stamp()
        if stamp is None or stamp != self._known_since:
            self._found, self._known_since = {}, stamp
        return self._found

    def _prolong(self, session: Session) -> None:
        if self._now() - session.used_at >= PROLONGED_EVERY:
            ends = min(session.created_at + SESSION_LIFETIME, self._now() + SESSION_IDLE)
            self._sessions.prolong_session(session.key, ends)
            self._memory.forget(session_channel(session.key))

    def live_sessions(self, keys: Iterable[str]) -> set[str]:
        """Return the keys of those sessions that have not reached their end."""
        return self._sessions.get_live(keys)

    def is_signed_in(self, key: str) -> bool:
        """Return whether the session with this key still opens anything."""
        return self._identity(key) is not None

    def _identity(self, key: str) -> Identity | None:
        session = self._session(key)
        user = self._user(session.username) if session else None
        if session is None or user is None or not user.is_active:
            return None
        if session.epoch != user.epoch:
            return None
        return Identity(user, session)

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
        self._end([session])

    def sessions(self, actor: User) -> list[Session]:
        """Return where the actor is signed in, the one that was used last first."""
        found = self._sessions.get_sessions_of(actor.username)
        return [session for session in found if session.epoch == actor.epoch]

    def end_session(self, actor: User, handle: str) -> None:
        """Sign the actor out in one place; its pages hear of it."""
        ended = [session for session in self.sessions(actor) if session.handle == handle]
        if not ended:
            raise SessionNotFound()
        self._end(ended)

    def end_other_sessions(self, actor: User, kept: Session) -> int:
        """Sign the actor out everywhere but here; return in how many places that was."""
        others = [session for session in self.sessions(actor) if session.key != kept.key]
        self._end(others)
        return len(others)

    def _end(self, sessions: Iterable[Session]) -> None:
        keys = [session.key for session in sessions]
        if not keys:
            return
        self._sessions.remove_sessions(keys)
        self._memory.changed(*map(session_channel, keys))
        for key in keys:
            self._publish(SignedOut(session_key=key))


def _require_site_admin(actor: User | None) -> None:
    if actor is not None and not actor.is_site_admin:
        raise SiteAdminOnly()


def _name_of(actor: User | None) -> str:
    return actor.username if actor else CONSOLE


def _key(session_id: str) -> str:
    return hashlib.sha256(session_id.encode("utf-8", "replace")).hexdigest()


def _nonce() -> str:
    return secrets.token_hex(16)
