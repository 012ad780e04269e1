// How times, values and operations are said, everywhere alike.

import {dict, Fault, Json, list, Operation, Run} from "./data";

/** "1.234 s", "56.7 ms", "890 µs": three digits, of nanoseconds. */
export function duration(nanoseconds: number): string {
  const size = Math.abs(nanoseconds);
  const units: [number, string][] = [[1e9, "s"], [1e6, "ms"], [1e3, "µs"]];
  for (const [unit, name] of units) {
    if (size < unit) continue;
    const scaled = nanoseconds / unit;
    const digits = Math.abs(scaled) >= 100 ? 0 : Math.abs(scaled) >= 10 ? 1 : 2;
    return `${scaled.toFixed(digits)} ${name}`;
  }
  return `${nanoseconds} ns`;
}

/** A moment of the run, cut to the microsecond as checkers say it: "12.345678 s". */
export function moment(nanoseconds: number): string {
  return `${(Math.floor(nanoseconds / 1000) / 1e6).toFixed(6)} s`;
}

/** A moment for an axis whose ticks are `step` apart. */
export function tick(nanoseconds: number, step: number): string {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(step / 1e9) - 1e-9)));
  return `${(nanoseconds / 1e9).toFixed(digits)} s`;
}

export function count(number: number, one: string, many = one + "s"): string {
  return `${number.toLocaleString("en-US")} ${number === 1 ? one : many}`;
}

/** A value in one line: nil, 3, [1 2], "text". */
export function value(of: Json): string {
  if (of === null) return "nil";
  if (typeof of === "string") return of;
  if (Array.isArray(of)) return `[${of.map(value).join(" ")}]`;
  if (typeof of === "object") {
    return `{${Object.entries(of).map(([key, item]) => `${key} ${value(item)}`).join(", ")}}`;
  }
  return String(of);
}

/** An operation's key, and the rest of its value: all of it when the run has no keys. */
export function split(run: Run, whole: Json): [Json|undefined, Json] {
  return run.keyed && Array.isArray(whole) && whole.length === 2 ? [whole[0], whole[1]] :
                                                                   [undefined, whole];
}

export function keyOf(run: Run, operation: Operation): Json|undefined {
  return operation.process < 0 ? undefined : split(run, operation.value)[0];
}

/** "read 3", "write 4", "cas 3→4": what was asked, with the answer once there is one. */
export function act(run: Run, operation: Operation): string {
  const ok = operation.phase === "ok";
  const [, rest] = split(run, ok ? operation.result : operation.value);
  if (operation.verb === "cas" && Array.isArray(rest) && rest.length === 2) {
    return `cas ${value(rest[0])}→${value(rest[1])}`;
  }
  if (rest === null && !ok) return operation.verb === "read" ? "read ?" : operation.verb;
  if (operation.process < 0 && rest !== null && typeof rest === "object") return operation.verb;
  return `${operation.verb} ${value(rest)}`;
}

export function processName(process: number): string {
  return process < 0 ? `nemesis-${- 1 - process}` : `p${process}`;
}

/** The node that a client process talks to first. */
export function nodeOf(run: Run, process: number): string {
  return process < 0 ? "" : `n${(process % run.nodes) + 1}`;
}

export const phaseWords: {[phase: string]: string} = {
  ok: "ok: it happened",
  fail: "fail: it surely did not happen",
  info: "info: nobody knows whether it happened",
  open: "open: it never completed",
};

export const link = /^n\d+>n\d+$/;

/** Whom a fault struck, in few words: "n3", "n1 n2 | n3 n4 n5", "7 links". */
export function targets(fault: Fault): string {
  const groups = list(dict(fault.evidence).groups);
  if (groups.length > 1 && groups.every(Array.isArray)) {
    return groups.map((group) => list(group).map(value).join(" ")).join(" | ");
  }
  const links = fault.targets.length > 3 && fault.targets.every((one) => link.test(one));
  return links ? `${fault.targets.length} links` : fault.targets.join(" ");
}
