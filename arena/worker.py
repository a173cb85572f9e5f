"""What a worker process of the arena does: plays the units that it is given, and tells of each game as it ends.

  python -m arena.worker      started by `arena.crew` and by nobody else

Units come in on the standard input, games go out on the standard output. When the input ends, the other side is gone,
however it went: the worker closes its outside engines and ends at once.
"""

import threading
from collections.abc import Callable
from queue import SimpleQueue

from arena.units import Bench, Unit
from arena.worker_messages import Begin, Finished, Message, Ready, Refusal
from gomoku.leaving import heed_signals
from workers.messages import listen, own_pipes, read_message, write_message


def play_and_tell(bench: Bench, unit: Unit, tell: Callable[[Message], None]) -> None:
    """Plays a unit; what cannot be played at all is told as well."""
    try:
        bench.play(unit, lambda index, game: tell(Finished(index, game)))
    except ValueError as error:
        tell(Refusal(str(error)))


def main() -> None:
    heed_signals()
    source, sink = own_pipes()
    begin: Begin = read_message(source)
    bench = Bench(begin.entrants)
    units: SimpleQueue[Unit] = SimpleQueue()
    threading.Thread(target=listen, args=(source, units.put, bench.close), daemon=True).start()
    write_message(sink, Ready())
    while True:
        play_and_tell(bench, units.get(), lambda message: write_message(sink, message))


if __name__ == "__main__":
    main()
