// The conversation and the notes beside it, as elements.

import { chip, el, roving } from "./dom.js";
import { suggestion } from "./card.js";
import { poster } from "./poster.js";

const SIGNS = {
  want: ["+", "want"],
  avoid: ["−", "not"],
  like: ["♥", "you like"],
  dislike: ["−", "you do not like"],
  context: ["◦", "for"],
  relative: ["↗", "rather"],
  change: ["→", "now"],
  open: ["~", "open:"],
  drop: ["×", "no longer"],
  ask: ["?", "you ask:"],
};

export function welcome(noun, { time, device }) {
  const seen = [time, device].filter(Boolean).join(", ");
  const first = 7 + Math.floor(Math.random() * 900);
  const fan = el("div", { class: "fan" }, ...[0, 1, 2, 3, 4].map((i) => poster(first + 3 * i)));
  return el(
    "div",
    { class: "welcome" },
    fan,
    el("h2", {}, `Let’s find your next ${noun}`),
    el("p", {}, "Say it in your own words: a mood, a title you loved, who is with you, what you have had enough of."),
    seen && el("p", { class: "note" }, `The policy also sees: ${seen}.`),
  );
}

export function personSays(text) {
  return el("div", { class: "row person" }, el("div", { class: "bubble" }, el("span", { class: "sr" }, "You: "), el("span", { class: "said", dir: "auto" }, text)));
}

export function understood(heard, missed = []) {
  if (!heard.length && !missed.length) return null;
  const chips = heard.map(({ kind, text }) => chip(`heard ${kind}`, ...(SIGNS[kind] ?? ["·", ""]), text));
  const unclear = missed.map((text) => chip("heard missed", "?", "not understood:", text));
  const note = (text) => el("span", { class: "note" }, text);
  return el(
    "div",
    { class: "row person heard-row" },
    chips.length ? note("understood") : null,
    ...chips,
    unclear.length ? note("not understood") : null,
    ...unclear,
  );
}

export function systemSays(...texts) {
  const bubble = el("div", { class: "bubble" }, el("span", { class: "sr" }, "Chat-Rec: "), el("span", { class: "said", dir: "auto" }, texts.join(" ")));
  return el("div", { class: "row system" }, bubble);
}

export function typing() {
  const dots = el("span", { class: "dots", "aria-hidden": "true" }, el("i"), el("i"), el("i"));
  return el("div", { class: "row system typing" }, el("div", { class: "bubble" }, el("span", { class: "sr" }, "Thinking"), dots));
}

export function problem(message, again, label = "Try again") {
  return el(
    "div",
    { class: "row problem", role: "alert" },
    el("p", {}, message),
    again ? el("button", { type: "button", class: "quiet", onclick: again }, label) : null,
  );
}

export function divider(text) {
  return el("p", { class: "divider" }, el("span", {}, text));
}

// The system's turn: what it says, then the cards. Returns the cards too, so that they can be marked later.
export function reply(turn, act, scale) {
  const texts = turn.said.filter((said) => said.part !== "item" || !turn.cards.length).map((said) => said.text);
  const cards = turn.cards.map((card) => ({ card, ...suggestion(card, act, scale) }));
  const parts = [systemSays(...texts)];
  const [main, ...others] = cards;
  if (main) parts.push(el("div", { class: "row system wide" }, main.element));
  if (others.length) {
    parts.push(
      el(
        "div",
        { class: "row system wide others" },
        el("p", { class: "note" }, "Also on the table"),
        roving(
          el("div", { class: "grid", role: "group", "aria-label": "Also on the table; the arrow keys move" }, ...others.map((other) => other.element)),
          ".take, summary",
        ),
      ),
    );
  }
  return { parts, cards };
}

// What a screen reader says of a turn; the cards are there to be read.
export function spoken(turn) {
  const texts = turn.said.filter((said) => said.part !== "item").map((said) => said.text);
  const [main, ...others] = turn.cards.map(({ title, year }) => (year ? `${title} (${year})` : title));
  if (main) texts.push(`Suggested: ${main}.`);
  if (others.length) texts.push(`Also: ${others.join("; ")}.`);
  return texts.join(" ");
}

// Each wish can be turned round or removed: `correct(wish, stance)` tells the service.
export function showWishes(place, wishes, correct) {
  const chips = wishes.map((wish) => {
    const wanted = wish.strength > 0;
    const element = wanted
      ? chip("want", "+", "you want", wish.value, `${wish.facet}, ${wish.strength}`)
      : chip("avoid", "−", "you do not want", wish.value, `${wish.facet}, ${wish.strength}`);
    const button = (sign, says, stance) =>
      el("button", { type: "button", class: "fix", title: says, "aria-label": `${says}: ${wish.value}`, onclick: () => correct(wish, stance) }, sign);
    if (wish.id) {
      const turn = wanted ? button("−", "Rather not", "avoided") : button("+", "Wanted after all", "wanted");
      element.append(turn, button("×", "Remove", "none"));
    }
    return element;
  });
  place.replaceChildren(
    ...(chips.length ? chips : [el("p", { class: "empty" }, "Nothing yet. Name a mood, an era, a title you liked, or what to avoid.")]),
  );
}

export function showPicks(place, picks) {
  const rows = picks.map(({ card, stars }) =>
    el(
      "li",
      {},
      el("span", { class: "title", dir: "auto" }, card.title),
      el(
        "span",
        { class: "given", "aria-label": stars ? `${stars} of 5 stars` : "not rated" },
        stars ? "★".repeat(stars) + (stars % 1 ? "½" : "") + "☆".repeat(5 - Math.ceil(stars)) : "not rated",
      ),
    ),
  );
  place.replaceChildren(...(rows.length ? rows : [el("li", { class: "empty" }, "What you take is listed here.")]));
}
