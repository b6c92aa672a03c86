// Opens the emergency file with its passphrase, here in the browser, without a
// network.
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
const box = document.getElementById("locked");
document.querySelector("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const said = document.getElementById("said");
  said.textContent = "Opening…";
  try {
    const typed = new TextEncoder().encode(document.querySelector("input").value);
    const base = await crypto.subtle.importKey("raw", typed, "PBKDF2", false, ["deriveKey"]);
    const key = await crypto.subtle.deriveKey(
      { name: "PBKDF2", hash: "SHA-256", salt: bytes(box.dataset.salt), iterations: Number(box.dataset.rounds) },
      base, { name: "AES-GCM", length: 256 }, false, ["decrypt"]);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: bytes(box.dataset.nonce) }, key, bytes(box.textContent.trim()));
    document.getElementById("open").innerHTML = new TextDecoder().decode(plain);
    document.querySelector("form").remove();
    said.remove();
  } catch {
    said.textContent = "That passphrase does not open this file.";
  }
});
