//! What runs inside the page: it counts the pictures drawn, and presses nothing.

/// From now on. The page draws by WebGL, or plainly where there is none.
pub const COUNT: &str = r"
(() => {
  const found = window.__miantanFace = { drawn: [] };
  for (const [owner, name] of [
    [WebGLRenderingContext.prototype, 'drawArrays'], [CanvasRenderingContext2D.prototype, 'putImageData'],
  ]) {
    const draw = owner[name];
    owner[name] = function (...how) { found.drawn.push(performance.now()); return draw.apply(this, how); };
  }
})()
";

/// Pictures drawn a second; null when there were none to speak of.
pub const PREVIEW_FPS: &str = r"
(() => {
  const { drawn } = window.__miantanFace;
  return drawn.length < 3 ? null : (drawn.length - 1) * 1000 / (drawn.at(-1) - drawn[0]);
})()
";
