"""`flask --app wsgi …`: a door like any other."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import click
from flask import Flask
from flask.cli import AppGroup

from chatapp.core import clock
from chatapp.core.database import StorageAway
from chatapp.core.errors import ChatError
from chatapp.services import services
from migrations_seed import runner
from migrations_seed.seed import demo, volume

commands = AppGroup()
seed = AppGroup("seed", help="Fill an empty database.")
people = AppGroup("people", help="Manage accounts, as a site admin does on the page People.")


def init_app(app: Flask) -> None:
    app.cli.add_command(migrate)
    app.cli.add_command(seed)
    app.cli.add_command(people)
    app.cli.add_command(audit)
    app.cli.add_command(render)


@commands.command("audit")
@click.option("--who", help="Only what this person did.")
@click.option("--days", default=30, show_default=True, help="How far back.")
@click.option("--limit", default=200, show_default=True)
def audit(who: str | None, days: int, limit: int) -> None:
    """Print who did what, newest first: time, person, address, event, details."""
    since = clock.now() - timedelta(days=days)
    for entry in services.audit.get_entries(since, who, limit):
        click.echo(
            json.dumps([clock.iso(entry.at), entry.who, entry.address, entry.what, entry.about])
        )


@commands.command("migrate")
def migrate() -> None:
    """Bring the database to the shape this version needs."""
    try:
        done = runner.migrate(services.database)
    except StorageAway as error:
        sentence = "No database answers at MONGO_URI; check it, and that the server runs."
        raise click.ClickException(sentence) from error
    except runner.MigrationsBusy as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Ran {', '.join(done)}." if done else "The database is up to date.")


@commands.command("render")
def render() -> None:
    """Render messages of an older version again now; the running chat does it bit by bit."""
    click.echo(f"Rendered {services.renewal.run(pause_seconds=0)} messages.")


@contextmanager
def _told() -> Iterator[None]:
    """Say a refusal in its own words."""
    try:
        yield
    except ChatError as refusal:
        raise click.ClickException(refusal.message) from refusal


@people.command("list")
def list_people() -> None:
    """Name everybody, with what they may do."""
    after = ""
    while page := services.accounts.list_people(None, after):
        for user in page:
            notes = ["site admin"] * user.is_site_admin + ["deactivated"] * (not user.is_active)
            click.echo(" ".join([user.username, *notes]))
        after = page[-1].username


@people.command("deactivate")
@click.argument("username")
def deactivate(username: str) -> None:
    """Close an account and end its sessions."""
    with _told():
        services.accounts.deactivate(None, username)


@people.command("activate")
@click.argument("username")
def activate(username: str) -> None:
    """Open a closed account again."""
    with _told():
        services.accounts.activate(None, username)


@people.command("make-site-admin")
@click.argument("username")
def make_site_admin(username: str) -> None:
    """Let somebody run the workspace."""
    with _told():
        services.accounts.set_site_admin(None, username, is_site_admin=True)


@people.command("reset-password")
@click.argument("username")
def reset_password(username: str) -> None:
    """Print a new password for somebody who forgot theirs."""
    with _told():
        click.echo(services.accounts.reset_password(username))


@seed.command("demo")
def seed_demo() -> None:
    """Tell a small story: Ana, Ben, Cleo and their rooms. Again adds nothing."""
    click.echo(demo.tell(services))


@seed.command("volume")
@click.option("--rooms", default=100, show_default=True)
@click.option("--messages", default=100, show_default=True, help="In a room, on average.")
def seed_volume(rooms: int, messages: int) -> None:
    """Write a large workspace in bulk, for benchmarks: --rooms 10000 is a million messages."""
    try:
        click.echo(volume.fill(services.database, rooms, messages))
    except volume.HalfFilled as error:
        raise click.ClickException(str(error)) from error
