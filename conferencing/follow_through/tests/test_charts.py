"""Small pictures: their geometry, and that a page can show them."""

import xml.etree.ElementTree as ET

from django.template.loader import render_to_string

from conferencing.follow_through import charts
from conferencing.follow_through.charts import Piece

SERIES = [("Not due", "first"), ("Overdue", "second")]


def picture(template, **context):
    """The template's SVG, parsed: it must be well-formed, and hold no style of its own."""
    text = render_to_string(f"components/{template}.html", context)
    assert "style=" not in text
    return ET.fromstring(text[text.index('<svg class="cc-') : text.rindex("</svg>") + 6])  # noqa: S314 (our own)


def test_bars_lie_one_below_the_other_to_one_scale():
    chart = charts.bars([("Bridge", [3, 1]), ("Cedar", [0, 2])], SERIES)
    first, second = chart.bars
    assert first.pieces == (
        Piece("0.00%", "64.50%", "first"),
        Piece("64.50%", "21.50%", "second"),
    )
    assert second.pieces == (Piece("0.00%", "43.00%", "second"),)
    assert [(bar.label, bar.total, bar.y) for bar in chart.bars] == [
        ("Bridge", 4, 22),
        ("Cedar", 2, 66),
    ]
    assert chart.height == 88


def test_bars_shorten_what_is_too_long_to_be_read():
    (bar,) = charts.bars([("x" * 60, [1, 0])], SERIES).bars
    assert bar.label == "x" * 39 + "…"


def test_rate_line_leaves_the_place_of_a_month_without_a_rate_empty():
    chart = charts.rate_line([("Jan", 0), ("Feb", None), ("Mar", 100)])
    first, last = chart.points
    assert [(each.x, each.y, each.words) for each in chart.points] == [
        ("26.17%", 142, "0%"),
        ("82.83%", 22, "100%"),
    ]
    assert chart.lines == ((first, last),)
    assert [label for _x, label in chart.labels] == ["Jan", "Feb", "Mar"]
    assert chart.scale == (("0%", 142), ("50%", 82), ("100%", 22))


def test_rate_line_writes_below_a_valley_where_there_is_room():
    def below(*rates):
        points = charts.rate_line([("Jan", rate) for rate in rates]).points
        return [each.words_y > each.y for each in points]

    assert below(90, 70, 92) == [False, True, False]
    assert below(90, None, 70, 92) == [False, True, False]
    assert below(90, 5, 92) == [False, False, False]
    assert below(70, 70) == [False, False]


def test_columns_and_sparks_stand_to_the_highest():
    chart = charts.columns([("Jan", 0), ("Feb", 4), ("Mar", 2)])
    assert [(each.height, each.y, each.is_named) for each in chart.points] == [
        (0, 142, False),
        (120, 22, True),
        (60, 82, True),
    ]
    assert [each.height for each in charts.spark([0, 1, 2]).points] == [0, 13, 26]


def test_pictures_of_nothing_are_pictures():
    assert charts.bars([], SERIES).bars == ()
    assert charts.rate_line([]).points == ()
    assert charts.columns([("Jan", 0)]).points[0].height == 0
    assert charts.spark([]).points == ()


def test_pictures_say_what_they_show_and_escape_what_they_are_given():
    named = {"key": "k", "title": "Steps <b>", "text": "4 open & 2 overdue"}
    label = "Bridge & <script>"
    for template, chart in [
        ("chart_bars", charts.bars([(label, [3, 1])], SERIES)),
        ("chart_plot", charts.columns([(label, 3)])),
        ("chart_plot", charts.rate_line([(label, 50), ("Feb", 70)])),
    ]:
        svg = picture(template, chart=chart, **named)
        assert svg.get("role") == "img"
        title, text = svg[0], svg[1]
        assert svg.get("aria-labelledby").split() == [title.get("id"), text.get("id")]
        assert (title.text, text.text) == ("Steps <b>", "4 open & 2 overdue")
        assert label in [each.text for each in svg.iter() if each.tag.endswith("text")]
    spark = picture("chart_spark", chart=charts.spark([1, 2]), text="3 reviews")
    assert (spark.get("role"), spark.get("aria-label")) == ("img", "3 reviews")
