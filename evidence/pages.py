"""The pages: templates filled in with what is kept."""
from __future__ import division, print_function

import io
import os
import re

import jinja2

from evidence import plan, tables, variants, verdicts, words
from evidence.kept import FOLDER, all_kept
from untapped.files import plain_json
from untapped.report import paper
from untapped.studies import statistics
from untapped.studies.quantities import QUANTITIES, values

__all__ = ['Evidence', 'numbers', 'read', 'rendered']

HERE = os.path.dirname(os.path.abspath(__file__))
MADE_BY = ('Made by `make results` from evidence/: change its templates, '
           'not this file.')


class Evidence(object):
    """All that the templates read.

    Attributes
    ----------
    kept : OrderedDict, name -> Kept
    verdicts : OrderedDict, claim's key -> objective -> Verdict
    earlier : dict, see evidence/earlier.json
    """

    def __init__(self, folder=FOLDER):
        self.kept = all_kept(folder)
        self.verdicts = verdicts.judged(self.kept)
        self.earlier = plain_json.read(
            os.path.join(HERE, 'earlier.json'), native=False)

    def of(self, experiment):
        """(title, command, Kept or None) of each run of an experiment,
        those that were planned first."""
        found = [(each.title, each.command, self.kept.get(each.name))
                 for each in plan.planned(experiment)]
        names = [each.name for each in plan.PLANNED]
        return found + [
            (each.name, None, each) for each in self.kept.values()
            if each.experiment == experiment and each.name not in names]

    def ablations(self):
        """(title, Kept) of each ablation that is kept."""
        return [(name, kept) for experiment in plan.TITLES
                for name, _, kept in self.of(experiment)
                if kept and kept.ablation]

    def older(self):
        """The earlier tables that no kept run has replaced."""
        return [each for each in self.earlier['tables'][1:]
                if each['until'] not in self.kept]

    def summary(self):
        """The earlier table that stands for all; None once a run is kept."""
        return None if self.kept else self.earlier['tables'][0]

    def missing(self):
        """The planned runs that are not kept."""
        return [each for each in plan.PLANNED if each.name not in self.kept]

    def count(self, verdict, objective='published'):
        """How many claims have a verdict."""
        return sum(each[objective].verdict == verdict
                   for each in self.verdicts.values())


def numbers(kept, place):
    """Method's key -> the quantity's numbers, one a run."""
    quantity = [each for each in QUANTITIES[kept.experiment]
                if each.place == place]
    return values(quantity[0], list(kept.runs.values())) if quantity else {}


def rendered(name, evidence, **more):
    """A template of evidence/templates, filled in; text."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(os.path.join(HERE, 'templates'),
                                       encoding='utf-8'),
        undefined=jinja2.StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, keep_trailing_newline=True)
    environment.filters.update(
        n=words.number, hours=words.hours, percent=words.percent,
        over=tables.over, run_tables=tables.run_tables,
        short_ablation=variants.short_ablation,
        earlier_table=tables.earlier_table)
    text = environment.get_template(name).render(
        made_by=MADE_BY, e=evidence, plan=plan, paper=paper, tables=tables,
        level=statistics.LEVEL, words=verdicts.VERDICTS, **more)
    return re.sub(u'\n{3,}', u'\n\n', text)


def read(name):
    """A text file of the tree."""
    with io.open(name, encoding='utf-8') as stream:
        return stream.read()
