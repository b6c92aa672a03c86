// Checks a proof of inclusion in the browser (RFC 6962, 2.1.1), so that whoever
// reads the page need not believe the server that drew it.
const root = document.getElementById("proof");
const badge = root.querySelector("[data-browser]");
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const sha = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", new Uint8Array(parts.flatMap((p) => [...p]))));
const leafHash = (leaf) => sha([0], leaf);
const nodeHash = (left, right) => sha([1], left, right);

/** climb gives the root of lo…hi from leaf n and its path, and the side of each step. */
async function climb(path, lo, hi, n, leaf, sides) {
  if (hi - lo === 1) return leaf;
  let k = 1;
  while (k * 2 < hi - lo) k *= 2;
  const other = path.at(-1);
  const rest = path.slice(0, -1);
  const left = n < lo + k;
  const below = left ? await climb(rest, lo, lo + k, n, leaf, sides) : await climb(rest, lo + k, hi, n, leaf, sides);
  sides.push(left ? "right" : "left");
  return left ? nodeHash(below, other) : nodeHash(other, below);
}

async function check() {
  const { leaf, root: want, size, index, path } = root.dataset;
  const hashes = path ? path.split(" ").map(bytes) : [];
  const sides = [];
  const got = await climb(hashes, 0, Number(size), Number(index), await leafHash(bytes(leaf)), sides);
  for (const [i, side] of [...root.querySelectorAll(".side")].entries()) side.textContent = sides[i] ?? "";
  const good = btoa(String.fromCharCode(...got)) === want;
  badge.textContent = good ? "checked in this browser" : "this browser comes to another root";
  badge.classList.add(good ? "good" : "bad");
}

if (globalThis.crypto?.subtle) check().catch(() => { badge.textContent = "could not be checked in this browser"; badge.classList.add("bad"); });
else badge.textContent = "this browser checks only over HTTPS or on this machine";
