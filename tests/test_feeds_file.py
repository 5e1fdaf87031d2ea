"""An entry is put into somebody's feeds.yaml without touching a letter that is there."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentinel import feeds_file
from sentinel.config import load_settings
from sentinel.errors import ConfigError
from sentinel.kinds import FEED_KINDS
from sentinel.pipeline import FeedList, import_opml, read_feed_list
from sentinel.records import Feed
from sentinel.yaml_file import read_yaml

SHIPPED = Path(__file__).parents[1] / "feeds.yaml"
NEW = Feed("new-one", "https://new.example/rss", "markets", weight=0.5, topics=("banks", "rates"))
ENTRY = """  - name: new-one
    url: https://new.example/rss
    kind: markets
    weight: 0.5
    topics: [banks, rates]
"""
FLOW_ENTRY = "{name: new-one, url: https://new.example/rss, kind: markets, weight: 0.5, topics: [banks, rates]}"
BANKS = "{name: b, url: 'http://b.example/', kind: central-bank}"


def inserted(text: str, *feeds: Feed, kinds: tuple[str, ...] = ("markets",)) -> str:
    return feeds_file.insert_feeds(text, feeds or (NEW,), kinds=kinds)


# --- where an entry goes ---------------------------------------------------------------------------------------


def test_an_entry_stands_behind_the_last_of_its_kind_and_its_comments() -> None:
    before = """# mine
feeds:
  # --- markets
  - name: a # the first
    url: http://a.example/
    kind: markets
    # weight: 2
  # --- banks
"""
    after = """  - name: b
    url: http://b.example/
    kind: central-bank

timezone: UTC # where I am
"""
    assert (
        inserted(before + after, kinds=("markets", "central-bank"))
        == before.replace("    # weight: 2\n", f"    # weight: 2\n{ENTRY}") + after
    )


def test_an_entry_of_a_new_kind_stands_at_the_end() -> None:
    text = "feeds:\n- name: a\n  url: http://a.example/\n  kind: social\n\n# the end\n"
    assert inserted(text, kinds=("social",)) == text.replace(
        "  kind: social\n", "  kind: social\n" + "".join(f"{line[2:]}\n" for line in ENTRY.splitlines())
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", f"feeds:\n{ENTRY}"),
        ("timezone: UTC", f"timezone: UTC\nfeeds:\n{ENTRY}"),
        ("feeds:\ntimezone: UTC\n", f"feeds:\n{ENTRY}timezone: UTC\n"),
        ("feeds: [] # none yet\n# soon\n", f"feeds: # none yet\n{ENTRY}# soon\n"),
        ("feeds: null", f"feeds:\n{ENTRY}"),
        (f"feeds: [{BANKS}]\n", f"feeds: [{BANKS}, {FLOW_ENTRY}]\n"),
        ("feeds:\n  - name: a\n    kind: markets", f"feeds:\n  - name: a\n    kind: markets\n{ENTRY}"),
        ("\ufefffeeds:\n  - name: a\n", f"\ufefffeeds:\n  - name: a\n{ENTRY}"),
        ("feeds:\r\n  - name: a\r\nx: 1\r\n", "feeds:\r\n  - name: a\r\n" + ENTRY.replace("\n", "\r\n") + "x: 1\r\n"),
    ],
    ids=["missing", "no key", "empty key", "empty list", "null", "brackets", "no line end", "mark", "crlf"],
)
def test_an_entry_fits_the_form_of_the_file(text: str, expected: str) -> None:
    assert inserted(text) == expected


def test_several_entries_keep_their_order() -> None:
    feeds = [replace(NEW, name=f"new-{number}", url=f"https://{number}.example/") for number in range(3)]
    text = inserted("feeds:\n  - name: old\n", *feeds)
    assert [line.split()[-1].strip('"') for line in text.splitlines() if "name:" in line] == [
        "old",
        "new-0",
        "new-1",
        "new-2",
    ]


def test_the_shipped_file_takes_an_entry_of_every_kind_and_keeps_every_line(tmp_path: Path) -> None:
    before = SHIPPED.read_text(encoding="utf-8")
    kinds = [feed.kind for feed in load_settings(SHIPPED, environment={}).settings.feeds]
    feeds = [Feed(f"new-{kind}", f"https://{kind}.example/rss", kind) for kind in FEED_KINDS]
    text = feeds_file.insert_feeds(before, feeds, kinds=kinds)
    lines = iter(text.splitlines())
    assert all(line in lines for line in before.splitlines())  # each behind the one before it
    (tmp_path / "feeds.yaml").write_text(text, encoding="utf-8")
    assert set(feeds) <= set(load_settings(tmp_path / "feeds.yaml", environment={}).settings.build_feeds())


# --- whatever the words ----------------------------------------------------------------------------------------

NAMES = st.one_of(
    st.text("abe019.-", min_size=1, max_size=12).filter(lambda name: name[0] not in ".-" and name != "b"),
    st.sampled_from(["null", "true", "no", "on", "y", "1.5", "1e3", "0x1f", "2024-01-01", "0o7", "1-2", "off", "inf"]),
)
PATHS = st.text("aZ0/_.?&=+%\"'<>;:#,[]{}\\-@!|*\xe9\U0001f600", max_size=20)
FEEDS = st.lists(
    st.builds(
        Feed,
        name=NAMES,
        url=PATHS.map(lambda path: f"https://news.example/{path}"),
        kind=st.sampled_from(FEED_KINDS),
        weight=st.floats(1e-9, 10),
        topics=st.lists(NAMES, max_size=3, unique=True).map(tuple),
        use_summary=st.booleans(),
        allow_private=st.booleans(),
    ),
    min_size=1,
    max_size=3,
    unique_by=lambda feed: feed.name,
)
FILES = st.sampled_from(
    [
        "",
        "timezone: UTC\n",
        "feeds: [] # none\n",
        f"feeds: [{BANKS}]",
        f"feeds:\n  - {BANKS} # inline\n  # more\n  - name: 'x\n      y'\n    kind: markets\n    # note\n\nstore: x\n",
        "feeds:\r\n- name: |\r\n    text\r\n  kind: markets\r\n# the end",
    ]
)


@settings(deadline=None)
@given(FILES, FEEDS)
def test_a_file_says_what_it_said_and_the_new_entries(
    tmp_path_factory: pytest.TempPathFactory, text: str, feeds: list[Feed]
) -> None:
    folder = tmp_path_factory.mktemp("files")
    old, new = folder / "old.yaml", folder / "new.yaml"
    old.write_bytes(text.encode())
    listed = read_yaml(old).values.get("feeds", []) if text else []
    new.write_bytes(inserted(text, *feeds, kinds=tuple(entry["kind"] for entry in listed)).encode())
    feeds_file.check_insertion(old, new, feeds)
    entries = {entry["name"]: entry for entry in read_yaml(new).values["feeds"]}
    for feed in feeds:
        entry = entries[feed.name]
        assert Feed(**{**entry, "weight": float(entry["weight"]), "topics": tuple(entry.get("topics", ()))}) == feed


# --- the file on disk ------------------------------------------------------------------------------------------


def listed_in(folder: Path, content: str) -> FeedList:
    path = folder / "feeds.yaml"
    path.write_text(content, encoding="utf-8")
    return read_feed_list(path)


def add_by_opml(listed: FeedList, folder: Path, url: str = "https://new.example/rss") -> None:
    opml = folder / "new.opml"
    opml.write_text(f'<opml version="2.0"><body><outline text="new" xmlUrl="{url}"/></body></opml>', encoding="utf-8")
    with opml.open("rb") as file:
        import_opml(listed, file, where="new.opml", kind="markets")


WIRE = "feeds:\n  - {name: wire, url: 'http://wire.example/', kind: markets}\n"


def test_a_file_keeps_its_rights_and_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(WIRE, encoding="utf-8")
    real.chmod(0o640)
    link = tmp_path / "feeds.yaml"
    link.symlink_to(real)
    add_by_opml(read_feed_list(link), tmp_path)
    assert link.is_symlink()
    assert stat.S_IMODE(real.stat().st_mode) == 0o640
    assert [feed.name for feed in read_feed_list(link).feeds] == ["wire", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feeds.yaml", "new.opml", "real.yaml"]


def test_a_file_that_changed_meanwhile_is_left_as_it_is(tmp_path: Path) -> None:
    listed = listed_in(tmp_path, WIRE)
    changed = f"{WIRE}# a line from somebody else\n"
    listed.path.write_text(changed, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"was changed by somebody else meanwhile \(try again\)"):
        add_by_opml(listed, tmp_path)
    assert listed.path.read_text(encoding="utf-8") == changed
    assert not list(tmp_path.glob(".*"))


def test_a_file_that_cannot_be_edited_is_left_as_it_is(tmp_path: Path) -> None:
    content = '"feeds": null\n'
    listed = listed_in(tmp_path, content)
    with pytest.raises(ConfigError, match=r"feeds.yaml: cannot be added to: the key 'feeds' stands twice \(add the"):
        add_by_opml(listed, tmp_path)
    assert listed.path.read_text(encoding="utf-8") == content
    assert not list(tmp_path.glob(".*"))


def test_a_wrong_setting_elsewhere_stops_the_edit(tmp_path: Path) -> None:
    content = "timezone: Mars/Olympus\n"
    listed = listed_in(tmp_path, content)
    with pytest.raises(ConfigError, match=r"would not be accepted with the new entries: .*Mars/Olympus"):
        add_by_opml(listed, tmp_path)
    assert listed.path.read_text(encoding="utf-8") == content


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "absent" / "feeds.yaml"
    with pytest.raises(ConfigError, match=r"absent/feeds.yaml: cannot be written: No such file or directory"):
        add_by_opml(read_feed_list(path), tmp_path)
