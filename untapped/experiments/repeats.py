"""The same experiment over data seeds, seeds and splits, side by side.

Each repetition is a whole run in a process of its own, here or on a cluster
(`side_by_side`).  This process waits, reads their metrics.json and reports
mean, spread and paired tests (`studies.over_runs`).
"""
from __future__ import division, print_function

import copy
import os
from collections import OrderedDict

import numpy as np

from untapped import datasets
from untapped.errors import DIVERGED, SavingError, UserError
from untapped.experiments import ablations, options as command_line
from untapped.experiments.about import about, caveats
from untapped.experiments.side_by_side import Cluster, Processes
from untapped.experiments.summary import head
from untapped.experiments.stages import STUDIES
from untapped.files import npz, texts
from untapped.machine.signals import Stopped
from untapped.report import html, page, tables
from untapped.report.content import Drawing, Section
from untapped.runs import config, manifest as manifests
from untapped.runs.run_folder import RunFolder
from untapped.studies import over_runs, over_variants
from untapped.studies.comparisons import Unit, plain
from untapped.studies.quantities import methods

__all__ = ['wanted', 'run', 'units']


def wanted(options):
    """Whether more than one run was asked for."""
    return command_line.runs(options) > 1


def units(options):
    """The `Unit` of each run.

    Each data seed has seeds of its own, and each seed all splits.
    """
    made = []
    for index in range(options.data_seeds * options.seeds):
        data_seed = options.data_seed + index // options.seeds
        seed = options.seed + index
        name = 'seed-%d' % seed
        if options.data_seeds > 1:
            name = 'data-%d-%s' % (data_seed, name)
        for split in command_line.splits(options):
            made.append(Unit(
                name + ('-split-%02d' % split
                        if options.experiment in ('libs', 'spectra') else ''),
                data_seed, seed, options.sample_seed + index, split))
    return made


def run(options, raw, folder, output, interrupts):
    """Run all, report; returns the exit status.

    `folder` is that of such a run that goes on, or None: what has ended in
    it is not run again, what was killed goes on.
    """
    raw = _named(options, raw)
    # A cluster that does not answer leaves no folder behind.
    kind = Processes if options.dask is None else Cluster
    side_by_side = kind(options, raw, output, interrupts)
    todo = units(options)
    if options.ablation is not None:
        todo = ablations.units(options, todo)
    resumed = folder is not None
    if not resumed:
        folder = RunFolder(options.out, options.experiment, options.name)
    try:
        try:
            manifest = manifests.Manifest(folder, config.of_repeats(
                options, raw, [unit.name for unit in todo]), raw)
            stated = options.ablation and ablations.recorded(options)
            if stated:
                manifest.config['ablation'] = stated
            manifest.begin_or_resume(resumed, output)
            if stated:
                output.line('%s. Expected: %s' % (
                    stated['title'], stated['expectation']), always=True)
            statuses = side_by_side.run(todo, folder,
                                        manifest.content['ran_on'])
        finally:
            side_by_side.close()
        _finish(options, raw, folder, todo, statuses, manifest, output)
    except SavingError:
        raise
    except BaseException as error:
        if not resumed and not os.path.isdir(folder.join('runs')):
            output.close()
            folder.discard()
        elif isinstance(error, Stopped):
            error.saved = ('--resume %s goes on with what it holds'
                           % folder.path)
        raise
    if interrupts.signum is not None:
        return interrupts.exit_status
    return DIVERGED if DIVERGED in statuses.values() else 0


def _named(options, raw):
    """The data, whose source names every simulation."""
    if options.data_seeds == 1:
        return raw
    if raw.kind != 'simulated':
        raise UserError('argument --data-seeds: expected with simulated data '
                        'alone, got %s' % raw.source)
    raw = copy.copy(raw)
    raw.source += '; data seeds %d to %d' % (
        options.data_seed, options.data_seed + options.data_seeds - 1)
    return raw


def _finish(options, raw, folder, todo, statuses, manifest, output):
    """Report on the runs that have ended, and vouch for them."""
    done = [unit for unit in todo
            if statuses.get(unit.name) in (0, DIVERGED)]
    if done:
        _report(options, raw, folder, done, len(todo), output)
    if len(done) < len(todo):
        output.line('%d of %d runs have ended; --resume %s goes on'
                    % (len(done), len(todo), folder.path), always=True)
    output.line('Results: %s' % folder.path, always=True)
    manifest.end('stopped early' if len(done) < len(todo) else
                 'diverged' if DIVERGED in statuses.values() else 'complete',
                 _hashes(folder, done))


def _hashes(folder, done):
    """Hashes of all parameters, from the manifests of the runs."""
    found = OrderedDict()
    for name in [unit.name for unit in done]:
        each = manifests.read(folder.join('runs/' + name))
        for model, hashes in each['parameters_sha256'].items():
            found['runs/%s/%s' % (name, model)] = hashes
    return found


def _report(options, raw, folder, done, asked, output):
    """metrics.json and report.html, from the runs that have ended."""
    found = [(unit, methods(folder.join('runs/' + unit.name)))
             for unit in done]
    section, compared = (_runs if options.ablation is None else _variants)(
        options, raw, found)
    nothing = page.NOTHING
    if options.ablation is None:
        nothing = _together(options, folder, found, section)
    settings = OrderedDict((key, command_line.settings(options, key))
                           for key in command_line.models(options))
    saved = [html.save_section(folder, section)]
    if options.ablation is None:
        saved += _sections_of(folder, done[0].name)
    folder.write_json('metrics.json', OrderedDict(
        head(options, raw, settings) + compared + [
            ('runs', OrderedDict((unit.name, each)
                                 for unit, each in found))]))
    forbids, limits = caveats(options, settings, raw, {})
    if len(done) < asked:
        forbids.append('%d of %d runs were finished.' % (len(done), asked))
    diverged = [unit.name for unit, each in found if any(
        method.get('status') == 'diverged' for method in each.values())]
    if diverged:
        forbids.append('Training diverged in %s.' % ', '.join(diverged))
    verdict = page.verdict(section.sentences, forbids, limits, nothing)
    html.write(folder, page.page(about(options, settings, raw), saved,
                                 verdict))
    output.line()
    # the tables of an ablation are too wide for a console
    for line in tables.findings(
            section.tables[:2 if options.ablation is None else 0],
            section.sentences, verdict):
        output.line(line)
    output.line('Report: %s' % folder.join('report.html'))


def _runs(options, raw, found):
    """Section on all runs, and what metrics.json says of them, in pairs."""
    made, sentences, compared = over_runs.orderings(options, found)
    made.append(over_runs.run_by_run(
        options.experiment, found,
        over_runs.held_out(options.experiment, raw)))
    return Section('All %d runs' % len(found), sentences, made, [Drawing(
        'runs', 'Run by run', 'A mark a method; M2 and Untapped of one run, '
        'which share data and first weights, are joined.',
        lambda: over_runs.draw_runs(options.experiment, found))]), [
            ('comparison', plain(*compared))]


def _variants(options, raw, found):
    """The same of an ablation."""
    stated = ablations.recorded(options)
    data = None
    if options.ablation == 'floor' and options.experiment == 'libs':
        data = datasets.prepare(raw, np.random.RandomState(0), trial=0)
    return over_variants.section(
        options.experiment, stated, [
            (part.variant.label, part.variant.key, part.unit, each)
            for part, each in found], ablations.contrasts(options), data)


def _together(options, folder, found, section):
    """Add to a section what all folds together say, of a study that asks
    for it; the verdict where nothing is reproduced."""
    study, whole = STUDIES[options.experiment], command_line.splits(options)
    models, runs = command_line.models(options), []
    if not hasattr(study, 'pooled') or len(whole) < 2:
        return page.NOTHING
    for unit, each in found:
        if [other.split for other, _ in found
                if other.seed == unit.seed] == whole:
            place = folder.join('runs/' + unit.name)
            names = [texts.text(name) for name in
                     each[models[-1]]['findings']['rmse'] if name != 'mean']
            runs.append((unit.seed, models[-1], OrderedDict(
                (key, npz.read_npz(os.path.join(
                    place, key if len(models) > 1 else '', 'answers.npz')))
                for key in each), names))
    if not runs:
        return page.NOTHING
    made, drawings, said = study.pooled(runs)
    section.tables[:0], section.drawings[:0] = made, drawings
    return said


def _sections_of(folder, name):
    """The sections of one run's report, as the report on all shows them."""
    sections = html.load_sections(folder.join('runs/' + name))
    for section in sections:
        section['title'] += ', %s alone' % name
        for figure in section['figures']:
            figure['file'] = 'runs/%s/%s' % (name, figure['file'])
    return sections
