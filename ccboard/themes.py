"""The board's colours. Every level also has a mark, so that no colour carries a meaning alone.

Ten inks, the same on every theme: Textual's own themes get them from their brightness.
"""

from textual.theme import Theme

DARK = {
    "ink": "#c9d1d6", "ink-strong": "#f2f5f7", "ink-dim": "#76828b", "ink-head": "#8fa3b0",
    "ink-good": "#86b98f", "ink-warning": "#e6b450", "ink-critical": "#ff7b6b", "ink-accent": "#7cc0ea",
    "ink-banner": "#101418", "ink-banner-background": "#e6b450",
    "ink-alert": "#ffffff", "ink-alert-background": "#a8261d", "ink-cursor-background": "#24323c",
    "ink-cell-background": "#3a5567",
}
LIGHT = {
    "ink": "#2b3135", "ink-strong": "#000000", "ink-dim": "#737c82", "ink-head": "#47606f",
    "ink-good": "#2c7339", "ink-warning": "#8f5d00", "ink-critical": "#b3200f", "ink-accent": "#0a5f97",
    "ink-banner": "#ffffff", "ink-banner-background": "#8f5d00",
    "ink-alert": "#ffffff", "ink-alert-background": "#b3200f", "ink-cursor-background": "#d8e4ec",
    "ink-cell-background": "#b4cfdf",
}
COLOURBLIND = {
    **DARK,
    "ink-good": "#56b4e9", "ink-warning": "#f0b43c", "ink-critical": "#ef7fc4", "ink-accent": "#9ad1f5",
    "ink-banner-background": "#f0b43c", "ink-alert-background": "#8a2f6c",
}
ANSI = {
    "ink": "ansi_default", "ink-strong": "ansi_default", "ink-dim": "ansi_bright_black",
    "ink-head": "ansi_cyan", "ink-good": "ansi_green", "ink-warning": "ansi_yellow",
    "ink-critical": "ansi_red", "ink-accent": "ansi_cyan", "ink-banner": "ansi_default",
    "ink-banner-background": "ansi_default", "ink-alert": "ansi_default",
    "ink-alert-background": "ansi_default", "ink-cursor-background": "ansi_default",
    "ink-cell-background": "ansi_default",
}


def inks(theme: Theme) -> dict[str, str]:
    """Return the inks for a theme that brings none of its own."""
    if theme.ansi:
        return ANSI
    return DARK if theme.dark else LIGHT


THEMES = (
    Theme("board-dark", primary="#7cc0ea", secondary="#8fa3b0", warning="#e6b450", error="#ff7b6b",
          success="#86b98f", accent="#7cc0ea", foreground="#c9d1d6", background="#101418",
          surface="#161c21", panel="#1d252b", dark=True, variables=DARK),
    Theme("board-light", primary="#0a5f97", secondary="#47606f", warning="#8f5d00", error="#b3200f",
          success="#2c7339", accent="#0a5f97", foreground="#2b3135", background="#f7f7f4",
          surface="#eeeeea", panel="#e4e4df", dark=False, variables=LIGHT),
    Theme("board-colourblind", primary="#9ad1f5", secondary="#8fa3b0", warning="#f0b43c", error="#ef7fc4",
          success="#56b4e9", accent="#9ad1f5", foreground="#c9d1d6", background="#101418",
          surface="#161c21", panel="#1d252b", dark=True, variables=COLOURBLIND),
    Theme("board-ansi", primary="ansi_blue", secondary="ansi_cyan", warning="ansi_yellow", error="ansi_red",
          success="ansi_green", accent="ansi_cyan", foreground="ansi_default", background="ansi_default",
          surface="ansi_default", panel="ansi_default", boost="ansi_default", dark=True, ansi=True,
          variables={
              **ANSI,
              "ansi-background": "ansi_black", "ansi-foreground": "ansi_white",
              "block-cursor-foreground": "ansi_black", "block-cursor-background": "ansi_white",
              "input-cursor-text-style": "reverse",
          }),
)
DEFAULT = "board-dark"
NO_COLOUR = "board-ansi"
"""The theme for NO_COLOR and for terminals of 16 colours: the terminal's own, or none at all."""
