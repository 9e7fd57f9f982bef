// An abstract poster for an item: no picture is fetched, the same item always looks the same.

import { svg } from "./dom.js";

// Dark, middle, light, accent.
const PALETTES = [
  ["#1d3557", "#457b9d", "#a8dadc", "#e76f51"],
  ["#2b2d42", "#5c5f7e", "#edf2f4", "#ef8354"],
  ["#3d2c2e", "#8c4a3f", "#f2cc8f", "#81b29a"],
  ["#22223b", "#6d597a", "#eaac8b", "#e56b6f"],
  ["#0b3c49", "#13747d", "#f0f3f5", "#f4d35e"],
  ["#1a1423", "#684756", "#f3d8c7", "#c98474"],
  ["#14342b", "#3c6e57", "#cfe3d4", "#f28f3b"],
  ["#2d1e2f", "#6c464f", "#9fc2cc", "#d9a648"],
  ["#13293d", "#1b5e83", "#e8f1f2", "#f2a65a"],
  ["#311d3f", "#88304e", "#f7d6bf", "#e23e57"],
];

// Numbers in [0, 1) that are a function of the seed (mulberry32).
function random(seed) {
  let state = Math.imul(seed, 2654435761) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const circle = (cx, cy, r, fill) => svg("circle", { cx, cy, r, fill });
const path = (d, fill, opacity = 1) => svg("path", { d, fill, opacity });

const MOTIFS = [
  function hills(next, [dark, middle, , accent]) {
    const at = 22 + next() * 56;
    const slopes = [[90, middle, 0.9], [106, dark, 0.55], [122, dark, 1]].map(([y, fill, opacity]) => {
      const bend = 15 + next() * 70;
      return path(`M0 ${y}Q${bend} ${y - 28} 100 ${y + 8}V150H0z`, fill, opacity);
    });
    return [circle(at, 36 + next() * 24, 12 + next() * 9, accent), ...slopes];
  },
  function rings(next, [, , light, accent]) {
    const cx = 30 + next() * 40, cy = 55 + next() * 40;
    return [64, 50, 37, 25, 14].map((r, i) =>
      svg("circle", { cx, cy, r, fill: "none", stroke: i % 2 ? accent : light, "stroke-width": 1.5 + next() * 4 }),
    );
  },
  function beams(next, [, , light, accent]) {
    const rays = [0, 1, 2, 3, 4, 5].map((i) => {
      const x = i * 20 - 12 + next() * 14;
      return path(`M50 118L${x} -4H${x + 6 + next() * 8}z`, light, 0.16 + next() * 0.4);
    });
    return [...rays, circle(50, 118, 11, accent)];
  },
  function skyline(next, [dark, , light, accent]) {
    const moon = circle(26 + next() * 50, 36, 13, next() < 0.5 ? light : accent);
    const towers = [];
    for (let x = 0; x < 100; ) {
      const w = 9 + next() * 10, h = 24 + next() * 62;
      towers.push(svg("rect", { x, y: 150 - h, width: w - 1, height: h, fill: dark, opacity: 0.65 + next() * 0.35 }));
      x += w;
    }
    return [moon, ...towers];
  },
  function paper(next, [dark, , light, accent]) {
    const a = 50 + next() * 30, b = 20 + next() * 40;
    return [
      path(`M0 ${a}L100 ${b}V150H0z`, light, 0.9),
      path(`M0 ${a + 40}L100 ${b + 56}V150H0z`, accent),
      path(`M0 ${a + 66}L100 ${b + 74}V150H0z`, dark, 0.85),
      circle(24 + next() * 52, 28, 8 + next() * 6, accent),
    ];
  },
  function arches(next, [dark, , light, accent]) {
    const shapes = [46, 34, 22].map((w, i) =>
      path(`M${50 - w} 150V${70 + i * 6}a${w} ${w} 0 0 1 ${2 * w} 0V150z`, [light, accent, dark][i], i ? 1 : 0.85),
    );
    return [...shapes, circle(50, 26, 4 + next() * 5, light)];
  },
];

let made = 0;

export function poster(item) {
  const next = random(item + 1);
  const colors = PALETTES[Math.floor(next() * PALETTES.length)];
  const motif = MOTIFS[Math.floor(next() * MOTIFS.length)];
  const id = `poster-${(made += 1)}`;
  const sky = svg(
    "linearGradient",
    { id, x1: "0", y1: "0", x2: (next() * 0.8).toFixed(2), y2: "1" },
    svg("stop", { offset: "0", "stop-color": colors[0] }),
    svg("stop", { offset: "1", "stop-color": colors[1] }),
  );
  return svg(
    "svg",
    { class: "poster", viewBox: "0 0 100 150", preserveAspectRatio: "xMidYMid slice", "aria-hidden": "true" },
    svg("defs", {}, sky),
    svg("rect", { width: 100, height: 150, fill: `url(#${id})` }),
    ...motif(next, colors),
  );
}
