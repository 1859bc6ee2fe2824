// Going through a round: one key confirms a line, the next one opens; without this the forms serve.

const form = document.querySelector("[data-lines]");
const told = document.getElementById("told");

function items() {
  return [...form.querySelectorAll("[data-item]")];
}

function show(line) {
  for (const other of items()) {
    const details = other.querySelector("details");
    details.open = other === line;
  }
  line.tabIndex = -1;
  line.focus();
  line.scrollIntoView({ block: "nearest" });
}

function beside(line, step) {
  const all = items();
  const at = all.indexOf(line);
  return all[Math.min(all.length - 1, Math.max(0, at + step))];
}

function next(line) {
  const all = items();
  return all.slice(all.indexOf(line) + 1).find((one) => one.dataset.can !== undefined);
}

function settle(line) {
  const badge = line.querySelector("[data-outcome]");
  badge.textContent = "仍然有效";
  badge.className = "badge live";
  delete line.dataset.can;
  line.querySelectorAll("[data-confirm], [name=item], [data-edit]").forEach((one) => one.remove());
  line.querySelector("[data-problem]").hidden = true;
}

function draw({ part, done, total, percent }) {
  for (const row of document.querySelectorAll(`[data-part="${part}"]`)) {
    const late = row.querySelector(".over");
    row.querySelector("progress").value = done;
    const figures = row.querySelector("[data-figures]");
    const left = total - done;
    figures.textContent = `${done} / ${total} 条，${percent}% · ${left ? `还剩 ${left} 条` : "已完成"}`;
    if (left && late) figures.append(late);
  }
}

function fail(line, why) {
  const problem = line.querySelector("[data-problem]");
  problem.textContent = `没有确认：${why}`;
  problem.hidden = false;
}

async function confirm(lines) {
  const body = new URLSearchParams({ csrf_token: form.elements.csrf_token.value });
  for (const line of lines) body.append("item", line.dataset.item);
  const headers = { Accept: "application/json" };
  const response = await fetch(form.action, { method: "POST", body, headers }).catch(() => null);
  const isJson = response?.headers.get("Content-Type")?.startsWith("application/json");
  if (!response?.ok || !isJson) {
    lines.forEach((line) => fail(line, "连不上或登录已过期，请刷新页面再试"));
    told.textContent = "没有确认，请刷新页面再试";
    return false;
  }
  const { done, problems, progress } = await response.json();
  for (const line of lines) {
    if (done.includes(Number(line.dataset.item))) settle(line);
    else fail(line, problems[line.dataset.item] ?? "请刷新页面再试");
  }
  progress.forEach(draw);
  const count = document.querySelector(".rail a[aria-current] .count")?.firstChild;
  if (count) count.data = Math.max(0, Number(count.data) - done.length);
  const left = items().filter((line) => line.dataset.can !== undefined).length;
  told.textContent = `已确认 ${done.length} 条，这一页还有 ${left} 条`;
  return done.length === lines.length;
}

async function confirmOne(line) {
  if (line.dataset.can === undefined || line.dataset.busy !== undefined) return;
  line.dataset.busy = "";
  const well = await confirm([line]);
  delete line.dataset.busy;
  const after = next(line);
  if (well) show(after ?? line);
}

function key(event) {
  const line = event.target.closest("[data-item]");
  const inside = event.target !== line && event.target.closest("a, button, summary");
  if (!line || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const acts = {
    j: () => show(beside(line, 1)),
    k: () => show(beside(line, -1)),
    y: () => confirmOne(line),
    e: () => line.querySelector("[data-edit]")?.click(),
    x: () => line.querySelector("[name=item][type=checkbox]")?.click(),
    Enter: () => confirmOne(line),
  };
  const act = acts[event.key];
  if (!act || (event.key === "Enter" && (inside || event.target !== line)) || event.repeat) return;
  event.preventDefault();
  act();
}

function chosen() {
  return items().filter((line) => line.querySelector("[type=checkbox]")?.checked);
}

if (form) {
  form.addEventListener("keydown", key);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const line = event.submitter?.closest("[data-item]");
    if (line) return confirmOne(line);
    const lines = chosen();
    if (lines.length) await confirm(lines);
    else told.textContent = "请先勾选条目";
  });
  const begin = form.querySelector("[data-begin]");
  if (begin) {
    begin.hidden = false;
    form.querySelector("[data-keys]").hidden = false;
    begin.addEventListener("click", () => show(items()[0]));
  }
  const all = form.querySelector("[data-all]");
  if (all) {
    all.hidden = false;
    all.addEventListener("change", (event) => {
      for (const one of form.querySelectorAll("[name=item][type=checkbox]"))
        one.checked = event.target.checked;
    });
  }
}
