// Three views of what is being typed, made by the server as it will make them.

const WAIT = 400;

export function wirePreview(form, root) {
  const tabs = [...root.querySelectorAll("[role=tab]")];
  const panels = tabs.map((tab) => document.getElementById(tab.getAttribute("aria-controls")));
  let newest = 0;
  let timer = null;
  let seen = false;
  root.hidden = false;

  async function refresh() {
    if (!seen) return;
    const mine = ++newest;
    const body = new URLSearchParams(new FormData(form));
    body.set("code", form.dataset.code ?? "");
    const response = await fetch("/department/preview", { method: "POST", body }).catch(() => null);
    if (!response?.ok || response.redirected || mine !== newest) return;
    const parsed = new DOMParser().parseFromString(await response.text(), "text/html");
    if (mine !== newest) return;
    const opened = [...root.querySelectorAll(".web details")].map((one) => one.open);
    for (const panel of panels) {
      const view = parsed.querySelector(`[data-view="${panel.id.replace("panel-", "")}"]`);
      panel.replaceChildren(...(view?.childNodes ?? []));
    }
    root.querySelectorAll(".web details").forEach((one, index) => (one.open = opened[index] ?? false));
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(refresh, WAIT);
  }

  function show(tab) {
    tabs.forEach((one, index) => {
      one.setAttribute("aria-selected", String(one === tab));
      one.tabIndex = one === tab ? 0 : -1;
      panels[index].hidden = one !== tab;
    });
    tab.focus();
  }

  tabs.forEach((tab, index) => {
    tab.addEventListener("click", () => show(tab));
    tab.addEventListener("keydown", (event) => {
      const to = { ArrowRight: index + 1, ArrowLeft: index - 1 + tabs.length, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      show(tabs[to % tabs.length]);
    });
  });
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  // Nothing is asked of the server until the views come into sight.
  new IntersectionObserver((entries, observer) => {
    if (!entries.some((one) => one.isIntersecting)) return;
    seen = true;
    observer.disconnect();
    refresh();
  }, { rootMargin: "200px" }).observe(root);
}
