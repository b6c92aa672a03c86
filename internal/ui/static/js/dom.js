// Building the page from data. Text always goes in as text nodes, so nothing
// that a record holds can become markup.

const SVG = "http://www.w3.org/2000/svg";

/** h makes an element: h("li", {class: "x", onclick: f}, "text", child, [children]). */
export function h(name, props = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "value" || key === "checked") node[key] = value;
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  add(node, children);
  return node;
}

function add(node, children) {
  for (const child of children) {
    if (Array.isArray(child)) add(node, child);
    else if (child !== undefined && child !== null && child !== false) node.append(child);
  }
}

/** fill replaces what is in a node. */
export function fill(node, ...children) {
  node.replaceChildren();
  add(node, children);
  return node;
}

const paths = {
  check: "M3 8.5l3.2 3L13 4.5",
  cross: "M4 4l8 8M12 4l-8 8",
  up: "M8 13V3M4 7l4-4 4 4",
  down: "M8 3v10M4 9l4 4 4-4",
  quote: "M3 4h10M3 8h10M3 12h6",
  warn: "M8 2.5l6 11H2zM8 6.5v3.2M8 11.6v.2",
  stop: "M8 2a6 6 0 100 12A6 6 0 008 2zM4 4l8 8",
  info: "M8 2a6 6 0 100 12A6 6 0 008 2zM8 7.2V11M8 4.9v.2",
  trace: "M3 13c0-5 3-5 5-5s5 0 5-5M3 13l-1-2.4M3 13l2.3-1.2",
};

/** icon draws one of our own icons; it says nothing to a screen reader. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", paths[name] ?? "");
  svg.append(path);
  return svg;
}

/** keycap shows a key beside the thing it does. */
export const keycap = (key) => h("kbd", { "aria-hidden": "true" }, key);

/** typing says whether the focus is where letters belong to a text. */
export function typing(target) {
  return target instanceof HTMLElement &&
    (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button])"));
}

/** reveal scrolls a box, and nothing around it, so that one of its items is seen. */
export function reveal(box, item) {
  if (!item) return;
  const outer = box.getBoundingClientRect();
  const inner = item.getBoundingClientRect();
  if (inner.top < outer.top) box.scrollTop -= outer.top - inner.top;
  else if (inner.bottom > outer.bottom) box.scrollTop += inner.bottom - outer.bottom;
  if (inner.left < outer.left) box.scrollLeft -= outer.left - inner.left;
  else if (inner.right > outer.right) box.scrollLeft += inner.right - outer.right;
}
