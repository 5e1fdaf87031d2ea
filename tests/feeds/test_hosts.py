"""Turns at hosts, by a clock that only the sleeper moves."""

from __future__ import annotations

import asyncio

from sentinel.feeds.hosts import HostTurns


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s

    async def sleep(self, seconds: float) -> None:
        self.now_s += seconds


def starts(
    hosts: list[str], *, spacing_s: float, chance: float = 0.0, is_spaced: bool = True, slow_down_s: float = 0.0
) -> list[float]:
    """Take turns one after the other, the first of them told of a crawl delay; say when each began."""
    clock = Clock()

    async def take() -> list[float]:
        turns = HostTurns(spacing_s, clock=clock, sleep=clock.sleep, chance=lambda: chance)
        begun = []
        for host in hosts:
            async with turns.turn(host, is_spaced=is_spaced):
                if slow_down_s and not begun:
                    turns.slow_down(host, slow_down_s)
                begun.append(clock.now_s - 100.0)
        return begun

    return asyncio.run(take())


def test_requests_to_a_host_are_spaced_and_other_hosts_go_on() -> None:
    assert starts(["a", "a", "b", "a"], spacing_s=2.0) == [0.0, 2.0, 2.0, 4.0]


def test_spacing_is_stretched_by_chance_up_to_half() -> None:
    assert starts(["a", "a"], spacing_s=2.0, chance=1.0) == [0.0, 3.0]


def test_turns_that_need_no_spacing_have_none() -> None:
    assert starts(["a", "a"], spacing_s=2.0, is_spaced=False) == [0.0, 0.0]
    assert starts(["a", "a"], spacing_s=0.0) == [0.0, 0.0]


def test_a_host_that_asks_for_more_time_gets_it_from_the_turn_under_way_on() -> None:
    hosts = ["a", "a", "b", "b", "a"]
    assert starts(hosts, spacing_s=1.0, slow_down_s=5.0) == [0.0, 5.0, 5.0, 6.0, 10.0]
    assert starts(["a", "a"], spacing_s=0.0, slow_down_s=5.0) == [0.0, 5.0]
    assert starts(["a", "a"], spacing_s=6.0, slow_down_s=5.0) == [0.0, 6.0]
    assert starts(["a", "a"], spacing_s=0.0, slow_down_s=5.0, is_spaced=False) == [0.0, 0.0]


def test_two_at_a_time_are_at_a_host_and_none_waits_for_another_host() -> None:
    async def crowd() -> tuple[int, bool]:
        turns = HostTurns(0.0)
        present, most, leave = 0, 0, asyncio.Event()

        async def visit() -> None:
            nonlocal present, most
            async with turns.turn("a"):
                present += 1
                most = max(most, present)
                await leave.wait()
                present -= 1

        visits = [asyncio.create_task(visit()) for _ in range(7)]
        await asyncio.sleep(0)
        async with turns.turn("b"):
            was_free = not leave.is_set()
        leave.set()
        await asyncio.gather(*visits)
        return most, was_free

    assert asyncio.run(crowd()) == (2, True)
