// Builds elements. All text goes in as text, never as markup: titles and messages are data.

export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

// A chip: a sign one sees, a word a screen reader says, and the text.
export function chip(kind, sign, spoken, text, title) {
  return el(
    "span",
    { class: `chip ${kind}`, title },
    el("span", { class: "sign", "aria-hidden": "true" }, sign),
    el("span", { class: "sr" }, `${spoken} `),
    el("bdi", {}, text),
  );
}

// One stop for the tab key; the arrow keys move inside.
export function roving(group, selector) {
  const all = () => [...group.querySelectorAll(selector)].filter((one) => !one.disabled);
  const stop = (current) => {
    for (const one of group.querySelectorAll(selector)) one.tabIndex = one === current ? 0 : -1;
  };
  const settle = () => {
    if (!all().some((one) => one.tabIndex === 0)) stop(all()[0]);
  };
  stop(all()[0]);
  group.addEventListener("rove", settle); // something in it was switched off
  group.addEventListener("focusin", ({ target }) => {
    if (all().includes(target)) stop(target);
  });
  group.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    const items = all(), here = items.indexOf(event.target);
    if (!step || here < 0) return;
    event.preventDefault();
    items[(here + step + items.length) % items.length].focus();
  });
  group.dataset.roving = "";
  return group;
}
