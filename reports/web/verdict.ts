// The top of the report: what came out, of what, and how to see it again.

import {list, num, Run, str} from "./data";
import {sentences} from "./details";
import {Child, h} from "./dom";
import * as words from "./words";

const icons: {[validity: string]: string} = {
  valid: "✓",
  unknown: "?",
  invalid: "✕"
};

/** "raft", or "raft with lost-sync": flaws are part of what was tested. */
function subject(run: Run): string {
  const flaws = list(run.test.flaws).map(str);
  const system = str(run.test.system) || "The system";
  return flaws.length > 0 ? `${system} with ${flaws.join(", ")}` : system;
}

/** Models whose names say how a system is; other names say what it keeps. */
const adjectives = new Set([
  "linearizable", "ordered-sequential", "sequential", "causal", "regular", "safe", "consistent"
]);

function headline(run: Run): string {
  const claim = str(run.test.claim) || "consistent";
  const is = adjectives.has(claim);
  if (run.validity === "valid") {
    return `${subject(run)} ${is ? "was" : "kept"} ${claim} in this run`;
  }
  if (run.validity === "invalid") {
    const inside = run.anomalies.every((anomaly) => anomaly.name === "broken-invariant");
    return inside ? `${subject(run)} broke an invariant of its protocol` :
                    `${subject(run)} ${is ? "is not" : "does not keep"} ${claim}`;
  }
  return `This run does not show whether ${subject(run)} ${is ? "is" : "keeps"} ${claim}`;
}

function command(run: Run): HTMLElement|null {
  const text = str(run.test.command);
  if (!text) return null;
  const code = h("code", {tabindex: 0}, text);
  const button = h("button", {type: "button"}, "Copy");
  const select = (): void => {
    const range = document.createRange();
    range.selectNodeContents(code);
    const selection = getSelection();
    selection?.removeAllRanges();
    selection?.addRange(range);
  };
  button.addEventListener("click", () => {
    select();
    // Pages opened from files may not have a clipboard: then the text stands selected.
    const done = (word: string) => (): void => {
      button.textContent = word;
    };
    if (navigator.clipboard) {
      navigator.clipboard.writeText(text).then(done("Copied"), done("Selected"));
    } else {
      done("Selected")();
    }
  });
  return h(
      "div", {class: "command"}, h("span", {class: "hint"}, "Run it again"),
      h("div", {class: "command-line"}, code, button));
}

/** "2026-11-22 21:09:53 UTC" of "2026-11-22T21:09:53.123Z". */
function started(run: Run): string {
  return str(run.test.started).replace(/^([\d-]+)T([\d:]+)(\.\d+)?Z$/, "$1 $2 UTC");
}

function facts(run: Run): HTMLElement {
  const confirmed = run.faults.filter((fault) => fault.confirmed).length;
  const phases = {ok: 0, fail: 0, info: 0, open: 0};
  for (const [, figures] of run.figures) {
    for (const phase of ["ok", "fail", "info", "open"] as const) phases[phase] += figures[phase];
  }
  const clients = phases.ok + phases.fail + phases.info + phases.open;
  const unsure = phases.info + phases.open;
  const nemeses = list(run.test.nemeses).map(str).join(", ");
  const rows: [string, string, string][] = [
    [
      "System", subject(run),
      `${words.count(num(run.test.nodes), "node")}, world ${str(run.test.world) || "unknown"}`
    ],
    ["Workload", str(run.test.workload), `${str(run.test.concurrency)} clients at once`],
    [
      "Operations", clients.toLocaleString("en-US"),
      `${phases.ok.toLocaleString("en-US")} ok, ${phases.fail.toLocaleString("en-US")} fail, ` +
          `${unsure.toLocaleString("en-US")} info`
    ],
    [
      "Faults", run.faults.length === 0 ? "none" : `${confirmed} confirmed`,
      run.faults.length === 0 ? nemeses && `${nemeses}: none began` :
                                `of ${run.faults.length}, by ${nemeses || "unknown"}`
    ],
    ["Lasted", words.duration(run.duration), started(run)],
    ["Seed", str(run.test.seed), ""],
  ];
  return h(
      "dl", {class: "facts"},
      ...rows.filter(([, value]) => value)
          .map(
              ([name, value, more]) =>
                  h("div", {}, h("dt", {}, name),
                    h("dd", {}, h("strong", {}, value), more && h("span", {}, more)))));
}

/** A long summary repeats what stands under the anomalies: then its first sentence is enough. */
function brief(run: Run): string {
  const long = run.summary.length > 260 && run.anomalies.length > 0;
  return long ? sentences(run.summary)[0] : run.summary;
}

export function verdict(run: Run): HTMLElement {
  const kind = icons[run.validity] ? run.validity : "unknown";
  const summary: Child = run.summary && h("p", {class: "summary"}, brief(run));
  return h(
      "header", {class: `verdict ${kind}`, id: "verdict"},
      h("div", {class: "verdict-line"},
        h("div", {class: "verdict-icon", "aria-hidden": "true"}, icons[kind]),
        h("div", {}, h("p", {class: "verdict-word"}, kind), h("h1", {}, headline(run)), summary)),
      facts(run), command(run));
}
