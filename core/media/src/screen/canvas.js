// Draws the pictures of the local frame server on <canvas data-view="own|remote">. The bytes are
// described in wire.rs. Mirroring and fitting are the style sheet's; a canvas carries
// data-live="true" while it shows a picture.
(() => {
  "use strict";
  if (window.miantanScreen) return;

  const VIEWS = ["own", "remote"];
  const REPLACED = 4001;
  const painters = new WeakMap();
  let socket = null;
  let wanted = null;
  let retry = 0;

  const VERTEX = `
    attribute vec2 corner; uniform float quarters; varying vec2 at;
    void main() {
      gl_Position = vec4(corner, 0.0, 1.0);
      vec2 p = vec2(corner.x * 0.5 + 0.5, 0.5 - corner.y * 0.5);
      if (quarters > 2.5) at = vec2(1.0 - p.y, p.x);
      else if (quarters > 1.5) at = 1.0 - p;
      else if (quarters > 0.5) at = vec2(p.y, 1.0 - p.x);
      else at = p;
    }`;
  // BT.601, limited range.
  const FRAGMENT = `
    precision mediump float; varying vec2 at;
    uniform sampler2D y; uniform sampler2D u; uniform sampler2D v;
    void main() {
      float l = 1.16438 * (texture2D(y, at).r - 0.0627451);
      float b = texture2D(u, at).r - 0.501961;
      float r = texture2D(v, at).r - 0.501961;
      gl_FragColor = vec4(l + 1.59603 * r, l - 0.391762 * b - 0.812968 * r, l + 2.01723 * b, 1.0);
    }`;

  function webglPainter(canvas) {
    const gl = canvas.getContext("webgl", { alpha: false, antialias: false, depth: false, preserveDrawingBuffer: true });
    if (!gl) return null;
    const program = gl.createProgram();
    for (const [kind, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(kind);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
    gl.useProgram(program);
    gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ARRAY_BUFFER, new Float32Array([-1, -1, 1, -1, -1, 1, 1, 1]), gl.STATIC_DRAW);
    const corner = gl.getAttribLocation(program, "corner");
    gl.enableVertexAttribArray(corner);
    gl.vertexAttribPointer(corner, 2, gl.FLOAT, false, 0, 0);
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    const textures = ["y", "u", "v"].map((name, unit) => {
      const texture = gl.createTexture();
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, texture);
      for (const [key, value] of [
        [gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR],
        [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE],
      ]) gl.texParameteri(gl.TEXTURE_2D, key, value);
      gl.uniform1i(gl.getUniformLocation(program, name), unit);
      return texture;
    });
    const quarters = gl.getUniformLocation(program, "quarters");
    return {
      lost: () => gl.isContextLost(),
      clear() { gl.clearColor(0, 0, 0, 1); gl.clear(gl.COLOR_BUFFER_BIT); },
      draw(picture) {
        gl.viewport(0, 0, canvas.width, canvas.height);
        gl.uniform1f(quarters, picture.quarters);
        picture.planes.forEach((plane, unit) => {
          gl.activeTexture(gl.TEXTURE0 + unit);
          gl.bindTexture(gl.TEXTURE_2D, textures[unit]);
          const half = unit ? 2 : 1;
          gl.texImage2D(gl.TEXTURE_2D, 0, gl.LUMINANCE, picture.width / half, picture.height / half, 0,
            gl.LUMINANCE, gl.UNSIGNED_BYTE, plane);
        });
        gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
      },
    };
  }

  function plainPainter(canvas) {
    const context = canvas.getContext("2d", { alpha: false });
    if (!context) return null;
    let image = null;
    return {
      lost: () => false,
      clear() { context.fillRect(0, 0, canvas.width, canvas.height); },
      draw({ width, height, quarters, planes: [luma, blue, red] }) {
        const across = canvas.width, down = canvas.height;
        if (!image || image.width !== across || image.height !== down) image = context.createImageData(across, down);
        const out = image.data;
        for (let row = 0, to = 0; row < down; row++) {
          for (let column = 0; column < across; column++, to += 4) {
            let x = column, y = row;
            if (quarters === 1) { x = row; y = height - 1 - column; }
            else if (quarters === 2) { x = width - 1 - column; y = height - 1 - row; }
            else if (quarters === 3) { x = width - 1 - row; y = column; }
            const chroma = (y >> 1) * (width >> 1) + (x >> 1);
            const l = 1.16438 * (luma[y * width + x] - 16), b = blue[chroma] - 128, r = red[chroma] - 128;
            out[to] = l + 1.59603 * r;
            out[to + 1] = l - 0.391762 * b - 0.812968 * r;
            out[to + 2] = l + 2.01723 * b;
            out[to + 3] = 255;
          }
        }
        context.putImageData(image, 0, 0);
      },
    };
  }

  function painterOf(canvas) {
    let painter = painters.get(canvas);
    if (painter && painter.lost()) return null; // restored by the browser, then made anew below
    if (!painter) {
      painter = webglPainter(canvas) || plainPainter(canvas);
      if (!painter) return null;
      painters.set(canvas, painter);
      canvas.addEventListener("webglcontextlost", (event) => event.preventDefault());
      canvas.addEventListener("webglcontextrestored", () => painters.delete(canvas));
    }
    return painter;
  }

  function show(view, picture) {
    let drawn = false;
    // Canvases come and go with the app's screens, so they are looked up for each picture.
    for (const canvas of document.querySelectorAll(`canvas[data-view="${view}"]`)) {
      try {
        const painter = painterOf(canvas);
        if (!painter) continue;
        if (picture) {
          const turned = picture.quarters % 2 === 1;
          const width = turned ? picture.height : picture.width;
          const height = turned ? picture.width : picture.height;
          if (canvas.width !== width) canvas.width = width;
          if (canvas.height !== height) canvas.height = height;
          painter.draw(picture);
          drawn = true;
        } else {
          painter.clear();
        }
        const live = picture ? "true" : "false";
        if (canvas.dataset.live !== live) canvas.dataset.live = live;
      } catch (error) {
        console.error("drawing failed", error);
        painters.delete(canvas);
      }
    }
    return drawn;
  }

  function received(buffer, from) {
    const header = new DataView(buffer);
    const kind = header.getUint8(0), index = header.getUint8(1), sequence = header.getUint32(8, true);
    let picture = null;
    if (kind === 0) {
      const width = header.getUint16(4, true), height = header.getUint16(6, true);
      const luma = width * height, chroma = luma / 4;
      picture = {
        width, height, quarters: header.getUint8(2),
        planes: [
          new Uint8Array(buffer, 24, luma),
          new Uint8Array(buffer, 24 + luma, chroma),
          new Uint8Array(buffer, 24 + luma + chroma, chroma),
        ],
      };
    }
    const drawn = show(VIEWS[index], picture);
    const ack = new DataView(new ArrayBuffer(8));
    ack.setUint8(0, index);
    ack.setUint8(1, drawn ? 1 : 0);
    ack.setUint32(4, sequence, true);
    if (from.readyState === WebSocket.OPEN) from.send(ack.buffer);
  }

  function open() {
    clearTimeout(retry);
    if (!wanted) return;
    const mine = new WebSocket(wanted);
    mine.binaryType = "arraybuffer";
    mine.onmessage = (event) => received(event.data, mine);
    mine.onclose = (event) => {
      if (socket !== mine) return;
      socket = null;
      for (const view of VIEWS) show(view, null);
      if (event.code !== REPLACED) retry = setTimeout(open, 500);
    };
    socket = mine;
  }

  window.miantanScreen = {
    connect(url) {
      if (url === wanted && socket) return;
      this.disconnect();
      wanted = url;
      open();
    },
    disconnect() {
      wanted = null;
      clearTimeout(retry);
      const old = socket;
      socket = null;
      if (old) old.close();
      for (const view of VIEWS) show(view, null);
    },
  };
})();
