"""`python -m analysis precision …`: what a sample can show, or how large it must be. METHODS.md M-31."""

import argparse
from collections.abc import Sequence

from analysis.precision import Precision, expected_precision, sample_for_margin

ABOUT = """What a simple or stratified random sample is expected to show of a proportion: answers, margin of
error (half of Wilson's 95 % interval), and the change between two such waves that can be seen. Shares are
given in [0, 1]. Example: precision --sampled 300 --response-rate 0.53 --proportion 0.3 --deff 1.3"""


def run(arguments: Sequence[str]) -> str:
    """The text of the sub-command.

    Args:
        arguments: what follows the word `precision` on the command line.

    Raises:
        SamplingError: a figure outside its range, or a margin that cannot be reached.
    """
    options = _parser().parse_args(arguments)
    rest = (options.response_rate, options.proportion, options.deff, options.population)
    if options.margin is not None:
        return _told(sample_for_margin(options.margin, *rest), options.proportion)
    return _told(expected_precision(options.sampled, *rest), options.proportion)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m analysis precision",
        description=ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--sampled", type=int, metavar="N", help="persons drawn")
    size.add_argument("--margin", type=float, help="or the margin of error wanted, such as 0.05")
    parser.add_argument(
        "--response-rate", type=float, required=True, metavar="RATE", help="expected share answering"
    )
    parser.add_argument("--proportion", type=float, default=0.3, help="expected proportion (default 0.3)")
    parser.add_argument("--deff", type=float, default=1.0, help="design effect of the weights (default 1)")
    parser.add_argument("--population", type=int, metavar="N", help="for the finite population correction")
    return parser


def _told(found: Precision, proportion: float) -> str:
    def points(share: float) -> str:
        return f"{100 * share:.1f} points"

    lines = {
        "persons drawn": f"{found.sampled}",
        "answers expected": f"{found.answers:.0f}",
        "worth, after the design": f"{found.n_eff:.0f} answers",
        f"interval around {proportion:.0%}": f"{found.lower:.1%} to {found.upper:.1%}",
        "margin of error": points(found.margin),
        "significant from a change of": points(found.significant_change),
        "change found four times of five": points(found.detectable_change),
    }
    return "\n".join(f"{name:<34}{text:>18}" for name, text in lines.items())
