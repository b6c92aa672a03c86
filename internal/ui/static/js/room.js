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
bind("Encoder", [
  { keys: ["/"], label: "Search", run: () => { encoder.input.focus(); encoder.input.select(); } },
  { keys: ["arrowdown"], label: "Next code", when: () => false, run: () => false },
  { keys: ["enter"], label: "Open a code that needs more characters; copy a complete one", when: () => false, run: () => false },
  { keys: ["escape"], label: "Back to the codes before", when: () => false, run: () => false },
]);
encoder.input.focus();
