"""How fast the chat is, measured beside what a team would run instead. `bin/bench` starts it.

A benchmark is a module here with one function, named in the table of `suite.py`:

    def measure(run: Run) -> Iterator[Figure]:
        with app_server(run) as ours, peer_server(run) as peer:
            yield Figure.compared(
                "relay, 50 clients", "deliveries/s", pairs, target=2.5, direction=">="
            )

- Ratios are what counts: the same load on both, in turns, in one run. `pairs` holds what was
  measured in each round, ours and the peer's; `Figure.compared` takes the median of the ratios.
- Without a peer there is `Figure.alone`, and its target is for the figure itself.
- `run` (in `run.py`) says how long to measure (`run.is_quick`, `run.rounds`, `run.seconds`), has a
  folder and a mongod, and starts programs that are stopped at the end, however that comes.
- What is not on this machine raises `Missing` with one sentence: what, and how to get it. The
  other benchmarks go on.
- The name of a figure is kept: its history is drawn by it.
"""
