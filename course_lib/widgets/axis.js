// The numbers below a timeline.

const APART = 5; // pixels from one number to the next, at least

/**
 * Where the numbers of an axis have no room side by side, show only every second of them, or third
 * …: as many as have, at each width. The ticks are equally far apart.
 * @param {HTMLElement} axis
 * @param {HTMLElement[]} ticks
 */
export function thin(axis, ticks) {
  const look = () => {
    for (const tick of ticks) tick.style.fontSize = "";
    const [from, to] = ticks.map((tick) => tick.offsetLeft);
    const wide = Math.max(...ticks.map((tick) => tick.offsetWidth)) + APART;
    const each = to > from ? Math.ceil(wide / (to - from)) : ticks.length;
    ticks.forEach((tick, n) => {
      if (n % each) tick.style.fontSize = "0";
    });
  };
  new ResizeObserver(look).observe(axis); // fires once the axis has its first size, too
}
