// The page: one session, kept in the service; a reload reads it again.

import * as api from "./api.js";
import { el } from "./dom.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const log = $("log"), form = $("form"), text = $("text"), answers = $("answers");
const KEY = "chatrec.session", THEME = "chatrec.theme";

const state = {
  id: "", turn: 0, scale: "ranker", busy: false,
  cards: [],
  items: new Map(), // item -> its card
  picks: new Map(), // item -> stars kept by the service (0 until rated)
  rating: new Map(), // item -> stars on their way there
  pending: null, // item taken since the last reply
};

const act = { take, rate };
const noted = (wishes) => {
  view.showWishes($("wishes"), wishes, correct);
  const count = $("panel-count");
  count.textContent = wishes.length;
  count.hidden = !wishes.length;
};

// --- showing ---------------------------------------------------------------------------------------------------------

function add(...elements) {
  log.append(...elements.filter(Boolean));
}

function scrollTo(element) {
  const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
  element?.scrollIntoView({ block: "start", behavior: calm ? "auto" : "smooth" });
}

function offer(texts) {
  answers.replaceChildren(
    ...texts.map((reply) => el("button", { type: "button", class: "answer", onclick: () => say(reply) }, reply)),
  );
}

function showReply(turn) {
  const { parts, cards } = view.reply(turn, act, state.scale);
  add(...parts);
  for (const { card, mark } of cards) {
    state.cards.push({ item: card.item, mark });
    state.items.set(card.item, card);
  }
  state.turn = turn.turn;
  if (turn.ended) add(view.divider("The conversation has ended. Write again to take it up."));
  noted(turn.wishes);
  talkedAbout(turn.about);
  return parts[0];
}

// The card that is talked about stands out, and stays where it is while it is asked about.
function talkedAbout(item) {
  for (const card of log.querySelectorAll("article.card.about")) card.classList.remove("about");
  if (item >= 0) [...log.querySelectorAll(`article[data-item="${item}"]`)].at(-1)?.classList.add("about");
}

function refresh() {
  for (const { item, mark } of state.cards) {
    const taken = state.picks.has(item), kept = state.picks.get(item) ?? 0;
    mark({ taken, rating: state.rating.get(item) ?? kept, locked: taken && kept > 0 && state.pending !== item });
  }
  const picks = [...state.picks].map(([item, stars]) => ({ card: state.items.get(item) ?? { title: `#${item}` }, stars }));
  view.showPicks($("picks"), picks);
}

function begin(session) {
  Object.assign(state, { id: session.id, turn: 0, scale: session.scale, pending: null });
  Object.assign(state, { cards: [], items: new Map(), picks: new Map(), rating: new Map() });
  localStorage.setItem(KEY, session.id);
  $("about").textContent = `Finds ${session.noun_plural} by talking with you · policy: ${session.policy}`;
  log.replaceChildren(view.welcome(session.noun, session.setting), view.systemSays(session.greeting));
  offer(session.answers);
  noted([]);
  refresh();
}

// --- acting ----------------------------------------------------------------------------------------------------------

async function guarded(work, again) {
  try {
    return await work();
  } catch (error) {
    if (error.status === 401) {
      askToken(again);
      return null;
    }
    const row = view.problem(error.message, again && (() => { row.remove(); again(); }));
    add(row);
    scrollTo(row);
    return null;
  }
}

// What a person does reaches the service in the order in which it was done, one request at a time.
let line = Promise.resolve();
const inTurn = (work) => (line = line.then(work, work));

async function say(message) {
  if (state.busy) return;
  state.busy = true;
  form.classList.add("busy");
  offer([]);
  const mine = view.personSays(message), waiting = view.typing();
  add(mine);
  scrollTo(mine);
  const timer = setTimeout(() => { add(waiting); }, 120);
  const turn = await inTurn(() => guarded(() => api.say(state.id, message, state.turn), () => { mine.remove(); say(message); }));
  clearTimeout(timer);
  waiting.remove();
  state.busy = false;
  form.classList.remove("busy");
  if (turn) {
    if (turn.took >= 0) state.picks.set(turn.took, 0);
    state.pending = null;
    add(view.understood(turn.heard, turn.not_understood));
    showReply(turn);
    offer(turn.answers);
    refresh();
    scrollTo(mine);
  }
  if (matchMedia("(hover: hover)").matches) text.focus({ preventScroll: true });
}

async function correct(wish, stance) {
  const done = await inTurn(() => guarded(() => api.correct(state.id, wish.id, stance), () => correct(wish, stance)));
  if (done) noted(done.wishes);
}

async function take(card) {
  const done = await inTurn(() => guarded(() => api.take(state.id, card.item), () => take(card)));
  if (!done) return;
  if (!state.picks.has(card.item)) {
    if (state.pending !== null) state.picks.delete(state.pending);
    state.picks.set(card.item, 0);
    state.pending = card.item;
  }
  refresh();
  offer(done.answers);
  const shown = [...log.querySelectorAll(`[data-item="${card.item}"] .stars input`)];
  shown.at(-1)?.closest("article").querySelector(".stars input").focus({ preventScroll: true });
}

// Moving along the stars by keyboard rates at every step: until the last of them is kept, it is what the row shows,
// and those passed on the way are not sent.
async function rate(card, stars) {
  const { item } = card, { id } = state;
  state.rating.set(item, stars);
  const done = await inTurn(() => {
    if (state.id !== id || state.rating.get(item) !== stars) return null;
    return guarded(() => api.rate(id, item, stars), () => rate(card, stars));
  });
  if (state.id !== id) return;
  if (state.rating.get(item) === stars) state.rating.delete(item);
  if (done) state.picks.set(item, done.stars);
  refresh();
}

async function fresh() {
  const session = await inTurn(() => guarded(() => api.open(), fresh));
  if (session) begin(session);
  text.focus({ preventScroll: true });
}

async function resume() {
  const id = localStorage.getItem(KEY);
  if (!id) return fresh();
  let session;
  try {
    session = await api.read(id);
  } catch (error) {
    if (error.status === 401) return askToken(resume);
    return error.status === 404 ? fresh() : guarded(() => Promise.reject(error), resume);
  }
  const setting = session.events.find(({ kind }) => kind === "setting")?.body ?? {};
  begin({ ...session, setting });
  let heard = null;
  for (const { kind, body } of session.events) {
    if (kind === "message") {
      add(view.personSays(body.text || "…"));
      state.pending = null;
    } else if (kind === "reply") {
      add(view.understood(body.heard, body.not_understood));
      heard = showReply(body);
      offer(body.answers);
    } else if (kind === "click") {
      state.pending = body.item;
    }
  }
  noted(session.wishes);
  for (const [item, stars] of Object.entries(session.taken)) state.picks.set(Number(item), stars);
  refresh();
  heard?.scrollIntoView({ block: "start" });
}

// --- wiring ----------------------------------------------------------------------------------------------------------

let afterToken = null;
function askToken(again) {
  afterToken = again;
  if (!$("token-dialog").open) $("token-dialog").showModal();
}
$("token-form").addEventListener("submit", () => {
  api.setToken($("token").value);
  (afterToken ?? resume)();
});

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const message = text.value.trim();
  if (!message || state.busy) return;
  text.value = "";
  grow();
  say(message);
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});
function grow() {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 160)}px`;
}
text.addEventListener("input", grow);
$("fresh").addEventListener("click", fresh);

function togglePanel(open) {
  $("panel").classList.toggle("open", open);
  $("panel-button").setAttribute("aria-expanded", String(open));
}
$("panel-button").addEventListener("click", () => togglePanel(!$("panel").classList.contains("open")));
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") togglePanel(false);
});

const THEMES = { auto: ["◐", "as the system"], light: ["☀", "light"], dark: ["☾", "dark"] };
function theme(name) {
  document.documentElement.dataset.theme = name;
  localStorage.setItem(THEME, name);
  $("theme").textContent = THEMES[name][0];
  $("theme").setAttribute("aria-label", `Colours: ${THEMES[name][1]}`);
  $("theme").title = `Colours: ${THEMES[name][1]}`;
}
$("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
});
theme(THEMES[localStorage.getItem(THEME)] ? localStorage.getItem(THEME) : "auto");

resume();
