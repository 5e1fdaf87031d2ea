"""What the project promises about itself: its documents tell the truth, its doors are single, its wheel is whole."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click
import pytest
from click.testing import CliRunner
from conftest import clean_environment

import sentinel
from sentinel import errors
from sentinel.alert_types import RuleKind
from sentinel.cli import main
from sentinel.cli.figures import evaluation_json
from sentinel.cli.options import INTERRUPTED, TERMINATED
from sentinel.config import Settings, load_settings
from sentinel.figures import HEADLINE_FIGURES, Evaluation, Figures, Measured
from sentinel.model.gate import Floors
from sentinel.model.training.recipe import load_recipe
from sentinel.pipeline.alerts import check_rules
from sentinel.records import ModelFacts
from sentinel.report.exports import DAILY_COLUMNS, FEEDS_COLUMNS, ITEMS_COLUMNS

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "sentinel"
README = (PROJECT / "README.md").read_text(encoding="utf-8")
FORMATS = (PROJECT / "docs" / "formats.md").read_text(encoding="utf-8")
DESIGN = (PROJECT / "docs" / "design.md").read_text(encoding="utf-8")
MODULES = sorted(PACKAGE.rglob("*.py"))
HEAVY = (
    "apprise",
    "exchange_calendars",
    "apscheduler",
    "feedparser",
    "httpx2",
    "jinja2",
    "pandas",
    "plotly",
    "prometheus_client",
    "sqlalchemy",
    "torch",
    "transformers",
)
DOORS = {
    "apprise": {"alerts"},
    "apscheduler": {"schedule"},
    "captum": {"model"},
    "click": {"cli"},
    "exchange_calendars": {"validation"},
    "feedparser": {"feeds"},
    "filelock": {"lock"},
    "fsspec": {"archive"},
    "httpx2": {"feeds"},
    "jinja2": {"report"},
    "plotly": {"report"},
    "prometheus_client": {"metrics"},
    "py3langid": {"language"},
    "pyarrow": {"archive", "model", "report", "rows"},
    "ray": {"archive"},
    "safetensors": {"model"},
    "sqlalchemy": {"store"},
    "tokenizers": {"model"},
    "torch": {"model"},
    "transformers": {"model"},
    "yaml": {"yaml_file"},
    "xlsxwriter": {"report"},
}


def commands(group: click.Group = main, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def first_column(document: str, heading: str) -> list[str]:
    """Give what stands in the first column of the first table below a heading."""
    section = document.split(f"\n{heading}\n", 1)[1]
    rows = re.search(r"^\|.*\|\n\|[-|]+\|\n((?:\|.*\|\n)+)", section, re.MULTILINE)
    assert rows is not None
    return [line.split(" | ")[0].lstrip("| ").strip("`") for line in rows[1].splitlines()]


# --- the command line ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("path", "command"), [pytest.param(*pair, id=" ".join(pair[0])) for pair in commands()])
def test_every_command_and_every_option_says_what_it_does(path: tuple[str, ...], command: click.Command) -> None:
    shown = CliRunner().invoke(main, [*path, "--help"], prog_name="sentinel")
    assert shown.exit_code == 0
    assert shown.stdout.startswith(f"Usage: sentinel {' '.join(path)} ")
    assert command.help
    for parameter in command.params:
        assert not isinstance(parameter, click.Option) or parameter.help, parameter.name


def test_the_readme_lists_every_command_and_no_other() -> None:
    listed = first_column(README, "## Every day")
    assert set(listed) == {f"sentinel {' '.join(path)}" for path, _ in commands()}


def test_the_readme_names_only_options_that_exist() -> None:
    known = {name for _, command in commands() for parameter in command.params for name in parameter.opts}
    used = {
        name for line in README.splitlines() if "sentinel" in line for name in re.findall(r"(?<=\s)--[a-z-]+", line)
    }
    assert used
    assert used <= known | {"--help"}


@pytest.mark.parametrize("arguments", [["-c", "import sentinel"], ["-m", "sentinel", "--help"], ["-m", "sentinel"]])
def test_help_is_shown_without_loading_a_heavy_library(arguments: list[str]) -> None:
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", *arguments],
        env=clean_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    loaded = {line.rsplit("|", 1)[1].strip().split(".")[0] for line in ended.stderr.splitlines() if "|" in line}
    assert "sentinel" in loaded
    assert not loaded.intersection(HEAVY)


# --- the documents ---------------------------------------------------------------------------------------------


def test_the_readme_begins_with_two_commands_of_one_line() -> None:
    run, test = re.findall(r"^    (python3 -m venv .*)$", README, re.MULTILINE)
    assert run.endswith("sentinel run --sample")
    assert test.endswith("-m pytest")
    assert README.index(run) < README.index(test) < README.index("## Every day")


def test_ci_runs_the_test_command_of_the_readme() -> None:
    script = (PROJECT / ".ci" / "run").read_text(encoding="utf-8")
    (line,) = (line for line in script.splitlines() if line.startswith("test_command="))
    command = f'{line}\nprintf %s "$test_command"'
    found = subprocess.run(["bash", "-c", command], cwd=PROJECT, capture_output=True, text=True, check=True)
    assert found.stdout == re.findall(r"^    (python3 -m venv .*pytest)$", README, re.MULTILINE)[0]


def test_every_link_of_the_documents_leads_somewhere() -> None:
    for document in (*PROJECT.glob("*.md"), *PROJECT.glob("docs/*.md"), PROJECT / "reports" / "README.md"):
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"


def test_the_exit_codes_of_the_documents_are_those_of_the_errors() -> None:
    tree = [errors.SentinelError]
    for error in tree:
        tree += error.__subclasses__()
    drawn = dict(re.findall(r"([A-Z]\w+Error) .*\(exit (\d+)\)", errors.__doc__ or ""))
    assert drawn == {error.__name__: str(error.exit_code) for error in tree[1:]}
    assert set(first_column(FORMATS, "## Command line")) == {"0", *drawn.values(), str(INTERRUPTED), str(TERMINATED)}


@pytest.mark.parametrize(
    ("heading", "columns"),
    [("### items.csv", ITEMS_COLUMNS), ("### daily.csv", DAILY_COLUMNS), ("### feeds.csv", FEEDS_COLUMNS)],
)
def test_the_columns_of_the_documents_are_those_of_the_files(heading: str, columns: dict[str, str]) -> None:
    assert first_column(FORMATS, heading) == list(columns)


def test_the_settings_of_the_documents_are_those_of_the_program() -> None:
    assert set(first_column(FORMATS, "## feeds.yaml")) == set(Settings.model_fields)


def test_the_kinds_of_alert_rules_are_those_of_the_documents() -> None:
    documented = [key.strip("`") for cell in first_column(FORMATS, "## alerts") for key in cell.split(", ")]
    assert documented == list(get_args(RuleKind))


def test_the_alerts_that_the_shipped_feeds_file_shows_as_an_example_load(tmp_path: Path) -> None:
    shipped = (PROJECT / "feeds.yaml").read_text(encoding="utf-8")
    shown = re.search(r"^# alerts:\n(?:#   .*\n)+", shipped, re.MULTILINE)
    assert shown is not None
    path = tmp_path / "feeds.yaml"
    path.write_text(shipped + shown[0].replace("# ", "", 1).replace("\n# ", "\n"), encoding="utf-8")
    addresses = {f"SENTINEL_ALERT_{name}_URL": "json://desk.example" for name in ("DESK", "PHONE")}
    settings = load_settings(path, environment=addresses).settings
    assert {rule.when for rule in settings.alerts.rules} == set(get_args(RuleKind))
    check_rules(settings, settings.build_watchlist())


def test_the_keys_of_an_evaluation_are_those_of_the_documents() -> None:
    figure = Measured(0.5, 0.4, 0.6)
    figures = Figures(1, *[figure] * len(HEADLINE_FIGURES))
    evaluation = Evaluation(
        model=ModelFacts("0123456789ab", "tiny", "GPT-2", {}),
        file="a.csv",
        figures=figures,
        classes=(),
        confusion=(),
        reliability=(),
        groups={},
        baselines=(),
        notes=(),
    )
    documented = [key.strip("`") for cell in first_column(FORMATS, "## evaluate") for key in cell.split(", ")]
    assert documented == list(evaluation_json(evaluation))


def test_the_keys_of_the_floors_are_those_of_the_documents() -> None:
    section = FORMATS[FORMATS.index("`--gate-dir DIR` takes your own") :]
    documented = [key.strip("`") for cell in first_column(f"\n\n{section}", "") for key in cell.split(", ")]
    assert documented == list(Floors.model_fields)


def test_the_design_describes_every_module() -> None:
    described = re.findall(r"([a-z_]+)", " ".join(first_column(DESIGN, "## The house")))
    parts = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    assert set(described) == parts - {"__init__", "__main__"}


def test_the_changelog_begins_with_the_version() -> None:
    changelog = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.search(r"^## (?:\[)?(\S+?)(?:\])?(?: |$)", changelog, re.MULTILINE)[1] in (
        "Unreleased",
        sentinel.__version__,
    )


# --- what is shipped -------------------------------------------------------------------------------------------


def test_the_shipped_feeds_are_at_least_forty_of_every_kind_and_each_can_be_asked() -> None:
    settings = load_settings(PROJECT / "feeds.yaml").settings
    assert len(settings.feeds) >= 40
    assert {"markets", "central-bank", "regulator", "social"} <= {feed.kind for feed in settings.feeds}
    for feed in settings.feeds:
        assert feed.topics
        assert not feed.allow_private


def test_the_shipped_recipe_loads() -> None:
    for path in (PROJECT / "recipes").glob("*.yaml"):
        assert load_recipe(path)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys, hatchling.build as build; build.build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", build, str(folder)], cwd=PROJECT, check=True, capture_output=True)
    (path,) = folder.glob("*.whl")
    return path


def test_the_wheel_holds_all_that_a_run_needs_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    files = (path for path in PACKAGE.rglob("*") if path.is_file() and path.parent.name != "__pycache__")
    wanted = {str(path.relative_to(PROJECT)) for path in files}
    assert packed == wanted
    for needed in (
        "py.typed",
        "assets/model/model.safetensors",
        "assets/model/manifest.json",
        "assets/gate/floors.yaml",
    ):
        assert f"sentinel/{needed}" in packed


def test_the_packaged_model_is_small_and_says_where_it_comes_from() -> None:
    model = PACKAGE / "assets" / "model"
    assert sum(path.stat().st_size for path in model.iterdir()) < 30 * 2**20
    manifest = json.loads((model / "manifest.json").read_text(encoding="utf-8"))
    for fact in (*manifest["labelled_data"], *manifest["pretraining"]["corpora"]):
        assert fact["licence"]
        assert fact["source"]


# --- the house -------------------------------------------------------------------------------------------------


def imported(path: Path) -> set[str]:
    """Give the packages outside the program that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names.add((node.module or "").split(".")[0])
    return names


def test_a_library_is_imported_by_its_door_alone() -> None:
    found: dict[str, set[str]] = {}
    for path in MODULES:
        part = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
        for name in imported(path).intersection(DOORS):
            found.setdefault(name, set()).add(part)
    assert found == DOORS


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_module_says_what_it_is_for_and_stays_short(path: Path) -> None:
    content = path.read_text(encoding="utf-8")
    assert ast.get_docstring(ast.parse(content))
    assert len(content.splitlines()) <= 350


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path.name == "__init__.py"], ids=lambda path: path.parent.name
)
def test_a_package_offers_what_it_imports(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    offered = [
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    names = {
        alias.asname or alias.name for node in tree.body if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    if offered:
        assert set(offered[0]) <= names | {"__version__"}
