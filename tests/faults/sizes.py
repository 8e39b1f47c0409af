"""How much each fault test does: quick is for every change, full for a release."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Sizes:
    kills: int
    process_kills: int
    between_kills: int
    """Acknowledged messages; a count, not a time, so slow machines test as much."""
    writers: int
    readers: int
    rooms: int
    teeth_kills: int
    resends: int
    ordered: int
    clients: int
    cuts: int
    longest_cut_seconds: float
    missed: int
    outage_seconds: tuple[float, ...]
    database_outage_seconds: float
    removals: int
    admin_pairs: int
    examples: int
    steps: int


QUICK = Sizes(
    kills=3,
    process_kills=2,
    between_kills=60,
    writers=6,
    readers=3,
    rooms=2,
    teeth_kills=4,
    resends=300,
    ordered=800,
    clients=10,
    cuts=4,
    longest_cut_seconds=2.0,
    missed=300,
    outage_seconds=(4.0,),
    database_outage_seconds=4.0,
    removals=20,
    admin_pairs=50,
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
    teeth_kills=8,
    resends=5_000,
    ordered=20_000,
    clients=100,
    cuts=20,
    longest_cut_seconds=60.0,
    missed=1_000,
    outage_seconds=(5.0, 20.0),
    database_outage_seconds=30.0,
    removals=200,
    admin_pairs=200,
    examples=300,
    steps=50,
)
