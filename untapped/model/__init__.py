"""The paper, in the order in which it is read.

    architectures       what networks a model has: descriptions
    networks            q(y|x), q(z|x, y), p(x|y, z) as Lasagne layers
    passes              the random stream that each expression draws from
    conditional         a network as a conditional distribution
    exact_flows         flows with exact log-determinants
    log_sum_exp         without overflow
    losses              losses of predicted y and generated x, and priors
    terms               what is recorded: names, labels, equations
    published_bounds    the bounds as the published code has them
    published_densities what these are made of
    paper_bounds        the bounds as the paper has them
    objective           the joint objective J, eq. (15)
    published, paper    J with the bounds of either
    objectives          the choice between them
    adam                Adam's step
    data                minibatches
    training            epochs, evaluations, records
    state               the state of a training run
    inference           what a trained model answers
    kinds, arrays       what settings and arrays may be
    supports            where labels and latents may lie
    memory              what there is, and what a model takes
    checks              settings and data that are refused
    stored              what pickles and files hold of a model
    answers             the estimator's methods of given data
    ssdgm               the estimator
"""
