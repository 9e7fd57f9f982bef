// Suggestions: what an item is, why it was suggested, taking it, rating it.

import { chip, el } from "./dom.js";
import { poster } from "./poster.js";

const PARTS = {
  wishes: "What you asked for",
  people: "People you named",
  taste: "What you took before",
  meaning: "What you said in your own words",
  kindred: "What people like you liked",
  acclaim: "Acclaim",
  popularity: "How well known it is",
};

const dated = (card) => (card.year ? `${card.title} (${card.year})` : card.title);
const signed = (value) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;

function headline(card) {
  const of = (kind) => card.facts.filter((fact) => fact.kind === kind);
  const first = of("facet")[0];
  return [card.year, first && first.values.join(", "), ...of("number").map((f) => f.values[0])].filter(Boolean).join(" · ");
}

function people(card) {
  const lines = card.facts.filter((fact) => fact.kind === "name");
  if (!lines.length) return null;
  const rows = lines.map((fact) => el("div", {}, el("span", {}, `${fact.label} `), fact.values.join(", ")));
  return el("div", { class: "people" }, ...rows);
}

export function whyChips(why, most = Infinity) {
  const chips = [
    ...why.meets.map((wish) => chip("meets", "✓", "meets your wish:", wish.value)),
    ...why.conflicts.map((wish) => chip("conflicts", "!", "goes against your wish:", wish.value, "You asked to be spared this")),
    ...why.misses.map((wish) => chip("misses", "✕", "does not meet your wish:", wish.value, "You asked for this")),
    ...why.resembles.map((like) =>
      chip("resembles", "≈", "is like", `like ${like.title}`, like.shared.length ? `Both: ${like.shared.join(", ")}` : ""),
    ),
  ];
  return chips.slice(0, most);
}

function ordinal(n) {
  const tail = n % 100 > 10 && n % 100 < 14 ? "th" : (["th", "st", "nd", "rd"][n % 10] ?? "th");
  return `${n}${tail}`;
}

function reasons(card, scale) {
  const most = Math.max(1, ...Object.values(card.why.parts).map(Math.abs));
  const rows = Object.entries(card.why.parts)
    .filter(([, value]) => Math.abs(value) >= 0.005)
    .map(([name, value]) => {
      const bar = el("span", { class: value < 0 ? "fill against" : "fill" });
      bar.style.width = `${(Math.abs(value) / most) * 100}%`;
      return el(
        "li",
        {},
        el("span", { class: "part" }, PARTS[name] ?? name),
        el("span", { class: "meter", "aria-hidden": "true" }, bar),
        el("span", { class: "number" }, signed(value)),
      );
    });
  const facts = card.facts
    .filter((fact) => fact.kind === "facet")
    .slice(1)
    .map((fact) => [el("dt", {}, fact.label), el("dd", {}, fact.values.join(", "))])
    .flat();
  const both = card.why.resembles.filter((like) => like.shared.length);
  const place = `${ordinal(card.rank)} of ${card.candidates} on the table by the ${
    scale === "ranker" ? "trained ranker" : "estimated fit"
  } (score ${signed(card.score)}).`;
  return el(
    "details",
    { class: "reasons" },
    el("summary", {}, "More, and how the score adds up"),
    facts.length ? el("dl", {}, ...facts) : null,
    ...both.map((like) => el("p", {}, `Like ${like.title}, which you liked: ${like.shared.join(", ")}.`)),
    rows.length ? el("ul", { class: "parts" }, ...rows) : null,
    el("p", { class: "place" }, place),
  );
}

function starRow(card, act) {
  const name = `stars-${Math.random().toString(36).slice(2)}`;
  const inputs = [1, 2, 3, 4, 5].map((n) =>
    el(
      "label",
      { title: `${n} of 5` },
      el("input", { type: "radio", name, value: n, class: "sr", onchange: () => act.rate(card, n) }),
      el("span", { "aria-hidden": "true" }, "★"),
      el("span", { class: "sr" }, n === 1 ? "1 star" : `${n} stars`),
    ),
  );
  return el("fieldset", { class: "stars", hidden: true }, el("legend", {}, "Your rating"), ...inputs);
}

// A card knows how to show itself taken and rated; `card.mark({taken, rating})` is called by whoever keeps score.
export function suggestion(card, act, scale) {
  const stars = starRow(card, act);
  const button = el(
    "button",
    { type: "button", class: card.chosen ? "primary take" : "take", onclick: () => act.take(card) },
    card.chosen ? "I’ll take it" : "Take this",
    el("span", { class: "sr" }, `: ${dated(card)}`),
  );
  const actions = el("div", { class: "actions" }, button, stars);
  const chips = whyChips(card.why);
  const why = chips.length
    ? el("div", { class: "chips why", role: "group", "aria-label": "Why this one" }, ...chips)
    : el("p", { class: "why none" }, "A well-liked pick: nothing you have said speaks for or against it yet.");
  const element = card.chosen
    ? el(
        "article",
        { class: "card", "aria-label": dated(card) },
        poster(card.item),
        el(
          "div",
          { class: "body" },
          el("h3", { dir: "auto" }, card.title, card.year ? el("span", { class: "year" }, ` ${card.year}`) : null),
          el("p", { class: "facts" }, headline({ ...card, year: null })),
          people(card),
          el("p", { class: "sentence", dir: "auto" }, card.sentence),
          why,
          actions,
          reasons(card, scale),
        ),
      )
    : el(
        "article",
        { class: "card small", "aria-label": dated(card) },
        poster(card.item),
        el(
          "div",
          { class: "body" },
          el("h4", { dir: "auto" }, card.title),
          el("p", { class: "facts" }, headline(card)),
          chips.length ? el("div", { class: "chips why", role: "group", "aria-label": "Why this one" }, ...whyChips(card.why, 3)) : null,
          el("details", { class: "reasons" }, el("summary", {}, "About it"), el("p", { class: "sentence", dir: "auto" }, card.sentence), people(card)),
          actions,
        ),
      );
  element.dataset.item = card.item;
  return { element, mark: (state) => mark(element, button, stars, card, state) };
}

function mark(element, button, stars, card, { taken, rating }) {
  element.classList.toggle("taken", taken);
  button.disabled = taken;
  button.firstChild.textContent = taken ? "✓ Taken" : card.chosen ? "I’ll take it" : "Take this";
  stars.hidden = !taken;
  stars.dataset.stars = rating;
  for (const input of stars.querySelectorAll("input")) input.checked = Number(input.value) === Math.ceil(rating);
  const legend = stars.querySelector("legend");
  legend.textContent = rating ? "Your rating" : "How is it?";
}
