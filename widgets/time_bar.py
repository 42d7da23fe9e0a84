"""The line into which a time is typed to go to."""

from textual import events
from textual.message import Message

from widgets.filter_bar import FilterBar


class TimeBar(FilterBar):
    """As the filter's line, but nothing happens before Enter. ``g`` again means: no, to the first row."""

    class Typed(Message):
        """What is typed so far; `done`: Enter, or Esc with nothing."""

        def __init__(self, pattern: str, done: bool) -> None:
            super().__init__()
            self.pattern = pattern
            self.done = done

    def on_key(self, event: events.Key) -> None:
        """Take ``gg`` for the first row."""
        if event.key == "g" and not self.pattern:
            event.stop()
            event.prevent_default()
            self.post_message(self.Typed("g", True))
