"""Chart labels drawn as whole strings: WeasyPrint 70 places every character of SVG text by itself, twice."""

from typing import Any

import weasyprint.svg
from weasyprint.css.properties import INITIAL_VALUES
from weasyprint.draw.text import draw_first_line
from weasyprint.matrix import Matrix
from weasyprint.svg.text import Style, TextBox
from weasyprint.svg.utils import size
from weasyprint.text.line_break import create_layout, line_size

WEIGHTS = {"normal": 400, "bold": 700}
SHIFTS = {"start": 0.0, "middle": 0.5, "end": 1.0}


def draw_labels_whole() -> None:
    """Use our drawing of plain text from now on; the one of WeasyPrint never sees it again."""
    weasyprint.svg.TAGS["text"] = draw_label


def draw_label(svg: Any, node: Any, font_size: float) -> None:
    """Draw one text at one point; charts use no tspan, rotation or letter spacing."""
    if not node.text:
        return
    style = _style(svg, node, font_size)
    layout = create_layout(node.text, style, svg.context, None, 0)
    width, _ = line_size(layout.get_first_line()[0], style)
    x = size(node.get("x", "0"), font_size, svg.inner_width)
    y = size(node.get("y", "0"), font_size, svg.inner_height)
    x -= width * SHIFTS[node.get("text-anchor", "start")]
    svg.stream.push_state()
    fill, stroke = svg.set_graphical_state(node, font_size)
    svg.stream.begin_text()
    svg.fill_stroke(fill, stroke, text=True)
    draw_first_line(svg.stream, TextBox(layout, style), "none", "none", Matrix(d=-1, e=x, f=y))
    svg.stream.end_text()
    svg.stream.pop_state()


def _style(svg: Any, node: Any, font_size: float) -> Any:
    style = Style()
    style.update(INITIAL_VALUES)
    style.font_config = svg.font_config
    style["font_family"] = [name.strip("\"' ") for name in node.get("font-family", "sans-serif").split(",")]
    style["font_size"] = font_size
    weight = node.get("font-weight", "normal")
    style["font_weight"] = WEIGHTS.get(weight) or int(weight)
    if not any(map(str.isalpha, node.text)):
        style["font_variant_numeric"] = ("tabular-nums",)  # figures line up; in words hyphens would be wide
    return style
