"""robots.txt is read as RFC 9309 has it: who is spoken to, which rule counts, what two spellings have in common."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel.feeds.robots import MAX_CRAWL_DELAY_S, MAX_ROBOTS_BYTES, RobotRules, parse_robots

SITE = "https://news.example"


def verdict(robots: str, path: str) -> str:
    return "no" if parse_robots(robots.encode()).refusal(f"{SITE}{path}") else "yes"


def rules_for_all(*lines: str) -> str:
    return "\n".join(["User-agent: *", *lines])


# --- who is spoken to ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("robots", "answer"),
    [
        ("User-agent: *\nDisallow: /", "no"),
        ("User-agent: sentinel\nDisallow: /", "no"),
        ("USER-AGENT : SentiNel  # us\ndisAllow:/", "no"),
        ("User-agent: sentinel/2.1\nDisallow: /", "no"),
        ("User-agent: otherbot\nDisallow: /", "yes"),
        ("User-agent: sen\nDisallow: /", "yes"),
        ("User-agent: sentinels\nDisallow: /", "yes"),
        ("User-agent: sentinel-news\nDisallow: /", "yes"),
        ("User-agent: *\nDisallow: /\nUser-agent: sentinel\nAllow: /", "yes"),
        ("User-agent: sentinel\nAllow: /\n\nUser-agent: *\nDisallow: /", "yes"),
        ("User-agent: *\nDisallow: /\nUser-agent: sentinel\n", "yes"),
        ("User-agent: otherbot\nUser-agent: sentinel\nDisallow: /", "no"),
        ("User-agent: sentinel\n\n# a note\nUser-agent: otherbot\nDisallow: /", "no"),
        ("User-agent: sentinel\nCrawl-delay: 3\nUser-agent: otherbot\nDisallow: /", "no"),
        ("User-agent: sentinel\nSitemap: /map.xml\nDisallow: /", "no"),
        ("User-agent: sentinel\nAllow: /a\nUser-agent: otherbot\nDisallow: /", "yes"),
        ("Disallow: /\nUser-agent: sentinel\nAllow: /a", "yes"),
        ("User-agent:\nDisallow: /", "yes"),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", "no"),
        ("User-agent: *\rDisallow: /", "no"),
        ("User-agent *\nDisallow /", "yes"),
        ("<html><head><title>Not here</title></head></html>", "yes"),
        ("", "yes"),
    ],
)
def test_the_group_that_names_this_program_counts_and_else_the_one_for_all(robots: str, answer: str) -> None:
    assert verdict(robots, "/rss") == answer


def test_groups_for_one_name_count_together() -> None:
    robots = "User-agent: sentinel\nDisallow: /a\n\nUser-agent: x\nDisallow: /\n\nUser-agent: sentinel\nDisallow: /b"
    assert [verdict(robots, path) for path in ("/a", "/b", "/c")] == ["no", "no", "yes"]


# --- which rule counts -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "path", "answer"),
    [
        (["Disallow: /news"], "/newsletter", "no"),
        (["Disallow: /news/"], "/news", "yes"),
        (["Disallow: /"], "", "no"),
        (["Disallow:"], "/news", "yes"),
        (["Disallow: news"], "/news", "yes"),
        (["Disallow: /news", "Allow: /news/rss"], "/news/rss.xml", "yes"),
        (["Allow: /news/rss", "Disallow: /news"], "/news/rss.xml", "yes"),
        (["Disallow: /news/rss", "Allow: /news"], "/news/rss.xml", "no"),
        (["Disallow: /news", "Allow: /news"], "/news", "yes"),
        (["Allow: /news", "Disallow: /news"], "/news", "yes"),
        (["Allow: /", "Disallow: /*.xml"], "/rss.xml", "no"),
        (["Disallow: /*.xml$"], "/rss.xml", "no"),
        (["Disallow: /*.xml$"], "/rss.xml?page=2", "yes"),
        (["Disallow: /rss$"], "/rss", "no"),
        (["Disallow: /rss$"], "/rss/", "yes"),
        (["Disallow: /*/print"], "/a/b/print", "no"),
        (["Disallow: /*/print"], "/show?as=/print", "no"),
        (["Disallow: *feed"], "/my/feed", "no"),
        (["Disallow: /a*b*c$"], "/a-b-c-b-c", "no"),
        (["Disallow: /ab*b$"], "/ab", "yes"),
        (["Disallow: /**a"], "/xa", "no"),
        (["Disallow: /a$b"], "/a$b/c", "no"),
        (["Disallow: /News"], "/news", "yes"),
    ],
)
def test_the_longest_path_that_fits_decides_and_allows_where_two_are_as_long(
    lines: list[str], path: str, answer: str
) -> None:
    assert verdict(rules_for_all(*lines), path) == answer


@pytest.mark.parametrize(
    ("rule", "path", "answer"),
    [
        ("/caf\u00e9", "/caf%C3%A9", "no"),
        ("/caf%c3%a9", "/caf\u00e9", "no"),
        ("/%72ss", "/rss", "no"),
        ("/rss", "/%72%73s", "no"),
        ("/a%2Fb", "/a/b", "yes"),
        ("/a%2fb", "/a%2Fb", "no"),
        ("/a:b", "/a%3Ab", "no"),
        ("/q?to=https://x.example", "/q?to=https%3A%2F%2Fx.example", "no"),
        ("/list-%2A", "/list-*", "no"),
        ("/list-%2A", "/list-1", "yes"),
        ("/list-%24", "/list-$", "no"),
        ("/50%", "/50%25", "no"),
        ("/a?", "/a?b", "no"),
        ("/a?", "/a", "yes"),
    ],
)
def test_two_spellings_of_one_path_are_equal(rule: str, path: str, answer: str) -> None:
    assert verdict(rules_for_all(f"Disallow: {rule}"), path) == answer


def test_a_refusal_names_the_rule_as_it_is_written() -> None:
    rules = parse_robots(b"User-agent: *\nDisallow: /caf%c3%a9/*  # closed\n")
    assert rules.refusal(f"{SITE}/caf\u00e9/menu") == "Disallow: /caf%c3%a9/*"
    assert rules.refusal(f"{SITE}/tea") == ""
    assert parse_robots("User-agent: *\nDisallow: /\u202e\x07".encode()).refusal(f"{SITE}/\u202e\x07") == "Disallow: /"


# --- bounds ----------------------------------------------------------------------------------------------------


def test_the_first_500_kib_are_read_without_the_line_cut_there() -> None:
    head = b"User-agent: *\nDisallow: /in\n"
    filler = b"#" * (MAX_ROBOTS_BYTES - len(head) - len(b"\nDisallow: /n"))
    rules = parse_robots(head + filler + b"\nDisallow: /news\nDisallow: /out\n")
    assert rules.rules == (("disallow", "/in"),)


@pytest.mark.parametrize("piece", ["*a", "*", "/", "%", "user-agent: *\n", "disallow: /*a*a*a*a*a*b\n", " ", "a:"])
def test_a_file_made_to_be_slow_is_read_to_its_end(piece: str) -> None:
    robots = f"User-agent: *\nDisallow: /first\nDisallow: /{piece * (MAX_ROBOTS_BYTES // len(piece))}"
    assert verdict(robots, f"/first{'a' * 4_000}") == "no"


def test_a_group_that_names_everybody_thousands_of_times_has_its_rules_once() -> None:
    robots = "User-agent: *\n" * 15_000 + "Disallow: /a\n" * 15_000
    assert len(parse_robots(robots.encode()).rules) == 15_000


@pytest.mark.parametrize(
    ("lines", "delay_s"),
    [
        (["Crawl-delay: 2.5"], 2.5),
        (["crawl-delay: 1", "Crawl-Delay: 4"], 4.0),
        (["Crawl-delay: 86400"], MAX_CRAWL_DELAY_S),
        (["Crawl-delay: soon"], 0.0),
        (["Crawl-delay: -3"], 0.0),
        ([], 0.0),
    ],
)
def test_a_crawl_delay_is_read_and_capped(lines: list[str], delay_s: float) -> None:
    assert parse_robots(rules_for_all(*lines).encode()).crawl_delay_s == delay_s


# --- properties ------------------------------------------------------------------------------------------------

_PATHS = st.text(alphabet=st.sampled_from("/ab*$?&=%2F:\u00e9"), max_size=12).map("/{}".format)
_RULES = st.lists(st.tuples(st.sampled_from(["allow", "disallow"]), _PATHS), max_size=6)


@settings(deadline=None)
@given(_RULES, _PATHS, st.sampled_from([0.0, 0.5, 10.0]))
def test_rules_are_the_same_after_they_were_written_down(
    rules: list[tuple[str, str]], path: str, delay_s: float
) -> None:
    built = RobotRules(tuple(rules), delay_s)
    again = parse_robots(built.to_text().encode())
    assert again.refusal(f"{SITE}{path}") == built.refusal(f"{SITE}{path}")
    assert again.crawl_delay_s == delay_s


@settings(deadline=None)
@given(_RULES, _PATHS)
def test_the_order_of_rules_does_not_matter(rules: list[tuple[str, str]], path: str) -> None:
    forward, back = RobotRules(tuple(rules)), RobotRules(tuple(rules[::-1]))
    assert bool(forward.refusal(f"{SITE}{path}")) is bool(back.refusal(f"{SITE}{path}"))


@settings(deadline=None)
@given(st.binary(max_size=300), st.text(max_size=30))
def test_any_bytes_are_a_file_that_answers_for_any_path(body: bytes, path: str) -> None:
    assert isinstance(parse_robots(body).refusal(f"{SITE}/{path}"), str)
