"""Templates to text. Every page is a full page; fragments are templates of their own that pages include."""

import gzip
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import segno
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from dashboard.words import say
from polls.joincode import spaced
from server.staticfiles import StaticUrl
from server.stencil import takes_gzip

HERE = Path(__file__).parent


class Renderer:
    """Renders the templates of server/templates; `static_url` gives a static file's address."""

    def __init__(self, static_url: StaticUrl) -> None:
        self._env = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._env.globals.update(say=say, static=static_url, spaced=spaced, qr_svg=qr_svg)

    def text(self, template: str, values: Mapping[str, Any]) -> str:
        """One template as text."""
        return self._env.get_template(template).render(values)

    def page(self, template: str, status: int = 200, **values: Any) -> HTMLResponse:
        """One template as a response that no cache may keep: pages show live state."""
        return HTMLResponse(
            self.text(template, values), status_code=status, headers={"cache-control": "no-store"}
        )

    def packed(self, accepted: str, template: str, **values: Any) -> Response:
        """The same, compressed when `accepted` (an Accept-Encoding header) allows it. For pages that hold
        no secret of their reader's: what is compressed tells something of itself by its length."""
        page = self.page(template, **values)
        page.headers["vary"] = "Accept-Encoding"
        if not takes_gzip(accepted):
            return page
        headers = {"cache-control": "no-store", "content-encoding": "gzip", "vary": "Accept-Encoding"}
        body = gzip.compress(page.body, compresslevel=5, mtime=0)
        return HTMLResponse(body, status_code=page.status_code, headers=headers)


def script_json(value: object) -> str:
    """JSON that may stand inside a script element: no character of it can end the element."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def qr_svg(url: str) -> Markup:
    """A QR code of an address as inline SVG without sizes or styles of its own (the stylesheet has them)."""
    svg = segno.make(url, error="m", micro=False).svg_inline(
        omitsize=True, svgclass="qr", lineclass=None, dark="#000", light="#fff", border=3
    )
    return Markup(svg)
