// Runs inside the page under test. It looks and measures; it changes nothing but the scroll position, and listens
// for the events that the driver's pointer makes, so that the driver knows that they arrived.
(() => {
  if (window.__miantanDriver) return;
  const flat = (text) => (text ?? '').replace(/\s+/g, ' ').trim();
  const CONTROLS = 'button, a[href], input:not([type=hidden]), select, textarea, summary, label, [contenteditable=true], '
    + ['button', 'tab', 'switch', 'checkbox', 'radio', 'menuitem', 'option', 'link', 'textbox', 'slider']
      .map((role) => `[role=${role}]`).join(', ');

  const chain = function* (element) { for (let e = element; e; e = e.parentElement) yield e; };
  const hiddenBy = (element) => {
    const style = getComputedStyle(element);
    if (style.visibility !== 'visible') return 'visibility: ' + style.visibility;
    for (const e of chain(element)) {
      const s = getComputedStyle(e);
      if (s.display === 'none') return 'display: none';
      if (Number(s.opacity) < 0.1) return 'opacity: ' + s.opacity;
      if (e.inert) return 'inert';
    }
    const box = element.getBoundingClientRect();
    if (box.width < 1 || box.height < 1) return 'no size';
    return null;
  };
  const disabledBy = (element) => {
    if (element.matches(':disabled')) return 'disabled';
    for (const e of chain(element)) if (e.getAttribute('aria-disabled') === 'true') return 'aria-disabled';
    return null;
  };
  const text = (element) => flat(element.innerText ?? element.textContent);
  // Every name under which a person, or a screen reader, knows the control.
  const names = (element) => {
    const found = [element.getAttribute('aria-label')];
    const by = element.getAttribute('aria-labelledby');
    if (by) found.push(by.split(/\s+/).map((id) => text(document.getElementById(id) ?? document.createElement('i'))).join(' '));
    for (const label of element.labels ?? []) found.push(text(label));
    // What is not drawn has no innerText, but it still has a name: it is refused as hidden, not as absent.
    if (!element.matches('select, textarea')) found.push(text(element) || element.textContent);
    if (element.matches('input[type=button], input[type=submit], input[type=reset]')) found.push(element.value);
    found.push(element.getAttribute('placeholder'), element.title, element.getAttribute('alt'));
    return found.map(flat).filter(Boolean);
  };
  const tagged = (name) => [...document.querySelectorAll('[data-test], [id]')]
    .filter((e) => e.dataset.test === name || e.id === name);
  const describe = (element) => {
    if (!element) return 'nothing';
    const tag = element.tagName.toLowerCase();
    const id = element.dataset?.test ?? element.id;
    return `<${tag}${id ? ' ' + id : ''}>${id ? '' : ' "' + text(element).slice(0, 40) + '"'}`;
  };
  // The smallest elements that show the text.
  const showing = (wanted, root = document.body) => {
    const found = [];
    const visit = (element) => {
      if (element.matches('script, style, template')) return false;
      if (!text(element).includes(wanted)) return false;
      let deeper = false;
      for (const child of element.children) deeper = visit(child) || deeper;
      if (!deeper) found.push(element);
      return true;
    };
    visit(root);
    for (const field of root.querySelectorAll('input, textarea, select')) {
      const shown = field.matches('select') ? field.selectedOptions[0]?.text : field.value || field.placeholder;
      if (field.type !== 'password' && flat(shown).includes(wanted)) found.push(field);
    }
    return found;
  };
  const matching = (name, pool) => {
    const exact = pool.filter((e) => names(e).includes(name));
    if (exact.length) return exact;
    return pool.filter((e) => names(e).some((n) => n.includes(name)));
  };
  // A label and the control it names are one thing to a person: keep the control, unless it is not drawn itself
  // (a styled checkbox), or the label names a text field.
  const withoutLabels = (found) => {
    const drawn = found.filter((e) => !hiddenBy(e));
    const kept = drawn.filter((e) => e.tagName !== 'LABEL' || !e.control || hiddenBy(e.control));
    return kept.filter((e) => !kept.some((other) => other !== e && other.contains(e) && names(other).some((n) => names(e).includes(n))));
  };
  const find = (name, near) => {
    const pool = [...document.querySelectorAll(CONTROLS)];
    let found = near ? [] : tagged(name);
    if (near) {
      for (const shown of showing(near).filter((e) => !hiddenBy(e))) {
        for (const box of chain(shown)) {
          const inside = [...tagged(name).filter((e) => box.contains(e)), ...matching(name, pool.filter((e) => box.contains(e)))];
          if (inside.length) { found.push(...inside); break; }
        }
      }
      found = [...new Set(found)];
    }
    if (!found.length && !near) found = matching(name, pool);
    const drawn = withoutLabels(found);
    if (drawn.length === 1) return { element: drawn[0] };
    if (drawn.length > 1) return { why: 'several', by: drawn.map(describe).join(', ') };
    if (found.length) return { why: 'hidden', by: hiddenBy(found[0]) ?? describe(found[0]) };
    return { why: 'absent', by: near ? `near "${near}"` : 'no control has this name' };
  };
  const inView = (box) => box.left >= 0 && box.top >= 0 && box.right <= innerWidth + 1 && box.bottom <= innerHeight + 1;
  const bring = (element) => {
    if (!inView(element.getBoundingClientRect())) element.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
  };
  // Where the element can be touched: its middle first, then other points of it.
  const touchable = (element) => {
    const box = element.getBoundingClientRect();
    let over = null;
    for (const [fx, fy] of [[.5, .5], [.25, .5], [.75, .5], [.5, .25], [.5, .75]]) {
      const x = box.left + box.width * fx, y = box.top + box.height * fy;
      if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) continue;
      const hit = document.elementFromPoint(x, y);
      const control = element.closest('label')?.control;
      if (hit && (element.contains(hit) || hit === control || (element.labels && [...element.labels].some((l) => l.contains(hit))))) return { x, y };
      over ??= hit;
    }
    return { over };
  };
  const driver = {
    heard: [],
    // Is the control ready to be pressed? `{x, y, box}` or `{why, by}`.
    probe(name, near) {
      const found = find(name, near);
      if (!found.element) return found;
      const element = found.element;
      const disabled = disabledBy(element);
      if (disabled) return { why: 'disabled', by: disabled };
      bring(element);
      let box = element.getBoundingClientRect();
      let point = touchable(element);
      if (point.x === undefined) {
        // Part of a list that goes on under other controls: a person scrolls it up to where it can be pressed.
        element.scrollIntoView({ block: 'center', inline: 'nearest', behavior: 'instant' });
        box = element.getBoundingClientRect();
        point = touchable(element);
      }
      if (point.x === undefined) return point.over ? { why: 'covered', by: describe(point.over) } : { why: 'outside', by: `at ${box.left | 0},${box.top | 0}` };
      driver.target = element;
      return { x: point.x, y: point.y, box: [box.left, box.top, box.width, box.height] };
    },
    listen() { driver.heard = []; },
    // The value of a field, or undefined when it is not one.
    value(name) { return find(name).element?.value; },
    focused() { return document.activeElement === driver.target || driver.target?.contains(document.activeElement); },
    select_all() { driver.target.select?.(); return driver.target.value?.length ?? 0; },
    insert(value) { return document.execCommand('insertText', false, value); },
    choose(option) {
      const field = driver.target;
      const found = [...field.options].find((o) => flat(o.text) === option) ?? [...field.options].find((o) => flat(o.text).includes(option));
      if (!found) return [...field.options].map((o) => flat(o.text)).join(', ') || 'nothing';
      field.value = found.value;
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
      return null;
    },
    // A date, a time or a number, as its picker gives it.
    fill(value) {
      const field = driver.target;
      field.focus();
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(field, value);
      field.dispatchEvent(new Event('input', { bubbles: true }));
      field.dispatchEvent(new Event('change', { bubbles: true }));
      return field.value;
    },
    dispatch(x, y) {
      const at = { bubbles: true, cancelable: true, composed: true, clientX: x, clientY: y, pointerId: 1, isPrimary: true, button: 0 };
      const element = document.elementFromPoint(x, y);
      for (const [kind, type] of [[PointerEvent, 'pointerdown'], [MouseEvent, 'mousedown'], [PointerEvent, 'pointerup'], [MouseEvent, 'mouseup']]) {
        element.dispatchEvent(new kind(type, at));
        if (type === 'mousedown') driver.target.focus?.();
      }
      element.click();
    },
    // Is the text on the screen? null when it is, a reason when not.
    sees(wanted) {
      const found = [...showing(flat(wanted)), ...tagged(wanted)];
      if (!found.length) return 'nowhere';
      let reason = 'nowhere';
      for (const element of found) {
        const hidden = hiddenBy(element);
        if (hidden) { reason = hidden; continue; }
        if (getComputedStyle(element).pointerEvents === 'none') { bring(element); return null; }
        // Scrolling is what a person does only when needed: a list that is read must not jump.
        if (touchable(element).x !== undefined) return null;
        bring(element);
        const point = touchable(element);
        if (point.x !== undefined) return null;
        // Padding may be covered where the words are not: try the words themselves.
        const range = document.createRange();
        range.selectNodeContents(element);
        for (const r of range.getClientRects()) {
          const hit = document.elementFromPoint(r.left + r.width / 2, r.top + r.height / 2);
          if (hit && (element.contains(hit) || hit.contains(element) && hit !== document.body && hit !== document.documentElement)) return null;
        }
        reason = point.over ? 'covered by ' + describe(point.over) : 'outside the window';
      }
      return reason;
    },
    // All that is drawn, for the report of a failure; passwords stay out.
    screen() {
      const fields = [...document.querySelectorAll('input, textarea, select')].filter((e) => !hiddenBy(e))
        .map((e) => `[${names(e)[0] ?? e.type}] ${e.type === 'password' ? '•'.repeat(e.value.length) : e.value}`);
      return [...document.body.innerText.split('\n').map(flat).filter(Boolean), ...fields].join('\n');
    },
    text_of(name) {
      const element = tagged(name).find((e) => !hiddenBy(e));
      return element ? text(element) || element.value || '' : null;
    },
    box_of(name) {
      const element = tagged(name).find((e) => !hiddenBy(e));
      if (!element) return null;
      bring(element);
      const b = element.getBoundingClientRect();
      return [b.left, b.top, b.width, b.height];
    },
    count(name) { return tagged(name).filter((e) => !hiddenBy(e)).length; },
    small(least) {
      return [...document.querySelectorAll(CONTROLS)].filter((e) => !hiddenBy(e) && e.tagName !== 'LABEL').map((e) => {
        const shapes = [e, ...(e.labels ?? [])].map((s) => s.getBoundingClientRect());
        const width = Math.max(...shapes.map((b) => b.width)), height = Math.max(...shapes.map((b) => b.height));
        return { name: names(e)[0] ?? describe(e), width, height };
      }).filter((e) => e.width < least || e.height < least);
    },
    place() { return [screenX, screenY, innerWidth, innerHeight, devicePixelRatio]; },
  };
  for (const type of ['pointerdown', 'click', 'pointermove', 'mousemove', 'keydown']) {
    addEventListener(type, (event) => {
      if (driver.heard.length < 200) driver.heard.push({ type, real: event.isTrusted, inside: !!driver.target?.contains?.(event.target) || !!driver.target?.labels && [...driver.target.labels].some((l) => l.contains(event.target)) });
    }, { capture: true, passive: true });
  }
  window.__miantanDriver = driver;
})();
