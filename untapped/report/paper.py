"""The numbers that the paper prints, to stand beside ours."""
from __future__ import division, print_function

__all__ = ['BASELINES', 'METHODS', 'PLS_NOTE', 'KL', 'KL_TABLE',
           'ENDMEMBER_ERROR', 'INCIDENCE', 'DIGITS_COVERED', 'printed']

#: Key of a method -> its name in tables, in their order. PLS has two
#: protocols: that of the authors' plots, beside which their numbers stand,
#: and this project's, see `studies.pls`.
METHODS = [('pls_published', 'PLS, published'),
           ('pls', 'PLS, cross-validated'),
           ('kernel_ridge', 'Kernel ridge'), ('mean', 'Mean composition'),
           ('m2', 'M2'), ('untapped', 'Untapped')]
#: Methods that are no models and are not trained.
BASELINES = ('pls_published', 'pls', 'kernel_ridge', 'mean')
#: What tables say of them.
PLS_NOTE = (' PLS, published: 8 components, answers divided by the sum of '
            "their parts, as in the authors' plots; cross-validated: as many "
            'components as err least, answers clipped and scaled to sum 1.')

#: Which table of the paper holds the KL of an experiment.
KL_TABLE = {'crism': 'Table 2', 'libs': 'Table 3', 'mnist': 'Table 4'}

#: KL(true || predicted) of y on the validation data, nats.
KL = {'crism': {'pls_published': 0.036, 'm2': 0.061, 'untapped': 0.058},
      'libs': {'pls_published': 0.922, 'm2': 0.618, 'untapped': 0.525},
      'mnist': {'m2': 4.312, 'untapped': 2.896}}

#: ||x_bar - x||_2 over the endmembers of CRISM, caption of Figure 5.
ENDMEMBER_ERROR = {'m2': 0.358, 'untapped': 0.311}

#: Incidence angle in degrees of CRISM's geometries, Table 1.
INCIDENCE = {'Position 1': 33.9, 'Position 2': 42.7, 'Angle 2': 12.7}

#: Distinct digits among the ten one-hots' images, section 6 and Figure 8:
#: all ten of the untapped model; of M2 "the digit 9 does not appear".
DIGITS_COVERED = {'untapped': 10}


def printed(experiment, place):
    """What the paper prints of a quantity: method's key -> number.

    Parameters
    ----------
    experiment : str
    place : str
        Of the quantity in a method's metrics, as in `studies.quantities`.

    Returns
    -------
    dict
        Empty where the paper has no number.
    """
    if place == 'validation/kl':
        return KL.get(experiment, {})
    return {('crism', 'endmember_error/mean'): ENDMEMBER_ERROR,
            ('crism', 'findings/endmember_error_once/mean'): ENDMEMBER_ERROR,
            ('mnist', 'findings/digits_covered'): DIGITS_COVERED}.get(
                (experiment, place), {})
