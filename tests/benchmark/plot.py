# Copyright: multiplex.sshd contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A picture of the ratios."""

import matplotlib

matplotlib.use("Agg")
from matplotlib import pyplot


def draw(groups, path):
    """Draw ``groups``, dicts of ``hosts``, ``forks`` and ``rows``, as bars beside each other into the file ``path``."""
    names = [row["play"] for row in groups[0]["rows"]]
    figure, axes = pyplot.subplots(figsize=(2 + 2 * len(groups), 4.5), layout="constrained")
    width = 0.8 / len(names)
    for at, name in enumerate(names):
        ratios = [group["rows"][at]["ratio"] for group in groups]
        medians = [ratio["median"] for ratio in ratios]
        below = [ratio["median"] - ratio["least"] for ratio in ratios]
        above = [ratio["most"] - ratio["median"] for ratio in ratios]
        places = [group - 0.4 + (at + 0.5) * width for group in range(len(groups))]
        axes.bar(places, medians, width, label=name, yerr=[below, above], error_kw={"elinewidth": 0.8})
    axes.set_xticks(range(len(groups)), [f"{group['hosts']} hosts\nforks {group['forks']}" for group in groups])
    axes.set_ylabel("seconds, as a multiple of a ping's")
    axes.axhline(1, color="black", linewidth=0.8)
    axes.legend(fontsize="small")
    figure.savefig(path)
    pyplot.close(figure)
