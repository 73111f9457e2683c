// A slider and the number beside it say the same. What is open in a result stays open in the next.
document.addEventListener("input", ({ target }) => {
  const [slider, number] = target.closest("[data-slider]")?.querySelectorAll("input") ?? [];
  if (target === slider) number.value = slider.value;
  else if (target === number && number.value) slider.value = number.value;
});

const open = "figure[id] details[open]";
let kept = [];
document.addEventListener("htmx:before:swap", () => {
  kept = [...document.querySelectorAll(open)].map((details) => details.closest("figure").id);
});
document.addEventListener("htmx:after:swap", () => {
  for (const id of kept) document.getElementById(id)?.querySelector("details")?.setAttribute("open", "");
});
