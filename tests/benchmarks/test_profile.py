"""What is read out of the stacks that py-spy saw."""

from benchmarks.profile import describe, read_stacks

HUB = "BaseHub.run (eventlet/hubs/hub.py:310)"
TELL = "Broadcaster.tell (chatapp/realtime/broadcast.py:38)"
EMIT = "Manager.emit (socketio/manager.py:22)"
ENCODE = "iterencode (json/encoder.py)"
LINES = (
    f"{HUB} 10",
    f"{HUB};{TELL};{EMIT} 20",
    f"{HUB};{TELL};{EMIT};{ENCODE} 30",
    f"{HUB};{TELL};{TELL} 40",
)


class TestAProfile:
    def test_says_which_package_was_at_work(self) -> None:
        told = describe(read_stacks(LINES), busy=0.5, per_second=10_000)

        assert "10,000 deliveries a second, 50% of a core: 50.0 µs of CPU for each." in told
        assert "| chatapp/realtime | 40.0% | 20.00 |" in told
        assert "| Python's own library | 30.0% | 15.00 |" in told
        assert "| socketio | 20.0% | 10.00 |" in told
        assert "| eventlet | 10.0% | 5.00 |" in told

    def test_says_how_long_a_function_of_ours_took_with_all_it_calls(self) -> None:
        told = describe(read_stacks(LINES), busy=0.5, per_second=10_000)

        at_work, ours = told.split("| Ours, with all it calls |")

        # Once a stack, also where it calls itself.
        assert "| `Broadcaster.tell` (chatapp/realtime/broadcast.py) | 90.0% | 45.00 |" in ours
        assert "| `Broadcaster.tell` (chatapp/realtime/broadcast.py) | 40.0% | 20.00 |" in at_work
        assert "Manager.emit" not in ours
