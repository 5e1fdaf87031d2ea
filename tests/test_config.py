"""Settings come from option, variable, file or default, in this order; what is wrong is one line that says where."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentinel.config import Settings, build_sample_settings, load_settings
from sentinel.errors import ConfigError
from sentinel.records import Feed

SHIPPED = Path(__file__).parent.parent / "feeds.yaml"
FEEDS = """feeds:
  - name: wire
    url: https://wire.example/rss
    kind: press-wire
"""
FEED = Feed(name="wire", url="http://127.0.0.1:8000/wire", kind="press-wire", allow_private=True)


def write(folder: Path, content: str) -> Path:
    path = folder / "feeds.yaml"
    path.write_text(content, encoding="utf-8")
    return path


def load(folder: Path, content: str = "", **variables: str) -> Settings:
    return load_settings(write(folder, content + FEEDS), environment=variables).settings


def refusal(path: Path, *, options: dict[str, str] | None = None, environment: dict[str, str] | None = None) -> str:
    """Load settings that must be refused; gives the message without the folder."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path, options=options, environment=environment or {})
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_the_shipped_feeds_file_loads() -> None:
    loaded = load_settings(SHIPPED, environment={})
    names = [feed.name for feed in loaded.settings.feeds]
    assert len(names) >= 40
    assert len(set(names)) == len(names)
    assert not any(feed.allow_private for feed in loaded.settings.feeds)
    assert all(feed.url.startswith("https://") for feed in loaded.settings.feeds)


def test_the_shipped_feeds_file_writes_out_the_defaults(tmp_path: Path) -> None:
    shipped = load_settings(SHIPPED, environment={}).settings.model_dump(exclude={"feeds", "store", "reports"})
    assert shipped == load(tmp_path).model_dump(exclude={"feeds", "store", "reports"})


def test_build_feeds_gives_every_field_of_a_feed(tmp_path: Path) -> None:
    entry = "    weight: 0.5\n    topics: [banks, rates]\n    use_summary: true\n    allow_private: true\n"
    settings = load_settings(write(tmp_path, FEEDS + entry), environment={}).settings
    assert settings.build_feeds() == (
        Feed(
            name="wire",
            url="https://wire.example/rss",
            kind="press-wire",
            weight=0.5,
            topics=("banks", "rates"),
            use_summary=True,
            allow_private=True,
        ),
    )


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("stor: a\n" + FEEDS, "feeds.yaml line 1, stor: unknown key (the keys are universe, "),
        ("feed:\n  - name: x\n", "feeds.yaml line 1, feed: unknown key"),
        (FEEDS + "    wieght: 2\n", "feeds.yaml line 5, feeds[0].wieght: unknown key"),
        ("fetch:\n  retries: 3\n" + FEEDS, "feeds.yaml line 2, fetch.retries: unknown key"),
        ("store: a\n", "feeds.yaml: names no feeds"),
        ("feeds: []\n", "feeds.yaml: names no feeds"),
        ("feeds:\n", "feeds.yaml: names no feeds"),
        ("feeds: words\n", "feeds.yaml line 1, feeds: should be a list"),
        ("feeds:\n  - words\n", "feeds.yaml line 2, feeds[0]: should be keys with values"),
        ("feeds:\n  - name: a\n    kind: social\n", "feeds.yaml line 2, feeds[0].url: field required"),
        (FEEDS + FEEDS.removeprefix("feeds:\n"), "feeds.yaml line 5, feeds[1].name: two feeds are named 'wire'"),
        ("", "feeds.yaml: empty"),
        ("feeds: []\nfeeds: []\n", "feeds.yaml line 2: the key 'feeds' stands twice"),
    ],
)
def test_a_wrong_file_is_one_line_with_the_key(tmp_path: Path, content: str, expected: str) -> None:
    assert refusal(write(tmp_path, content)).startswith(expected)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("store: ''", "store: string should have at least 1 character"),
        ("store: 5", "store: input should be a valid string"),
        ("store:", "store: input should be a valid string"),
        ("store: ~nobody-of-this-name/a.db", "store: '~nobody-of-this-name/a.db': there is no such home directory"),
        ("reports: [a]", "reports: input is not a valid path"),
        ("model: {a: b}", "model: input should be a valid string"),
        ("device: gpu", "device: string should match pattern"),
        ("timezone: Europe/Atlantis", "timezone: 'Europe/Atlantis' is not a time zone"),
        ("timezone: ../../etc/passwd", "timezone: '../../etc/passwd' is not a time zone"),
        ("timezone: 2", "timezone: input should be a valid string"),
        ("schedule: []", "schedule: should have at least one entry"),
        ("schedule: [0 6 * *]", "schedule[0]: '0 6 * *' is not a cron expression of five fields"),
        ("schedule: [0 6 * * *, 61 * * * *]", "schedule[1]: '61 * * * *' is not a cron expression: minute '61'"),
        ("languages: [xx]", "languages[0]: 'xx' is not a language that can be told: use one of ar, bg,"),
        ("languages: []", "languages: should have at least one entry"),
        ("schedule: [every 5s]", "schedule[0]: 'every 5s' is not an interval"),
        ("schedule: [{when: hourly}]", "schedule[0].when: 'hourly' is not a cron expression"),
        ("schedule: [{when: every 5m, feds: [kind:social]}]", "schedule[0].feds: unknown key"),
        ("schedule: [{when: every 5m, feeds: [social]}]", "schedule[0].feeds[0]: string should match pattern"),
        (
            "schedule: [{when: every 5m, feeds: [kind:social]}]",
            "schedule[0].feeds: kind:social: no feed is one of these",
        ),
        ("store_authors: true", "store_authors: only false is possible: authors' names are never stored"),
        ("monitor_port: 70000", "monitor_port: input should be less than or equal to 65535"),
        ("schedule: [0 0 30 2 *]", "schedule[0]: '0 0 30 2 *' never happens"),
        ("schedule: [0 6 1 * mon]", "schedule[0]: '0 6 1 * mon' restricts day of month and weekday"),
        ('contact: "a\\nHost: b"', "contact: string should match pattern"),
        ("contact: " + "x" * 201, "contact: string should have at most 200 characters"),
        ("fetch: 5", "fetch: should be keys with values"),
        ("fetch:", "fetch: should be keys with values"),
        ("fetch: {n_workers: 0}", "fetch.n_workers: input should be greater than or equal to 1"),
        ("fetch: {n_workers: 2.5}", "fetch.n_workers: input should be a valid integer"),
        ("fetch: {timeout_s: 301}", "fetch.timeout_s: input should be less than or equal to 300"),
        ("fetch: {timeout_s: .nan}", "fetch.timeout_s: input should be"),
        ("fetch: {max_body_mb: .inf}", "fetch.max_body_mb: input should be less than or equal to 200"),
    ],
)
def test_a_wrong_value_is_one_line_with_its_place(tmp_path: Path, line: str, expected: str) -> None:
    assert refusal(write(tmp_path, f"# settings\n{line}\n{FEEDS}")).startswith(f"feeds.yaml line 2, {expected}")


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("name: Wire News", "feeds[1].name: 'Wire News' is not a name"),
        ("name: " + "x" * 65, "feeds[1].name: 'xxx"),
        ("name: -wire", "feeds[1].name: '-wire' is not a name"),
        ("name: 2024", "feeds[1].name: input should be a valid string"),
        ("kind: gossip", "feeds[1].kind: input should be 'markets'"),
        ("weight: 0", "feeds[1].weight: input should be greater than 0"),
        ("weight: 10.5", "feeds[1].weight: input should be less than or equal to 10"),
        ("weight: .nan", "feeds[1].weight: input should be"),
        ("topics: banks", "feeds[1].topics: should be a list"),
        ("topics: [oil, banks, oil]", "feeds[1].topics: the topic 'oil' stands twice"),
        ("url: https://WIRE.example:443/rss", "feeds[1].url: the feed 'wire' has the same address"),
        ("topics: [Big Banks]", "feeds[1].topics[0]: 'Big Banks' is not a name"),
        ("use_summary: perhaps", "feeds[1].use_summary: input should be a valid boolean"),
        ("url: ftp://other.example/rss", "feeds[1].url: 'ftp://other.example/rss' is not an http or https address"),
        ("url: other.example/rss", "feeds[1].url: 'other.example/rss' is not an http or https address"),
        ("url: file:///etc/passwd", "feeds[1].url: 'file:///etc/passwd' is not an http or https address"),
        ("url: 'http://exa mple.com/rss'", "feeds[1].url: 'http://exa mple.com/rss' is not an http or https address"),
        ("url: 'http://<e>.com/'", "feeds[1].url: 'http://<e>.com/' is not an http or https address"),
        ("url: http://a..b/", "feeds[1].url: 'http://a..b/' is not an http or https address"),
        ("url: http://exam%20ple.com/", "feeds[1].url: 'http://exam%20ple.com/' is not an http or https address"),
        ("url: https://wire.example/rss#latest", "feeds[1].url: the feed 'wire' has the same address"),
        ("url: https://other.example:port/", "feeds[1].url: 'https://other.example:port/' is not an http or https"),
    ],
)
def test_a_wrong_feed_is_one_line_with_its_place(tmp_path: Path, field: str, expected: str) -> None:
    fields = {"name": "other", "url": "https://other.example/rss", "kind": "social"}
    key, _, value = field.partition(": ")
    entry = ", ".join(f"{name}: {text}" for name, text in {**fields, key: value}.items())
    message = refusal(write(tmp_path, f"{FEEDS}  - {{{entry}}}\n"))
    assert message.startswith(f"feeds.yaml line 5, {expected}")


def test_one_mistake_of_the_only_feed_is_one_mistake(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, FEEDS.replace("https:", "ftp:")))
    assert "not an http or https address" in message
    assert "more" not in message
    assert refusal(write(tmp_path, FEEDS.replace("https:", "ftp:").replace("press", "Press"))).endswith("; 1 more")


def test_one_time_of_the_schedule_needs_no_list(tmp_path: Path) -> None:
    assert load(tmp_path, "schedule: 0 6 * * 1-5\n").schedule == ("0 6 * * 1-5",)


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    path = write(tmp_path, FEEDS.replace("https://wire", "https://desk:secret@wire"))
    message = refusal(path)
    assert message.startswith(
        "feeds.yaml line 3, feeds[0].url: this is not an http or https address (credentials in it"
    )
    assert "secret" not in message


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.yaml") == "none.yaml: no such file (give its path with --config)"


def test_an_option_wins_over_a_variable_over_the_file_over_the_default(tmp_path: Path) -> None:
    path = write(tmp_path, "store: file.db\nmodel: file-model\ndevice: cpu\n" + FEEDS)
    loaded = load_settings(
        path,
        options={"store": "option.db", "model": None},
        environment={"SENTINEL_STORE": "variable.db", "SENTINEL_MODEL": "variable-model", "HOME": "/root"},
    )
    settings = loaded.settings
    assert (settings.store, settings.model, settings.device, settings.timezone) == (
        "option.db",
        "variable-model",
        "cpu",
        "UTC",
    )
    assert loaded.path == path
    assert loaded.origins == {
        "store": "option",
        "reports": "default",
        "site_url": "default",
        "model": "variable SENTINEL_MODEL",
        "models": "default",
        "device": f"{path} line 3",
        "timezone": "default",
        "schedule": "default",
        "languages": "default",
        "contact": "default",
        "store_authors": "default",
        "metrics_file": "default",
        "monitor_port": "default",
        "fetch": "default",
        "universe": "default",
        "watchlist": "default",
        "themes": "default",
        "alerts": "default",
        "feeds": f"{path} line 4",
    }


def test_paths_in_the_file_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models" / "mine").mkdir(parents=True)
    monkeypatch.chdir("/")
    monkeypatch.setenv("HOME", "/home/desk")
    settings = load(tmp_path, "store: data/news.db\nreports: ~/pages\nmodel: models/mine\n")
    assert settings.store == str(tmp_path / "data" / "news.db")
    assert settings.reports == Path("/home/desk/pages")
    assert settings.model == str(tmp_path / "models" / "mine")


def test_defaults_lie_beside_the_file(tmp_path: Path) -> None:
    settings = load(tmp_path)
    assert (settings.store, settings.reports) == (str(tmp_path / "sentinel.db"), tmp_path / "reports")


def test_absolute_paths_urls_and_hub_ids_are_left_alone(tmp_path: Path) -> None:
    settings = load(tmp_path, "store: postgresql://db.example/news\nreports: /srv/pages\nmodel: someone/some-model\n")
    assert settings.store == "postgresql://db.example/news"
    assert settings.reports == Path("/srv/pages")
    assert settings.model == "someone/some-model"


def test_a_model_longer_than_a_file_name_is_not_looked_for(tmp_path: Path) -> None:
    assert load(tmp_path, f"model: {'m' * 300}\n").model == "m" * 300


def test_paths_in_variables_are_relative_to_the_working_directory(tmp_path: Path) -> None:
    settings = load(tmp_path, SENTINEL_STORE="here.db", SENTINEL_REPORTS="pages")
    assert (settings.store, settings.reports) == ("here.db", Path("pages"))


def test_a_variable_reaches_into_fetch_and_leaves_the_rest_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, "fetch: {n_workers: 3, timeout_s: 20}\n" + FEEDS)
    loaded = load_settings(path, environment={"SENTINEL_FETCH__TIMEOUT_S": "5"})
    fetch = loaded.settings.fetch
    assert (fetch.n_workers, fetch.timeout_s, fetch.max_body_mb) == (3, 5.0, 15.0)
    assert loaded.origins["fetch"] == "variable SENTINEL_FETCH__TIMEOUT_S"
    assert load(tmp_path, SENTINEL_FETCH__N_WORKERS="2").fetch.n_workers == 2


def test_a_variable_does_not_hide_a_wrong_fetch_in_the_file(tmp_path: Path) -> None:
    variables = {"SENTINEL_FETCH__TIMEOUT_S": "5"}
    message = refusal(write(tmp_path, "fetch: fast\n" + FEEDS), environment=variables)
    assert message.startswith("feeds.yaml line 1, fetch: should be keys with values")
    message = refusal(write(tmp_path, "fetch: {n_workers: 0}\n" + FEEDS), environment=variables)
    assert message.startswith("feeds.yaml line 1, fetch.n_workers: input should be greater")


def test_the_languages_variable_holds_several_codes(tmp_path: Path) -> None:
    assert load(tmp_path, SENTINEL_LANGUAGES="en; de").languages == ("en", "de")


def test_an_entry_of_the_schedule_names_its_feeds_and_its_deadline(tmp_path: Path) -> None:
    text = "schedule: [0 6 * * *, {when: every 30m, feeds: [feed:wire], deadline_min: 5}]\n"
    entries = load(tmp_path, text).timetable.entries
    assert [(entry.key, entry.deadline_s) for entry in entries] == [
        ("0 6 * * *", 7200),
        ("every 30m feed:wire", 300),
    ]


def test_feeds_are_chosen_by_kind_topic_or_name(tmp_path: Path) -> None:
    (name,) = (feed.name for feed in load(tmp_path, "").build_feeds())
    settings = load(tmp_path, "")
    kind = settings.feeds[0].kind
    for choice in (f"feed:{name}", f"kind:{kind}"):
        assert [feed.name for feed in settings.build_feeds([choice])] == [name]
    with pytest.raises(ConfigError, match="topic:nobody: no feed is one of these"):
        settings.build_feeds(["topic:nobody"])


def test_the_metrics_file_lies_beside_the_feeds_file(tmp_path: Path) -> None:
    assert load(tmp_path, "metrics_file: m.prom\n").metrics_file == tmp_path / "m.prom"
    assert load(tmp_path, "").metrics_file is None


def test_the_schedule_variable_holds_several_times(tmp_path: Path) -> None:
    assert load(tmp_path, SENTINEL_SCHEDULE="0 6 * * *; 30 18 * * 1-5").schedule == ("0 6 * * *", "30 18 * * 1-5")


@pytest.mark.parametrize(
    "name",
    [
        "SENTINEL_STROE",
        "SENTINEL_FEEDS",
        "SENTINEL_FETCH",
        "SENTINEL_FETCH__RETRIES",
        "SENTINEL_STORE__PATH",
        "SENTINEL_",
    ],
)
def test_an_unknown_variable_is_named(tmp_path: Path, name: str) -> None:
    message = refusal(write(tmp_path, FEEDS), environment={name: "x"})
    assert message == f"{name}: unknown variable (unset it, or check the spelling)"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("SENTINEL_DEVICE", "gpu", "device, from variable SENTINEL_DEVICE: String should match pattern"),
        ("SENTINEL_STORE", "", "store, from variable SENTINEL_STORE: String should have at least 1 character"),
        ("SENTINEL_TIMEZONE", "Mars", "timezone, from variable SENTINEL_TIMEZONE: 'Mars' is not a time zone"),
        ("SENTINEL_SCHEDULE", "hourly", "schedule, from variable SENTINEL_SCHEDULE: 'hourly' is not a cron"),
        ("SENTINEL_FETCH__TIMEOUT_S", "x", "fetch, from variable SENTINEL_FETCH__TIMEOUT_S: Input should be a valid"),
    ],
)
def test_a_wrong_variable_is_one_line_with_its_name(tmp_path: Path, name: str, value: str, expected: str) -> None:
    assert refusal(write(tmp_path, FEEDS), environment={name: value}).startswith(expected)


def test_a_wrong_option_is_one_line_that_says_so(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, FEEDS), options={"device": "gpu"}, environment={"SENTINEL_DEVICE": "cpu"})
    assert message.startswith("device, from option: String should match pattern")


def test_load_settings_reads_the_variables_of_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SENTINEL_TIMEZONE", "Europe/Berlin")
    loaded = load_settings(write(tmp_path, FEEDS))
    assert loaded.settings.zone.key == "Europe/Berlin"


def test_build_sample_settings_needs_no_file(tmp_path: Path) -> None:
    settings = build_sample_settings([FEED], tmp_path, {"device": "cpu", "model": None})
    assert settings.build_feeds() == (FEED,)
    assert settings.store == str(tmp_path / "sentinel-sample.db")
    assert settings.reports == tmp_path / "reports"
    assert (settings.device, settings.model) == ("cpu", "packaged")


def test_build_sample_settings_takes_variables_except_for_the_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENTINEL_STORE", "real-news.db")
    monkeypatch.setenv("SENTINEL_REPORTS", "pages")
    monkeypatch.setenv("SENTINEL_DEVICE", "cuda")
    settings = build_sample_settings([FEED], tmp_path, {"device": "cpu"})
    assert settings.store == str(tmp_path / "sentinel-sample.db")
    assert (settings.reports, settings.device) == (Path("pages"), "cpu")


def test_build_sample_settings_names_a_wrong_option(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"^device: String should match pattern"):
        build_sample_settings([FEED], tmp_path, {"device": "gpu"})


SAFE = "feeds:\n  - {name: wire, url: 'https://wire.example/rss', kind: markets, auth: WIRE}\n"


def test_a_feed_names_credentials_that_stand_in_variables(tmp_path: Path) -> None:
    variables = {"SENTINEL_FEED_WIRE_TOKEN": "t0ken"}
    settings = load_settings(write(tmp_path, SAFE), environment=variables).settings
    assert [feed.auth for feed in settings.build_feeds()] == ["WIRE"]
    assert "t0ken" not in repr(settings)
    assert refusal(write(tmp_path, SAFE)).startswith("SENTINEL_FEED_WIRE_...: a feed has auth: WIRE")


def test_credentials_are_not_sent_in_the_clear(tmp_path: Path) -> None:
    variables = {"SENTINEL_FEED_WIRE_TOKEN": "t0ken"}
    plain = SAFE.replace("https:", "http:")
    assert "auth needs an https address" in refusal(write(tmp_path, plain), environment=variables)
    own = plain.replace("auth: WIRE", "auth: WIRE, allow_private: true")
    assert load_settings(write(tmp_path, own), environment=variables).settings.feeds[0].allow_private


def test_a_proxy_is_an_address_without_credentials(tmp_path: Path) -> None:
    assert load(tmp_path, SENTINEL_FETCH__PROXY="http://proxy.example:3128").fetch.proxy == "http://proxy.example:3128"
    message = refusal(write(tmp_path, "fetch: {proxy: 'http://ann:s3cret@proxy.example'}\n" + FEEDS))
    assert message.startswith("feeds.yaml line 1, fetch.proxy: this is not an http or https address")
    assert "s3cret" not in message


@pytest.mark.parametrize("given", ["https://desk.example/mood", "https://desk.example/mood//"])
def test_the_address_of_the_site_ends_in_one_slash(tmp_path: Path, given: str) -> None:
    assert load(tmp_path, SENTINEL_SITE_URL=given).site_url == "https://desk.example/mood/"


def test_an_address_of_the_site_that_is_none_is_refused(tmp_path: Path) -> None:
    message = refusal(write(tmp_path, FEEDS), environment={"SENTINEL_SITE_URL": "desk.example"})
    assert "'desk.example' is not an http or https address" in message
