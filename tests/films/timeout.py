"""A time limit that strikes at an await."""

import asyncio


async def slow_answer() -> str:
    try:
        await asyncio.sleep(10)
        return "late"
    finally:
        print("cleaning up")


async def main() -> None:
    try:
        async with asyncio.timeout(3):
            answer = await slow_answer()
    except TimeoutError:
        answer = "gave up"
    print(answer)
