// The encoder as a room of its own: search, open codes, read their notes, copy.
import { Encoder } from "./encoder.js";
import { bind } from "./keys.js";
import { say } from "./say.js";

const root = document.getElementById("encoder-room");
const encoder = new Encoder(root, {
  date: () => root.dataset.date,
  onChoose: async (hit) => {
    await navigator.clipboard?.writeText(hit.code).catch(() => null);
    say(`${hit.code} is on the clipboard.`);
  },
  onLeave: () => encoder.input.select(),
});
const mode = document.getElementById("encoder-mode");
mode.addEventListener("change", () => encoder.setMode(mode.value));
encoder.onMode = (value) => { mode.value = value; };
const nextMode = () => { mode.selectedIndex = (mode.selectedIndex + 1) % mode.options.length; encoder.setMode(mode.value); };

bind("Encoder", [
  { keys: ["alt+i"], label: "Anywhere, Alphabetic Index or PCS Index", typing: true, run: nextMode },
  { keys: ["/"], label: "Search", run: () => { encoder.input.focus(); encoder.input.select(); } },
  { keys: ["arrowdown"], label: "Next code", when: () => false, run: () => false },
  { keys: ["enter"], label: "Open a code that needs more characters; copy a complete one", when: () => false, run: () => false },
  { keys: ["escape"], label: "Back to the codes before", when: () => false, run: () => false },
]);
encoder.input.focus();
encoder.search(); // nothing yet: says what can be typed
