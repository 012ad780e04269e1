// The operations around an anomaly as bars, one lane a process, faults shaded behind.

import {steer, ticks, TimeAxis} from "./axis";
import {Anomaly, list, Operation, Run} from "./data";
import {citedBy, stuckOf} from "./details";
import {svg} from "./dom";
import * as words from "./words";

const gutter = 92;
const lane_height = 34;
const bar_height = 20;
const strip_height = 17;
const callout_height = 26;
const foot = 26;
const operations_most = 160;
// Widths of a letter of a label, in pixels.
const letter = 7.3;
const bold_letter = 7.6;

export type Mode = "order"|"scale";

const openEnded = (operation: Operation): boolean =>
    operation.phase === "info" || operation.phase === "open";

/** The anomaly's own operations, and those on the same key that overlap them in time. */
export function around(run: Run, anomaly: Anomaly): {shown: Operation[]; cited: Set<Operation>} {
  const find = (index: number): Operation|undefined => run.byIndex.get(index);
  const known = (all: (Operation|undefined)[]): Operation[] =>
      all.filter((one): one is Operation => one !== undefined);
  const stuck = stuckOf(run, anomaly);
  const cited = new Set(citedBy(run, anomaly));
  if (stuck) cited.add(stuck);
  const named =
      new Set([...cited, ...known(list(anomaly.detail.ops).map((op) => find(Number(op))))]);
  const closed = [...named].filter((operation) => !openEnded(operation));
  const settled = closed.length > 0 ? closed : [...named];
  const begin = Math.min(...settled.map((operation) => operation.begin));
  const end = Math.max(...settled.map((operation) => operation.end));
  const key = anomaly.detail.key;
  const keyed = key !== undefined && key !== null;
  if ((keyed || !run.keyed) && named.size > 0) {
    const wanted = keyed ? JSON.stringify(key) : undefined;
    for (const operation of run.operations) {
      if (operation.process < 0) continue;
      const last = openEnded(operation) ? Infinity : operation.end;
      if (operation.begin > end || last < begin) continue;
      if (JSON.stringify(words.keyOf(run, operation)) === wanted) named.add(operation);
    }
  }
  const focus = stuck ?? settled[0];
  const far = (operation: Operation): number =>
      cited.has(operation) ? -1 : Math.abs(operation.begin - focus.begin);
  const shown = [...named].sort((a, b) => far(a) - far(b)).slice(0, operations_most);
  return {shown: shown.sort((a, b) => a.begin - b.begin), cited};
}

/**
 * Maps time to the axis: to scale, or so that all that matters is in which order things happened.
 */
export class Warp {
  private readonly points: number[];
  constructor(readonly mode: Mode, operations: Operation[]) {
    const moments = operations.flatMap(
        (operation) => openEnded(operation) ? [operation.begin] : [operation.begin, operation.end]);
    this.points = [...new Set(moments)].sort((a, b) => a - b);
  }
  at(time: number): number {
    if (this.mode === "scale") return time;
    const points = this.points;
    if (time <= points[0]) return time === points[0] ? 0 : -0.5;
    const last = points.length - 1;
    if (time > points[last]) return last + 0.5;
    let low = 0;
    let high = last;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (points[middle] < time)
        low = middle;
      else
        high = middle;
    }
    return low + (time - points[low]) / (points[high] - points[low]);
  }
  /** The first and the last moment of the operations. */
  ends(): [number, number] {
    return [this.points[0], this.points[this.points.length - 1]];
  }
  range(): [number, number] {
    if (this.mode === "order") return [-1, this.points.length];
    const [first, last] = this.ends();
    const pad = Math.max(1000, (last - first) * 0.05);
    return [first - pad, last + pad];
  }
  /** Where to write which time below the picture. */
  marks(begin: number, end: number, most: number): [number, string][] {
    if (this.mode === "scale") {
      const [places, step] = ticks(begin, end, most);
      return places.map((at) => [at, words.tick(at, step)]);
    }
    const every = Math.max(1, Math.ceil((end - begin) / most));
    const marks: [number, string][] = [];
    for (let i = Math.max(0, Math.ceil(begin)); i < this.points.length && i <= end; i += every) {
      marks.push([i, (this.points[i] / 1e9).toFixed(4)]);
    }
    return marks;
  }
}

export class Timeline {
  readonly element: SVGSVGElement;
  readonly shown: Operation[];
  readonly axis = new TimeAxis(0, 1, 1);
  mode: Mode = "scale";
  onPick: (operation: Operation|null) => void = () => {};
  private readonly cited: Set<Operation>;
  private readonly stuck: Operation|undefined;
  private readonly lanes: number[];
  private readonly verbs: string[];
  private readonly candidates: Set<Operation>;
  private warp!: Warp;
  private width = 900;
  private picked: Operation|null = null;
  readonly id: string;

  constructor(private readonly run: Run, private readonly anomaly: Anomaly, number: number) {
    const {shown, cited} = around(run, anomaly);
    this.shown = shown;
    this.cited = cited;
    this.stuck = stuckOf(run, anomaly);
    this.candidates = new Set(list(anomaly.detail.candidates).flatMap((item) => {
      const op = item !== null && typeof item === "object" && !Array.isArray(item) ? item.op : null;
      const found = typeof op === "number" ? run.byIndex.get(op) : undefined;
      return found ? [found] : [];
    }));
    this.lanes = [...new Set(shown.map((operation) => operation.process))].sort((a, b) => a - b);
    this.verbs = [
      ...new Set(
          run.operations.filter((one) => one.process >= 0).map((operation) => operation.verb))
    ].sort();
    this.id = `timeline-${number}`;
    this.element = svg("svg", {
      class: "timeline",
      tabindex: 0,
      role: "img",
      "aria-label":
          `Operations around the anomaly: ${shown.length} bars on ${this.lanes.length} lanes. ` +
          "Arrow keys move, plus and minus zoom, n and p go from operation to operation.",
    });
    this.axis.onView(() => this.draw());
    this.setMode(this.bestMode());
    steer(this.element, this.axis, (x) => this.placeAt(x), (key) => this.step(key));
    new ResizeObserver((entries) => {
      const width = Math.round(entries[0].contentRect.width);
      if (width === this.width || width === 0) return;
      this.width = width;
      this.draw();
    }).observe(this.element);
  }

  setMode(mode: Mode): void {
    this.mode = mode;
    this.warp = new Warp(mode, this.shown);
    const [first, last] = this.warp.range();
    this.axis.rescale(first, last, mode === "order" ? 3 : 1000);
    this.focus();
  }

  /** Shows the cited operations with some room beside them. */
  focus(): void {
    const all = [...this.cited];
    const closed = all.filter((operation) => !openEnded(operation));
    const seen = closed.length > 0 ? closed : all;
    const begin = Math.min(...seen.map((operation) => this.warp.at(operation.begin)));
    const end = Math.max(...seen.map((operation) => this.warp.at(operation.end)));
    const pad = this.mode === "order" ? Math.max(2, (end - begin) * 0.08) :
                                        Math.max(1e4, (end - begin) * 0.12);
    this.axis.show(begin - pad, end + pad);
  }

  pick(operation: Operation|null): void {
    if (this.picked === operation) return;
    this.picked = operation;
    this.onPick(operation);
    this.draw();
  }

  /** To scale unless the bars would be too thin to read. */
  private bestMode(): Mode {
    const closed = [...this.cited].filter((operation) => !openEnded(operation));
    if (closed.length === 0) return "order";
    const begin = Math.min(...closed.map((operation) => operation.begin));
    const end = Math.max(...closed.map((operation) => operation.end));
    const widths =
        closed.map((one) => (one.end - one.begin) / Math.max(1, end - begin)).sort((a, b) => a - b);
    return widths[widths.length >> 1] * 800 < 40 ? "order" : "scale";
  }

  private x(place: number): number {
    const share = (place - this.axis.begin) / (this.axis.end - this.axis.begin);
    return gutter + share * (this.width - gutter - 8);
  }
  private placeAt(clientX: number): number {
    const inside = clientX - this.element.getBoundingClientRect().left - gutter;
    const share = inside / (this.width - gutter - 8);
    return this.axis.begin + share * (this.axis.end - this.axis.begin);
  }

  private step(key: string): boolean {
    if (key !== "n" && key !== "p") return false;
    const at = this.picked ? this.shown.indexOf(this.picked) : -1;
    const next = key === "n" ? at + 1 : at < 0 ? this.shown.length - 1 : at - 1;
    const operation = this.shown[(next + this.shown.length) % this.shown.length];
    this.pick(operation);
    return true;
  }

  private faults(): {label: string; begin: number; end: number; row: number; sure: boolean}[] {
    const rows: number[] = [];
    const out = [];
    const [first, last] = this.warp.ends();
    for (const fault of this.run.faults) {
      if (fault.end < first || fault.begin > last) continue;
      const begin = this.x(this.warp.at(fault.begin));
      const end = this.x(this.warp.at(fault.end));
      if (end < gutter || begin > this.width) continue;
      let row = rows.findIndex((last) => last <= begin);
      if (row < 0) row = rows.length;
      rows[row] = end;
      out.push({
        label: `${fault.kind} ${words.targets(fault)}${fault.confirmed ? "" : " (unconfirmed)"}`,
        begin,
        end,
        row,
        sure: fault.confirmed
      });
    }
    return out;
  }

  draw(): void {
    const bands = this.faults();
    const strips = bands.length > 0 ? 1 + Math.max(...bands.map((band) => band.row)) : 0;
    const top = strips * strip_height + callout_height + 4;
    const bottom = top + this.lanes.length * lane_height;
    const height = bottom + foot;
    this.element.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.element.setAttribute("height", String(height));
    const plot = svg("g", {"clip-path": `url(#${this.id}-clip)`});
    const defs =
        svg("defs", {},
            svg("clipPath", {id: `${this.id}-clip`},
                svg("rect", {x: gutter, y: 0, width: Math.max(1, this.width - gutter), height})));
    this.element.replaceChildren(defs, ...this.laneLines(top), plot);
    for (const band of bands) plot.append(...this.band(band, bottom));
    plot.append(...this.axisMarks(top, bottom));
    const column = this.stuckColumn(top, bottom, strips * strip_height);
    plot.append(...column);
    for (const operation of this.shown) plot.append(this.bar(operation, top));
  }

  private laneLines(top: number): SVGElement[] {
    return this.lanes.flatMap((process, row) => {
      const y = top + row * lane_height + lane_height / 2;
      const line = svg("line", {class: "lane", x1: gutter, x2: this.width, y1: y, y2: y});
      const name =
          svg("text", {class: "lane-name", x: gutter - 10, y: y + 4},
              svg("tspan", {class: "process"}, words.processName(process)),
              svg("tspan", {class: "node", dx: 5}, words.nodeOf(this.run, process)));
      return [line, name];
    });
  }

  private band(
      band: {label: string; begin: number; end: number; row: number; sure: boolean},
      bottom: number): SVGElement[] {
    const width = Math.max(2, band.end - band.begin);
    const kind = band.sure ? "fault-band" : "fault-band unsure";
    const y = band.row * strip_height;
    return [
      svg("rect", {class: kind, x: band.begin, y, width, height: bottom - y}),
      svg("rect", {class: "fault-strip", x: band.begin, y, width, height: strip_height - 3}),
      svg("text", {class: "fault-name", x: Math.max(band.begin, gutter) + 5, y: y + 11},
          band.label),
    ];
  }

  private axisMarks(top: number, bottom: number): SVGElement[] {
    const most = (this.width - gutter) / 110;
    return this.warp.marks(this.axis.begin, this.axis.end, most)
        .flatMap(
            ([place, text]) =>
                [svg("line",
                     {class: "tick", x1: this.x(place), x2: this.x(place), y1: top, y2: bottom}),
                 svg("text", {class: "tick-name", x: this.x(place), y: bottom + 16},
                     this.mode === "order" ? `${text} s` : text),
    ]);
  }

  /** The time in which the stuck operation must have happened, and what it met there. */
  private stuckColumn(top: number, bottom: number, y: number): SVGElement[] {
    const stuck = this.stuck;
    if (!stuck) return [];
    const begin = this.x(this.warp.at(stuck.begin));
    const end =
        Math.max(begin + 2, this.x(openEnded(stuck) ? this.axis.end : this.warp.at(stuck.end)));
    const states = list(this.anomaly.detail.last_states).map(words.value);
    const possible = states.length === 0 || states.length > 4 ?
        "fits nowhere in this time" :
        `cannot happen here: the value could only be ${states.join(" or ")}`;
    const whole = `${words.act(this.run, stuck)} ${possible}`;
    const fits = whole.length * bold_letter + 30 < this.width - gutter;
    const text = fits ? whole : `${words.act(this.run, stuck)} fits nowhere here`;
    const half = text.length * bold_letter / 2 + 12;
    const middle = Math.min(Math.max((begin + end) / 2, gutter + half), this.width - half - 4);
    return [
      svg("rect", {
        class: "stuck-column",
        x: begin,
        y: top - 4,
        width: end - begin,
        height: bottom - top + 4
      }),
      svg("line", {class: "stuck-edge", x1: begin, x2: begin, y1: top - 4, y2: bottom}),
      svg("line", {class: "stuck-edge", x1: end, x2: end, y1: top - 4, y2: bottom}),
      svg("rect",
          {class: "callout", x: middle - half, y: y + 1, width: half * 2, height: 21, rx: 10.5}),
      svg("text", {class: "callout-text", x: middle, y: y + 15.5}, text),
    ];
  }

  private bar(operation: Operation, top: number): SVGElement {
    const row = this.lanes.indexOf(operation.process);
    const y = top + row * lane_height + (lane_height - bar_height) / 2;
    const begin = this.x(this.warp.at(operation.begin));
    const open = openEnded(operation);
    const end = open ? this.width + 20 : this.x(this.warp.at(operation.end));
    const width = Math.max(5, end - begin);
    const verb = this.verbs.indexOf(operation.verb) % 6;
    const classes = ["bar", `verb-${verb}`, operation.phase];
    if (operation === this.stuck)
      classes.push("stuck");
    else if (this.cited.has(operation))
      classes.push("cited");
    else if (this.candidates.has(operation))
      classes.push("candidate");
    else
      classes.push("other");
    if (operation === this.picked) classes.push("picked");
    const text = words.act(this.run, operation) +
        (open                           ? " ?" :
             operation.phase === "fail" ? " ✕" :
                                          "");
    const group = svg(
        "g", {
          class: classes.join(" "),
          pointerenter: () => this.pick(operation),
          click: () => this.pick(operation),
        },
        svg("title", {}, `${words.processName(operation.process)}: ${text} (${operation.phase})`),
        svg("rect", {x: begin, y, width, height: bar_height, rx: 4}));
    const space = text.length * letter + 8;
    const seen = Math.min(end, this.width) - Math.max(begin, gutter);
    if (seen >= space) {
      const x = Math.max(begin, gutter) + 6;
      group.append(svg("text", {class: "inside", x, y: y + 14}, text));
    } else if (end > gutter && this.freeAfter(operation, end) >= space) {
      group.append(svg("text", {class: "beside", x: begin + width + 4, y: y + 14}, text));
    } else if (this.cited.has(operation)) {
      group.append(svg("text", {class: "beside above", x: begin, y: y - 2}, text));
    }
    return group;
  }

  private freeAfter(operation: Operation, end: number): number {
    const next = this.shown.find(
        (other) => other.process === operation.process && other.begin >= operation.end &&
            other !== operation);
    return (next ? this.x(this.warp.at(next.begin)) : this.width) - end - 4;
  }
}
