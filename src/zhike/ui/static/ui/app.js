// What every page does: search, keyboard, menus, toasts, long work. Pages work without it for reading.
import { draw } from "./charts.js";

const typing = (element) => element.closest("input:not([type=radio]), textarea, select, [contenteditable]");
const palette = document.getElementById("palette");
const shortcuts = document.getElementById("shortcuts");

function openPalette(event) {
  event?.preventDefault();
  palette.showModal();
  palette.querySelector("input").select();
}

function movePalette(step) {
  const links = [...palette.querySelectorAll(".found a")];
  const chosen = links.findIndex((link) => link.classList.contains("is-chosen"));
  links[chosen]?.classList.remove("is-chosen");
  const next = links[(chosen + step + links.length) % links.length];
  next?.classList.add("is-chosen");
  next?.scrollIntoView({ block: "nearest" });
}

palette?.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    movePalette(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    const chosen = palette.querySelector(".found a.is-chosen") ?? palette.querySelector(".found a");
    if (chosen) {
      event.preventDefault();
      chosen.click();
    }
  }
});

function moveRow(step) {
  const rows = [...document.querySelectorAll("[data-list] tbody tr")];
  const next = rows[Math.min(rows.length - 1, Math.max(0, rows.indexOf(document.activeElement?.closest("tr")) + step))];
  next?.focus();
}

let isGoing = false;
document.addEventListener("keydown", (event) => {
  if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k" && palette) return openPalette(event);
  if (typing(event.target) || event.metaKey || event.ctrlKey || event.altKey || document.querySelector("dialog[open]")) return;
  const act = {
    "/": () => palette && openPalette(event),
    "?": () => shortcuts?.showModal(),
    j: () => moveRow(1),
    k: () => moveRow(-1),
    n: () => document.querySelector("[data-list] [rel=next]")?.click(),
    p: () => document.querySelector("[data-list] [rel=prev]")?.click(),
    f: () => (event.preventDefault(), document.querySelector("[data-filters] input:not([type=hidden]), [data-filters] select")?.focus()),
    Enter: () => event.target.matches("[data-list] tbody tr") && event.target.querySelector("a")?.click(),
  };
  if (isGoing && /^[1-9]$/.test(event.key)) document.querySelectorAll(".rail .entry")[event.key - 1]?.click();
  isGoing = event.key === "g";
  act[event.key]?.();
  // Of several questions a key answers the first that is open.
  const answered = "fieldset:has(:checked, input:not([type=radio], :placeholder-shown)) *";
  const keyed = document.querySelector(`[data-key="${CSS.escape(event.key)}"]:not(${answered})`);
  if (!keyed) return;
  event.preventDefault(); // or the letter would be written where the focus goes
  keyed.click();
});

document.addEventListener("click", (event) => {
  const target = event.target;
  if (target.closest("[data-palette]") && palette) openPalette(event);
  if (target.closest("[data-shortcuts]")) shortcuts.showModal();
  target.closest("[data-close]")?.closest(".toast")?.remove();
  if (target.matches("dialog[open]")) target.close();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest("details.menu[open]") ?? document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

// A form that was sent is not sent twice, and what was typed is not lost by leaving.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post") || event.submitter?.hasAttribute("data-file")) return;
  if (form.dataset.confirm && !confirm(form.dataset.confirm)) return event.preventDefault();
  if (form.dataset.sent) return event.preventDefault();
  form.dataset.sent = "yes";
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));

const fade = () => document.querySelectorAll(".toast.success:not([data-fades])").forEach((toast) => {
  toast.dataset.fades = "yes";
  setTimeout(() => toast.matches(":hover, :focus-within") || toast.remove(), 12000);
});

function settle() {
  fade();
  draw(document);
}
settle();
document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
document.addEventListener("htmx:after:swap", settle);
if (document.querySelector("[data-builder]")) import("./builder.js");
if (document.querySelector("[data-what-if]")) import("./sliders.js");
