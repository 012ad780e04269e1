// One operation said in full, and links that lead to it.

import {Anomaly, Operation, Run} from "./data";
import {badge, Child, h} from "./dom";
import * as words from "./words";

/** Shows one operation in the table of operations; set by that table. */
export type Show = (index: number) => void;

export function opLink(run: Run, index: number, show: Show, text?: string): Node {
  const operation = run.byIndex.get(index);
  const words_ = text ?? `#${index}`;
  if (!operation) return document.createTextNode(words_);
  const spoken = `${words.processName(operation.process)}: ${words.act(run, operation)}`;
  return h(
      "a", {
        href: `#op-${index}`,
        class: "op",
        title: spoken,
        click: (event: Event) => {
          event.preventDefault();
          show(index);
        },
      },
      words_);
}

const numbered =
    /#\d+|\b(?:[Oo]ps?|[Oo]perations?)\s\d+(?:(?:,|\s(?:and|or)|,\s(?:and|or))\s\d+)*/g;
const moments = /\d+\.\d{3}(?:\d{3})? s\b/g;
const deeds = /\b[Pp]rocess (\d+)(?:'s)? (\w+ -?\w+(?: to -?\w+)?)/g;

/** Where a sentence speaks of which operation: [from, to, index of the op]. */
type Mention = [number, number, number];

function mentions(run: Run, sentence: string, near: Operation[]): Mention[] {
  const found: Mention[] = [];
  for (const match of sentence.matchAll(numbered)) {
    for (const number of match[0].matchAll(/#?(\d+)/g)) {
      const from = (match.index ?? 0) + (number.index ?? 0);
      if (run.byIndex.has(Number(number[1]))) {
        found.push([from, from + number[0].length, Number(number[1])]);
      }
    }
  }
  const add = (match: RegExpMatchArray, operation: Operation|undefined): void => {
    const from = match.index ?? 0;
    if (operation) found.push([from, from + match[0].length, operation.invoke]);
  };
  for (const match of sentence.matchAll(moments)) {
    const micros = Math.round(parseFloat(match[0]) * 1e6);
    const at = (time: number): boolean => Math.floor(time / 1000) === micros;
    add(match, near.find((one) => at(one.begin) || at(one.end)));
  }
  for (const match of sentence.matchAll(deeds)) {
    add(match,
        near.find(
            (one) => one.process === Number(match[1]) &&
                words.act(run, one) === match[2].replace(" to ", "→")));
  }
  return found.sort(([a], [b]) => a - b);
}

/**
 * A sentence in which what names an operation became a link: "op 12", "#12", and among the
 * operations `near` also "process 3's write 7" and the moments at which they began or ended.
 */
export function linked(run: Run, sentence: string, near: Operation[], show: Show): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const [from, to, index] of mentions(run, sentence, near)) {
    if (from < at) continue;
    nodes.push(document.createTextNode(sentence.slice(at, from)));
    nodes.push(opLink(run, index, show, sentence.slice(from, to)));
    at = to;
  }
  nodes.push(document.createTextNode(sentence.slice(at)));
  return nodes;
}

/** Splits an explanation at the ends of its sentences; "3.5 s" and "n1." inside stay whole. */
export function sentences(text: string): string[] {
  return text.split(/(?<=[.!?])\s+(?=[A-Z"'#(])|\n+/).map((part) => part.trim()).filter(Boolean);
}

export function phaseBadge(operation: Operation): HTMLElement {
  return badge(operation.phase, operation.phase);
}

/** The fields of an operation, for the panel under a picture or a table. */
export function opDetails(run: Run, operation: Operation, show?: Show): HTMLElement {
  const key = words.keyOf(run, operation);
  const open = operation.phase === "open" || operation.phase === "info";
  const active =
      run.faults.filter((fault) => fault.begin < operation.end && fault.end > operation.begin);
  const fields: [string, Child][] = [
    ["asked", `${operation.verb} ${words.value(operation.value)}`],
    ["answer", operation.phase === "ok" ? words.value(operation.result) : "none"],
    ["process", words.processName(operation.process)],
    ["node", words.nodeOf(run, operation.process)],
    ["key", key === undefined ? "" : words.value(key)],
    [`invoked, #${operation.invoke}`, words.moment(operation.begin)],
    [
      operation.complete < 0 ? "completed" : `completed, #${operation.complete}`,
      operation.complete < 0 ? "never" : words.moment(operation.end)
    ],
    ["took", operation.complete < 0 ? "" : words.duration(operation.end - operation.begin)],
    ["error", operation.error],
    ["may take effect", open && operation.process >= 0 ? "at any time after its invocation" : ""],
    [
      "faults on then",
      active.map((fault) => fault.kind + (fault.confirmed ? "" : " (unconfirmed)")).join(", ")
    ],
  ];
  const list = h("dl", {class: "fields"});
  for (const [name, value] of fields) {
    if (!value) continue;
    list.append(h("div", {}, h("dt", {}, name), h("dd", {}, value)));
  }
  const title =
      h("p", {class: "op-title"}, h("strong", {}, words.act(run, operation)), " ",
        phaseBadge(operation), " ", show && opLink(run, operation.invoke, show, "in the table"));
  return h("div", {class: "op-details"}, title, list);
}

/** The ops that an anomaly's own detail names as the ones without a place. */
export function stuckOf(run: Run, anomaly: Anomaly): Operation|undefined {
  const stuck = anomaly.detail.stuck_op;
  return typeof stuck === "number" ? run.byIndex.get(stuck) : undefined;
}

/** The operations that an anomaly cites, each once, in order. */
export function citedBy(run: Run, anomaly: Anomaly): Operation[] {
  const found = anomaly.ops.flatMap((op) => run.byIndex.get(op) ?? []);
  return [...new Set(found)].sort((a, b) => a.begin - b.begin);
}
