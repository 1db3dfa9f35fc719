"""Which runs the pages ask for, and the claims of the paper that they decide.

Written down before the runs: a run that is not kept is shown as not run, and
a claim without a run as not testable.
"""
from __future__ import division, print_function

from collections import OrderedDict, namedtuple

from untapped.report import paper

__all__ = ['CLAIMS', 'Claim', 'FIGURES', 'OBJECTIVES', 'PLANNED', 'Planned',
           'TITLES', 'planned']

#: A run that the pages ask for: the name that it is kept under, what it is,
#: and the command that makes it.
Planned = namedtuple('Planned', 'name experiment title command')

TITLES = OrderedDict([('crism', 'CRISM'), ('libs', 'LIBS'),
                      ('mnist', 'MNIST'), ('raman', 'Raman')])

PLANNED = [Planned(*each) for each in (
    ('crism-published', 'crism', 'published objective',
     'python run_crism.py --numerics fast --data-seeds 20'),
    ('crism-paper', 'crism', "the paper's own objective",
     'python run_crism.py --objective paper --numerics fast --data-seeds 20'),
    ('crism-minerals', 'crism', 'minerals of the USGS library',
     'python run_crism.py --numerics fast --endmembers FOLDER --seeds 5'),
    ('crism-simulator-2', 'crism', 'published objective, second simulator',
     'python run_crism.py --simulator 2 --numerics fast --data-seeds 10'),
    ('libs-published', 'libs', 'published objective, published split',
     'python run_libs.py --numerics fast --data-seeds 10'),
    ('libs-paper', 'libs', "the paper's own objective, published split",
     'python run_libs.py --objective paper --numerics fast --data-seeds 10'),
    ('libs-simulator-2', 'libs', 'published objective, published split, '
     'second simulator',
     'python run_libs.py --simulator 2 --numerics fast --data-seeds 10'),
    ('libs-splits', 'libs', 'published objective, all ways to hold three of '
     'six standards out',
     'python run_libs.py --numerics fast --split all --seeds 3'),
    ('mnist-published', 'mnist', "published objective, the paper's networks",
     'python run_mnist.py --preset paper --objective published '
     '--numerics fast --data FOLDER --seeds 3'),
    ('mnist-paper', 'mnist', "the paper's own objective and networks",
     'python run_mnist.py --preset paper --objective paper --numerics fast '
     '--data FOLDER --seeds 3'),
    ('mnist-demo', 'mnist', "the published demo's settings, exact numerics",
     'python run_mnist.py --data FOLDER --epochs 1000'),
    ('crism-search', 'crism', 'weights by cross-validation',
     'python run_crism.py --alphas search --numerics fast --data-seeds 6'),
    ('libs-search', 'libs', 'weights by cross-validation',
     'python run_libs.py --alphas search --numerics fast --data-seeds 6'),
    ('crism-weights', 'crism', 'ablation of the weights',
     'python run_crism.py --ablation weights --numerics fast '
     '--data-seeds 6'),
    ('libs-weights', 'libs', 'ablation of the weights',
     'python run_libs.py --ablation weights --numerics fast --data-seeds 6'),
    ('crism-labelled', 'crism', 'ablation of the number of labelled spectra',
     'python run_crism.py --ablation labelled --numerics fast '
     '--data-seeds 6'),
    ('crism-labels-only', 'crism', 'ablation of the labels without spectra',
     'python run_crism.py --ablation labels-only --numerics fast '
     '--data-seeds 6'),
    ('libs-floor', 'libs', 'ablation of the least share of a part',
     'python run_libs.py --ablation floor --numerics fast --data-seeds 6'))]

#: The two objectives that each claim is judged under, the first one first;
#: which is first was settled before any run: it is what the authors ran.
OBJECTIVES = OrderedDict([('published', "the published code's"),
                          ('paper', "the paper's own")])

#: A claim of the paper.
#:
#: key, source : where the paper makes it
#: text : what it says
#: experiment : what it is about
#: runs : objective -> the name of the kept run that decides
#: kind : 'less', of two methods the first has less of the quantity;
#:     'more', it has more; 'above', one method's quantity lies above
#:     `against`; 'share', a quantity reaches `against` in a share of runs
#:     above `chance`
#: place : of the quantity in a method's metrics
#: methods : two of them, or one
#: printed : the paper's numbers of these methods, None where it has none
#: against, chance : a number, or None; of 'less', 'flat': the first method has
#:     to be better than one flat answer for all pure parts, too
Claim = namedtuple('Claim', 'key source text experiment runs kind place '
                            'methods printed against chance')


def _runs(experiment):
    return OrderedDict((objective, '%s-%s' % (experiment, objective))
                       for objective in OBJECTIVES)


def _less(key, source, text, experiment, place, methods, printed,
          against=None):
    """A claim that the first of two methods has less of a quantity."""
    return Claim(key, source, text, experiment, _runs(experiment), 'less',
                 place, methods, tuple(printed.get(each) for each in methods),
                 against, None)


#: in the order of the paper
CLAIMS = [
    _less('loop', 'Figure 3', 'y -> x -> y comes back nearer to where it '
          'began in Untapped than in M2, for pure parts that no pair has',
          'crism', 'findings/round_trip/kl', ('untapped', 'm2'), {},
          'flat'),
    _less('loop-libs', 'Figure 3', 'the same on LIBS', 'libs',
          'findings/round_trip/kl', ('untapped', 'm2'), {}, 'flat'),
    _less('endmembers', 'Figure 5', 'Untapped has the smaller endmember '
          'error', 'crism', 'endmember_error/mean', ('untapped', 'm2'),
          paper.ENDMEMBER_ERROR),
    _less('crism-pls-m2', 'Table 2', 'PLS predicts abundances better than '
          'M2', 'crism', 'validation/kl', ('pls_published', 'm2'),
          paper.KL['crism']),
    _less('crism-pls-untapped', 'Table 2', 'PLS predicts abundances better '
          'than Untapped', 'crism', 'validation/kl',
          ('pls_published', 'untapped'), paper.KL['crism']),
    _less('crism-kl', 'Table 2', 'Untapped predicts abundances better than '
          'M2', 'crism', 'validation/kl', ('untapped', 'm2'),
          paper.KL['crism']),
    Claim('levels', 'Figure 6', 'the nuisance has a level for each geometry, '
          'in the order of the incidence', 'crism', _runs('crism'), 'share',
          'findings/incidence_rank_correlation', ('untapped',), (None,),
          1., 1 / 3),
    Claim('outliers', 'Figure 6', "the nuisance tells the container's pixels "
          'from the others', 'crism', _runs('crism'), 'above',
          'findings/container_auc', ('untapped',), (None,), .5, None),
    Claim('silicon', 'Figure 7', 'the spectrum that is generated for pure '
          'silica has peaks at more lines of silicon than those for other '
          'oxides have', 'libs', _runs('libs'), 'above',
          'findings/line_hits/SiO2/hit_rate', ('untapped',), (None,),
          'findings/line_hits/SiO2/hit_rate_others', None),
    _less('libs-m2-pls', 'Table 3', 'M2 predicts compositions better than '
          'PLS', 'libs', 'validation/kl', ('m2', 'pls_published'),
          paper.KL['libs']),
    _less('libs-untapped-pls', 'Table 3', 'Untapped predicts compositions '
          'better than PLS', 'libs', 'validation/kl',
          ('untapped', 'pls_published'), paper.KL['libs']),
    _less('libs-kl', 'Table 3', 'Untapped predicts compositions better than '
          'M2', 'libs', 'validation/kl', ('untapped', 'm2'),
          paper.KL['libs']),
    _less('mnist-kl', 'Table 4', 'Untapped predicts the digits without '
          'labels better than M2', 'mnist', 'validation/kl',
          ('untapped', 'm2'), paper.KL['mnist']),
    Claim('digits', 'Figure 8', 'the ten one-hots become more digits in '
          'Untapped than in M2', 'mnist', _runs('mnist'), 'more',
          'findings/digits_covered', ('untapped', 'm2'),
          (paper.DIGITS_COVERED['untapped'], paper.DIGITS_COVERED.get('m2')),
          None, None)]

#: The report's figures that one run drew: (run, figure, caption).
FIGURES = [
    ('crism-published', 'figure5', "The paper's Figure 5"),
    ('crism-published', 'figure6_untapped', "The paper's Figure 6"),
    ('libs-published', 'figure7_untapped', "The paper's Figure 7"),
    ('mnist-published', 'figure8', "The paper's Figure 8")]


def planned(experiment):
    """The planned runs of an experiment."""
    return [each for each in PLANNED if each.experiment == experiment]
