"""Your own spectra: from a table to a prediction, an endmember and a plot.

    python examples/own_spectra.py

The table has a row a spectrum: what the sample is made of, as fractions
that sum to 1, then its reflectance by wavelength.  Labels of more than 80 %
of one mineral are held back.  The model learns from the other pairs, from
the spectra without labels, and from labels without spectra: any composition
is possible.  Then it generates the spectra of the pure minerals.
"""
from __future__ import division, print_function

import os

from untapped import SSDGM  # before numpy: it sets the pins
from untapped.model.architectures import architecture
from untapped.model.losses import KL

import matplotlib.pyplot as plt
import numpy as np

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     'own_spectra.csv')
PARTS = 3  # of the composition; a label has all but the last


def main(num_epochs=1000, plot='own_spectra.png'):
    with open(TABLE) as table:
        names = table.readline().strip().split(',')
        values = np.loadtxt(table, delimiter=',')
    y, x = values[:, :PARTS], values[:, PARTS:]
    mixed = y.max(axis=1) <= 0.8
    every_fifth = np.arange(len(y)) % 5 == 0
    known, held_out = mixed & ~every_fifth, mixed & every_fifth
    mean = x[known].mean(axis=0)
    possible = np.random.RandomState(0).dirichlet(np.ones(PARTS), size=500)

    model = SSDGM(
        num_features=x.shape[1], num_output=PARTS - 1, objective='paper',
        variational=True, reverse='latent', loss_y=KL, coeff_x=1,
        coeff_y=0.01, coeff_x_dis=1, coeff_y_dis=1, lr=0.003,
        num_epochs=num_epochs, model_dict={
            'z1->y': architecture([5], PARTS - 1, flows=['simplex']),
            'z1y->z2': architecture([5], 1, flows=['logistic']),
            'yz2->_z1': architecture([20], x.shape[1])})
    model.fit(X=x[known] - mean, y=y[known, :-1], X_=x[~known] - mean,
              _y=possible[:, :-1])

    predicted = model.predict(x[held_out] - mean)
    error = np.abs(predicted - y[held_out, :-1]).mean()
    print('error of a predicted fraction, mean: %.3f' % error)

    z = model.infer('z2', x=x[known] - mean).mean()
    endmembers = mean + model.generate(y=np.eye(PARTS)[:, :-1],
                                       z2=z * np.ones((PARTS, 1)), once=True)
    draw(names, x, y, endmembers, plot)
    return error, endmembers


def draw(names, x, y, endmembers, plot):
    """Generated endmembers as lines, measured pure samples as dots."""
    waves = [float(name) for name in names[PARTS:]]
    for part, spectrum in enumerate(endmembers):
        line, = plt.plot(waves, spectrum, label=names[part] + ', generated')
        plt.plot(waves, x[y[:, part] == 1].T, '.', color=line.get_color())
    plt.xlabel('wavelength, um (dots: pure samples, labels held back)')
    plt.ylabel('reflectance')
    plt.legend()
    plt.savefig(plot)
    plt.close()


if __name__ == '__main__':
    main()
