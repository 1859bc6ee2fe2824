// Small helps for staff: keys, a warning before work is lost, the preview of an answer.

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

for (const field of document.querySelectorAll("[data-preview]")) {
  const place = document.getElementById(field.dataset.preview);
  const details = place.closest("details");
  let newest = 0;
  async function refresh() {
    if (!details.open) return;
    const mine = ++newest;
    const body = new URLSearchParams({
      answer: field.value,
      csrf_token: field.form.elements.csrf_token.value,
    });
    const response = await fetch("/department/preview", { method: "POST", body }).catch(() => null);
    if (!response?.ok || mine !== newest) return;
    place.innerHTML = await response.text();
  }
  let timer = null;
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, 250);
  });
  details.addEventListener("toggle", refresh);
}
