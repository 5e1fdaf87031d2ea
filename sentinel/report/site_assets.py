"""Write what all pages share: the one plotly.js, named by its version, and our own scripts, named by their content."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentinel.report.charts import plotly_js
from sentinel.report.files import make_folder, write_bytes
from sentinel.report.page import own_scripts

if TYPE_CHECKING:
    from pathlib import Path

ASSETS_NAME = "assets"


def write_assets(reports_dir: Path) -> str:
    """Write the scripts of the site and give the name of plotly.js.

    Raises:
        ReportError: a folder or file cannot be written.
    """
    assets = reports_dir / ASSETS_NAME
    make_folder(assets)
    version, plotly_bytes = plotly_js()
    plotly_name = f"plotly-{version}.min.js"
    write_bytes(assets / plotly_name, plotly_bytes)
    for script_name, script_bytes in own_scripts():
        write_bytes(assets / script_name, script_bytes)
    return plotly_name
