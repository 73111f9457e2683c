// Before the first paint: the look that was chosen, or the system's; and that scripts run at all.
const root = document.documentElement;
const dark = matchMedia("(prefers-color-scheme: dark)");
const look = () => {
  const theme = root.dataset.theme;
  root.dataset.look = theme === "system" ? (dark.matches ? "dark" : "light") : theme;
};
look();
dark.addEventListener("change", look);
root.classList.add("with-js");
