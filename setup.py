"""Installs the package into an environment that has the pinned stack.

To make that environment: `make env`, environment.yml or the Dockerfile.
"""
import io
import os
import re

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(name):
    with io.open(os.path.join(HERE, name), encoding='utf8') as f:
        return f.read()


setup(
    name='untapped',
    version=re.search("^__version__ = '(.*)'$",
                      read(os.path.join('untapped', '__init__.py')),
                      re.M).group(1),
    description='Semi^2-supervised deep generative models, trained forwards '
                'and in reverse',
    long_description=read('README.md'),
    long_description_content_type='text/markdown',
    license='MIT',
    packages=find_packages(include=['untapped', 'untapped.*']),
    include_package_data=True,
    zip_safe=False,
    python_requires='>=2.7, <3',
    # other versions run too, but compute other bits
    install_requires=[
        'Theano==0.8.2',
        'Lasagne==0.1',
        'numpy==1.11.3',
        'scipy==0.19.0',
        'scikit-learn==0.18.1',
        'matplotlib==2.0.0',
        'tqdm==4.64.1',
        'Jinja2==2.11.3',
        'bagit==1.8.1',
        'six==1.16.0',
    ],
    # for --dask
    extras_require={'cluster': [
        'distributed==1.28.1',
        'dask==1.2.2',
        'cloudpickle==1.3.0',
        'msgpack==0.6.2',
        'tornado==5.1.1',
        'zict==1.0.0',
    ]},
    classifiers=[
        'Intended Audience :: Science/Research',
        'License :: OSI Approved :: MIT License',
        'Operating System :: POSIX :: Linux',
        'Programming Language :: Python :: 2.7',
        'Topic :: Scientific/Engineering',
    ],
)
