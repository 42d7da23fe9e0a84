"""The states that an agent can be in. By themselves, so that one-shot commands have them for nothing."""

STATES = ("ready", "ringing", "talking", "hold", "wrap_up", "busy", "paused", "offline", "unknown")
"""In the order of the public object and of ``now --csv``; docs/figures.md says what each means."""
