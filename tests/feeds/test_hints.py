"""What a body says about when to ask again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sentinel.feeds.hints import NO_HINTS, ScheduleHints, read_hints

RSS = """<rss version="2.0" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"><channel><title>T</title>
{head}<item><title>A</title>{item}</item>{tail}</channel></rss>"""


def read(head: str = "", item: str = "", tail: str = "") -> ScheduleHints:
    return read_hints(RSS.format(head=head, item=item, tail=tail))


def test_hints_are_read_from_the_channel() -> None:
    head = (
        "<ttl> 60 </ttl><skipHours><hour>1</hour><hour>24</hour><hour>23</hour></skipHours>"
        "<skipDays><day>Saturday</day><day> sunday </day></skipDays>"
        "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"
    )
    expected = ScheduleHints(60, frozenset({0, 1, 23}), frozenset({5, 6}), 1_800.0)
    assert read(head) == expected
    assert read(tail=head) == expected


def test_hints_inside_an_item_do_not_count() -> None:
    assert read(item="<ttl>60</ttl><hour>3</hour><day>Monday</day>") == NO_HINTS


def test_update_period_without_a_frequency_is_that_period() -> None:
    assert read("<sy:updatePeriod>daily</sy:updatePeriod>").update_period_s == 86_400.0
    assert read("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>0</sy:updateFrequency>") == read(
        "<sy:updatePeriod>daily</sy:updatePeriod>"
    )
    assert read("<sy:updateFrequency>2</sy:updateFrequency>") == NO_HINTS


def test_hints_that_make_no_sense_are_none() -> None:
    head = (
        "<ttl>0</ttl><ttl>-5</ttl><ttl>soon</ttl><hour>25</hour><hour>-1</hour><day>Caturday</day>"
        "<sy:updatePeriod>sometimes</sy:updatePeriod>"
    )
    assert read(head) == NO_HINTS


@given(
    st.builds(
        ScheduleHints,
        st.none() | st.integers(1, 10**9),
        st.frozensets(st.integers(0, 23)),
        st.frozensets(st.integers(0, 6)),
        st.none() | st.floats(1, 1e9),
    )
)
def test_hints_come_back_as_they_were_written(hints: ScheduleHints) -> None:
    assert ScheduleHints.from_text(hints.to_text()) == hints


@given(st.text(max_size=300) | st.text(alphabet="<>/tlhourdayskip123 ", max_size=300))
def test_hints_of_any_text_can_be_read(text: str) -> None:
    hints = read_hints(text)
    assert hints.skip_hours <= set(range(24))
    assert hints.skip_days <= set(range(7))
