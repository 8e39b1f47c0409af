"""What most fault tests do: put clients in a room, and judge what they have in the end."""

from tests.faults.audit import Verdict, audit
from tests.faults.client import Client
from tests.faults.world import World
from tests.wire import until


def clients_of(
    world: World, rooms: list[str], port: int, names: list[str], url: str | None = None
) -> list[Client]:
    """Return clients of these people that are connected to the process on `port`."""
    made = [Client(world.people[name], port, rooms, url) for name in names]
    for client in made:
        client.start()
    for client in made:
        until(lambda: client.wire is not None and client.wire.is_open)  # noqa: B023
    return made


def named(world: World, role: str, count: int) -> list[str]:
    """Add people called by their role and a number; return their names."""
    names = [f"{role}{number}" for number in range(count)]
    for name in names:
        world.add_person(name)
    return names


def judged(world: World, rooms: list[str], clients: list[Client], limit: float = 20) -> Verdict:
    """Wait until everybody has read everything, or plainly does not, and judge."""
    for room in rooms:
        head = len(world.stored(room))
        for client in clients:
            try:
                until(lambda: client.last(room) >= head, limit)  # noqa: B023
            except TimeoutError:
                limit = 1  # the audit says what is missing; the others had time enough
    for client in clients:
        client.stop()
    total = Verdict()
    for room in rooms:
        said = [message for client in clients for message in client.acknowledged]
        said = [message for message in said if message["room_id"] == room]
        logs = {client.username: client.log[room] for client in clients}
        total = total + audit(world.stored(room), said, logs)
    return total
