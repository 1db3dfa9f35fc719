"""Draw docs/rooms.svg: the package's rooms, and which imports which.

    python tools/draw_rooms.py >docs/rooms.svg          # make map

Reads every import in untapped/ with ast, those inside functions too.  An
arrow that follows from others is left out: if a imports b and b imports c,
then a -> c is not drawn.  An arrow that runs up is drawn in red.

Needs the standard library only, under Python 2.7 or 3.
"""
from __future__ import division, print_function, unicode_literals

import ast
import io
import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PACKAGE = 'untapped'

#: The files at the root that keep the published package's names.
NAMES = 'published names'
#: room -> (middle across, row from the top, what it is)
ROOMS = {
    'verify': (400, 0, 'against published code'),
    'archive': (200, 1, 'bags; runs repeated'),
    'experiments': (200, 2, 'options, stages, seeds'),
    NAMES: (585, 2, 'S2S_DGM, M12, utilities'),
    'studies': (270, 3, 'CRISM, LIBS, MNIST'),
    'report': (220, 4, 'tables, figures, page'),
    'model': (640, 4, 'the paper'),
    'cluster': (80, 5, 'dask'),
    'runs': (240, 5, "a run's folder"),
    'datasets': (400, 5, 'readers, simulators'),
    'compiled': (560, 5, 'a step as C++'),
    'machine': (320, 6, 'terminal, processes'),
    'files': (320, 7, 'read and written'),
    'pins': (80, 8, 'what decides the bits'),
    'errors': (320, 8, 'that a user meets'),
    'parmesan': (700, 6, 'densities, flows'),
}
WIDTH, ROW, BOX, HEIGHT = 800, 66, 148, 40
TOP = 26


class Unknown(Exception):
    """A part of the package that has no place in ROOMS."""


def room_of(part):
    """The box of untapped.<part>: a folder, a file or a name."""
    if part in ROOMS:
        return part
    if os.path.isdir(os.path.join(ROOT, PACKAGE, part)):
        raise Unknown('untapped/%s: expected a place in ROOMS' % part)
    return NAMES


def sources():
    """(path, its parts below the package) of every module, in order."""
    for folder, below, files in os.walk(os.path.join(ROOT, PACKAGE)):
        below.sort()
        for name in sorted(files):
            if name.endswith('.py'):
                path = os.path.join(folder, name)
                inside = os.path.relpath(path, os.path.join(ROOT, PACKAGE))
                yield path, inside[:-len('.py')].split(os.sep)


def imported(tree, parts):
    """Full names of all that a module imports, as untapped.room.module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name
        elif isinstance(node, ast.ImportFrom):
            base = [PACKAGE] + parts[:len(parts) - node.level] \
                if node.level else []
            base += [node.module] if node.module else []
            for alias in node.names:
                yield '.'.join(base + [alias.name])


def arrows():
    """Set of (room, room that it imports)."""
    found = set()
    for path, parts in sources():
        with io.open(path, 'rb') as source:
            tree = ast.parse(source.read(), path)
        room = room_of(parts[0])
        for name in imported(tree, parts):
            words = name.split('.')
            # everybody may read the version
            if words[0] == PACKAGE and len(words) > 1 and \
                    words[1] != '__version__':
                found.add((room, room_of(words[1])))
    return set((a, b) for a, b in found if a != b)


def runs_down(arrow):
    """Whether an arrow goes to a lower row."""
    return ROOMS[arrow[0]][1] < ROOMS[arrow[1]][1]


def needed(found):
    """The arrows that do not follow from others, all of those that run up."""
    down = set(arrow for arrow in found if runs_down(arrow))

    def reach(start):
        """Rooms below start, by any way down."""
        below = set()
        for a, b in down:
            if a == start:
                below |= {b} | reach(b)
        return below

    return sorted(
        (a, b) for a, b in found if (a, b) not in down or not any(
            b in reach(other) for first, other in down
            if first == a and other != b))


def edge(middle, towards):
    """Where the line from a box's middle to another's leaves the box."""
    (x, y), (to_x, to_y) = middle, towards
    across, down = to_x - x, to_y - y
    share = min((BOX / 2) / abs(across) if across else 9,
                (HEIGHT / 2) / abs(down) if down else 9)
    return x + share * across, y + share * down


def middle(room):
    x, row, _ = ROOMS[room]
    return x, TOP + row * ROW


def svg(found):
    """The picture, as text."""
    height = TOP + ROW * max(row for _, row, _ in ROOMS.values()) + 62
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" '
        'viewBox="0 0 %d %d" font-family="DejaVu Sans, Verdana, sans-serif" '
        'text-anchor="middle">' % (WIDTH, height, WIDTH, height),
        '<title>The rooms of untapped and what they import</title>',
        '<defs>',
    ]
    for name, colour in (('down', '#667'), ('up', '#c00')):
        lines.append(
            '<marker id="%s" viewBox="0 0 8 8" refX="8" refY="4" '
            'markerWidth="8" markerHeight="8" orient="auto">'
            '<path d="M0 0 8 4 0 8Z" fill="%s"/></marker>' % (name, colour))
    lines += ['</defs>',
              '<rect width="%d" height="%d" fill="#fff"/>' % (WIDTH, height)]
    for arrow in needed(found):
        a, b = middle(arrow[0]), middle(arrow[1])
        start, end = edge(a, b), edge(b, a)
        way, colour = ('down', '#667') if runs_down(arrow) else ('up', '#c00')
        lines.append(
            '<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" '
            'stroke-width="1.4" marker-end="url(#%s)"><title>%s imports %s'
            '</title></line>' % (start + end + (colour, way) + arrow))
    for room in sorted(ROOMS):
        x, y = middle(room)
        lines += [
            '<rect x="%g" y="%g" width="%d" height="%d" rx="4" '
            'fill="#eef3fa" stroke="#557"/>' % (
                x - BOX / 2, y - HEIGHT / 2, BOX, HEIGHT),
            '<text x="%g" y="%g" font-size="14" font-weight="bold">%s'
            '</text>' % (x, y - 3, room),
            '<text x="%g" y="%g" font-size="11" fill="#333">%s</text>' % (
                x, y + 13, ROOMS[room][2])]
    told = 'An arrow: imports.  One that follows from others is not drawn.'
    if not all(map(runs_down, found)):
        told += '  Red: upwards, against the rule.'
    lines += ['<text x="%g" y="%g" font-size="12" fill="#333">%s</text>'
              % (WIDTH / 2, height - 12, told), '</svg>', '']
    return '\n'.join(lines)


def main():
    try:
        drawn = svg(arrows())
    except Unknown as error:
        sys.stderr.write('draw_rooms: %s\n' % error)
        return 2
    sys.stdout.write(drawn if sys.version_info[0] > 2
                     else drawn.encode('utf8'))


if __name__ == '__main__':
    sys.exit(main())
