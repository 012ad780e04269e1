// The only places where elements are made. Text goes in as text nodes; no markup is ever parsed.

export type Child = Node|string|null|undefined|false;
type Attributes = {
  [name: string]: string|number|boolean|((event: never) => void)
};

function fill(element: Element, attributes: Attributes, children: Child[]): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value as unknown as EventListener);
    } else if (value !== false) {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
  for (const child of children) {
    if (child) element.append(child);
  }
}

/** An HTML element; a function among its attributes listens to the event of that name. */
export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K, attributes: Attributes = {}, ...children: Child[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  fill(element, attributes, children);
  return element;
}

export function svg<K extends keyof SVGElementTagNameMap>(
    tag: K, attributes: Attributes = {}, ...children: Child[]): SVGElementTagNameMap[K] {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  fill(element, attributes, children);
  return element;
}

export function section(id: string, title: string, ...children: Child[]): HTMLElement {
  const heading = h("h2", {id: `${id}-title`}, title);
  return h("section", {id, "aria-labelledby": `${id}-title`}, heading, ...children);
}

/** A table whose cells are texts or elements. `numeric` columns are set to the right. */
export function table(head: string[], rows: Child[][], numeric: number[] = []): HTMLElement {
  const place = (at: number): Attributes => (numeric.includes(at) ? {class: "number"} : {});
  const cells = (row: Child[]): HTMLElement[] => row.map((cell, at) => h("td", place(at), cell));
  return h(
      "div", {class: "scroll"},
      h("table", {},
        h("thead", {},
          h("tr", {}, ...head.map((cell, at) => h("th", {scope: "col", ...place(at)}, cell)))),
        h("tbody", {}, ...rows.map((row) => h("tr", {}, ...cells(row))))));
}

/** A word in a coloured frame with a sign, so that colour is never the only difference. */
export function badge(kind: string, word: string): HTMLElement {
  return h("span", {class: `badge ${kind}`}, word);
}

/** The colour that the style sheet gives to a name, as it is now. */
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** Calls again when the colours of the page change, or it is printed. */
export function onColours(redraw: () => void): void {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
}
