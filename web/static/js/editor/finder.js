// Finds a category by its name or its code; the list itself stays the browser's own.

export function wireFinder(root) {
  const list = document.getElementById(root.dataset.finder);
  const input = root.querySelector("input");
  const told = root.querySelector("[role=status]");
  const all = [...list.children].map((child) => ({ child, options: [...child.querySelectorAll("option")] }));
  root.hidden = false;

  function narrow() {
    const words = input.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const chosen = list.value;
    let count = 0;
    const kept = all.filter(({ child, options }) => {
      if (!options.length) return true;
      const fitting = options.filter((one) => {
        const fits = words.every((word) => one.textContent.toLowerCase().includes(word));
        count += fits;
        return fits || one.value === chosen;
      });
      child.replaceChildren(...fitting);
      return fitting.length;
    });
    list.replaceChildren(...kept.map(({ child }) => child));
    list.value = chosen;
    told.textContent = words.length ? (count ? `找到 ${count} 个分类，请在下面选。` : "没有这样的分类，请换个词。") : "";
  }
  input.addEventListener("input", narrow);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    list.focus();
  });
  list.form.addEventListener("submit", () => {
    input.value = "";
    narrow();
  });
}
