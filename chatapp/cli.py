"""`flask --app wsgi …`: a door like any other."""

import click
from flask import Flask
from flask.cli import AppGroup

from chatapp.core.database import StorageAway
from chatapp.services import services
from migrations_seed import runner
from migrations_seed.seed import demo, volume

commands = AppGroup()
seed = AppGroup("seed", help="Fill an empty database.")


def init_app(app: Flask) -> None:
    app.cli.add_command(migrate)
    app.cli.add_command(seed)


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


@seed.command("demo")
def seed_demo() -> None:
    """Tell a small story: Ana, Ben, Cleo and their rooms. Again adds nothing."""
    click.echo(demo.tell(services))


@seed.command("volume")
@click.option("--rooms", default=100, show_default=True)
@click.option("--messages", default=1_000, show_default=True, help="In each room.")
def seed_volume(rooms: int, messages: int) -> None:
    """Write many rooms and messages in bulk, for benchmarks."""
    volume.fill(services.database, rooms, messages)
