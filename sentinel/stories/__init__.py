"""Group the items that tell the same news: copies, syndications and rewrites of one headline.

``StoryWindow`` gives every item the story of the first item that told it; nothing is deleted, and what was given once
never changes. Which two headlines are one story is a pure decision (``likeness``) on what each says (``headline``).
"""

from sentinel.stories.headline import Headline, read_headline
from sentinel.stories.likeness import contradict, is_same_story, likeness
from sentinel.stories.window import MAX_OPEN_STORIES, WINDOW, StoryWindow

__all__ = [
    "MAX_OPEN_STORIES",
    "WINDOW",
    "Headline",
    "StoryWindow",
    "contradict",
    "is_same_story",
    "likeness",
    "read_headline",
]
