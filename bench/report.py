"""Tables and the plot of what was measured."""
from __future__ import division, print_function

import csv
import json
import os
from collections import OrderedDict

__all__ = ['PEER', 'median', 'rows', 'table', 'write']

#: the kind that is not ours
PEER = 'jax'


def median(values):
    values = sorted(values)
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else \
        (values[middle - 1] + values[middle]) / 2


def _spread(values):
    """Half the range that the middle half of the values covers."""
    values = sorted(values)
    n = len(values)
    return (values[(3 * n) // 4 if n > 3 else -1] - values[n // 4
            if n > 3 else 0]) / 2


def rows(found):
    """One dict for each size, change, kind and number of threads.

    Medians over the rounds.  Epochs are in seconds of the processor, where
    there are several threads in seconds of the clock, as starts are.
    """
    groups = OrderedDict()
    for one in found:
        key = (one['size'], json.dumps(one['changes']), one['kind'],
               one.get('threads', 1))
        groups.setdefault(key, []).append(one)
    base = {}
    table = []
    for (size, changes, kind, threads), ones in groups.items():
        warm = [o for o in ones if o['start'] == 'warm']
        cold = [o for o in ones if o['start'] == 'cold']
        if not warm:
            continue
        epochs = [s for o in warm for s in o[
            'epoch_processor_seconds' if threads == 1 else 'epoch_seconds']]
        step = median(epochs) / warm[0]['steps']
        base.setdefault((size, changes), median(epochs))
        floor = [o['products_seconds'] for o in warm
                 if o['products_seconds'] is not None]
        table.append(OrderedDict([
            ('size', size), ('changes', changes), ('kind', kind),
            ('threads', threads),
            ('epoch', median(epochs)), ('spread', _spread(epochs)),
            ('step', step),
            ('times_faster', base[size, changes] / median(epochs)),
            ('products', median(floor) if floor else None),
            ('of_products', step / median(floor) if floor else None),
            ('warm_start', median([o['first_update_seconds'] for o in warm])
             if kind != PEER else None),
            ('cold_start', median([o['first_update_seconds'] for o in cold])
             if cold else None),
            ('peak_mb', max(o['peak_mb'] for o in warm)),
            ('parameters_sha256', warm[0]['parameters_sha256'][:16])]))
    return table


def table(found):
    """Markdown."""
    lines = ['| size | | threads | epoch, ms | spread | times faster | '
             'step, ms | products alone, ms | first update, warm, s | '
             'cold, s | MB | SHA-256 |',
             '|---|---|---|---|---|---|---|---|---|---|---|---|']

    def shown(value, form):
        return '' if value is None else form % value

    for row in rows(found):
        changes = json.loads(row['changes'])
        size = row['size'] + ''.join(', %s %s' % item
                                     for item in changes.items())
        lines.append('| %s |' % ' | '.join([
            size, row['kind'], str(row['threads']),
            '%.4g' % (1e3 * row['epoch']),
            '%.2g' % (1e3 * row['spread']), '%.2f' % row['times_faster'],
            '%.4g' % (1e3 * row['step']),
            shown(row['products'] and 1e3 * row['products'], '%.4g'),
            shown(row['warm_start'], '%.1f'), shown(row['cold_start'], '%.0f'),
            '%.0f' % row['peak_mb'], row['parameters_sha256']]))
    return '\n'.join(lines)


def write(folder, found, arguments):
    """times.json, times.csv, table.md, steps.png, growth.png if any grows."""
    with open(os.path.join(folder, 'times.json'), 'w') as f:
        json.dump({'command': ['python', '-m', 'bench'] + list(arguments),
                   'measured': found}, f, indent=1, sort_keys=True)
    lines = rows(found)
    if lines:
        with open(os.path.join(folder, 'times.csv'), 'w') as f:
            out = csv.DictWriter(f, list(lines[0]))
            out.writeheader()
            out.writerows(lines)
    with open(os.path.join(folder, 'table.md'), 'w') as f:
        f.write(table(found) + '\n')
    _plot(folder, lines)
    _steps(folder, lines)


#: by kind: tells them apart without colour, too
_STYLES = {'published': ('k', 'o', '-'), 'nodes': ('0.4', 's', '-'),
           'exact': ('#1f5fa8', '^', '--'), 'fast': ('#c04a1a', 'v', ':'),
           PEER: ('#5a9a3c', 'd', '-.')}


def _steps(folder, lines):
    """steps.png: a step of each size and kind, by threads."""
    lines = [row for row in lines if row['changes'] == '{}']
    if len(lines) < 2:
        return
    plt = _pyplot()
    sizes = list(OrderedDict.fromkeys(row['size'] for row in lines))
    figure, axes = plt.subplots(1, len(sizes), squeeze=False,
                                figsize=(3.4 * len(sizes), 3.4))
    for plot, size in zip(axes[0], sizes):
        ones = [row for row in lines if row['size'] == size]
        for place, row in enumerate(ones):
            colour, marker, _ = _STYLES[row['kind']]
            step = 1e3 * row['step']
            plot.plot([place], [step], marker, color=colour, markersize=8)
            digits = 2 if step < 10 else 1 if step < 100 else 0
            plot.text(place, step * 1.12, '%.*f' % (digits, step),
                      ha='center', va='bottom')
            if row['products'] is not None:
                plot.plot([place - .35, place + .35],
                          [1e3 * row['products']] * 2, '0.6', zorder=0)
        plot.set_yscale('log')
        low, high = plot.get_ylim()
        plot.set_ylim(low / 1.3, high * 1.6)
        plot.set_xlim(-.7, len(ones) - .3)
        plot.set_title(size)
        plot.set_xticks(range(len(ones)))
        plot.set_xticklabels(['%s%s' % (row['kind'], '' if row['threads'] ==
                                        1 else ', %d' % row['threads'])
                              for row in ones], rotation=60, ha='right')
    axes[0, 0].set_ylabel('step, ms (line: numpy\'s products alone)')
    figure.tight_layout()
    figure.savefig(os.path.join(folder, 'steps.png'), dpi=120)
    plt.close(figure)


def _pyplot():
    import matplotlib
    matplotlib.use('Agg')
    from matplotlib import pyplot
    return pyplot


def _plot(folder, lines):
    growing = OrderedDict()
    for row in lines:
        changes = json.loads(row['changes'])
        if len(changes) == 1:
            direction, value = list(changes.items())[0]
            growing.setdefault(direction, OrderedDict()).setdefault(
                row['kind'], []).append((value, row))
    if not growing:
        return
    plt = _pyplot()
    figure, axes = plt.subplots(2, len(growing), squeeze=False,
                                figsize=(3.4 * len(growing), 5.6))
    labels = {'features': 'features', 'batch': 'rows of a minibatch',
              'rows': 'rows of the data'}
    for column, (direction, kinds) in enumerate(growing.items()):
        # an epoch of more rows is longer; of a larger minibatch it may not be
        time = 'epoch' if direction == 'rows' else 'step'
        above, below = axes[:, column]
        for kind, points in kinds.items():
            colour, marker, line = _STYLES[kind]
            at = [n for n, _ in points]
            above.loglog(at, [row[time] for _, row in points], line,
                         color=colour, marker=marker, label=kind)
            below.semilogx(at, [row['peak_mb'] for _, row in points], line,
                           color=colour, marker=marker)
        first, last = at[0], at[-1]
        slowest = max(points[0][1][time] for points in kinds.values())
        above.loglog([first, last], [slowest, slowest * last / first], '-',
                     color='0.8', zorder=0, label='linear')
        above.set_ylabel('%s, s' % time)
        below.set_ylim(bottom=0)
        below.set_ylabel('peak memory, MB')
        below.set_xlabel(labels[direction])
    axes[0, 0].legend(loc='upper left', fontsize=8)
    figure.tight_layout()
    figure.savefig(os.path.join(folder, 'growth.png'), dpi=120)
    plt.close(figure)
