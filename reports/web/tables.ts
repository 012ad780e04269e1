// Nested recorded values as tables, and the tables of faults, checks and options.

import {Dict, dict, Fault, Json, list, num, Run, str} from "./data";
import {opLink, Show} from "./details";
import {badge, Child, h, section, table} from "./dom";
import * as words from "./words";

const depth_most = 6;
const items_most = 60;

/** Any recorded value: maps as rows, lists of plain things in one line. */
export function kv(value: Json, depth = 0): HTMLElement {
  if (value === null || typeof value !== "object" || depth === depth_most) {
    return h("span", {class: "value"}, words.value(value));
  }
  if (Array.isArray(value)) {
    if (value.every((item) => item === null || typeof item !== "object")) {
      const shown = value.slice(0, items_most).map(words.value).join(", ");
      const rest = value.length > items_most ? ` and ${value.length - items_most} more` : "";
      return h("span", {class: "value"}, value.length === 0 ? "none" : shown + rest);
    }
    const rest = value.length - items_most;
    return h(
        "ul", {class: "values"},
        ...value.slice(0, items_most).map((item) => h("li", {}, kv(item, depth + 1))),
        rest > 0 && h("li", {}, `and ${rest} more`));
  }
  const entries = Object.entries(value);
  if (entries.length === 0) return h("span", {class: "value"}, "none");
  const plain = entries.every(([, item]) => item === null || typeof item !== "object");
  if (depth > 0 && plain && entries.length <= 16) {
    const items = entries.map(([name, item]) => h("span", {}, h("i", {}, name), words.value(item)));
    return h("span", {class: "value inline"}, ...items);
  }
  return h(
      "dl", {class: "kv"},
      ...entries.slice(0, items_most * 4)
          .map(
              ([name, item]) => h("div", {}, h("dt", {}, name), h("dd", {}, kv(item, depth + 1)))));
}

/** The links that a fault struck, row to column; null when its targets are no links. */
function linkMatrix(run: Run, fault: Fault): HTMLElement|null {
  const links = new Set(fault.targets);
  if (links.size === 0 || !fault.targets.every((link) => words.link.test(link))) return null;
  const evidence = dict(fault.evidence);
  const leaked = new Set(list(evidence.leaked).map(str));
  const silent = new Set(list(evidence.lost_but_not_cut).map(str));
  const nodes = Array.from({length: Math.min(run.nodes, 16)}, (_, at) => `n${at + 1}`);
  const cell = (a: string, b: string): HTMLElement => {
    const one = `${a}>${b}`;
    const said = (kind: string, sign: string, word: string): HTMLElement =>
        h("td", {class: kind, title: `${a} to ${b}: ${word}`}, sign);
    if (a === b) return h("td", {class: "self"});
    if (leaked.has(one)) return said("leaked", "!", "struck, yet a probe arrived");
    if (silent.has(one)) return said("leaked", "?", "not struck, yet no probe arrived");
    return links.has(one) ? said("lost", "✕", "struck") : said("carried", "●", "left alone");
  };
  const odd = leaked.size + silent.size > 0 ? ", ! struck but leaking, ? silent by itself" : "";
  return h(
      "table", {class: "matrix"},
      h("caption", {}, `Links, row to column: ✕ struck, ● left alone${odd}`),
      h("thead", {},
        h("tr", {}, h("th", {}), ...nodes.map((node) => h("th", {scope: "col"}, node)))),
      h("tbody", {},
        ...nodes.map(
            (a) => h("tr", {}, h("th", {scope: "row"}, a), ...nodes.map((b) => cell(a, b))))));
}

function faultCard(run: Run, fault: Fault, number: number, show: Show): HTMLDetailsElement {
  const sure =
      fault.confirmed ? badge("confirmed", "confirmed") : badge("unconfirmed", "not confirmed");
  const ended = fault.endOp >= 0;
  const closing = run.byIndex.get(fault.endOp);
  const when = `${words.moment(fault.begin)} – ${ended ? words.moment(fault.end) : "never lifted"}`;
  const summary =
      h("summary", {}, h("span", {class: "fault-number"}, String(number)),
        h("strong", {}, fault.kind), h("span", {class: "fault-targets"}, words.targets(fault)),
        h("span", {class: "fault-when"}, `${when} · ${words.duration(fault.end - fault.begin)}`),
        sure);
  const refs =
      h("p", {class: "hint"}, "begun by ", opLink(run, fault.beginOp, show), ended && ", ended by ",
        ended && opLink(run, fault.endOp, show));
  const after = ended && closing ? dict(closing.result).evidence : undefined;
  return h(
      "details", {class: "fault"}, summary, refs,
      h("div", {class: "evidence"}, h("h4", {}, "What was measured while it was on"),
        linkMatrix(run, fault), kv(fault.evidence)),
      after !== undefined &&
          h("div", {class: "evidence"}, h("h4", {}, "What was measured when it was lifted"),
            kv(after)));
}

export function faultSection(run: Run, show: Show): HTMLElement {
  const cards = run.faults.map((fault, at) => faultCard(run, fault, at + 1, show));
  const first = cards.find((_, at) => !run.faults[at].confirmed) ?? cards[0];
  if (first) first.open = true;
  return section(
      "faults", "Faults",
      cards.length === 0 ? h("p", {class: "card quiet"}, "No fault was injected in this run.") :
                           h("div", {class: "card"}, ...cards));
}

export function warnings(run: Run): HTMLElement|null {
  const record = dict(run.test.world_record);
  const lines: string[] = [];
  const broken = run.anomalies.length > 0 ? [] : list(record.broken_invariants).map(str);
  for (const sentence of broken) lines.push(`Broken invariant: ${sentence}`);
  for (const lag of list(record.lags).map(dict)) {
    lines.push(
        `The harness itself was up to ${words.duration(num(lag.worst))} late (${
            str(lag.where)}) from ` +
        `${words.moment(num(lag.begin))} to ${
            words.moment(num(lag.end))}: effects seen in that time are not confirmed.`);
  }
  const unsure = run.faults.filter((fault) => !fault.confirmed).length;
  if (unsure > 0)
    lines.push(`${words.count(unsure, "fault")} could not be confirmed and ${
        unsure === 1 ? "does" : "do"} not count.`);
  const unlifted = run.faults.filter((fault) => fault.endOp < 0).length;
  if (unlifted > 0)
    lines.push(`${words.count(unlifted, "fault")} ${
        unlifted === 1 ? "was" : "were"} on when the run ended.`);
  if (run.step > 1) {
    lines.push(
        `The run has ${run.total.toLocaleString("en-US")} operations; this page shows every ` +
        `${run.step}th, and all that an anomaly cites. Counts and quantiles are of all of them.`);
  }
  lines.push(...run.problems);
  if (lines.length === 0) return null;
  const shown = lines.slice(0, 40);
  if (lines.length > shown.length) shown.push(`and ${lines.length - shown.length} more`);
  return h(
      "div", {class: "card warnings"}, h("h3", {}, "Read this before you trust the rest"),
      h("ul", {}, ...shown.map((line) => h("li", {}, line))));
}

function figures(run: Run): HTMLElement {
  const rows = run.figures.map(
      ([verb, of]): Child[] =>
          [verb,
           ...[of.ok, of.fail, of.info + of.open].map((n) => n.toLocaleString("en-US")),
           ...[0, 1, 2, 3].map(
               (at) => of.latency[at] === undefined ? "–" : words.duration(of.latency[at])),
  ]);
  const head = ["operation", "ok", "fail", "info", "p50", "p95", "p99", "slowest"];
  return table(head, rows, [1, 2, 3, 4, 5, 6, 7]);
}

export function checkSection(run: Run): HTMLElement {
  const rows = run.parts.map((part): Child[] => {
    const name = h("span", {class: `depth-${Math.min(part.depth, 3)}`}, part.checker);
    const {models, edges, ...detail} = dict(part.detail);  // these two are drawn as the lattice
    const empty = Object.keys(detail).length === 0;
    const more = !empty && h("details", {}, h("summary", {}, "figures"), kv(detail));
    return [name, badge(part.validity, part.validity), h("div", {}, part.summary, more)];
  });
  const probes = Object.entries(dict(dict(run.test.world_record).probes));
  const probed = probes.map(
      ([name, hits]): Child[] =>
          [name, num(hits).toLocaleString("en-US"),
           num(hits) > 0 ? "" : "never happened in this run"]);
  return section(
      "checks", "Checks",
      h("div", {class: "card"}, h("h3", {}, "What was judged"),
        table(["check", "verdict", "in words"], rows)),
      h("div", {class: "card"}, h("h3", {}, "Outcomes and latency of ok operations"), figures(run)),
      probes.length > 0 &&
          h("div", {class: "card"}, h("h3", {}, "Rare situations that the system reached"),
            table(["probe", "times", ""], probed, [1])));
}

export function optionSection(run: Run): HTMLElement {
  const {world_record: record, ...test} = run.test;
  const rest = dict(record);
  const digest: Dict = {};
  for (const name of ["messages", "digest"]) {
    if (rest[name] !== undefined && rest[name] !== "") digest[name] = rest[name];
  }
  return section(
      "options", "Options of the run", h("div", {class: "card"}, kv({...test, ...digest})));
}
