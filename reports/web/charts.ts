// The run over time on one shared axis: faults, latency, throughput, roles. Drawn on canvas by
// hand: a few hundred lines instead of a plotting library, since bands, lanes and points are all we
// need.

import {steer, ticks, TimeAxis} from "./axis";
import {Run} from "./data";
import {Child, colour, h, onColours} from "./dom";
import * as words from "./words";

const gutter = 78;
const margin = 10;

export interface Box {
  context: CanvasRenderingContext2D;
  left: number;
  right: number;
  height: number;
  x: (time: number) => number;
}

/** One picture: its base is drawn when the view changes, the crosshair above it at each move. */
export function chart(
    run: Run,
    axis: TimeAxis,
    title: string,
    height: number,
    draw: (box: Box) => void,
    read: (time: number) => string,
    legend: Child[] = [],
    ): HTMLElement {
  const base = h("canvas", {"aria-hidden": "true"});
  const above = h(
      "canvas",
      {tabindex: 0, role: "img", "aria-label": `${title}. Arrow keys move, plus and minus zoom.`});
  const readout = h("output", {class: "readout"});
  let width = 0;

  const prepare = (canvas: HTMLCanvasElement): Box => {
    const ratio = devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const context = canvas.getContext("2d")!;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.font = "11px system-ui, sans-serif";
    const right = width - margin;
    const x = (time: number): number =>
        gutter + ((time - axis.begin) / (axis.end - axis.begin)) * (right - gutter);
    return {context, left: gutter, right, height, x};
  };
  const drawPointer = (): void => {
    if (width === 0) return;
    const box = prepare(above);
    readout.textContent = axis.pointer === null ? "" : read(axis.pointer);
    if (axis.pointer === null) return;
    const x = Math.round(box.x(axis.pointer)) + 0.5;
    if (x < box.left || x > box.right) return;
    box.context.strokeStyle = colour("text");
    box.context.setLineDash([3, 3]);
    box.context.beginPath();
    box.context.moveTo(x, 0);
    box.context.lineTo(x, height);
    box.context.stroke();
  };
  const drawBase = (): void => {
    if (width === 0) return;
    const box = prepare(base);
    bands(run, box);
    draw(box);
    drawPointer();
  };
  const frame = h("div", {class: "canvas"}, base, above);
  frame.style.height = `${height}px`;
  axis.onView(drawBase);
  axis.onPointer(drawPointer);
  onColours(drawBase);
  new ResizeObserver((entries) => {
    width = Math.floor(entries[0].contentRect.width);
    drawBase();
  }).observe(frame);
  steer(above, axis, (clientX) => {
    const inside = clientX - above.getBoundingClientRect().left - gutter;
    return axis.begin + (inside / (width - margin - gutter)) * (axis.end - axis.begin);
  });
  const head =
      h("figcaption", {}, h("span", {class: "chart-title"}, title),
        h("span", {class: "legend"}, ...legend), readout);
  return h("figure", {class: "chart"}, head, frame);
}

/** Faults shaded behind a picture. */
function bands(run: Run, box: Box): void {
  const {context} = box;
  clipped(box, () => {
    for (const fault of run.faults) {
      const begin = box.x(fault.begin);
      context.fillStyle = colour("fault-soft");
      context.globalAlpha = fault.confirmed ? 1 : 0.5;
      context.fillRect(begin, 0, Math.max(1, box.x(fault.end) - begin), box.height);
    }
  });
}

export function clipped(box: Box, draw: () => void): void {
  const {context} = box;
  context.save();
  context.beginPath();
  context.rect(box.left, 0, box.right - box.left, box.height);
  context.clip();
  draw();
  context.restore();
}

export function label(box: Box, text: string, y: number): void {
  box.context.fillStyle = colour("muted");
  box.context.textAlign = "right";
  box.context.fillText(text, box.left - 8, y + 4);
  box.context.textAlign = "left";
}

function rule(box: Box, y: number): void {
  box.context.strokeStyle = colour("line");
  box.context.lineWidth = 1;
  box.context.beginPath();
  box.context.moveTo(box.left, Math.round(y) + 0.5);
  box.context.lineTo(box.right, Math.round(y) + 0.5);
  box.context.stroke();
}

const phases = ["ok", "fail", "info"] as const;

export function key(kind: string, text: string): HTMLElement {
  return h("span", {class: `key ${kind}`}, text);
}

/** Points by latency on a logarithmic scale: a dot is ok, a cross is fail, a triangle is info. */
export function latencyChart(run: Run, axis: TimeAxis): HTMLElement {
  const points = run.operations.filter((one) => one.process >= 0 && one.complete >= 0);
  const took = (one: {begin: number; end: number}): number => Math.max(1000, one.end - one.begin);
  const low = Math.log10(points.reduce((least, one) => Math.min(least, took(one)), 1e12)) - 0.1;
  const high = Math.log10(points.reduce((most, one) => Math.max(most, took(one)), 1e3)) + 0.1;
  const height = 210;
  const y = (latency: number): number =>
      height - 8 - ((Math.log10(latency) - low) / (high - low)) * (height - 16);
  const factors = high - low < 2 ? [1, 2, 5] : [1];
  const lines: number[] = [];
  for (let power = Math.floor(low); power <= high; ++power) {
    for (const factor of factors) {
      const line = factor * Math.pow(10, power);
      if (Math.log10(line) >= low && Math.log10(line) <= high) lines.push(line);
    }
  }
  const draw = (box: Box): void => {
    const {context} = box;
    for (const line of lines) {
      rule(box, y(line));
      label(box, words.duration(line).replace(/\.0+ /, " "), y(line));
    }
    clipped(box, () => {
      const seen = points.filter((one) => one.end >= axis.begin && one.begin <= axis.end);
      const size = seen.length > 20_000 ? 1.5 : seen.length > 4000 ? 2 : 3;
      for (const phase of phases) {
        context.fillStyle = context.strokeStyle = colour(phase);
        context.globalAlpha =
            phase === "ok" ? Math.max(0.25, Math.min(0.8, 3000 / seen.length)) : 0.9;
        for (const one of seen) {
          if (one.phase === phase) mark(context, phase, box.x(one.begin), y(took(one)), size);
        }
      }
      context.globalAlpha = 1;
      quantileLine(box, axis, seen, (latency) => y(latency), took);
    });
  };
  const read = (time: number): string => {
    const span = (axis.end - axis.begin) / 100;
    const near = points.filter((one) => one.phase === "ok" && Math.abs(one.begin - time) < span)
                     .map(took)
                     .sort((a, b) => a - b);
    if (near.length === 0) return `${words.moment(time)} · nothing ok near`;
    const at = (share: number): string =>
        words.duration(near[Math.floor((near.length - 1) * share)]);
    return `${words.moment(time)} · p50 ${at(0.5)} · p99 ${at(0.99)}`;
  };
  return chart(
      run, axis, "Latency", height, draw, read,
      [key("ok", "ok"), key("fail", "fail"), key("info", "info"), key("median", "median of ok")]);
}

function mark(
    context: CanvasRenderingContext2D, phase: string, x: number, y: number, size: number): void {
  if (phase === "ok") {
    context.fillRect(x - size / 2, y - size / 2, size, size);
    return;
  }
  const arm = size < 3 ? 2.5 : 3.5;
  context.beginPath();
  if (phase === "info") {
    context.moveTo(x, y - arm);
    context.lineTo(x + arm, y + arm);
    context.lineTo(x - arm, y + arm);
    context.fill();
  } else {
    context.lineWidth = 1.2;
    context.moveTo(x - arm, y - arm);
    context.lineTo(x + arm, y + arm);
    context.moveTo(x + arm, y - arm);
    context.lineTo(x - arm, y + arm);
    context.stroke();
  }
}

type Timed = {
  begin: number; end: number; phase: string
};

function quantileLine(
    box: Box, axis: TimeAxis, seen: Timed[], y: (latency: number) => number,
    took: (one: Timed) => number): void {
  const slices: number[][] = Array.from({length: 80}, () => []);
  const span = (axis.end - axis.begin) / slices.length;
  for (const one of seen) {
    const slice = Math.floor((one.begin - axis.begin) / span);
    if (one.phase === "ok" && slices[slice]) slices[slice].push(took(one));
  }
  const {context} = box;
  context.strokeStyle = colour("text");
  context.lineWidth = 1.6;
  context.beginPath();
  let down = false;
  slices.forEach((slice, at) => {
    if (slice.length < 3) {
      down = false;
      return;
    }
    slice.sort((a, b) => a - b);
    const x = box.x(axis.begin + (at + 0.5) * span);
    if (down)
      context.lineTo(x, y(slice[slice.length >> 1]));
    else
      context.moveTo(x, y(slice[slice.length >> 1]));
    down = true;
  });
  context.stroke();
}

/** Completions a second, one phase on top of the other. */
export function rateChart(run: Run, axis: TimeAxis): HTMLElement {
  const {slice} = run.rate;
  const perSecond = 1e9 / slice;
  const sums =
      run.rate.ok.map((ok, at) => ok + (run.rate.fail[at] ?? 0) + (run.rate.info[at] ?? 0));
  const most = Math.max(1, ...sums) * perSecond * 1.08;
  const height = 130;
  const y = (rate: number): number => height - 4 - (rate / most) * (height - 12);
  const draw = (box: Box): void => {
    const [places] = ticks(0, most, 4);
    for (const place of places) {
      rule(box, y(place));
      label(box, place.toLocaleString("en-US"), y(place));
    }
    clipped(box, () => {
      sums.forEach((_, at) => {
        const x = box.x(at * slice);
        const width = Math.max(1, box.x((at + 1) * slice) - x + 0.3);
        let below = 0;
        for (const phase of phases) {
          const rate = (run.rate[phase][at] ?? 0) * perSecond;
          box.context.fillStyle = colour(phase);
          box.context.fillRect(x, y(below + rate), width, y(below) - y(below + rate));
          below += rate;
        }
      });
    });
  };
  const read = (time: number): string => {
    const at = Math.floor(time / slice);
    const rate = (phase: "ok"|"fail"|"info"): string =>
        `${phase} ${((run.rate[phase][at] ?? 0) * perSecond).toFixed(0)}`;
    return phases.map(rate).join(" · ") + " per second";
  };
  return chart(
      run, axis, "Throughput per second", height, draw, read,
      [key("ok", "ok"), key("fail", "fail"), key("info", "info")]);
}

/** The times below all pictures. */
export function timeRuler(run: Run, axis: TimeAxis): HTMLElement {
  const ruler = chart(run, axis, "", 20, (box) => {
    const [places, step] = ticks(axis.begin, axis.end, (box.right - box.left) / 90);
    box.context.fillStyle = colour("muted");
    box.context.textAlign = "center";
    for (const place of places) box.context.fillText(words.tick(place, step), box.x(place), 14);
  }, () => "");
  ruler.classList.add("ruler");
  return ruler;
}
