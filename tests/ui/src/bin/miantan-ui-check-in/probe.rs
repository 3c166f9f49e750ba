//! What runs inside the page: it counts the pictures drawn and the changes of the ring round the oval, and presses nothing.

/// From now on. The page draws by WebGL, or plainly where there is none.
pub const COUNT: &str = r"
(() => {
  const found = window.__miantanFace = { drawn: [], ring: [] };
  for (const [owner, name] of [
    [WebGLRenderingContext.prototype, 'drawArrays'], [CanvasRenderingContext2D.prototype, 'putImageData'],
  ]) {
    const draw = owner[name];
    owner[name] = function (...how) { found.drawn.push(performance.now()); return draw.apply(this, how); };
  }
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      if (target.closest('.oval').dataset.ring === 'steady') found.ring.push(performance.now());
    }
  }).observe(document.body, { subtree: true, attributeFilter: ['stroke-dasharray'] });
})()
";

/// Pictures drawn a second, and changes of the ring a second while one holds still (each is a look at the face).
pub const COUNTED: &str = r"
(() => {
  const rate = (times) => (times.length < 3 ? null : (times.length - 1) * 1000 / (times.at(-1) - times[0]));
  const { drawn, ring } = window.__miantanFace;
  return { preview_fps: rate(drawn), advice_per_s: rate(ring) };
})()
";
