"""One word of the glossary."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word: what it means and what is left out of it, in English and Chinese. `of`: the records behind."""

    id: str
    en: str
    zh: str
    formula_en: str
    formula_zh: str
    excluded_en: str = ""
    excluded_zh: str = ""
    of: str = "AgentState, Contact, Offer"
