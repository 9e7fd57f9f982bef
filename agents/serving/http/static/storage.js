// What the browser keeps for this page, or, where it may keep nothing, what this visit remembers.

const place = location.pathname.replace(/[^/]*$/, "");
const named = (name) => `chatrec.${name}${place === "/" ? "" : `:${place}`}`; // several services may share an origin

function storage(kind) {
  const visit = new Map();
  const attempt = (work, otherwise) => {
    try {
      return work(window[kind]);
    } catch {
      return otherwise(); // denied, or full
    }
  };
  return {
    get: (name) => attempt((kept) => kept.getItem(named(name)), () => null) ?? visit.get(name) ?? null,
    set(name, value) {
      visit.set(name, value);
      attempt((kept) => kept.setItem(named(name), value), () => null);
    },
    remove(name) {
      visit.delete(name);
      attempt((kept) => kept.removeItem(named(name)), () => null);
    },
  };
}

export const browser = storage("localStorage"); // for all tabs
export const tab = storage("sessionStorage"); // for this one
