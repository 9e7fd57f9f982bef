// The page: one session, kept in the service; a reload reads it again.

import * as api from "./api.js";
import { el, roving } from "./dom.js";
import { browser, tab } from "./storage.js";
import * as view from "./view.js";

const $ = (id) => document.getElementById(id);
const log = $("log"), form = $("form"), text = $("text"), answers = $("answers");
const MOST_CHARACTERS = 1000;

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
    ...texts.map((reply) => el("button", { type: "button", class: "answer", tabindex: -1, onclick: () => say(reply) }, el("bdi", {}, reply))),
  );
  answers.dispatchEvent(new Event("rove"));
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
    mark({ taken, rating: state.rating.get(item) ?? kept });
  }
  for (const group of log.querySelectorAll("[data-roving]")) group.dispatchEvent(new Event("rove"));
  const picks = [...state.picks].map(([item, stars]) => ({ card: state.items.get(item) ?? { title: `#${item}` }, stars }));
  view.showPicks($("picks"), picks);
}

function begin(session) {
  Object.assign(state, { id: session.id, turn: 0, scale: session.scale, pending: null });
  Object.assign(state, { cards: [], items: new Map(), picks: new Map(), rating: new Map() });
  browser.set("session", session.id);
  tab.set("session", session.id); // another tab may begin another one
  $("about").textContent = `Finds ${session.noun_plural} by talking with you · policy: ${session.policy}`;
  log.replaceChildren(view.welcome(session.noun, session.setting), view.systemSays(session.greeting));
  offer(session.answers);
  noted([]);
  refresh();
}

// --- acting ----------------------------------------------------------------------------------------------------------

// Errors after which a session cannot go on, with what is told in place of the service's words.
const OVER = new Map([
  ["no_such_session", "This conversation is not kept here any more: it was deleted, or the service keeps its conversations elsewhere now."],
  ["cannot_continue", "The service offers other things now, or words them otherwise: this conversation can be read, but not continued."],
  ["conversation_full", ""],
]);
// Errors of what was done on a page that shows an earlier state.
const MOVED = new Set(["out_of_step", "not_suggested", "not_taken", "no_such_wish"]);

// Returns null where the work failed; what a person can do about it is on the page then.
async function guarded(work, again, unsent = "") {
  try {
    return await work();
  } catch (error) {
    if (error.status === 401) {
      askToken(again);
    } else if (OVER.has(error.code)) {
      putBack(unsent);
      over(OVER.get(error.code) || error.message);
    } else if (MOVED.has(error.code)) {
      await catchUp(unsent);
    } else {
      const useless = error.status === 413 || error.status === 422; // it is refused for what it is, however often it is sent
      if (useless) putBack(unsent);
      const row = view.problem(error.message, again && !useless && (() => { row.remove(); again(); }));
      add(row);
      scrollTo(row);
    }
    return null;
  }
}

// A session that cannot go on is not begun anew behind a person's back.
function over(message) {
  offer([]);
  const row = view.problem(message, () => { row.remove(); fresh(); }, "Start a new conversation");
  add(row);
  scrollTo(row);
}

// The session went on elsewhere: it is shown as it is now, and what was to be said is in the box again.
async function catchUp(unsent) {
  await show(state.id);
  putBack(unsent);
  const told = unsent ? " Your message was not sent; it is in the box." : " Please do it again.";
  const row = view.problem(`This conversation went on in another tab or window, and is shown as it is now.${told}`);
  add(row);
  scrollTo(row);
}

// What is written and not yet answered outlives a reload, and an error that it cannot be sent after.
function putBack(unsent) {
  if (unsent && !text.value.trim()) text.value = unsent;
  tab.remove("sent");
  changed();
}

// What a person does reaches the service in the order in which it was done, one request at a time.
let line = Promise.resolve();
const inTurn = (work) => (line = line.then(work, work));

async function say(message, key = api.newKey()) {
  if (state.busy) return;
  state.busy = true;
  form.classList.add("busy");
  offer([]);
  tab.set("sent", JSON.stringify({ session: state.id, after: state.turn, message }));
  const mine = view.personSays(message), waiting = view.typing();
  add(mine);
  scrollTo(mine);
  const timer = setTimeout(() => { add(waiting); }, 120);
  const again = () => { mine.remove(); say(message, key); };
  const turn = await inTurn(() => guarded(() => api.say(state.id, message, state.turn, key), again, message));
  clearTimeout(timer);
  waiting.remove();
  state.busy = false;
  form.classList.remove("busy");
  if (turn) {
    tab.remove("sent");
    if (turn.took >= 0) state.picks.set(turn.took, 0);
    state.pending = null;
    add(view.understood(turn.heard, turn.not_understood));
    showReply(turn);
    $("announce").textContent = view.spoken(turn);
    offer(turn.answers);
    refresh();
    scrollTo(mine);
  } else if (text.value === message) {
    mine.remove(); // it is in the box again
  }
  if (matchMedia("(hover: hover)").matches) text.focus({ preventScroll: true });
}

async function correct(wish, stance, key = api.newKey()) {
  const again = () => correct(wish, stance, key);
  const done = await inTurn(() => guarded(() => api.correct(state.id, wish.id, stance, key), again));
  if (done) noted(done.wishes);
}

async function take(card, key = api.newKey()) {
  const done = await inTurn(() => guarded(() => api.take(state.id, card.item, key), () => take(card, key)));
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
async function rate(card, stars, key = api.newKey()) {
  const { item } = card, { id } = state;
  state.rating.set(item, stars);
  const done = await inTurn(() => {
    if (state.id !== id || state.rating.get(item) !== stars) return null;
    return guarded(() => api.rate(id, item, stars, key), () => rate(card, stars, key));
  });
  if (state.id !== id) return;
  if (state.rating.get(item) === stars) state.rating.delete(item);
  if (done) state.picks.set(item, done.stars);
  refresh();
}

async function fresh(key = api.newKey()) {
  const session = await inTurn(() => guarded(() => api.open(key), () => fresh(key)));
  if (session) begin(session);
  text.focus({ preventScroll: true });
}

async function resume() {
  const id = tab.get("session") ?? browser.get("session");
  if (!id) return fresh();
  const session = await guarded(() => show(id), resume);
  if (!session) return null;
  const sent = JSON.parse(tab.get("sent") ?? "null");
  if (!sent || sent.session !== id) return null;
  if (sent.after < state.turn && session.events.some(({ kind, body }) => kind === "message" && body.text === sent.message)) {
    tab.remove("sent"); // it was answered after all
    return null;
  }
  return putBack(sent.message);
}

// Reads a session and shows all of it.
async function show(id) {
  const session = await api.read(id);
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
  return session;
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
  if (!message || state.busy || tooLong()) return;
  text.value = "";
  changed();
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
// A message that is too long is not cut: what a person pasted is theirs to shorten.
function tooLong() {
  const length = [...text.value.trim()].length, over = length > MOST_CHARACTERS;
  text.setAttribute("aria-invalid", String(over));
  $("length").textContent = over
    ? `${length.toLocaleString("en")} characters, ${(length - MOST_CHARACTERS).toLocaleString("en")} too many: shorten it to send it.`
    : "";
  return over;
}
function changed() {
  tab.set("draft", text.value);
  tooLong();
  grow();
}
text.addEventListener("input", changed);
$("fresh").addEventListener("click", () => fresh());

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
  browser.set("theme", name);
  $("theme").textContent = THEMES[name][0];
  $("theme").setAttribute("aria-label", `Colours: ${THEMES[name][1]}`);
  $("theme").title = `Colours: ${THEMES[name][1]}`;
}
$("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme(names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length]);
});
theme(THEMES[browser.get("theme")] ? browser.get("theme") : "auto");

roving(answers, ".answer");
text.value = tab.get("draft") ?? "";
changed();
resume();
