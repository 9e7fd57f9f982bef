// Talks to the service this page came from; knows nothing of how anything looks.

import { tab } from "./storage.js";

const PATIENCE = 30_000; // milliseconds

export class ServiceError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let token = tab.get("token") ?? "";

export function setToken(value) {
  token = value.trim();
  tab.set("token", token);
}

// A request that is sent again with its key happens once.
export const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");

async function call(method, path, body, key) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (key) headers["Idempotency-Key"] = key;
  if (token) headers.Authorization = `Bearer ${token}`;
  const sent = { method, headers, body: body === undefined ? undefined : JSON.stringify(body), signal: AbortSignal.timeout(PATIENCE) };
  let answer;
  try {
    answer = await fetch(path, sent); // relative to the page, which may stand behind a path of a proxy's
  } catch {
    throw new ServiceError(0, "unreachable", "The service cannot be reached. Nothing was lost; try again.");
  }
  const data = await answer.json().catch(() => ({}));
  if (!answer.ok) {
    const { code = "unknown", message = `The service answered ${answer.status}.` } = data.error ?? {};
    throw new ServiceError(answer.status, code, message);
  }
  return data;
}

const at = (id, what = "") => `sessions/${encodeURIComponent(id)}${what}`;

// The device by its screen and pointer, the hour by its clock: only what the catalogue has a name for is told.
const device = () => {
  if (!matchMedia("(pointer: coarse)").matches) return "computer";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
};
const hour = (h = new Date().getHours()) =>
  h >= 5 && h < 12 ? "morning" : h >= 12 && h < 17 ? "afternoon" : h >= 17 && h < 22 ? "evening" : "night";

export async function open(key) {
  const { times, devices } = await call("GET", "healthz");
  const known = (names, name) => (names.includes(name) ? name : null);
  const setting = { time: known(times, hour()), device: known(devices, device()) };
  return { ...(await call("POST", "sessions", setting, key)), setting };
}
export const read = (id) => call("GET", at(id));
export const say = (id, text, after, key) => call("POST", at(id, "/messages"), { text, after }, key);
export const take = (id, item, key) => call("POST", at(id, "/clicks"), { item }, key);
export const correct = (id, wish, stance, key) => call("POST", at(id, "/wishes"), { wish, stance }, key);
export const rate = (id, item, stars, key) => call("POST", at(id, "/ratings"), { item, stars }, key);
