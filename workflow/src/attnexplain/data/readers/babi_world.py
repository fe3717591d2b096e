"""What a reader of a bAbI story knows: where persons and objects are, and which sentences say so.

Persons move between places, take objects and drop them; a held object is where its holder is. Nothing is known of the
places at first. An object taken says where its taker is, and the other way round. Where the two disagree, which happens
when a sentence was left out of a story, one of them is `trusted`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Trusted = Literal["person", "object"]


@dataclass(frozen=True)
class Event:
    """`actor` moves to the place `thing`, takes the object `thing`, or drops it."""

    kind: Literal["move", "take", "drop"]
    actor: str
    thing: str


@dataclass(frozen=True)
class Known:
    """A place, None where unknown, and the numbers of the sentences that say so."""

    place: str | None = None
    support: tuple[int, ...] = ()


@dataclass
class Knowledge:
    """State after the events so far.

    `trail` holds the places of an object one after the other, latest last, each as it was known first (on arrival) and
    last (before leaving).
    """

    persons: dict[str, Known] = field(default_factory=dict)
    objects: dict[str, Known] = field(default_factory=dict)
    holder: dict[str, tuple[str, int]] = field(default_factory=dict)  # object -> person and sentence of taking
    trail: dict[str, list[tuple[Known, Known]]] = field(default_factory=dict)

    def apply(self, number: int, event: Event, trusted: Trusted = "person") -> None:
        """Take in sentence `number`."""
        match event.kind:
            case "move":
                self.persons[event.actor] = Known(event.thing, (number,))
                for thing, (holder, taken) in self.holder.items():
                    if holder == event.actor:
                        self._place(thing, Known(event.thing, (taken, number)))
            case "take":
                self._take(number, event, trusted)
            case _:
                place = self.persons.get(event.actor, Known())
                self.holder.pop(event.thing, None)
                self._place(event.thing, Known(place.place, (*place.support, number)))

    def _take(self, number: int, event: Event, trusted: Trusted) -> None:
        person, thing = self.persons.get(event.actor, Known()), self.objects.get(event.thing, Known())
        if person.place is None or (thing.place is not None and trusted == "object"):
            person = self.persons[event.actor] = Known(thing.place, thing.support)
        self.holder[event.thing] = (event.actor, number)
        self._place(event.thing, Known(person.place, (number, *person.support)))

    def _place(self, thing: str, known: Known) -> None:
        self.objects[thing] = known
        trail = self.trail.setdefault(thing, [])
        if trail and trail[-1][0].place == known.place:
            trail[-1] = (trail[-1][0], known)
        else:
            trail.append((known, known))


@dataclass(frozen=True)
class Question:
    """Where `thing` is; or, where `before` is a place, where it was before it last came there."""

    thing: str
    before: str | None = None

    def answer(self, knowledge: Knowledge) -> Known:
        """The answer and its support; place None where it does not follow."""
        if self.before is not None:
            return self._earlier(knowledge.trail.get(self.thing, []))
        return knowledge.persons.get(self.thing) or knowledge.objects.get(self.thing) or Known()

    def _earlier(self, trail: list[tuple[Known, Known]]) -> Known:
        for (_, left), (arrived, _) in zip(reversed(trail[:-1]), reversed(trail[1:]), strict=True):
            if arrived.place is None:
                return Known()  # it may have been another arrival
            if arrived.place == self.before:
                return Known(left.place, tuple({*left.support, *arrived.support}))
        return Known()


def told(events: Iterable[tuple[int, Event]], trusted: Trusted = "person") -> Knowledge:
    """What is known after numbered events."""
    knowledge = Knowledge()
    for number, event in events:
        knowledge.apply(number, event, trusted)
    return knowledge
