"""The numbers of one row of the tail page, as the lens tells them: against whom, how sure, since when."""

from ccboard.panel_tail import CoachRow, Early, TailRow, Unsteady, Verdict
from ccboard.tail.kpis import KPIS
from widgets import format as fmt
from widgets import tail_text as text
from widgets.tail_tables import coaching
from widgets.view import View

STRONG = 80
"""From how many percent on the evidence is called strong."""
Parts = tuple[tuple[str, str], ...]


def parts_of(row: object, view: View, by: str) -> Parts:
    """Return (label, text) of what is known of a row here and now."""
    if isinstance(row, TailRow):
        return _of_tail(row, view, by)
    if isinstance(row, Unsteady):
        return _of_unsteady(row, view, by)
    if isinstance(row, Early):
        return _of_early(row, view, by)
    if isinstance(row, Verdict):
        return _of_verdict(row, view, by)
    return _of_case(row, view) if isinstance(row, CoachRow) else ()


def unit(kpi: str, view: View) -> str:
    """Return what a figure has values of: calls, answers, reviews."""
    known = KPIS.get(kpi)
    if known is None:
        return ""
    return known.unit_zh if view.words.language == "zh" else known.unit_en


def stretch(kpi: str, by: str, view: View) -> str:
    """Return from which days a figure is judged: those of the period, or more where it is pooled."""
    pooled, panel, words = text.pooled(kpi, by, view), text.panel_of(view), view.words
    if pooled is not None:
        return words("tail.lens.pooled", n=str(pooled.days), first=pooled.first, last=pooled.last)
    if panel is None or not panel.first:
        return fmt.DASH
    if not panel.period:
        return words("lens.from_to", start=panel.first, end=panel.last)
    return words("tail.days", n=str(panel.period), first=panel.first, last=panel.last)


def _label(name: str, said: str, view: View) -> tuple[str, str]:
    return view.words(f"tail.lens.{name}"), said


def _of_tail(row: TailRow, view: View, by: str) -> Parts:
    words = view.words
    share, stands = f"{row.reliability * 100:.0f}", text.raw(row, view)
    found = [
        _label("adjusted", words(f"tail.lens.adjusted.{row.form}", value=text.adjusted(row, view)), view),
        _label("likely", words("tail.lens.range", range=text.likely(row, view)), view),
        _label("raw", words("tail.lens.raw_text", raw=stands, usual=text.usual(row, view)), view),
        _label("sample", words("tail.lens.sample_text", n=str(row.n), unit=unit(row.kpi, view),
                               days=str(row.days)), view),
        _label("sure", words(f"tail.lens.sure.{'strong' if row.strong else 'weak'}", p=text.sure(row),
                             strong=str(STRONG)), view),
        _label("own", words("tail.own", share=share), view),
        *_compared(row.kpi, view, by),
        _label("since", words("tail.lens.since_text", times=str(row.times), of=str(row.of)) if row.of > 1
               else words("tail.lens.since_first"), view)]
    if row.moved is not None:
        moved = "same" if not row.sure_moved else "worse" if row.moved > 0 else "better"
        found.append(_label("moved", words(f"tail.moved_{moved}"), view))
    if driver := text.said(row.driver, view):
        found.append(_label("driver", driver, view))
    return tuple(found)


def _compared(kpi: str, view: View, by: str) -> Parts:
    """Return with whom and from which days a figure is judged, how many are named, how many wrongly."""
    words, group = view.words, text.group_of(view, by)
    verdict = next((v for v in group.verdicts if v.kpi == kpi and v.measured), None) if group else None
    found = []
    if verdict is not None:
        found.append(_label("with", words(f"tail.lens.with.{by}", n=str(verdict.seen)), view))
    found.append(_label("days", stretch(kpi, by, view), view))
    if verdict is not None:
        found.append(_label("named", _named(verdict, view), view))
    return tuple(found)


def _named(verdict: Verdict, view: View) -> str:
    if not verdict.named:
        return view.words("tail.lens.nobody", of=str(verdict.seen))
    few = verdict.wrong < 0.05
    wrong = view.words("tail.lens.wrong_few" if few else "tail.lens.wrong", n=f"{verdict.wrong:.1f}")
    return view.words("tail.lens.named_text", n=str(verdict.named), of=str(verdict.seen), wrong=wrong)


def _of_unsteady(row: Unsteady, view: View, by: str) -> Parts:
    words, group = view.words, text.group_of(view, by)
    figures = words("list.comma").join(text.figure(kpi, view) for kpi in row.kpis)
    found = [_label("times", words("tail.lens.times_text", times=f"{row.times:.1f}"), view),
             _label("most_in", figures, view),
             _label("sample", words("tail.lens.sample_calls", n=str(row.n)), view)]
    if group is not None:
        found.append(_label("with", words(f"tail.lens.with.{by}", n=str(group.units)), view))
        found.append(_label("days", stretch("", by, view), view))
        found.append(_label("named", words("tail.lens.unsteady_named", n=str(group.n_unsteady)), view))
    return tuple(found)


def _of_early(row: Early, view: View, by: str) -> Parts:
    words, units = view.words, unit(row.kpi, view)
    sample = words("tail.lens.sample_text", n=str(row.n), unit=units, days=str(row.days))
    return (_label("sample", sample, view),
            _label("needed", words("tail.lens.needed_text", n=f"{row.needed:.0f}", unit=units), view),
            *_compared(row.kpi, view, by))


def _of_verdict(row: Verdict, view: View, by: str) -> Parts:
    words = view.words
    return (*_compared(row.kpi, view, by),
            _label("own", words("tail.lens.own_all", share=f"{row.reliability * 100:.0f}"), view),
            _label("early", words("tail.lens.early_text", n=str(row.early)), view))


def _of_case(row: CoachRow, view: View) -> Parts:
    words = view.words
    found = [_label("state", coaching(row.state, row.recheck_at, view), view),
             _label("figure", words("tail.results") if row.kpi == "*" else text.figure(row.kpi, view), view),
             _label("since", words("coach.opened", who=row.opened_by,
                                   day=fmt.date(row.opened_at, view.zone, words, near=view.now)), view)]
    if said := text.said(row.said, view):
        found.append(_label("result", said, view))
    if row.sure is not None:
        sure = str(min(99, int(row.sure * 100 + 0.5)))
        found.append(_label("sure", words("tail.lens.better", p=sure), view))
    if row.note:
        found.append(_label("note", row.note, view))
    return tuple(found)
