"""The manual page of the environments: the docstring of ``ChatRecEnv``."""

MANUAL = """A conversation with one person who is looking for something; the agent asks or recommends.

## Description

Each turn the system asks a question or recommends one item (``ChatRec/Slate-v0``: several). The person answers in
words, clicks on an item or not, rates it if they did, and may leave. The person is simulated: what they like, how
patient they are and how strongly they satiate on similar items are hidden. The observation is what a deployed
system would have: the conversation encoded by a language model, past clicks and ratings, what the parsed sentences
say the person wants, and the candidates found by retrieval.

Three ids share these rules and differ in their actions: ``ChatRec/Items-v0``, ``ChatRec/Strategy-v0`` and
``ChatRec/Slate-v0``. Numbers below are for the built-in films (8 facets, 143 values, 4 contexts), 12 candidates and
20 turns, and for ``talk="plain"``; what is different where people talk more freely stands under Talk.

## Action Space

``ChatRec/Items-v0``: ``Discrete(20)``, F askable facets and K candidates.

| Action | Meaning |
|--------|---------|
| 0-7    | ask about genre, mood, theme, era, audience, length, country, language |
| 8-19   | recommend candidate 0 (the best match) to 11 |

``ChatRec/Strategy-v0``: ``Discrete(6)``.

| Action | Meaning |
|--------|---------|
| 0      | ask the question whose answer would tell most |
| 1      | confirm the likeliest value not yet offered for confirmation |
| 2      | exploit: recommend the candidate of the highest score |
| 3      | explore: of the highest score plus twice its uncertainty |
| 4      | diversify: of the highest score less twice its overlap with what was accepted lately |
| 5      | close the conversation |

``ChatRec/Slate-v0``: ``MultiDiscrete([9, 12, 12, 12, 12, 12])``, that is ``[1 + F] + [K] * S``. S is
``slate_size``, 5 unless told otherwise.

| Number | Meaning |
|--------|---------|
| first  | 0: recommend a slate; 1-8: ask about genre, ..., language |
| others | the candidate, 0 to 11, in each place of the slate, top place first; ignored when asking |

An action may be a Python, NumPy or torch integer, or an array or tensor that holds one; of Slate, a list, array or
tensor of 1 + S integers. Every question can be asked, also repeatedly. A candidate place is empty, and cannot be
recommended, once fewer unseen items than places are left.

### Masks

Legal actions are in ``info["action_mask"]`` (int8) and ``env.unwrapped.action_masks()`` (bool). A masked action
raises ``IllegalActionError``; with ``masked_actions="redirect"`` it becomes the best candidate (Items) or
``exploit`` (Strategy) instead.

Items and Strategy: one entry for each action. Choose a legal one with ``env.action_space.sample(mask)``.

Slate: one run of entries for each number, one after the other, 1 + F + S K = 69 in all. ``MultiDiscrete`` samples
from the same entries as a tuple:

    parts = np.cumsum(env.action_space.nvec)[:-1]
    action = env.action_space.sample(mask=tuple(np.split(info["action_mask"], parts)))

Such a mask treats each number by itself, so it cannot forbid naming a candidate twice. A duplicate is legal: the item
is shown once, in the first place that names it, and the later place stays empty. Masks of places count only when a
slate is recommended. Once no unseen item is left, recommending is masked. ``"redirect"`` replaces each masked number
by the first legal one: recommend, or the best candidate.

``MaskablePPO`` of sb3-contrib calls ``action_masks()`` by itself, through wrappers, ``DummyVecEnv`` and
``SubprocVecEnv``, and never draws a masked action; it takes all three ids. ``PPO``, ``DQN`` and the others of
stable-baselines3 know no masks: make their environment with ``masked_actions="redirect"``, or their first masked
action raises. ``DQN`` takes ``Discrete`` actions only, which Slate does not have.

The native vector environment has the same masks with a leading axis of N. Its ``action_space`` of Slate is a
``Box``, as Gymnasium batches ``MultiDiscrete``, and a ``Box`` takes no mask: sample each row from
``single_action_space``.

### Slates

The person looks at the places from the top down, and the less at each the lower it is: place s (the top one is 0) is
examined with weight 0.85^s, times (1 + trust) / 2. They click on one item or on none: a multinomial logit over the
examined items and a no-click option. Items they know already are not clicked.

Variety within the slate matters. An item loses utility as far as its satiating values (genres, moods, themes) are
those of the items above it, in proportion to how much these were examined and to how strongly the person satiates.

Credit goes to the clicked item: it alone is rated, counts for the reward, and satiates. The estimated tastes learn from
it, and from the items above it as passed over; of the items below nothing is known. Without a click all were passed
over. The explanation in words is about the first item.

## Observation Space

``observation="flat"``: ``Box(-8, 8, (width,), float32)``, the blocks below one after the other; ``"dict"``: the
same blocks by name, in this order, so that Gymnasium's ``flatten`` gives the flat vector; ``"tabular"``:
``Discrete(432)``. D is the width of the sentence encoder: 384 for
``"minilm"`` (width 1130), 64 for ``"hash"`` (width 490). ``env.unwrapped.layout.columns()`` names every column.

| Block        | Columns | Range   | Content |
|--------------|---------|---------|---------|
| conversation | 2 D     | [-1, 1] | recency-weighted mean encoding of the person's sentences, then the system's |
| history      | 40      | [-8, 8] | clicks, ratings, last outcome (4), waiting, surprise (2); 12 acts of the    |
|              |         |         | person's last turn; estimated tastes over 16 content factors, their variance |
| belief       | 175     | [-8, 8] | stated wish per value (143, in [-1.5, 1.5]); per facet: entropy, times asked, |
|              |         |         | answered, no answer |
| candidates   | 132     | [-8, 8] | 11 per candidate: present, score, gap, wanted, unwanted, taste, uncertainty, |
|              |         |         | overlap, refused, acclaim, popularity |
| context      | 13      | [0, 1]  | company the person named: unknown, alone, partner, friends, kids; time of day |
|              |         |         | seen: morning, afternoon, evening, night; device: phone, tablet, computer, tv |
| budget       | 2       | [0, 8]  | share of turns left; questions / 10 |

``conversation="sequence"`` gives the last T turns (``history_turns``, 8) instead, for recurrent and attention
policies: ``conversation`` has T * 2 D columns, oldest turn first, each the person's sentences' mean encoding, then
the system's; and a block ``conversation_mask`` of T columns follows it, 1 for turns that took place. In the dict
form, ``conversation`` has shape (T, 2 D).

``semantic`` above 0 adds 10 columns to each candidate (for 252 in all): match, how like the item's text is to what the
person said beyond the slots; match_last, to what they said last; text 0 to text 7, the leading principal components of
the text's vector. See Meaning.

The tabular state counts facets known (4 levels), last turn (3), turns waited (4), overlap (3) and score (3) of
the best candidate.

## Talk

With ``talk="plain"`` people state wishes, answer questions and judge what they are shown. With ``talk="crs"`` (as
people talk to machines) and ``talk="chat"`` (as they talk to people) they do more:

* They ask about the item on the table before they decide: for a fact, whether it has a value, who is in it, what it is
  about, whether it is good, the reason, how two compare, or what no catalogue tells. Who is asked something instead of
  being answered is annoyed, and may ask again.
* They name titles: liked, disliked, seen, wanted the like of, or looked for, some of them not in the catalogue.
* They put wishes firmly or softly, as limits, with exceptions, for somebody else; drop them, take back what they said
  last, start over.
* They complain that an item is not what they asked for, doubt, take an item by its place or title or under a
  condition, tell how good it was.
* They greet, ask what the system can do, chat, insult, type in haste, use another language.

The rates of all this are in ``simulators.scenarios.talk``, with where they come from. How curious a person is, what
they want to ask and how they take it stays hidden. Their sentences are read by a learned reader, on the token states of
``"minilm"`` whatever the ``encoder`` is, misreadings included.

The system answers from the cards of the items, and admits what they do not tell. It apologises, gives help, and closes
warmly after an accepted item. As a reason it gives a stated wish, never one that it inferred; else likeness to a title
that was named or enjoyed, or acclaim; else it says that it guessed. Named titles are no candidates any more, and a
title that was asked for is the first candidate. Who asks before they decide has not refused: nothing is learned from
it. A value whose lack was complained of is wished for as firmly as by "it must be".

There is one action more, ``answer``: it answers what the person has just asked, and what lies on the table stays there,
or else the item that the question is about is laid there. It is legal only where the person has just asked something,
and costs nothing. Recommending answers as well, before it shows the next item; asking does not answer. As it is masked
in most turns, learners and checkers that know no masks need ``masked_actions="redirect"``.

| Environment             | Actions | ``answer`` |
|-------------------------|---------|------------|
| ``ChatRec/Items-v0``    | ``Discrete(21)`` | 8; candidates are 9-20 |
| ``ChatRec/Strategy-v0`` | ``Discrete(7)``  | 6 |
| ``ChatRec/Slate-v0``    | ``MultiDiscrete([10, 12, 12, 12, 12, 12])`` | first number 9 |

The history block has 19 columns more, for 59 in all, after the 12 acts of the person's last turn: ask_fact, ask_plot,
ask_opinion, ask_why, compare, liked_item, disliked_item, like, find_item, doubt, condition, mismatch, drop, except,
start_over, undo, help, insult, other_language. The widths are 1149 for ``"minilm"`` and 509 for ``"hash"``. Stated
wishes lie in [-2.25, 2.25]: a firm one counts 1.5 times a plain one, a soft one half. In the info, ``item`` and
``slate`` tell what stays on the table.

## Meaning

With ``semantic`` above 0, what people say beyond the slots ("a village where everybody hides something") reaches
retrieval by the encoder. A sentence that is nearer to some plain sentence ("a comedy, please") than most of these are
to each other says nothing more. Any other is like the items whose texts (title, sentence, values) have a vector near
its own: likeness is 0 for 9 in 10 pairs of a plain sentence and an item, 1 at the 99th of 100, and not limited. At most
256 items count.

The last 4 such sentences are remembered, but for those that only turn something down. The latest has weight 1, and each
new one leaves 0.7 of the weight of the others. When an item is rated, the weight of each moves by 0.25 (stars - 3)
times its likeness to the item (at most 1), when it is passed over, by -0.25 times that; weights lie in [0, 2].
``match`` sums likeness times weight, and ``semantic`` times ``match`` is added to an item's score. To start over
forgets all of them, to undo those of the turn before.

With ``themes`` such sentences are matched with themes in place of texts: what people had in mind whose conversations
they were learned from (``chatrec fit-themes``), in whatever words. Each theme has a share of people, a centre among
encoded sentences, and what each item is worth to who has it in mind, in utility, less what it is worth to all. A
sentence adds 17 times its product with the centre to the log-likelihood of a theme; what comes of a suggestion adds to
it too, by the gradient and curvature of its likelihood. ``match`` is the utility an item is expected to gain, by the
chances of the themes; ``match_last`` is that by the last turn's sentences alone. To undo takes back the evidence of the
sentences.

## Starting State

A new person, drawn from the scenario with the seed of ``reset``, has said their first words. The same seed
brings the same person with the same random draws, whatever the actions are, and whatever their rating history.

With a ``rating_history``, the person has rated items before (5 to 15 if warm, 40 to 100 if heavy) by their own
tastes, and the system knows these ratings. They move the estimated tastes and, with ``collaborative``, the
person's place among the collaborative factors; rated items count as seen and are never candidates. At most a
quarter of the catalogue was rated. The ratings are in ``env.unwrapped.state.dialogue.rating_history``.

## Rewards

The sum of named terms, each also in the info. Weights are keywords (``reward={"ask_cost": 0.1}``), some sets of them
have names (``reward="sparse"``), and there are further terms (``reward={"terms": {"diversity": 0.2}}``), whose infos
come last: see ``RewardConfig``, ``chatrec_env.shaping`` and docs/shaping.md.

| Term    | Default | Paid |
|---------|---------|------|
| click   | 1.0     | for a clicked item |
| rating  | 0.5     | times (stars - 3) / 2 for a clicked item |
| ask     | -0.05   | for a question or a confirmation |
| leave   | -0.5    | when the person leaves |
| shaping | 0.0     | gamma * phi(s') - phi(s); off, or ``"knowledge"``, ``"engagement"``, ...; phi is 0 at the end |

## Episode End

Termination: the person leaves, or the system closes (``ChatRec/Strategy-v0``). Truncation: after ``max_turns``
turns, by the environment itself; ``env.spec.max_episode_steps`` says how many.

``max_episode_steps`` in the keywords of ``gymnasium.make_vec``, in those of the class, or in a registered
specification that a native vector environment is made from, means ``max_turns``; where both are given, the
smaller one counts. ``gymnasium.make`` keeps ``max_episode_steps`` for its own ``TimeLimit`` wrapper, of which
the environment learns nothing: conversations end earlier, but the budget in the observation is still that of
``max_turns``. An environment made from ``env.spec`` has this wrapper, at the same turn; ``max_episode_steps=-1``
leaves it out.

## Information

With ``info="full"``, the same keys at ``reset`` and at every ``step``; nothing latent is among them (see
``reveal``).

| Key             | Content |
|-----------------|---------|
| action_mask     | (n,) int8, 1 where an action is legal now |
| system_text     | what the system said this turn, empty at reset |
| user_text       | what the person said |
| candidate_items | (K,) int32, rows of the catalogue that are candidates now, best first |
| item            | row of the item recommended this turn, -1 if none; of a slate the clicked item, else the first |
| clicked         | whether it was clicked |
| stars           | its rating, 1 to 5, 0 if none |
| left            | whether the person left |
| turn            | turns taken |
| questions       | questions and confirmations so far |
| is_success      | whether an item clicked so far was rated 4 or 5 |
| reward_click    | term of this turn's reward, likewise the next four |
| reward_rating   | |
| reward_ask      | |
| reward_leave    | |
| reward_shaping  | |

``ChatRec/Slate-v0`` adds ``slate``, (S,) int64: rows of the items shown, the top place first, -1 where a place is
empty (S of 2 or more; with a slate of one ``item`` says it). The clicked item is ``item`` where ``clicked`` is true.

The LLM user simulator adds ``llm_calls``, ``llm_tokens``, ``llm_seconds``, ``llm_invalid``, ``llm_leaks`` and
``llm_fallbacks``: the conversation's totals so far.

``info="numbers"`` leaves ``system_text`` and ``user_text`` out: no text is put together. ``info="lean"`` is for
training at full speed: the info is empty, except for ``is_success`` on the last turn of a conversation; masks
are in ``env.unwrapped.action_masks()``. The vector environment has the same levels; ``final_obs`` and
``final_info`` of its same-step autoreset are there at every level.

## Arguments

All are plain JSON data; ``EnvConfig`` and ``RewardConfig`` document them further.

| Argument       | Default      | Meaning |
|----------------|--------------|---------|
| catalog        | ``"movies"`` | built-in catalogue, or a path (CSV, Parquet, MovieLens folder) |
| users          | ``"scripted"`` | user simulator: ``"scripted"``, ``"llm"``, or a dict, as for scenario |
| scenario       | ``"full"``   | ``"full"``, ``"null"``, ``"satiation"``, ``"patience"``, ``"drift"``,
|                |              | ``"retention"``, ``"noisy"``, ``"context"``, ``"own_words"``, or a dict with
|                |              | ``"name"`` and parameters to change |
| talk           | ``"plain"``  | how people talk: ``"plain"``, ``"crs"`` or ``"chat"``; see Talk |
| encoder        | ``"minilm"`` | sentence encoder; ``"hash"`` needs no model |
| observation    | ``"flat"``   | ``"flat"``, ``"dict"`` or ``"tabular"`` |
| conversation   | ``"recency"`` | or ``"sequence"``: the last turns, one by one |
| history_turns  | ``8``        | T of the sequence |
| reward         | ``{}``       | name of a reward, or weights to change |
| max_turns      | ``20``       | turn budget |
| n_candidates   | ``12``       | K |
| slate_size     | ``None``     | S of ``ChatRec/Slate-v0``: 1 to K, at most 50; None is 5, or K if that is less |
| masked_actions | ``"raise"``  | or ``"redirect"``: a masked action becomes the best candidate |
| rating_history | ``"cold"``   | what people rated before: ``"cold"``, ``"warm"``, ``"heavy"`` or ``"mixed"`` |
| collaborative  | ``0.0``      | weight of collaborative factors in retrieval, or a dict with ``"weight"`` |
| semantic       | ``0.0``      | weight of dense retrieval: what is said beyond the slots against items' texts |
| themes         | ``""``       | what it is matched with instead: ``"learned"`` or a file of themes; see Meaning |
| render_mode    | ``None``     | ``"ansi"`` (text) or ``"rgb_array"`` (480 x 640 pixels) |
| info           | ``"full"``   | ``"full"``, ``"numbers"`` (no texts) or ``"lean"``; see Information |

```python
env = gymnasium.make("ChatRec/Items-v0", encoder="hash", scenario={"name": "full", "patience": 3.0})
observation, info = env.reset(seed=0)
observation, reward, terminated, truncated, info = env.step(env.action_space.sample(info["action_mask"]))
```

An unknown keyword raises ``UnknownKeywordError``, which is a ``TypeError`` too.

### Copies, threads and workers

``copy.deepcopy(env)`` and ``pickle`` copy the conversation under way and the generator; the copy goes on as the
original would. A deep copy shares the catalogue and the sentence table; a pickle carries them.

One environment serves one thread: a ``reset`` or ``step`` during another one raises ``ConcurrentUseError``.
Several environments, of the same configuration too, run side by side in several threads.

The ids are registered by ``import chatrec_env``. A worker process that is spawned imports it only if told to, and
says "Namespace ChatRec not found" otherwise. Put the module before the id: ``"chatrec_env:ChatRec/Items-v0"``
works everywhere, in ``AsyncVectorEnv``, in ``make_vec_env(..., vec_env_cls=SubprocVecEnv)`` and in RLlib.

## Version History

* v0: first version.
"""
