"""The report step: a day's moods and items in, a folder of pages and tables out.

``write_day`` writes the folder of one day, ``write_index`` the archive over all of them, ``write_evaluation`` the page
of a measured model, ``write_prices`` that of mood and prices, ``write_extract`` rows of many days. Pages are static,
need no network and no server, and can be read without scripts.
"""

from sentinel.report.alerts import shown_moods
from sentinel.report.audit import write_audit
from sentinel.report.day import (
    HOUR_COLUMNS,
    MOVER_COLUMNS,
    REPORT_ITEM_COLUMNS,
    REPORT_TEXT_COLUMNS,
    UNREAD,
    DayReport,
    Movement,
    Watched,
)
from sentinel.report.drift import QUALITY_COLUMNS, DriftReport, drift_rows, drift_words, write_drift
from sentinel.report.evaluation import write_evaluation
from sentinel.report.explained_items import leading_items, read_explanations
from sentinel.report.extract import (
    Extract,
    TableKind,
    check_destination,
    choose_columns,
    daily_rows,
    item_rows,
    write_extract,
)
from sentinel.report.files import check_folder
from sentinel.report.label_sheet import check_label_sheet, write_label_sheet, write_training_table
from sentinel.report.page import label_script, render_label
from sentinel.report.price_page import write_prices
from sentinel.report.sector_map import MAP_DAYS
from sentinel.report.site import write_day, write_index, write_standalone
from sentinel.report.summary import DaySummary, read_summaries, utc_text
from sentinel.report.topic_pages import TopicsReport, write_topics
from sentinel.report.words import write_explanation

__all__ = [
    "HOUR_COLUMNS",
    "MAP_DAYS",
    "MOVER_COLUMNS",
    "QUALITY_COLUMNS",
    "REPORT_ITEM_COLUMNS",
    "REPORT_TEXT_COLUMNS",
    "UNREAD",
    "DayReport",
    "DaySummary",
    "DriftReport",
    "Extract",
    "Movement",
    "TableKind",
    "TopicsReport",
    "Watched",
    "check_destination",
    "check_folder",
    "check_label_sheet",
    "choose_columns",
    "daily_rows",
    "drift_rows",
    "drift_words",
    "item_rows",
    "label_script",
    "leading_items",
    "read_explanations",
    "read_summaries",
    "render_label",
    "shown_moods",
    "utc_text",
    "write_audit",
    "write_day",
    "write_drift",
    "write_evaluation",
    "write_explanation",
    "write_extract",
    "write_index",
    "write_label_sheet",
    "write_prices",
    "write_standalone",
    "write_topics",
    "write_training_table",
]
