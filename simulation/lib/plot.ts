/** Pictures as SVG, without a library: four diagrams need no more than lines, bars and words. */

export interface Line {
  name: string;
  colour: string;
  dashed?: boolean;
  points: readonly (readonly [x: number, y: number])[];
}

export interface Diagram {
  title: string;
  /** A sentence below the title. */
  note: string;
  x: Axis;
  y: Axis;
  lines?: readonly Line[];
  /** Bars from 0, each as wide as `width` in units of x, beginning at its x. */
  bars?: { width: number; colour: string; points: readonly (readonly [x: number, y: number])[] };
}

export interface Axis {
  title: string;
  from: number;
  to: number;
  ticks: readonly number[];
  logarithmic?: boolean;
  show?(value: number): string;
}

const WIDTH = 560;
const HEIGHT = 400;
const LEFT = 74;
const RIGHT = 44;
const TOP = 64;
const BOTTOM = 52;
const INK = "#24323f";
const FAINT = "#d9dfe5";

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const round = (value: number): string => value.toFixed(1);

/** Diagrams in two columns. */
export function picture(title: string, diagrams: readonly Diagram[]): string {
  const rows = Math.ceil(diagrams.length / 2);
  const [width, height] = [WIDTH * 2, HEIGHT * rows + 44];
  const drawn = diagrams.map(
    (diagram, i) =>
      `<g transform="translate(${(i % 2) * WIDTH} ${44 + Math.floor(i / 2) * HEIGHT})">\n${draw(diagram)}\n</g>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="Helvetica, Arial, sans-serif" font-size="12" fill="${INK}">`,
    `<title>${escape(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    `<text x="20" y="30" font-size="18" font-weight="bold">${escape(title)}</text>`,
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

function draw({ title, note, x, y, lines = [], bars }: Diagram): string {
  const across = scale(x, LEFT, WIDTH - RIGHT);
  const up = scale(y, HEIGHT - BOTTOM, TOP);
  const show = (axis: Axis, value: number) => escape((axis.show ?? String)(value));
  const parts = [
    `<text x="20" y="22" font-size="14" font-weight="bold">${escape(title)}</text>`,
    `<text x="20" y="40" fill="#5b6b79">${escape(note)}</text>`,
  ];
  for (const tick of y.ticks) {
    const at = round(up(tick));
    parts.push(`<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="${FAINT}"/>`);
    parts.push(`<text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${show(y, tick)}</text>`);
  }
  for (const tick of x.ticks) {
    const at = round(across(tick));
    parts.push(`<text x="${at}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${show(x, tick)}</text>`);
  }
  parts.push(
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - BOTTOM + 38}" text-anchor="middle" fill="#5b6b79">${escape(x.title)}</text>`,
    `<text transform="translate(16 ${(TOP + HEIGHT - BOTTOM) / 2}) rotate(-90)" text-anchor="middle" fill="#5b6b79">${escape(y.title)}</text>`,
  );
  for (const [from, value] of bars?.points ?? []) {
    const [left, right] = [across(from), across(from + bars!.width)];
    const top = up(value);
    parts.push(
      `<rect x="${round(left)}" width="${round(Math.max(0.5, right - left - 1))}" y="${round(top)}" height="${round(up(y.from) - top)}" fill="${bars!.colour}"/>`,
    );
  }
  lines.forEach(({ name, colour, dashed, points }, i) => {
    const path = points.map(([px, py], at) => `${at === 0 ? "M" : "L"}${round(across(px))} ${round(up(py))}`).join("");
    const dash = dashed ? ' stroke-dasharray="6 4"' : "";
    parts.push(`<path d="${path}" fill="none" stroke="${colour}" stroke-width="2"${dash}/>`);
    const key = TOP + 14 + i * 18;
    parts.push(
      `<line x1="${LEFT + 12}" x2="${LEFT + 36}" y1="${key}" y2="${key}" stroke="${colour}" stroke-width="2"${dash}/>`,
      `<text x="${LEFT + 42}" y="${key}" dy="4">${escape(name)}</text>`,
    );
  });
  parts.push(
    `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}" stroke="${INK}"/>`,
  );
  return parts.join("\n");
}

function scale({ from, to, logarithmic }: Axis, start: number, end: number): (value: number) => number {
  const on = logarithmic ? Math.log10 : (value: number) => value;
  return (value) => start + ((on(value) - on(from)) / (on(to) - on(from))) * (end - start);
}
