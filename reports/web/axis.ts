// One time axis that several pictures share: what part of the run is shown, and where the pointer
// is.

export class TimeAxis {
  begin: number;
  end: number;
  pointer: number|null = null;
  private readonly views: (() => void)[] = [];
  private readonly pointers: (() => void)[] = [];

  constructor(public first: number, public last: number, private least: number) {
    this.begin = first;
    this.end = last;
  }

  /** Other ends for the same pictures, all of it shown. */
  rescale(first: number, last: number, least: number): void {
    [this.first, this.last, this.least] = [first, last, least];
    [this.begin, this.end] = [first, last];
  }

  onView(redraw: () => void): void {
    this.views.push(redraw);
  }
  onPointer(redraw: () => void): void {
    this.pointers.push(redraw);
  }

  show(begin: number, end: number): void {
    const whole = this.last - this.first;
    const span = Math.min(whole, Math.max(this.least, end - begin));
    const middle = (begin + end) / 2;
    this.begin = Math.min(Math.max(this.first, middle - span / 2), this.last - span);
    this.end = this.begin + span;
    for (const redraw of this.views) redraw();
  }
  reset(): void {
    this.show(this.first, this.last);
  }
  /** Factors below 1 look closer; `at` stays where it is. */
  zoom(factor: number, at: number): void {
    const share = (at - this.begin) / (this.end - this.begin);
    const span =
        Math.min(this.last - this.first, Math.max(this.least, (this.end - this.begin) * factor));
    this.show(at - share * span, at - share * span + span);
  }
  /** By a share of what is shown. */
  pan(share: number): void {
    const by = share * (this.end - this.begin);
    this.show(this.begin + by, this.end + by);
  }
  point(time: number|null): void {
    this.pointer = time;
    for (const redraw of this.pointers) redraw();
  }
  whole(): boolean {
    return this.begin <= this.first && this.end >= this.last;
  }
}

/** Round steps, at most `most` of them, that cover a span: 1, 2 or 5 times a power of ten. */
export function niceStep(span: number, most: number): number {
  const rough = span / Math.max(1, most);
  const power = Math.pow(10, Math.floor(Math.log10(rough)));
  for (const factor of [1, 2, 5]) {
    if (factor * power >= rough) return factor * power;
  }
  return 10 * power;
}

export function ticks(begin: number, end: number, most: number): [number[], number] {
  const step = niceStep(Math.max(1e-9, end - begin), most);
  const out: number[] = [];
  for (let at = Math.ceil(begin / step) * step; at <= end; at += step) out.push(at);
  return [out, step];
}

/** Wheel (with Ctrl or when focused), drag and keys move an axis. `timeAt` reads a pixel. */
export function steer(
    element: HTMLElement|SVGElement,
    axis: TimeAxis,
    timeAt: (clientX: number) => number,
    keys: (key: string) => boolean = () => false,
    ): void {
  element.addEventListener("wheel", (event) => {
    const wheel = event as WheelEvent;
    const sideways = wheel.shiftKey || Math.abs(wheel.deltaX) > Math.abs(wheel.deltaY);
    const wanted = wheel.ctrlKey || wheel.metaKey || document.activeElement === element;
    if (!wanted && !sideways) return;  // the page scrolls
    wheel.preventDefault();
    if (sideways)
      axis.pan((wheel.deltaX || wheel.deltaY) / 1000);
    else
      axis.zoom(Math.exp(wheel.deltaY / 400), timeAt(wheel.clientX));
  }, {passive: false});
  let held: {time: number}|null = null;
  element.addEventListener("pointerdown", (event) => {
    const pointer = event as PointerEvent;
    if (pointer.button !== 0) return;
    held = {time: timeAt(pointer.clientX)};
    element.setPointerCapture(pointer.pointerId);
    element.focus({preventScroll: true});
  });
  element.addEventListener("pointermove", (event) => {
    const time = timeAt((event as PointerEvent).clientX);
    if (held)
      axis.show(axis.begin + held.time - time, axis.end + held.time - time);
    else
      axis.point(time);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    element.addEventListener(end, () => {
      held = null;
    });
  }
  element.addEventListener("pointerleave", () => axis.point(null));
  element.addEventListener("dblclick", () => axis.reset());
  element.addEventListener("keydown", (event) => {
    const key = (event as KeyboardEvent).key;
    const middle = (axis.begin + axis.end) / 2;
    if (key === "ArrowLeft")
      axis.pan(-0.15);
    else if (key === "ArrowRight")
      axis.pan(0.15);
    else if (key === "+" || key === "=")
      axis.zoom(0.7, middle);
    else if (key === "-")
      axis.zoom(1 / 0.7, middle);
    else if (key === "0")
      axis.reset();
    else if (!keys(key))
      return;
    event.preventDefault();
  });
}
