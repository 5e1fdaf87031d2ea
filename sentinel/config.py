"""Settings of the job: feeds.yaml, SENTINEL_ variables and options, checked before anything runs.

Precedence: option, then variable, then file, then default; ``origins`` says
which it was. Paths in the file are relative to the file, paths in variables and options to the working directory.
Invariant: an unknown key or variable is an error that names it.
"""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from sentinel import records
from sentinel.alerts.settings import AlertSettings
from sentinel.credentials import is_credential, load_alert_targets, load_feed_credentials
from sentinel.cron import parse_cron
from sentinel.errors import ConfigError
from sentinel.feed_settings import FeedSettings, FetchSettings, check_url
from sentinel.feed_settings import check_name as check_name
from sentinel.language import LANGUAGES
from sentinel.text import canonical_url, page_url
from sentinel.watchlist.settings import WatchSettings
from sentinel.yaml_file import YamlFile, read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

PREFIX = "SENTINEL_"
DEFAULT_FILE = Path("feeds.yaml")
FILE_KEYS = ("feeds", "models", "watchlist", "themes", "alerts")  # no variable can hold them


def _check_cron(value: str) -> str:
    parse_cron(value)
    return value


def _check_language(value: str) -> str:
    if value not in LANGUAGES:
        msg = f"{value!r} is not a language that can be told: use one of {', '.join(LANGUAGES)}"
        raise ValueError(msg)
    return value


def _check_site_url(value: str) -> str:
    """Give an address with the slash that names in the folder are put behind."""
    return f"{check_url(value).rstrip('/')}/" if value else ""


class Settings(WatchSettings):
    """Everything a run may depend on besides the store, the model and the clock.

    Attributes:
        store: SQLite file or SQLAlchemy URL.
        reports: folder of the pages and tables.
        site_url: where that folder is served, for the links of its feed; empty when it is only opened as a folder.
        model: "packaged", a model directory, or a hub id.
        models: by language, as ISO 639-1 code, instead of ``model`` and ``languages``: what reads items in it.
        device: "auto", "cpu", "cuda" or "cuda:N".
        timezone: zone that days are counted in and pages are dated in.
        schedule: cron expressions of ``sentinel schedule``, in ``timezone``.
        languages: those that the model reads, as ISO 639-1 codes; items in others are kept, and not scored.
        contact: address or URL sent in the User-Agent.
        fetch: limits of fetching.
        alerts: what is unusual, and who is told.
        feeds: what to collect.
    """

    store: Annotated[str, Field(min_length=1)] = "sentinel.db"
    reports: Path = Path("reports")
    site_url: Annotated[str, AfterValidator(_check_site_url)] = ""
    model: str = "packaged"
    models: dict[Annotated[str, AfterValidator(_check_language)], Annotated[str, Field(min_length=1)]] = Field({})
    device: Annotated[str, Field(pattern=r"^(auto|cpu|cuda(:\d+)?)$")] = "auto"
    timezone: str = "UTC"
    schedule: Annotated[tuple[Annotated[str, AfterValidator(_check_cron)], ...], Field(min_length=1)] = (
        "0 6 * * *",
        "0 12 * * *",
        "0 18 * * *",
    )
    languages: Annotated[tuple[Annotated[str, AfterValidator(_check_language)], ...], Field(min_length=1)] = ("en",)
    contact: Annotated[str, Field(max_length=200, pattern=r"^[\x20-\x7e]*$")] = ""
    fetch: FetchSettings = FetchSettings()
    alerts: AlertSettings = AlertSettings()
    feeds: Annotated[tuple[FeedSettings, ...], Field(min_length=1)]

    @field_validator("timezone")
    @classmethod
    def _check_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            msg = f"{value!r} is not a time zone: use a name such as UTC or Europe/Berlin"
            raise ValueError(msg)
        return value

    @field_validator("schedule", mode="before")
    @classmethod
    def _take_one_expression(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value

    @model_validator(mode="after")
    def _check_models(self) -> Self:
        double = [key for key in ("model", "languages") if self.models and key in self.model_fields_set]
        if double:
            msg = f"{' and '.join(double)} cannot stand beside models, which names the model of each language"
            raise ValueError(msg)
        return self

    @property
    def model_of_language(self) -> dict[str, str]:
        """What reads items in each language."""
        return self.models or dict.fromkeys(self.languages, self.model)

    @property
    def zone(self) -> ZoneInfo:
        """The report's time zone."""
        return ZoneInfo(self.timezone)

    @property
    def auth_names(self) -> frozenset[str]:
        """The names of the credentials that feeds need."""
        return frozenset(feed.auth for feed in self.feeds if feed.auth)

    def build_feeds(self) -> tuple[records.Feed, ...]:
        """Give the feeds as the records that the steps work with."""
        return tuple(records.Feed(**feed.model_dump()) for feed in self.feeds)


@dataclass(frozen=True)
class LoadedSettings:
    """Settings, the file they came from, and for each top-level key where its value came from."""

    settings: Settings
    path: Path
    origins: dict[str, str]


def load_settings(
    path: Path = DEFAULT_FILE,
    *,
    options: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
) -> LoadedSettings:
    """Read and check the settings.

    Args:
        path: the feeds file.
        options: values given on the command line, by key; None values count as not given.
        environment: variables; the process's own when None.

    Returns:
        The settings and where each came from.

    Raises:
        ConfigError: a file is missing or wrong, a key or variable is unknown, or a value is out of range.
    """
    file = read_yaml(path, hint="give its path with --config")
    _check_keys(file)
    base = path.resolve().parent
    given = {key: value for key, value in (options or {}).items() if value is not None}
    variables = _read_variables(os.environ if environment is None else environment)
    defaults = {"store": str(base / "sentinel.db"), "reports": str(base / "reports")}
    merged = {**defaults, **_resolve_paths(file, base), **variables, **given}
    if "model" in {**variables, **given}:  # one model for everything, said nearer than the file
        merged.pop("models", None)
    if "fetch" in variables and "fetch" in file.values:
        fetch = file.values["fetch"]
        merged["fetch"] = {**fetch, **variables["fetch"]} if isinstance(fetch, dict) else fetch
    origins = {key: _origin(key, given, variables, file) for key in Settings.model_fields}
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as error:
        raise _explain(error, given, variables, file) from error
    _check_distinct(settings.feeds, file)
    load_feed_credentials(settings.auth_names, environment)
    load_alert_targets(settings.alerts.targets, environment)
    return LoadedSettings(settings, path, origins)


def build_sample_settings(
    feeds: Sequence[records.Feed],
    folder: Path,
    options: Mapping[str, Any],
    *,
    watchlist: Sequence[Mapping[str, Any]] = (),
) -> Settings:
    """Give the settings of a run on the packaged sample, which needs no feeds file.

    Args:
        feeds: the sample's feeds.
        folder: where its store and its reports go.
        options: values given on the command line, by key; None values count as not given.
        watchlist: the sample's companies, as they stand in a feeds file.

    Returns:
        Settings; variables count, except for the store: the sample has one of its own.

    Raises:
        ConfigError: a variable or an option is wrong.
    """
    variables = _read_variables(os.environ)
    given = {key: value for key, value in options.items() if value is not None}
    own = {
        "store": str(folder / "sentinel-sample.db"),
        "feeds": [asdict(feed) for feed in feeds],
        "watchlist": watchlist,
        "universe": "none",
    }
    try:
        return Settings.model_validate({"reports": str(folder / "reports"), **variables, **given, **own})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(first["msg"].removeprefix("Value error, "), where=where) from error


def _explain(
    error: ValidationError, given: Mapping[str, Any], variables: Mapping[str, Any], file: YamlFile
) -> ConfigError:
    """Say where the first wrong value came from: an option, a variable, or a line of the file."""
    first = error.errors()[0]
    key, inner, *_ = (*map(str, first["loc"]), "", "")
    if key in given:
        origin = "option"
    elif inner and inner in variables.get("fetch", ()):
        origin = f"variable {PREFIX}FETCH__{inner.upper()}"
    elif key in variables and key != "fetch":
        origin = f"variable {PREFIX}{key.upper()}"
    else:
        return file.error(error)
    return ConfigError(first["msg"].removeprefix("Value error, "), where=f"{key}, from {origin}")


def _origin(key: str, given: Mapping[str, Any], variables: Mapping[str, Any], file: YamlFile) -> str:
    if key in given:
        return "option"
    if key in variables:
        names = [f"{key}__{inner}" for inner in variables[key]] if key == "fetch" else [key]
        return "variable " + ", ".join(f"{PREFIX}{name.upper()}" for name in names)
    if key in file.values:
        return file.where((key,)).removesuffix(f", {key}")
    return "default"


def _check_keys(file: YamlFile) -> None:
    """Name the unknown key first: a misspelt ``feeds`` would otherwise be reported as a missing one."""
    unknown = next((key for key in file.values if key not in Settings.model_fields), None)
    if unknown is not None:
        known = ", ".join(Settings.model_fields)
        raise ConfigError("unknown key", where=file.where((unknown,)), hint=f"the keys are {known}")
    if not file.values.get("feeds"):
        raise ConfigError("names no feeds", where=str(file.path), hint="add at least one entry under feeds:")


def _check_distinct(feeds: Sequence[FeedSettings], file: YamlFile) -> None:
    """Refuse a name or an address that two feeds have: their items would be mixed up, or counted twice."""
    names: set[str] = set()
    names_by_address: dict[str, str] = {}
    for index, feed in enumerate(feeds):
        if feed.name in names:
            raise ConfigError(f"two feeds are named {feed.name!r}", where=file.where(("feeds", index, "name")))
        names.add(feed.name)
        other = names_by_address.setdefault(page_url(canonical_url(feed.url)), feed.name)
        if other != feed.name:
            raise ConfigError(
                f"the feed {other!r} has the same address, so its items would count twice",
                where=file.where(("feeds", index, "url")),
            )


def _read_variables(environment: Mapping[str, str]) -> dict[str, Any]:
    """Collect SENTINEL_ variables by key; ``SENTINEL_FETCH__TIMEOUT_S`` reaches into ``fetch``."""
    values: dict[str, Any] = {}
    for name in sorted(environment):
        if not name.startswith(PREFIX) or is_credential(name):
            continue
        key, _, inner = name.removeprefix(PREFIX).lower().partition("__")
        known = inner in FetchSettings.model_fields if key == "fetch" else key in Settings.model_fields and not inner
        if not known or key in FILE_KEYS:
            raise ConfigError("unknown variable", where=name, hint="unset it, or check the spelling")
        if inner:
            values.setdefault(key, {})[inner] = environment[name]
        elif key in ("schedule", "languages"):
            values[key] = tuple(part.strip() for part in environment[name].split(";"))
        else:
            values[key] = environment[name]
    return values


def _resolve_paths(file: YamlFile, base: Path) -> dict[str, Any]:
    """Make the file's paths absolute: they are relative to the file."""
    resolved = dict(file.values)
    for key in ("store", "reports"):
        value = resolved.get(key)
        if isinstance(value, str) and value and "://" not in value:
            try:
                resolved[key] = str(base / Path(value).expanduser())
            except RuntimeError as error:
                raise ConfigError(f"{value!r}: there is no such home directory", where=file.where((key,))) from error
    model = resolved.get("model")
    if isinstance(model, str) and _is_folder(base / model):
        resolved["model"] = str(base / model)
    models = resolved.get("models")
    if isinstance(models, dict):
        resolved["models"] = {
            language: str(base / name) if isinstance(name, str) and name and _is_folder(base / name) else name
            for language, name in models.items()
        }
    return resolved


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # longer than a name may be: whatever it is, it is no folder
        return False
