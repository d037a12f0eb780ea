"""A small picture: lines over sizes on a logarithmic axis, costs from zero, as an SVG of its own."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

WIDTH, HEIGHT, MARGIN, HEADING = 460, 320, 64, 56
COLOURS = ("#0b50d0", "#c2410c", "#0f766e")
STEPS = 4
ROUND_NUMBERS = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
TEXT = 'font-family="system-ui, sans-serif" fill="#1e2124"'


@dataclass(frozen=True)
class Panel:
    """One chart: named lines, a value for each size."""

    title: str
    sizes: Sequence[int]
    lines: Mapping[str, Sequence[float]]

    @property
    def top(self) -> float:
        """A little above all values, so that every step of the scale is a round number."""
        step = 1.15 / STEPS * max(value for values in self.lines.values() for value in values)
        unit = 10 ** math.floor(math.log10(step))
        return STEPS * unit * next(each for each in ROUND_NUMBERS if each * unit >= step)

    def x(self, size: int) -> float:
        """Where a size lies."""
        first, last = (math.log10(self.sizes[end]) for end in (0, -1))
        return MARGIN + (math.log10(size) - first) / ((last - first) or 1) * (WIDTH - 2 * MARGIN)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return HEIGHT - MARGIN - value / self.top * (HEIGHT - 2 * MARGIN)


def draw(path: Path, title: str, panels: Sequence[Panel]) -> None:
    """Write the panels side by side into one file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    width, height = WIDTH * len(panels), HEIGHT + HEADING
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">',
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        f'<text x="{MARGIN}" y="34" font-size="18" font-weight="600" {TEXT}>{escape(title)}</text>',
    ]
    for number, panel in enumerate(panels):
        parts.append(f'<g transform="translate({number * WIDTH}, {HEADING - 16})">')
        parts += [*_frame(panel), *_lines(panel), "</g>"]
    path.write_text("\n".join([*parts, "</svg>"]) + "\n", encoding="utf-8")


def _frame(panel: Panel) -> Iterator[str]:
    yield f'<text x="{MARGIN}" y="{MARGIN - 24}" font-size="13" {TEXT}>{escape(panel.title)}</text>'
    for step in range(STEPS + 1):
        value = panel.top * step / STEPS
        y = panel.y(value)
        yield f'<line x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{y:.1f}" y2="{y:.1f}" stroke="#d8d8d8"/>'
        yield f'<text x="{MARGIN - 8}" y="{y + 4:.1f}" font-size="11" text-anchor="end" {TEXT}>{value:g}</text>'
    for size in panel.sizes:
        where = f'x="{panel.x(size):.1f}" y="{HEIGHT - MARGIN + 18}"'
        yield f'<text {where} font-size="11" text-anchor="middle" {TEXT}>{size:,}</text>'
    where = f'x="{WIDTH / 2}" y="{HEIGHT - MARGIN + 36}"'
    yield f'<text {where} font-size="11" text-anchor="middle" {TEXT}>facts in the log</text>'


def _lines(panel: Panel) -> Iterator[str]:
    for number, (name, values) in enumerate(panel.lines.items()):
        colour = COLOURS[number % len(COLOURS)]
        points = [(panel.x(size), panel.y(value)) for size, value in zip(panel.sizes, values, strict=True)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
        for (x, y), value in zip(points, values, strict=True):
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'
            # The first value stands to the right of its point, or it would lie on the scale.
            anchor = "start" if x == points[0][0] else "middle"
            told = f'x="{x:.1f}" y="{y - 9:.1f}" font-size="11" text-anchor="{anchor}"'
            yield f'<text {told} font-family="system-ui, sans-serif" fill="{colour}">{value:.3g}</text>'
        where = f'x="{MARGIN + 8 + number * 150}" y="{MARGIN - 6}"'
        yield f'<text {where} font-size="11" font-family="system-ui, sans-serif" fill="{colour}">{escape(name)}</text>'
