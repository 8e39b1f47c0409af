"""How fast the chat is, measured beside what a team would run instead. `bin/bench` starts it.

A benchmark is a module here with one function, named in the table of `suite.py`:

    def measure(run: Run) -> Iterator[Figure]:
        both = servers.ours(run), servers.peer(run)
        rounds = in_turns(run, both, seconds)
        yield Figure.compared("connect, 1,000 people", "s", rounds, target=1.5, direction="<=")

- Ratios are what counts: the same load on both, in turns, in one run. A round is what was measured
  of ours and of the peer; `Figure.compared` takes the median of the ratios.
- Without a peer there is `Figure.alone`, and its target is for the figure itself.
- `run` (in `run.py`) says how long to measure (`run.is_quick`, `run.rounds`, `run.seconds`), has a
  folder and a mongod, and starts programs that are stopped at the end, however that comes.
- What is not on this machine raises `Missing` with one sentence: what, and how to get it. The
  other benchmarks go on.
- The name of a figure is kept: its history is drawn by it.
"""
