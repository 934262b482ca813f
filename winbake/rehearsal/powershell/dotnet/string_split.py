"""String.Split: which pieces a text falls into."""

from __future__ import annotations

from collections.abc import Iterator, Sequence


def split_at(text: str, separators: Sequence[str], count: int | None, omit_empty: bool) -> list[str]:
    """The pieces between separators (at each place the first that fits), `count` at most; the last takes the rest.

    With `omit_empty` empty pieces are left out and not counted.
    """
    if count == 0 or (omit_empty and not text):
        return []
    if count == 1:
        return [text]
    pieces: list[str] = []
    found = list(_places(text, separators))
    start = 0
    for index, (place, length) in enumerate(found):
        if not omit_empty or place > start:
            pieces.append(text[start:place])
        start = place + length
        if count is not None and len(pieces) == count - 1:
            if omit_empty:
                start = _behind_adjacent(found[index + 1 :], start)
            break
    if not omit_empty or start < len(text):
        pieces.append(text[start:])
    return pieces


def _places(text: str, separators: Sequence[str]) -> Iterator[tuple[int, int]]:
    """(position, length) of every separator, from left to right, not overlapping."""
    if all(len(separator) == 1 for separator in separators):
        single = frozenset(separators)
        yield from ((index, 1) for index, character in enumerate(text) if character in single)
        return
    position = 0
    while position < len(text):
        hit = next((one for one in separators if text.startswith(one, position)), None)
        if hit is None:
            position += 1
        else:
            yield position, len(hit)
            position += len(hit)


def _behind_adjacent(places: Sequence[tuple[int, int]], start: int) -> int:
    for place, length in places:
        if place != start:
            break
        start += length
    return start
