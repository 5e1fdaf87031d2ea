"""What is done to text and addresses before anything else sees them; the same for training and scoring.

Pure functions of their arguments: no I/O, no clock, no third-party library. ``clean_text`` is idempotent.
"""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

if TYPE_CHECKING:
    from datetime import date

MAX_TEXT_CHARACTERS = 4_000
"""Longer text is cut before cleaning, so that hostile input costs bounded time."""

# A tag starts with a letter, '/' or '!': "margin <5 %" is text. No '<' inside, so the match is linear.
_TAG = re.compile(r"<(?:[a-zA-Z][^<>]*|/[^<>]*|![^<>]*|\?[^<>]*)>")
_INLINE_TAG = re.compile(r"</?(?:a|abbr|b|em|font|i|mark|small|span|strong|sub|sup|u)(?:\s[^<>]*)?>", re.IGNORECASE)
_UNSEEN = re.compile(r"<!--.*?-->|<(script|style)\b[^<>]*>.*?</\1\s*>", re.DOTALL | re.IGNORECASE)
_NESTED_AMPERSAND = re.compile(r"&(?:amp;)+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_UNSEEN_CATEGORIES = ("Cc", "Cf", "Cs")  # controls, formats (bidirectional, zero-width, tags), lone surrogates
_UNSEEN_CHARACTERS = frozenset("\u034f\u115f\u1160\u2065\u3164\uffa0")  # joiners and fillers of other categories
_TRACKING = re.compile(
    r"utm_\w+|mc_[ce]id|(?:fb|g|d|tt|tw|y)clid|msclkid|[gw]braid|gad_source|srsltid|igsh(?:id)?|ns_\w+|cmpid?"
    r"|ncid|ocid|ito|smid|xtor|ref_?src|mkt_tok|_hs(?:enc|mi)|hsctatracking|guccounter|guce_referrer(?:_sig)?"
    r"|at_(?:medium|campaign|custom\d|link_\w+|ptr_name)|wt_(?:zmc|mc)|wtmc|vero_(?:id|conv)|oly_(?:anon|enc)_id|amp_js_v"
    r"|__twitter_impression",
    re.IGNORECASE,
)
_AMP_PARAMETER = re.compile(r"amp=(?:1|true)?|outputtype=amp", re.IGNORECASE)
_AMP_PATH = re.compile(r"(?<=[^/])/amp(?=/?$)|\.amp(?=\.html?$|$)", re.IGNORECASE)
# Where an address stands inside another: the Internet Archive, Google's AMP viewer and cache.
_WRAPPED = re.compile(
    r"https?://(?:web\.archive\.org/web/\d{4,14}(?:[a-z]{2}_)?/(?P<archived>https?:/{1,2})?"
    r"|(?:www\.)?google\.[a-z.]{2,6}/amp/(?P<viewer>s/)?|[\w-]+\.cdn\.ampproject\.org/[acv]/(?P<cache>s/)?)"
    r"(?P<inner>[\w-]+(?:\.[\w-]+)+.*)",
    re.IGNORECASE,
)
_TRACKING_FRAGMENT = re.compile(rf"(?:(?:{_TRACKING.pattern}|at_\w+|echobox)=[^&]*(?:&|$))+", re.IGNORECASE)
_ROUTES = ("/", "!")  # "#/news/1", "#!news": a script shows another page for each
# A host name as people write them: underscores occur, and beyond ASCII a resolver decides (RFC 5890 2.3.2.1).
_HOST = re.compile(r"(?:[a-z0-9_\-\x80-\U0010ffff]{1,63}(?:\.|$))+")
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_DEFAULT_PORTS = {"http": 80, "https": 443}
_PLAIN = "/%:@!$&'()*+,;=~-._"  # what stands in a path as it is (RFC 3986 3.3); "%" because it may be quoted already


def clean_text(raw: str) -> str:
    """Turn feed text into one plain line.

    Entities are decoded; markup is dropped, an inline tag without leaving a gap, comments and scripts with what they
    enclose; controls, zero-width and bidirectional characters, tags and non-characters are removed; Unicode is
    composed (NFC) and white space folded. Repeated until nothing changes, so that text escaped twice ends the same as
    text escaped once and cleaning twice changes nothing.

    Args:
        raw: text as found in a feed or file, possibly with markup.

    Returns:
        One line without markup, at most MAX_TEXT_CHARACTERS characters.
    """
    text = raw[:MAX_TEXT_CHARACTERS]
    while True:
        cleaned = _clean_once(text)
        if cleaned == text:
            return cleaned
        text = cleaned[:MAX_TEXT_CHARACTERS]


def _clean_once(text: str) -> str:
    text = html.unescape(_NESTED_AMPERSAND.sub("&", text))
    text = _UNSEEN.sub(" ", text)
    text = _TAG.sub(" ", _INLINE_TAG.sub("", text))
    if not (text.isascii() and text.isprintable()):
        text = "".join(character for character in text if _is_seen(character))
    return unicodedata.normalize("NFC", _SPACE.sub(" ", text).strip())


def _is_seen(character: str) -> bool:
    if character.isspace():
        return True
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE or "\ufdd0" <= character <= "\ufdef"
    return not (
        is_noncharacter or character in _UNSEEN_CHARACTERS or unicodedata.category(character) in _UNSEEN_CATEGORIES
    )


def canonical_url(url: str) -> str:
    """Write an address in one form: lower-case host, no default port, no tracking parameters or tracking fragment.

    An address inside one of the Internet Archive or of Google's AMP pages is taken out of it, and an AMP page becomes
    the page that it is a copy of.

    Args:
        url: address as found in a feed.

    Returns:
        The canonical http(s) address, or "" for anything that is not one (``javascript:`` links among them, and hosts
        that no name can be).
    """
    cleaned = _unwrap("".join(character for character in url if character.isprintable()).strip())
    try:
        parts = urlsplit(cleaned)
        port = parts.port
    except ValueError:
        return ""
    scheme, name = parts.scheme.lower(), parts.hostname or ""
    if scheme not in _DEFAULT_PORTS or "@" in parts.netloc or not (":" in name or _HOST.fullmatch(name)):
        return ""
    host = f"[{name}]" if ":" in name else name
    netloc = host if port in (None, _DEFAULT_PORTS[scheme]) else f"{host}:{port}"
    path = parts.path
    while (page := _AMP_PATH.sub("", path)) != path:
        path = page
    path = quote(path or "/", safe=_PLAIN)
    fragment = "" if _TRACKING_FRAGMENT.fullmatch(parts.fragment) else quote(parts.fragment, safe=f"{_PLAIN}?")
    return urlunsplit((scheme, netloc, path, _own_parameters(parts.query), fragment))


def _unwrap(url: str) -> str:
    """Take an address out of those that it stands in."""
    while wrapped := _WRAPPED.fullmatch(url):
        scheme = "https" if wrapped["viewer"] or wrapped["cache"] else (wrapped["archived"] or "http").partition(":")[0]
        url = f"{scheme}://{wrapped['inner']}"
    return url


def _own_parameters(query: str) -> str:
    """Keep the parameters that say what is shown."""
    pairs = parse_qsl(query, keep_blank_values=True)
    return urlencode(
        [(k, v) for k, v in pairs if not _TRACKING.fullmatch(k) and not _AMP_PARAMETER.fullmatch(f"{k}={v}")]
    )


def page_url(url: str) -> str:
    """Name the page an address leads to: without a fragment, unless that is the route of a page of its own.

    Args:
        url: canonical address; may be empty.

    Returns:
        The address, without a fragment that only points into the page.
    """
    page, _, fragment = url.partition("#")
    return url if fragment.startswith(_ROUTES) else page


def item_id(*, feed: str, guid: str, url: str, title: str, day: date | None, is_shared: bool = False) -> str:
    """Name an item for ever: by guid within its feed, else by page, else by title and day.

    Args:
        feed: name of the feed; the same article in two feeds is two items of one story.
        guid: guid or Atom id as given; may be empty.
        url: canonical address; may be empty.
        title: cleaned headline.
        day: day the feed claims, UTC; None when it claims none.
        is_shared: whether the guid (or the page, where there is no guid) names several entries with titles of their
            own, so that the title becomes part of the name.

    Returns:
        32 hexadecimal digits.
    """
    key: tuple[str, ...]
    if not guid and not url:
        key = ("title", f"{title}\x1f{day or ''}")
    else:
        kind, name = ("guid", guid) if guid else ("url", page_url(url))
        key = (kind, name, "title", title) if is_shared else (kind, name)
    digest = hashlib.sha256("\x1f".join((feed, *key)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:32]


def fingerprint(text: str) -> str:
    """Reduce text to what makes it the same headline: folded case, words and numbers only.

    Used to split labelled data so that no headline stands on both sides.

    Args:
        text: any text.

    Returns:
        Words separated by single spaces; "" when there is no word.
    """
    folded = unicodedata.normalize("NFKC", clean_text(text)).casefold()
    return " ".join(_WORD.findall(folded))


def model_text(title: str, summary: str, *, use_summary: bool) -> str:
    """Join what the model reads of an item.

    Args:
        title: cleaned headline.
        summary: cleaned summary; may be empty.
        use_summary: whether the feed's summary is read too.

    Returns:
        The headline, or headline and summary as two sentences.
    """
    if not use_summary or not summary:
        return title
    if summary.startswith(title):
        return summary
    return f"{title.rstrip('.')}. {summary}"


def classifier_text(raw: str) -> str:
    """Bring any text to the form the classifier was trained on: cleaned, without bare addresses.

    Args:
        raw: a headline or post as found in a file.

    Returns:
        One plain line; "" when nothing but addresses was there.
    """
    return _SPACE.sub(" ", _ADDRESS.sub("", clean_text(raw))).strip()


def text_hash(raw: str) -> str:
    """Name what the classifier reads of a text: texts of one name have one score, and case makes another.

    Args:
        raw: a headline or post.

    Returns:
        24 hexadecimal digits.
    """
    return hashlib.sha256(classifier_text(raw).encode("utf-8", "surrogatepass")).hexdigest()[:24]
