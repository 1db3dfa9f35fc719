"""The start of a run: its data, what is drawn from them, its folder.

The stages: load and prepare the data; make the run folder; fit partial least
squares; then for M2 and for Untapped: train, save the parameters and records,
evaluate, print the table; last the report.  A run of one model (--model) has
its files in the run folder itself, a run of all in a folder a model.  Nothing
is written before the options and the data have been checked.
"""
from __future__ import division, print_function

import gc
import os
from collections import OrderedDict

from untapped import pins
from untapped.errors import DIVERGED, SavingError, UserError
from untapped.experiments import (alphas, build, folds, inputs, labels,
                                  options as command_line, presets, repeats,
                                  stages)
from untapped.machine.signals import Stopped
from untapped.runs import config, manifest as manifests
from untapped.runs.manifest import Manifest
from untapped.runs.run_folder import RunFolder, check_parent

__all__ = ['run']


def run(options, output, interrupts):
    """The stages of a run; returns the exit status."""
    # of a graph's many objects hardly any goes before it does: looking for
    # those that went takes a seventh of a short run
    gc.set_threshold(10 ** 5)
    if options.resume is None:
        check_parent(options.out)
    raw = inputs.loaded(options, options.data_seed)
    output.line('Data: %s' % raw.source, always=True)
    folder = None
    if options.resume is not None:
        folder = RunFolder.again(options.resume)
        status = _nothing_left(folder, output)
        if status is not None:
            return DIVERGED if status == 'diverged' else 0
    one_or_more = repeats.run if repeats.wanted(options) else _run_one
    return one_or_more(options, raw, folder, output, interrupts)


def _nothing_left(folder, output):
    """The status of a run that needs nothing any more, told; or None.

    UserError if it has ended, but is no longer as it was then: to train it
    again would put other files in the place of those that were changed.
    """
    status, changed, more = manifests.ending(folder.path)
    if status is None:
        return None
    if changed:
        raise UserError('argument --resume: the run in %s has ended (%s), '
                        'but %s is not as the run left it; nothing was done'
                        % (folder.path, status, changed[0]))
    # A kill may have come between the manifest and this.
    manifests.discard_checkpoints(folder.path)
    # Its log is left alone: the manifest vouches for it.
    output.line('%s has ended (%s); nothing is left to do.'
                % (folder.path, status), always=True)
    if more:
        output.line('%s is not of the run and was left alone.'
                    % folder.join(more[0]), always=True)
    return status


def _run_one(options, raw, folder, output, interrupts):
    """One run; `folder` is that of a run that goes on, or None."""
    settings = OrderedDict((key, command_line.settings(options, key))
                           for key in command_line.models(options))
    draws = _drawn(options, raw, settings)
    search = None
    if options.alphas == command_line.SEARCH:
        search = alphas.Search(options)
        # of data that cannot be parted nothing is begun
        folds.parts(draws.data.y)
    for each in settings.values():
        build.check_memory(each, draws.data.X.shape[1], draws.data.y.shape[1])
    # Theano is loaded: its flags are seen as they are in force.
    for sentence in pins.overrides():
        output.line('Not as pinned: ' + sentence, always=True)
    resumed = folder is not None
    if not resumed:
        folder = RunFolder(options.out, options.experiment, options.name)
    try:
        manifest = Manifest(
            folder, config.of_run(options, settings, raw, draws), raw, draws)
        manifest.begin_or_resume(resumed, output)
        if search is not None:
            settings = search.run(raw, folder, manifest, output, interrupts)
            manifest.record('alphas', search.plain())
        one = stages.Run(options, settings, raw, draws, manifest, output,
                         interrupts)
        one.search = search
        return stages.train_and_report(one)
    except SavingError as error:
        # Whatever could be written stays.
        if folder.resumable():
            raise SavingError('%s; what was written before stands, and '
                              '--resume %s goes on from there'
                              % (error, folder.path))
        raise
    except BaseException as error:
        if resumed or folder.resumable() or os.path.isdir(
                folder.join('runs')) or any(
                name.endswith('parameters.npz') for name in folder.written):
            if isinstance(error, Stopped):
                error.saved = '--resume %s goes on with what it holds' % (
                    folder.path)
        else:
            # Nothing learned: no folder left behind.
            output.close()
            folder.discard()
        raise


def _drawn(options, raw, settings):
    """The data as a run of these options trains on them; an `inputs.Draws`."""
    chosen = list(settings.values())[0]
    draws = inputs.training_data(raw, options.sample_seed,
                                 chosen['num_latent_z2'],
                                 **_of_data(options, chosen))
    if options.fold is not None:
        draws = folds.held_out(draws, options.fold)
    draws = labels.varied(draws, options)
    if options.quick:
        draws = inputs.few_rows(draws,
                                presets.QUICK[options.experiment]['rows'])
    return draws


def _of_data(options, settings):
    """Options of `datasets.prepare`."""
    chosen = {'trial': options.split} if options.experiment == 'libs' else {}
    if (settings['objective'] == 'paper'
            and 'softplus' in settings['networks']['yz2->_z1']['flows']):
        # spectra less their mean have no density under a positive variable
        chosen['remove_mean'] = False
    return chosen
