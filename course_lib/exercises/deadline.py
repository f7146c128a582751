"""Exercise 10: a deadline, and nothing left behind."""

from __future__ import annotations

from random import Random

from .deadline_loan import Loan
from .property import Exercise, expect
from .student import CLOSE, Student


def _has_deadline(student: Student, chance: Random) -> None:
    """Needed for every point: it does not simply wait as long as it takes.

    Who has one for take alone, or for use, loses another property.
    """
    rule = "Nobody waits much longer than the deadline."
    first, other = Loan(chance, take=0, use=80), Loan(chance, take=80, use=0)
    first.lent(student, 1)
    if first.end >= 40:
        other.lent(student, 1)
        expect(other.end < 40, rule, first.case(1), seen=first.seen, wanted="the end at 1 s")


def result(student: Student, chance: Random) -> None:
    """What comes in time is what use gives, or an error of one of both as it is."""
    for loan in (
        Loan(chance, 0.1, 0.2),
        Loan(chance, 0.1, 0.2, gives=None),
        Loan(chance, 0.1, 0.2, fails="use"),
        Loan(chance, 0.3, 0.1, fails="take"),
    ):
        loan.lent(student, 1)
        wanted = f"ConnectionError {loan.word}" if loan.fails else repr(loan.word)
        rule = "use gets what take has given; what use gives comes out, or an error as it is."
        good = loan.outcome == wanted or loan.slips_giving_back  # another property
        good = good and (loan.lacks_it or loan.used == [loan.held] * (loan.fails != "take"))
        expect(good, rule, loan.case(1), seen=loan.seen, wanted=f"{wanted} comes out")
    _has_deadline(student, chance)


def deadline(student: Student, chance: Random) -> None:
    """It counts for both together, from the call on; and what is in time is in time."""
    seconds = chance.choice((2, 3, 5))
    half = 0.6 * seconds
    for take, use, begins in ((0, 33, 0), (33, 0, 0), (half, half, 0), (0, 33, 50)):
        loan = Loan(chance, take, use, begins=begins)
        loan.lent(student, seconds)
        rule = "TimeoutError comes out at the deadline, which counts for take and use together."
        ended = loan.outcome == "TimeoutError" or loan.slips_giving_back  # another property
        good = ended and abs(loan.end - seconds) < CLOSE
        wanted = f"{seconds} s: TimeoutError comes out"
        expect(good, rule, loan.case(seconds), seen=loan.seen, wanted=wanted)
    loan = Loan(chance, 0.4 * seconds, 0.5 * seconds)
    loan.lent(student, seconds)
    rule = "Whoever ends before the deadline has no TimeoutError, and is not cancelled afterwards."
    in_time = loan.happened("use ends") is not None and loan.outcome != "TimeoutError"
    expect(in_time and not loan.is_struck, rule, loan.case(seconds), seen=loan.seen)


def clean_up_first(student: Student, chance: Random) -> None:
    """Whatever comes out in the end, it comes after the clean-up, and so is what is given back."""
    long = chance.choice((0.5, 2, 5))
    for take, use, clean_up, at in ((0, 20, long, None), (20, 0, long, None), (0, 20, 0.5, 0.3)):
        loan = Loan(chance, take, use, clean_up=clean_up)
        loan.lent(student, 1, at)
        rule = "What is under way is cancelled, and cleans up to its end; only then all goes on."
        what = "take" if take else "use"
        ended = loan.happened(f"{what} ends")
        went_on = ended is not None and (take or at or ended <= loan.end)
        if not went_on:  # no deadline, or no cancellation: other properties
            expect(_waits(loan, what), rule, loan.case(1, at), seen=loan.seen)
    _has_deadline(student, chance)


def _waits(loan: Loan, what: str) -> bool:
    """Whether all that follows a cancellation follows the clean-up."""
    cancelled = loan.happened(f"{what} is cancelled")
    cleaned = loan.happened(f"{what} has cleaned up")
    if cancelled is None or cleaned is None:
        return False
    back = [when for when, what in loan.log if what == "given back" and when > cancelled - CLOSE]
    return min([loan.end, *back]) > cleaned - CLOSE


def given_back(student: Student, chance: Random) -> None:
    """Once in each way to end, and never what was not taken."""
    ways: list[tuple[Loan, float | None]] = [
        (Loan(chance, 0.1, 0.2), None),
        (Loan(chance, 0.1, 0.2, held=None), None),
        (Loan(chance, 0.1, 0.2, held=0), None),
        (Loan(chance, 0.1, 0.2, fails="use"), None),
        (Loan(chance, 0, 20), None),
        (Loan(chance, 0, 20), 0.5),
        (Loan(chance, 20, 0), None),
        (Loan(chance, 20, 0), 0.5),
        (Loan(chance, 0.1, 0.2, fails="take"), None),
    ]
    for loan, cancelled_at in ways:
        loan.lent(student, 1, cancelled_at)
        wanted = [] if loan.happened("take ends") is None else [loan.held]
        rule = "What was taken is given back once, however use ends; else nothing is."
        seen = f"given back: {loan.given}; {loan.seen}"
        good = loan.given == wanted and not loan.slips_giving_back
        right = "nothing is given back, nor looked for" if loan.lacks_it else wanted
        right = "no await: give_back is an ordinary function" if loan.awaits_none else right
        expect(good, rule, loan.case(1, cancelled_at), seen=seen, wanted=right)
    first = ways[0][0]
    rule = "It is given back after use has ended, and before anything comes out."
    in_order = ["use ends", "given back", f"{first.outcome} comes out"]
    what_came = [what for _, what in first.log if what in in_order]
    expect(what_came == in_order, rule, first.case(1), seen=first.seen, wanted=", ".join(in_order))
    one, other = Loan(chance, 0.1, 0.2), Loan(chance, 0.2, 0.3)
    one.lent(student, 1, beside=[other])
    case = f"{one.case(1)}; at the same moment another call: {other.case(1)}"
    rule = "Each call gives back what it has taken itself."
    given, wanted = [one.given, other.given], [[one.held], [other.held]]
    expect(given == wanted, rule, case, seen=f"given back: {given}", wanted=wanted)
    _has_deadline(student, chance)


def cancellation(student: Student, chance: Random) -> None:
    """From outside, whenever it comes: it goes on to what is under way, and comes out."""
    for take, use, clean_up, at in ((0, 20, 0, 0.5), (20, 0, 0, 0.5), (0, 20, 1, 1.5)):
        loan = Loan(chance, take, use, clean_up=clean_up)
        loan.lent(student, 1, cancelled_at=at)
        rule = "A cancellation from outside cancels what is under way, and comes out as one."
        wanted = f"{'use' if use else 'take'} is cancelled"
        reached = loan.happened(wanted) is not None
        ended = loan.outcome == "CancelledError" or loan.slips_giving_back  # another property
        good = reached and ended and loan.end < at + clean_up + CLOSE
        good = good or (loan.was_over and clean_up > 0)  # did not wait: another property
        wanted += ", then CancelledError comes out"
        expect(good, rule, loan.case(1, at), seen=loan.seen, wanted=wanted)
    _has_deadline(student, chance)


EXERCISE = Exercise(
    ("within",),
    {
        "the result": result,
        "the deadline": deadline,
        "clean-up first": clean_up_first,
        "given back once": given_back,
        "a cancellation from outside": cancellation,
    },
)
