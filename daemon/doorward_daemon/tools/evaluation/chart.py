"""Charts as inline SVG: no script, no picture, colours by class so that the page's light and dark apply."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape

from doorward_daemon.tools.evaluation.axis import Axis

_WIDTH, _HEIGHT = 560, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 64, 28, 14, 48


@dataclass(frozen=True, slots=True)
class Line:
    """A curve."""

    name: str
    """For the legend."""
    points: Sequence[tuple[float, float]]
    """x and y, x rising."""
    colour: str
    """Class of its colour: a, b or c."""
    spread: Sequence[tuple[float, float, float]] = ()
    """x, lower and upper end of its interval."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A histogram."""

    name: str
    """For the legend."""
    counts: Sequence[int]
    """Per bin, of equal width over the whole x axis."""
    colour: str
    """Class of its colour."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A value that is pointed at."""

    x: float
    """The value."""
    text: str
    """What it is."""


def line_chart(summary: str, x: Axis, y: Axis, lines: Sequence[Line], marks: Sequence[Mark] = ()) -> str:
    """Curves over an axis.

    Args:
        summary: what it shows, for who cannot see it.
        x: the horizontal axis.
        y: the vertical axis.
        lines: the curves.
        marks: values pointed at on the horizontal axis.
    """
    place = _placer(x, y)
    parts = [_frame(x, y), *_marks(x, marks)]
    for line in lines:
        if line.spread:
            there = [place(at, high) for at, _, high in line.spread]
            back = [place(at, low) for at, low, _ in reversed(line.spread)]
            parts.append(f'<polygon class="spread {line.colour}" points="{_path([*there, *back])}"/>')
    for line in lines:
        points = _path([place(*point) for point in line.points])
        parts.append(f'<polyline class="line {line.colour}" points="{points}"/>')
    return _figure(summary, parts, [(line.name, line.colour) for line in lines])


def histogram_chart(summary: str, x: Axis, layers: Sequence[Layer], marks: Sequence[Mark] = ()) -> str:
    """Histograms over each other, each scaled to its own highest bin's share.

    Args:
        summary: what it shows.
        x: the axis the bins divide.
        layers: the histograms; empty ones are left out.
        marks: values pointed at.
    """
    filled = [(layer, [count / sum(layer.counts) for count in layer.counts]) for layer in layers if sum(layer.counts)]
    tallest = max((max(shares) for _, shares in filled), default=1.0)
    y = Axis("share of each group per bin", 0.0, 1.05 * tallest, is_share=True)
    place, parts = _placer(x, y), [_frame(x, y)]
    for layer, shares in filled:
        width = (x.high - x.low) / len(shares)
        outline = [(x.low, 0.0)]
        for number, share in enumerate(shares):
            outline += [(x.low + number * width, share), (x.low + (number + 1) * width, share)]
        points = _path([place(*point) for point in [*outline, (x.high, 0.0)]])
        parts.append(f'<polygon class="area {layer.colour}" points="{points}"/>')
    names = [(f"{layer.name} ({sum(layer.counts)})", layer.colour) for layer, _ in filled]
    return _figure(summary, [*parts, *_marks(x, marks)], names)


def share_bars(summary: str, rows: Sequence[tuple[str, Sequence[tuple[str, float]]]]) -> str:
    """Rows of bars that each fill the width with shares.

    Args:
        summary: what it shows.
        rows: label of each, and its shares with the class of their colour, which is also their name.
    """
    height, gap, label_px = 30, 14, 150
    total = len(rows) * (height + gap)
    parts = []
    for number, (label, shares) in enumerate(rows):
        top, left = number * (height + gap), float(label_px)
        parts.append(f'<text class="label" x="0" y="{top + height / 2 + 5}">{escape(label)}</text>')
        for name, share in shares:
            width = share * (_WIDTH + 200 - label_px)
            if width <= 0.0:
                continue
            parts.append(f'<rect class="bar {name}" x="{left:.1f}" y="{top}" width="{width:.1f}" height="{height}"/>')
            if width > 44:
                middle = left + width / 2
                parts.append(
                    f'<text class="inside" x="{middle:.1f}" y="{top + height / 2 + 5}">{100 * share:.1f} %</text>'
                )
            left += width
    names = list(dict.fromkeys(name for _, shares in rows for name, _ in shares))
    return _svg(summary, parts, _WIDTH + 200, max(1, total), [(name, name) for name in names])


def _placer(x: Axis, y: Axis) -> Callable[[float, float], tuple[float, float]]:
    width, height = _WIDTH - _LEFT - _RIGHT, _HEIGHT - _TOP - _BOTTOM
    return lambda at, value: (_LEFT + width * x.place(at), _TOP + height * (1.0 - y.place(value)))


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{left:.1f},{top:.1f}" for left, top in points)


def _frame(x: Axis, y: Axis) -> str:
    place, parts = _placer(x, y), []
    bottom, right = _HEIGHT - _BOTTOM, _WIDTH - _RIGHT
    for value, text in y.ticks():
        _, top = place(x.low, value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{right}" y1="{top:.1f}" y2="{top:.1f}"/>')
        parts.append(f'<text class="tick end" x="{_LEFT - 8}" y="{top + 4:.1f}">{text}</text>')
    for value, text in x.ticks():
        left, _ = place(value, y.low)
        parts.append(f'<line class="grid" x1="{left:.1f}" x2="{left:.1f}" y1="{_TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="tick middle" x="{left:.1f}" y="{bottom + 17}">{text}</text>')
    middle_x, middle_y = (_LEFT + right) / 2, (_TOP + bottom) / 2
    parts.append(f'<text class="axis middle" x="{middle_x}" y="{_HEIGHT - 8}">{escape(x.label)}</text>')
    turned = f"rotate(-90 14 {middle_y})"
    parts.append(f'<text class="axis middle" x="14" y="{middle_y}" transform="{turned}">{escape(y.label)}</text>')
    return "".join(parts)


def _marks(x: Axis, marks: Sequence[Mark]) -> list[str]:
    width, parts = _WIDTH - _LEFT - _RIGHT, []
    for number, mark in enumerate(marks):
        share = x.place(mark.x)
        left, top = _LEFT + width * share, _TOP + 12 + 14 * number
        side, shift = ("end", -5) if share > 0.6 else ("start", 5)
        parts.append(f'<line class="mark" x1="{left:.1f}" x2="{left:.1f}" y1="{_TOP}" y2="{_HEIGHT - _BOTTOM}"/>')
        parts.append(f'<text class="note {side}" x="{left + shift:.1f}" y="{top}">{escape(mark.text)}</text>')
    return parts


def _figure(summary: str, parts: Sequence[str], legend: Sequence[tuple[str, str]]) -> str:
    return _svg(summary, parts, _WIDTH, _HEIGHT, legend)


def _svg(summary: str, parts: Sequence[str], width: int, height: int, legend: Sequence[tuple[str, str]]) -> str:
    keys = "".join(f'<span class="key {colour}">{escape(name)}</span>' for name, colour in legend)
    drawn = f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="{escape(summary)}">{"".join(parts)}</svg>'
    return f'<figure><div class="legend">{keys}</div>{drawn}</figure>'
