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

export const open = () => call("POST", "/sessions");
export const read = (id) => call("GET", at(id));
export const say = (id, text, after) => call("POST", at(id, "/messages"), { text, after });
export const take = (id, item) => call("POST", at(id, "/clicks"), { item });
export const rate = (id, item, stars) => call("POST", at(id, "/ratings"), { item, stars });
