"""How work in the background makes room: after each piece it rests as long as the piece took.

Not by a low priority (nice). Threads of one process share the interpreter's lock and the store's; a thread
of low priority that holds one on a busy machine gets no time to let go of it, and a frame waits as long.
Measured beside one busy program on the same core: with nice 10 a frame took up to 826 ms, with rests 173 ms,
and the work was done in a fifth of the time.
"""

import time
from collections.abc import Callable
from typing import Final

LEAST_S: Final = 0.01
"""After less work there is no rest yet: pieces may be as small as they come."""
LONGEST_S: Final = 1.0
"""A rest is at most so long."""


class Pace:
    """Called between two pieces of work: waits as long as this thread has worked since it last waited.

    `wait` waits a number of seconds, and may raise to end the work. `clock`: seconds that the thread worked.
    """

    def __init__(self, wait: Callable[[float], object],
                 clock: Callable[[], float] = time.thread_time) -> None:
        self._wait, self._clock = wait, clock
        self._since = clock()

    def __call__(self) -> None:
        """Rest.

        >>> worked = iter([0.0, 0.3, 0.3, 0.304, 0.32, 0.32, 5.0, 5.0])
        >>> pace = Pace(lambda seconds: print(round(seconds, 3)), lambda: next(worked))
        >>> pace(); pace(); pace(); pace()
        0.3
        0.02
        1.0
        """
        worked = self._clock() - self._since
        if worked < LEAST_S:
            return
        self._wait(min(LONGEST_S, worked))
        self._since = self._clock()
