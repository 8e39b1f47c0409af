"""Settings: what is read, what is refused, and a key that is kept."""

import stat
import subprocess
import sys
from pathlib import Path

import pytest

import config
from config import ConfigError, config_for, kept_secret_key
from tests.cast import at_once

ROOT = Path(__file__).parent.parent
KEY = "k" * 32
PRODUCTION = {"CHATAPP_ENV": "production", "SECRET_KEY": KEY, "PUBLIC_URL": "https://chat.example"}


class TestChoosing:
    @pytest.mark.parametrize(
        ("name", "kind"),
        [
            ("", config.DevelopmentConfig),
            ("development", config.DevelopmentConfig),
            ("testing", config.TestingConfig),
            ("production", config.ProductionConfig),
        ],
    )
    def test_is_by_name(self, tmp_path: Path, name: str, kind: type) -> None:
        environ = {**PRODUCTION, "CHATAPP_ENV": name, "CHATAPP_DATA_DIR": str(tmp_path)}

        assert type(config_for(environ)) is kind

    def test_of_an_unknown_name_is_refused_with_the_known_ones(self) -> None:
        with pytest.raises(ConfigError, match="development, testing, production"):
            config_for({"CHATAPP_ENV": "staging"})

    def test_reads_no_environment_but_the_one_it_is_given(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("MONGO_URI", "mongodb://elsewhere")
        monkeypatch.setenv("CHATAPP_PORT", "9")

        chosen = config_for({"CHATAPP_DATA_DIR": str(tmp_path)})

        assert (chosen.MONGO_URI, chosen.CHATAPP_PORT) == ("", "5000")


class TestProduction:
    def test_starts_on_a_long_key_and_an_address(self) -> None:
        chosen = config_for(PRODUCTION)

        assert chosen.SESSION_COOKIE_SECURE
        assert chosen.SESSION_COOKIE_NAME == "__Host-chatapp"

    @pytest.mark.parametrize("key", ["", "short", "k" * 31])
    def test_S16_names_every_problem_at_once(self, key: str) -> None:
        with pytest.raises(ConfigError) as refused:
            config_for({"CHATAPP_ENV": "production", "SECRET_KEY": key, "CHATAPP_SIGNUP": "maybe"})

        for setting in ("SECRET_KEY", "PUBLIC_URL", "CHATAPP_SIGNUP"):
            assert setting in str(refused.value)

    @pytest.mark.parametrize("missing", ["SECRET_KEY", "PUBLIC_URL"])
    def test_names_no_setting_that_is_right(self, missing: str) -> None:
        with pytest.raises(ConfigError) as refused:
            config_for({name: value for name, value in PRODUCTION.items() if name != missing})

        named = {name for name in PRODUCTION if name in str(refused.value)}
        assert named == {missing}

    def test_S16_never_shows_a_key_that_it_refuses(self) -> None:
        with pytest.raises(ConfigError) as refused:
            config_for({**PRODUCTION, "SECRET_KEY": "hunter2"})

        assert "hunter2" not in str(refused.value)


class TestSettings:
    @pytest.mark.parametrize(
        ("setting", "value"),
        [
            ("CHATAPP_PORT", "http"),
            ("CHATAPP_PORT", "0"),
            ("CHATAPP_PORT", "65536"),
            ("CHATAPP_PORT", "²"),
            ("CHATAPP_ASYNC_MODE", "asyncio"),
            ("CHATAPP_SIGNUP", "closed"),
            ("PUBLIC_URL", "chat.example.org"),
            ("PUBLIC_URL", "ftp://chat.example.org"),
            ("PUBLIC_URL", "https://chat.example.org/chat"),
            ("PUBLIC_URL", "https://chat.example.org?x"),
            ("PUBLIC_URL", "https://me@chat.example.org"),
            ("PUBLIC_URL", "https://chat.example.org:port"),
            ("PUBLIC_URL", "https://"),
            ("SOCKETIO_MESSAGE_QUEUE", "amqp://localhost"),
        ],
    )
    def test_that_cannot_be_used_are_refused_by_name(self, setting: str, value: str) -> None:
        with pytest.raises(ConfigError, match=setting):
            config_for({"CHATAPP_ENV": "testing", setting: value})

    @pytest.mark.parametrize("url", ["redis://host", "rediss://host:6380/1", "unix:///run/r.sock"])
    def test_name_a_redis_by_network_or_by_file(self, url: str) -> None:
        settings = {"CHATAPP_ENV": "testing", "SOCKETIO_MESSAGE_QUEUE": url}

        assert url == config_for(settings).SOCKETIO_MESSAGE_QUEUE

    @pytest.mark.parametrize(
        ("url", "origin"),
        [
            ("", ""),
            ("https://Chat.Example.org/", "https://chat.example.org"),
            ("https://chat.example.org:443", "https://chat.example.org"),
            ("https://chat.example.org:8443", "https://chat.example.org:8443"),
            ("http://localhost:80", "http://localhost"),
            ("http://[::1]:5000", "http://[::1]:5000"),
        ],
    )
    def test_keep_the_address_as_browsers_write_an_origin(self, url: str, origin: str) -> None:
        kept = config_for({"CHATAPP_ENV": "testing", "PUBLIC_URL": url})

        assert origin == kept.PUBLIC_URL

    def test_are_those_of_env_example_with_its_defaults(self) -> None:
        lines = (ROOT / ".env.example").read_text().splitlines()
        listed = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
        asked = _Asked()
        config_for(asked)

        assert sorted(listed) == sorted(asked.names)
        read = config_for({**listed, "CHATAPP_ENV": "testing"})
        plain = config_for({"CHATAPP_ENV": "testing"})
        assert vars(read) == vars(plain)

    def test_of_two_chats_on_one_machine_name_different_cookies(self) -> None:
        names = {
            config_for({"CHATAPP_ENV": "testing", "CHATAPP_PORT": port}).SESSION_COOKIE_NAME
            for port in ("5000", "5001")
        }

        assert len(names) == 2


class _Asked(dict[str, str]):
    """An environment that remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(CHATAPP_ENV="testing")
        self.names: set[str] = set()

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        self.names.add(name)
        return super().get(name, default)


class TestTheKeptKey:
    def test_is_made_once_long_and_for_its_owner_alone(self, tmp_path: Path) -> None:
        folder = tmp_path / "new" / "data"

        key = kept_secret_key(folder)

        assert len(key) >= 64
        assert kept_secret_key(folder) == key
        assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert [path.name for path in folder.iterdir()] == ["secret_key"]

    def test_is_another_in_another_folder(self, tmp_path: Path) -> None:
        assert kept_secret_key(tmp_path / "a") != kept_secret_key(tmp_path / "b")

    def test_is_the_same_for_eight_threads_at_once(self, tmp_path: Path) -> None:
        keys = at_once(*[lambda: kept_secret_key(tmp_path)] * 8)

        assert len(set(keys)) == 1
        assert keys[0] == kept_secret_key(tmp_path)

    def test_is_the_same_for_processes_that_start_at_once(self, tmp_path: Path) -> None:
        command = "import sys, pathlib, config; print(config.kept_secret_key(pathlib.Path({!r})))"
        started = [
            subprocess.Popen(
                [sys.executable, "-c", command.format(str(tmp_path))],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(3)
        ]

        keys = {process.communicate(timeout=30)[0].strip() for process in started}

        assert keys == {kept_secret_key(tmp_path)}

    def test_in_a_folder_that_cannot_be_used_is_refused_in_a_sentence(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("not a folder")

        with pytest.raises(ConfigError, match="CHATAPP_DATA_DIR cannot be used"):
            kept_secret_key(tmp_path / "file" / "data")

    def test_is_not_made_where_one_is_given(self, tmp_path: Path) -> None:
        chosen = config_for({"SECRET_KEY": KEY, "CHATAPP_DATA_DIR": str(tmp_path)})

        assert chosen.SECRET_KEY == KEY
        assert not (tmp_path / "secret_key").exists()
