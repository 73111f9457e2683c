// A slider and the number beside it say the same. What is open stays open, and what is typed stays as the server read it.
document.addEventListener("input", ({ target }) => {
  const [slider, number] = target.closest("[data-slider]")?.querySelectorAll("input") ?? [];
  if (target === slider) number.value = slider.value;
  else if (target === number && number.value) slider.value = number.value;
});

let open = [];
document.addEventListener("htmx:before:swap", () => {
  open = [...document.querySelectorAll("#what-if details[open]")].map((details) => details.closest("[id]").id);
});
document.addEventListener("htmx:after:swap", ({ detail }) => {
  for (const one of open.map((id) => document.getElementById(id))) {
    const details = one?.matches("details") ? one : one?.querySelector("details");
    if (details) details.open = true;
  }
  if (detail.ctx.sourceElement.id === "what-if-result") return; // the fields are as they were
  // Fields that a person touched keep their own state, whatever the page says.
  for (const field of document.querySelectorAll("#what-if :is(input, textarea)")) field.value = field.defaultValue;
  for (const option of document.querySelectorAll("#what-if option")) option.selected = option.defaultSelected;
});
