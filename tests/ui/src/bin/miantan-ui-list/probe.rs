//! What runs inside the page. It presses nothing; it scrolls the list and writes down when frames came.

/// How far a frame of a strong fling goes, in CSS pixels: 3,600 a second at sixty frames.
const STEP: u32 = 60;
/// Frames of one fling: five seconds of an even sixty a second.
const FRAMES: u32 = 300;

/// From the next press on, waits for rows: `opened` becomes the time until they were drawn, in milliseconds.
pub const UNTIL_ROWS: &str = r"
(() => {
  const found = window.__miantanList = { opened: null, flung: null };
  addEventListener('click', () => {
    const pressed = performance.now();
    const look = () => {
      if (!document.querySelector('[data-test=talk-list] li')) return requestAnimationFrame(look);
      // a task of its own after the frame: what was found is drawn by then
      requestAnimationFrame(() => setTimeout(() => { found.opened = performance.now() - pressed; }, 0));
    };
    look();
  }, { capture: true, once: true });
})()
";

/// Scrolls to the end of what is loaded and says how many rows that is.
pub const TO_THE_END: &str = r"
(() => {
  const list = document.querySelector('[data-test=talk-list]');
  if (!list) return 0;
  list.scrollTop = list.scrollHeight;
  return Number(list.querySelector('li')?.getAttribute('aria-setsize')) || 0;
})()
";

/// One fling, begun at another part of the list in each run.
pub fn fling(run: u64, runs: u64) -> String {
    format!(
        r"
(() => {{
  const list = document.querySelector('[data-test=talk-list]');
  list.scrollTop = (list.scrollHeight - list.clientHeight) * {run} / {runs};
  const intervals = [];
  let rows = 0, blank = 0, last = null;
  const frame = () => {{
    const now = performance.now();
    if (last !== null) intervals.push(now - last);
    last = now;
    rows = Math.max(rows, list.querySelectorAll('li').length);
    const box = list.getBoundingClientRect();
    const middle = document.elementFromPoint(box.left + box.width / 2, box.top + box.height / 2);
    if (!middle?.closest('li')) blank += 1;
    if (intervals.length >= {FRAMES}) {{
      window.__miantanList.flung = {{ intervals, rows, blank: blank * 100 / {FRAMES} }};
      return;
    }}
    list.scrollTop += {STEP};
    requestAnimationFrame(frame);
  }};
  // the jump to the beginning is not part of it
  const begin = (left) => requestAnimationFrame(() => left ? begin(left - 1) : frame());
  begin(30);
}})()
"
    )
}
