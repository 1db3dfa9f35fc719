"""The published training steps in JAX, jitted: what one would write today.

    PYTHON bench/jax_peer.py JOB        PYTHON is one that has JAX

JOB is JSON: case (see ``sizes``), threads, rounds, check (an .npz of
``peer.given`` or null).  Prints a line of JSON: seconds of each epoch, which
is one compiled scan over its minibatches, and how far each term is from ours
on the same numbers.  Nothing of this project is imported.
"""
from __future__ import division, print_function

import json
import os
import resource
import sys
import time
from functools import partial

JOB = json.loads(sys.argv[1])
os.environ['XLA_FLAGS'] = (
    '--xla_cpu_multi_thread_eigen=%s intra_op_parallelism_threads=%d' % (
        'true' if JOB['threads'] > 1 else 'false', JOB['threads']))

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402
import numpy as np  # noqa: E402

SAFE = 1e-5
ADAM = dict(rate=JOB['case']['model']['lr'], beta1=.9, beta2=.999, eps=1e-4)
Y, Z, X = 'z1->y', 'z1y->z2', 'yz2->_z1'
HEADS = {'SampleLayer': ('l_mu', 'l_log_var'),
         'BernoulliSampleLayer': ('l_mu',),
         'ConcreteSampleLayer': ('l_logits',)}


# networks

def dense(values, name, v):
    return jnp.dot(v, values[name + '.W']) + values[name + '.b']


def simplex(v):
    top = jnp.clip(v.max(1, keepdims=True), 0)
    e = jnp.exp(v - top)
    parts = e / (SAFE + e.sum(1, keepdims=True) + jnp.exp(-top))
    last = jnp.abs(1 - parts.sum(1))
    return parts, jnp.log(SAFE + last) + jnp.log(SAFE + parts).sum(1)


def simplex_back(v):
    last = 1 - v.sum(1, keepdims=True)
    return jnp.log(v.clip(SAFE, 1)) - jnp.log(last.clip(SAFE, 1))


def logistic(v):
    s = jax.nn.sigmoid(v)
    slopes = jnp.pi * s * (1 - s)
    return jnp.pi * (s - .5), jnp.log(SAFE + slopes.prod(1))


def softplus(v):
    slopes = jax.nn.sigmoid(v)
    return jax.nn.softplus(v), jnp.log(SAFE + slopes.prod(1))


FLOWS = {'NormalizingSimplexFlowLayer': (simplex, simplex_back),
         'LogisticFlowLayer': (logistic, None),
         'SoftplusFlowLayer': (softplus, None)}


class Network(object):
    """A conditional distribution, as the case describes it."""

    def __init__(self, description):
        self.description = description
        self.kind = description['sample_layer']
        self.flows = [FLOWS[name] for name in description['flows']]

    def __call__(self, values, given, noise=None):
        """Sample, log-determinant, parameters of the sample before flows.

        values : dict, parameters by their names
        noise : what the sample is made of; None for the mean
        """
        v = given
        for n, _ in enumerate(self.description['hidden']):
            v = getattr(jnp, self.description['nonlin'])(
                dense(values, 'l_%d' % n, v))
        heads = [dense(values, name, v) for name in HEADS[self.kind]]
        if self.kind == 'SampleLayer':
            heads[1] = jax.nn.softplus(heads[1])
            z = heads[0] if noise is None else heads[0] + heads[1] * noise
        elif self.kind == 'BernoulliSampleLayer':
            heads[0] = jax.nn.sigmoid(heads[0])
            z = (noise < heads[0]).astype(given.dtype)
        else:
            z = jax.nn.softmax(
                heads[0] - jnp.log(-jnp.log(noise + 1e-4) + 1e-4))
        before, change = z, 0.
        for forward, _ in self.flows:
            z, determinant = forward(z)
            change += determinant
        return z, change, (before, heads)

    def before_flows(self, value):
        """What the flows take to a value."""
        for _, back in self.flows[::-1]:
            value = back(value)
        return value

    def log_density(self, value, heads):
        """Of values before the flows, a number a row."""
        if self.kind == 'SampleLayer':
            mean, std = heads[0], heads[1] + SAFE
            return (-.5 * jnp.log(2 * jnp.pi) - jnp.log(std) -
                    (value - mean) ** 2 / (2 * std ** 2)).sum(1)
        if self.kind == 'BernoulliSampleLayer':
            p = heads[0].clip(SAFE, 1 - SAFE)
            return (value * jnp.log(p) + (1 - value) * jnp.log(1 - p)).sum(1)
        p = jax.nn.softmax(heads[0])
        k = p.shape[1]
        return (jax.scipy.special.gammaln(k) - k * jnp.log((p / value).sum(1))
                + jnp.log(p / value ** 2).sum(1))


# the objective

def L2(predicted, actual):
    # a square root has no slope at 0, where ours is not defined either
    return jnp.sqrt(((predicted - actual) ** 2).sum(1))


def KL(predicted, actual):
    def divergence(p, q):
        p, q = p.clip(1e-6, 1), q.clip(1e-6, 1)
        return p * (jnp.log(p) - jnp.log(q))
    return divergence(actual, predicted).sum(1) + divergence(
        1 - actual.sum(1), 1 - predicted.sum(1))


LOSSES = {'L2': L2, 'KL': KL}


def mean(log_p):
    """Over rows; of one importance sample each."""
    return log_p.mean() + jnp.log(1 + SAFE)


class Objective(object):
    """J of a case, and its terms, on a minibatch."""

    def __init__(self, case):
        self.settings = case['model']
        self.networks = {name: Network(net) for name, net in case['nets']}
        self.losses = [LOSSES[case['model']['loss_' + name]]
                       for name in 'xy']

    def draws(self, rows):
        """(label of a pass, network, rows) of all that is drawn."""
        if not self.settings['variational']:
            return []
        sup, x, y = rows
        return [('sup: ' + Y, Y, sup), ('sup: ' + Z, Z, sup),
                ('sup: ' + X, X, sup), ('x: ' + Y, Y, x), ('x: ' + Z, Z, x),
                ('x: ' + X, X, x), ('y: ' + X, X, y), ('y: ' + Y, Y, y)]

    def terms(self, values, batch, noise):
        """Expressions by kind, those of weight 0 left out."""
        def run(label, *given):
            name = label.split(': ')[1]
            return self.networks[name](
                values[name], jnp.concatenate(given, 1), noise.get(label))
        if not self.settings['variational']:
            return self._means(run, batch)
        return self._bounds(run, batch)

    def _means(self, run, batch):
        loss_x, loss_y = self.losses
        x_sup, y_sup, x, y, z = batch
        z_sup = run('sup: ' + Z, x_sup, y_sup)[0]
        y_of_x = run('x: ' + Y, x)[0]
        z_of_x = run('x: ' + Z, x, y_of_x)[0]
        x_of_y = run('y: ' + X, y, z)[0]
        return {
            'x_sup_dis': loss_y(run('sup: ' + Y, x_sup)[0], y_sup).mean(),
            'y_sup_dis': loss_x(run('sup: ' + X, y_sup, z_sup)[0],
                                x_sup).mean(),
            'x': loss_x(run('x: ' + X, y_of_x, z_of_x)[0], x).mean(),
            'y': loss_y(run('y: ' + Y, x_of_y)[0], y).mean()}

    def _bounds(self, run, batch):
        loss_x, loss_y = self.losses
        x_sup, y_sup, x, y, z = batch

        def own(name, found):
            """log q of a sample."""
            before, heads = found[2]
            return mean(self.networks[name].log_density(before, heads) -
                        found[1])

        def of(name, found, value):
            """log p of a value."""
            network = self.networks[name]
            return mean(network.log_density(network.before_flows(value),
                                            found[2][1]) - found[1])
        labels = run('sup: ' + Y, x_sup)
        latent = run('sup: ' + Z, x_sup, y_sup)
        spectra = run('sup: ' + X, y_sup, latent[0])
        y_of_x = run('x: ' + Y, x)
        z_of_x = run('x: ' + Z, x, y_of_x[0])
        x_again = run('x: ' + X, y_of_x[0], z_of_x[0])
        x_of_y = run('y: ' + X, y, z)
        y_again = run('y: ' + Y, x_of_y[0])
        found = {
            'x_sup': own(Z, latent) - of(X, spectra, x_sup),
            'y_sup': -of(Y, labels, y_sup),
            'x_sup_dis': loss_y(labels[0], y_sup).mean(),
            'y_sup_dis': loss_x(spectra[0], x_sup).mean(),
            'x': own(Y, y_of_x) + own(Z, z_of_x) - of(X, x_again, x),
            'y': own(X, x_of_y) - of(Y, y_again, y)}
        return {name: found[name] for name in found if self.weight(name)}

    def weight(self, name):
        s = self.settings
        if name.endswith('_dis'):
            return s['coeff_' + name.replace('sup_', '')]
        if name.endswith('_sup') and not s['coeff_%s_prob' % name[0]]:
            return 0
        return s['coeff_' + name[0]]

    def J(self, values, batch, noise):
        return sum(self.weight(name) * term for name, term in
                   self.terms(values, batch, noise).items())


# training

def drawn(objective, key, batch):
    """The noise of a step, by pass."""
    draws = objective.draws([batch[0].shape[0], batch[2].shape[0],
                             batch[3].shape[0]])
    found = {}
    for (label, name, rows), k in zip(draws, jax.random.split(
            key, max(1, len(draws)))):
        network = objective.networks[name]
        shape = rows, network.description['num_output']
        found[label] = (
            jax.random.normal if network.kind == 'SampleLayer' else
            jax.random.uniform)(k, shape)
    return found


def step(objective, data, carry, rows):
    values, first, second, t, key = carry
    key, now = jax.random.split(key)
    batch = [array[rows[group]] for array, group in zip(data, (0, 0, 1, 2,
                                                               2))]
    J, gradient = jax.value_and_grad(objective.J)(
        values, batch, drawn(objective, now, batch))
    norm = jnp.sqrt(sum((g ** 2).sum() for g in jax.tree.leaves(gradient)))
    scale = norm.clip(0, 5) / (1e-7 + norm)
    gradient = jax.tree.map(lambda g: (g * scale).clip(-1, 1), gradient)
    b1, b2 = ADAM['beta1'], ADAM['beta2']
    first = jax.tree.map(lambda m, g: b1 * m + (1 - b1) * g, first, gradient)
    second = jax.tree.map(lambda v, g: b2 * v + (1 - b2) * g ** 2, second,
                          gradient)
    t = t + 1
    rate = ADAM['rate'] * jnp.sqrt(1 - b2 ** t) / (1 - b1 ** t)
    values = jax.tree.map(
        lambda p, m, v: p - rate * m / (jnp.sqrt(v) + ADAM['eps']), values,
        first, second)
    return (values, first, second, t, key), J


def start(case, rng):
    """Parameters of the case's networks."""
    units = case['data']['features'], case['data']['outputs'], \
        case['data']['latents']
    inputs = {Y: units[0], Z: units[0] + units[1], X: units[1] + units[2]}
    found = {}
    for name, net in case['nets']:
        values, width = {}, inputs[name]
        layers = [('l_%d' % n, m) for n, m in enumerate(net['hidden'])]
        layers += [(head, net['num_output'])
                   for head in HEADS[net['sample_layer']]]
        for layer, number in layers:
            scale = 0 if layer == 'l_log_var' else np.sqrt(6. / (width +
                                                                 number))
            values[layer + '.W'] = jnp.asarray(scale * rng.uniform(
                -1, 1, (width, number)), 'float32')
            values[layer + '.b'] = jnp.zeros(number)
            width = number if layer[2:].isdigit() else width
        found[name] = values
    return found


def measured(objective, case, rounds):
    """Seconds of the first epoch, which is compiled, and of each further."""
    rng = np.random.default_rng(0)
    spec = case['data']
    sizes = spec['sizes']['train']
    parts = spec['outputs'] + bool(spec.get('drop_last', True))

    def features(n):
        return rng.uniform(.05, 1, (n, spec['features']))

    def labels(n):
        return rng.dirichlet(np.ones(parts), n)[:, :spec['outputs']]
    data = [jnp.asarray(a, 'float32') for a in (
        features(sizes[0]), labels(sizes[0]), features(sizes[1]),
        labels(sizes[2]), rng.uniform(-1.5, 1.5, (sizes[2],
                                                  spec['latents'])))]
    rows = case['model']['batch_size_Xy_train']
    steps = -(-max(sizes) // rows)

    def order():
        return jnp.asarray(np.stack([np.stack([
            np.resize(rng.permutation(n), steps * rows)[
                i * rows:(i + 1) * rows]
            for n in sizes]) for i in range(steps)]), 'int32')
    values = start(case, rng)
    zeros = [jax.tree.map(jnp.zeros_like, values) for _ in range(2)]
    carry = (values, zeros[0], zeros[1], jnp.float32(0),
             jax.random.PRNGKey(0))

    @partial(jax.jit, donate_argnums=0)
    def epoch(carry, data, order):
        return jax.lax.scan(partial(step, objective, data), carry, order)
    times = []
    for _ in range(rounds + 1):
        now = order().block_until_ready()
        begun = time.perf_counter(), time.process_time()
        carry = jax.block_until_ready(epoch(carry, data, now))[0]
        times.append((time.perf_counter() - begun[0],
                      time.process_time() - begun[1]))
    return steps, times


def compared(objective, path):
    """Of each term, how far it is from ours: |theirs - ours| / max(1, |ours|).
    """
    given = np.load(path)

    def group(prefix):
        return {name[len(prefix):]: jnp.asarray(given[name])
                for name in given.files if name.startswith(prefix)}
    values = {name: group('value/%s ' % name) for name in objective.networks}
    batch = [jnp.asarray(given['batch/%d' % i]) for i in range(5)]
    found = objective.terms(values, batch, group('noise/'))
    wanted = group('term/')
    assert sorted(found) == sorted(wanted), (sorted(found), sorted(wanted))
    return {name: float(abs(found[name] - wanted[name]) / max(1, abs(
        wanted[name]))) for name in found}


def main():
    case = JOB['case']
    objective = Objective(case)
    off = compared(objective, JOB['check']) if JOB['check'] else None
    steps, times = measured(objective, case, JOB['rounds'])
    print(json.dumps({
        'version': jax.__version__, 'steps': steps, 'terms_off': off,
        'compile_seconds': times[0][0],
        'epoch_seconds': [t[0] for t in times[1:]],
        'epoch_processor_seconds': [t[1] for t in times[1:]],
        'peak_mb': resource.getrusage(resource.RUSAGE_SELF).ru_maxrss /
        1024.}))


if __name__ == '__main__':
    main()
