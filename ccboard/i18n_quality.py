"""The words of the page about the data, in English and Chinese; ``ccboard.i18n`` takes them in."""

from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "finding.collected": ("collected?", "能否采集"),
    "finding.reported": ("reported?", "是否上报"),
    "finding.often": ("often?", "是否及时"),
    "finding.helps": ("helps?", "能否改进"),
    "finding.accurate": ("accurate?", "是否准确"),
    "finding.logical": ("logical?", "是否合理"),
    "finding.found": ("found", "发现"),
    "finding.found_text": ("{text} ({n}×)", "{text}（{n} 条）"),
    "finding.enter": ("{text} ({n}×), enter: the rows", "{text}（{n} 条），回车看明细"),
    "finding.more": ("... {n} more: ccboard quality --json", "…… 另有 {n} 条：ccboard quality --json"),
}
