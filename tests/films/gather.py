"""One after the other, and together."""

import asyncio


async def ask(shop: str, seconds: float) -> str:
    print("asking", shop)
    await asyncio.sleep(seconds)
    return f"{shop} answers"


async def main() -> None:
    first = await ask("bakery", 2)
    second = await ask("butcher", 3)
    print("one after the other:", first, second)
    both = await asyncio.gather(ask("bakery", 2), ask("butcher", 3))
    print("together:", *both)
