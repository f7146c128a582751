"""A lease has one holder at a time, and its token tells a store who is too late."""

from __future__ import annotations

import asyncio

import pytest

from course_lib.flow import run
from course_lib.scenarios.lease import Leases, Store


def test_the_next_holder_waits_until_the_lease_is_over() -> None:
    """One at a time, with tokens that grow."""

    async def two() -> list[tuple[int, float]]:
        leases, taken = Leases(10), []
        for _ in range(2):
            taken.append((await leases.take(), asyncio.get_running_loop().time()))
        return taken

    assert run(two).result == [(1, 0.0), (2, 10.0)]


def test_two_who_wait_for_one_lease_get_two_after_each_other() -> None:
    """Both wake at its end, and one of them waits again."""

    async def three() -> list[int]:
        leases = Leases(10)
        async with asyncio.TaskGroup() as all_three:
            taken = [all_three.create_task(leases.take()) for _ in range(3)]
        assert asyncio.get_running_loop().time() == 20.0
        return [one.result() for one in taken]

    assert run(three).result == [1, 2, 3]


def test_a_renewed_lease_is_waited_for_to_its_new_end() -> None:
    """The heartbeat at 9 s keeps the next holder out until 19 s."""

    async def renewed() -> float:
        leases = Leases(10)
        token = await leases.take()
        asyncio.get_running_loop().call_later(9, leases.renew, token)
        await leases.take()
        return asyncio.get_running_loop().time()

    assert run(renewed).result == 19.0


@pytest.mark.parametrize("away", [10, 11])
def test_a_lease_that_is_over_cannot_be_renewed(away: float) -> None:
    """Not even at its very end, nor when nobody else has come."""

    async def late() -> None:
        leases = Leases(10)
        token = await leases.take()
        await asyncio.sleep(away)
        leases.renew(token)

    with pytest.raises(TimeoutError, match="10 s with token 1 is over"):
        run(late)


def test_the_lease_of_another_cannot_be_renewed() -> None:
    """An old token does not lengthen the new lease."""

    async def old() -> None:
        leases = Leases(10)
        token = await leases.take()
        await leases.take()
        leases.renew(token)

    with pytest.raises(TimeoutError, match="token 1 is over"):
        run(old)


@pytest.mark.parametrize("fenced", [False, True])
def test_a_fenced_store_turns_an_older_token_away(fenced: bool) -> None:
    """Without the fence, the late worker writes over the new text."""

    async def late() -> tuple[str, str]:
        store, said = Store(fenced=fenced), ""
        store.write("new", token=2)
        try:
            store.write("old", token=1)
        except PermissionError as error:
            said = str(error)
        return store.text, said

    text, said = run(late).result
    assert text == ("new" if fenced else "old")
    assert ("token 1 is older than 2" in said) == fenced


def test_the_holder_of_the_newest_token_writes_as_often_as_it_likes() -> None:
    """The same token is not an older one."""

    async def twice() -> str:
        store = Store(fenced=True)
        for text in ("draft", "film"):
            store.write(text, token=1)
        return store.text

    assert run(twice).result == "film"


def test_a_lease_without_time_is_refused() -> None:
    """In a sentence."""
    with pytest.raises(ValueError, match="lease"):
        Leases(0)
