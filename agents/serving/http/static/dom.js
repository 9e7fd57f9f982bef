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
    text,
  );
}
