"""The service level: ten formulas that the trade calls by that one name, and what may be preset.

All forms count the same visits (those that the rules let in, less those who wait no longer than T and can
still be answered in time), so that they can be set side by side.
"""

from typing import Final

from ccboard.kpis.model import SERVICE_LEVEL, Entry, LeftOut, Terms

_OPEN = LeftOut(term="level_still", en="waiting no longer than T: still to be answered in time",
                zh="等待未超过 T 秒：仍可能及时接通")
_RULES = (
    LeftOut(term="level_time_outs_out", en="time-outs, by configuration", zh="超时转出，按配置"),
    LeftOut(term="level_overflow_out", en="passed on, by configuration", zh="溢出转出，按配置"),
    LeftOut(term="level_callbacks_out", en="callbacks, by configuration", zh="回拨，按配置"),
    LeftOut(term="level_after_hours_out", en="after hours, by configuration", zh="非工作时间，按配置"),
    LeftOut(term="level_unknown", en="the wait is not known", zh="等待时长未知"),
)
_ABANDONED_IN_TIME = LeftOut(term="level_abandoned_in_time", en="abandoned within T", zh="T 秒内放弃")
_SHORT = LeftOut(term="level_short", en="abandoned with a wait under S", zh="等待不足 S 秒即放弃")
_ABANDONED = LeftOut(term="level_abandoned", en="abandoned: not asked about", zh="放弃：不予考虑")
_FLOWED = LeftOut(term="level_flowed", en="passed on unanswered", zh="未接通而转出")

PARAMETERS: Final = ("threshold_s", "short_abandon_s", "cohort", "time_outs", "overflow", "left_by_key",
                     "callbacks", "after_hours", "open")
"""Keys of the configuration's service_level tables that change every form."""


def _form(id: str, en: str, zh: str, formula_en: str, formula_zh: str, top: Terms, bottom: Terms,  # noqa: A002
          origin: str, left_out: tuple[LeftOut, ...] = (_OPEN,), aliases: tuple[str, ...] = (),
          parameters: tuple[str, ...] = PARAMETERS) -> Entry:
    return Entry(id=f"sl.{id}", family=SERVICE_LEVEL, name_en=f"service level, {en}", name_zh=f"服务水平（{zh}）",
                 unit="ratio", direction="up", formula_en=formula_en, formula_zh=formula_zh, top=top, bottom=bottom,
                 left_out=(*left_out, *_RULES), parameters=parameters, origin=origin, aliases=aliases)


_IN_TIME = (1, "level_answered_in_time")
_DUE = ((1, "level_offered"), (-1, "level_still"))

FORMS: Final = (
    _form("offered", "of the offered", "按进线",
          "answered within T / offered; those waiting no longer than T are not counted yet",
          "T 秒内接通 / 进线；等待未超过 T 秒者暂不计",
          (_IN_TIME,), _DUE, "the default; COPC as it is taught"),
    _form("abandoned_negative", "abandons count against it", "放弃计为未达标",
          "answered within T / (answered, abandoned or past T)", "T 秒内接通 /（已接通、已放弃或已超过 T 秒）",
          (_IN_TIME,), ((1, "level_decided"),), "Cisco ICM and UCCE, abandoned calls have negative impact",
          aliases=("sl.cisco_negative",)),
    _form("abandoned_ignored", "early abandons ignored", "忽略早期放弃",
          "answered within T / (answered, abandoned or past T, less abandoned within T)",
          "T 秒内接通 /（已接通、已放弃或已超过 T 秒，减去 T 秒内放弃）",
          (_IN_TIME,), ((1, "level_decided"), (-1, "level_abandoned_in_time")),
          "Cisco ICM and UCCE, ignore abandoned calls", (_OPEN, _ABANDONED_IN_TIME), ("sl.cisco_ignore",)),
    _form("abandoned_positive", "early abandons count for it", "早期放弃计为达标",
          "(answered within T + abandoned within T) / (answered, abandoned or past T)",
          "（T 秒内接通 + T 秒内放弃）/（已接通、已放弃或已超过 T 秒）",
          (_IN_TIME, (1, "level_abandoned_in_time")), ((1, "level_decided"),),
          "Cisco ICM and UCCE, abandoned calls have positive impact; near Asterisk's ServicelevelPerf2",
          aliases=("sl.cisco_positive",)),
    _form("answered", "of the answered", "按接通", "answered within T / answered", "T 秒内接通 / 接通",
          (_IN_TIME,), ((1, "level_answered"),), "Asterisk's ServicelevelPerf, Wazo, VICIdial, AltiGen since midnight",
          (_OPEN, _ABANDONED, _FLOWED)),
    _form("short_excluded", "short abandons left out", "剔除短时放弃",
          "answered within T / (offered less abandons under S)", "T 秒内接通 /（进线减去不足 S 秒的放弃）",
          (_IN_TIME,), (*_DUE, (-1, "level_short")), "Talkdesk Live, Sinch, CxEngage, Twilio Flex", (_OPEN, _SHORT)),
    _form("composed", "composed by switches", "自选组成",
          "answered within T / (answered + what `counts` names of: abandoned, short_abandoned, flowed_out)",
          "T 秒内接通 /（接通 + `counts` 所列：放弃、短时放弃、转出）",
          (_IN_TIME,), ((1, "level_composed"),), "Genesys switches",
          aliases=("sl.genesys",), parameters=(*PARAMETERS, "counts")),
    _form("removed", "removed from the queue in time", "及时离队",
          "(answered + abandoned + callback asked for, each within T) / offered",
          "（T 秒内接通 + T 秒内放弃 + T 秒内请求回拨）/ 进线",
          (_IN_TIME, (1, "level_abandoned_in_time"), (1, "level_callbacks_in_time")), _DUE, "Amazon Connect"),
    _form("answered_missed", "of answered and missed", "按接通与漏接",
          "answered within T / (answered + over unanswered though the caller stayed)",
          "T 秒内接通 /（接通 + 主叫未放弃而漏接）",
          (_IN_TIME,), ((1, "level_answered"), (1, "level_missed")), "Talkdesk Explore", (_OPEN, _ABANDONED)),
    _form("queue_now", "of those waiting now", "当前排队",
          "waiting no longer than T at as_of / waiting at as_of", "截至时刻排队未超过 T 秒 / 截至时刻排队",
          ((1, "level_waiting"), (-1, "level_waiting_late")), ((1, "level_waiting"),), "AltiGen, live view", ()),
)
"""The ten forms."""

DEFAULT_FORM: Final = "sl.offered"

CONFIGURED: Final = Entry(
    id=SERVICE_LEVEL, family=SERVICE_LEVEL, name_en="service level", name_zh="服务水平", unit="ratio", direction="up",
    formula_en="the form that is configured; without configuration sl.offered:"
               " answered within T / (offered less those waiting no longer than T)",
    formula_zh="所配置的口径；未配置时为 sl.offered：T 秒内接通 /（进线减去等待未超过 T 秒者）",
    top=((1, "level_top"),), bottom=((1, "level_bottom"),), left_out=(_OPEN, *_RULES),
    parameters=("preset", "form", "counts", *PARAMETERS),
    origin="queues of different forms add numerators and denominators", aliases=("sl",),
)

Preset = tuple[float, float]
PRESETS: Final[dict[str, Preset]] = {"80/20": (20, 0.80), "90/15": (15, 0.90), "cn-telecom": (15, 0.85)}
"""Name: (T in seconds, target). A form's id is a preset, too."""

COUNTS: Final = ("abandoned", "short_abandoned", "flowed_out")
"""What sl.composed may count besides the answered."""


def composed(counts: frozenset[str]) -> Terms:
    """Return the denominator of sl.composed that counts these besides the answered."""
    terms: list[tuple[int, str]] = [(1, "level_answered")]
    if "abandoned" in counts:
        terms.append((1, "level_abandoned"))
        if "short_abandoned" not in counts:
            terms.append((-1, "level_short"))
    elif "short_abandoned" in counts:
        terms.append((1, "level_short"))
    if "flowed_out" in counts:
        terms.append((1, "level_flowed"))
    return tuple(terms)
