"""The paper, in the order in which it is read.

    networks          q(y|x), q(z|x, y), p(x|y, z) as Lasagne layers
    passes            which random stream each expression draws from
    conditional       a network as a conditional distribution
    exact_flows       flows with their log-determinants
    losses            losses of predicted y and generated x, and priors
    published_bounds  the bounds as the published code has them
    paper_bounds      the bounds as the paper has them
    objectives        the joint objective J, eq. (15), of either
    training          minibatches, Adam, epochs
    inference         what a trained model answers
    ssdgm             the estimator
"""
