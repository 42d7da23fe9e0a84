"""Who works there, and when: names, teams, skills, and the shifts and breaks of one day."""

import math
from dataclasses import dataclass, replace
from datetime import date
from itertools import product
from random import Random
from typing import TypeVar

from sources.simulator import floor

T = TypeVar("T")

_NAMED = (
    "Chen Li", "Wang Fang", "Bob O'Hara", "Sam Okafor", "王芳", "Aylin Yıldız", "李娜", "Jürgen Müller",
    "Maximiliane-Charlotte von Hohenfels-Brandenstein", "Zoë de Vries", "陈伟", "Nguyễn Thị Minh Khai",
    "María José García-Hernández", "Siobhán Ní Bhriain", "佐藤 健一", "김민준", "Łukasz Wójcik", "Ana Souza",
    "Ivana Horvat", "Tomáš Dvořák", "Olu Adeyemi", "Ingrid Sørensen", "Priya Raman", "Björk Jónsdóttir",
)
_FIRST = (
    "Lena", "Paul", "Mia", "Jonas", "Emma", "Felix", "Sofia", "Noah", "Clara", "Ben", "Ida", "Theo", "Lara",
    "Emil", "Nora", "Max", "Elif", "Anton", "Greta", "Oskar", "Leyla", "Karl", "Maja", "Hugo", "Rosa", "Omar",
)
_LAST = (
    "Schmidt", "Weber", "Rossi", "Novak", "Silva", "Kaya", "Kowalski", "Hansen", "Berg", "Costa", "Papadakis",
    "Lindqvist", "Moreau", "Fischer", "Wolf", "Keller", "Vogel", "Arslan", "Petrov", "Janssen", "Yamamoto",
    "Zhang", "Haddad", "Murphy", "Brandt", "Lorenz", "Sommer", "Winter", "Klein", "Haas",
)


@dataclass(frozen=True, slots=True)
class Person:
    """An agent as they are for good. Factors multiply the centre's talk and wrap-up times, and its shares.

    Nobody on the floor is told any of this: it is the truth that the tail panel has to find.
    """

    name: str
    interface: str
    team: str
    queues: tuple[str, ...]
    shift: tuple[float, float]
    talk_factor: float
    wrap_factor: float
    no_answer: float  # chance that a ringing phone is not picked up
    fluctuation: float  # how much the talk factor changes from day to day (sigma of its logarithm)
    newcomer: bool
    overstays: float  # pauses last this much longer than agreed
    hold_factor: float = 1.0
    transfer_factor: float = 1.0
    quality: float = 0.0  # what callers and reviews think, in standard deviations; higher is better
    since_days: int | None = None  # began so many days before the scenario's day; None: long ago


@dataclass(frozen=True, slots=True)
class Duty:
    """One person's day: hours of the day (fractions) in the centre's zone."""

    person: Person
    begins: float
    ends: float
    talk_factor: float
    breaks: tuple[tuple[float, str, float], ...]  # (due at hour, reason, minutes)


def roster(seed: int, size: int) -> tuple[Person, ...]:
    """Return the people of a centre: the same `seed` and `size` give the same people."""
    rng = Random(f"{seed}:people")
    plain = [f"{first} {last}" for first, last in product(_FIRST, _LAST)]
    rng.shuffle(plain)
    names = [*_NAMED, *plain]
    while len(names) < size:
        names += [f"{name} {len(names) // len(plain) + 1}" for name in plain]
    teams = _deal([(team, share) for team, _, share in floor.TEAMS], size)
    shifts = _shifts(teams)
    skills = {team: queues for team, queues, _ in floor.TEAMS}
    skill = Random(f"{seed}:skills")
    people = []
    for i, (name, team, shift) in enumerate(zip(names, teams, shifts, strict=False)):
        newcomer = i % 13 == 5
        slow = i % 19 == 7
        people.append(Person(
            name=name,
            interface=f"PJSIP/{2001 + i}",
            team=team,
            queues=skills[team],
            shift=shift,
            talk_factor=math.exp(rng.gauss(0, 0.07)) * (1.3 if newcomer else 1.18 if slow else 1.0),
            wrap_factor=math.exp(rng.gauss(0, 0.15)) * (1.5 if newcomer else 1.0),
            no_answer=0.09 if i % 23 == 3 else 0.05 if newcomer else 0.012,
            fluctuation=0.22 if i % 17 == 9 else 0.04,
            newcomer=newcomer,
            overstays=1.7 if i % 11 == 2 else 1.0,
            hold_factor=math.exp(skill.gauss(0, 0.2)) * (2.2 if i % 31 == 8 else 1.0),
            transfer_factor=math.exp(skill.gauss(0, 0.2)) * (3.0 if i % 29 == 14 else 1.0),
            quality=skill.gauss(0, 0.7) - (2.5 if i % 27 == 10 else 1.0 if newcomer else 0.0),
            since_days=floor.NEWCOMERS_SINCE[i // 13 % len(floor.NEWCOMERS_SINCE)] if newcomer else None,
        ))
    return tuple(people)


def reserves(seed: int, size: int, queue: str, hours: tuple[float, float], first: int, heads: int
             ) -> tuple[Duty, ...]:
    """Return the duties of the next reserves, from number `first` on, who are called at the hour `hours[0]`.

    They have other work, are always the same for one `seed` and `size`, and serve the one queue until the
    hour `hours[1]` at the latest.
    """
    called = roster(seed, size + floor.RESERVES)[size:][first:first + heads]
    soonest, latest = floor.RESERVE_COMES_MIN
    each = (latest - soonest) / max(1, len(called) - 1)
    begins, until = hours
    return tuple(
        Duty(replace(person, team=floor.RESERVE_TEAM, queues=(queue,), since_days=None),
             begins + (soonest + n * each) / 60, min(begins + floor.RESERVE_STAYS_H, until),
             person.talk_factor, ())
        for n, person in enumerate(called))


def _shifts(teams: list[str]) -> list[tuple[float, float]]:
    """Return a shift for each agent, so that every team works all day."""
    options = [((begin, end), share) for begin, end, share in floor.SHIFTS]
    left = {team: iter(_deal(options, teams.count(team))) for team in set(teams)}
    return [next(left[team]) for team in teams]


def _deal(options: list[tuple[T, float]], size: int) -> list[T]:
    """Deal `options` out in proportion to their shares, evenly spread (each prefix is about right)."""
    total = sum(share for _, share in options)
    owed = [0.0] * len(options)
    dealt = []
    for _ in range(size):
        owed = [debt + share / total for debt, (_, share) in zip(owed, options, strict=True)]
        pick = max(range(len(options)), key=lambda k: owed[k])
        owed[pick] -= 1
        dealt.append(options[pick][0])
    return dealt


def duties(people: tuple[Person, ...], seed: int, day: date, scenario_day: date) -> tuple[Duty, ...]:
    """Return who works on `day`, from when to when, with which breaks.

    Who began later is not there yet; `scenario_day` is what newcomers' first days are counted from.
    """
    if day.weekday() == 6:
        return ()
    rng = Random(f"{seed}:{day}:duties")
    saturday = day.weekday() == 5
    begin, end, share = floor.SATURDAY_SHIFT
    week = day.isocalendar().week
    made = []
    for i, person in enumerate(people):
        absent = rng.random() < floor.ABSENT
        late = rng.gauss(0, 4) / 60
        today = person.talk_factor * math.exp(rng.gauss(0, person.fluctuation))
        pauses = _breaks(rng, person, (begin, end) if saturday else person.shift)
        if person.since_days is not None and (scenario_day - day).days > person.since_days:
            continue
        if absent or (saturday and (i * 7 + week * 11) % 20 >= share * 20):
            continue
        starts, stops = (begin, end) if saturday else person.shift
        made.append(Duty(person, starts + min(abs(late), 0.2), stops, today, pauses))
    return tuple(made)


def _breaks(rng: Random, person: Person, shift: tuple[float, float]) -> tuple[tuple[float, str, float], ...]:
    begin, end = shift
    length = end - begin

    def minutes(mean: float) -> float:
        return mean * person.overstays * math.exp(rng.gauss(0, 0.12))

    def at(part: float) -> float:
        return begin + length * (part + rng.uniform(-0.07, 0.07))

    pauses = [(at(0.25), floor.BREAK, minutes(14))]
    if length > 6:
        pauses += [(at(0.5), floor.LUNCH, minutes(38)), (at(0.77), floor.BREAK, minutes(13))]
    if rng.random() < 0.12:
        pauses.append((at(rng.uniform(0.1, 0.9)), floor.COACHING, minutes(25)))
    if rng.random() < 0.2:
        pauses.append((at(rng.uniform(0.1, 0.9)), floor.BACK_OFFICE, minutes(18)))
    if person.newcomer:
        pauses.append((at(0.4), floor.TRAINING, minutes(30)))
    return tuple(sorted(pauses))
