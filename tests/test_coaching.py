"""Cases folded from what people did; and effects without what chance takes back by itself."""

import math
from pathlib import Path

import numpy as np
import pytest
import tail_centres
from hypothesis import given
from hypothesis import strategies as st
from stores import UTC, store

from ccboard.config import Config
from ccboard.needs.answer import coach
from ccboard.needs.coaching import KINDS, Act, about, fold, parts, read_of
from ccboard.needs.effect import Effect, compare, gamma_logs, steadier
from ccboard.records import Action, AgentState, Contact
from ccboard.tail.judge import Judged, Report, judge
from ccboard.tail.table import Sums
from ccboard.tail.volatile import Fluctuation
from ccboard.tail.words import RANGE

DAY = 86_400_000_000
WANG = about("aht", "agent", "Wang Fang")


def act(day: int, kind: str, note: str | None = None, until: int | None = None, of: str = WANG) -> Act:
    return day * DAY, f"coach_{kind}", of, "Eva", until, note


def test_a_case_goes_its_way() -> None:
    acts = [act(1, "open", "long silences"), act(2, "start"), act(3, "note", "better"),
            act(4, "recheck", until=9 * DAY), act(9, "done"), act(20, "open")]
    ways = [fold(acts[:n])[-1].state for n in range(1, 7)]
    assert ways == ["open", "coaching", "coaching", "recheck", "done", "open"]
    first, second = fold(acts)
    assert (first.opened_at, first.started_at) == (DAY, 2 * DAY)
    assert (first.recheck_at, first.done_at) == (9 * DAY, 9 * DAY)
    assert [(n.at, n.who, n.text) for n in first.notes] == [
        (DAY, "Eva", "long silences"), (3 * DAY, "Eva", "better")]
    assert (second.opened_at, second.since, second.notes) == (20 * DAY, 20 * DAY, ())
    assert first.since == 2 * DAY


def test_others_and_other_things_are_other_cases() -> None:
    other = about("*", "team", "Nord: B")
    assert parts(other) == ("*", "team", "Nord: B")
    assert parts("surge:support") is None
    cases = fold([act(1, "open"), act(2, "open", of=other), (3 * DAY, "accept", WANG, "Eva", None, None),
                  act(4, "done", of=about("aht", "agent", "nobody"))])
    assert [(c.about, c.state) for c in cases] == [(WANG, "open"), (other, "open")]


@given(st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from([WANG, about("qa", "agent", "B")]),
                          st.sampled_from([None, "a note"]))))
def test_at_most_one_case_of_each_runs_and_no_note_is_lost(said: list[tuple[str, str, str | None]]) -> None:
    cases = fold([(n, kind, of, "Eva", None, note) for n, (kind, of, note) in enumerate(said)])
    running = [case.about for case in cases if case.state != "done"]
    assert len(running) == len(set(running))
    lost = sum(note is not None for _, _, note in said) - sum(len(case.notes) for case in cases)
    assert lost == sum(1 for n, (kind, of, note) in enumerate(said) if note and kind == "coach_done"
                       and not any(c.about == of and c.opened_at < n <= (c.done_at or n) for c in cases))


def test_who_sees_some_queues_reads_of_nobody_else(tmp_path: Path) -> None:
    """Notes on people are for who may see their queues; a type is told by the calls that it had."""
    def visit(queue: str, agent: str, kind: str) -> Contact:
        return Contact(source="pbx", call=queue, queue=queue, offered_at=DAY, answered_at=DAY + 1,
                       ended_at=DAY + 2, outcome="answered", wait_s=0, agent=agent, business_type=kind)

    abouts = [("agent", "Ann"), ("agent", "Bob"), ("agent", "Cid"), ("team", "red"), ("team", "blue"),
              ("type", "loans"), ("type", "cards")]
    acts = [Action(source="people", key=f"{n}", at=2 * DAY, kind="coach_open", about=about("aht", by, unit),
                   who="Eva", role="lead", note="slow") for n, (by, unit) in enumerate(abouts)]
    config = Config.model_validate({"agents": {"Ann": {"team": "red"}, "Bob": {"team": "blue"}}})
    states = [AgentState(source="pbx", agent="Cid", at=DAY, state="ready", queue="a")]
    with store(tmp_path, [visit("a", "Ann", "loans"), visit("b", "Bob", "cards"), *states, *acts]) as made:
        reader = made.reader()

        def told(*queues: str) -> set[tuple[str, str]]:
            own = config.model_copy(update={"only_queues": queues})
            words = {"as_of": "1970-01-04T00:00:00Z"}
            return {(case["by"], case["unit"]) for case in coach(reader, words, own, UTC, 3 * DAY)["cases"]}

        assert told() == set(abouts)
        assert told("a") == {("agent", "Ann"), ("agent", "Cid"), ("team", "red"), ("type", "loans")}
        assert told("b") == {("agent", "Bob"), ("team", "blue"), ("type", "cards")}
        hidden = Config.model_validate({"agents": {"Ann": {"hide": True}}})
        assert about("aht", "agent", "Ann") not in {case.about for case in read_of(reader, hidden, 3 * DAY)}
        assert about("aht", "agent", "Bob") in {case.about for case in read_of(reader, hidden, 3 * DAY)}
        no_b = Config.model_validate({"queues": {"b": {"hide": True}}})
        for own in (no_b, no_b.model_copy(update={"only_queues": ("a", "b")})):
            types = {case.unit for case in read_of(reader, own, 3 * DAY) if case.by == "type"}
            assert types == {"loans"}, "cards are b's alone"
        reader.close()


def halves(seed: int, figure: str, better: float = 0.0) -> tuple[Judged, Judged, set[int]]:
    """Forty days of a centre cut in two; whoever is named in the first half then improves by `better`."""
    kind = tail_centres.centre.Kind(agents=120, days=40, fluctuating=0.0, new=0.0)
    made = tail_centres.centre.make(kind, seed)
    whole: Sums = tail_centres.sums(made, figure)
    middle = int(np.median(whole.days))
    before = judge({figure: whole.between(0, middle)}).figures[figure]
    picked = set(np.flatnonzero(before.p >= 0.3).tolist())
    after = whole.where(whole.day > middle)
    moved = np.where(np.isin(after.unit, list(picked)), better, 0.0)
    after = Sums(after.units, after.mixes, after.unit, after.day, after.mix, after.count,
                 after.total - after.count * moved,
                 after.squares - 2 * moved * after.total + after.count * moved**2)
    return before, judge({figure: after}).figures[figure], picked


def effects(figure: str, better: float) -> list[Effect]:
    found = []
    for seed in range(40, 48):
        before, after, picked = halves(seed, figure, better)
        found += [compare(before, i, after, i) for i in sorted(picked)]
    return found


def test_without_a_real_change_none_is_found_though_everybody_looks_better() -> None:
    found = effects("fcr", 0.0)
    assert len(found) > 80
    change, apparent = np.array([e.change for e in found]), np.array([e.apparent for e in found])
    error = change.std() / np.sqrt(len(found))
    assert abs(change.mean()) < 3 * error
    assert apparent.mean() < -4 * error  # what a plain comparison would call a success
    within = np.mean([e.low <= 0 <= e.high for e in found])
    assert 0.83 <= within <= 0.97
    assert change - apparent == pytest.approx(-np.array([e.chance for e in found]))


def test_a_real_change_is_found_with_its_size() -> None:
    found = effects("aht", 0.10)
    change = np.array([e.change for e in found])
    others = -0.10 * len(found) / (8 * 120)  # they stand beside a centre that has become better with them
    assert change.mean() == pytest.approx(-0.10 - others, abs=0.015)
    assert np.mean([e.better > 0.9 for e in found]) > 0.5
    assert all("since then, likely" in e.said[0] and "此后" in e.said[1] for e in found)


def weeks(seed: int) -> tuple[Report, Report, Report]:
    """Return both halves of a centre; and the second one in which who fluctuated works as calm ones do."""
    made = tail_centres.centre.make(tail_centres.centre.Kind(agents=100, days=40, new=0.0), seed)
    whole = tail_centres.tables(made)
    middle = int(np.median(next(iter(whole.values())).days))
    before = judge({key: sums.between(0, middle) for key, sums in whole.items()})
    after = {key: sums.where(sums.day > middle) for key, sums in whole.items()}
    wild = np.flatnonzero(before.fluctuation.named)
    calm = np.argsort(-before.fluctuation.p)[:len(wild)]

    def swapped(sums: Sums) -> Sums:
        """Return the sums with the calm ones' days under the wild ones' names, and the other way round."""
        name = np.arange(len(sums.units))
        name[wild], name[calm] = calm, wild
        return Sums(sums.units, sums.mixes, name[sums.unit], sums.day, sums.mix, sums.count, sums.total,
                    sums.squares)

    return before, judge(after), judge({key: swapped(sums) for key, sums in after.items()})


@pytest.fixture(scope="module")
def wild() -> list[tuple[Effect, Effect]]:
    """Of all who fluctuated: the effect where nothing has changed, and where they have become calm."""
    found = []
    for seed in range(60, 66):
        before, same, calm = weeks(seed)
        for i in np.flatnonzero(before.fluctuation.named):
            found.append((steadier(before, same, before.units[i]), steadier(before, calm, before.units[i])))
    return [(same, calm) for same, calm in found if same is not None and calm is not None]


def test_who_fluctuates_as_before_is_not_said_to_be_steadier(wild: list[tuple[Effect, Effect]]) -> None:
    same = [one for one, _ in wild]
    change = np.array([e.change for e in same])
    assert len(same) > 40
    assert abs(change.mean()) < 3 * change.std() / np.sqrt(len(same))
    assert 0.80 <= np.mean([e.low <= 0 <= e.high for e in same]) <= 0.99


def test_who_has_become_calm_is_said_to_be_steadier(wild: list[tuple[Effect, Effect]]) -> None:
    calm = [one for _, one in wild]
    # the centre's fluctuating agents swing by half as much again and more, over all figures
    assert np.mean([e.change for e in calm]) < math.log(0.75)
    assert np.mean([e.better > 0.9 for e in calm]) > 0.8
    assert "sure that it is steadier" in max(calm, key=lambda e: e.better).said[0]
    assert "更稳定" in max(calm, key=lambda e: e.better).said[1]


def test_of_whom_nothing_is_known_yet_nothing_is_said() -> None:
    before, after, _ = weeks(60)
    assert (new := steadier(before, after, "nobody")) is not None
    assert new.early


def test_logs_of_chance_are_those_of_the_books_and_of_many_draws() -> None:
    """Of shape 1/2, 1, 2 and 3 by hand; of others against draws."""
    euler, sixth = 0.5772156649015329, math.pi**2 / 6
    mean, variance = gamma_logs(np.array([0.5, 1.0, 2.0, 3.0]))
    assert mean == pytest.approx([-euler - 2 * math.log(2), -euler, 1 - euler, 1.5 - euler], abs=1e-7)
    assert variance == pytest.approx([3 * sixth, sixth, sixth - 1, sixth - 1.25], abs=1e-7)
    for shape in (0.8, 4.3, 40.0):
        drawn = np.log(np.random.default_rng(1).gamma(shape, size=200_000))
        [mean], [variance] = gamma_logs(np.array([shape]))
        assert drawn.mean() == pytest.approx(mean, abs=4 * math.sqrt(variance / len(drawn)))
        assert drawn.var() == pytest.approx(variance, rel=0.03)


def swinging(free: float, ratio: float, calm: int = 40) -> Report:
    """A report of whose units one has this ratio on so many degrees of freedom; the others are as usual."""
    size = calm + 1
    f = Fluctuation(np.ones(size), np.array([ratio, *[1.0] * calm]), (), (), np.zeros(size, dtype=bool),
                    np.array([free, *[60.0] * calm]))
    days = np.full(size, 20.0)
    return Report(tuple(f"u{i}" for i in range(size)), {}, f, 10 * days, days)


def test_of_few_and_small_days_the_doubt_is_as_large_as_it_is() -> None:
    """Two degrees of freedom: the log's variance is pi ** 2 / 6, by hand, and not 2 / 2."""
    said = steadier(swinging(60.0, 1.0), swinging(2.0, 0.1), "u0")
    assert said is not None
    assert not said.early
    wide = (said.high - said.low) / 2 / RANGE
    # halves; before it was as all others were, who do not differ: no doubt about that
    assert wide == pytest.approx(math.sqrt(math.pi**2 / 6) / 2, rel=1e-3)


@pytest.mark.parametrize(("free", "ratio"), [(1.9, 0.5), (0.0, 0.0), (30.0, 0.0)])
def test_of_next_to_nothing_it_is_too_early_to_speak(free: float, ratio: float) -> None:
    usual, little = swinging(60.0, 1.5), swinging(free, ratio)
    after = steadier(usual, little, "u0")
    assert after is not None
    assert after.early
    assert after.said == ("20 working days since then, too early to say", "此后20个工作日，为时尚早")
    assert steadier(little, usual, "u0") is None  # nothing is known of before
