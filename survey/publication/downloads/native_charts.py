"""Bar charts that PowerPoint can edit: intervals as error bars, every value in the chart's own workbook."""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_TICK_LABEL_POSITION
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Length, Pt
from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from survey.publication.downloads.slides import BarChart, Series, Value

LANGUAGE = "sv-SE"
SHEET = "Sheet1"  # the name that the references of python-pptx hold
SHARE_FORMAT, POINTS_FORMAT = "0 %", "+0;\u22120;0"
COLOURS = {  # light enough for the dark interval on the bar, dark enough for the white slide
    "now": "4F94C4",
    "before": "E3E8EC",
    "woman": "C8551B",
    "man": "2A8F8F",
    "change": "9AA5B1",
    "better": "4A93D6",
    "worse": "E0713C",
}
OUTLINE = RGBColor(0x52, 0x60, 0x6D)  # of the pale bars
INK = RGBColor(0x1D, 0x2A, 0x35)
Frame = tuple[Length, Length, Length, Length]


def add_chart(slide: Any, chart: BarChart, frame: Frame, alt: str, made: datetime) -> None:
    """Place a chart with its alternative text; the same chart gives the same bytes."""
    data = CategoryChartData(number_format=POINTS_FORMAT if chart.is_change else SHARE_FORMAT)
    data.categories = chart.labels
    for series in chart.series:
        data.add_series(series.name, [value[0] if value else None for value in series.values])
    shape = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED, *frame, data)
    shape._element._nvXxPr.cNvPr.set("descr", alt)
    native = shape.chart
    _dress(native, chart)
    for number, (series, plotted) in enumerate(zip(chart.series, native.plots[0].series, strict=True)):
        _colour(plotted, series)
        if chart.has_intervals:
            plotted._element.find(qn("c:cat")).addprevious(
                _error_bars(series.values, len(chart.series), number)
            )
    native.part.chart_workbook.update_from_xlsx_blob(_workbook(chart, made))
    _say_language(native)


def _dress(native: Any, chart: BarChart) -> None:
    native.has_title = False
    native.has_legend = len(chart.series) > 1
    if native.has_legend:
        native.legend.position, native.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    native.font.size, native.font.color.rgb = Pt(14), INK
    native.plots[0].gap_width, native.plots[0].overlap = 45, 0
    rows, values = native.category_axis, native.value_axis
    rows.reverse_order = True  # the first row on top
    rows.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    rows.format.line.color.rgb = RGBColor.from_string(COLOURS["change"])
    values.major_gridlines.format.line.color.rgb = RGBColor(0xE3, 0xE8, 0xEC)
    values.tick_labels.number_format = POINTS_FORMAT if chart.is_change else SHARE_FORMAT
    values.tick_labels.number_format_is_linked = False
    values.format.line.fill.background()
    values.minimum_scale, values.maximum_scale = chart.scale
    values._element.find(qn("c:crosses")).set("val", "max")  # the scale below the last row


def _colour(plotted: Any, series: Series) -> None:
    plotted.invert_if_negative = False
    _fill(plotted, COLOURS[series.kind])
    if series.kind == "before":
        plotted.format.line.color.rgb = OUTLINE
    for at, tone in enumerate(series.tones):
        if tone:
            _fill(plotted.points[at], COLOURS[tone])


def _fill(part: Any, colour: str) -> None:
    part.format.fill.solid()
    part.format.fill.fore_color.rgb = RGBColor.from_string(colour)


def _error_bars(values: Sequence[Value], series: int, number: int) -> Any:
    """The interval as lengths to both sides, which lie in the workbook right of the figures."""
    sides = "".join(
        f"<c:{name}><c:numRef><c:f>{_cells(1 + series + 2 * number + side, len(values))}</c:f>"
        f'<c:numCache><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>'
        f"{_points(values, side)}</c:numCache></c:numRef></c:{name}>"
        for side, name in enumerate(("plus", "minus"))
    )
    return parse_xml(
        f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/>'
        f'<c:noEndCap val="0"/>{sides}<c:spPr><a:ln w="12700"><a:solidFill><a:srgbClr val="{INK}"/>'
        "</a:solidFill></a:ln></c:spPr></c:errBars>"
    )


def _points(values: Sequence[Value], side: int) -> str:
    return "".join(
        f'<c:pt idx="{at}"><c:v>{_reach(value)[side]!r}</c:v></c:pt>'
        for at, value in enumerate(values)
        if value
    )


def _reach(value: tuple[float, float, float]) -> tuple[float, float]:
    """How far the interval goes above and below the figure."""
    middle, lower, upper = value
    return round(upper - middle, 10), round(middle - lower, 10)


def _workbook(chart: BarChart, made: datetime) -> bytes:
    """What PowerPoint opens by "edit data": labels, figures, then the reach of each interval."""
    target = BytesIO()
    book = Workbook(target, {"in_memory": True})
    book.set_properties({"created": made})
    page = book.add_worksheet(SHEET)
    shown = book.add_format({"num_format": POINTS_FORMAT if chart.is_change else SHARE_FORMAT})
    page.set_column(0, 0, 50)
    for row, label in enumerate(chart.labels, start=1):
        page.write_string(row, 0, label)
    for number, series in enumerate(chart.series):
        page.write_string(0, 1 + number, series.name)
        first = 1 + len(chart.series) + 2 * number
        if chart.has_intervals:
            page.write_string(0, first, f"{series.name}, till övre gräns")
            page.write_string(0, first + 1, f"{series.name}, till nedre gräns")
        for row, value in enumerate(series.values, start=1):
            if value is None:
                continue
            page.write_number(row, 1 + number, value[0], shown)
            if chart.has_intervals:
                above, below = _reach(value)
                page.write_number(row, first, above, shown)
                page.write_number(row, first + 1, below, shown)
    book.close()
    return target.getvalue()


def _cells(column: int, rows: int) -> str:
    """The cells below the header, as a reference."""
    letter = xl_col_to_name(column)
    return f"{SHEET}!${letter}$2:${letter}${rows + 1}"


def _say_language(native: Any) -> None:
    space = native._chartSpace
    said = parse_xml(f'<c:lang {nsdecls("c")} val="{LANGUAGE}"/>')
    first = space.find(qn("c:date1904"))
    if first is None:
        space.insert(0, said)
    else:
        first.addnext(said)
    for look in space.iter(qn("a:defRPr")):
        look.set("lang", LANGUAGE)
