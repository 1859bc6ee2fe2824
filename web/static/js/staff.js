// Small helps for staff: keys, a warning before work is lost.

const search = document.getElementById("global-search");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select");
  if (event.key === "/" && !typing && search) {
    event.preventDefault();
    search.focus();
  }
});

document.getElementById("summary")?.focus();

for (const form of document.querySelectorAll("form[data-guard]")) {
  let changed = form.dataset.changed !== undefined;
  form.addEventListener("input", () => (changed = true));
  form.addEventListener("submit", () => (changed = false));
  window.addEventListener("beforeunload", (event) => {
    if (changed) event.preventDefault();
  });
}
