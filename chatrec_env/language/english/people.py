"""What people say: the cores of ``people.txt``, dressed in openers and closings, chosen by number alone.

A variant of a form is a style and a way (:mod:`~chatrec_env.language.forms`). Way 0 is the style's plain wording. Any
other way takes a core of the style's register and may put an opener before it and a closing behind it; which, is drawn
by the form, its argument, the style and the way, such that ways of the same form and argument differ, and so do
arguments of the same way.
"""

from __future__ import annotations

import math
import re
import zlib
from functools import cache
from importlib import resources
from typing import Final

from chatrec_env.language.english.phrases import lower_first
from chatrec_env.language.english.wording import WORDINGS
from chatrec_env.language.forms import N_VARIANTS, Form

REGISTERS: Final = (0, 0, 1, 1, 2, 3)
"""Of each style: 0 terse, 1 plain, 2 chatty, 3 hedged or indirect."""

OPENERS: Final[tuple[tuple[str, ...], ...]] = (
    ("so ", "um, ", "hmm, ", "er, ", "eh, ", "so, ", "mm, ", "hm "),
    (
        *("hmm, ", "well, ", "so, ", "ok so ", "um, ", "oh, ", "er, ", "look, ", "anyway, ", "well ", "hm, "),
        *("listen, ", "so basically ", "and "),
    ),
    (
        *("oh, ", "haha, ", "ooh, ", "honestly, ", "you know, ", "phew, ", "so anyway, ", "well, ", "ah, "),
        *("oh well, ", "so look, ", "gosh, ", "well well, "),
    ),
    ("hmm, ", "well, ", "erm, ", "to be honest, ", "uh, ", "mmm, ", "hm, well, ", "I mean, ", "so, ", "um, "),
)
"""By register."""

PLEASE: Final = (", please", " please")
REQUEST_CLOSINGS: Final = (
    *(*PLEASE, ", thanks", " if possible", ", cheers", " if that's ok", ", thank you", " if you can"),
)
TAKING_CLOSINGS: Final = tuple(one for one in REQUEST_CLOSINGS if one not in (" if possible", " if you can"))
REMARK_CLOSINGS: Final = (
    ", to be honest",
    ", honestly",
    ", really",
    ", you know",
    " tbh",
    ", just saying",
    " I'd say",
)
REFUSAL_CLOSINGS: Final = (*REMARK_CLOSINGS, ", sorry", " I'm afraid")
QUESTION_CLOSINGS: Final = (
    *(
        ", out of interest",
        " by the way",
        ", just curious",
        " btw",
        ", any idea",
        ", just wondering",
        " though",
    ),
)

_REQUESTED: Final = """
want answer want_pair relative like_but change_mind more_like_that like_item find_item find_unlisted but want_entity
at_most at_least surprise_me start_over undo help ask_plot take_item take_place except_value notion
"""
_REMARKED: Final = """
disliked_item seen_item liked_item seen_it liked_it hated_it mood_bored mood_pleased insult rate for_other impatient
leave_unhappy small_talk
"""
_REFUSED: Final = """
avoid dont_know no_preference reject_mild reject_firm reject_annoyed too enough_of drop doubt mismatch no
"""
_REQUESTS, _REMARKS, _REFUSALS = (
    frozenset(map(Form, names.split())) for names in (_REQUESTED, _REMARKED, _REFUSED)
)
_BARE: Final = frozenset({Form.OTHER_LANGUAGE, Form.GREET})
"""Nothing is put before or behind these."""

_TAKEN: Final = frozenset({Form.TAKE_ITEM, Form.TAKE_PLACE})

_PRAISED: Final = frozenset({Form.ACCEPT_WARM, Form.ACCEPT_PLAIN, Form.ACCEPT_COOL, Form.MOOD_BORED})
"""Some of their plain wordings only praise or nod ("OK."), or ask for more by their words ("Same again."), so they are
not said in other ways."""

_SELF_OPENED: Final = re.compile(
    r"(?:ah|again|alright|and|anyway|aw|awesome|but|cheers|cool|come|correct|er|erm|fine|great|hang|haha|hello|hey|hi"
    r"|hm|hmm|honestly|huh|i'm afraid|just|maybe|meh|nah|never|nice|no|nope|oh|oi|ok|okay|one more|ooh|oops|perhaps"
    r"|pretty|probably|please|right|scratch|seriously|so|sorry|sure|thank|thanks|though|ugh|wait|well|whatever|whoops"
    r"|what\?|wow|yeah|yep|yes|yup|you know)(?!\w)",
    re.IGNORECASE,
)
_POLITE: Final = re.compile(
    r"please|thank|cheers|\bif\b|sorry|honest|actual|really|know|wonder|by the way|though", re.IGNORECASE
)


def _read(text: str) -> dict[Form, tuple[tuple[str, ...], ...]]:
    """Cores by form and register of a file such as ``people.txt``."""
    cores: dict[Form, list[list[str]]] = {}
    for line in text.splitlines():
        if line.startswith("["):
            registers = cores.setdefault(Form(line.strip("[]")), [[], [], [], []])
        elif line and not line.startswith("#"):
            registers["tpch".index(line[0])].append(line[2:])
    return {form: tuple(map(tuple, registers)) for form, registers in cores.items()}


def _with_plain(form: Form, cores: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
    """The cores with the form's plain wordings among them, as cores are written."""
    if form in _PRAISED:
        return cores
    plain: list[list[str]] = [[], [], [], []]
    for style, said in enumerate(WORDINGS.get(form, ())):
        plain[REGISTERS[style]].append(lower_first(said.removesuffix(".")))
    return tuple(tuple(dict.fromkeys((*a, *b))) for a, b in zip(plain, cores, strict=True))


_SHIPPED: Final = _read(resources.files(__package__).joinpath("people.txt").read_text(encoding="utf-8"))
CORES: Final = {form: _with_plain(form, cores) for form, cores in _SHIPPED.items()}
"""Of each form of people, by register: wordings without a final full stop or capital."""

PLAIN: Final[dict[Form, tuple[str, ...]]] = {
    form: (*terse[:2], *plain[:2], chatty[0], hedged[0])
    for form, (terse, plain, chatty, hedged) in CORES.items()
    if form not in WORDINGS
}
"""The six plain wordings of forms that have none in ``wording``."""


def seed_of(*parts: object) -> int:
    """A number that depends on what is given alone, the same in every process."""
    return zlib.crc32("|".join(map(str, parts)).encode())


def core(form: Form, arg: int, style: int, way: int) -> str:
    """The wording of a way other than a plain one, with its opener and closing, as cores are written."""
    said, opener, closing = _dressed_core(form, arg, style, way)
    return _dress(said, opener, closing)


def _dressed_core(form: Form, arg: int, style: int, way: int) -> tuple[str, str, str]:
    """The core of a wording, its opener and its closing."""
    register = REGISTERS[style]
    cores = CORES[form][register]
    seed = seed_of(form, arg, register)
    # Styles of the same register take turns, so that no two of their ways are the same.
    place = way * REGISTERS.count(register) + style % 2
    dressed, n = _dressings(form, register)
    if n == 0:
        return cores[(seed + place) % len(cores)], "", ""
    if (seed + place) % 2 == 0 and place // 2 < len(cores):
        return cores[(seed // 2 + place // 2) % len(cores)], "", ""
    index = (seed + place * _step(n)) % n
    for said, openers, closings in dressed:
        if index < len(openers) * len(closings) - 1:
            behind, before = divmod(index + 1, len(openers))  # 0 is the bare core
            return said, openers[before], closings[behind]
        index -= len(openers) * len(closings) - 1
    raise AssertionError(index)


@cache
def _dressings(
    form: Form, register: int
) -> tuple[tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...], int]:
    """Each core with the openers and closings that fit it, "" among both, and how many there are but bare cores."""
    out = []
    for said in CORES[form][register]:
        short = len(said.split()) <= 9 and (" " in said or "{" in said)
        openers = () if form in _BARE or _SELF_OPENED.match(said) else OPENERS[register]
        closings = _closings(form, said) if short and not _POLITE.search(said) else ()
        out.append((said, ("", *openers), ("", *closings)))
    return tuple(out), sum(len(openers) * len(closings) - 1 for _, openers, closings in out)


def _closings(form: Form, said: str) -> tuple[str, ...]:
    """The closings that fit a core."""
    if form in _BARE or said[-1] == "!":
        return ()
    if said[-1] == "?":
        return QUESTION_CLOSINGS if form.is_question else PLEASE if form in _REQUESTS else ()
    if form in _TAKEN:
        return TAKING_CLOSINGS
    if form in _REQUESTS or form.is_question:
        return REQUEST_CLOSINGS if not form.is_question else PLEASE
    return REMARK_CLOSINGS if form in _REMARKS else REFUSAL_CLOSINGS if form in _REFUSALS else ()


def _step(n: int) -> int:
    """A step near the golden section of ``n`` without a common factor, so that ``n`` steps visit all of ``n``."""
    step = max(round(n * 0.618), 1)
    while math.gcd(step, n) != 1:
        step += 1
    return step


def _dress(said: str, opener: str, closing: str) -> str:
    end = said[-1] if closing and said[-1] == "?" else ""
    return f"{opener}{said[: len(said) - len(end)]}{closing}{end}"


def template(form: Form, arg: int, style: int, way: int) -> str:
    """The wording of a variant of a form of people, with its slots; see the module."""
    if _is_plain(form, way):
        return (WORDINGS.get(form) or PLAIN[form])[style]
    return core(form, arg, _style(form, arg, style, way), way)


def plain_or_core(form: Form, arg: int, style: int, way: int) -> tuple[str, int]:
    """The same without its opener and closing, as cores are written, and the style it is in."""
    if _is_plain(form, way):
        return lower_first(template(form, arg, style, way).removesuffix(".")), style
    style = _style(form, arg, style, way)
    return _dressed_core(form, arg, style, way)[0], style


def _is_plain(form: Form, way: int) -> bool:
    return way == 0 and form.n_styles > 1


def _style(form: Form, arg: int, style: int, way: int) -> int:
    """The style of a wording that is not plain; where it goes by the argument, that."""
    return seed_of(form, arg, way) % N_VARIANTS if form.n_styles == 1 else style
