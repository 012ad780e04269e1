// Builds the page from the data that stands in it, top to bottom.

import {anomalySection} from "./anomaly";
import {TimeAxis} from "./axis";
import {latencyChart, rateChart, timeRuler} from "./charts";
import {readRun, Run} from "./data";
import {h, section} from "./dom";
import {faultLanes, roleLanes} from "./lanes";
import {latticeSection} from "./lattice";
import {logSection, opTable} from "./records";
import {checkSection, faultSection, optionSection, warnings} from "./tables";
import {verdict} from "./verdict";

function overTime(run: Run): HTMLElement {
  const axis = new TimeAxis(0, Math.max(run.duration, 1e6), 1e6);
  const whole = h("button", {type: "button", click: () => axis.reset()}, "Whole run");
  const bar =
      h("div", {class: "controls"},
        h("span", {class: "hint"},
          "Drag moves; Ctrl and wheel, or + and −, zoom; double click shows all."),
        h("span", {class: "gap"}), whole);
  return section(
      "time", "The run over time",
      h("div", {class: "card charts"}, bar, run.faults.length > 0 && faultLanes(run, axis),
        latencyChart(run, axis), rateChart(run, axis), roleLanes(run, axis), timeRuler(run, axis)));
}

function navigation(sections: HTMLElement[]): HTMLElement {
  const links = sections.map(
      (one) => h("a", {href: `#${one.id}`}, one.querySelector("h2")?.textContent ?? ""));
  return h("nav", {"aria-label": "Sections"}, ...links);
}

function build(): void {
  const run = readRun(document.getElementById("data")!.textContent ?? "");
  document.title = `${run.validity}: ${
          [run.test.system, run.test.workload].filter(Boolean).join(" ") || "Sunder"}`;
  const table = opTable(run);
  const sections = [
    anomalySection(run, table.show),
    latticeSection(run),
    overTime(run),
    faultSection(run, table.show),
    checkSection(run),
    table.element,
    logSection(run),
    optionSection(run),
  ].filter((one): one is HTMLElement => one !== null);
  document.getElementById("page")!.append(
      verdict(run), warnings(run) ?? "", navigation(sections), ...sections,
      h("footer", {},
        "Written by Sunder. This file is complete: it needs no network and no server."));
  const cited = /^#op-(\d+)$/.exec(location.hash);
  if (cited) table.show(Number(cited[1]));
  document.body.dataset.ready = "1";
}

addEventListener("securitypolicyviolation", (event) => {
  document.body.dataset.violation = event.violatedDirective;
});
build();
