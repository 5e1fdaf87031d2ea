"""Labels that people give to headlines of our own feeds: whom to ask about what, and what follows from the answers.

queue.py      which headlines are asked about: half by influence, half at random
agreement.py  how far people agree, and what they say together
accuracy.py   how often the model reads as they do
sheet.py      filled-in tables back in                    door to openpyxl
server.py     the page that asks one headline at a time

Invariant: figures about the model come from the random half alone; the other half was chosen for being doubtful.
"""

from sentinel.labels.accuracy import MIN_LABELS, WINDOW_DAYS, measure_labelled
from sentinel.labels.agreement import Agreement, consensus, measure_agreement
from sentinel.labels.queue import HALVES, INFLUENCE, RANDOM, draw_queue
from sentinel.labels.server import LabelDesk, Question, open_label_server
from sentinel.labels.sheet import read_answers

__all__ = [
    "HALVES",
    "INFLUENCE",
    "MIN_LABELS",
    "RANDOM",
    "WINDOW_DAYS",
    "Agreement",
    "LabelDesk",
    "Question",
    "consensus",
    "draw_queue",
    "measure_agreement",
    "measure_labelled",
    "open_label_server",
    "read_answers",
]
