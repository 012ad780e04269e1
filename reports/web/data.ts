// What the report is made of. reports/report_data.cpp writes it; nothing in it is trusted: shapes
// are checked here, once, and texts are only ever shown as text.

export type Json = null|boolean|number|string|Json[]|{[key: string]: Json};
export type Dict = {
  [key: string]: Json
};
export type Phase = "ok"|"fail"|"info"|"open";

/** An invocation and what became of it. Times are nanoseconds since the run began. */
export interface Operation {
  row: number;
  invoke: number;
  complete: number;  // -1: never
  process: number;   // negative: a nemesis
  verb: string;
  phase: Phase;
  begin: number;
  end: number;  // of the completion; the run's end when there is none
  value: Json;
  result: Json;  // what the completion said
  error: string;
}

export interface Fault {
  kind: string;
  targets: string[];
  begin: number;
  end: number;
  confirmed: boolean;
  beginOp: number;
  endOp: number;
  evidence: Json;
}

export interface Anomaly {
  checker: string;
  name: string;
  explanation: string;
  ops: number[];
  detail: Dict;
}

export interface Part {
  checker: string;
  validity: string;
  summary: string;
  detail: Json;
  depth: number;
}

export interface Log {
  name: string;
  text: string;
  cut: number;
}

export interface Figures {
  open: number;
  ok: number;
  fail: number;
  info: number;
  latency: number[];  // p50, p95, p99, the greatest; empty when none was ok
}

export interface Run {
  test: Dict;
  duration: number;
  ops: number;
  validity: string;
  summary: string;
  parts: Part[];
  anomalies: Anomaly[];
  operations: Operation[];
  total: number;  // operations of the run, of which every step-th is here
  step: number;
  byIndex: Map<number, Operation>;  // both of an operation's indexes lead to it
  figures: [string, Figures][];
  rate: {slice: number; ok: number[]; fail: number[]; info: number[]};
  faults: Fault[];
  trace: Dict[];
  logs: Log[];
  problems: string[];
  keyed: boolean;
  nodes: number;
}

export const dict = (value: Json|undefined): Dict =>
    value !== null && typeof value === "object" && !Array.isArray(value) ? value : {};
export const list = (value: Json|undefined): Json[] => (Array.isArray(value) ? value : []);
export const num = (value: Json|undefined, fallback = 0): number =>
    typeof value === "number" ? value : fallback;
export const str = (value: Json|undefined): string => value === undefined || value === null ? "" :
    typeof value === "string" ? value :
                                JSON.stringify(value);
const numbers = (value: Json|undefined): number[] => list(value).map((item) => num(item));

const phases: Phase[] = ["open", "ok", "fail", "info"];

function readOperations(columns: Dict, duration: number): Operation[] {
  const verbs = list(columns.verbs).map(str);
  const errors = list(columns.errors).map(str);
  const column = (name: string): Json[] => list(columns[name]);
  const [invoke, complete, process, verb, phase, begin, end, value, result, error] = [
    "invoke",
    "complete",
    "process",
    "verb",
    "phase",
    "begin",
    "end",
    "value",
    "result",
    "error",
  ].map(column);
  return invoke.map((index, row) => ({
                      row,
                      invoke: num(index),
                      complete: num(complete[row], -1),
                      process: num(process[row]),
                      verb: verbs[num(verb[row])] ?? "",
                      phase: phases[num(phase[row])] ?? "open",
                      begin: num(begin[row]),
                      end: num(end[row], -1) < 0 ? duration : num(end[row]),
                      value: value[row],
                      result: result[row] === 0 ? value[row] : result[row],
                      error: errors[num(error[row], -1)] ?? "",
                    }));
}

function collect(verdict: Dict, depth: number, parts: Part[], anomalies: Anomaly[]): void {
  const checker = str(verdict.checker);
  parts.push({
    checker,
    validity: str(verdict.validity),
    summary: str(verdict.summary),
    detail: verdict.detail ?? null,
    depth,
  });
  for (const item of list(verdict.anomalies).map(dict)) {
    anomalies.push({
      checker,
      name: str(item.name),
      explanation: str(item.explanation),
      ops: numbers(item.ops),
      detail: dict(item.detail),
    });
  }
  for (const part of list(verdict.parts)) collect(dict(part), depth + 1, parts, anomalies);
}

function readFault(value: Json): Fault {
  const fault = dict(value);
  return {
    kind: str(fault.kind),
    targets: list(fault.targets).map(str),
    begin: num(fault.begin),
    end: num(fault.end),
    confirmed: fault.confirmed === true,
    beginOp: num(fault.begin_op, -1),
    endOp: num(fault.end_op, -1),
    evidence: fault.evidence ?? null,
  };
}

export function readRun(text: string): Run {
  const data = dict(JSON.parse(text) as Json);
  const verdict = dict(data.verdict);
  const test = dict(data.test);
  const duration = num(data.duration);
  const columns = dict(data.operations);
  const operations = readOperations(columns, duration);
  const parts: Part[] = [];
  const anomalies: Anomaly[] = [];
  collect(verdict, 0, parts, anomalies);
  const byIndex = new Map<number, Operation>();
  for (const operation of operations) {
    byIndex.set(operation.invoke, operation);
    if (operation.complete >= 0) byIndex.set(operation.complete, operation);
  }
  const rate = dict(data.rate);
  const figures = Object.entries(dict(data.figures)).map(([verb, value]): [string, Figures] => {
    const one = dict(value);
    const of = (phase: string): number => num(one[phase]);
    return [
      verb, {
        open: of("open"),
        ok: of("ok"),
        fail: of("fail"),
        info: of("info"),
        latency: numbers(one.latency),
      }
    ];
  });
  return {
    test,
    duration,
    ops: num(data.ops),
    validity: str(verdict.validity),
    summary: str(verdict.summary),
    parts,
    anomalies,
    operations,
    total: num(columns.total),
    step: num(columns.step, 1),
    byIndex,
    figures,
    rate: {
      slice: num(rate.slice, 1),
      ok: numbers(rate.ok),
      fail: numbers(rate.fail),
      info: numbers(rate.info),
    },
    faults: list(data.faults).map(readFault),
    trace: list(data.trace).map(dict),
    logs: list(data.logs).map((value) => {
      const log = dict(value);
      return {name: str(log.name), text: str(log.text), cut: num(log.cut)};
    }),
    problems: list(data.problems).map(str),
    keyed: test.keyed === true,
    nodes: Math.max(1, num(test.nodes, 1)),
  };
}
