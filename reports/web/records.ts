// The table of operations and the logs: long lists of which only what is seen exists as elements.

import {Operation, Run} from "./data";
import {opDetails, phaseBadge, Show} from "./details";
import {h, section} from "./dom";
import * as words from "./words";

/** Rows of one height in a scrolling frame. */
class Rows<T> {
  readonly frame: HTMLElement;
  private readonly sheet: HTMLElement;
  private items: T[] = [];
  constructor(
      private readonly height: number, private readonly render: (item: T) => HTMLElement,
      name: string) {
    this.sheet = h("div", {class: "rows-sheet"});
    this.frame =
        h("div", {class: "rows", tabindex: 0, role: "region", "aria-label": name}, this.sheet);
    this.frame.addEventListener("scroll", () => this.draw());
    new ResizeObserver(() => this.draw()).observe(this.frame);
  }
  set(items: T[]): void {
    this.items = items;
    this.frame.scrollTop = 0;
    this.draw();
  }
  reveal(at: number): void {
    this.frame.scrollTop = Math.max(0, at * this.height - this.frame.clientHeight / 2);
    this.draw();
  }
  draw(): void {
    const room = Math.max(this.frame.clientHeight, 200);
    const first = Math.max(0, Math.floor(this.frame.scrollTop / this.height) - 10);
    const last = Math.min(this.items.length, first + Math.ceil(room / this.height) + 20);
    this.sheet.style.height = `${this.items.length * this.height}px`;
    const rows = this.items.slice(first, last).map((item, at) => {
      const row = this.render(item);
      row.style.top = `${(first + at) * this.height}px`;
      row.style.height = `${this.height}px`;
      return row;
    });
    this.sheet.replaceChildren(...rows);
  }
}

function choice(name: string, all: string[], changed: () => void): HTMLSelectElement {
  return h(
      "select", {"aria-label": name, change: changed}, h("option", {value: ""}, `any ${name}`),
      ...all.map((one) => h("option", {value: one}, one)));
}

export interface OpTable {
  element: HTMLElement;
  show: Show;
}

const columns = ["op", "at", "process", "node", "key", "operation", "outcome", "took", "error"];

export function opTable(run: Run): OpTable {
  const haystack: string[] = [];
  const textOf = (one: Operation): string => haystack[one.row] ??= [
    `#${one.invoke}`, words.processName(one.process), words.nodeOf(run, one.process), one.verb,
    words.value(one.value), words.act(run, one), one.phase, one.error
  ].join(" ").toLowerCase();
  let selected: Operation|null = null;
  const panel = h("div", {class: "panel", "aria-live": "polite"});
  const cell = (name: string, child: string|Node): HTMLElement =>
      h("span", {class: `c-${name}`, role: "cell"}, child);
  const rows = new Rows<Operation>(28, (one) => {
    const key = words.keyOf(run, one);
    const took =
        one.complete < 0 || one.complete === one.invoke ? "" : words.duration(one.end - one.begin);
    return h(
        "div", {
          class: `op-row${one === selected ? " selected" : ""}`,
          role: "row",
          click: () => {
            select(one);
          },
        },
        cell("op", `#${one.invoke}`), cell("at", words.moment(one.begin)),
        cell("process", words.processName(one.process)),
        cell("node", words.nodeOf(run, one.process)),
        cell("key", key === undefined ? "" : words.value(key)),
        cell("operation", words.act(run, one)), cell("outcome", phaseBadge(one)),
        cell("took", took), cell("error", one.error));
  }, "Operations");
  const found = h("output", {class: "found"});
  const apply = (): void => {
    const needles = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const shown = run.operations.filter(
        (one) => (!verb.value || one.verb === verb.value) &&
            (!phase.value || one.phase === phase.value) &&
            needles.every((needle) => textOf(one).includes(needle)));
    current = shown;
    rows.set(shown);
    found.textContent = `${shown.length.toLocaleString("en-US")} of ${
        run.operations.length.toLocaleString("en-US")}`;
  };
  const select = (one: Operation): void => {
    selected = one;
    panel.replaceChildren(opDetails(run, one));
    rows.draw();
  };
  let current: Operation[] = [];
  const search = h("input", {
    type: "search",
    placeholder: "Search: a value, p3, n2, an error …",
    "aria-label": "Search operations",
    input: () => apply()
  });
  const verb = choice(
      "operation", [...new Set(run.operations.map((one) => one.verb))].sort(), () => apply());
  const phase = choice("outcome", ["ok", "fail", "info", "open"], () => apply());
  const head =
      h("div", {class: "op-row head", role: "row"},
        ...columns.map((name) => h("span", {class: `c-${name}`, role: "columnheader"}, name)));
  const element = section(
      "operations", "Operations",
      h("div", {class: "card"}, h("div", {class: "controls"}, search, verb, phase, found),
        h("div", {
          class: `op-table${run.keyed ? " keyed" : ""}`,
          role: "table",
          "aria-rowcount": run.operations.length
        },
          head, rows.frame),
        panel));
  const show = (index: number): void => {
    const one = run.byIndex.get(index);
    if (!one) return;
    if (!current.includes(one)) {
      search.value = verb.value = phase.value = "";
      apply();
    }
    rows.reveal(current.indexOf(one));
    select(one);
    element.scrollIntoView({block: "start"});
  };
  rows.frame.addEventListener("keydown", (event) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = selected ? current[current.indexOf(selected) + step] : current[0];
    if (step === 0 || !next) return;
    event.preventDefault();
    select(next);
    rows.reveal(current.indexOf(next));
  });
  apply();
  return {element, show};
}

interface Line {
  log: string;
  text: string;
}

export function logSection(run: Run): HTMLElement|null {
  if (run.logs.length === 0) return null;
  const lines: Line[] = run.logs.flatMap((log) => {
    const all = log.text.split("\n");
    if (all[all.length - 1] === "") all.pop();
    const cut: Line[] = log.cut > 0 ?
        [{log: log.name, text: `(${log.cut.toLocaleString("en-US")} earlier bytes are left out)`}] :
        [];
    return cut.concat(all.map((text) => ({log: log.name, text})));
  });
  const rows = new Rows<Line>(
      20,
      (line) =>
          h("div", {class: "log-row"}, h("span", {class: "log-name"}, line.log),
            h("span", {}, line.text)),
      "Node logs");
  const found = h("output", {class: "found"});
  const apply = (): void => {
    const needle = search.value.toLowerCase();
    const shown = lines.filter(
        (line) =>
            (!which.value || line.log === which.value) && line.text.toLowerCase().includes(needle));
    rows.set(shown);
    found.textContent = `${words.count(shown.length, "line")}`;
  };
  const search = h("input", {
    type: "search",
    placeholder: "Only lines with this text",
    "aria-label": "Search logs",
    input: () => apply()
  });
  const which = choice("log", run.logs.map((log) => log.name), () => apply());
  apply();
  return section(
      "logs", "Node logs",
      h("div", {class: "card"}, h("div", {class: "controls"}, search, which, found), rows.frame));
}
