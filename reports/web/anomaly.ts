// Each broken rule: the sentences that say why, the picture, and what could not come next.

import {Anomaly, dict, Json, list, num, Run, str} from "./data";
import {citedBy, linked, opDetails, opLink, sentences, Show, stuckOf} from "./details";
import {Child, h, section} from "./dom";
import {kv} from "./tables";
import {Mode, Timeline} from "./timeline";
import * as words from "./words";

const anomalies_most = 20;
const anomalies_open = 2;
const drawn_keys = new Set([
  "key", "window", "stuck_op", "last_states", "candidates", "ops", "circle", "operations", "model",
  "minimal"
]);
const reasons: {[why: string]: string} = {
  "session-order": "in the order of their session",
  "reads-from": "which returned its value",
  "real-time": "which was invoked after it had returned",
  "causality": "which causally follows it",
  "antidependency": "which would have replaced what was read",
  "overwritten": "since a read had to see both and returned this one",
};

function controls(timeline: Timeline): HTMLElement {
  const choice = (mode: Mode, text: string): HTMLElement => {
    const input = h("input", {
      type: "radio",
      name: `${timeline.id}-mode`,
      change: () => timeline.setMode(mode),
    });
    input.checked = timeline.mode === mode;
    return h("label", {}, input, text);
  };
  const button = (text: string, title: string, act: () => void): HTMLElement =>
      h("button", {type: "button", title, "aria-label": title, click: act}, text);
  const middle = (): number => (timeline.axis.begin + timeline.axis.end) / 2;
  const scale = choice("scale", "Time to scale");
  const order = choice("order", "Order of events");
  return h(
      "div", {class: "controls"}, order, scale, h("span", {class: "gap"}),
      button("−", "Zoom out", () => timeline.axis.zoom(1 / 0.7, middle())),
      button("+", "Zoom in", () => timeline.axis.zoom(0.7, middle())),
      button("Cited", "Show the cited operations", () => timeline.focus()),
      button("All", "Show everything around", () => timeline.axis.reset()));
}

function legend(run: Run, timeline: Timeline): HTMLElement {
  const verbs =
      [...new Set(run.operations.filter((one) => one.process >= 0).map((one) => one.verb))].sort();
  const used = new Set(timeline.shown.map((one) => one.verb));
  const keys = verbs.flatMap(
      (verb, at) => used.has(verb) ? [h("span", {class: `key verb-${at % 6}`}, verb)] : []);
  return h(
      "div", {class: "legend"}, ...keys, h("span", {class: "key stuck"}, "impossible"),
      h("span", {class: "key cited"}, "evidence"),
      h("span", {class: "key open"}, "unknown outcome, may happen later"),
      h("span", {class: "key failed"}, "failed"),
      run.faults.length > 0 && h("span", {class: "key band"}, "fault"));
}

function candidates(run: Run, anomaly: Anomaly, timeline: Timeline, show: Show): HTMLElement|null {
  const rows = list(anomaly.detail.candidates).map(dict).map((candidate) => {
    const operation = run.byIndex.get(num(candidate.op, -1));
    const cells: Child[] = operation ?
        [
          opLink(run, num(candidate.op), show), words.act(run, operation),
          `${words.processName(operation.process)} ${words.nodeOf(run, operation.process)}`,
          str(candidate.reason)
        ] :
        [`#${str(candidate.op)}`, "", "", str(candidate.reason)];
    const row = h("tr", {}, ...cells.map((cell) => h("td", {}, cell)));
    if (operation) row.addEventListener("pointerenter", () => timeline.pick(operation));
    if (operation && operation === stuckOf(run, anomaly)) row.classList.add("stuck");
    return row;
  });
  if (rows.length === 0) return null;
  const states = list(anomaly.detail.last_states).map(words.value);
  const before = states.length === 0 ?
      "" :
      `After the longest order that fits, the value could be ${states.slice(0, 12).join(" or ")}` +
          `${
              states.length > 12 ? " or another" :
                                   ""}. Each operation that could come next was refused:`;
  const head = ["op", "what", "who", "why it cannot come next"];
  return h(
      "div", {class: "candidates"}, h("h4", {}, "What could come next, and why not"),
      before && h("p", {}, before),
      h("div", {class: "scroll"},
        h("table", {},
          h("thead", {}, h("tr", {}, ...head.map((cell) => h("th", {scope: "col"}, cell)))),
          h("tbody", {}, ...rows))));
}

/** Constraints that no order can keep, each one leading to the next. */
function circle(run: Run, anomaly: Anomaly, show: Show): HTMLElement|null {
  const steps = list(anomaly.detail.circle).map(dict);
  if (steps.length === 0) return null;
  const named = (op: Json|undefined): Child => {
    const operation = run.byIndex.get(num(op, -1));
    if (!operation) return op === null ? "the initial value" : `#${str(op)}`;
    return opLink(run, operation.invoke, show, words.act(run, operation));
  };
  const rows = steps.map((step) => {
    const because: Child[] = step.because === undefined ? [] : [" (", named(step.because), ")"];
    const why = reasons[str(step.why)] ?? str(step.why);
    return h("li", {}, named(step.before), " before ", named(step.after), `, ${why}`, ...because);
  });
  return h(
      "div", {class: "candidates"}, h("h4", {}, "What an order would need, which closes a circle"),
      h("ol", {class: "circle"}, ...rows));
}

function more(anomaly: Anomaly): HTMLElement|null {
  const rest = Object.entries(anomaly.detail).filter(([name]) => !drawn_keys.has(name));
  if (rest.length === 0) return null;
  return h(
      "details", {}, h("summary", {}, "More of what the checker says"),
      kv(Object.fromEntries(rest)));
}

function card(run: Run, anomaly: Anomaly, number: number, show: Show): HTMLElement {
  const key = anomaly.detail.key;
  const title =
      h("h3", {}, h("span", {class: "anomaly-name"}, anomaly.name),
        key !== undefined && key !== null && h("span", {class: "chip"}, `key ${words.value(key)}`),
        h("span", {class: "chip"}, anomaly.checker));
  const near = citedBy(run, anomaly);
  const wanted = JSON.stringify(key);
  const mentioned = near.concat(run.operations.filter(
      (one) => one.process >= 0 && JSON.stringify(words.keyOf(run, one)) === wanted));
  const story =
      h("ol", {class: "story"},
        ...sentences(anomaly.explanation)
            .map((sentence) => h("li", {}, ...linked(run, sentence, mentioned, show))));
  const evidence = near.slice(0, 40).flatMap(
      (one, at) => [at > 0 && ", ", opLink(run, one.invoke, show, words.act(run, one))]);
  const cited = near.length > 0 &&
      h("p", {class: "cited-ops"}, "Evidence: ", ...evidence,
        near.length > 40 && ` and ${near.length - 40} more`);
  const article = h("article", {class: "card anomaly"}, title, story);
  const known =
      [...anomaly.ops, ...list(anomaly.detail.ops)].some((op) => run.byIndex.has(Number(op)));
  if (!known) {
    article.append(more(anomaly) ?? "");
    return article;
  }
  const timeline = new Timeline(run, anomaly, number);
  const panel = h("div", {class: "panel", "aria-live": "polite"});
  const hint =
      h("p", {class: "hint"},
        "Point at a bar for all of it. Drag moves; Ctrl and wheel, or + and −, " +
            "zoom; n and p step from operation to operation.");
  article.addEventListener("pointerover", (event) => {
    const link = (event.target as Element).closest("a.op");
    const named = /^#op-(\d+)$/.exec(link?.getAttribute("href") ?? "");
    const operation = named && run.byIndex.get(Number(named[1]));
    if (operation && timeline.shown.includes(operation)) timeline.pick(operation);
  });
  timeline.onPick = (operation) =>
      panel.replaceChildren(operation ? opDetails(run, operation, show) : hint);
  panel.append(hint);
  const stuck = stuckOf(run, anomaly);
  if (stuck) timeline.pick(stuck);
  for (const part
           of [controls(timeline), h("div", {class: "picture"}, timeline.element),
               legend(run, timeline), panel, circle(run, anomaly, show),
               candidates(run, anomaly, timeline, show), cited, more(anomaly)]) {
    if (part) article.append(part);
  }
  return article;
}

/** One line that opens: the picture is made when it is first wanted. */
function folded(run: Run, anomaly: Anomaly, number: number, show: Show): HTMLElement {
  const first = sentences(anomaly.explanation)[0] ?? "";
  const key = anomaly.detail.key ?? null;
  const place = key === null ? "" : `key ${words.value(key)}: `;
  const details = h("details", {class: "card folded"}, h("summary", {}, place + first));
  details.addEventListener(
      "toggle", () => details.append(card(run, anomaly, number, show)), {once: true});
  return details;
}

export function anomalySection(run: Run, show: Show): HTMLElement|null {
  if (run.anomalies.length === 0) return null;
  const shown = run.anomalies.slice(0, anomalies_most);
  const rest = run.anomalies.length - shown.length;
  return section(
      "anomalies", run.anomalies.length === 1 ? "The anomaly" : `${run.anomalies.length} anomalies`,
      ...shown.map(
          (anomaly, number) => number < anomalies_open ? card(run, anomaly, number, show) :
                                                         folded(run, anomaly, number, show)),
      rest > 0 && h("p", {class: "hint"}, `${rest} more anomalies stand in verdict.json.`));
}
