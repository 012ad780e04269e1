// Lanes under the charts: which faults were on, and which node had which role.

import {TimeAxis} from "./axis";
import {Box, chart, clipped, key, label} from "./charts";
import {Dict, num, Run, str} from "./data";
import {colour} from "./dom";
import * as words from "./words";

const row_height = 20;

/** One lane for each kind of fault; a frame of dashes is an unconfirmed one. */
export function faultLanes(run: Run, axis: TimeAxis): HTMLElement {
  const kinds = [...new Set(run.faults.map((fault) => fault.kind))];
  const draw = (box: Box): void => {
    const {context} = box;
    kinds.forEach((kind, row) => label(box, kind, row * row_height + 10));
    clipped(box, () => {
      for (const fault of run.faults) {
        const y = kinds.indexOf(fault.kind) * row_height + 2;
        const x = box.x(fault.begin);
        const width = Math.max(2, box.x(fault.end) - x);
        context.fillStyle = colour("fault");
        context.strokeStyle = colour("fault");
        context.setLineDash(fault.confirmed ? [] : [4, 3]);
        if (fault.confirmed)
          context.fillRect(x, y, width, row_height - 4);
        else
          context.strokeRect(x + 0.5, y + 0.5, width - 1, row_height - 5);
        context.fillStyle = fault.confirmed ? colour("on-fault") : colour("text");
        const from = Math.max(x, box.left) + 5;
        const space = Math.min(x + width, box.right) - from - 4;
        const shown = fit(context, words.targets(fault), space);
        if (shown) context.fillText(shown, from, y + 12);
      }
    });
  };
  const read = (time: number): string => {
    const on = run.faults.filter((fault) => fault.begin <= time && time <= fault.end);
    return on.map((fault) => fault.kind + (fault.confirmed ? "" : " (unconfirmed)")).join(", ");
  };
  return chart(
      run, axis, "Faults", Math.max(1, kinds.length) * row_height, draw, read,
      [key("fault", "confirmed"), key("fault unsure", "not confirmed")]);
}

/** As much of a text as fits, or nothing. */
function fit(context: CanvasRenderingContext2D, text: string, space: number): string {
  if (context.measureText(text).width <= space) return text;
  const letters = Math.floor(space / 6.5) - 1;
  return letters < 3 ? "" : `${text.slice(0, letters)}…`;
}

interface Stretch {
  role: string;
  term: number;
  begin: number;
  end: number;
}

function roleOf(event: Dict): string {
  const kind = str(event.event);
  if (kind !== "role") return kind;
  return str(event.role) || str(event.text);
}

function stretches(run: Run): Map<string, Stretch[]> {
  const nodes = new Map<string, Stretch[]>();
  for (const event of run.trace) {
    const node = str(event.node);
    const time = num(event.time);
    const term = num(event.term ?? event.epoch ?? event.view, -1);
    const all = nodes.get(node) ?? [];
    const last = all[all.length - 1];
    if (last) last.end = Math.max(last.begin, time);
    all.push({role: roleOf(event), term, begin: time, end: run.duration});
    nodes.set(node, all);
  }
  return new Map([...nodes].sort(([a], [b]) => a.localeCompare(b, "en", {numeric: true})));
}

const leading = new Set(["leader", "primary"]);
const seeking = new Set(["candidate", "pre-candidate", "recovering"]);

/** Who led when, by what nodes traced; crossed out where the node was killed or paused. */
export function roleLanes(run: Run, axis: TimeAxis): HTMLElement|null {
  const nodes = stretches(run);
  if (nodes.size === 0) return null;
  const names = [...nodes.keys()];
  const draw = (box: Box): void => {
    const {context} = box;
    names.forEach((name, row) => {
      const y = row * row_height;
      label(box, name, y + 10);
      clipped(box, () => {
        for (const stretch of nodes.get(name)!) drawStretch(box, stretch, y);
        for (const fault of run.faults) {
          const stops = fault.kind === "kill" || fault.kind === "pause" || fault.kind === "crash";
          if (stops && fault.targets.includes(name))
            hatch(box, fault.begin, fault.end, y, fault.kind);
        }
        context.fillStyle = colour("card");
        context.fillRect(box.left, y + row_height - 2, box.right - box.left, 2);
      });
    });
  };
  const read = (time: number): string => {
    const leaders = names.flatMap((name) => {
      const now = nodes.get(name)!.find((one) => one.begin <= time && time < one.end);
      return now && leading.has(now.role) ? [`${name} ${now.role}${termOf(now)}`] : [];
    });
    return leaders.join(", ") || "no leader";
  };
  return chart(run, axis, "Roles", names.length * row_height, draw, read, [
    key("leader", "leader"), key("candidate", "candidate"), key("follower", "follower"),
    key("hatched", "killed or paused")
  ]);
}

function termOf(stretch: Stretch): string {
  return stretch.term >= 0 ? ` of ${stretch.term}` : "";
}

function drawStretch(box: Box, stretch: Stretch, y: number): void {
  const {context} = box;
  const x = box.x(stretch.begin);
  const width = Math.max(1.5, box.x(stretch.end) - x);
  const lead = leading.has(stretch.role);
  context.fillStyle = colour(
      lead                          ? "leader" :
          seeking.has(stretch.role) ? "candidate" :
                                      "follower");
  context.fillRect(x, y, width, row_height - 2);
  if (stretch.role === "killed" || stretch.role === "terminated") return;
  context.fillStyle = colour(lead ? "on-leader" : "muted");
  const from = Math.max(x, box.left) + 5;
  const text =
      fit(context, lead ? `${stretch.role}${termOf(stretch)}` : "",
          Math.min(x + width, box.right) - from - 3);
  if (text) context.fillText(text, from, y + 13);
}

function hatch(box: Box, begin: number, end: number, y: number, word: string): void {
  const {context} = box;
  const x = box.x(begin);
  const width = Math.max(2, box.x(end) - x);
  context.save();
  context.beginPath();
  context.rect(x, y, width, row_height - 2);
  context.clip();
  context.fillStyle = colour("card");
  context.fillRect(x, y, width, row_height);
  context.strokeStyle = colour("fault");
  context.lineWidth = 1;
  context.beginPath();
  for (let at = x - row_height; at < x + width; at += 6) {
    context.moveTo(at, y + row_height);
    context.lineTo(at + row_height, y);
  }
  context.stroke();
  const text = word === "kill" ? "killed" : word === "pause" ? "paused" : "crashed";
  if (width > 60) {
    context.fillStyle = colour("card");
    context.fillRect(x + 4, y + 3, context.measureText(text).width + 8, row_height - 8);
    context.fillStyle = colour("text");
    context.fillText(text, x + 8, y + 13);
  }
  context.restore();
}
