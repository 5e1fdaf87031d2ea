"""Bytes to text: what a body really is written in, whatever its labels say.

Pure; standard library only. Invariant: the result can be encoded as UTF-8 and holds no character that XML
1.0 forbids, so that one bad byte does not turn a whole feed into a malformed one.
"""

from __future__ import annotations

import codecs
import contextlib
import re

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16: its mark begins with that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How "<?" or "<x" begins without a mark, in several bytes per character or in EBCDIC. Source: XML 1.0 appendix F.1.
_BEGINNINGS = (
    (re.compile(rb"<\0[?!a-zA-Z]\0"), "utf-16-le"),
    (re.compile(rb"\0<\0[?!a-zA-Z]"), "utf-16-be"),
    (re.compile(rb"<\0\0\0"), "utf-32-le"),
    (re.compile(rb"\0\0\0<"), "utf-32-be"),
)
_EBCDIC = "<?xml".encode("cp037")
_IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([\w.:+-]{1,40})", re.IGNORECASE)
_IN_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?\sencoding\s*=\s*[\"']([\w.:+-]{1,40})", re.IGNORECASE)
# What pages call one thing and mean another, the wider set. Source: WHATWG Encoding Standard, section 4.2.
_MEANT = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
_ONE_BYTE = re.compile(r"iso8859-|cp125\d|ascii|utf-8|koi8|mac-|$")
_BEYOND_CHANCE = 10
"""As many characters beyond ASCII are not valid UTF-8 by chance, in whatever charset of several bytes."""
_DECLARED_WITHIN = 1_000
_MAX_DIGITS = 8  # more are of no character: 10FFFF is 1114111
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));")


def decode_body(body: bytes, content_type: str) -> str:
    """Decode a feed.

    Order: a byte order mark; text that is UTF-8 beyond doubt; the charset of the header; that of the XML
    declaration; UTF-8; windows-1252. A character cut in half at the end is dropped, characters that XML
    forbids are removed and references to them replaced.

    Args:
        body: as it came, decompressed.
        content_type: header with its parameters; may be empty.

    Returns:
        The text, without a byte order mark.

    Source: RFC 7303 section 3 (mark before header before declaration); the exception for UTF-8 beyond doubt
    is ours: servers label UTF-8 as Latin-1 more often than Latin-1 happens to look like UTF-8.
    """
    text = _FORBIDDEN.sub("", _decode(body, content_type))
    return _REFERENCE.sub(_allowed_reference, text).lstrip("\ufeff \t\r\n")


def _decode(body: bytes, content_type: str) -> str:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for beginning, encoding in _BEGINNINGS:
        if beginning.match(body):
            return body.decode(encoding, "replace")
    if body.startswith(_EBCDIC):
        names = _declared(body.decode("cp037").encode(), "")
        return body.decode(names[0] if names else "cp037", "replace")
    names = _declared(body, content_type)
    text = codecs.getincrementaldecoder("utf-8")("replace").decode(body)
    n_bad, n_saved = text.count("\ufffd"), len(body) - len(text)  # each character beyond ASCII saves at least one byte
    n_expected = 1 if all(map(_ONE_BYTE.match, names)) else 2 * _BEYOND_CHANCE
    if n_saved >= n_expected + 10 * n_bad:
        return text
    for name in [*names, "utf-8"]:
        try:
            return body.decode(_MEANT.get(name, name))
        except (LookupError, UnicodeError):
            continue
    return body.decode("cp1252", "replace")


def _declared(body: bytes, content_type: str) -> list[str]:
    """List the charsets the header and the XML declaration name, under Python's names."""
    header = _IN_HEADER.search(content_type)
    declaration = _IN_DECLARATION.match(body[:_DECLARED_WITHIN].lstrip())
    raw = [header[1]] if header else []
    raw += [declaration[1].decode("ascii", "replace")] if declaration else []
    names = []
    for name in raw:
        with contextlib.suppress(LookupError):
            names.append(codecs.lookup(name).name)
    is_wide = b"\0" in body[:_DECLARED_WITHIN]
    return [name for name in names if is_wide or not name.startswith(("utf-16", "utf-32"))]


def _allowed_reference(match: re.Match[str]) -> str:
    """Replace a reference to what XML forbids (a lone surrogate, NUL) by one to U+FFFD."""
    digits = (match[1] or match[2]).lstrip("0")[:_MAX_DIGITS] or "0"
    number = int(digits, 16 if match[1] else 10)
    character_is_allowed = (
        number in (0x09, 0x0A, 0x0D)
        or 0x20 <= number <= 0xD7FF
        or 0xE000 <= number <= 0xFFFD
        or 0x10000 <= number <= 0x10FFFF
    )
    return match[0] if character_is_allowed else "&#xFFFD;"
