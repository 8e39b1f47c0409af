"""How much each fault test does: quick is for every change, full for a release."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """What has teeth is bitten in quick size always: it has to be caught soon."""

    kills: int
    process_kills: int
    between_kills: int
    """Acknowledged messages; a count, not a time, so slow machines test as much."""
    writers: int
    readers: int
    rooms: int
    resends: int
    ordered: int
    clients: int
    cuts: int
    longest_cut_seconds: float
    missed: int
    restarts: int
    database_outage_seconds: float
    redis_outage_seconds: tuple[float, ...]
    removals: int
    removal_rate: float
    """Messages a second that have to be said meanwhile. None in quick size: the machine decides."""
    admin_pairs: int
    frames: int
    crowd: int
    """Readers who have stopped, and as many who go on."""
    examples: int
    steps: int


QUICK = Sizes(
    kills=3,
    process_kills=2,
    between_kills=60,
    writers=6,
    readers=3,
    rooms=2,
    resends=300,
    ordered=800,
    clients=10,
    cuts=4,
    longest_cut_seconds=2.0,
    missed=300,
    restarts=2,
    database_outage_seconds=4.0,
    redis_outage_seconds=(4.0,),
    removals=20,
    removal_rate=0,
    admin_pairs=50,
    frames=3_000,
    crowd=10,
    examples=15,
    steps=30,
)
FULL = Sizes(
    kills=25,
    process_kills=20,
    between_kills=200,
    writers=16,
    readers=8,
    rooms=4,
    resends=5_000,
    ordered=20_000,
    clients=100,
    cuts=10,
    longest_cut_seconds=60.0,
    missed=1_000,
    restarts=10,
    database_outage_seconds=30.0,
    redis_outage_seconds=(5.0, 20.0),
    removals=200,
    removal_rate=100,
    admin_pairs=200,
    frames=30_000,
    crowd=50,
    examples=300,
    steps=50,
)
