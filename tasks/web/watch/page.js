/**
 * The script of the page that shows a run while it goes: puts in what the server says has changed. It runs in browsers as it
 * stands, so that `deno task train --watch` needs nothing to be bundled.
 *
 * @module
 */

const shown = new Map();
const link = document.getElementById("link");
const events = new EventSource("events");

events.addEventListener("open", () => link.textContent = "");
events.addEventListener("sections", ({ data }) => {
  for (const [id, html] of Object.entries(JSON.parse(data))) {
    if (shown.get(id) === html) continue;
    shown.set(id, html);
    document.getElementById(id).innerHTML = html; // the server's own, with all that comes from outside escaped
  }
});
events.addEventListener("end", ({ data }) => {
  events.close();
  link.textContent = JSON.parse(data).why;
});
events.addEventListener("error", () => {
  link.textContent = "The server does not answer; this page tries again.";
  if (events.readyState === EventSource.CLOSED) setTimeout(again, 5000); // it does not try by itself
});

/** Loads the page anew, once that can be done: until then it shows what it has. */
async function again() {
  const { ok } = await fetch("", { method: "HEAD" }).catch(() => ({ ok: false }));
  if (ok) location.reload();
  else setTimeout(again, 5000);
}
