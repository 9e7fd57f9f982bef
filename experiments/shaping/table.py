"""The tables of a shaping study, from what its trainings found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
import numpy.typing as npt

from agents import registry
from chatrec_env.core.rewards import RewardConfig
from chatrec_env.shaping.entries import PAYMENTS, POTENTIALS
from chatrec_env.shaping.presets import REWARDS
from experiments.cli.terminal import output, print_json
from experiments.evaluate.stats import mean_interval
from experiments.report.documents import FORMAT
from experiments.report.grid import Grid, Told, count, from_to, plus_minus
from experiments.shaping.measures import HABITS, MEASURES, PAID, YARDSTICKS
from experiments.shaping.verdicts import ALPHA, differing, hacking, log_times, same, speed, while_learning

Float = npt.NDArray[np.float64]
Found = Mapping[str, list[dict[str, Any]]]


def curves_of(parts: list[dict[str, Any]]) -> dict[str, Float]:
    """What every seed came to at every look, (seeds, looks), by measure; NaN where nothing is known."""
    return {name: np.array([part[name] for part in parts], np.float64) for name in (PAID, *MEASURES)}


def interval(values: Float) -> dict[str, Any]:
    """The mean over those seeds of which it is known, with its t interval."""
    return mean_interval(values).to_dict()


def make_table(
    about: dict[str, Any],
    learners: Sequence[str],
    rewards: Mapping[str, RewardConfig],
    bases: Mapping[str, str],
    found: Found,
) -> dict[str, Any]:
    """The study as plain JSON data.

    Args:
        about: Options that the figures depend on.
        learners: Names.
        rewards: By name.
        bases: By name of a reward, that of the one it is compared with.
        found: What ``study.train_job`` found by ``"learner reward"``, a seed each, what ``study.before_job`` found by
            ``"before learner reward"``, and what the planner came to by ``"planner"``.

    Returns:
        Among other things, for each learner, which ``measures`` are in its tables: those that are 0 for all are not.
    """
    planned = [part["return"] for part in found.get("planner", [])]
    described = {
        name: {"config": asdict(reward), "base": bases[name], "oracle": reward.oracle}
        for name, reward in rewards.items()
    }
    tables = []
    for learner in learners:
        parts = {name: found[f"{learner} {name}"] for name in rewards}
        before = {name: found[f"before {learner} {name}"][0] for name in rewards}
        tables.append(learner_table(learner, parts, before, bases, about["share"], planned))
    level = interval(np.array([np.mean(one) for one in planned])) if planned else None
    return {"format": FORMAT, **about, "rewards": described, "planner_return": level, "tables": tables}


def learner_table(
    learner: str,
    parts: Mapping[str, list[dict[str, Any]]],
    before: Mapping[str, Mapping[str, list[float]]],
    bases: Mapping[str, str],
    share: float,
    planned: Sequence[Sequence[float]],
) -> dict[str, Any]:
    """All rewards with one learner; p-values hold for all rewards of it together."""
    curves = {name: curves_of(own) for name, own in parts.items()}
    turns: list[int] = next(iter(parts.values()))[0]["looks"]
    compared = [name for name in parts if bases[name] != name]
    faster: list[Float] = []  # two columns for each: how many times as fast, and the return while learning
    for name in compared:
        taught, base = curves[name]["return"], curves[bases[name]]["return"]
        faster += [log_times(turns, taught, base, share)[2], while_learning(turns, taught - base)]
    quick = differing(np.stack(faster, 1)).reshape(-1, 2) if compared else np.zeros((0, 2))
    speeds = dict(zip(compared, quick.tolist(), strict=True))
    final = {
        name: {key: np.array([part["final"][key] for part in own], np.float64) for key in (PAID, *MEASURES)}
        for name, own in parts.items()
    }
    happens = [key for key in MEASURES if any(np.nan_to_num(own[key]).any() for own in curves.values())]
    yardsticks = [key for key in happens if key in YARDSTICKS]
    gaps = {(name, key): final[name][key] - final[bases[name]][key] for name in compared for key in happens}
    known = [where for where, values in gaps.items() if not np.isnan(values).any()]
    p_values = differing(np.stack([gaps[w] for w in known], 1)) if known else np.zeros(0)
    apart = dict(zip(known, p_values, strict=True))
    wholes = {
        name: {
            key: np.column_stack([np.array(before[name][key], np.float64), own[key]])
            for key in (PAID, *yardsticks)
        }
        for name, own in curves.items()
    }
    default = next(iter(curves))
    rows = []
    for name, own in curves.items():
        row: dict[str, Any] = {"reward": name, "base": bases[name]}
        row["final"] = {key: interval(values) for key, values in final[name].items()}
        row["curve"] = {
            key: [interval(own[key][:, k]) for k in range(len(turns))] for key in (PAID, *yardsticks)
        }
        row["difference"] = {key: interval(gaps[name, key]) for key in happens} if name in compared else None
        row["differs"] = [key for key in happens if apart.get((name, key), 1.0) <= ALPHA]
        row["same"] = [
            key
            for key in happens
            if name in compared and same(mean_interval(gaps[name, key]), MEASURES[key].margin)
        ]
        row["speed"] = speed(turns, own["return"], curves[bases[name]]["return"], share)
        row["speed"]["p"] = min(speeds[name]) if name in compared else None
        row["speed"]["shown"] = pace(row["speed"], *speeds[name]) if name in compared else None
        whole = wholes[name]
        row["before"] = {key: interval(values[:, 0]) for key, values in whole.items()}
        judged = {
            key: whole[key]
            for key in yardsticks
            if not np.isnan(np.stack([whole[key], wholes[default][key]])).any()
        }
        margins = {key: YARDSTICKS[key].margin for key in judged}
        row["hacking"] = hacking(
            [0, *turns], whole[PAID], judged, margins, None if name == default else wholes[default]
        )
        if planned:
            behind = [
                np.mean(best) - np.mean(part["returns"])
                for best, part in zip(planned, parts[name], strict=True)
            ]
            row["regret"] = interval(np.array(behind))
        row["verdict"] = verdict(row, len(happens))
        rows.append(row)
    told = {"learner": learner, "label": registry.label(learner), "turns": turns}
    return {**told, "measures": happens, "rows": rows}


def pace(speed: Mapping[str, Any], p_times: float, p_while_learning: float) -> str | None:
    """Whether a reward is "faster" or "slower", by that of its two figures which is surer; None if neither is sure."""
    if min(p_times, p_while_learning) > ALPHA:
        return None
    ahead = speed["times"]["mean"] > 1 if p_times <= p_while_learning else speed["while_learning"]["mean"] > 0
    return "faster" if ahead else "slower"


def verdict(row: Mapping[str, Any], measures: int) -> list[str]:
    """What is shown of a reward: "hacked", "faster", "slower", "nothing but speed", "better", "worse".

    Args:
        row: Of ``learner_table``.
        measures: How many have to be the same where nothing but speed differs.
    """
    out = ["hacked"] if row["hacking"]["hacked"] else []
    if row["speed"]["shown"] is not None:
        out.append(row["speed"]["shown"])
        if len(row["same"]) == measures:
            out.append("nothing but speed")
    if "return" in row["differs"]:
        out.append("better" if row["difference"]["return"]["mean"] > 0 else "worse")
    return out


def reached(turns: float | None, last: int) -> Told:
    """``"4,000"``, or that it was not reached."""
    return Told(f"> {last:,}") if turns is None else count(turns)


def p_value(p: float | None) -> Told:
    """``"0.012"``, ``"< 0.001"``."""
    return Told("") if p is None else Told("< 0.001" if p < 0.001 else f"{p:.3f}", p)


def speed_grid(table: Mapping[str, Any], part: Mapping[str, Any]) -> Grid:
    """How fast every reward teaches, and what is shown of it."""
    out = Grid(
        (
            *("reward", "base", f"turns to {table['share']:.0%}", "of the base", "times as fast"),
            *("return while learning", "p", "shown"),
        ),
        title=f"{part['label']}: how fast rewards teach, and what is shown of them",
        caption=f"turns until the unshaped return is for good at {table['share']:.0%} of the base's last one, median "
        f"of {table['seeds']} seeds; times: geometric mean, 95% interval; return while learning: mean over all "
        "turns, less the base's; p: either differs, corrected for both and all rewards",
        text=(1, 7),
    )
    for row in part["rows"]:
        found, own = row["speed"], row["base"] == row["reward"]
        out.add(
            row["reward"],
            "" if own else row["base"],
            reached(found["until"], table["turns"]),
            "" if own else reached(found["base_until"], table["turns"]),
            "" if own else from_to(found["times"], 2),
            "" if own else plus_minus(found["while_learning"], sign=True),
            p_value(found["p"]),
            ", ".join(row["verdict"]),
            bold=bool(row["verdict"]),
        )
    return out


def final_grid(table: Mapping[str, Any], part: Mapping[str, Any]) -> Grid:
    """Yardsticks, regret and habits of every reward after the last turn."""
    planner = [] if table["planner_return"] is None else [f"regret to {table['planner']}"]
    yardsticks, habits = ([key for key in kind if key in part["measures"]] for kind in (YARDSTICKS, HABITS))
    out = Grid(
        ("reward", *(MEASURES[k].label for k in yardsticks), *planner, *(MEASURES[k].label for k in habits)),
        title=f"{part['label']}: after {table['turns']:,} turns",
        caption=f"95% intervals over {table['seeds']} seeds, {table['final_people']} people each; * differs from its "
        "base (corrected for all rewards and columns); = shown to be the same within the margin"
        + f"; regret: on {table['planner_people']} people of each seed" * bool(planner)
        + "".join(f"; {MEASURES[key].label}: 0 for all" for key in MEASURES if key not in part["measures"]),
    )

    def cell(row: Mapping[str, Any], key: str) -> Told:
        mark = "*" * (key in row["differs"]) + "=" * (key in row["same"])
        return plus_minus(row["final"][key], MEASURES[key].decimals).marked(mark)

    for row in part["rows"]:
        regret = [plus_minus(row["regret"])] if planner else []
        cells = [cell(row, key) for key in yardsticks] + regret + [cell(row, key) for key in habits]
        out.add(row["reward"], *cells, bold=row["base"] == row["reward"])
    return out


def hacking_grid(part: Mapping[str, Any]) -> Grid:
    """What every reward pays while a yardstick falls."""
    out = Grid(
        ("reward", "hacked", "p", "yardstick", "since turn", "paid", "yardstick falls by", "against turn"),
        title=f"{part['label']}: what a reward pays goes up while a yardstick falls",
        caption="p: corrected for all pairs of looks and all yardsticks; a fall has to exceed the yardstick's margin, "
        "and end below the first reward's",
        text=(1, 3, 7),
    )
    for row in part["rows"]:
        found = row["hacking"]
        if found["hacked"]:
            told = (
                YARDSTICKS[found["yardstick"]].label,
                count(found["since"]),
                plus_minus(found["rise"], sign=True),
                plus_minus(found["fall"]),
                f"{found['reference']:,}" if found["reference"] else "before learning",
            )
            out.add(row["reward"], "yes", p_value(found["p"]), *told, bold=True)
        else:
            passing = ", ".join(f"{turn:,}" for turn in found["passing"])
            out.add(
                row["reward"],
                "for a while" if passing else "no",
                p_value(found["p"]),
                "",
                passing,
                "",
                "",
                "",
            )
    return out


def list_rewards(json: bool) -> int:
    """Print the rewards, terms and potentials there are; returns the exit code."""
    if json:
        terms = {name: one._asdict() for name, one in PAYMENTS.items()}
        print_json({"rewards": REWARDS, "terms": terms, "potentials": POTENTIALS})
        return 0
    for grid in _lists():
        output().print(grid)
    return 0


def _lists() -> Iterable[Grid]:
    presets = Grid(("reward", "differs from the default by"), title="Rewards", text=(1,))
    for name, fields in REWARDS.items():
        told = {
            k: v
            for key, value in fields.items()
            for k, v in (value if key == "terms" else {key: value}).items()
        }
        presets.add(
            name,
            ", ".join(f"{k} {v if isinstance(v, str) else f'{v:g}'}" for k, v in told.items()) or "nothing",
        )
    terms = Grid(("term", "paid for"), title='Further terms, as {"terms": {"NAME": weight}}', text=(1,))
    for name, one in PAYMENTS.items():
        terms.add(name, one.about + (" (oracle)" if one.oracle else ""))
    potentials = Grid(("potential", "function"), title='Potentials, as "REWARD+NAME"', text=(1,))
    for name, function in POTENTIALS.items():
        potentials.add(name, function)
    return presets, terms, potentials
