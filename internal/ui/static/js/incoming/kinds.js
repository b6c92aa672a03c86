// The types of document that the desk offers, and what people type for them. The
// server keeps the same list (internal/incoming, Kinds), and a test compares both.
export const kinds = [
  { name: "history and physical", short: "h&p" },
  { name: "discharge summary", short: "ds" },
  { name: "operative report", short: "op" },
  { name: "consent", short: "consent" },
  { name: "anesthesia record", short: "anes" },
  { name: "progress note", short: "pn" },
  { name: "consultation", short: "cons" },
  { name: "nursing note", short: "rn" },
  { name: "order", short: "order" },
  { name: "result", short: "result" },
  { name: "radiology report", short: "xr" },
  { name: "pathology report", short: "path" },
  { name: "emergency record", short: "ed" },
  { name: "advance directive", short: "adv" },
  { name: "authorization", short: "auth" },
  { name: "insurance card", short: "ins" },
  { name: "identification", short: "id" },
  { name: "correspondence", short: "letter" },
];
