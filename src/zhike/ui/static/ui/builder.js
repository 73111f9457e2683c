// The builder: what is typed goes to the server, which answers with rows, text and count; the last answer wins.
const WAIT = 250;
const choosing = { at: -1 };
let wait;
let version = 0;
let asked = 0;

const builder = () => document.querySelector("[data-builder]");

// Whatever was changed is sent at once, or when typing pauses. `act` is the button that was pressed, if one was.
function send(act = "", delay = 0) {
  version += 1;
  clearTimeout(wait);
  wait = setTimeout(() => {
    const root = builder();
    if (!root) return;
    root.querySelector("[data-do]").value = act;
    asked = version;
    htmx.trigger(root, "edited");
  }, delay);
}

// An answer to what is no longer there would undo what was typed since: the next one is on its way.
document.addEventListener("htmx:before:swap", (event) => {
  if (event.target.matches?.("[data-builder]") && asked !== version) event.preventDefault();
});
document.addEventListener("htmx:after:swap", (event) => {
  const root = builder();
  if (event.target !== root) return;
  // Fields that a person touched keep their own state, whatever the page says.
  for (const option of root.querySelectorAll("option")) option.selected = option.defaultSelected;
  for (const select of root.querySelectorAll("select")) if (!select.querySelector("[selected]")) select.selectedIndex = 0;
  for (const box of root.querySelectorAll("[type=checkbox]")) box.checked = box.defaultChecked;
  for (const field of root.querySelectorAll("input:not([type=checkbox], [type=hidden]), textarea")) if (field !== document.activeElement) field.value = field.defaultValue;
  for (const field of root.querySelectorAll("[data-do], [data-more]")) field.value = "";
  root.querySelector("[autofocus]")?.focus();
  wire();
});

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.closest("[data-builder]")) return;
  if (field.matches("[data-combo]")) return suggest(field);
  if (!field.matches("select, [type=checkbox], [data-more]")) send("", WAIT);
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.closest("[data-builder]") && field.matches("select, [type=checkbox], [type=date], [data-more]")) send();
});
document.addEventListener("click", (event) => {
  const place = event.target.closest("[data-place]");
  if (place) return goTo(...place.dataset.place.split(" ").map(Number));
  if (event.target.matches("[data-combo]")) return suggest(event.target);
  const option = event.target.closest("[data-ref]");
  if (option) return choose(option);
  const button = event.target.closest("[data-builder] button[name=do]");
  if (button) {
    event.preventDefault();
    send(button.value);
  } else close();
});

function goTo(start, end) {
  const text = document.getElementById("rule-text");
  text.focus();
  text.setSelectionRange(start, end);
}

// Keys: in a row Alt with an arrow, D, G, U or Backspace; Enter counts at once; Ctrl-Z outside of fields takes back.
document.addEventListener("keydown", (event) => {
  const root = event.target.closest("[data-builder]");
  if (!root) return undo(event);
  if (event.target.matches("[data-combo]") && combo(event)) return;
  if (event.key === "Enter" && event.target.matches("input")) {
    event.preventDefault();
    send();
  }
  if (event.altKey && !event.ctrlKey && !event.metaKey) {
    const row = event.target.closest("[data-at]");
    const keys = row && [...row.querySelectorAll(":scope > .rule-line > .row-menu [data-key]")];
    const button = keys?.find(({ dataset }) => event.key === dataset.key || event.code === `Key${dataset.key.toUpperCase()}`);
    if (!button) return;
    event.preventDefault();
    send(button.value);
  } else undo(event);
});

function undo(event) {
  if (!builder() || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "z" || event.target.matches("input, textarea")) return;
  event.preventDefault();
  builder().querySelector(`[value=${event.shiftKey ? "redo" : "undo"}]:enabled`)?.click();
}

// Type-ahead: what a condition can be about, with how many customers it is known of and its frequent values.
function suggest(field) {
  choosing.answer = answer(field).catch(() => {}); // unanswered, Enter takes what was typed
}

async function answer(field) {
  const root = builder();
  const number = (choosing.asked = (choosing.asked ?? 0) + 1);
  const [kind, name] = field.dataset.scope.split(":");
  const query = new URLSearchParams({ q: field.value, at: field.dataset.combo, ...(kind ? { [kind]: name } : {}) });
  const names = await fetch(`${root.dataset.names}?${query}`, { headers: { "HX-Request": "true" } });
  const list = await names.text();
  if (!names.ok || number !== choosing.asked || document.activeElement !== field) return;
  close();
  field.insertAdjacentHTML("afterend", list);
  field.setAttribute("aria-expanded", "true");
  choosing.at = -1;
  move(field, 1);
}

function close() {
  document.querySelector(".combo-list")?.remove();
  for (const field of document.querySelectorAll("[data-combo]")) {
    field.setAttribute("aria-expanded", "false");
    field.removeAttribute("aria-activedescendant");
  }
}

function move(field, step) {
  const options = [...(field.parentElement.querySelectorAll("[data-ref]") ?? [])];
  if (!options.length) return;
  choosing.at = (choosing.at + step + options.length) % options.length;
  options.forEach((option, place) => option.setAttribute("aria-selected", place === choosing.at));
  options[choosing.at].scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[choosing.at].id);
}

function choose(option) {
  const field = option.closest(".combo").querySelector("[data-combo]");
  const act = `add ${field.dataset.combo} ${option.dataset.ref}`;
  field.value = "";
  close();
  send(act);
}

// What was typed last counts, not the choice that is still shown for the letters before.
async function enter(field) {
  await choosing.answer;
  const option = field.parentElement.querySelector(".combo-list [aria-selected=true]");
  if (option) choose(option);
  else if (field.value) send(`add ${field.dataset.combo}`);
}

function combo(event) {
  const field = event.target;
  const list = field.parentElement.querySelector(".combo-list");
  const act = {
    ArrowDown: () => (list ? move(field, 1) : suggest(field)),
    ArrowUp: () => list && move(field, -1),
    Enter: () => enter(field),
    Escape: () => list && close(),
  }[event.key];
  if (!act || event.altKey) return false;
  event.preventDefault();
  act();
  return true;
}

// Rows are carried by their grip: dropped on a row before it, on the field of a group at its end.
let carried;
document.addEventListener("dragstart", (event) => {
  if (!event.target.matches?.("[data-grip]")) return;
  const row = event.target.closest("[data-at]");
  carried = row.dataset.at;
  event.dataTransfer.setDragImage(row, 0, 0);
  event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const over = carried && target(event);
  for (const marked of document.querySelectorAll(".is-over")) if (marked !== over) marked.classList.remove("is-over");
  if (!over) return;
  event.preventDefault();
  over.classList.add("is-over");
});
document.addEventListener("dragend", () => {
  carried = undefined;
  document.querySelector(".is-over")?.classList.remove("is-over");
});
document.addEventListener("drop", (event) => {
  const over = carried && target(event);
  if (!over) return;
  event.preventDefault();
  const steps = (over.dataset.at ?? "").split(".");
  const place = over.dataset.at ? steps.pop() : "9999";
  const group = over.dataset.at ? steps.join(".") || "top" : over.closest("[data-group]").dataset.group;
  send(`carry ${carried} ${group} ${place}`);
});

function target(event) {
  const over = event.target.closest?.("[data-builder] [data-at], [data-builder] .rule-add");
  return over && !over.closest(`[data-at="${carried}"]`) ? over : null;
}

// With this script the field offers its own choice, and not also the browser's.
function wire() {
  for (const field of document.querySelectorAll("[data-combo]")) {
    field.removeAttribute("list");
    for (const [name, value] of Object.entries({ role: "combobox", "aria-expanded": "false", "aria-autocomplete": "list", "aria-controls": "combo-list" })) field.setAttribute(name, value);
  }
}
wire();
