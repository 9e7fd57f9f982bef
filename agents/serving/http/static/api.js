// Talks to the service this page came from; knows nothing of how anything looks.

export class ServiceError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

let token = sessionStorage.getItem("chatrec.token") || "";

export function setToken(value) {
  token = value.trim();
  sessionStorage.setItem("chatrec.token", token);
}

async function call(method, path, body) {
  const headers = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = "application/json";
  if (token) headers.Authorization = `Bearer ${token}`;
  let answer;
  try {
    answer = await fetch(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
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

const at = (id, what = "") => `/sessions/${encodeURIComponent(id)}${what}`;

// The device by its screen and pointer, the hour by its clock: only what the catalogue has a name for is told.
const device = () => {
  if (!matchMedia("(pointer: coarse)").matches) return "computer";
  return Math.min(screen.width, screen.height) < 600 ? "phone" : "tablet";
};
const hour = (h = new Date().getHours()) =>
  h >= 5 && h < 12 ? "morning" : h >= 12 && h < 17 ? "afternoon" : h >= 17 && h < 22 ? "evening" : "night";

export async function open() {
  const { times, devices } = await call("GET", "/healthz");
  const known = (names, name) => (names.includes(name) ? name : null);
  const setting = { time: known(times, hour()), device: known(devices, device()) };
  return { ...(await call("POST", "/sessions", setting)), setting };
}
export const read = (id) => call("GET", at(id));
export const say = (id, text, after) => call("POST", at(id, "/messages"), { text, after });
export const take = (id, item) => call("POST", at(id, "/clicks"), { item });
export const correct = (id, wish, stance) => call("POST", at(id, "/wishes"), { wish, stance });
export const rate = (id, item, stars) => call("POST", at(id, "/ratings"), { item, stars });
