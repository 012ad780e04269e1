// Where the run stands among the consistency models: a drawing of the lattice, and why not higher.

import {Dict, dict, list, Run, str} from "./data";
import {badge, h, section, svg, table} from "./dom";

interface Place {
  model: string;
  outcome: string;  // holds, refuted, unknown
  by: string;       // the model whose decision says so
  summary: string;
  why: string;
}

const box = {width: 168, height: 30, across: 18, down: 34};
const signs: {[outcome: string]: string} = {
  holds: "✓",
  refuted: "✕",
  unknown: "?"
};
const kinds: {[outcome: string]: string} = {
  holds: "valid",
  refuted: "invalid",
  unknown: "unknown"
};

function placesOf(detail: Dict): Place[] {
  return list(detail.models).map(dict).map((row) => ({
                                             model: str(row.model),
                                             outcome: str(row.outcome),
                                             by: str(row.by),
                                             summary: str(row.summary),
                                             why: str(row.explanation) || str(row.reason),
                                           }));
}

function edgesOf(detail: Dict, places: Place[]): [number, number][] {
  const at = new Map(places.map((place, index) => [place.model, index]));
  return list(detail.edges).map(list).flatMap(([stronger, weaker]): [number, number][] => {
    const from = at.get(str(stronger));
    const to = at.get(str(weaker));
    return from === undefined || to === undefined ? [] : [[from, to]];
  });
}

/** Rows from the strongest down: a model stands below every model that implies it. */
function rowsOf(places: Place[], edges: [number, number][]): number[][] {
  const depth = places.map(() => 0);
  // As often as there are models is enough for any lattice, and ends for what is none.
  for (let round = 0; round < places.length; ++round) {
    for (const [from, to] of edges) {
      if (from !== to) depth[to] = Math.min(places.length, Math.max(depth[to], depth[from] + 1));
    }
  }
  const rows: number[][] = [];
  places.forEach((_, index) => (rows[depth[index]] ??= []).push(index));
  return sorted(rows.filter((row) => row !== undefined), edges);
}

/** Each row in the order of the middles of what stands above it, so that few lines cross. */
function sorted(rows: number[][], edges: [number, number][]): number[][] {
  const spot = new Map<number, number>();
  for (const row of rows) {
    const middle = (index: number): number => {
      const above = edges.filter(([, to]) => to === index).map(([from]) => spot.get(from) ?? 0.5);
      return above.length === 0 ? 0.5 : above.reduce((sum, one) => sum + one, 0) / above.length;
    };
    const wanted = new Map(row.map((index) => [index, middle(index)]));
    row.sort((a, b) => wanted.get(a)! - wanted.get(b)!);
    row.forEach((index, at) => spot.set(index, (at + 0.5) / row.length));
  }
  return rows;
}

function drawing(places: Place[], edges: [number, number][]): SVGElement {
  const rows = rowsOf(places, edges);
  const step = box.width + box.across;
  const width = Math.max(1, ...rows.map((row) => row.length)) * step;
  const height = rows.length * (box.height + box.down) - box.down + 8;
  const spot = new Map<number, {x: number; y: number}>();
  rows.forEach(
      (row, level) => row.forEach(
          (index, at) => spot.set(
              index, {
                x: (width - row.length * step) / 2 + at * step + box.across / 2,
                y: 4 + level * (box.height + box.down),
              })));
  const lines = edges.map(([from, to]) => {
    const a = spot.get(from)!;
    const b = spot.get(to)!;
    const [x1, y1] = [a.x + box.width / 2, a.y + box.height];
    const [x2, y2] = [b.x + box.width / 2, b.y];
    const bend = (y2 - y1) / 2;
    return svg("path", {
      d: `M${x1} ${y1}C${x1} ${y1 + bend} ${x2} ${y2 - bend} ${x2} ${y2}`,
      class: "implies",
    });
  });
  const boxes = places.map((place, index) => {
    const {x, y} = spot.get(index)!;
    return svg(
        "g", {class: `model ${kinds[place.outcome] ?? "unknown"}`},
        svg("title", {}, `${place.model}: ${place.outcome}. ${place.summary}`),
        svg("rect", {x, y, width: box.width, height: box.height, rx: 7}),
        svg("text", {x: x + 12, y: y + 20, class: "sign"}, signs[place.outcome] ?? "?"),
        svg("text", {x: x + 30, y: y + 20}, place.model));
  });
  return svg(
      "svg", {
        class: "lattice",
        viewBox: `0 0 ${width} ${height}`,
        width,
        role: "img",
        "aria-label": "The lattice of consistency models, the strongest on top",
      },
      ...lines, ...boxes);
}

function reasons(places: Place[]): HTMLElement|null {
  const told = places.filter((place) => place.outcome !== "holds" && place.why);
  if (told.length === 0) return null;
  const rows = told.reverse().map(
      (place) =>
          [badge(kinds[place.outcome] ?? "unknown", place.outcome), place.model, place.why]);
  return h("div", {class: "why-not"}, table(["", "model", "why not"], rows));
}

export function latticeSection(run: Run): HTMLElement|null {
  const part = run.parts.find((one) => list(dict(one.detail).models).length > 0);
  if (!part) return null;
  const detail = dict(part.detail);
  const places = placesOf(detail);
  return section(
      "lattice", "Where the run stands",
      h("div", {class: "card"}, h("p", {}, part.summary),
        h("p", {class: "hint"}, "A model implies those that lines lead down to."),
        h("div", {class: "scroll"}, drawing(places, edgesOf(detail, places))), reasons(places)));
}
