"""Accounts, sessions and the workspace, as MongoDB keeps them."""

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import datetime

from pymongo import ReturnDocument
from pymongo.errors import DuplicateKeyError

from chatapp.auth.entities import Name, Session, User, Workspace
from chatapp.core.database import Document, Documents, Lookup

_WORKSPACE = {"_id": "workspace"}  # there is one a database


class WorkspaceRepository:
    """Collection `workspace`: one document.

    Its `site_admins` exists, like `rooms.admins`, for one question that is asked and answered
    in one atomic write: is there another one? It never names somebody who is none.
    """

    def __init__(self, database: Documents) -> None:
        self._workspaces = database["workspace"]

    def save_workspace(self, workspace: Workspace) -> None:
        self._workspaces.update_one(_WORKSPACE, {"$set": asdict(workspace)}, upsert=True)

    def get_workspace(self) -> Workspace | None:
        document = self._workspaces.find_one({**_WORKSPACE, "name": {"$exists": True}})
        if document is None:
            return None
        return Workspace(name=document["name"], invite_nonce=document["invite_nonce"])

    def get_site_admins(self) -> list[str]:
        """Return their usernames."""
        document = self._workspaces.find_one(_WORKSPACE, {"site_admins": 1}) or {}
        return list(document.get("site_admins", ()))

    def list_site_admin(self, username: str) -> None:
        self._workspaces.update_one(
            _WORKSPACE, {"$addToSet": {"site_admins": username}}, upsert=True
        )

    def unlist_site_admin(self, username: str) -> bool:
        """Return False, and change nothing, where there is no other one."""
        another = [
            {"site_admins.1": {"$exists": True}},
            {"site_admins.0": {"$exists": True, "$ne": username}},
        ]
        unlisted = self._workspaces.update_one(
            {**_WORKSPACE, "$or": another}, {"$pull": {"site_admins": username}}
        )
        return bool(unlisted.matched_count)

    def drop_site_admin(self, username: str) -> None:
        """Unlist somebody who is none any more, whoever else is listed."""
        self._workspaces.update_one(_WORKSPACE, {"$pull": {"site_admins": username}})


class UserRepository:
    """Collection `users`, keyed by username.

    The field `founder` stands on the first account only and is unique: two people who
    set up at the same moment cannot both succeed.
    """

    def __init__(self, database: Documents) -> None:
        self._users = database["users"]
        self._lookup = Lookup(self._find)

    def save_user(self, user: User) -> bool:
        """Add `user`; return False where the username is taken."""
        return self._insert(_to_document(user))

    def save_founder(self, user: User) -> bool:
        """Add the first account; return False where there is one already."""
        return self._insert({**_to_document(user), "founder": True})

    def _insert(self, document: Document) -> bool:
        try:
            self._users.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    def has_founder(self) -> bool:
        return self._users.find_one({"founder": True}, {"_id": 1}) is not None

    def get_user(self, username: str) -> User | None:
        return self._lookup.find(username)

    def get_users(self, usernames: Iterable[str]) -> list[User]:
        return list(self._find(sorted(set(usernames))).values())

    def _find(self, usernames: list[str]) -> dict[str, User]:
        found = self._users.find({"_id": {"$in": usernames}})
        return {document["_id"]: _to_user(document) for document in found}

    def get_display_names(self, usernames: Iterable[str]) -> dict[str, str]:
        """Return the display names of those who are known, by username."""
        wanted = {"_id": {"$in": sorted(set(usernames))}}
        found = self._users.find(wanted, {"display_name": 1, "picture": 1})
        return {document["_id"]: _name_of(document) for document in found}

    def find_users(self, prefix: str, limit: int) -> list[User]:
        """Return active people whose username or display name starts with `prefix`, by username."""
        folded = prefix.casefold()
        found = (
            self._users.find({"is_active": True, field: _starts_with(folded)}).limit(limit)
            for field in ("_id", "folded_name")
        )
        by_username = {document["_id"]: document for part in found for document in part}
        return [_to_user(by_username[username]) for username in sorted(by_username)][:limit]

    def list_users(self, after: str, limit: int) -> list[User]:
        """Return the people whose usernames come after `after`, by username."""
        found = self._users.find({"_id": {"$gt": after}}).sort("_id", 1).limit(limit)
        return [_to_user(document) for document in found]

    def update_password_hash(self, username: str, password_hash: str) -> None:
        """Keep the same password in another way."""
        self._users.update_one({"_id": username}, {"$set": {"password_hash": password_hash}})

    def update_display_name(self, username: str, display_name: str) -> User | None:
        fields = {"display_name": display_name, "folded_name": display_name.casefold()}
        return self._update(username, fields, new_epoch=False)

    def update_picture(self, username: str, picture: str) -> User | None:
        return self._update(username, {"picture": picture}, new_epoch=False)

    def change_password(self, username: str, password_hash: str) -> User | None:
        """Begin a new epoch with a new password; return the person as they are then."""
        return self._update(username, {"password_hash": password_hash}, new_epoch=True)

    def set_active(self, username: str, *, is_active: bool) -> User | None:
        return self._update(username, {"is_active": is_active}, new_epoch=True)

    def set_site_admin(self, username: str, *, is_site_admin: bool) -> User | None:
        return self._update(username, {"is_site_admin": is_site_admin}, new_epoch=False)

    def _update(self, username: str, fields: Document, *, new_epoch: bool) -> User | None:
        document = self._users.find_one_and_update(
            {"_id": username},
            {"$set": fields, "$inc": {"epoch": int(new_epoch)}},
            return_document=ReturnDocument.AFTER,
        )
        return _to_user(document) if document else None


class SessionRepository:
    """Collection `sessions`, keyed by the hash of the id that the browser holds."""

    def __init__(self, database: Documents, now: Callable[[], datetime]) -> None:
        self._sessions = database["sessions"]
        self._now = now
        self._lookup = Lookup(self._find)

    def save_session(self, session: Session) -> None:
        document = asdict(session)
        document["_id"] = document.pop("key")
        self._sessions.insert_one(document)

    def get_session(self, key: str) -> Session | None:
        """Return the session unless it has expired; MongoDB sweeps those once a minute."""
        return self._lookup.find(key)

    def _find(self, keys: list[str]) -> dict[str, Session]:
        found = self._sessions.find({"_id": {"$in": keys}, "expires_at": {"$gt": self._now()}})
        return {document["_id"]: _to_session(document) for document in found}

    def get_sessions_of(self, username: str) -> list[Session]:
        """Return those that have not expired, the one that was used last first."""
        asked = {"username": username, "expires_at": {"$gt": self._now()}}
        sessions = map(_to_session, self._sessions.find(asked))
        return sorted(sessions, key=lambda session: session.used_at, reverse=True)

    def get_live(self, keys: Iterable[str]) -> set[str]:
        """Return the keys of those sessions that have not ended, by one query."""
        asked = {"_id": {"$in": sorted(keys)}, "expires_at": {"$gt": self._now()}}
        return {document["_id"] for document in self._sessions.find(asked, {"_id": 1})}

    def prolong_session(self, key: str, expires_at: datetime) -> None:
        """Put off the end of a session that is used, if it has not been removed meanwhile."""
        self._sessions.update_one(
            {"_id": key}, {"$max": {"expires_at": expires_at, "used_at": self._now()}}
        )

    def remove_sessions(self, keys: Iterable[str]) -> None:
        self._sessions.delete_many({"_id": {"$in": sorted(keys)}})

    def remove_sessions_of(self, username: str) -> None:
        self._sessions.delete_many({"username": username})


def _to_session(document: Document) -> Session:
    return Session(
        key=document["_id"],
        username=document["username"],
        created_at=document["created_at"],
        expires_at=document["expires_at"],
        # Older ones have neither; they are gone 30 days after the chat was renewed.
        used_at=document.get("used_at") or document["created_at"],
        device=document.get("device", ""),
        epoch=document.get("epoch", 0),
    )


def _starts_with(prefix: str) -> Document:
    return {"$gte": prefix, "$lt": prefix + "\U0010ffff"}  # a range: the index serves it


def _to_document(user: User) -> Document:
    document = asdict(user)
    document["_id"] = document.pop("username")
    document["folded_name"] = user.display_name.casefold()
    return document


def _name_of(document: Document) -> str:
    name, picture = str(document["display_name"]), document.get("picture", "")
    return Name(name, picture) if picture else name


def _to_user(document: Document) -> User:
    return User(
        username=document["_id"],
        display_name=_name_of(document),
        password_hash=document["password_hash"],
        created_at=document["created_at"],
        is_site_admin=document["is_site_admin"],
        is_active=document["is_active"],
        epoch=document.get("epoch", 0),
    )
