"""Measures how well the parser reads the grammar back.

Run it as a script: ``python tests/chatrec_env/language/reading_accuracy.py [CATALOG [STEP]]``.

The plain wordings of the forms that the rules know are read, as written and misspelt. A sentence is read if its acts
carry the intended act with its value, item or facet and polarity. It is read *clean* if no other wish was read into it.
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from collections.abc import Iterator

from chatrec_env.catalog import Catalog, load_catalog
from chatrec_env.language.acts import ParsedAct, UserAct
from chatrec_env.language.english.slots import Slots
from chatrec_env.language.english.typos import misspell
from chatrec_env.language.forms import Form
from chatrec_env.language.grammar import Grammar
from chatrec_env.language.parser import Parser

SIMPLE = {
    Form.GREET: (UserAct.GREET,),
    Form.ACCEPT_WARM: (UserAct.ACCEPT,),
    Form.ACCEPT_PLAIN: (UserAct.ACCEPT,),
    Form.ACCEPT_COOL: (UserAct.ACCEPT,),
    Form.REJECT_MILD: (UserAct.REJECT,),
    Form.REJECT_FIRM: (UserAct.REJECT,),
    Form.REJECT_ANNOYED: (UserAct.REJECT,),
    Form.SEEN_IT: (UserAct.SEEN_IT,),
    Form.MORE_LIKE_THAT: (UserAct.MORE_LIKE_THAT,),
    Form.IMPATIENT: (UserAct.IMPATIENT,),
    Form.YES: (UserAct.YES,),
    Form.NO: (UserAct.NO,),
    Form.THANK_LEAVE: (UserAct.THANK, UserAct.LEAVE),
    Form.LEAVE_UNHAPPY: (UserAct.LEAVE,),
    Form.SMALL_TALK: (UserAct.SMALL_TALK,),
    Form.MOOD_BORED: (UserAct.SMALL_TALK,),
    Form.MOOD_PLEASED: (UserAct.SMALL_TALK,),
    Form.RATE: (UserAct.SMALL_TALK,),
}
BY_VALUE = {
    Form.WANT: (UserAct.WANT,),
    Form.ANSWER: (UserAct.WANT,),
    Form.WANT_PAIR: (UserAct.WANT,),
    Form.AVOID: (UserAct.AVOID,),
    Form.TOO: (UserAct.TOO, UserAct.AVOID),
    Form.LIKE_BUT: (UserAct.LIKE_BUT,),
    Form.CHANGE_MIND: (UserAct.CHANGE_MIND,),
    Form.ENOUGH_OF: (UserAct.ENOUGH_OF,),
}
READ = {
    *(*SIMPLE, *BY_VALUE, Form.DONT_KNOW, Form.NO_PREFERENCE, Form.LIKED_ITEM, Form.RELATIVE, Form.CONTEXT),
}
MISSPELT = {Form.WANT, Form.ANSWER, Form.AVOID}
UNWANTED = {Form.AVOID, Form.TOO, Form.ENOUGH_OF}


def is_read(form: Form, args: tuple[int, ...], acts: tuple[ParsedAct, ...]) -> bool:
    """Whether the acts carry what the sentence was made to say."""
    kinds = {act.act for act in acts}
    if form in SIMPLE:
        return kinds.issuperset(SIMPLE[form])
    if form in BY_VALUE:
        sign = -1 if form in UNWANTED else 1
        found = {act.value for act in acts if act.act in BY_VALUE[form] and act.polarity == sign}
        return found.issuperset(args)
    arg = args[0]
    if form in (Form.DONT_KNOW, Form.NO_PREFERENCE):
        wanted = UserAct[form.name]
        return any(act.act == wanted and act.facet in (-1, arg) for act in acts)
    if form == Form.LIKED_ITEM:
        return any(act.act == UserAct.LIKED_ITEM and act.item == arg and act.polarity == 1 for act in acts)
    if form == Form.RELATIVE:
        facet, more = divmod(arg, 2)
        return any(
            act.act == UserAct.RELATIVE and act.facet == facet and act.direction == 2 * more - 1
            for act in acts
        )
    if form == Form.CONTEXT:
        return any(act.act == UserAct.CONTEXT and act.context == arg for act in acts)
    raise AssertionError(form)


def is_clean(form: Form, args: tuple[int, ...], acts: tuple[ParsedAct, ...]) -> bool:
    """Whether no wish, title or name was read that is not in the sentence."""
    values = args if form in BY_VALUE else ()
    return all(
        act.value in (-1, *values)
        and act.entity < 0
        and (act.item < 0 or form == Form.LIKED_ITEM)
        and (act.direction == 0 or form == Form.RELATIVE)
        for act in acts
    )


def sentences(grammar: Grammar) -> Iterator[tuple[int, Form, tuple[int, ...], int]]:
    """Every plain sentence a person of the grammar can say: id, form, values or argument, style."""
    for sentence in map(int, grammar.reachable_ids()):
        form, arg, variant = grammar.describe(sentence)
        if form in READ and variant < form.n_styles:
            yield sentence, form, grammar.pair_values(arg) if form == Form.WANT_PAIR else (arg,), variant


def measure(
    catalog: Catalog, step: int = 1
) -> tuple[dict[bool, Counter[str]], list[tuple[str, str, tuple[ParsedAct, ...]]]]:
    """Counts of all, read and clean sentences, without and with typos, and the misread ones.

    With a ``step``, only every so many-th sentence of each form is read (its first always), to be fast.
    """
    grammar, parser, vocabulary = Grammar(catalog), Parser(catalog), Slots(catalog).vocabulary
    counts: dict[bool, Counter[str]] = defaultdict(Counter)
    wrong: list[tuple[str, str, tuple[ParsedAct, ...]]] = []
    met: Counter[Form] = Counter()
    for sentence, form, args, _ in sentences(grammar):
        met[form] += 1
        if (met[form] - 1) % step:
            continue
        plain = grammar.text(sentence)
        for typo in (False, True) if form in MISSPELT else (False,):
            text = misspell(plain, vocabulary=vocabulary) if typo else plain
            acts = parser.parse(text)
            read, clean = is_read(form, args, acts), is_clean(form, args, acts)
            counts[typo].update(all=1, read=int(read), clean=int(read and clean))
            if not (read and clean):
                wrong.append((f"{form}{' (typo)' if typo else ''}", text, acts))
    return counts, wrong


def main(name: str = "movies", step: str = "1") -> None:
    """Prints the shares and the misread sentences."""
    catalog = load_catalog(name)
    counts, wrong = measure(catalog, int(step))
    for kind, text, acts in wrong:
        said = "; ".join(
            f"{act.act.name}"
            + (f" {catalog.value_names[act.value]}" if act.value >= 0 else "")
            + (f" <{catalog.titles[act.item]}>" if act.item >= 0 else "")
            + (f" [{catalog.entity_names[act.entity]}]" if act.entity >= 0 else "")
            for act in acts
        )
        print(f"{kind:22} {text:60} -> {said}")
    for typo, count in sorted(counts.items()):
        print(
            f"{'with typos' if typo else 'without typos'}: {count['all']} sentences, "
            f"{count['read'] / count['all']:.2%} read, {count['clean'] / count['all']:.2%} read and clean"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
